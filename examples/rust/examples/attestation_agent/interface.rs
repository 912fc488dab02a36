// SPDX-License-Identifier: Apache-2.0
//! What the agent's crate `kbc` offers to its modules, said again with the standard library alone. In the
//! agent, all of this is there already.

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// Stands for `anyhow::Error`.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What `async_trait` makes of the return value of an `async fn`.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + 'a>>;

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

/// Stands for the crate `resource_uri`'s, which refuses what is no `kbs://` URI when it is made.
pub struct ResourceUri(String);

impl ResourceUri {
    pub fn new(uri: &str) -> Self {
        ResourceUri(uri.to_owned())
    }

    pub fn whole_uri(&self) -> String {
        self.0.clone()
    }
}

/// An annotation packet, parsed.
pub struct AnnotationPacket {
    pub kid: ResourceUri,
    pub wrapped_data: String,
    pub iv: String,
    pub wrap_type: String,
}

struct NoWaker;

impl Wake for NoWaker {
    fn wake(self: Arc<Self>) {}
}

/// Stands for tokio. liboskbc waits for no event, so its futures are ready when they are first asked.
pub fn wait(mut answer: Answer<'_>) -> Result<Vec<u8>, Failure> {
    let waker = Waker::from(Arc::new(NoWaker));
    match answer.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(result) => result,
        Poll::Pending => Err("the key broker client waits for an event, which nobody sends".into()),
    }
}
