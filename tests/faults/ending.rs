//! How connections end.

use crate::{
    row::FAULTS,
    rules,
    sockets::{Act, Fault},
    support::Script,
};

async fn end_by(name: &'static str, steps: &str) {
    Fault::new(name, Script::new(&format!("accept;expect;{steps}")).url, Act::Send).befall().await;
}

rules! {
    async fn by_a_reset() {
        end_by("reset between messages", "reset").await;
        end_by("reset in a frame", "frame-header:2:1000;raw:00;reset").await;
        end_by("reset in a message", "frame:0:0:1:0:68;reset").await;
    }

    async fn by_the_end_of_tcp() {
        end_by("ended without a close frame", "cut").await;
        end_by("ended in a frame", "frame-header:2:1000;raw:00;cut").await;
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
                end_by(name, &format!("close:{code}")).await;
            }
        }
    }
}
