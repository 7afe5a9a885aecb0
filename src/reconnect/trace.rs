//! What the feature `tracing` tells. Nothing that may hold a secret: errors show URLs without
//! their queries, and messages are never shown.

use super::Event;

#[cfg(feature = "tracing")]
pub(crate) fn event(event: &Event) {
    match event {
        Event::State(state) => tracing::debug!(target: "eversocket", %state, "state"),
        Event::Interrupted(interruption) => tracing::info!(
            target: "eversocket",
            failure = %interruption.failure,
            unsent = interruption.unsent.len(),
            unknown = interruption.unknown.len(),
            "interrupted"
        ),
        Event::Gap(gap) => tracing::info!(target: "eversocket", away = ?gap.away, "open again"),
        Event::Dropped(dropped) => tracing::warn!(
            target: "eversocket",
            reason = %dropped.reason,
            messages = dropped.messages.len(),
            "messages dropped"
        ),
        Event::Ended(ended) => tracing::info!(
            target: "eversocket",
            cause = %ended.cause,
            unsent = ended.unsent.len(),
            unknown = ended.unknown.len(),
            "ended"
        ),
        Event::Message(_) => {}
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn event(_event: &Event) {}
