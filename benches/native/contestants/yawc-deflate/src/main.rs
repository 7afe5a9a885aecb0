//! yawc, which offers to compress.

use contestant_yawc::{Client, Settings};
use yawc::{CompressionLevel, Options};

struct Compressing;

impl Settings for Compressing {
    fn of(options: Options) -> Options {
        options.with_compression_level(CompressionLevel::default())
    }
}

fn main() {
    course::run::<Client<Compressing>>();
}
