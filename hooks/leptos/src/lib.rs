//! Leptos hooks for eversocket.
