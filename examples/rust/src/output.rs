// SPDX-License-Identifier: Apache-2.0
//! The library's "Output buffers": one call where a good guess is given, two where it is not.

use crate::error::{check, Error};
use crate::ffi;
use crate::Secret;

/// `call` gets room for `*len` bytes, `enough` at first. It sets `*len` to what it wrote, or, with
/// `OSKBC_E_BUFFER`, to what it needs; nothing is decrypted then.
pub(crate) fn read<F>(enough: usize, call: F) -> Result<Secret, Error>
where
    F: Fn(*mut u8, &mut usize) -> ffi::oskbc_status,
{
    let mut len = enough;
    let mut secret = Secret::zeros(len);
    let mut status = call(secret.as_mut_ptr(), &mut len);
    if status == ffi::OSKBC_E_BUFFER {
        secret = Secret::zeros(len);
        status = call(secret.as_mut_ptr(), &mut len);
    }
    check(status)?;
    secret.truncate(len);
    Ok(secret)
}
