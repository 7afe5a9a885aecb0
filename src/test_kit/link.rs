//! The client's end of a scripted connection, behind the contract of `backend`.

use super::{
    network::Network,
    wire::{Frame, Wire},
};
use crate::{
    CloseError, Message, SendError, Unsupported,
    backend::{CAN_PING, CloseRequest, Control, MANNERS, Request, Unsent},
    channel::Channel,
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

    pub(crate) fn send(&self, message: Message) -> Result<(), Unsent> {
        // a clone costs nothing beside what a script does
        self.0.send(Frame::Message(message.clone())).map_err(|error| Unsent { error, message })
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

    pub(crate) fn has_backpressure(&self) -> bool {
        MANNERS.waits_for_room
    }

    pub(crate) fn poll_buffered(&self, most: u64, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll_buffered(most, context)
    }
}
