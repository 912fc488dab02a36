// SPDX-License-Identifier: Apache-2.0
//! The agent's list of key broker clients, with the one entry that matters here.

use oskbc::Options;

use crate::interface::{Failure, KbcInstance};
use crate::offline_sev_kbc::OfflineSevKbc;

/// `aa_kbc_params` is the client's name, two colons, and a URI for it.
pub fn instantiate(aa_kbc_params: &str, root: &str) -> Result<KbcInstance, Failure> {
    match aa_kbc_params.split_once("::") {
        Some(("offline_sev_kbc", uri)) => Ok(Box::new(offline_sev_kbc(uri, root)?)),
        Some((name, _)) => Err(format!("there is no key broker client {} here", name).into()),
        None => Err("aa_kbc_params is a name, two colons, and a URI".into()),
    }
}

fn offline_sev_kbc(uri: &str, root: &str) -> Result<OfflineSevKbc, oskbc::Error> {
    if root == "/" {
        return Ok(OfflineSevKbc::new(uri));
    }
    let mut options = Options::new()?;
    options.set_root(root)?;
    Ok(OfflineSevKbc::with_options(uri, options))
}
