//! Ours, which offers to compress.

use contestant_eversocket::{Options, Plain};
use eversocket::{Builder, Deflate};

struct Compressing;

impl Options for Compressing {
    fn of(builder: Builder) -> Builder {
        builder.deflate(Deflate::default())
    }
}

fn main() {
    course::run::<Plain<Compressing>>();
}
