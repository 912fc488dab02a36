// SPDX-License-Identifier: Apache-2.0
//! How upstream's attestation agent calls liboskbc: finds a key broker client by the name in
//! `aa_kbc_params`, keeps it, and hands it the packet that a container client sent.
//!
//! usage: attestation_agent AA_KBC_PARAMS ROOT KID WRAPPED_DATA IV WRAP_TYPE >options
//!        attestation_agent AA_KBC_PARAMS ROOT URI >resource
//!
//! ROOT is `/` in a guest.

mod interface;
mod modules;
mod offline_sev_kbc;
#[path = "../stand_in/mod.rs"]
mod stand_in;
#[cfg(test)]
mod tests;

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::io::AsFd;
use std::process::ExitCode;

use interface::{wait, AnnotationPacket, Failure, KbcInstance, ResourceUri};

fn answer(kbc: &mut KbcInstance, request: &[String]) -> Result<Vec<u8>, Failure> {
    match request {
        [kid, wrapped_data, iv, wrap_type] => wait(kbc.decrypt_payload(AnnotationPacket {
            kid: ResourceUri::new(kid),
            wrapped_data: wrapped_data.clone(),
            iv: iv.clone(),
            wrap_type: wrap_type.clone(),
        })),
        [uri] => wait(kbc.get_resource(ResourceUri::new(uri))),
        _ => Err("give a packet's four values, or a URI; see the top of main.rs".into()),
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let (params, root, request) = match arguments {
        [params, root, request @ ..] => (params, root, request),
        _ => return Err("give aa_kbc_params, a root and a request; see the top of main.rs".into()),
    };
    let mut kbc = modules::instantiate(params, root)?;
    let secret = answer(&mut kbc, request)?;
    eprintln!("kbs_info: {:?}", kbc.check()?.kbs_info);
    // `Stdout` would keep a copy in its buffer.
    File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(&secret)?;
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("attestation_agent: {}", error);
            ExitCode::FAILURE
        }
    }
}
