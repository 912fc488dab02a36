// SPDX-License-Identifier: Apache-2.0
//! How upstream's confidential data hub calls liboskbc: a new key broker client for each request, over one
//! client of the library for all.
//!
//! usage: data_hub ROOT URI... >resources
//!
//! ROOT is `/` in a guest.

mod interface;
mod offline_sev;
#[path = "../stand_in/mod.rs"]
mod stand_in;
#[cfg(test)]
mod tests;

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::io::AsFd;
use std::process::ExitCode;

use interface::{wait, Failure, Kbc, ResourceUri};
use offline_sev::OfflineSev;
use oskbc::Options;

/// The hub's list of key broker clients, with the one entry that matters here.
fn kbc_at(root: &str) -> Result<Box<dyn Kbc>, Failure> {
    if root == "/" {
        return Ok(Box::<OfflineSev>::default());
    }
    let mut options = Options::new()?;
    options.set_root(root)?;
    Ok(Box::new(OfflineSev::with_options(options)))
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let (root, uris) = arguments
        .split_first()
        .ok_or("give a root and URIs; see the top of main.rs")?;
    // `Stdout` would keep a copy in its buffer.
    let mut out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    for uri in uris {
        let resource = wait(kbc_at(root)?.get_resource(ResourceUri::new(uri)))?;
        out.write_all(&resource)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("data_hub: {}", error);
            ExitCode::FAILURE
        }
    }
}
