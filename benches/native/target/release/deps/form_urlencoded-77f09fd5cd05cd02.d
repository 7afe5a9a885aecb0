/tmp/wt-benches/benches/native/target/release/deps/form_urlencoded-77f09fd5cd05cd02.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/form_urlencoded-1.2.2/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libform_urlencoded-77f09fd5cd05cd02.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/form_urlencoded-1.2.2/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libform_urlencoded-77f09fd5cd05cd02.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/form_urlencoded-1.2.2/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/form_urlencoded-1.2.2/src/lib.rs:
