//! The book by itself, and under random schedules.

use super::*;
use crate::Message;
use futures::task::noop_waker;
#[cfg(not(target_arch = "wasm32"))]
use proptest::prelude::*;
#[cfg(not(target_arch = "wasm32"))]
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
};

fn cause() -> EndCause {
    EndCause::Closed { close: None }
}

/// Enters a call, which has its turn.
fn enter(book: &mut Book<&'static str>) -> u64 {
    let id = book.issue();
    let waker = noop_waker();
    let (entered, _wakers) = book.poll_enter(id, &mut Place::default(), &Context::from_waker(&waker));
    assert!(entered.is_ready());
    id
}

fn leave<A>(book: &mut Book<A>, id: u64) -> Option<A> {
    book.leave(id, &mut Place::default()).answer
}

fn is_answered<A>(book: &mut Book<A>, id: u64) -> bool {
    book.poll_answered(id, &Context::from_waker(&noop_waker())).0.is_ready()
}

#[test]
fn each_answer_goes_to_its_call_once() {
    let mut book = Book::default();
    let [first, second] = [(); 2].map(|()| enter(&mut book));
    assert!(matches!(book.answered(second, "b"), Arrival::Taken(Some(_))));
    assert!(matches!(book.answered(second, "again"), Arrival::Late("again")));
    assert!(!is_answered(&mut book, first) && is_answered(&mut book, second));
    assert_eq!(leave(&mut book, second), Some("b"));
    assert!(matches!(book.answered(second, "later"), Arrival::Late("later")));
    assert_eq!((leave(&mut book, second), leave(&mut book, first), book.len()), (None, None, 0));
}

#[test]
fn an_id_that_was_never_given_is_nobodys_here() {
    let mut book = Book::default();
    assert_eq!(book.answered(1, "a").same(), Arrival::Foreign);
    let id = enter(&mut book);
    assert_eq!(book.answered(0, "a").same(), Arrival::Foreign);
    assert_eq!(book.answered(id + 1, "a").same(), Arrival::Foreign);
}

impl<A> Arrival<A> {
    /// Without the waker, which compares with nothing.
    fn same(self) -> Arrival<A, ()> {
        match self {
            Self::Taken(waker) => Arrival::Taken(waker.map(drop)),
            Self::Late(answer) => Arrival::Late(answer),
            Self::Foreign => Arrival::Foreign,
        }
    }
}

#[test]
fn what_was_not_sent_at_all_is_told_as_that() {
    let mut course = Course { retries: 3, ..Course::default() };
    let expired = Outcome::NotSent(DropReason::Expired);
    assert_eq!(course.settled(expired, None), Next::Fail(RequestError::NotSent(DropReason::Expired)));
    let ended = course.settled(Outcome::NotSent(DropReason::Ended), Some(cause()));
    assert_eq!(ended, Next::Fail(RequestError::Ended { cause: cause(), sent: false }));
    let refused = SendError::Ended { message: Box::new(Message::from("a")) };
    assert_eq!(course.refused(refused.clone(), Some(cause())), RequestError::Refused(refused));
    assert!(course.timed_out(false).is_unsent() && !course.timed_out(true).is_unsent());
}

#[test]
fn what_may_have_been_executed_once_is_never_called_unsent() {
    let mut course = Course { retries: 1, ..Course::default() };
    assert_eq!(course.settled(Outcome::Reached, None), Next::SendAgain);
    let expired = course.settled(Outcome::NotSent(DropReason::Expired), None);
    assert_eq!(expired, Next::Fail(RequestError::Interrupted { reached: true }));
    assert_eq!(course.timed_out(false), RequestError::TimedOut { sent: true });
    let full = SendError::QueueFull { messages: 1, bytes: 1, message: Box::new(Message::from("a")) };
    assert_eq!(course.refused(full, None), RequestError::Interrupted { reached: true });
    let closed = SendError::Ended { message: Box::new(Message::from("a")) };
    assert_eq!(course.refused(closed, Some(cause())), RequestError::Ended { cause: cause(), sent: true });
    let ended = course.settled(Outcome::NotSent(DropReason::Ended), Some(cause()));
    assert_eq!(ended, Next::Fail(RequestError::Ended { cause: cause(), sent: true }));
    // what reached the peer the first time has done so
    assert_eq!(course.settled(Outcome::Unknown, None), Next::Fail(RequestError::Interrupted { reached: true }));
}

#[test]
fn the_end_is_no_reason_to_send_again() {
    let mut course = Course { retries: 1, ..Course::default() };
    let ended = course.settled(Outcome::Unknown, Some(cause()));
    assert_eq!(ended, Next::Fail(RequestError::Ended { cause: cause(), sent: true }));
}

