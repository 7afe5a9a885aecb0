//! Runs the machine: gives it what happens, and does what it says. The same on all targets.

mod link;

use super::{
    EndCause, Event, Failure,
    clock::Alarm,
    core::Core,
    credentials::{Answer, Authenticate},
    endpoint::{Carried, Endpoint, Offer, Provide, Provided},
    event::Letter,
    heartbeat::Heartbeat,
    machine::{Action, Machine, Moment, Now, Question, Request},
    policy::Retrying,
    session::{Greet, Greeting},
};
use crate::{
    Message,
    mailbox::HoldsMailbox,
    platform::{BoxFuture, Environment},
};
use futures::FutureExt;
pub(crate) use link::LinkOptions;
use link::{End, Link};
use std::{
    cell::Cell,
    collections::VecDeque,
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
};

/// How often the driver goes round before other tasks get a turn.
const ROUNDS: usize = 64;

/// Where the endpoint of an attempt comes from.
pub(crate) enum Provider {
    Fixed(Endpoint),
    Asked(Box<dyn Provide>),
}

/// What the user set.
pub(crate) struct Hooks {
    pub(crate) provider: Provider,
    pub(crate) credentials: Option<Box<dyn Authenticate>>,
    pub(crate) session: Option<Box<dyn Greet>>,
    pub(crate) heartbeat: Option<Heartbeat>,
    pub(crate) retrying: Retrying,
    pub(crate) link: LinkOptions,
}

pub(crate) struct Driver {
    core: Arc<Core>,
    hooks: Hooks,
    environment: Option<Environment>,
    providing: Option<(u64, BoxFuture<Provided>)>,
    /// What was provided for the attempt that goes on.
    endpoint: Option<Endpoint>,
    /// The token that was carried last.
    carried: Option<Carried>,
    attempt: u32,
    link: Option<Link>,
    /// A session handshake that goes on, and its generation.
    session: Option<(u64, Box<dyn Greeting>)>,
    /// What arrived during a session handshake that did not read it, on its way to the owner.
    leftover: Vec<Message>,
    alarm: Option<(Moment, Alarm)>,
    /// What time it is, where it has been looked up.
    now: Cell<Option<Now>>,
    actions: VecDeque<Action>,
    /// What a look at the link brought for the owner; empty between looks.
    batch: VecDeque<Letter>,
    /// The owner does not read.
    stalled: bool,
    /// The end of the link, not told yet.
    end: Option<End>,
    finished: bool,
}

impl Driver {
    pub(crate) fn new(core: Arc<Core>, hooks: Hooks, listens: bool) -> Self {
        Self {
            core,
            hooks,
            environment: listens.then(Environment::listen),
            providing: None,
            endpoint: None,
            carried: None,
            attempt: 0,
            link: None,
            session: None,
            leftover: Vec::new(),
            alarm: None,
            now: Cell::new(None),
            actions: VecDeque::new(),
            batch: VecDeque::new(),
            stalled: false,
            end: None,
            finished: false,
        }
    }

