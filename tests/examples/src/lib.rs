//! The tests of the examples stand in `tests/`.
