//! The guide: chapters for reading, beside the reference of each item.
//!
//! 1. [Getting started](getting_started): a program and a page, from an empty folder.
//! 2. [One API, two targets](targets): what is the same, and the table of what differs.
//! 3. [Reconnecting](reconnecting): states, delays, what becomes of messages, heartbeats, sessions.
//! 4. [Options](options): every option with its default, and where that comes from.
//! 5. [Authentication](authentication): recipes for header, cookie, subprotocol, ticket, first message.
//! 6. [Interfaces](interfaces): stream, callbacks or polling, and which for what.
//! 7. [Requests](requests): each with its answer, or a true reason; JSON-RPC.
//! 8. [Front ends](front_ends): hooks for Leptos, Yew and Dioxus.
#![cfg_attr(
    feature = "test-kit",
    doc = "9. [Testing](testing): your app without a network, with a clock that you move."
)]
#![cfg_attr(not(feature = "test-kit"), doc = "9. Testing: a chapter that comes with the feature `test-kit`.")]
//! 10. [Migrating](migrating): from other crates, call by call.
//! 11. [Questions](questions): that are asked often.
//!
//! Every program in it is compiled by the crate's tests, and run, but for the two whole applications
//! of the first chapter. The guide exists in documentation only, and costs a build nothing.

#[doc = include_str!("../docs/guide/getting_started.md")]
pub mod getting_started {}

#[doc = include_str!("../docs/guide/targets.md")]
pub mod targets {}

#[doc = include_str!("../docs/guide/reconnecting.md")]
pub mod reconnecting {}

#[doc = include_str!("../docs/guide/options.md")]
pub mod options {}

#[doc = include_str!("../docs/guide/authentication.md")]
pub mod authentication {}

#[doc = include_str!("../docs/guide/interfaces.md")]
pub mod interfaces {}

#[doc = include_str!("../docs/guide/requests.md")]
pub mod requests {}

#[doc = include_str!("../docs/guide/front_ends.md")]
pub mod front_ends {}

#[cfg(feature = "test-kit")]
#[doc = include_str!("../docs/guide/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/guide/migrating.md")]
pub mod migrating {}

#[doc = include_str!("../docs/guide/questions.md")]
pub mod questions {}
