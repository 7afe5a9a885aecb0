/tmp/wt-benches/benches/native/target/release/deps/fastrand-6a362ce965d6b066.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/fastrand-2.5.0/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfastrand-6a362ce965d6b066.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/fastrand-2.5.0/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libfastrand-6a362ce965d6b066.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/fastrand-2.5.0/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/fastrand-2.5.0/src/lib.rs:
