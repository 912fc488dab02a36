// SPDX-License-Identifier: Apache-2.0
//! The library's "Output buffers": ask for the length, then for the bytes.

use std::ptr;

use crate::error::{check, Error};
use crate::ffi;
use crate::Secret;

/// `call` gets room for `*len` bytes and sets `*len` to what it wrote, or gets NULL, which asks for the
/// length and decrypts nothing.
pub(crate) fn read<F>(call: F) -> Result<Secret, Error>
where
    F: Fn(*mut u8, &mut usize) -> ffi::oskbc_status,
{
    let mut len = 0;
    match call(ptr::null_mut(), &mut len) {
        ffi::OSKBC_E_BUFFER => {}
        other => return Err(Error::last(other)),
    }
    let mut secret = Secret::zeros(len);
    check(call(secret.as_mut_ptr(), &mut len))?;
    secret.truncate(len);
    Ok(secret)
}
