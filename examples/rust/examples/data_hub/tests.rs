// SPDX-License-Identifier: Apache-2.0

#[path = "../../tests/common/mod.rs"]
mod common;

use oskbc::Status;

use crate::interface::{wait, Failure, ResourceUri};
use crate::kbc_at;
use common::{FakeTree, KEYSET, POLICY};

fn get(tree: &FakeTree, uri: &str) -> Result<Vec<u8>, Failure> {
    let mut kbc = kbc_at(tree.root_text()).expect("a client");
    wait(kbc.get_resource(ResourceUri::new(uri)))
}

fn status(result: Result<Vec<u8>, Failure>) -> Status {
    let failure = result.expect_err("a failure");
    failure
        .downcast_ref::<oskbc::Error>()
        .expect("the library's error")
        .status()
}

/// One test, because there is one keyset for all of a process.
#[test]
fn every_request_has_a_client_of_its_own_and_the_keyset_is_read_once() {
    let tree = FakeTree::empty();
    assert_eq!(status(get(&tree, "kbs:///a/b/c")), Status::NO_SECRET);
    tree.inject(KEYSET);
    for uri in ["kbs:///default/policy/1", "kbs://host:1/default/policy/1"] {
        assert_eq!(get(&tree, uri).expect("a policy"), POLICY);
        assert!(!tree.keyset_file().exists());
    }
    let absent = get(&tree, "kbs:///default/policy/2");
    assert_eq!(status(absent), Status::UNKNOWN_KEY);
    assert_eq!(status(get(&tree, "https://a/b/c")), Status::REQUEST);
}
