//! The steps of a script.

mod fields;

use crate::frame::{self, Header};
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Before the upgrade.
    Header(String, String),
    Http(u16, String),
    Accept(Accept),
    /// At any time.
    Hold,
    Flush,
    Raw(Vec<u8>),
    Hang,
    StopReading,
    Cut,
    Reset,
    /// After the upgrade.
    Frame(Header, Vec<u8>),
    FrameHeader(Header, u64),
    Fill(u8, usize),
    Flood(u64, usize),
    Expect(usize),
    ExpectPing,
    ExpectPong,
    ExpectClose,
    /// `None` until a close, which ends it.
    Echo(Option<usize>),
    End,
}

/// How the upgrade is answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Accept {
    pub(crate) protocol: Protocol,
    pub(crate) extension: Option<String>,
    pub(crate) fault: Option<Fault>,
    pub(crate) slow: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Protocol {
    #[default]
    None,
    First,
    Named(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    WrongKey,
    NoUpgrade,
    NoConnection,
    Http10,
}

impl Step {
    pub(crate) fn text(text: &str) -> Self {
        Self::Frame(Header::whole(frame::TEXT), text.as_bytes().to_vec())
    }

    pub(crate) fn close(code: u16) -> Self {
        Self::Frame(Header::whole(frame::CLOSE), code.to_be_bytes().to_vec())
    }

    /// Whether it belongs behind the upgrade, which is then implied.
    pub(crate) fn needs_upgrade(&self) -> bool {
        matches!(
            self,
            Self::Frame(..)
                | Self::FrameHeader(..)
                | Self::Fill(..)
                | Self::Flood(..)
                | Self::Expect(_)
                | Self::ExpectPing
                | Self::ExpectPong
                | Self::ExpectClose
                | Self::Echo(_)
                | Self::End
        )
    }

    /// Whether it is the answer to the request, or belongs before it.
    fn precedes_upgrade(&self) -> bool {
        matches!(self, Self::Header(..) | Self::Http(..) | Self::Accept(_))
    }
}

/// Why a script cannot be run.
#[derive(Debug, PartialEq)]
pub(crate) enum StepError {
    /// No step looks like this.
    Unreadable(String),
    /// The request has been answered when this is reached.
    Late(String),
}

impl fmt::Display for StepError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(step) => write!(formatter, "cannot read the step `{}`", step.escape_debug()),
            Self::Late(step) => write!(formatter, "the step `{}` comes after the upgrade", step.escape_debug()),
        }
    }
}

impl std::error::Error for StepError {}

/// Reads a script, or says which step is wrong.
pub(crate) fn parse(script: &str) -> Result<Vec<Step>, StepError> {
    let mut steps = Vec::new();
    let mut upgraded = false;
    for text in script.split(';').filter(|text| !text.is_empty()) {
        let fields: Vec<&str> = text.split(':').collect();
        let step = fields::read(&fields).ok_or_else(|| StepError::Unreadable(text.to_owned()))?;
        if upgraded && step.precedes_upgrade() {
            return Err(StepError::Late(text.to_owned()));
        }
        upgraded |= step.needs_upgrade() || matches!(step, Step::Accept(_));
        steps.push(step);
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        assert_eq!(
            parse("accept:first;text:a%3Bb;close:1000:bye"),
            Ok(vec![
                Step::Accept(Accept { protocol: Protocol::First, ..Accept::default() }),
                Step::Frame(Header::whole(1), b"a;b".to_vec()),
                Step::Frame(Header::whole(8), b"\x03\xe8bye".to_vec()),
            ])
        );
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn a_step_that_cannot_be_read_is_named() {
        assert_eq!(parse("accept;dance"), Err(StepError::Unreadable("dance".to_owned())));
        assert_eq!(StepError::Unreadable("dance".to_owned()).to_string(), "cannot read the step `dance`");
    }

    #[test]
    fn an_answer_cannot_follow_the_upgrade() {
        assert_eq!(parse("accept;accept:b"), Err(StepError::Late("accept:b".to_owned())));
        assert_eq!(parse("text:a;http:400"), Err(StepError::Late("http:400".to_owned())));
        assert!(parse("hold;header:A:b;raw:00;accept").is_ok());
    }
}
