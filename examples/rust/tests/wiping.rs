// SPDX-License-Identifier: Apache-2.0
//! Every block that this program releases is searched for secrets right before; and the library's locked pages
//! are counted.

#![deny(unsafe_op_in_unsafe_fn)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

mod common;

use common::{gcm_fields, gcm_packet, keyunwrap_request, FakeTree, KEYSET, PLAIN, POLICY};

static FOUND: AtomicUsize = AtomicUsize::new(0);

/// Of the plain options, of the policy, and of the options as the numbers of an answer.
const NEEDLES: [&[u8]; 3] = [b"bm90aGluZyB0", b"policy of the", b"98,109,57,48,97,71,108"];

struct Searching;

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Searching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeros, so that all of a block may be read.
        // SAFETY: what the caller of this function promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this size, and is still its owner's.
        let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
        if NEEDLES.iter().any(|needle| holds(bytes, needle)) {
            FOUND.fetch_add(1, Ordering::SeqCst);
        }
        // SAFETY: what the caller of this function promises.
        unsafe { System.dealloc(block, layout) }
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[global_allocator]
static ALLOCATOR: Searching = Searching;

fn found_by(work: impl FnOnce()) -> usize {
    let before = FOUND.load(Ordering::SeqCst);
    work();
    FOUND.load(Ordering::SeqCst) - before
}

/// Each test looks at the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn locked_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a mounted /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).expect("a number of kB")
}

/// Keys lie in locked pages, where the system lets them.
#[test]
fn the_pages_of_the_keys_go_with_the_client() {
    let _alone = ALONE.lock();
    let before = locked_kilobytes();
    let client = FakeTree::with_keyset(KEYSET).open().expect("a client");
    if locked_kilobytes() == before {
        println!("SKIPPED: this system lets no page be locked");
    }
    drop(client);
    assert_eq!(locked_kilobytes(), before);
}

#[test]
fn no_released_block_holds_a_secret() {
    let _alone = ALONE.lock();
    assert_eq!(found_by(|| drop(PLAIN.to_vec())), 1, "the search is blind");
    let client = FakeTree::with_keyset(KEYSET).open().expect("a client");
    let packet = gcm_packet("key_id1");
    let request = keyunwrap_request(&packet);
    let found = found_by(|| {
        let options = client.unwrap_key(&packet).expect("options");
        let fields = client
            .unwrap_fields(&gcm_fields("key_id1"))
            .expect("options");
        assert_eq!(fields.expose(), PLAIN);
        let policy = client.get_resource("default/policy/1").expect("a policy");
        let answer = client.keyprovider(&request).expect("an answer");
        assert!(holds(options.expose(), NEEDLES[0]));
        assert!(holds(policy.expose(), NEEDLES[1]) && policy.expose() == POLICY);
        assert!(holds(answer.expose(), NEEDLES[2]));
    });
    assert_eq!(found, 0);
}
