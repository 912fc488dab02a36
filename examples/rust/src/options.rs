// SPDX-License-Identifier: Apache-2.0
//! How to open.

use std::fmt;
use std::os::raw::c_int;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use crate::error::{c_text, check, Error};
use crate::ffi;

/// How to open a [`Client`](crate::Client). The setters give the object back, to be chained.
///
/// ```no_run
/// # fn main() -> Result<(), oskbc::Error> {
/// let mut options = oskbc::Options::new()?;
/// options.set_root("/tmp/guest")?.set_keep_secret(true)?;
/// let client = oskbc::Client::open_with("offline_sev_kbc::null", &options)?;
/// # Ok(())
/// # }
/// ```
pub struct Options(*mut ffi::oskbc_options);

// SAFETY: the header lets different threads use an object one after the other ("Not on one object at once"),
// and every setter takes it for itself.
unsafe impl Send for Options {}
// SAFETY: what a shared reference is good for is opening, which the header calls "Thread-safe".
unsafe impl Sync for Options {}

impl Options {
    /// The defaults: the root is `/`, the entry is the keyset's, the file is removed after reading, kernel
    /// handling is on, neither authenticated wrap types nor locked memory are required.
    pub fn new() -> Result<Self, Error> {
        let mut options = Options(ptr::null_mut());
        // SAFETY: receives a pointer, or NULL on failure.
        check(unsafe { ffi::oskbc_options_new(&mut options.0) })?;
        Ok(options)
    }

    /// Lets an existing directory stand for `/`: a fake tree, or the root of a system that is not running.
    /// Turns kernel handling off.
    ///
    /// # Errors
    /// [`Status::ARGUMENT`](crate::Status::ARGUMENT): it is not a directory.
    pub fn set_root<P: AsRef<Path>>(&mut self, directory: P) -> Result<&mut Self, Error> {
        let directory = c_text(directory.as_ref().as_os_str().as_bytes())?;
        // SAFETY: the library copies the text.
        self.set(unsafe { ffi::oskbc_options_set_root(self.0, directory.as_ptr()) })
    }

    /// Chooses another entry of the secret area than the keyset's: 8-4-4-4-12 hexadecimal digits.
    ///
    /// # Errors
    /// [`Status::ARGUMENT`](crate::Status::ARGUMENT): it is not a GUID.
    pub fn set_secret_guid(&mut self, guid: &str) -> Result<&mut Self, Error> {
        let guid = c_text(guid.as_bytes())?;
        // SAFETY: the library copies the text.
        self.set(unsafe { ffi::oskbc_options_set_secret_guid(self.0, guid.as_ptr()) })
    }

    /// Says whether the secret's file stays in place after it was read, where the next process with the
    /// rights for it can read it again.
    ///
    /// # Errors
    /// None of its own.
    pub fn set_keep_secret(&mut self, keep: bool) -> Result<&mut Self, Error> {
        // SAFETY: the options are not NULL.
        self.set(unsafe { ffi::oskbc_options_set_keep_secret(self.0, c_int::from(keep)) })
    }

    /// Says whether opening may mount securityfs and load the module `efi_secret` when the secret is not in
    /// sight. Both need root.
    ///
    /// # Errors
    /// None of its own.
    pub fn set_manage_kernel(&mut self, manage: bool) -> Result<&mut Self, Error> {
        // SAFETY: the options are not NULL.
        self.set(unsafe { ffi::oskbc_options_set_manage_kernel(self.0, c_int::from(manage)) })
    }

    /// Says whether wrap types without integrity are refused, as AES-256-CTR is, which images of 2021 and
    /// 2022 use: with the wrong key, or altered on its way, it decrypts to garbage without an error.
    ///
    /// # Errors
    /// None of its own.
    pub fn set_require_authenticated(&mut self, require: bool) -> Result<&mut Self, Error> {
        // SAFETY: the options are not NULL.
        let status =
            unsafe { ffi::oskbc_options_set_require_authenticated(self.0, c_int::from(require)) };
        self.set(status)
    }

    /// Says whether to refuse memory for keys that can't be locked, so that it could be written to swap;
    /// opening then fails with [`Status::IO`](crate::Status::IO) and leaves the keyset where it is.
    ///
    /// # Errors
    /// None of its own.
    pub fn set_require_locked(&mut self, require: bool) -> Result<&mut Self, Error> {
        // SAFETY: the options are not NULL.
        self.set(unsafe { ffi::oskbc_options_set_require_locked(self.0, c_int::from(require)) })
    }

    /// Chooses another place, below the root, for a keyset in a file than `/etc/oskbc/keyset.jwe`.
    ///
    /// # Errors
    /// [`Status::ARGUMENT`](crate::Status::ARGUMENT): it names no file, or has a "..".
    pub fn set_keyset_file<P: AsRef<Path>>(&mut self, path: P) -> Result<&mut Self, Error> {
        let path = c_text(path.as_ref().as_os_str().as_bytes())?;
        // SAFETY: the library copies the text.
        self.set(unsafe { ffi::oskbc_options_set_keyset_file(self.0, path.as_ptr()) })
    }

    fn set(&mut self, status: ffi::oskbc_status) -> Result<&mut Self, Error> {
        check(status)?;
        Ok(self)
    }

    pub(crate) fn as_ptr(&self) -> *const ffi::oskbc_options {
        self.0
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by oskbc_options_new(), or NULL.
        unsafe { ffi::oskbc_options_free(&mut self.0) }
    }
}

/// The name alone: the library does not tell what was set.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options")
    }
}
