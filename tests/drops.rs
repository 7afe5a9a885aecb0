//! The proof of what is promised of messages: a thousand connections are reset while a steady
//! stream of numbered texts is sent. No text is lost unless it was named as of unknown fate, none
//! arrives twice, and all keep their order.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "support/mod.rs"]
mod support;

use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, EndCause, Ended, Event, Handle, Heartbeat, Outcome, Sequences, Tracked},
};
use futures::future::{Either, select};
use std::collections::{HashSet, VecDeque};
use support::{reconnecting::*, *};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const DROPS: usize = 1_000;

/// How many texts are sent at once, and how many such batches may be under way: the fate of the
/// older one is known before a third is sent.
const BATCH: usize = 8;
const BATCHES: usize = 2;

const BEAT: &str = "beat";

/// What the events told.
#[derive(Default)]
struct Told {
    drops: usize,
    sent: u64,
    echoed: HashSet<u64>,
    unknown: HashSet<u64>,
    /// Reported as dropped, or given back at the end.
    reported: HashSet<u64>,
    /// The last of each batch whose fate is not known yet.
    under_way: VecDeque<Tracked>,
    /// How many batches are known to have arrived.
    confirmed: usize,
}

impl Told {
    fn add_unknown(&mut self, unknown: &Sequences) {
        for number in numbers(unknown) {
            assert!(self.unknown.insert(number), "{number} is unknown twice");
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Message(message) => {
                let number: u64 = message.as_text().and_then(|text| text.parse().ok()).expect("a number");
                assert!(self.echoed.insert(number), "{number} came back twice");
            }
            Event::Interrupted(interruption) => {
                self.drops += 1;
                self.add_unknown(&interruption.unknown);
            }
            Event::Dropped(dropped) => self.reported.extend(numbers(&dropped.messages)),
            Event::State(_) | Event::Gap(_) => {}
            other => panic!("{other:?} before the end"),
        }
    }

    fn hear_end(&mut self, ended: &Ended) {
        assert!(matches!(ended.cause, EndCause::Closed { .. }), "{ended:?}");
        self.add_unknown(&ended.unknown);
        self.reported.extend(ended.unsent.iter().map(|(number, _)| number.get()));
    }

    /// Sends until enough is under way.
    fn fill(&mut self, handle: &Handle) {
        while self.under_way.len() < BATCHES {
            for _ in 1..BATCH {
                handle.send(self.next()).expect("accepted");
            }
            let tracked = handle.send_tracked(self.next()).expect("accepted");
            assert_eq!(tracked.sequence_number().get(), self.sent, "numbers have no gaps");
            self.under_way.push_back(tracked);
        }
    }

    fn next(&mut self) -> String {
        self.sent += 1;
        self.sent.to_string()
    }
}

rules! {
    async fn a_thousand_drops_lose_nothing_unreported_and_double_nothing() {
        let id = unique();
        let url = url(&format!("/stream?id={id}&drop-after=1-80&seed=7&echo=1"));
        // what its answers confirm is never told as unknown; the server records it as a text among the
        // others
        let is_answer = |answer: &eversocket::Message| answer.as_text() == Some(BEAT);
        let heartbeat = Heartbeat::default().period(ms(1)).message(|| BEAT, is_answer).message_everywhere();
        let builder = ReconnectingWebSocket::builder(&url).backoff(Backoff::none()).heartbeat(heartbeat);
        let mut socket = builder.open().expect("a valid URL");
        let (mut told, handle) = (Told::default(), socket.handle());
        while told.drops < DROPS {
            told.fill(&handle);
            let oldest = told.under_way.front_mut().expect("some are under way");
            let news = match select(Box::pin(socket.next_event()), oldest).await {
                Either::Left((event, _)) => Ok(event.expect("it goes on")),
                Either::Right((outcome, _)) => Err(outcome),
            };
            match news {
                Ok(event) => told.hear(event),
                Err(outcome) => {
                    told.under_way.pop_front();
                    told.confirmed += usize::from(outcome == Outcome::Delivered);
                }
            }
        }
        socket.close();
        loop {
            match socket.next_event().await.expect("its end is told") {
                Event::Ended(ended) => break told.hear_end(&ended),
                // one more reset may come before the close
                event => told.hear(event),
            }
        }
        let mut record = stream_record(&id, 0).await;
        record.retain(|(_, text)| text != BEAT);
        check(&told, &record);
        let connections = record.iter().map(|(connection, _)| connection).collect::<HashSet<_>>().len();
        tell(&format!(
            "drops: {}, connections that received something: {connections}, sent: {}, delivered: {}, unknown: {}, \
             of those delivered: {}, dropped or given back: {}; batches confirmed: {}",
            told.drops,
            told.sent,
            record.len(),
            told.unknown.len(),
            record.iter().filter(|(_, text)| told.unknown.contains(&number(text))).count(),
            told.reported.len(),
            told.confirmed,
        ));
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}

fn check(told: &Told, record: &[(u64, String)]) {
    assert!(told.drops >= DROPS);
    assert!(told.confirmed > DROPS / 2, "only {} batches were confirmed", told.confirmed);
    assert!(told.sent > 10 * DROPS as u64, "{} are no steady stream", told.sent);
    assert!(record.len() < 1_000_000, "the server keeps no more");
    let (mut delivered, mut before) = (HashSet::new(), (0, 0));
    for (connection, text) in record {
        let number = number(text);
        assert!(delivered.insert(number), "{number} arrived twice");
        // connections follow one another, so that the order holds over all of them
        assert!(*connection >= before.0 && number > before.1, "{number} of {connection} came after {before:?}");
        before = (*connection, number);
    }
    for number in 1..=told.sent {
        let (arrived, unknown) = (delivered.contains(&number), told.unknown.contains(&number));
        if told.reported.contains(&number) {
            assert!(!arrived && !unknown, "{number} was reported as not sent");
        } else {
            assert!(arrived || unknown, "{number} was lost without a report");
        }
    }
    assert!(delivered.iter().all(|number| (1..=told.sent).contains(number)), "nothing was made up");
    assert!(told.echoed.is_subset(&delivered), "nothing came back that was not sent");
}
