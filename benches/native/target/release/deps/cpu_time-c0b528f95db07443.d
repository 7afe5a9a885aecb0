/tmp/wt-benches/benches/native/target/release/deps/cpu_time-c0b528f95db07443.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/clock_gettime.rs

/tmp/wt-benches/benches/native/target/release/deps/libcpu_time-c0b528f95db07443.rlib: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/clock_gettime.rs

/tmp/wt-benches/benches/native/target/release/deps/libcpu_time-c0b528f95db07443.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/clock_gettime.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/lib.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/cpu-time-1.0.0/src/clock_gettime.rs:
