//! A chat in egui.
