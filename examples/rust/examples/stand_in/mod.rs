// SPDX-License-Identifier: Apache-2.0
//! What upstream's crates bring to both of its programs, said again with the standard library alone.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// Stands for `anyhow::Error`.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What `async_trait` makes of the return value of an `async fn`.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send + 'a>>;

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
