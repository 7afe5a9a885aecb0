//! A chat in Yew.
