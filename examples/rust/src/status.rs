// SPDX-License-Identifier: Apache-2.0
//! What a caller can do about a failure.

use std::fmt;

use crate::error::text;
use crate::ffi;

/// The outcome of a call. A number never changes its meaning, and there may be more of them in a newer
/// library, so a `match` needs an arm for the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(ffi::oskbc_status);

macro_rules! statuses {
    ($($(#[$doc:meta])+ $name:ident = $constant:ident;)+) => {
        impl Status {
            $($(#[$doc])+ pub const $name: Status = Status(ffi::$constant);)+

            const NAMES: &'static [(Status, &'static str)] =
                &[$((Status::$name, stringify!($constant))),+];
        }
    };
}

statuses! {
    /// Success. No [`Error`](crate::Error) has it.
    OK = OSKBC_OK;
    /// Mend the call: a bad GUID, a bad directory, an index past the end, a NUL inside a text.
    ARGUMENT = OSKBC_E_ARGUMENT;
    /// A buffer was too small. For callers of [`ffi`](crate::ffi) alone.
    BUFFER = OSKBC_E_BUFFER;
    /// Mend `aa_kbc_params`: it is not `offline_sev_kbc::` and some text.
    PARAMS = OSKBC_E_PARAMS;
    /// Nothing was injected, or it is gone, and the message says why. Plain images can still run.
    NO_SECRET = OSKBC_E_NO_SECRET;
    /// A file or a kernel operation failed: errno and path are in the message.
    IO = OSKBC_E_IO;
    /// The secret was read but could not be removed: there is no client, and the keys are wiped.
    WIPE = OSKBC_E_WIPE;
    /// The injected keyset, or the one in a file, is malformed or over a bound.
    KEYSET = OSKBC_E_KEYSET;
    /// The annotation packet is malformed or over a bound.
    PACKET = OSKBC_E_PACKET;
    /// The key provider request, or a URI, is malformed, over a bound, or not for this library.
    REQUEST = OSKBC_E_REQUEST;
    /// The keyset lacks the id.
    UNKNOWN_KEY = OSKBC_E_UNKNOWN_KEY;
    /// A wrap type, version or provider that is not read, or CTR when integrity is required.
    UNSUPPORTED = OSKBC_E_UNSUPPORTED;
    /// Wrong key length, IV length or tag: one status and one text, whichever it was.
    DECRYPT = OSKBC_E_DECRYPT;
    /// Memory is short.
    NO_MEMORY = OSKBC_E_NO_MEMORY;
    /// A bug in the library; please report it.
    INTERNAL = OSKBC_E_INTERNAL;
    /// The injected keyset needs a keyset in a file, and the file is not there.
    NO_KEYSET_FILE = OSKBC_E_NO_KEYSET_FILE;
    /// The keyset file was not sealed for the injected key.
    KEYSET_FILE_KEY = OSKBC_E_KEYSET_FILE_KEY;
    /// The keyset file was altered, or is another guest's.
    KEYSET_FILE_ALTERED = OSKBC_E_KEYSET_FILE_ALTERED;
    /// The keyset file is genuine, but not the one whose digest was injected.
    KEYSET_FILE_OLD = OSKBC_E_KEYSET_FILE_OLD;
}

impl Status {
    /// Takes a number that the library gave.
    pub(crate) fn from_raw(number: ffi::oskbc_status) -> Status {
        Status(number)
    }

    /// The number, as in `oskbc.h`; an exit status, too.
    pub fn code(self) -> i32 {
        self.0
    }

    /// The name that `oskbc.h` has for it, such as "OSKBC_E_NO_SECRET"; "unknown status" for a number of a
    /// newer library.
    pub fn name(self) -> &'static str {
        Status::NAMES
            .iter()
            .find(|(status, _)| *status == self)
            .map_or("unknown status", |(_, name)| name)
    }
}

/// The library's few words for it.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: gives a static text for every number.
        f.write_str(unsafe { text(ffi::oskbc_strerror(self.0)) })
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_up_to_the_last_has_its_name_and_a_text_of_its_own() {
        let mut texts: Vec<String> = Vec::new();
        for (number, (status, name)) in (0..).zip(Status::NAMES) {
            assert_eq!(status.code(), number);
            assert_eq!(status.name(), *name);
            assert!(!texts.contains(&status.to_string()));
            texts.push(status.to_string());
        }
        assert_eq!(Status::NAMES.len(), 19);
    }

    #[test]
    fn a_number_of_a_newer_library_is_no_panic() {
        let status = Status::from_raw(99);
        assert_eq!(status.name(), "unknown status");
        assert_eq!(format!("{:?}", status), "unknown status (99)");
        assert!(!status.to_string().is_empty());
    }
}