#[cfg(not(target_arch = "wasm32"))]
#[derive(Default)]
struct Flag(AtomicBool);

#[cfg(not(target_arch = "wasm32"))]
impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A call as its future keeps it.
#[cfg(not(target_arch = "wasm32"))]
struct Paper {
    id: u64,
    place: Place,
    flag: Arc<Flag>,
    entered: bool,
    /// What came of its last poll, and whether it was woken since.
    answers: Vec<u64>,
}

#[cfg(not(target_arch = "wasm32"))]
impl Paper {
    fn poll(&mut self, book: &mut Book<u64>) {
        self.flag.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(self.flag.clone());
        let context = Context::from_waker(&waker);
        if !self.entered {
            let (ready, [_, next]) = book.poll_enter(self.id, &mut self.place, &context);
            self.entered = ready.is_ready();
            next.into_iter().for_each(Waker::wake);
        }
    }

    fn is_woken(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone)]
enum Step {
    Call,
    Poll(usize),
    Answer(u64),
    Drop(usize),
    Limit(usize),
}

#[cfg(not(target_arch = "wasm32"))]
fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Call),
        3 => any::<usize>().prop_map(Step::Poll),
        4 => (0..60_u64).prop_map(Step::Answer),
        1 => any::<usize>().prop_map(Step::Drop),
        1 => (1..5_usize).prop_map(Step::Limit),
    ]
}

#[cfg(not(target_arch = "wasm32"))]
proptest! {
    /// Each call has at most its own answer, none is forgotten, none is in before its turn, and nothing is kept.
    #[test]
    fn random_schedules(steps in proptest::collection::vec(step(), 1..120)) {
        let mut book = Book::default();
        let mut calls: Vec<Paper> = Vec::new();
        let (mut issued, mut limit, mut answers) = (0, usize::MAX, 0);
        let mut entered = Vec::new();
        for step in steps {
            match step {
                Step::Call => {
                    let id = book.issue();
                    prop_assert!(id > issued, "ids are never used again");
                    issued = id;
                    let (place, flag) = (Place::default(), Arc::default());
                    let mut call = Paper { id, place, flag, entered: false, answers: Vec::new() };
                    call.poll(&mut book);
                    if call.entered {
                        entered.push(id);
                    }
                    calls.push(call);
                }
                Step::Poll(index) if !calls.is_empty() => {
                    let index = index % calls.len();
                    let call = &mut calls[index];
                    let before = call.entered;
                    call.poll(&mut book);
                    if call.entered && !before {
                        entered.push(call.id);
                    }
                    let waker = Waker::from(call.flag.clone());
                    let answered = book.poll_answered(call.id, &Context::from_waker(&waker)).0.is_ready();
                    prop_assert_eq!(answered, !call.answers.is_empty());
                    if answered {
                        let mut call = calls.remove(index);
                        let left = book.leave(call.id, &mut call.place);
                        prop_assert_eq!(left.answer.into_iter().collect::<Vec<_>>(), call.answers);
                        left.next.into_iter().for_each(Waker::wake);
                    }
                }
                Step::Answer(id) => {
                    answers += 1;
                    let call = calls.iter_mut().find(|call| call.id == id);
                    match book.answered(id, answers) {
                        Arrival::Taken(waker) => {
                            let call = call.expect("it is under way");
                            prop_assert!(call.entered && call.answers.is_empty());
                            call.answers.push(answers);
                            waker.into_iter().for_each(Waker::wake);
                            prop_assert!(call.is_woken());
                        }
                        Arrival::Late(late) => {
                            prop_assert_eq!(late, answers);
                            prop_assert!(id <= issued);
                            prop_assert!(call.is_none_or(|call| !call.entered || !call.answers.is_empty()));
                        }
                        Arrival::Foreign => prop_assert!(id == 0 || id > issued),
                    }
                }
                Step::Drop(index) if !calls.is_empty() => {
                    let mut call = calls.remove(index % calls.len());
                    let left = book.leave(call.id, &mut call.place);
                    left.next.into_iter().for_each(Waker::wake);
                    drop(left.wakers);
                    prop_assert_eq!(Arc::strong_count(&call.flag), 1, "its task is kept");
                }
                Step::Limit(at_once) => {
                    limit = at_once;
                    book.set_limit(limit).into_iter().for_each(Waker::wake);
                }
                Step::Poll(_) | Step::Drop(_) => {}
            }
            let inside = calls.iter().filter(|call| call.entered).count();
            prop_assert_eq!(book.len(), inside);
            let waits = calls.iter().find(|call| !call.entered);
            if let Some(first) = waits {
                prop_assert!(inside >= limit || first.is_woken(), "there is room for one who sleeps");
            }
            prop_assert!(entered.is_sorted(), "one was in before its turn");
        }
    }
}
