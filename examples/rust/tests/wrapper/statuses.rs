// SPDX-License-Identifier: Apache-2.0
//! Every status that a caller can cause. NO_MEMORY and INTERNAL are none of these; `test/fault/` of the
//! library causes the first.

use std::fs::{self, Permissions};
use std::os::raw::c_int;
use std::os::unix::fs::PermissionsExt;
use std::ptr;
use std::thread;

use oskbc::{ffi, Client, Error, Fields, Options, Status};

use crate::common::{
    ctr_packet, gcm_fields, gcm_packet, keyunwrap_request, FakeTree, KEYSET, PARAMS,
};

fn client() -> Client {
    FakeTree::with_keyset(KEYSET).open().expect("a client")
}

/// A failure has its status, the status's name, and a message.
fn expect_status<T>(result: Result<T, Error>, status: Status, name: &str) -> Error {
    let error = match result {
        Ok(_) => panic!("no failure, but {} was expected", name),
        Err(error) => error,
    };
    assert_eq!(error.status(), status, "{}", error);
    assert_eq!(error.name(), name);
    assert!(!error.message().is_empty());
    error
}

#[test]
fn argument() {
    let name = "OSKBC_E_ARGUMENT";
    let mut options = Options::new().expect("options");
    for directory in ["/no/such/folder", "/dev/null", "/tmp\0/hidden"] {
        expect_status(options.set_root(directory), Status::ARGUMENT, name);
    }
    for guid in ["", "736870e5", "736870e5-84f0-4973-92ec-06879ce3da0b\0"] {
        expect_status(options.set_secret_guid(guid), Status::ARGUMENT, name);
    }
    expect_status(Client::open("offline_sev_kbc::\0"), Status::ARGUMENT, name);
    expect_status(client().key_id(4), Status::ARGUMENT, name);
    expect_status(client().get_resource("key_id1\0"), Status::ARGUMENT, name);
}

#[test]
fn buffer_is_for_those_who_call_the_c_function() {
    let mut options = ptr::null_mut();
    let mut client = ptr::null_mut();
    let tree = FakeTree::with_keyset(KEYSET);
    let root = std::ffi::CString::new(tree.root_text()).expect("no NUL");
    let mut len = 1;
    let mut out = [0xaa_u8; 2];
    // SAFETY: as oskbc.h has it.
    unsafe {
        assert_eq!(ffi::oskbc_options_new(&mut options), ffi::OSKBC_OK);
        assert_eq!(
            ffi::oskbc_options_set_root(options, root.as_ptr()),
            ffi::OSKBC_OK
        );
        let params = b"offline_sev_kbc::null\0".as_ptr().cast();
        assert_eq!(
            ffi::oskbc_client_open(params, options, &mut client),
            ffi::OSKBC_OK
        );
        let uri = b"default/policy/1\0".as_ptr().cast();
        assert_eq!(
            ffi::oskbc_get_resource(client, uri, out.as_mut_ptr(), &mut len),
            ffi::OSKBC_E_BUFFER
        );
        ffi::oskbc_client_close(&mut client);
        ffi::oskbc_options_free(&mut options);
    }
    assert_eq!(len, 21);
    assert_eq!(out, [0xaa, 0xaa]);
    assert!(client.is_null() && options.is_null());
}

#[test]
fn params() {
    for params in ["", "offline_sev_kbc", "offline_sev_kbc::", "cc_kbc::null"] {
        let tree = FakeTree::with_keyset(KEYSET);
        let result = Client::open_with(params, &tree.options());
        expect_status(result, Status::PARAMS, "OSKBC_E_PARAMS");
        assert!(tree.keyset_file().exists());
    }
}

#[test]
fn no_secret() {
    let result = FakeTree::empty().open();
    expect_status(result, Status::NO_SECRET, "OSKBC_E_NO_SECRET");
}

#[test]
fn io() {
    let tree = FakeTree::empty();
    fs::create_dir(tree.keyset_file()).expect("a folder in the keyset's place");
    let error = expect_status(tree.open(), Status::IO, "OSKBC_E_IO");
    assert!(error.message().contains(tree.root_text()), "{}", error);
}

extern "C" {
    /// Of the C library: who this thread is where files are concerned. Root stops to be root there.
    fn setfsuid(user: u32) -> c_int;
}

