//! How connections end.

use crate::{
    row::FAULTS,
    rules,
    sockets::{Act, Fault},
    support::Script,
};

rules! {
    async fn by_a_reset() {
        Fault::once_open("reset between messages", "reset").befall().await;
        Fault::once_open("reset in a frame", "frame-header:2:1000;raw:00;reset").befall().await;
        Fault::once_open("reset in a message", "frame:0:0:1:0:68;reset").befall().await;
    }

    async fn by_the_end_of_tcp() {
        Fault::once_open("ended without a close frame", "cut").befall().await;
        Fault::once_open("ended in a frame", "frame-header:2:1000;raw:00;cut").befall().await;
    }

    async fn the_close_is_not_answered() {
        let url = Script::new("accept;expect-close;hang").url;
        Fault::new("the close is not answered", url, Act::Close).befall().await;
    }

    async fn two_closes_cross() {
        let url = Script::new("accept;expect;close:1000;expect-close").url;
        Fault::new("two closes cross", url, Act::SendAndClose).befall().await;
    }

    async fn by_each_close_code() {
        for name in FAULTS {
            if let Some(code) = name.strip_prefix("close ") {
                Fault::once_open(name, &format!("close:{code}")).befall().await;
            }
        }
    }
}
