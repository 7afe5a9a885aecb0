//! How new connections are treated.

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mode {
    Serve,
    Hang,
    Cut,
    Refuse(Refusal),
    Tls(Certificate),
    /// What a server says that has only versions of TLS which nobody speaks any more.
    OldTls,
}

/// What is shown to clients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Certificate {
    Good,
    Expired,
    Elsewhere,
}

/// What is answered to each request to upgrade.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) header: Option<(String, String)>,
}

impl Mode {
    pub(super) fn read(text: &str) -> Option<Self> {
        // a value may contain colons
        let fields: Vec<&str> = text.splitn(4, ':').collect();
        let refuse = |status: &str, header: Option<(&str, &str)>| {
            let status = status.parse().ok().filter(|status| (100..1000).contains(status))?;
            let header = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
            Some(Self::Refuse(Refusal { status, header }))
        };
        match fields[..] {
            ["serve"] => Some(Self::Serve),
            ["hang"] => Some(Self::Hang),
            ["cut"] => Some(Self::Cut),
            ["tls"] => Some(Self::Tls(Certificate::Good)),
            ["tls", "expired"] => Some(Self::Tls(Certificate::Expired)),
            ["tls", "elsewhere"] => Some(Self::Tls(Certificate::Elsewhere)),
            ["tls", "old"] => Some(Self::OldTls),
            ["status", status] => refuse(status, None),
            ["status", status, name, value] => refuse(status, Some((name, value))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read() {
        assert_eq!(Mode::read("cut"), Some(Mode::Cut));
        assert_eq!(Mode::read("tls:expired"), Some(Mode::Tls(Certificate::Expired)));
        assert_eq!(Mode::read("status:503"), Some(Mode::Refuse(Refusal { status: 503, header: None })));
        let header = Some(("Location".to_owned(), "ws://host:1/".to_owned()));
        assert_eq!(Mode::read("status:302:Location:ws://host:1/"), Some(Mode::Refuse(Refusal { status: 302, header })));
        for wrong in ["", "dance", "serve:1", "tls:good", "status", "status:99", "status:503:Name"] {
            assert_eq!(Mode::read(wrong), None, "{wrong}");
        }
    }
}
