/tmp/wt-benches/benches/native/target/release/deps/futures_sink-8041a4c7362b20e2.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfutures_sink-8041a4c7362b20e2.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfutures_sink-8041a4c7362b20e2.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs:
