//! Yew hooks for eversocket.
