// SPDX-License-Identifier: Apache-2.0
//! What the agent's crate `kbc` offers to its modules, said again. In the agent, all of this is there
//! already.

use std::collections::HashMap;

pub use crate::stand_in::{wait, Answer, Failure, ResourceUri};

/// What every key broker client of the agent implements.
pub trait KbcInterface: Send {
    /// Tells about the client's state.
    fn check(&self) -> Result<KbcCheckInfo, Failure>;
    /// Unwraps a layer's private options.
    fn decrypt_payload(&mut self, packet: AnnotationPacket) -> Answer<'_>;
    /// Gets a policy, a credential or a key.
    fn get_resource(&mut self, uri: ResourceUri) -> Answer<'_>;
}

/// What the agent keeps of a client.
pub type KbcInstance = Box<dyn KbcInterface + Sync + Send>;

/// What `check` tells.
pub struct KbcCheckInfo {
    pub kbs_info: HashMap<String, String>,
}

/// An annotation packet, parsed.
pub struct AnnotationPacket {
    pub kid: ResourceUri,
    pub wrapped_data: String,
    pub iv: String,
    pub wrap_type: String,
}
