// SPDX-License-Identifier: Apache-2.0

use std::fs;
use std::str;

use oskbc::{Client, Status};

use crate::common::{
    ctr_packet, gcm_packet, keyunwrap_request, numbers, FakeTree, KEYSET, PARAMS, PLAIN, POLICY,
};

#[test]
fn opening_removes_the_keyset_and_a_second_time_there_is_no_secret() {
    let tree = FakeTree::with_keyset(KEYSET);
    let client = tree.open().expect("a client");
    assert!(!tree.keyset_file().exists());
    let error = tree.open().expect_err("a second client");
    assert_eq!(error.status(), Status::NO_SECRET);
    assert_eq!(client.key_count(), 4);
}

#[test]
fn a_keyset_that_is_to_be_kept_can_be_opened_again() {
    let tree = FakeTree::with_keyset(KEYSET);
    let mut options = tree.options();
    options.set_keep_secret(true).expect("an option");
    for _ in 0..2 {
        Client::open_with(PARAMS, &options).expect("a client");
    }
    assert_eq!(
        fs::read_to_string(tree.keyset_file()).expect("a keyset"),
        KEYSET
    );
}

#[test]
fn another_entry_can_be_chosen() {
    let guid = "736870E5-84F0-4973-92EC-06879CE3DA0B";
    let tree = FakeTree::empty();
    fs::write(tree.secrets().join(guid.to_lowercase()), KEYSET).expect("an entry");
    let mut options = tree.options();
    options.set_secret_guid(guid).expect("a GUID");
    let client = Client::open_with(PARAMS, &options).expect("a client");
    assert_eq!(client.key_count(), 4);
}

#[test]
fn memory_is_told_of_and_may_have_to_be_locked() {
    let client = FakeTree::with_keyset(KEYSET).open().expect("a client");
    assert!(client.memory().undumped);
    let tree = FakeTree::with_keyset(KEYSET);
    let mut options = tree.options();
    options.set_require_locked(true).expect("an option");
    match Client::open_with(PARAMS, &options) {
        Ok(client) => assert!(client.memory().locked),
        Err(error) => {
            assert_eq!(error.status(), Status::IO);
            assert!(tree.keyset_file().exists());
        }
    }
}

#[test]
fn kernel_handling_can_be_chosen() {
    let tree = FakeTree::with_keyset(KEYSET);
    let mut options = tree.options();
    options.set_manage_kernel(false).expect("an option");
    Client::open_with(PARAMS, &options).expect("a client");
    assert!(!tree.keyset_file().exists());
}

#[test]
fn ids_are_sorted_and_may_be_any_text() {
    let tree = FakeTree::with_keyset(r#"{"über alles":"QQ==","a":"QQ==","Z":"QQ==","":"QQ=="}"#);
    let client = tree.open().expect("a client");
    let ids = client.key_ids().expect("ids");
    assert_eq!(ids, ["", "Z", "a", "über alles"]);
    assert_eq!(client.key_id(1).expect("an id"), "Z");
}

#[test]
fn packets_unwrap_by_plain_id_and_by_uri() {
    let tree = FakeTree::with_keyset(KEYSET);
    let client = tree.open().expect("a client");
    for kid in ["key_id1", "kbs:///default/key/1", "default/key/1"] {
        let options = client.unwrap_key(&gcm_packet(kid)).expect("options");
        assert_eq!(options.expose(), PLAIN);
    }
    let options = client.unwrap_key(&ctr_packet("key_id1")).expect("options");
    assert_eq!(options.expose(), PLAIN);
}

#[test]
fn resources_come_by_id_and_by_uri() {
    let tree = FakeTree::with_keyset(KEYSET);
    let client = tree.open().expect("a client");
    for uri in ["default/policy/1", "kbs://broker:8080/default/policy/1"] {
        let policy = client.get_resource(uri).expect("a policy");
        assert_eq!(policy.expose(), POLICY);
        assert_eq!(policy.len(), POLICY.len());
    }
}

#[test]
fn an_empty_resource_is_empty() {
    let tree = FakeTree::with_keyset(r#"{"nothing":""}"#);
    let client = tree.open().expect("a client");
    let nothing = client.get_resource("nothing").expect("a resource");
    assert!(nothing.is_empty());
    assert_eq!(nothing.expose(), b"");
}

#[test]
fn a_key_provider_request_is_answered_with_numbers() {
    let tree = FakeTree::with_keyset(KEYSET);
    let client = tree.open().expect("a client");
    let request = keyunwrap_request(&gcm_packet("key_id1"));
    let answer = client.keyprovider(&request).expect("an answer");
    let text = str::from_utf8(answer.expose()).expect("UTF-8");
    assert!(text.contains(&numbers(PLAIN)), "{}", text);
    assert!(text.ends_with('}'), "no more than was written: {:?}", text);
}
