/tmp/wt-benches/benches/native/target/release/deps/smallvec-c7115b22d13327e0.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libsmallvec-c7115b22d13327e0.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libsmallvec-c7115b22d13327e0.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs:
