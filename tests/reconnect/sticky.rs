//! Messages that every connection begins with.

use crate::{
    rules,
    support::{reconnecting::*, *},
};

rules! {
    async fn they_come_before_the_queue_on_each_connection_in_their_order() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        let handle = socket.handle();
        handle.send("early").expect("accepted");
        handle.set_sticky("a", "sub a");
        handle.set_sticky("b", "sub b");
        let first = [(0, "sub a"), (0, "sub b"), (0, "early")];
        assert_eq!(stream_record(&id, 3).await, lines(&first));

        open(&mut socket).await;
        gate.cut().await;
        interrupted(&mut socket).await;
        handle.send("late").expect("accepted");
        let again = [&first[..], &[(1, "sub a"), (1, "sub b"), (1, "late")]].concat();
        assert_eq!(stream_record(&id, 6).await, lines(&again));
    }

    async fn one_that_is_set_while_open_is_sent_at_once_after_what_is_queued() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        open(&mut socket).await;
        let handle = socket.handle();
        handle.send("one").expect("accepted");
        handle.set_sticky("a", "sub a");
        handle.send("two").expect("accepted");
        handle.set_sticky("b", "sub b");
        handle.set_sticky("a", "sub a anew");
        // of a key that has not left yet, the newest alone is sent
        let first = [(0, "one"), (0, "two"), (0, "sub b"), (0, "sub a anew")];
        assert_eq!(stream_record(&id, 4).await, lines(&first));

        gate.cut().await;
        interrupted(&mut socket).await;
        let again = [&first[..], &[(1, "sub a anew"), (1, "sub b")]].concat();
        assert_eq!(stream_record(&id, 6).await, lines(&again), "each once, at the place of its key");
    }

    async fn one_that_is_removed_is_not_sent_again() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        let handle = socket.handle();
        handle.set_sticky("a", "sub a");
        handle.set_sticky("b", "sub b");
        assert_eq!(stream_record(&id, 2).await.len(), 2);
        assert!(handle.remove_sticky("a"));
        assert!(!handle.remove_sticky("a"), "it is gone");
        open(&mut socket).await;
        gate.cut().await;
        interrupted(&mut socket).await;
        handle.send("end").expect("accepted");
        let expected = [(0, "sub a"), (0, "sub b"), (1, "sub b"), (1, "end")];
        assert_eq!(stream_record(&id, 4).await, lines(&expected));
    }
}
