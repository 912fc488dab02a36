// SPDX-License-Identifier: Apache-2.0
//! Bytes that don't outlive their use.

use std::fmt;

use crate::ffi;

/// Bytes that are wiped when they are dropped. Can't be copied, compared or printed; `expose` is the one way
/// to the bytes, and the word to search for in a review. The memory is the heap's and is not locked: drop it
/// as soon as the layer is decrypted.
pub struct Secret(Vec<u8>);

impl Secret {
    /// Zeros, for the library to write on. Not `vec![0; len]`, for which glibc 2.36 looks past the thread's
    /// own cache of memory: that takes a fifteenth of an unwrap.
    #[allow(clippy::slow_vector_initialization)]
    pub(crate) fn zeros(len: usize) -> Self {
        let mut bytes = Vec::with_capacity(len);
        bytes.resize(len, 0);
        Secret(bytes)
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.0.as_mut_ptr()
    }

    /// Forgets what is behind the first `len` bytes. Never grows, which would leave a copy behind.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// The bytes. A copy of them is the caller's to wipe.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // SAFETY: the vector owns this much, and all of it was initialised with zeros.
        unsafe { ffi::oskbc_wipe(self.0.as_mut_ptr().cast(), self.0.capacity()) }
    }
}

/// The length alone.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.len())
    }
}
