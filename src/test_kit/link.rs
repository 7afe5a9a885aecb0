//! The client's end of a scripted connection, behind the contract of `backend`.

use super::{
    network::Network,
    wire::{Frame, Wire},
};
use crate::{
    CloseError, Message, SendError, Unsupported,
    backend::{CAN_PING, CloseRequest, Control, MANNERS, Request},
    channel::Channel,
    waiters::Wait,
};
use std::{
    sync::Arc,
    task::{Context, Poll},
};

pub(crate) struct Link(Arc<Wire>);

impl Link {
    /// Begins to connect: it is for the test to accept or refuse it.
    pub(crate) fn open(network: &Network, request: Request, channel: &Arc<Channel>) -> Self {
        let wire = Wire::new(request, channel.clone(), network.clock().cloned());
        network.offer(wire.clone());
        Self(wire)
    }

    pub(crate) fn send(&self, message: &mut Message) -> Result<(), SendError> {
        // a clone costs nothing beside what a script does
        self.0.send(Frame::Message(message.clone()))
    }

    pub(crate) fn control(&self, frame: Control) -> Result<(), SendError> {
        if CAN_PING { self.0.send(Frame::Control(frame)) } else { Err(Unsupported::ControlFrames.into()) }
    }

    pub(crate) fn close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        self.0.close(frame);
        Ok(())
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        self.0.buffered()
    }

    pub(crate) fn taken_by_network(&self) -> u64 {
        self.0.taken()
    }

    pub(crate) fn has_backpressure(&self) -> bool {
        MANNERS.waits_for_room
    }

    pub(crate) fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll_buffered(most, wait, context)
    }
}

#[cfg(test)]
mod tests {
    use crate::{ReadyState, WebSocket, test_kit::Network};

    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn what_is_taken_grows_as_it_is_taken() {
        let network = Network::new();
        let socket = WebSocket::builder("ws://example.com").network(network.clone()).open().expect("valid");
        let peer = network.try_accept().expect("a connection");
        peer.open();
        let handle = socket.handle();
        assert_eq!(handle.ready_state(), ReadyState::Open);
        peer.pause();
        let before = handle.taken_by_network();
        handle.send("held").expect("open");
        assert_eq!(handle.taken_by_network(), before);
        peer.resume();
        assert!(handle.taken_by_network() > before);
    }
}
