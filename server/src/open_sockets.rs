//! How many WebSocket connections are open.

use std::time::Duration;
use tokio::sync::watch;

/// How long somebody waits for a number of them.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub(crate) struct OpenSockets(watch::Sender<usize>);

impl OpenSockets {
    pub(crate) fn none() -> Self {
        Self(watch::Sender::new(0))
    }

    pub(crate) fn number(&self) -> usize {
        *self.0.borrow()
    }

    /// Counts one more, until what is returned is dropped.
    pub(crate) fn add(&self) -> OpenSocket {
        self.0.send_modify(|number| *number += 1);
        OpenSocket(self.clone())
    }

    /// Waits for a number of them, and returns it; the real number when that takes too long.
    pub(crate) async fn wait_for(&self, wanted: usize) -> usize {
        let mut numbers = self.0.subscribe();
        let reached = tokio::time::timeout(PATIENCE, numbers.wait_for(|number| *number == wanted)).await.is_ok();
        if reached { wanted } else { self.number() }
    }
}

/// One that counts as open for as long as this lives.
#[derive(Debug)]
pub(crate) struct OpenSocket(OpenSockets);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.0.send_modify(|number| *number -= 1);
    }
}
