// SPDX-License-Identifier: Apache-2.0
//! What of `oskbc/oskbc.h` this example calls. The contracts stand there.

use std::os::raw::{c_char, c_int, c_void};

pub type Status = c_int;

pub const OK: Status = 0;
pub const E_ARGUMENT: Status = 1;
pub const E_BUFFER: Status = 2;

/// Opaque: only ever behind a pointer, and made by the library alone.
#[repr(C)]
pub struct Client {
    _private: [u8; 0],
}

/// Opaque too.
#[repr(C)]
pub struct Options {
    _private: [u8; 0],
}

extern "C" {
    pub fn oskbc_options_new(options: *mut *mut Options) -> Status;
    pub fn oskbc_options_free(options: *mut *mut Options);
    pub fn oskbc_options_set_root(options: *mut Options, directory: *const c_char) -> Status;

    pub fn oskbc_client_open(
        aa_kbc_params: *const c_char,
        options: *const Options,
        client: *mut *mut Client,
    ) -> Status;
    pub fn oskbc_client_close(client: *mut *mut Client);

    pub fn oskbc_unwrap_key(
        client: *const Client,
        packet: *const c_char,
        packet_len: usize,
        out: *mut u8,
        out_len: *mut usize,
    ) -> Status;

    pub fn oskbc_strerror(status: Status) -> *const c_char;
    pub fn oskbc_last_error() -> *const c_char;
    pub fn oskbc_wipe(data: *mut c_void, len: usize);
}
