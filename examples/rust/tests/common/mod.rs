// SPDX-License-Identifier: Apache-2.0
//! A fake securityfs tree, and what is found in it. The keys are throw-away test keys.

#![allow(dead_code)] // no test needs all of it

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use oskbc::{Client, Error, Fields, Options};

pub const PARAMS: &str = "offline_sev_kbc::null";

pub const KEYSET: &str = r#"{
  "key_id1": "lBHfgL6DIg4WhFQJRQoBQMjsnK/ewysO+ZFQl9zRvoQ=",
  "default/key/1": "lBHfgL6DIg4WhFQJRQoBQMjsnK/ewysO+ZFQl9zRvoQ=",
  "default/key/2": "4JRltR/IZJJfxPzMMFP5WgEL+756koYqK5Qmm0gwSKk=",
  "default/policy/1": "YSBwb2xpY3kgb2YgdGhlIG93bmVy"
}"#;

/// What the packets below unwrap to with `key_id1`, and the policy of the keyset.
pub const PLAIN: &[u8] = br#"{"symkey":"bm90aGluZyB0byBoaWRlLCB3aXBlIGFueXdheQ=="}"#;
pub const POLICY: &[u8] = b"a policy of the owner";

pub const WRAPPED: &str =
    "pCE/xa9odZtMgeSi+fDoECtKmm8kT1fSEGxV+DG8VHReSxjQEVy8L6T8HUWxbij75VGtaEleNPIDTLQS+YKdTYOGGdSR";
pub const IV: &str = "CrMGgjA1Zhu426Ic";
const WRAPPED_CTR: &str =
    "TeHi56eKTaYpBhcWA/b2/d065LzkgYx0M0Zzpo9ssUyPh/ps098wYLo/+w8Djlg/GeRIwmg=";
const IV_CTR: &str = "CrMGgjA1Zhu426IcwlNSMQ==";

fn packet(kid: &str, wrapped: &str, iv: &str, wrap_type: &str) -> Vec<u8> {
    format!(
        r#"{{"kid":"{}","wrapped_data":"{}","iv":"{}","wrap_type":"{}"}}"#,
        kid, wrapped, iv, wrap_type
    )
    .into_bytes()
}

pub fn gcm_packet(kid: &str) -> Vec<u8> {
    packet(kid, WRAPPED, IV, "A256GCM")
}

pub fn gcm_fields(kid: &str) -> Fields<'_> {
    Fields {
        kid,
        wrap_type: "A256GCM",
        iv: IV,
        wrapped_data: WRAPPED,
    }
}

pub fn ctr_packet(kid: &str) -> Vec<u8> {
    packet(kid, WRAPPED_CTR, IV_CTR, "A256CTR")
}

/// Bytes as the key provider protocol has them in answers, and early clients in requests.
pub fn numbers(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    format!("[{}]", numbers.join(","))
}

pub fn keyunwrap_request(packet: &[u8]) -> Vec<u8> {
    format!(
        r#"{{"op":"keyunwrap","keyunwrapparams":{{"dc":null,"annotation":{}}}}}"#,
        numbers(packet)
    )
    .into_bytes()
}

/// A folder of its own that stands for `/`. It goes away with the object.
pub struct FakeTree {
    root: PathBuf,
}

impl FakeTree {
    /// The folder of the secrets, with nothing in it.
    pub fn empty() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("oskbc-rust.{}.{}", process::id(), number);
        let tree = FakeTree {
            root: env::temp_dir().join(name),
        };
        fs::create_dir_all(tree.secrets()).expect("a folder for the secrets");
        tree
    }

    pub fn with_keyset(text: &str) -> Self {
        let tree = Self::empty();
        tree.inject(text);
        tree
    }

    pub fn inject(&self, text: &str) {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o444)
            .open(self.keyset_file())
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .expect("a keyset");
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn root_text(&self) -> &str {
        self.root.to_str().expect("a temporary folder in UTF-8")
    }

    pub fn secrets(&self) -> PathBuf {
        self.root.join("sys/kernel/security/secrets/coco")
    }

    pub fn keyset_file(&self) -> PathBuf {
        self.secrets().join("e6f5a162-d67f-4750-a67c-5d065f2a9910")
    }

    pub fn options(&self) -> Options {
        let mut options = Options::new().expect("options");
        options.set_root(&self.root).expect("a root");
        options
    }

    pub fn open(&self) -> Result<Client, Error> {
        Client::open_with(PARAMS, &self.options())
    }
}

impl Drop for FakeTree {
    fn drop(&mut self) {
        // What is left behind in the temporary folder fails no test.
        let _ = fs::remove_dir_all(&self.root);
    }
}
