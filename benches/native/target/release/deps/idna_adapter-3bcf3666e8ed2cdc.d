/tmp/wt-benches/benches/native/target/release/deps/idna_adapter-3bcf3666e8ed2cdc.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/idna_adapter-1.2.2/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libidna_adapter-3bcf3666e8ed2cdc.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/idna_adapter-1.2.2/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libidna_adapter-3bcf3666e8ed2cdc.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/idna_adapter-1.2.2/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/idna_adapter-1.2.2/src/lib.rs:
