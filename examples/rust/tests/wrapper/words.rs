// SPDX-License-Identifier: Apache-2.0
//! What is printed: enough to mend a failure, and no secret.

use std::str;

use crate::common::{gcm_packet, FakeTree, IV, KEYSET, PLAIN, WRAPPED};

#[test]
fn an_error_shows_what_where_and_the_status() {
    let tree = FakeTree::empty();
    let error = tree.open().expect_err("a failure");
    assert_eq!(error.to_string(), error.message());
    assert!(error.message().contains(tree.root_text()), "{}", error);
    let debug = format!("{:?}", error);
    assert!(debug.contains("OSKBC_E_NO_SECRET (4)"), "{}", debug);
    assert!(debug.contains(error.message()), "{}", debug);
}

#[test]
fn debug_output_of_secrets_and_clients_holds_numbers_only() {
    let client = FakeTree::with_keyset(KEYSET).open().expect("a client");
    let options = client.unwrap_key(&gcm_packet("key_id1")).expect("options");
    assert_eq!(format!("{:?}", client), "Client(4 keys)");
    assert_eq!(
        format!("{:?}", options),
        format!("Secret({} bytes)", PLAIN.len())
    );
}

/// All texts of a failure, in the hands of somebody who looks for input in them.
fn assert_silent(error: &oskbc::Error) {
    let texts = format!("{} {:?}", error, error);
    let keys = KEYSET.split('"').filter(|word| word.ends_with('='));
    let plain = str::from_utf8(PLAIN).expect("UTF-8");
    for input in keys.chain([plain, WRAPPED, IV, "default/key/2"]) {
        assert!(!texts.contains(input), "{}", texts);
    }
}

#[test]
fn no_message_repeats_keys_packets_or_plaintext() {
    let client = FakeTree::with_keyset(KEYSET).open().expect("a client");
    assert_silent(
        &client
            .unwrap_key(&gcm_packet("default/key/2"))
            .expect_err("a failure"),
    );
    assert_silent(&client.keyprovider(PLAIN).expect_err("a failure"));
    let cut = &KEYSET[..KEYSET.len() - 1];
    assert_silent(&FakeTree::with_keyset(cut).open().expect_err("a failure"));
}

#[test]
fn the_version_is_three_numbers() {
    let numbers: Vec<&str> = oskbc::version().split('.').collect();
    assert_eq!(numbers.len(), 3);
    assert!(numbers.iter().all(|number| number.parse::<u32>().is_ok()));
}
