/tmp/wt-benches/benches/native/target/release/deps/stable_deref_trait-932e242eda25e97c.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/stable_deref_trait-1.2.1/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libstable_deref_trait-932e242eda25e97c.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/stable_deref_trait-1.2.1/src/lib.rs

/tmp/wt-benches/benches/native/target/release/deps/libstable_deref_trait-932e242eda25e97c.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/stable_deref_trait-1.2.1/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/stable_deref_trait-1.2.1/src/lib.rs:
