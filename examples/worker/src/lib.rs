//! A chat whose socket lives in a dedicated worker.
