// SPDX-License-Identifier: Apache-2.0
//! An opened keyset.

use std::fmt;
use std::ptr;

use crate::error::{c_text, check, Error};
use crate::ffi;
use crate::output::read;
use crate::{Options, Secret, Status};

/// Enough for a key, for most ids, and for what is around an answer's numbers.
const LIKELY: usize = 64;

/// A packet that was parsed already: its members as they stand.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// Which key.
    pub kid: &'a str,
    /// In the spelling of any generation.
    pub wrap_type: &'a str,
    /// In base64.
    pub iv: &'a str,
    /// In base64.
    pub wrapped_data: &'a str,
}

/// How the system protects the memory that keys are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// Never written to swap.
    pub locked: bool,
    /// Left out of core dumps.
    pub undumped: bool,
    /// Zeros in a child of fork().
    pub unforked: bool,
}

/// An opened keyset. Any number of threads may use it at once; unwrapping takes no lock. Dropping it wipes
/// the keys.
pub struct Client(*mut ffi::oskbc_client);

// SAFETY: the header ties no object to a thread.
unsafe impl Send for Client {}
// SAFETY: the header calls everything done through a shared reference "Thread-safe"; closing needs the
// object for itself, as dropping does.
unsafe impl Sync for Client {}

impl Client {
    /// Reads the keyset, removes it from the kernel and keeps its keys in locked memory. `aa_kbc_params` is
    /// `offline_sev_kbc::` and any text that is not empty, "null" by convention. This works once per boot.
    ///
    /// # Errors
    /// - [`Status::ARGUMENT`]: `aa_kbc_params` has a NUL inside.
    /// - [`Status::PARAMS`]: `aa_kbc_params` is for another key broker, or has no text after the colons.
    /// - [`Status::NO_SECRET`]: nothing was injected, or it was read already. Plain images can still run.
    /// - [`Status::IO`]: mounting, loading or reading failed, the path is not a regular file, or memory can't
    ///   be locked after [`Options::set_require_locked`].
    /// - [`Status::WIPE`]: the secret could not be removed; the keys are wiped.
    /// - [`Status::KEYSET`]: the keyset is malformed or over a bound; it is removed nevertheless.
    /// - [`Status::NO_KEYSET_FILE`], [`Status::KEYSET_FILE_KEY`], [`Status::KEYSET_FILE_ALTERED`],
    ///   [`Status::KEYSET_FILE_OLD`]: the keyset in a file that the injected one needs is not there, or not
    ///   the one that was sealed for it; the injected one is removed nevertheless.
    pub fn open(aa_kbc_params: &str) -> Result<Self, Error> {
        Self::open_at(aa_kbc_params, ptr::null())
    }

    /// The same with options, which are copied.
    ///
    /// # Errors
    /// Those of [`Client::open`].
    pub fn open_with(aa_kbc_params: &str, options: &Options) -> Result<Self, Error> {
        Self::open_at(aa_kbc_params, options.as_ptr())
    }

    fn open_at(aa_kbc_params: &str, options: *const ffi::oskbc_options) -> Result<Self, Error> {
        let params = c_text(aa_kbc_params.as_bytes())?;
        let mut client = Client(ptr::null_mut());
        // SAFETY: NULL stands for the defaults; `client` receives a pointer, or NULL on failure.
        check(unsafe { ffi::oskbc_client_open(params.as_ptr(), options, &mut client.0) })?;
        Ok(client)
    }

    /// Counts the entries of the keyset.
    pub fn key_count(&self) -> usize {
        // SAFETY: the client is open.
        unsafe { ffi::oskbc_client_key_count(self.0) }
    }

    /// Tells how the system protects the memory that the keys are in.
    pub fn memory(&self) -> Memory {
        // SAFETY: the client is open.
        let bits = unsafe { ffi::oskbc_client_memory(self.0) };
        Memory {
            locked: bits & ffi::OSKBC_MEMORY_LOCKED != 0,
            undumped: bits & ffi::OSKBC_MEMORY_UNDUMPED != 0,
            unforked: bits & ffi::OSKBC_MEMORY_UNFORKED != 0,
        }
    }

