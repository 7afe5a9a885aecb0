//! Bounds on trying.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::reconnect::{Backoff, EndCause, Event, State};

rules! {
    async fn attempts_in_a_row_may_be_bounded() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = quick(&gate.echo()).max_attempts(3).open().expect("a valid URL");
        socket.send("unsent").expect("accepted");
        let ended = socket.ended().await;
        assert!(matches!(ended.cause, EndCause::AttemptsExhausted { attempts: 3, .. }), "{ended:?}");
        assert_eq!((ended.unsent.len(), gate.count().await), (1, 3));
    }

    async fn the_time_without_a_stable_connection_may_be_bounded() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = quick(&gate.echo()).max_elapsed(ms(300)).open().expect("a valid URL");
        let mut waits = 0;
        let cause = until(&mut socket, |event| match event {
            Event::State(State::Waiting(_)) => {
                waits += 1;
                None
            }
            Event::Ended(ended) => Some(ended.cause.clone()),
            _ => None,
        })
        .await;
        let EndCause::TimeExhausted { elapsed, .. } = cause else { panic!("{cause:?}") };
        assert!(elapsed > ms(200), "only a wait that is too long ends it: {elapsed:?}");
        assert_eq!(gate.count().await, waits + 1);
    }

    async fn delays_that_end_are_a_bound() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let backoff = Backoff::custom(|| [ms(1), ms(2)].into_iter());
        let mut socket = quick(&gate.echo()).backoff(backoff).open().expect("a valid URL");
        let mut delays = Vec::new();
        for event in rest(&mut socket).await {
            match event {
                Event::State(State::Waiting(waiting)) => delays.push(waiting.delay),
                Event::Ended(ended) => assert!(matches!(ended.cause, EndCause::AttemptsExhausted { attempts: 3, .. })),
                _ => {}
            }
        }
        assert_eq!(delays, [ms(1), ms(2)]);
    }

    async fn only_a_stable_connection_lets_attempts_be_counted_anew() {
        for (stable_after, expected) in [(ms(0), [1, 1, 1]), (NEVER, [2, 3, 4])] {
            let script = Script::new("accept;expect;close:4000");
            let mut socket = quick(&script.url).stable_after(stable_after).open().expect("a valid URL");
            let mut attempts = Vec::new();
            for _ in expected {
                open(&mut socket).await;
                // an answer of the server is later than any timer that was due before
                fetch(&format!("/wait-started?id={}", script.id())).await;
                socket.send("go").expect("accepted");
                attempts.push(waiting(&mut socket).await.next_attempt);
            }
            assert_eq!(attempts, expected, "{stable_after:?}");
        }
    }
}