/// Opens in a thread that may read the secret but not remove it.
fn open_as_nobody(tree: &FakeTree) -> Result<Client, Error> {
    fs::set_permissions(tree.secrets(), Permissions::from_mode(0o555)).expect("permissions");
    let options = tree.options();
    let opener = thread::spawn(move || {
        // SAFETY: changes this thread alone, which ends right after.
        unsafe { setfsuid(65534) };
        Client::open_with(PARAMS, &options)
    });
    let result = opener.join().expect("no panic");
    fs::set_permissions(tree.secrets(), Permissions::from_mode(0o755)).expect("permissions");
    result
}

#[test]
fn wipe() {
    let tree = FakeTree::with_keyset(KEYSET);
    let result = open_as_nobody(&tree);
    expect_status(result, Status::WIPE, "OSKBC_E_WIPE");
    assert!(tree.keyset_file().exists());
}

#[test]
fn keyset() {
    for text in ["", "[]", r#"{"id":"no base64"}"#, r#"{"id":7}"#] {
        let tree = FakeTree::with_keyset(text);
        expect_status(tree.open(), Status::KEYSET, "OSKBC_E_KEYSET");
        assert!(!tree.keyset_file().exists());
    }
}

#[test]
fn packet() {
    let client = client();
    for packet in [&b""[..], b"{", b"\0\xff", br#"{"kid":"key_id1"}"#] {
        let result = client.unwrap_key(packet);
        expect_status(result, Status::PACKET, "OSKBC_E_PACKET");
    }
    let long = vec![b' '; 1024 * 1024 + 1];
    expect_status(client.unwrap_key(&long), Status::PACKET, "OSKBC_E_PACKET");
}

#[test]
fn request() {
    let client = client();
    let name = "OSKBC_E_REQUEST";
    for request in [&b""[..], b"{}", br#"{"op":"keywrap"}"#] {
        expect_status(client.keyprovider(request), Status::REQUEST, name);
    }
    expect_status(client.get_resource("kbs:///a/b"), Status::REQUEST, name);
}

#[test]
fn unknown_key() {
    let client = client();
    let name = "OSKBC_E_UNKNOWN_KEY";
    let packet = gcm_packet("kbs:///default/key/3");
    let request = keyunwrap_request(&packet);
    expect_status(client.unwrap_key(&packet), Status::UNKNOWN_KEY, name);
    expect_status(client.keyprovider(&request), Status::UNKNOWN_KEY, name);
    let resource = client.get_resource("kbs:///default/key/3");
    expect_status(resource, Status::UNKNOWN_KEY, name);
}

#[test]
fn fields_have_the_statuses_of_a_packet() {
    let client = client();
    let fields = gcm_fields("key_id1");
    let unwrap = |fields: Fields<'_>| client.unwrap_fields(&fields);
    unwrap(fields).expect("options");
    let unknown = unwrap(Fields { kid: "", ..fields });
    expect_status(unknown, Status::UNKNOWN_KEY, "OSKBC_E_UNKNOWN_KEY");
    let numbers = unwrap(Fields {
        iv: "[1,2]",
        ..fields
    });
    expect_status(numbers, Status::PACKET, "OSKBC_E_PACKET");
    let wrap_type = "A256KW";
    let other = unwrap(Fields {
        wrap_type,
        ..fields
    });
    expect_status(other, Status::UNSUPPORTED, "OSKBC_E_UNSUPPORTED");
    let wrapped_data = "";
    let short = unwrap(Fields {
        wrapped_data,
        ..fields
    });
    expect_status(short, Status::DECRYPT, "OSKBC_E_DECRYPT");
}

#[test]
fn unsupported() {
    let tree = FakeTree::with_keyset(KEYSET);
    let mut options = tree.options();
    options.set_require_authenticated(true).expect("an option");
    let client = Client::open_with(PARAMS, &options).expect("a client");
    let result = client.unwrap_key(&ctr_packet("key_id1"));
    expect_status(result, Status::UNSUPPORTED, "OSKBC_E_UNSUPPORTED");
    client.unwrap_key(&gcm_packet("key_id1")).expect("options");
}

#[test]
fn decrypt() {
    let client = client();
    let text = String::from_utf8(gcm_packet("key_id1")).expect("UTF-8");
    let altered = text.replace(":\"pCE", ":\"qCE").into_bytes();
    assert_ne!(altered, gcm_packet("key_id1"));
    for packet in [gcm_packet("kbs:///default/key/2"), altered] {
        let result = client.unwrap_key(&packet);
        expect_status(result, Status::DECRYPT, "OSKBC_E_DECRYPT");
    }
}
