// SPDX-License-Identifier: Apache-2.0
//! A safe face for the part of liboskbc that an agent needs.

use std::ffi::{CStr, CString};
use std::fmt;
use std::ptr;

use crate::ffi;

/// A status that is not OK, with the thread's message at that time. Holds no secrets.
#[derive(Debug)]
pub struct Error {
    pub status: ffi::Status,
    message: String,
}

impl Error {
    fn last(status: ffi::Status) -> Self {
        // SAFETY: both give a text that ends with a NUL, and it is copied before the next call.
        let (short, long) = unsafe {
            (
                CStr::from_ptr(ffi::oskbc_strerror(status)),
                CStr::from_ptr(ffi::oskbc_last_error()),
            )
        };
        let message = format!("{}: {}", short.to_string_lossy(), long.to_string_lossy());
        Error { status, message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

fn check(status: ffi::Status) -> Result<(), Error> {
    match status {
        ffi::OK => Ok(()),
        other => Err(Error::last(other)),
    }
}

fn c_text(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error {
        status: ffi::E_ARGUMENT,
        message: "a text has a NUL inside".to_owned(),
    })
}

/// Bytes that are wiped when they are dropped. Never grows, so it leaves no copy behind.
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // SAFETY: the vector owns this much.
        unsafe { ffi::oskbc_wipe(self.0.as_mut_ptr().cast(), self.0.capacity()) }
    }
}

struct Options(*mut ffi::Options);

impl Options {
    fn new() -> Result<Self, Error> {
        let mut options = Options(ptr::null_mut());
        // SAFETY: receives a pointer, or NULL on failure.
        check(unsafe { ffi::oskbc_options_new(&mut options.0) })?;
        Ok(options)
    }

    fn set_root(&mut self, directory: &str) -> Result<(), Error> {
        let directory = c_text(directory)?;
        // SAFETY: the library copies the text.
        check(unsafe { ffi::oskbc_options_set_root(self.0, directory.as_ptr()) })
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by oskbc_options_new(), or NULL.
        unsafe { ffi::oskbc_options_free(&mut self.0) }
    }
}

/// An opened keyset. Dropping it wipes the keys.
pub struct Client(*mut ffi::Client);

// SAFETY: the header calls everything done through a shared reference "Thread-safe"; dropping needs the
// object for itself, which is what Rust demands anyway.
unsafe impl Send for Client {}
unsafe impl Sync for Client {}

impl Client {
    /// Opens the keyset below `/`, or below another root: a fake tree.
    pub fn open(aa_kbc_params: &str, root: Option<&str>) -> Result<Self, Error> {
        let params = c_text(aa_kbc_params)?;
        let mut options = Options::new()?;
        if let Some(directory) = root {
            options.set_root(directory)?;
        }
        let mut client = Client(ptr::null_mut());
        // SAFETY: parameters and options are copied; `client` receives a pointer, or NULL on failure.
        check(unsafe { ffi::oskbc_client_open(params.as_ptr(), options.0, &mut client.0) })?;
        Ok(client)
    }

    /// Unwraps one annotation packet, the JSON text, to the layer's private options.
    pub fn unwrap(&self, packet: &[u8]) -> Result<Secret, Error> {
        let call = |out: *mut u8, len: &mut usize| {
            // SAFETY: `out` has room for `len` bytes, or is NULL, which asks for the length.
            unsafe { ffi::oskbc_unwrap_key(self.0, packet.as_ptr().cast(), packet.len(), out, len) }
        };
        let mut len = 0;
        match call(ptr::null_mut(), &mut len) {
            ffi::E_BUFFER => {}
            other => return Err(Error::last(other)),
        }
        let mut plain = Secret(vec![0; len]);
        check(call(plain.0.as_mut_ptr(), &mut len))?;
        plain.0.truncate(len);
        Ok(plain)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: made by oskbc_client_open(), or NULL.
        unsafe { ffi::oskbc_client_close(&mut self.0) }
    }
}
