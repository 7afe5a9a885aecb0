//! The steps of a script.

use crate::{frame::Header, http::decode};

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
    /// `None` until a close.
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
}

/// Reads a script, or says which step is wrong.
pub(crate) fn parse(script: &str) -> Result<Vec<Step>, String> {
    script.split(';').filter(|step| !step.is_empty()).map(parse_step).collect()
}

fn parse_step(step: &str) -> Result<Step, String> {
    let fields: Vec<&str> = step.split(':').collect();
    let wrong = || format!("cannot read the step `{step}`");
    read(&fields).ok_or_else(wrong)
}

fn read(fields: &[&str]) -> Option<Step> {
    let accept = |accept: Accept| Some(Step::Accept(accept));
    let fault = |fault| accept(Accept { fault: Some(fault), ..Accept::default() });
    match fields {
        ["header", name, value @ ..] => Some(Step::Header((*name).to_owned(), decode(&value.join(":")))),
        ["http", status] => Some(Step::Http(status.parse().ok()?, format!("status {status}"))),
        ["http", status, body] => Some(Step::Http(status.parse().ok()?, decode(body))),
        ["accept"] => accept(Accept::default()),
        ["accept", "first"] => accept(Accept { protocol: Protocol::First, ..Accept::default() }),
        ["accept", name] => accept(Accept { protocol: Protocol::Named(decode(name)), ..Accept::default() }),
        ["accept-extension", value] => accept(Accept { extension: Some(decode(value)), ..Accept::default() }),
        ["slow-accept"] => accept(Accept { slow: true, ..Accept::default() }),
        ["accept-wrong-key"] => fault(Fault::WrongKey),
        ["accept-no-upgrade"] => fault(Fault::NoUpgrade),
        ["accept-no-connection"] => fault(Fault::NoConnection),
        ["accept-http10"] => fault(Fault::Http10),
        ["hold"] => Some(Step::Hold),
        ["flush"] => Some(Step::Flush),
        ["raw", bytes] => Some(Step::Raw(hex(bytes)?)),
        ["hang"] => Some(Step::Hang),
        ["stop-reading"] => Some(Step::StopReading),
        ["cut"] => Some(Step::Cut),
        ["reset"] => Some(Step::Reset),
        ["expect"] => Some(Step::Expect(1)),
        ["expect", count] => Some(Step::Expect(count.parse().ok()?)),
        ["expect-ping"] => Some(Step::ExpectPing),
        ["expect-pong"] => Some(Step::ExpectPong),
        ["expect-close"] => Some(Step::ExpectClose),
        ["echo"] => Some(Step::Echo(None)),
        ["echo", count] => Some(Step::Echo(Some(count.parse().ok()?))),
        ["end"] => Some(Step::End),
        _ => read_frame(fields),
    }
}

fn read_frame(fields: &[&str]) -> Option<Step> {
    use crate::frame::{BINARY, CLOSE, PING, PONG, TEXT};
    let whole = |opcode, payload| Some(Step::Frame(Header::whole(opcode), payload));
    let close = |code: &str, reason: String| {
        let code: u16 = code.parse().ok()?;
        whole(CLOSE, [&code.to_be_bytes()[..], reason.as_bytes()].concat())
    };
    match fields {
        ["text", text] => whole(TEXT, decode(text).into_bytes()),
        ["binary", bytes] => whole(BINARY, hex(bytes)?),
        ["ping", bytes] => whole(PING, hex(bytes)?),
        ["pong", bytes] => whole(PONG, hex(bytes)?),
        ["close"] => whole(CLOSE, Vec::new()),
        ["close", code] => close(code, String::new()),
        ["close", code, reason] => close(code, decode(reason)),
        ["close-raw", bytes] => whole(CLOSE, hex(bytes)?),
        ["frame", is_final, reserved, opcode, masked, bytes] => {
            let header = Header {
                is_final: *is_final == "1",
                reserved: reserved.parse().ok()?,
                opcode: opcode.parse().ok()?,
                masked: *masked == "1",
            };
            Some(Step::Frame(header, hex(bytes)?))
        }
        ["frame-header", opcode, length] => {
            Some(Step::FrameHeader(Header::whole(opcode.parse().ok()?), length.parse().ok()?))
        }
        ["fill", kind, size] => Some(Step::Fill(if *kind == "text" { TEXT } else { BINARY }, size.parse().ok()?)),
        ["flood", count, size] => Some(Step::Flood(count.parse().ok()?, size.parse().ok()?)),
        _ => None,
    }
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || digits.len() % 2 != 0 {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let steps = parse("accept:first;text:a%3Bb;close:1000:bye").expect("a script");
        assert_eq!(
            steps,
            [
                Step::Accept(Accept { protocol: Protocol::First, ..Accept::default() }),
                Step::Frame(Header::whole(1), b"a;b".to_vec()),
                Step::Frame(Header::whole(8), b"\x03\xe8bye".to_vec()),
            ]
        );
    }

    #[test]
    fn a_step_that_cannot_be_read_is_named() {
        assert_eq!(parse("accept;dance"), Err("cannot read the step `dance`".to_owned()));
        assert!(parse("binary:0").is_err());
    }
}
