//! SOCKS 5 (RFC 1928), with user name and password (RFC 1929).

use super::Target;
use crate::{ProxyFault, proxy::Credentials};
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;
const NOTHING_ACCEPTABLE: u8 = 0xff;
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const RESERVED: u8 = 0;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

pub(super) async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    target: Target<'_>,
    credentials: Option<&Credentials>,
) -> Result<(), ProxyFault> {
    match agree_on_method(stream, credentials.is_some()).await? {
        NO_AUTHENTICATION => {}
        PASSWORD => authenticate(stream, credentials).await?,
        NOTHING_ACCEPTABLE => return Err(ProxyFault::Unauthorized),
        method => return Err(invalid(format!("it wants an authentication that was not offered: {method}"))),
    }
    stream.write_all(&request(target)?).await?;
    stream.flush().await?;
    let [version, reply, _, kind] = read(stream).await?;
    check_version(version)?;
    if reply != 0 {
        return Err(ProxyFault::Socks { reply });
    }
    skip_address(stream, kind).await
}

async fn agree_on_method(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    has_credentials: bool,
) -> Result<u8, ProxyFault> {
    let greeting: &[u8] =
        if has_credentials { &[VERSION, 2, NO_AUTHENTICATION, PASSWORD] } else { &[VERSION, 1, NO_AUTHENTICATION] };
    stream.write_all(greeting).await?;
    stream.flush().await?;
    let [version, method] = read(stream).await?;
    check_version(version)?;
    Ok(method)
}

async fn authenticate(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    credentials: Option<&Credentials>,
) -> Result<(), ProxyFault> {
    let Some(Credentials { user, password }) = credentials else { return Err(ProxyFault::Unauthorized) };
    let mut bytes = vec![PASSWORD_VERSION];
    for text in [user, password] {
        bytes.push(length(text)?);
        bytes.extend_from_slice(text.as_bytes());
    }
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    let [_, status] = read(stream).await?;
    if status == 0 { Ok(()) } else { Err(ProxyFault::Unauthorized) }
}

fn request(target: Target<'_>) -> Result<Vec<u8>, ProxyFault> {
    let mut bytes = vec![VERSION, CONNECT, RESERVED];
    match target.host.parse() {
        Ok(IpAddr::V4(address)) => {
            bytes.push(IPV4);
            bytes.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            bytes.push(IPV6);
            bytes.extend_from_slice(&address.octets());
        }
        Err(_) => {
            bytes.extend_from_slice(&[NAME, length(target.host)?]);
            bytes.extend_from_slice(target.host.as_bytes());
        }
    }
    bytes.extend_from_slice(&target.port.to_be_bytes());
    Ok(bytes)
}

/// The address that the proxy dials from, of which nobody needs to know.
async fn skip_address(stream: &mut (impl AsyncRead + Unpin), kind: u8) -> Result<(), ProxyFault> {
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(read::<1>(stream).await?[0]),
        kind => return Err(invalid(format!("its answer has an address of an unknown kind: {kind}"))),
    };
    let mut rest = vec![0; length + size_of::<u16>()];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

async fn read<const LENGTH: usize>(stream: &mut (impl AsyncRead + Unpin)) -> Result<[u8; LENGTH], ProxyFault> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn check_version(version: u8) -> Result<(), ProxyFault> {
    if version == VERSION { Ok(()) } else { Err(invalid(format!("it does not speak SOCKS 5 but {version}"))) }
}

fn length(text: &str) -> Result<u8, ProxyFault> {
    u8::try_from(text.len()).map_err(|_| invalid("SOCKS carries no text of more than 255 bytes".to_owned()))
}

fn invalid(reason: String) -> ProxyFault {
    ProxyFault::Invalid { reason }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::converse, *};

    const TARGET: Target<'static> = Target { host: "example.com", port: 443, secure: true };
    const ASKED: &[u8] = b"\x05\x01\x00\x03\x0bexample.com\x01\xbb";

    fn credentials() -> Credentials {
        Credentials { user: "me".to_owned(), password: "pw".to_owned() }
    }

    #[tokio::test]
    async fn the_name_is_left_to_the_proxy() {
        let script: [(usize, &[u8]); 2] = [(3, &[5, 0]), (ASKED.len(), &[5, 0, 0, 1, 1, 2, 3, 4, 0, 80])];
        let (result, heard) = converse(&script, async |stream| connect(stream, TARGET, None).await).await;
        assert_eq!((result, heard), (Ok(()), [&[5, 1, 0], ASKED].concat()));
    }

    #[tokio::test]
    async fn credentials_are_shown_when_they_are_asked_for() {
        let script: [(usize, &[u8]); 3] = [(4, &[5, 2]), (7, &[1, 0]), (ASKED.len(), &[5, 0, 0, 3, 1, b'h', 0, 80])];
        let (result, heard) =
            converse(&script, async |stream| connect(stream, TARGET, Some(&credentials())).await).await;
        assert_eq!((result, heard), (Ok(()), [&[5, 2, 0, 2], &b"\x01\x02me\x02pw"[..], ASKED].concat()));
    }

    #[tokio::test]
    async fn refusals_are_told_apart() {
        let refused: [(usize, &[u8]); 3] = [(4, &[5, 2]), (7, &[1, 1]), (0, &[])];
        let (result, _) = converse(&refused, async |stream| connect(stream, TARGET, Some(&credentials())).await).await;
        assert_eq!(result, Err(ProxyFault::Unauthorized));
        for (script, expected) in [
            ([(3, &[5, 0xff][..]), (0, &[][..])], "credentials"),
            ([(3, &[5, 0]), (ASKED.len(), &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0])], "refused"),
            ([(3, &[4, 0]), (0, &[])], "SOCKS 5"),
            ([(3, &[5, 0]), (ASKED.len(), &[5, 0, 0, 9])], "unknown kind"),
            ([(3, &[5]), (0, &[])], "ended"),
        ] {
            let (result, _) = converse(&script, async |stream| connect(stream, TARGET, None).await).await;
            let fault = result.expect_err(expected).to_string();
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn addresses_are_sent_as_such() {
        let bytes = |host| request(Target { host, port: 80, secure: false }).expect("short");
        assert_eq!(bytes("10.0.0.1"), [5, 1, 0, 1, 10, 0, 0, 1, 0, 80]);
        assert_eq!(bytes("::1").len(), 4 + 16 + 2);
        assert!(request(Target { host: &"h".repeat(256), port: 80, secure: false }).is_err());
    }
}
