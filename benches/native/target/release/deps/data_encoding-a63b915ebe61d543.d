/tmp/wt-benches/benches/native/target/release/deps/data_encoding-a63b915ebe61d543.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libdata_encoding-a63b915ebe61d543.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libdata_encoding-a63b915ebe61d543.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs:
