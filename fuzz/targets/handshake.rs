//! A server's answer to the upgrade request.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eversocket::fuzzing::handshake(bytes));
