//! Every parser, and the state machine, fed with bytes: for the fuzzers in `fuzz/`, and for the tests
//! that feed them again with what those have found. Not part of what the crate offers.

use crate::{
    Cause, ConnectionError, HttpRefusal, OpenError,
    address::{Address, check_header, check_protocols},
    close::CloseFrame,
    reconnect::{Decision, Failure, RetryPolicy},
};
use std::time::Duration;

/// What a user, or a page's address, hands to a builder: a URL, and line by line a subprotocol, a
/// header's name and value, a close reason, and what a server has in Retry-After.
pub fn input(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    url(line());
    let protocols: Vec<String> = line().split(',').map(str::to_owned).collect();
    say(check_protocols(&protocols).err());
    let (name, value) = (line(), line());
    match check_header(name, value) {
        Ok(()) => header_goes_out(name, value),
        Err(error) => say(Some(error)),
    }
    let reason = line();
    assert_eq!(CloseFrame::new(1000, reason).is_ok(), reason.len() <= 123);
    retry_after(line());
}

/// The answer to an upgrade request.
pub fn handshake(bytes: &[u8]) {
    crate::backend::fuzz::handshake(bytes);
}

/// Frames of a server.
pub fn frames(bytes: &[u8]) {
    crate::backend::fuzz::frames(bytes);
}

/// A schedule of what befalls a reconnecting socket.
pub fn machine(bytes: &[u8]) {
    crate::reconnect::machine::tests::bytes::run(bytes);
}

fn url(text: &str) {
    let address = match Address::parse(text) {
        Ok(address) => address,
        Err(error) => return say(Some(error)),
    };
    let again = Address::parse(address.href()).map(|again| again.href().to_owned());
    assert_eq!(again, Ok(address.href().to_owned()), "what it is parsed to is parsed to itself");
    let parts = address.parts();
    assert!(!parts.host.is_empty() && parts.target.starts_with('/'), "{parts:?}");
    let shown = address.shown();
    let (_, rest) = shown.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    assert!(!authority.contains('@'), "credentials are shown");
    assert!(shown.split_once('?').is_none_or(|(_, query)| query == "…"), "a query is shown");
    assert!(!shown.contains(char::is_control));
}

/// What has passed our check is taken by the library that writes it.
fn header_goes_out(name: &str, value: &str) {
    use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
    assert!(HeaderName::from_bytes(name.as_bytes()).is_ok(), "{name:?}");
    assert!(HeaderValue::from_bytes(value.as_bytes()).is_ok(), "{value:?}");
}

fn retry_after(value: &str) {
    let headers = vec![("retry-after".to_owned(), value.to_owned())];
    let refusal = HttpRefusal::new(503, headers, Default::default());
    let failure = Failure::Connection(ConnectionError::new("ws://host/".into(), Cause::Http(refusal)));
    let decision = RetryPolicy::new().decide(&failure, Duration::from_secs(1_700_000_000));
    assert!(matches!(decision, Decision::Retry | Decision::RetryAfter(_)), "{decision:?}");
    if let Decision::RetryAfter(after) = decision {
        assert!(after <= Duration::from_secs(3600), "a server makes nobody wait for longer");
    }
}

/// No error can end a line in a log.
fn say(error: Option<OpenError>) {
    if let Some(error) = error {
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;
    use std::{fs, path::Path};

    /// How often each file of the corpus is changed and tried.
    const VARIANTS: usize = 200;

    /// Feeds a target with its corpus, and with each file cut, repeated and scribbled on.
    fn replay(name: &str, target: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let files = fs::read_dir(&folder).expect("a corpus").map(|file| fs::read(file.expect("a file").path()));
        let corpus: Vec<Vec<u8>> = files.map(|bytes| bytes.expect("bytes")).collect();
        assert!(!corpus.is_empty());
        let mut random = Rng::with_seed(7);
        for bytes in &corpus {
            target(bytes);
            for _ in 0..VARIANTS {
                target(&variant(bytes, &corpus, &mut random));
            }
        }
    }

    fn variant(bytes: &[u8], corpus: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(0..=bytes.len());
            match random.u8(0..5) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, random.u8(..)),
                2 if at < bytes.len() => bytes[at] ^= 1 << random.u8(0..8),
                3 if at < bytes.len() => drop(bytes.remove(at)),
                _ => {
                    let other = &corpus[random.usize(0..corpus.len())];
                    bytes.splice(at..at, other[random.usize(0..=other.len())..].iter().copied().take(64));
                }
            }
        }
        bytes
    }

    #[test]
    fn what_users_hand_in() {
        replay("input", input);
    }

    #[test]
    fn answers_to_the_upgrade_request() {
        replay("handshake", handshake);
    }

    #[test]
    fn frames_of_a_server() {
        replay("frames", frames);
    }

    #[test]
    fn schedules_of_the_machine() {
        replay("machine", machine);
    }
}
