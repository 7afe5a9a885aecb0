//! How each step is written.

use super::{Accept, Fault, Protocol, Step};
use crate::{
    frame::{BINARY, CLOSE, Header, MESSAGE_LIMIT, PING, PONG, TEXT},
    http::decode,
};

/// The step of these fields.
pub(super) fn read(fields: &[&str]) -> Option<Step> {
    read_answer(fields).or_else(|| read_plain(fields)).or_else(|| read_frame(fields))
}

/// Steps that answer the request.
fn read_answer(fields: &[&str]) -> Option<Step> {
    let accept = |accept: Accept| Some(Step::Accept(accept));
    let fault = |fault| accept(Accept { fault: Some(fault), ..Accept::default() });
    match fields {
        ["header", name, value @ ..] => Some(Step::Header((*name).to_owned(), decode(&value.join(":")))),
        ["http", status] => Some(Step::Http(read_status(status)?, format!("status {status}"))),
        ["http", status, body] => Some(Step::Http(read_status(status)?, decode(body))),
        ["accept"] => accept(Accept::default()),
        ["accept", "first"] => accept(Accept { protocol: Protocol::First, ..Accept::default() }),
        ["accept", name] => accept(Accept { protocol: Protocol::Named(decode(name)), ..Accept::default() }),
        ["accept-extension", value] => accept(Accept { extension: Some(decode(value)), ..Accept::default() }),
        ["slow-accept"] => accept(Accept { slow: true, ..Accept::default() }),
        ["accept-wrong-key"] => fault(Fault::WrongKey),
        ["accept-no-upgrade"] => fault(Fault::NoUpgrade),
        ["accept-no-connection"] => fault(Fault::NoConnection),
        ["accept-http10"] => fault(Fault::Http10),
        _ => None,
    }
}

/// Steps that wait, or act on the connection.
fn read_plain(fields: &[&str]) -> Option<Step> {
    match fields {
        ["hold"] => Some(Step::Hold),
        ["flush"] => Some(Step::Flush),
        ["raw", bytes] => Some(Step::Raw(read_hex(bytes)?)),
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
        _ => None,
    }
}

/// Steps that send.
fn read_frame(fields: &[&str]) -> Option<Step> {
    let whole = |opcode, payload| Some(Step::Frame(Header::whole(opcode), payload));
    let close = |code: &str, reason: String| {
        let code: u16 = code.parse().ok()?;
        whole(CLOSE, [&code.to_be_bytes()[..], reason.as_bytes()].concat())
    };
    match fields {
        ["text", text] => whole(TEXT, decode(text).into_bytes()),
        ["binary", bytes] => whole(BINARY, read_hex(bytes)?),
        ["ping", bytes] => whole(PING, read_hex(bytes)?),
        ["pong", bytes] => whole(PONG, read_hex(bytes)?),
        ["close"] => whole(CLOSE, Vec::new()),
        ["close", code] => close(code, String::new()),
        ["close", code, reason] => close(code, decode(reason)),
        ["close-raw", bytes] => whole(CLOSE, read_hex(bytes)?),
        ["frame", is_final, reserved, opcode, masked, bytes] => {
            let header = Header {
                is_final: read_flag(is_final)?,
                reserved: read_up_to(7, reserved)?,
                opcode: read_up_to(15, opcode)?,
                masked: read_flag(masked)?,
            };
            Some(Step::Frame(header, read_hex(bytes)?))
        }
        ["frame-header", opcode, length] => {
            Some(Step::FrameHeader(Header::whole(read_up_to(15, opcode)?), length.parse().ok()?))
        }
        ["fill", "text", size] => Some(Step::Fill(TEXT, read_size(size)?)),
        ["fill", "binary", size] => Some(Step::Fill(BINARY, read_size(size)?)),
        ["flood", count, size] => Some(Step::Flood(count.parse().ok()?, read_size(size).filter(|size| *size >= 8)?)),
        _ => None,
    }
}

fn read_status(status: &str) -> Option<u16> {
    status.parse().ok().filter(|status| (100..1000).contains(status))
}

fn read_flag(flag: &str) -> Option<bool> {
    read_up_to(1, flag).map(|flag| flag == 1)
}

fn read_up_to(most: u8, number: &str) -> Option<u8> {
    number.parse().ok().filter(|number| *number <= most)
}

fn read_size(size: &str) -> Option<usize> {
    size.parse().ok().filter(|size| *size <= MESSAGE_LIMIT)
}

fn read_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some((digit(*high)? * 16 + digit(*low)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Option<Step> {
        read(&text.split(':').collect::<Vec<_>>())
    }

    #[test]
    fn text_fields_are_decoded_once_more() {
        assert_eq!(step("text:a%3Ab%3Bc%25"), Some(Step::Frame(Header::whole(TEXT), b"a:b;c%".to_vec())));
        assert_eq!(step("text:"), Some(Step::Frame(Header::whole(TEXT), Vec::new())));
        let header = Step::Header("Location".to_owned(), "ws://host/;".to_owned());
        assert_eq!(step("header:Location:ws://host/%3B"), Some(header));
    }

    #[test]
    fn frames_take_all_bits() {
        let header = Header { is_final: false, reserved: 5, opcode: 11, masked: true };
        assert_eq!(step("frame:0:5:11:1:0aFF"), Some(Step::Frame(header, vec![0x0a, 0xff])));
        assert_eq!(step("frame-header:2:5"), Some(Step::FrameHeader(Header::whole(BINARY), 5)));
        for wrong in ["frame:2:0:1:0:", "frame:1:8:1:0:", "frame:1:0:16:0:", "frame:1:0:1:0"] {
            assert_eq!(step(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_and_digits_are_checked() {
        assert_eq!(step("flood:3:8"), Some(Step::Flood(3, 8)));
        let wrong = ["flood:3:7", "fill:text:999999999999", "fill:image:3", "close:65536", "http:99", "expect:many"];
        let digits = ["binary:0", "binary:+5", "raw:zz", "ping", "binary:ü"];
        for text in wrong.iter().chain(&digits) {
            assert_eq!(step(text), None, "{text}");
        }
    }
}
