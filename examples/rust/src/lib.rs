// SPDX-License-Identifier: Apache-2.0
//! A safe wrapper of liboskbc, the offline key broker client of an AMD SEV or SEV-ES guest.
//!
//! A guest's owner injects a keyset into its memory before it runs. [`Client::open`] reads the keyset,
//! removes it from the kernel and keeps the keys; [`Client::unwrap_key`] then unwraps the keys of encrypted
//! image layers without any network.
//!
//! ```no_run
//! # fn main() -> Result<(), oskbc::Error> {
//! # let packet = b"{}";
//! let client = oskbc::Client::open("offline_sev_kbc::null")?;
//! let options = client.unwrap_key(packet)?;
//! println!("{} bytes", options.len()); // wiped when `options` goes out of scope
//! # Ok(())
//! # }
//! ```
//!
//! A keyset can be opened once per boot, so open one [`Client`] and keep it: any number of threads may use
//! it at once. Nothing here does more than the C function of the same name; `oskbc.h` and
//! `man 3 oskbc` have the whole contract.
//!
//! Every [`Error`] has a [`Status`]. Beside the statuses that an item lists, each may give
//! [`Status::NO_MEMORY`] and [`Status::INTERNAL`]; [`Status::BUFFER`] never comes out of this crate,
//! which makes room for what is needed.

#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod ffi;

mod client;
mod error;
mod options;
mod output;
mod secret;
mod status;

pub use client::{Client, Fields, Memory};
pub use error::Error;
pub use options::Options;
pub use secret::Secret;
pub use status::Status;

/// The version of the library that is linked in, such as "0.2.0".
pub fn version() -> &'static str {
    // SAFETY: gives a static text that ends with a NUL.
    unsafe { error::text(ffi::oskbc_version()) }
}
