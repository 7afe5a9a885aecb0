//! What users hand in, and Retry-After.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eversocket::fuzzing::input(bytes));