    /// Drives to the end.
    pub(crate) async fn run(mut self) {
        // a runtime without timers panics at the first, which no function of the user's did
        if std::panic::catch_unwind(AssertUnwindSafe(|| self.core.clock().alarm(Moment::default()))).is_err() {
            return;
        }
        poll_fn(|context| self.poll(context)).await;
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS {
            self.now.set(None);
            // news of the network first: what else happened may be its consequence
            let mut busy = self.poll_environment(context);
            busy |= self.poll_provider(context);
            busy |= self.poll_link(context);
            busy |= self.poll_session(context);
            busy |= self.poll_alarm(context);
            busy |= self.perform();
            busy |= self.transmit(context);
            if self.finished {
                return Poll::Ready(());
            }
            if !busy && self.core.is_idle(self.alarm.as_ref().map(|(at, _)| *at), context) {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Looked up once a round until the machine's orders are carried out, which takes as long as it
    /// takes: in a browser it costs as much as all else that a message costs here.
    fn now(&self) -> Now {
        let now = self.now.get().unwrap_or_else(|| self.core.clock().now());
        self.now.set(Some(now));
        now
    }

    fn tell<R>(&self, input: impl FnOnce(&mut Machine, Now) -> R) -> R {
        let now = self.now();
        self.core.act(|machine| input(machine, now))
    }

    fn poll_environment(&mut self, context: &mut Context<'_>) -> bool {
        let Some(environment) = &mut self.environment else { return false };
        let Poll::Ready(change) = environment.poll_change(context) else { return false };
        self.tell(|machine, now| machine.changed(change, now));
        true
    }

    fn poll_provider(&mut self, context: &mut Context<'_>) -> bool {
        let Some((generation, answer)) = &mut self.providing else { return false };
        let (generation, Poll::Ready(provided)) = (*generation, answer.as_mut().poll(context)) else { return false };
        self.providing = None;
        self.provided(generation, provided);
        true
    }

    fn poll_session(&mut self, context: &mut Context<'_>) -> bool {
        let Some((generation, greeting)) = &mut self.session else { return false };
        let (generation, Poll::Ready(result)) = (*generation, greeting.poll(context)) else {
            // it may have read what kept the link from being read
            return self.stalled && !self.hooks.link.is_too_much(greeting.bytes());
        };
        if let Some((_, greeting)) = self.session.take() {
            let rest = greeting.end();
            if result.is_ok() {
                self.leftover = rest;
            }
        }
        self.tell(|machine, now| machine.handshaken(generation, result, now));
        true
    }

    fn poll_alarm(&mut self, context: &mut Context<'_>) -> bool {
        let Some(deadline) = self.core.look(Machine::next_deadline) else {
            self.alarm = None;
            return false;
        };
        // an alarm that is set for it tells soon enough; only who knows the time anyway is sooner
        let is_set = self.alarm.as_ref().is_some_and(|(at, _)| *at <= deadline);
        if (!is_set || self.now.get().is_some()) && deadline <= self.now().at {
            let transport = self.link.as_ref().map(Link::transport).unwrap_or_default();
            self.tell(|machine, now| {
                machine.note_transport(transport);
                machine.handle_timeout(now);
            });
            return true;
        }
        // one that rings too early does no harm, and spares making another for each change
        if self.alarm.as_ref().is_none_or(|(at, _)| deadline < *at) {
            self.alarm = Some((deadline, self.core.clock().alarm(deadline)));
        }
        let rang = self.alarm.as_mut().is_some_and(|(_, alarm)| alarm.poll_unpin(context).is_ready());
        if rang {
            self.alarm = None;
        }
        rang
    }

    /// Does what the machine says; whether there was anything.
    fn perform(&mut self) -> bool {
        self.now.set(None);
        self.core.take_actions(&mut self.actions);
        let busy = !self.actions.is_empty();
        while let Some(action) = self.actions.pop_front() {
            match action {
                Action::Provide(request) => self.provide(&request),
                Action::Connect { generation } => self.connect(generation),
                Action::Handshake { generation } => self.greet(generation),
                Action::Probe { number } => self.probe(number),
                Action::Decide(question) => self.decide(&question),
                Action::CloseLink(frame) => {
                    self.leave_session();
                    if let Some(link) = &self.link {
                        link.close(frame);
                    }
                }
                Action::Detach(detach) => {
                    self.providing = None;
                    self.leave_session();
                    self.core.set_link(None);
                    if let Some(link) = self.link.take() {
                        link.let_go(detach);
                    }
                }
                Action::Emit(event) => self.emit(event),
            }
        }
        // after what tells that messages flow
        for message in std::mem::take(&mut self.leftover) {
            if let Some(message) = self.unanswering(message) {
                self.core.mailbox().deliver(Letter::Message(message));
            }
        }
        busy
    }

    /// Asks the user's policy and delays, where no lock is held: they may use handles of the socket.
    fn decide(&mut self, question: &Question) {
        let now = self.core.clock().now();
        let ruling = self.hooks.retrying.rule(question, now.wall);
        self.core.act(|machine| machine.decided(question.generation, ruling, now));
    }

    fn emit(&mut self, event: Event) {
        super::trace::event(&event);
        self.finished |= event.is_last();
        self.core.mailbox().deliver(event.into());
    }

    /// Asks for the endpoint, and for a token to put into it.
    fn provide(&mut self, request: &Request) {
        self.attempt = request.attempt;
        let answer = match &mut self.hooks.provider {
            Provider::Fixed(endpoint) => Answer::Known(endpoint.clone()),
            Provider::Asked(provider) => Answer::Awaited(provider.provide(request, self.core.resume_token())),
        };
        let answer = match (answer, &self.hooks.credentials) {
            (Answer::Known(endpoint), None) => {
                return self.provided(request.generation, Ok(Offer { endpoint, token: None }));
            }
            (Answer::Awaited(answer), None) => answer,
            (answer, Some(credentials)) => {
                let refused = self.carried.filter(|_| request.refresh).map(|token| token.version);
                credentials.apply(answer, refused, self.core.clock().clone())
            }
        };
        self.providing = Some((request.generation, answer));
    }

    fn provided(&mut self, generation: u64, provided: Provided) {
        let result = provided.map(|Offer { endpoint, token }| {
            self.endpoint = Some(endpoint);
            self.carried = token;
            token.and_then(|token| token.expires_at)
        });
        self.tell(|machine, now| machine.provided(generation, result, now));
    }

    fn greet(&mut self, generation: u64) {
        let (Some(hook), Some(link)) = (&mut self.hooks.session, &self.link) else { return };
        let greeting = hook.greet(link.handle().clone(), self.attempt, self.core.resume_token());
        self.session = Some((generation, greeting));
    }

    fn leave_session(&mut self) {
        if let Some((_, greeting)) = self.session.take() {
            let _unread = greeting.end();
        }
    }
}

/// The runtime is shut down, or a function of the user's panicked: the socket ends nevertheless.
impl Drop for Driver {
    fn drop(&mut self) {
        self.leave_session();
        if !self.finished {
            let cause = if std::thread::panicking() { EndCause::Panicked } else { EndCause::RuntimeGone };
            self.core.abandon(cause, &mut self.actions);
            let actions = std::mem::take(&mut self.actions);
            for action in actions {
                if let Action::Emit(event) = action {
                    self.emit(event);
                }
            }
        }
    }
}
