//! What client and server agree on (RFC 7692 section 7.1).

use crate::{Deflate, HandshakeFault, deflate::LARGEST_WINDOW};

const NAME: &str = "permessage-deflate";
const SERVER_NO_CONTEXT: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// How both sides compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend::native) struct Agreement {
    pub(in crate::backend::native) server_no_context_takeover: bool,
    pub(in crate::backend::native) client_no_context_takeover: bool,
    pub(in crate::backend::native) server_window_bits: u8,
    pub(in crate::backend::native) client_window_bits: u8,
}

impl Default for Agreement {
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_window_bits: LARGEST_WINDOW,
            client_window_bits: LARGEST_WINDOW,
        }
    }
}

/// The header that offers it. That the client's window can be made smaller is always said.
pub(in crate::backend::native) fn offer(options: &Deflate) -> String {
    let mut offer = format!("{NAME}; {CLIENT_WINDOW}");
    if options.client_max_window_bits < LARGEST_WINDOW {
        offer.push_str(&format!("={}", options.client_max_window_bits));
    }
    if options.server_max_window_bits < LARGEST_WINDOW {
        offer.push_str(&format!("; {SERVER_WINDOW}={}", options.server_max_window_bits));
    }
    for (wanted, name) in [
        (options.server_no_context_takeover, SERVER_NO_CONTEXT),
        (options.client_no_context_takeover, CLIENT_NO_CONTEXT),
    ] {
        if wanted {
            offer.push_str(&format!("; {name}"));
        }
    }
    offer
}

/// What the server's header agrees to. Whatever does not fit the offer fails the connection.
pub(in crate::backend::native) fn agree(header: &str, options: &Deflate) -> Result<Agreement, HandshakeFault> {
    let unfit = || HandshakeFault::UnfitExtension { extension: header.to_owned() };
    let mut parts = header.split(';').map(str::trim);
    if parts.next() != Some(NAME) {
        return Err(HandshakeFault::UnofferedExtension { extension: header.to_owned() });
    }
    let mut agreement = Agreement {
        client_no_context_takeover: options.client_no_context_takeover,
        client_window_bits: options.client_max_window_bits,
        ..Agreement::default()
    };
    let mut seen = Vec::new();
    for part in parts {
        let (name, value) =
            part.split_once('=').map_or((part, None), |(name, value)| (name.trim(), Some(value.trim())));
        if seen.contains(&name) {
            return Err(unfit());
        }
        seen.push(name);
        match (name, value) {
            (SERVER_NO_CONTEXT, None) => agreement.server_no_context_takeover = true,
            (CLIENT_NO_CONTEXT, None) => agreement.client_no_context_takeover = true,
            (SERVER_WINDOW, Some(value)) => {
                agreement.server_window_bits = bits(value, options.server_max_window_bits).ok_or_else(unfit)?;
            }
            (CLIENT_WINDOW, Some(value)) => {
                agreement.client_window_bits = bits(value, options.client_max_window_bits).ok_or_else(unfit)?;
            }
            _ => return Err(unfit()),
        }
    }
    let asked_for_none = options.server_no_context_takeover && !agreement.server_no_context_takeover;
    let asked_for_less = agreement.server_window_bits > options.server_max_window_bits;
    if asked_for_none || asked_for_less {
        return Err(unfit());
    }
    // what was compressed by a smaller window is inflated by a larger one
    agreement.server_window_bits = agreement.server_window_bits.max(9);
    Ok(agreement)
}

/// A number of bits from 8 to the most, which may stand in quotes.
fn bits(value: &str, most: u8) -> Option<u8> {
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_number = !value.is_empty() && !value.starts_with('0') && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|bits| is_number && (8..=most).contains(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_says_what_was_chosen() {
        assert_eq!(offer(&Deflate::default()), "permessage-deflate; client_max_window_bits");
        let all = Deflate::default()
            .client_max_window_bits(10)
            .server_max_window_bits(11)
            .client_no_context_takeover(true)
            .server_no_context_takeover(true);
        assert_eq!(
            offer(&all),
            "permessage-deflate; client_max_window_bits=10; server_max_window_bits=11; \
             server_no_context_takeover; client_no_context_takeover"
        );
    }

    #[test]
    fn what_fits_is_agreed_on() {
        let options = Deflate::default();
        let defaults = Agreement::default();
        for (header, expected) in [
            ("permessage-deflate", defaults),
            (
                "permessage-deflate; server_no_context_takeover",
                Agreement { server_no_context_takeover: true, ..defaults },
            ),
            (
                "permessage-deflate;client_no_context_takeover",
                Agreement { client_no_context_takeover: true, ..defaults },
            ),
            ("permessage-deflate; client_max_window_bits=\"9\"", Agreement { client_window_bits: 9, ..defaults }),
            ("permessage-deflate; client_max_window_bits=8", Agreement { client_window_bits: 8, ..defaults }),
            ("permessage-deflate; server_max_window_bits=8", Agreement { server_window_bits: 9, ..defaults }),
        ] {
            assert_eq!(agree(header, &options), Ok(expected), "{header}");
        }
    }

    #[test]
    fn what_does_not_fit_fails() {
        let narrow = Deflate::default().server_max_window_bits(10).server_no_context_takeover(true);
        let plain = Deflate::default();
        for (header, options) in [
            ("x-webkit-deflate-frame", plain),
            ("permessage-deflate, permessage-deflate", plain),
            ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", plain),
            ("permessage-deflate; server_no_context_takeover=1", plain),
            ("permessage-deflate; client_max_window_bits", plain),
            ("permessage-deflate; client_max_window_bits=16", plain),
            ("permessage-deflate; client_max_window_bits=012", plain),
            ("permessage-deflate; server_max_window_bits=7", plain),
            ("permessage-deflate; unknown", plain),
            ("permessage-deflate; server_no_context_takeover; server_max_window_bits=11", narrow),
            ("permessage-deflate; server_max_window_bits=10", narrow),
            ("permessage-deflate; server_no_context_takeover", narrow),
        ] {
            assert!(agree(header, &options).is_err(), "{header}");
        }
    }
}
