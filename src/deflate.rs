//! Whether and how messages are compressed.

/// Compression of messages: the options of permessage-deflate (RFC 7692). With the feature `deflate`.
///
/// Natively it is offered if [asked for](crate::Builder::deflate), and used if the server agrees;
/// [`extensions`](crate::WebSocket::extensions) tells. A browser offers it always, by options of its
/// own, so that there these have no effect.
///
/// It pays for text that repeats itself, over slow links. Each connection that has agreed on it keeps
/// some 300 KiB for what was sent before, which [no context takeover](Self::client_no_context_takeover)
/// and [smaller windows](Self::client_max_window_bits) make less. What is secret should not be compressed
/// together with what an attacker chooses: the length tells of it (CRIME).
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{Deflate, WebSocket};
///
/// let options = Deflate::default().threshold(256).client_no_context_takeover(true);
/// let socket = WebSocket::builder(&url).deflate(options).connect().await?;
/// assert_eq!(socket.extensions(), "", "this server has none");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deflate {
    pub(crate) server_no_context_takeover: bool,
    pub(crate) client_no_context_takeover: bool,
    pub(crate) server_max_window_bits: u8,
    pub(crate) client_max_window_bits: u8,
    pub(crate) threshold: usize,
    pub(crate) level: u8,
}

/// The largest window, of 32 KiB.
pub(crate) const LARGEST_WINDOW: u8 = 15;
/// The smallest that zlib makes; the RFC knows 8, which zlib takes for 9.
const SMALLEST_WINDOW: u8 = 9;

impl Default for Deflate {
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: LARGEST_WINDOW,
            client_max_window_bits: LARGEST_WINDOW,
            threshold: 64,
            level: 6,
        }
    }
}

impl Deflate {
    /// Asks the server to compress each message by itself, which saves memory here and there and
    /// compresses less. Default: no.
    pub fn server_no_context_takeover(mut self, asked: bool) -> Self {
        self.server_no_context_takeover = asked;
        self
    }

    /// Compresses each message by itself. Default: no, unless the server wants it.
    pub fn client_no_context_takeover(mut self, wanted: bool) -> Self {
        self.client_no_context_takeover = wanted;
        self
    }

    /// Asks the server to look back no further than so many bits tell, from 9 to 15; others are taken
    /// for the nearest. Default: 15, which is 32 KiB.
    pub fn server_max_window_bits(mut self, bits: u8) -> Self {
        self.server_max_window_bits = bits.clamp(SMALLEST_WINDOW, LARGEST_WINDOW);
        self
    }

    /// Looks back no further than so many bits tell, from 9 to 15; others are taken for the nearest.
    /// Default: 15, or less if the server wants it.
    pub fn client_max_window_bits(mut self, bits: u8) -> Self {
        self.client_max_window_bits = bits.clamp(SMALLEST_WINDOW, LARGEST_WINDOW);
        self
    }

    /// Messages of fewer bytes are sent as they are. Default: 64.
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
        self
    }

    /// How hard to try, from 1, fast, to 9, small. Default: 6.
    pub fn level(mut self, level: u8) -> Self {
        self.level = level.clamp(1, 9);
        self
    }
}
