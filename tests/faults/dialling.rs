//! Before there is a connection.

use crate::{
    rules,
    sockets::{Act, Fault},
    support::reconnecting::Gate,
};

rules! {
    async fn nobody_listens() {
        let gate = Gate::new().await;
        gate.stop().await;
        Fault::new("nobody listens", gate.echo(), Act::Send).befall().await;
    }

    async fn the_name_does_not_resolve() {
        Fault::new("the name does not resolve", "ws://nowhere.invalid/".to_owned(), Act::Send).befall().await;
    }

    async fn a_dial_is_never_answered() {
        let gate = Gate::new().await;
        gate.blackhole().await;
        Fault::new("SYN is never answered", gate.echo(), Act::Send).befall().await;
        gate.stop().await;
    }

    async fn accepted_and_never_upgraded() {
        let gate = Gate::new().await;
        gate.set("hang").await;
        Fault::new("accepted, never upgraded", gate.echo(), Act::Send).befall().await;
    }

    async fn accepted_and_ended_at_once() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        Fault::new("accepted, and ended at once", gate.echo(), Act::Send).befall().await;
    }
}
