//! What tests of programs that use this crate need: time that they move, and clients without I/O.

mod simulation;

pub use simulation::Simulation;
