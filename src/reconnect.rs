//! A WebSocket that reconnects: [`ReconnectingWebSocket`] and all that it is made with.
//!
//! ```
//! # eversocket_server::doctest!(async |url: String| {
//! use eversocket::{ReconnectingWebSocket, reconnect::Event};
//!
//! let mut socket = ReconnectingWebSocket::new(&url)?;
//! socket.send("queued until it is open")?;
//! while let Some(event) = socket.next_event().await {
//!     match event {
//!         Event::State(state) => println!("{state}"),
//!         Event::Message(message) => {
//!             println!("{message:?}");
//!             socket.close();
//!         }
//!         Event::Interrupted(lost) => println!("lost: {}; of unknown fate: {}", lost.failure, lost.unknown),
//!         Event::Ended(ended) => println!("{}", ended.cause),
//!         _ => {}
//!     }
//! }
//! # Ok(()) });
//! ```

pub(crate) mod backoff;
mod builder;
mod clock;
mod core;
mod credentials;
mod driver;
mod endpoint;
mod event;
mod failure;
mod guarded;
mod handle;
mod heartbeat;
#[cfg(feature = "json")]
mod json;
pub(crate) mod machine;
mod offers;
mod outgoing;
pub(crate) mod policy;
mod requests;
mod room;
mod sequence;
mod session;
mod socket;
mod state;
mod trace;
mod tracked;

pub use backoff::{Backoff, Jitter};
pub use builder::Builder;
pub use credentials::{Carrier, Credentials, Token, TokenRequest};
pub use endpoint::{Attempt, BoxError, Endpoint, GiveUp, Unauthorized};
pub use event::{DropReason, Dropped, Ended, Event, Gap, Interruption};
pub use failure::{Failure, Release, UserError};
pub use handle::{Handle, Health, States};
pub use heartbeat::Heartbeat;
#[cfg(feature = "json")]
pub use json::{Json, JsonError, JsonEvent, Unreadable};
pub use outgoing::{EndedError, Outcome, Outgoing, Overflow, Progress, SendError, SinkError, Unsent};
pub use policy::{Decision, RetryPolicy};
pub use requests::{Call, Calling, FnCodec, RequestCodec, RequestError, Requests, RequestsInUse};
pub use sequence::{SequenceNumber, Sequences};
pub use session::Session;
pub use socket::{Messages, ReconnectingWebSocket};
pub use state::{EndCause, State, Waiting};
pub use tracked::Tracked;
