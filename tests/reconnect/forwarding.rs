//! The socket as a `Sink`: whatever it accepted is sent, or given back by its error.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    Message,
    reconnect::{EndCause, SinkError},
};
use futures::{SinkExt, StreamExt, future::join, stream};

fn texts(count: usize) -> Vec<Message> {
    (0..count).map(|number| number.to_string().into()).collect()
}

fn as_messages(record: Vec<(u64, String)>) -> Vec<Message> {
    record.into_iter().map(|(_, text)| text.into()).collect()
}

rules! {
    async fn what_is_forwarded_before_it_is_open_is_delivered() {
        let (gate, id) = (Gate::new().await, unique());
        gate.stop().await;
        // far less than is forwarded
        let socket = quick(&gate.stream(&id, "")).queue_capacity(10, 1 << 20).open().expect("a valid URL");
        let handle = socket.handle();
        let forwarded = stream::iter(texts(1_000)).map(Ok).forward(socket);
        let (result, ()) = join(forwarded, gate.start()).await;
        assert_eq!(result, Ok(()));
        assert!(handle.state().is_ended());
        assert_eq!(as_messages(stream_record(&id, 1_000).await), texts(1_000));
    }

    async fn what_is_forwarded_to_nobody_is_given_back() {
        let gate = Gate::new().await;
        gate.stop().await;
        let socket = quick(&gate.echo()).max_attempts(2).open().expect("a valid URL");
        let result = stream::iter(texts(100)).map(Ok).forward(socket).await;
        let Err(SinkError::Unsent(unsent)) = &result else { panic!("{result:?}") };
        assert!(matches!(unsent.cause, EndCause::AttemptsExhausted { .. }), "{:?}", unsent.cause);
        assert_eq!(result.map_err(SinkError::into_messages), Err(texts(100)));
    }

    async fn what_is_forwarded_is_sent_or_given_back_whenever_the_server_goes() {
        let (gate, id) = (Gate::new().await, unique());
        let socket = quick(&gate.stream(&id, "&drop-after=30&how=close:4403")).open().expect("a valid URL");
        let result = stream::iter(texts(100)).map(Ok).forward(socket).await;
        let (unsent, lost) = match result {
            Err(SinkError::Unsent(unsent)) => {
                let (numbers, lost) = (numbers(&unsent.unknown), unsent.messages.clone());
                (lost.into_iter().map(|(_, message)| message).collect(), numbers)
            }
            // it had ended before all were accepted, and the rest is the stream's
            Err(SinkError::Refused(_)) | Ok(()) => (Vec::new(), Vec::new()),
            Err(other) => panic!("{other:?}"),
        };
        let record = as_messages(stream_record(&id, 30).await);
        assert_eq!(record, texts(30));
        assert!(unsent.iter().all(|message| !record.contains(message)), "{unsent:?} are told as unsent");
        assert!(unsent.len() + lost.len() <= 100);
    }

    async fn a_send_of_the_sink_that_its_end_leaves_unsent_fails() {
        let gate = Gate::new().await;
        gate.stop().await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        let handle = socket.handle();
        let (sent, ()) = join(SinkExt::send(&mut socket, "late".into()), async { handle.close() }).await;
        assert_eq!(sent.map_err(SinkError::into_messages), Err(vec!["late".into()]));
    }

    async fn the_sink_sends_what_waits_before_it_closes() {
        let (gate, id) = (Gate::new().await, unique());
        gate.stop().await;
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        for message in texts(50) {
            socket.feed(message).await.expect("room");
        }
        let handle = socket.handle();
        let (closed, ()) = join(SinkExt::<Message>::close(&mut socket), gate.start()).await;
        assert_eq!(closed, Ok(()));
        assert!(matches!(handle.state(), eversocket::reconnect::State::Ended(EndCause::Closed { .. })));
        assert_eq!(as_messages(stream_record(&id, 50).await), texts(50));
        let ended = socket.ended().await;
        // natively the answer to a ping proves that all reached the peer before it was closed
        assert!(ended.unsent.is_empty() && (ended.reached == ended.unknown || is_browser()), "{ended:?}");
    }
}
