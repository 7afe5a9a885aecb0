//! The browser's interface: state, `send` and `close`.
//!
//! The socket and its handle have the same methods, written here once. The socket has its own
//! rather than a `Deref` to its handle, and `send` and `close` borrow it exclusively, because
//! else the methods of a trait would come first: with `SinkExt` in scope, `socket.send(..)` on
//! a `&mut WebSocket` would be the sink's, a future that does nothing unless awaited.

use super::{Handle, WebSocket};
use crate::{
    BinaryType, CloseCode, CloseError, Message, ReadyState, SendError, Text, backend::Control, close::CloseFrame,
};
use bytes::Bytes;

macro_rules! interface {
    ($type:ident $(, $exclusive:ident)?) => {
        /// State, `send` and `close`; the same on [`WebSocket`] and [`Handle`].
        impl $type {
            /// The state of the connection now. Events that tell of it may still wait to be read.
            pub fn ready_state(&self) -> ReadyState {
                self.as_handle().channel().ready_state()
            }

            /// The URL as the standard resolves it: http has become ws, a default port is gone. It
            /// contains whatever secrets the URL does.
            pub fn url(&self) -> &str {
                self.as_handle().channel().address().href()
            }

            /// The subprotocol that the server chose, or an empty string before it is open.
            pub fn protocol(&self) -> String {
                self.as_handle().channel().opened().protocol
            }

            /// The extensions in use, or an empty string.
            pub fn extensions(&self) -> String {
                self.as_handle().channel().opened().extensions
            }

            /// The bytes of payload that were sent and are not handed to the network yet. As in the
            /// standard, closing does not reset it.
            pub fn buffered_amount(&self) -> u64 {
                self.as_handle().link().buffered_amount()
            }

            /// Whether the server waits while the inbox is full: natively always, in a browser where
            /// [`Builder::backpressure`](crate::Builder::backpressure) was asked for and can be had.
            pub fn has_backpressure(&self) -> bool {
                self.as_handle().link().has_backpressure()
            }

            /// How incoming binary messages are handed out.
            pub fn binary_type(&self) -> BinaryType {
                self.as_handle().channel().binary_type()
            }

            /// Changes how incoming binary messages are handed out, from the next that arrives on.
            pub fn set_binary_type(&self, binary_type: BinaryType) {
                self.as_handle().channel().set_binary_type(binary_type);
                self.as_handle().link().binary_type_changed(binary_type);
            }

            /// Sends a message: puts it in order behind those sent before, and returns at once.
            ///
            /// Messages that are sent in a row leave together, without a system call for each.
            ///
            /// # Errors
            ///
            /// Nothing is sent, now or later, when it returns one: [`SendError::NotOpen`] unless the
            /// state is [`Open`](ReadyState::Open), and [`SendError::BufferFull`] when more than
            /// [`Builder::max_buffered_amount`](crate::Builder::max_buffered_amount) would wait.
            pub fn send(& $($exclusive)? self, message: impl Into<Message>) -> Result<(), SendError> {
                self.as_handle().send_message(message.into())
            }

            /// Waits until a message is best sent: until the connection is open, and, once as much is
            /// buffered as [`Builder::high_water_mark`](crate::Builder::high_water_mark) says, until no
            /// more is than [`Builder::low_water_mark`](crate::Builder::low_water_mark) does. A
            /// producer that awaits it before each [`send`](Self::send) goes as fast as the peer reads,
            /// and fills no memory.
            ///
            /// ```
            /// # eversocket_server::doctest!(async |url: String| {
            /// use eversocket::WebSocket;
            ///
            /// let mut socket = WebSocket::new(&url)?;
            /// for part in 0..100_u8 {
            ///     socket.ready().await?;
            ///     socket.send(vec![part; 64 * 1024])?;
            /// }
            /// socket.flushed().await?;
            /// assert_eq!(socket.buffered_amount(), 0);
            /// # Ok(()) });
            /// ```
            ///
            /// # Errors
            ///
            /// [`SendError::NotOpen`] when the connection closes.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future changes nothing.
            pub async fn ready(&self) -> Result<(), SendError> {
                self.as_handle().wait_until_ready().await
            }

            /// Waits until all that was sent was handed to the network, of which
            /// [`buffered_amount`](Self::buffered_amount) tells. Whether the peer has it is another
            /// matter: only an answer of its own tells.
            ///
            /// # Errors
            ///
            /// [`SendError::NotOpen`] when the connection ends before.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future changes nothing.
            pub async fn flushed(&self) -> Result<(), SendError> {
                self.as_handle().wait_until_flushed().await
            }

            /// Sends a ping with up to 125 bytes; natively only.
            ///
            /// # Errors
            ///
            /// As [`send`](Self::send), and [`SendError::ControlTooLong`]. In a browser
            /// [`SendError::Unsupported`].
            pub fn ping(&self, payload: impl Into<Bytes>) -> Result<(), SendError> {
                self.as_handle().send_control(payload.into(), Control::Ping)
            }

            /// Sends a pong that nobody asked for, with up to 125 bytes; natively only. Pings are
            /// answered without it.
            ///
            /// # Errors
            ///
            /// As [`ping`](Self::ping).
            pub fn pong(&self, payload: impl Into<Bytes>) -> Result<(), SendError> {
                self.as_handle().send_control(payload.into(), Control::Pong)
            }

            /// Begins to close with an empty close frame: the peer sees no code. Messages sent before
            /// still leave first; messages that arrive from now on are discarded, as the standard
            /// says. The [`Close`](crate::Event::Close) event follows when the peer has answered, or
            /// at the close deadline. While connecting, the attempt is abandoned. When closing
            /// already, nothing happens.
            ///
            /// # Errors
            ///
            /// [`CloseError::WrongThread`], in browsers with wasm threads.
            pub fn close(& $($exclusive)? self) -> Result<(), CloseError> {
                self.as_handle().begin_close(None)
            }

            /// Begins to close with a code and a reason, as [`close`](Self::close) does without.
            ///
            /// # Errors
            ///
            /// [`CloseError::InvalidCode`] unless the code is 1000 or 3000 to 4999,
            /// [`CloseError::ReasonTooLong`] over 123 bytes of UTF-8; the connection stays as it was.
            pub fn close_with(&self, code: impl Into<CloseCode>, reason: impl Into<Text>) -> Result<(), CloseError> {
                self.as_handle().begin_close(Some(CloseFrame::new(code, reason)?))
            }
        }
    };
}

interface!(WebSocket, mut);
interface!(Handle);