    /// Gives the id of an entry. Ids are sorted by their bytes. They are no secrets.
    ///
    /// # Errors
    /// [`Status::ARGUMENT`]: the index is past the end.
    pub fn key_id(&self, index: usize) -> Result<String, Error> {
        let id = read(LIKELY, |out, len| {
            // SAFETY: `out` has room for `len` bytes.
            unsafe { ffi::oskbc_client_key_id(self.0, index, out.cast(), len) }
        })?;
        let (_nul, bytes) = id.expose().split_last().unwrap_or((&0, &[]));
        String::from_utf8(bytes.to_vec())
            .map_err(|_| Error::own(Status::INTERNAL, "the library gave an id that is no UTF-8"))
    }

    /// Gives the ids of all entries, sorted.
    ///
    /// # Errors
    /// None of its own.
    pub fn key_ids(&self) -> Result<Vec<String>, Error> {
        (0..self.key_count())
            .map(|index| self.key_id(index))
            .collect()
    }

    /// Unwraps one annotation packet, the JSON text, to ocicrypt's private options of the layer. All
    /// generations of the packet since 2021 are read.
    ///
    /// # Errors
    /// - [`Status::PACKET`]: the packet is malformed or over 1 MiB.
    /// - [`Status::UNKNOWN_KEY`]: the keyset lacks the packet's `kid`.
    /// - [`Status::UNSUPPORTED`]: a wrap type, version or provider that is not read, or CTR after
    ///   [`Options::set_require_authenticated`].
    /// - [`Status::DECRYPT`]: a wrong key, or an altered packet.
    /// - [`Status::NO_SECRET`]: this is a child of the process that opened the keyset.
    pub fn unwrap_key(&self, packet: &[u8]) -> Result<Secret, Error> {
        // Bytes take four characters of a packet for three, or more.
        read(packet.len() / 4 * 3, |out, len| {
            // SAFETY: `out` has room for `len` bytes.
            unsafe { ffi::oskbc_unwrap_key(self.0, packet.as_ptr().cast(), packet.len(), out, len) }
        })
    }

    /// Unwraps a packet that was parsed already: the same as [`Client::unwrap_key`], without the JSON text.
    ///
    /// # Errors
    /// Those of [`Client::unwrap_key`].
    pub fn unwrap_fields(&self, packet: &Fields<'_>) -> Result<Secret, Error> {
        let Fields {
            kid,
            wrap_type,
            iv,
            wrapped_data,
        } = packet;
        read(wrapped_data.len() / 4 * 3, |out, len| {
            // SAFETY: each text has its length, and `out` has room for `len` bytes.
            unsafe {
                ffi::oskbc_unwrap_fields(
                    self.0,
                    kid.as_ptr().cast(),
                    kid.len(),
                    wrap_type.as_ptr().cast(),
                    wrap_type.len(),
                    iv.as_ptr().cast(),
                    iv.len(),
                    wrapped_data.as_ptr().cast(),
                    wrapped_data.len(),
                    out,
                    len,
                )
            }
        })
    }

    /// Gives the bytes of a keyset entry, by its id or by `kbs://[host[:port]]/repository/type/tag`.
    ///
    /// # Errors
    /// - [`Status::ARGUMENT`]: the URI has a NUL inside.
    /// - [`Status::REQUEST`]: a URI of another scheme or form.
    /// - [`Status::UNKNOWN_KEY`]: the keyset lacks it.
    /// - [`Status::NO_SECRET`]: this is a child of the process that opened the keyset.
    pub fn get_resource(&self, uri: &str) -> Result<Secret, Error> {
        let uri = c_text(uri.as_bytes())?;
        read(LIKELY, |out, len| {
            // SAFETY: `out` has room for `len` bytes.
            unsafe { ffi::oskbc_get_resource(self.0, uri.as_ptr(), out, len) }
        })
    }

    /// Answers one `keyunwrap` request of ocicrypt's key provider protocol. The answer's JSON text holds the
    /// plain options.
    ///
    /// # Errors
    /// [`Status::REQUEST`]: it is malformed, over 2 MiB, or a `keywrap`, which a guest does not do; and for
    /// the packet inside, those of [`Client::unwrap_key`].
    pub fn keyprovider(&self, request: &[u8]) -> Result<Secret, Error> {
        // A number takes four characters at most, and what it stands for four thirds, or more.
        read(3 * request.len() + LIKELY, |out, len| {
            // SAFETY: `out` has room for `len` bytes.
            unsafe {
                ffi::oskbc_keyprovider(self.0, request.as_ptr().cast(), request.len(), out, len)
            }
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: made by oskbc_client_open(), or NULL.
        unsafe { ffi::oskbc_client_close(&mut self.0) }
    }
}

/// The number of keys alone.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({} keys)", self.key_count())
    }
}
