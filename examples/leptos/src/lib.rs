//! A chat in Leptos.
