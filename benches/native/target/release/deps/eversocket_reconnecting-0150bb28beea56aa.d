/tmp/wt-benches/benches/native/target/release/deps/eversocket_reconnecting-0150bb28beea56aa.d: contestants/eversocket/src/bin/eversocket-reconnecting.rs

/tmp/wt-benches/benches/native/target/release/deps/eversocket_reconnecting-0150bb28beea56aa: contestants/eversocket/src/bin/eversocket-reconnecting.rs

contestants/eversocket/src/bin/eversocket-reconnecting.rs:
