// SPDX-License-Identifier: Apache-2.0
//! `oskbc/oskbc.h` as it is: names, numbers and signatures; `check-rust-ffi.sh` holds them to it. The
//! contracts stand in the header.

#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_int, c_void};

/// The outcome of a call: one of the `OSKBC_` constants.
pub type oskbc_status = c_int;

/// Success.
pub const OSKBC_OK: oskbc_status = 0;
/// The call is wrong.
pub const OSKBC_E_ARGUMENT: oskbc_status = 1;
/// The buffer is too small.
pub const OSKBC_E_BUFFER: oskbc_status = 2;
/// `aa_kbc_params` is wrong.
pub const OSKBC_E_PARAMS: oskbc_status = 3;
/// There is no keyset, or no longer.
pub const OSKBC_E_NO_SECRET: oskbc_status = 4;
/// A file or a kernel operation failed.
pub const OSKBC_E_IO: oskbc_status = 5;
/// The keyset could not be removed.
pub const OSKBC_E_WIPE: oskbc_status = 6;
/// The keyset is malformed.
pub const OSKBC_E_KEYSET: oskbc_status = 7;
/// The packet is malformed.
pub const OSKBC_E_PACKET: oskbc_status = 8;
/// The request or URI is malformed, or not for a guest.
pub const OSKBC_E_REQUEST: oskbc_status = 9;
/// The keyset lacks the id.
pub const OSKBC_E_UNKNOWN_KEY: oskbc_status = 10;
/// Something that is not read.
pub const OSKBC_E_UNSUPPORTED: oskbc_status = 11;
/// Decryption failed.
pub const OSKBC_E_DECRYPT: oskbc_status = 12;
/// Memory is short.
pub const OSKBC_E_NO_MEMORY: oskbc_status = 13;
/// A bug in the library.
pub const OSKBC_E_INTERNAL: oskbc_status = 14;
/// There is no keyset file.
pub const OSKBC_E_NO_KEYSET_FILE: oskbc_status = 15;
/// The keyset file is not for the injected key.
pub const OSKBC_E_KEYSET_FILE_KEY: oskbc_status = 16;
/// The keyset file was altered.
pub const OSKBC_E_KEYSET_FILE_ALTERED: oskbc_status = 17;
/// The keyset file is an older one.
pub const OSKBC_E_KEYSET_FILE_OLD: oskbc_status = 18;

/// Of `oskbc_client_memory()`: never written to swap.
pub const OSKBC_MEMORY_LOCKED: c_int = 1;
/// Of `oskbc_client_memory()`: left out of core dumps.
pub const OSKBC_MEMORY_UNDUMPED: c_int = 2;
/// Of `oskbc_client_memory()`: zeros in a child of fork().
pub const OSKBC_MEMORY_UNFORKED: c_int = 4;

/// An opened keyset. Opaque: only ever behind a pointer, and made by the library alone.
#[repr(C)]
pub struct oskbc_client {
    _private: [u8; 0],
}

/// How to open. Opaque too.
#[repr(C)]
pub struct oskbc_options {
    _private: [u8; 0],
}

extern "C" {
    /// Makes options with their defaults.
    pub fn oskbc_options_new(options: *mut *mut oskbc_options) -> oskbc_status;
    /// Releases options.
    pub fn oskbc_options_free(options: *mut *mut oskbc_options);
    /// Lets a directory stand for `/`.
    pub fn oskbc_options_set_root(
        options: *mut oskbc_options,
        directory: *const c_char,
    ) -> oskbc_status;
    /// Chooses another entry of the secret area.
    pub fn oskbc_options_set_secret_guid(
        options: *mut oskbc_options,
        guid: *const c_char,
    ) -> oskbc_status;
    /// Says whether the secret's file stays.
    pub fn oskbc_options_set_keep_secret(options: *mut oskbc_options, keep: c_int) -> oskbc_status;
    /// Says whether opening may mount securityfs and load the module.
    pub fn oskbc_options_set_manage_kernel(
        options: *mut oskbc_options,
        manage: c_int,
    ) -> oskbc_status;
    /// Says whether wrap types without integrity are refused.
    pub fn oskbc_options_set_require_authenticated(
        options: *mut oskbc_options,
        require: c_int,
    ) -> oskbc_status;
    /// Says whether keys have to be in memory that is locked.
    pub fn oskbc_options_set_require_locked(
        options: *mut oskbc_options,
        require: c_int,
    ) -> oskbc_status;
    /// Chooses another place for a keyset in a file.
    pub fn oskbc_options_set_keyset_file(
        options: *mut oskbc_options,
        path: *const c_char,
    ) -> oskbc_status;

    /// Reads the keyset and removes it from the kernel.
    pub fn oskbc_client_open(
        aa_kbc_params: *const c_char,
        options: *const oskbc_options,
        client: *mut *mut oskbc_client,
    ) -> oskbc_status;
    /// Wipes the keys and releases the client.
    pub fn oskbc_client_close(client: *mut *mut oskbc_client);
    /// Counts the entries.
    pub fn oskbc_client_key_count(client: *const oskbc_client) -> usize;
    /// Tells how the keys' memory is protected.
    pub fn oskbc_client_memory(client: *const oskbc_client) -> c_int;
    /// Gives the id of an entry.
    pub fn oskbc_client_key_id(
        client: *const oskbc_client,
        index: usize,
        out: *mut c_char,
        out_len: *mut usize,
    ) -> oskbc_status;

    /// Unwraps an annotation packet.
    pub fn oskbc_unwrap_key(
        client: *const oskbc_client,
        packet: *const c_char,
        packet_len: usize,
        out: *mut u8,
        out_len: *mut usize,
    ) -> oskbc_status;
    /// Unwraps a packet that was parsed already.
    pub fn oskbc_unwrap_fields(
        client: *const oskbc_client,
        kid: *const c_char,
        kid_len: usize,
        wrap_type: *const c_char,
        wrap_type_len: usize,
        iv: *const c_char,
        iv_len: usize,
        wrapped_data: *const c_char,
        wrapped_data_len: usize,
        out: *mut u8,
        out_len: *mut usize,
    ) -> oskbc_status;
    /// Gives the bytes of an entry.
    pub fn oskbc_get_resource(
        client: *const oskbc_client,
        uri: *const c_char,
        out: *mut u8,
        out_len: *mut usize,
    ) -> oskbc_status;
    /// Answers a key provider request.
    pub fn oskbc_keyprovider(
        client: *const oskbc_client,
        request: *const c_char,
        request_len: usize,
        out: *mut u8,
        out_len: *mut usize,
    ) -> oskbc_status;

    /// Explains a status.
    pub fn oskbc_strerror(status: oskbc_status) -> *const c_char;
    /// Gives this thread's last message.
    pub fn oskbc_last_error() -> *const c_char;
    /// Overwrites memory with zeros.
    pub fn oskbc_wipe(data: *mut c_void, len: usize);
    /// Gives the library's version.
    pub fn oskbc_version() -> *const c_char;
}
