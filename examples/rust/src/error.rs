// SPDX-License-Identifier: Apache-2.0
//! Failures, with the library's words for them.

use std::ffi::{CStr, CString};
use std::fmt;
use std::os::raw::c_char;

use crate::ffi;
use crate::Status;

/// A status that is not OK, with the thread's message at that time. Messages are made of the library's own
/// words, of numbers and of paths; they never hold input, keys or plaintext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    status: Status,
    message: String,
}

impl Error {
    /// Takes the message of this thread's last call.
    pub(crate) fn last(number: ffi::oskbc_status) -> Self {
        let status = Status::from_raw(number);
        // SAFETY: never NULL, and copied before this thread's next call.
        let message = unsafe { CStr::from_ptr(ffi::oskbc_last_error()) };
        let message = match message.to_string_lossy() {
            empty if empty.is_empty() => status.to_string(),
            message => message.into_owned(),
        };
        Error { status, message }
    }

    /// For what the library is not even asked about.
    pub(crate) fn own(status: Status, message: &str) -> Self {
        Error {
            status,
            message: message.to_owned(),
        }
    }

    /// What the caller can do about it.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The status's name in `oskbc.h`, such as "OSKBC_E_NO_SECRET".
    pub fn name(&self) -> &'static str {
        self.status.name()
    }

    /// What went wrong, where, and what can be done.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The message.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Turns every status but OK into an error.
pub(crate) fn check(number: ffi::oskbc_status) -> Result<(), Error> {
    match number {
        ffi::OSKBC_OK => Ok(()),
        other => Err(Error::last(other)),
    }
}

/// A text for the library, which ends it at the first NUL: one inside would hide what is behind it.
pub(crate) fn c_text(bytes: &[u8]) -> Result<CString, Error> {
    CString::new(bytes).map_err(|_| {
        Error::own(
            Status::ARGUMENT,
            "a text has a NUL inside; pass one without",
        )
    })
}

/// # Safety
/// `pointer` is not NULL, and its text is static and ends with a NUL.
pub(crate) unsafe fn text(pointer: *const c_char) -> &'static str {
    // SAFETY: what this function asks for.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().unwrap_or("(not UTF-8)")
}
