//! What a server sends after the handshake.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eversocket::fuzzing::frames(bytes));
