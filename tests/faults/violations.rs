//! An open connection whose peer breaks the rules, or is too much.

use crate::{
    rules,
    sockets::{Act, Fault},
    support::Script,
};

/// After the first message that the client sends.
async fn break_by(name: &'static str, steps: &str) {
    Fault::new(name, Script::new(&format!("accept;expect;{steps}")).url, Act::Send).befall().await;
}

rules! {
    async fn too_large() {
        break_by("a message over the limit", "fill:binary:100000;hang").await;
        break_by("a header of 1 GiB, and then the end", "frame-header:2:1073741824;cut").await;
        break_by("a header of 4 EiB, and no body", "frame-header:2:4611686018427387904;hang").await;
    }

    async fn no_text() {
        break_by("text that is not UTF-8", "frame:1:0:1:0:ff;hang").await;
    }

    async fn wrong_control_frames() {
        break_by("a fragmented ping", "frame:0:0:9:0:;hang").await;
        break_by("a ping of 126 bytes", &format!("frame:1:0:9:0:{};hang", "00".repeat(126))).await;
        break_by("a close frame of 1 byte", "close-raw:03;hang").await;
        break_by("a close reason that is not UTF-8", "close-raw:03e8ff;hang").await;
    }

    async fn wrong_headers() {
        break_by("reserved bits", "frame:1:4:1:0:68;hang").await;
        break_by("an unknown opcode", "frame:1:0:3:0:;hang").await;
        break_by("a masked frame", "frame:1:0:1:1:68;cut").await;
    }

    async fn wrong_fragments() {
        break_by("a continuation of nothing", "frame:1:0:0:0:68;hang").await;
        break_by("a message within a fragmented one", "frame:0:0:1:0:68;frame:1:0:1:0:69;hang").await;
    }

    async fn a_flood() {
        break_by("a flood of 100 000 messages", "flood:100000:64;cut").await;
    }
}
