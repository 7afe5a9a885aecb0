/tmp/wt-benches/benches/native/target/release/deps/futures-2177b9d9ee8914cb.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-0.3.34/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfutures-2177b9d9ee8914cb.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-0.3.34/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfutures-2177b9d9ee8914cb.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-0.3.34/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-0.3.34/src/lib.rs:
