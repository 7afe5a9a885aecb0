//! What surrounds the program: nobody tells.

use crate::platform::Change;
use std::task::{Context, Poll};

/// Says nothing: outside browsers nothing portable tells of the network, and a program is not
/// hidden or frozen as a page is.
pub(crate) struct Environment(());

impl Environment {
    pub(crate) fn listen() -> Self {
        Self(())
    }

    /// Never ready.
    pub(crate) fn poll_change(&mut self, _context: &mut Context<'_>) -> Poll<Change> {
        Poll::Pending
    }
}
