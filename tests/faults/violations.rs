//! An open connection whose peer breaks the rules, or is too much.

use crate::{rules, sockets::Fault};

rules! {
    async fn too_large() {
        Fault::once_open("a message over the limit", "fill:binary:100000;hang").befall().await;
        Fault::once_open("a header of 1 GiB, and then the end", "frame-header:2:1073741824;cut").befall().await;
        Fault::once_open("a header of 4 EiB, and no body", "frame-header:2:4611686018427387904;hang").befall().await;
    }

    async fn no_text() {
        Fault::once_open("text that is not UTF-8", "frame:1:0:1:0:ff;hang").befall().await;
    }

    async fn wrong_control_frames() {
        Fault::once_open("a fragmented ping", "frame:0:0:9:0:;hang").befall().await;
        Fault::once_open("a ping of 126 bytes", &format!("frame:1:0:9:0:{};hang", "00".repeat(126))).befall().await;
        Fault::once_open("a close frame of 1 byte", "close-raw:03;hang").befall().await;
        Fault::once_open("a close reason that is not UTF-8", "close-raw:03e8ff;hang").befall().await;
    }

    async fn wrong_headers() {
        Fault::once_open("reserved bits", "frame:1:4:1:0:68;hang").befall().await;
        Fault::once_open("an unknown opcode", "frame:1:0:3:0:;hang").befall().await;
        Fault::once_open("a masked frame", "frame:1:0:1:1:68;cut").befall().await;
    }

    async fn wrong_fragments() {
        Fault::once_open("a continuation of nothing", "frame:1:0:0:0:68;hang").befall().await;
        Fault::once_open("a message within a fragmented one", "frame:0:0:1:0:68;frame:1:0:1:0:69;hang").befall().await;
    }

    async fn a_flood() {
        Fault::once_open("a flood of 100 000 messages", "flood:100000:64;cut").befall().await;
    }
}
