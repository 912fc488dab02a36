// SPDX-License-Identifier: Apache-2.0

use std::sync::{Arc, Barrier};
use std::thread;

use oskbc::{Client, Error, Options, Secret, Status};

use crate::common::{gcm_packet, FakeTree, KEYSET, PARAMS, PLAIN};

fn is_send_and_sync<T: Send + Sync>() {}

#[test]
fn everything_may_be_shared_between_threads() {
    is_send_and_sync::<Client>();
    is_send_and_sync::<Options>();
    is_send_and_sync::<Secret>();
    is_send_and_sync::<Error>();
}

#[test]
fn threads_unwrap_with_one_client_at_once_and_each_has_its_own_message() {
    let tree = FakeTree::with_keyset(KEYSET);
    let client = Arc::new(tree.open().expect("a client"));
    let start = Arc::new(Barrier::new(2));
    let right = spawn(&client, &start, |client| {
        let options = client.unwrap_key(&gcm_packet("key_id1")).expect("options");
        assert_eq!(options.expose(), PLAIN);
    });
    let wrong = spawn(&client, &start, |client| {
        let error = client.get_resource("kbs:///a/b/c").expect_err("a failure");
        assert_eq!(error.status(), Status::UNKNOWN_KEY);
        assert!(error.message().contains("the keyset"), "{}", error);
    });
    right.join().expect("no panic");
    wrong.join().expect("no panic");
}

fn spawn(client: &Arc<Client>, start: &Arc<Barrier>, work: fn(&Client)) -> thread::JoinHandle<()> {
    let (client, start) = (Arc::clone(client), Arc::clone(start));
    thread::spawn(move || {
        start.wait();
        for _ in 0..500 {
            work(&client);
        }
    })
}

type Opener = thread::JoinHandle<Result<Client, Error>>;

fn open_in_threads(options: &Arc<Options>, count: usize) -> Vec<Opener> {
    let opener = || {
        let options = Arc::clone(options);
        thread::spawn(move || Client::open_with(PARAMS, &options))
    };
    (0..count).map(|_| opener()).collect()
}

#[test]
fn of_many_threads_that_open_one_keyset_one_gets_it() {
    let tree = FakeTree::with_keyset(KEYSET);
    let options = Arc::new(tree.options());
    let (opened, refused): (Vec<_>, Vec<_>) = open_in_threads(&options, 8)
        .into_iter()
        .map(|opener| opener.join().expect("no panic"))
        .partition(Result::is_ok);
    assert_eq!(opened.len(), 1);
    for error in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.status(), Status::NO_SECRET);
    }
}

#[test]
fn a_client_is_dropped_by_another_thread_than_its_opener() {
    let client = FakeTree::with_keyset(KEYSET).open().expect("a client");
    thread::spawn(move || drop(client))
        .join()
        .expect("no panic");
}
