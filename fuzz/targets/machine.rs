//! What befalls a reconnecting socket.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eversocket::fuzzing::machine(bytes));
