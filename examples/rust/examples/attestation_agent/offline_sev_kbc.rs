// SPDX-License-Identifier: Apache-2.0
//! The key broker client for the agent: the file that goes there. README.md says what to change.

use std::collections::HashMap;

use oskbc::{Client, Fields, Options};

use crate::interface::{
    AnnotationPacket, Answer, Failure, KbcCheckInfo, KbcInterface, ResourceUri,
};

/// Opens the keyset at the first request, because a guest with plain images only has none, and keeps it,
/// because it can be read once per boot. After a failure the next request tries again.
pub struct OfflineSevKbc {
    aa_kbc_params: String,
    options: Option<Options>,
    client: Option<Client>,
}

impl OfflineSevKbc {
    /// `uri` is what comes after the two colons of `aa_kbc_params`.
    pub fn new(uri: &str) -> Self {
        OfflineSevKbc {
            aa_kbc_params: format!("offline_sev_kbc::{}", uri),
            options: None,
            client: None,
        }
    }

    /// For tests, which have a root of their own.
    pub fn with_options(uri: &str, options: Options) -> Self {
        OfflineSevKbc {
            options: Some(options),
            ..Self::new(uri)
        }
    }

    fn client(&mut self) -> Result<&Client, oskbc::Error> {
        match self.client {
            Some(ref client) => Ok(client),
            None => {
                let client = self.open()?;
                Ok(self.client.insert(client))
            }
        }
    }

    fn open(&self) -> Result<Client, oskbc::Error> {
        match &self.options {
            Some(options) => Client::open_with(&self.aa_kbc_params, options),
            None => Client::open(&self.aa_kbc_params),
        }
    }
}

/// The interface wants plain vectors, so wiping what it gets is the agent's.
impl KbcInterface for OfflineSevKbc {
    fn check(&self) -> Result<KbcCheckInfo, Failure> {
        let keys = self
            .client
            .as_ref()
            .map_or("not opened".to_owned(), |c| c.key_count().to_string());
        Ok(KbcCheckInfo {
            kbs_info: HashMap::from([("keys".to_owned(), keys)]),
        })
    }

    fn decrypt_payload(&mut self, packet: AnnotationPacket) -> Answer<'_> {
        Box::pin(async move {
            let secret = self.client()?.unwrap_fields(&Fields {
                kid: &packet.kid.whole_uri(),
                wrap_type: &packet.wrap_type,
                iv: &packet.iv,
                wrapped_data: &packet.wrapped_data,
            })?;
            Ok(secret.expose().to_vec())
        })
    }

    fn get_resource(&mut self, uri: ResourceUri) -> Answer<'_> {
        Box::pin(async move {
            let secret = self.client()?.get_resource(&uri.whole_uri())?;
            Ok(secret.expose().to_vec())
        })
    }
}
