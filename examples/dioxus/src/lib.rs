//! A chat in Dioxus.
