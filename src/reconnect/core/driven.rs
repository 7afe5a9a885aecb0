//! The driver's side.

use super::{Core, Inner, LinkHandle};
use crate::reconnect::{
    EndCause,
    machine::{Action, Machine, Moment},
};
use std::{
    collections::VecDeque,
    task::{Context, Waker},
};

/// How much a link took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Whatever it was offered; there may be more.
    All,
    /// It takes no more before it wakes the driver.
    NoMoreNow,
}

impl Core {
    pub(crate) fn set_link(&self, link: Option<LinkHandle>) {
        let _before = {
            let mut inner = self.lock();
            inner.blocked = false;
            std::mem::replace(&mut inner.link, link)
        };
    }

    /// Takes out what is to be done, and tells those who track messages.
    pub(crate) fn take_actions(&self, actions: &mut VecDeque<Action>) {
        let after = {
            let mut inner = self.lock();
            let changes = inner.machine.changes();
            if inner.machine.has_actions() {
                let now = self.clock.now().at;
                while let Some(action) = inner.machine.poll_action(now) {
                    if let (Some(followers), Action::Emit(event)) = (&mut inner.followers, &action) {
                        followers.settle(event);
                    }
                    actions.push_back(action);
                }
            }
            // after what events tell
            let mut woken = inner.advance();
            let mut after = inner.after_the_drivers(changes);
            after.woken.append(&mut woken);
            after
        };
        after.conclude();
    }

    /// Hands over what may be sent, for as long as the link takes it. Returns whether somebody is to
    /// be told that a message has left, which [`take_actions`](Self::take_actions) does.
    pub(crate) fn transmit(&self, hand_over: impl FnOnce(&mut Machine) -> Taken) -> bool {
        let (tells, after) = {
            let mut inner = self.lock();
            if !inner.machine.wants_to_transmit() {
                // what is sent next must wake the driver, whatever kept it from sending before
                inner.blocked = false;
                return false;
            }
            let (before, changes) = (inner.machine.left_through(), inner.machine.changes());
            inner.blocked = hand_over(&mut inner.machine) == Taken::NoMoreNow;
            let tells = inner.is_followed() && inner.machine.left_through() != before;
            (tells, inner.after_the_drivers(changes))
        };
        after.conclude();
        tells
    }

    /// Whether there is nothing to do now; then the driver is woken when there is.
    pub(crate) fn is_idle(&self, armed: Option<Moment>, context: &mut Context<'_>) -> bool {
        let (is_idle, _replaced) = {
            let mut inner = self.lock();
            inner.armed = armed;
            match inner.has_work() {
                true => (false, None),
                false => (true, inner.driver.replace(context.waker().clone())),
            }
        };
        is_idle
    }

    /// What is left to tell when whatever drove the machine is gone.
    pub(crate) fn abandon(&self, cause: EndCause, actions: &mut VecDeque<Action>) {
        self.act(|machine| machine.abandon(cause));
        self.take_actions(actions);
    }
}

impl Inner {
    /// Tells those who follow messages what is left below the marks.
    pub(super) fn advance(&mut self) -> Vec<Waker> {
        match &mut self.followers {
            Some(followers) => followers.advance(&self.machine.progress()),
            None => Vec::new(),
        }
    }

    fn is_followed(&self) -> bool {
        self.followers.as_ref().is_some_and(|followers| !followers.is_empty())
    }
}
