// SPDX-License-Identifier: Apache-2.0
//! The key broker client for the hub: the file that goes there. README.md says what to change.

use std::sync::{Arc, Mutex, PoisonError};

use oskbc::{Client, Options};

use crate::interface::{Answer, Kbc, ResourceUri};

/// The hub makes a new `OfflineSev` for each request, and the keyset can be read once per boot. Nothing is kept
/// of a failure: the next request tries again.
static CLIENT: Mutex<Option<Arc<Client>>> = Mutex::new(None);

/// What the hub makes for a request.
#[derive(Default)]
pub struct OfflineSev {
    options: Option<Options>,
}

impl OfflineSev {
    /// For tests, which have a root of their own.
    pub fn with_options(options: Options) -> Self {
        OfflineSev {
            options: Some(options),
        }
    }

    /// Who waits here waits for the one that opens; unwrapping and copying are done outside.
    fn client(&self) -> Result<Arc<Client>, oskbc::Error> {
        let mut kept = CLIENT.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(client) => Ok(Arc::clone(client)),
            None => Ok(Arc::clone(kept.insert(Arc::new(self.open()?)))),
        }
    }

    fn open(&self) -> Result<Client, oskbc::Error> {
        const PARAMS: &str = "offline_sev_kbc::null";
        match &self.options {
            Some(options) => Client::open_with(PARAMS, options),
            None => Client::open(PARAMS),
        }
    }
}

/// The interface wants plain vectors, so wiping what it gets is the hub's.
impl Kbc for OfflineSev {
    fn get_resource(&mut self, uri: ResourceUri) -> Answer<'_> {
        Box::pin(async move {
            let secret = self.client()?.get_resource(&uri.whole_uri())?;
            Ok(secret.expose().to_vec())
        })
    }
}
