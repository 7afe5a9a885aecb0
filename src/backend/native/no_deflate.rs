//! In place of compression where the crate is built without: nothing, which costs nothing.

use super::failure::Failure;
use crate::{HandshakeFault, backend::Request};
use tokio_tungstenite::tungstenite::Message;

/// Nothing can be agreed on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Agreement {}

pub(super) fn offered(_request: &Request) -> Option<String> {
    None
}

pub(super) fn agreed(extensions: Option<&str>, _request: &Request) -> Result<Option<Agreement>, HandshakeFault> {
    match extensions {
        None => Ok(None),
        Some(extensions) => Err(HandshakeFault::UnofferedExtension { extension: extensions.to_owned() }),
    }
}

/// There is nothing to note.
#[derive(Debug)]
pub(super) enum Notes {}

impl Notes {
    pub(super) fn take_down(&self, _first: u8) -> u8 {
        match *self {}
    }
}

/// There is none.
#[derive(Debug)]
pub(super) enum Codec {}

impl Codec {
    pub(super) fn of(_agreement: Option<Agreement>, _request: &Request) -> Option<Self> {
        None
    }

    pub(super) fn notes(&self) -> Notes {
        match *self {}
    }

    pub(super) fn compress(&mut self, _message: Message) -> Message {
        match *self {}
    }

    pub(super) fn inflate(&mut self, _message: Message) -> Result<Message, Failure> {
        match *self {}
    }
}
