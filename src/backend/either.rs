//! The platform's link, or one that a test scripts.

use super::{CloseRequest, Control, Request, Wants, chosen};
use crate::{
    BinaryType, CloseError, Message, OpenError, SendError, channel::Channel, platform::MaybeSend, test_kit,
    waiters::Wait,
};
use std::{
    sync::Arc,
    task::{Context, Poll},
};

pub(crate) enum Link {
    Real(chosen::Link),
    Scripted(test_kit::Link),
}

impl Link {
    pub(crate) fn check_support(wants: &Wants) -> Result<(), OpenError> {
        chosen::Link::check_support(wants)
    }

    pub(crate) fn open(mut request: Request, channel: &Arc<Channel>) -> Result<Self, OpenError> {
        match request.network.take() {
            Some(network) => Ok(Self::Scripted(test_kit::Link::open(&network, request, channel))),
            None => chosen::Link::open(request, channel).map(Self::Real),
        }
    }

    pub(crate) fn send(&self, message: &mut Message) -> Result<(), SendError> {
        match self {
            Self::Real(link) => link.send(message),
            Self::Scripted(link) => link.send(message),
        }
    }

    pub(crate) fn control(&self, frame: Control) -> Result<(), SendError> {
        match self {
            Self::Real(link) => link.control(frame),
            Self::Scripted(link) => link.control(frame),
        }
    }

    pub(crate) fn close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        match self {
            Self::Real(link) => link.close(frame),
            Self::Scripted(link) => link.close(frame),
        }
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        match self {
            Self::Real(link) => link.buffered_amount(),
            Self::Scripted(link) => link.buffered_amount(),
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        match self {
            Self::Real(link) => link.is_refused(),
            Self::Scripted(_) => false,
        }
    }

    pub(crate) fn taken_by_network(&self) -> u64 {
        match self {
            Self::Real(link) => link.taken_by_network(),
            Self::Scripted(link) => link.taken_by_network(),
        }
    }

    pub(crate) fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Real(link) => link.poll_buffered(most, wait, context),
            Self::Scripted(link) => link.poll_buffered(most, wait, context),
        }
    }

    pub(crate) fn has_backpressure(&self) -> bool {
        match self {
            Self::Real(link) => link.has_backpressure(),
            Self::Scripted(link) => link.has_backpressure(),
        }
    }

    pub(crate) fn binary_type_changed(&self, binary_type: BinaryType) {
        if let Self::Real(link) = self {
            link.binary_type_changed(binary_type);
        }
    }

    pub(crate) fn defer(&self, function: impl FnOnce() + MaybeSend + 'static) {
        match self {
            Self::Real(link) => link.defer(function),
            Self::Scripted(_) => {
                // where no task can run, what waits is handed over with the next event
                let _no_runtime = crate::platform::spawn(async move { function() });
            }
        }
    }
}
