// SPDX-License-Identifier: Apache-2.0
//! What `Client::unwrap_key` costs over the C function. Prints both as JSON, in nanoseconds: the least of
//! many rounds, since other load only ever adds. The rounds take turns.
//!
//! usage: cargo bench --bench unwrap -- ROOT PACKET   (a folder with a fake securityfs tree; a packet's file)

use std::env;
use std::error::Error;
use std::ffi::CString;
use std::fs;
use std::ptr;
use std::time::Instant;

use oskbc::{ffi, Client, Options};

const ROUNDS: usize = 400;
const CALLS: usize = 1000;
const PARAMS: &str = "offline_sev_kbc::null";

/// A client of the C interface.
struct Bare(*mut ffi::oskbc_client);

impl Bare {
    fn open(root: &str) -> Result<Self, Box<dyn Error>> {
        let (params, root) = (CString::new(PARAMS)?, CString::new(root)?);
        let mut options = ptr::null_mut();
        let mut client = ptr::null_mut();
        // SAFETY: texts end with a NUL, and each address receives a pointer.
        let status = unsafe {
            ffi::oskbc_options_new(&mut options);
            ffi::oskbc_options_set_root(options, root.as_ptr());
            ffi::oskbc_options_set_keep_secret(options, 1);
            let status = ffi::oskbc_client_open(params.as_ptr(), options, &mut client);
            ffi::oskbc_options_free(&mut options);
            status
        };
        match status {
            0 => Ok(Bare(client)),
            _ => Err(format!("oskbc_client_open() gives status {}", status).into()),
        }
    }

    fn unwrap(&self, packet: &[u8], out: &mut [u8]) {
        let mut length = out.len();
        // SAFETY: both buffers are as long as they say.
        let status = unsafe {
            ffi::oskbc_unwrap_key(
                self.0,
                packet.as_ptr().cast(),
                packet.len(),
                out.as_mut_ptr(),
                &mut length,
            )
        };
        assert_eq!(status, 0, "the packet has to open");
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // SAFETY: it was opened, and is not used again.
        unsafe { ffi::oskbc_client_close(&mut self.0) }
    }
}

/// Nanoseconds of one call, in one round.
fn round(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..CALLS).for_each(|_| call());
    start.elapsed().as_secs_f64() * 1e9 / CALLS as f64
}

fn measure(root: &str, packet: &[u8]) -> Result<(f64, f64), Box<dyn Error>> {
    let bare = Bare::open(root)?;
    let mut options = Options::new()?;
    options.set_root(root)?.set_keep_secret(true)?;
    let client = Client::open_with(PARAMS, &options)?;
    client.unwrap_key(packet)?;
    let mut out = vec![0; packet.len()];
    let (mut c, mut rust) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        c = c.min(round(|| bare.unwrap(packet, &mut out)));
        rust = rust.min(round(|| drop(client.unwrap_key(packet))));
    }
    Ok((c, rust))
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds an option of its own.
    let arguments: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let (c, rust) = match arguments.as_slice() {
        [root, packet] => measure(root, &fs::read(packet)?)?,
        _ => return Err("usage: cargo bench --bench unwrap -- ROOT PACKET".into()),
    };
    println!(r#"{{"c": {:.1}, "rust": {:.1}}}"#, c, rust);
    Ok(())
}
