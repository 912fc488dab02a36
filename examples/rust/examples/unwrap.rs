// SPDX-License-Identifier: Apache-2.0
//! The smallest agent in Rust: opens the keyset once, unwraps one annotation packet, forgets everything.
//!
//! usage: unwrap AA_KBC_PARAMS [ROOT] <packet >options

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::io::AsFd;
use std::process::ExitCode;

use oskbc::{Client, Options};

/// One byte more than the longest packet, so that the library refuses what is longer.
const PACKET_MAX: u64 = 1024 * 1024 + 1;

/// What goes out is a secret: `Stdout` would keep a copy in its buffer, a `File` has none.
fn write_all(secret: &[u8]) -> io::Result<()> {
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    output.write_all(secret)
}

fn open(params: &str, root: Option<&str>) -> Result<Client, oskbc::Error> {
    match root {
        None => Client::open(params),
        Some(directory) => Client::open_with(params, Options::new()?.set_root(directory)?),
    }
}

fn run(params: &str, root: Option<&str>) -> Result<(), Box<dyn Error>> {
    let client = open(params, root)?;
    let mut packet = Vec::new();
    io::stdin().take(PACKET_MAX).read_to_end(&mut packet)?;
    let options = client.unwrap_key(&packet)?;
    write_all(options.expose())?;
    Ok(())
}

/// A status of the library is the exit status too.
fn exit_code(error: &(dyn Error + 'static)) -> ExitCode {
    let status = error
        .downcast_ref::<oskbc::Error>()
        .map_or(1, |e| e.status().code());
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [params] => run(params, None),
        [params, root] => run(params, Some(root)),
        _ => {
            eprintln!("usage: unwrap AA_KBC_PARAMS [ROOT] <packet >options");
            return ExitCode::from(64);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("unwrap: {}", error);
            exit_code(error.as_ref())
        }
    }
}
