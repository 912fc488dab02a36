// SPDX-License-Identifier: Apache-2.0
//! What the hub's crate `kms` offers to its key broker clients, said again. In the hub, all of this is there
//! already.

pub use crate::stand_in::{wait, Answer, Failure, ResourceUri};

/// What every key broker client of the hub implements.
pub trait Kbc: Send + Sync {
    /// Gets a policy, a credential or a key.
    fn get_resource(&mut self, uri: ResourceUri) -> Answer<'_>;
}
