//! Events that wait to be read, bounded by what they weigh.

use crate::{Event, event::EventKind};
use std::collections::VecDeque;

pub(crate) struct Inbox {
    events: VecDeque<Event>,
    weight: usize,
    capacity: usize,
}

impl Inbox {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { events: VecDeque::new(), weight: 0, capacity }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether something of this cost exceeds the bound. An empty inbox takes anything: what
    /// a single message may weigh is another limit.
    pub(crate) fn is_full(&self, cost: usize) -> bool {
        self.weight > 0 && self.weight.saturating_add(cost) > self.capacity
    }

    pub(crate) fn is_half_empty(&self) -> bool {
        self.weight <= self.capacity / 2
    }

    pub(crate) fn extend(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.weight += event.cost();
            self.events.push_back(event);
        }
    }

    /// Moves all into an empty queue, whose room is used for what comes next.
    pub(crate) fn take_all(&mut self, taken: &mut VecDeque<Event>) {
        debug_assert!(taken.is_empty());
        std::mem::swap(&mut self.events, taken);
        self.weight = 0;
    }

    /// Takes out the first event of a kind that is wanted.
    pub(crate) fn take_first(&mut self, wanted: impl Fn(EventKind) -> bool) -> Option<Event> {
        let index = self.events.iter().position(|event| wanted(event.kind()))?;
        let event = self.events.remove(index)?;
        self.weight -= event.cost();
        Some(event)
    }
}
