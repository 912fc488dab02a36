// SPDX-License-Identifier: Apache-2.0

#[path = "../../tests/common/mod.rs"]
mod common;

use oskbc::Status;

use crate::interface::{wait, AnnotationPacket, Failure, KbcInstance, ResourceUri};
use crate::modules::instantiate;
use common::{FakeTree, PARAMS, PLAIN, POLICY};

fn kbc_at(tree: &FakeTree) -> KbcInstance {
    instantiate(PARAMS, tree.root_text()).expect("a client")
}

fn packet(kid: &str) -> AnnotationPacket {
    AnnotationPacket {
        kid: ResourceUri::new(kid),
        wrapped_data: common::WRAPPED.to_owned(),
        iv: common::IV.to_owned(),
        wrap_type: "A256GCM".to_owned(),
    }
}

fn status(result: Result<Vec<u8>, Failure>) -> Status {
    let failure = result.expect_err("a failure");
    failure
        .downcast_ref::<oskbc::Error>()
        .expect("the library's error")
        .status()
}

#[test]
fn the_agent_decrypts_one_payload_after_the_other_and_gets_resources() {
    let tree = FakeTree::with_keyset(common::KEYSET);
    let mut kbc = kbc_at(&tree);
    for _ in 0..2 {
        assert_eq!(
            wait(kbc.decrypt_payload(packet("kbs:///default/key/1"))).expect("options"),
            PLAIN
        );
    }
    let uri = ResourceUri::new("kbs://broker:8080/default/policy/1");
    assert_eq!(wait(kbc.get_resource(uri)).expect("a policy"), POLICY);
}

#[test]
fn nothing_is_read_before_the_first_request() {
    let tree = FakeTree::with_keyset(common::KEYSET);
    let mut kbc = kbc_at(&tree);
    assert_eq!(kbc.check().expect("info").kbs_info["keys"], "not opened");
    assert!(tree.keyset_file().exists());
    wait(kbc.decrypt_payload(packet("default/key/1"))).expect("options");
    assert_eq!(kbc.check().expect("info").kbs_info["keys"], "4");
    assert!(!tree.keyset_file().exists());
}

#[test]
fn a_keyset_that_comes_into_sight_later_is_found() {
    let tree = FakeTree::empty();
    let mut kbc = kbc_at(&tree);
    let early = wait(kbc.decrypt_payload(packet("key_id1")));
    assert_eq!(status(early), Status::NO_SECRET);
    tree.inject(common::KEYSET);
    assert_eq!(
        wait(kbc.decrypt_payload(packet("key_id1"))).expect("options"),
        PLAIN
    );
}

#[test]
fn the_agent_is_told_which_failure_it_was() {
    let tree = FakeTree::with_keyset(common::KEYSET);
    let mut kbc = kbc_at(&tree);
    let wrong = wait(kbc.decrypt_payload(packet("default/key/2")));
    assert_eq!(status(wrong), Status::DECRYPT);
    let unknown = wait(kbc.decrypt_payload(packet("default/key/3")));
    assert_eq!(status(unknown), Status::UNKNOWN_KEY);
    let hostile = wait(kbc.decrypt_payload(packet("\",\"kid\":\"key_id1\n\\")));
    assert_eq!(status(hostile), Status::UNKNOWN_KEY);
}

#[test]
fn another_key_broker_client_is_not_this_one() {
    for params in ["cc_kbc::http://broker", "offline_sev_kbc", ""] {
        assert!(instantiate(params, "/").is_err(), "{}", params);
    }
    let mut kbc = instantiate("offline_sev_kbc::", "/").expect("a client");
    let result = wait(kbc.get_resource(ResourceUri::new("kbs:///a/b/c")));
    assert_eq!(status(result), Status::PARAMS);
}
