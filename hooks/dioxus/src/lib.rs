//! Dioxus hooks for eversocket.
