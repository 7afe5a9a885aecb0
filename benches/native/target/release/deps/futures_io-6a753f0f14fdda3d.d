/tmp/wt-benches/benches/native/target/release/deps/futures_io-6a753f0f14fdda3d.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-io-0.3.34/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfutures_io-6a753f0f14fdda3d.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-io-0.3.34/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfutures_io-6a753f0f14fdda3d.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-io-0.3.34/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-io-0.3.34/src/lib.rs:
