/tmp/wt-benches/benches/native/target/release/deps/eversocket_plain-aa0e38ca47f64fa2.d: contestants/eversocket/src/bin/eversocket-plain.rs

/tmp/wt-benches/benches/native/target/release/deps/eversocket_plain-aa0e38ca47f64fa2: contestants/eversocket/src/bin/eversocket-plain.rs

contestants/eversocket/src/bin/eversocket-plain.rs:
