//! HTTP CONNECT (RFC 9110 section 9.3.6), with Basic credentials (RFC 7617).

use super::Target;
use crate::{ProxyFault, backend::native::answer::Head, proxy::Credentials};
use data_encoding::BASE64;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest head of an answer.
const HEAD_LIMIT: usize = 64 * 1024;

pub(super) async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    target: Target<'_>,
    credentials: Option<&Credentials>,
) -> Result<(), ProxyFault> {
    let authority = match target.host.contains(':') {
        true => format!("[{}]:{}", target.host, target.port),
        false => format!("{}:{}", target.host, target.port),
    };
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some(Credentials { user, password }) = credentials {
        let encoded = BASE64.encode(format!("{user}:{password}").as_bytes());
        request.push_str(&format!("Proxy-Authorization: Basic {encoded}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    match status(stream).await? {
        200..=299 => Ok(()),
        // tinyproxy means the same by 401 when they are wrong
        401 | 407 => Err(ProxyFault::Unauthorized),
        status => Err(ProxyFault::Http { status }),
    }
}

/// The status of the answer, of which nothing but the head may have come: what follows is the
/// server's, and that says nothing before the client does.
async fn status(stream: &mut (impl AsyncRead + Unpin)) -> Result<u16, ProxyFault> {
    let invalid = |reason: String| ProxyFault::Invalid { reason };
    let mut buffer = Vec::with_capacity(512);
    let mut passed = 0;
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(invalid("it ended the connection before it answered".to_owned()));
        }
        loop {
            match Head::parse(&buffer) {
                Ok(Some((head, length))) if head.is_interim() => {
                    passed += length;
                    buffer.drain(..length);
                }
                Ok(Some((head, length))) => {
                    let is_more = length < buffer.len() && (200..=299).contains(&head.status);
                    let more = "it says more than its answer";
                    return if is_more { Err(invalid(more.to_owned())) } else { Ok(head.status) };
                }
                Ok(None) => break,
                Err(error) => return Err(invalid(format!("its answer is not HTTP: {error}"))),
            }
        }
        if passed + buffer.len() > HEAD_LIMIT {
            return Err(invalid(format!("its answer exceeds {HEAD_LIMIT} bytes")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::converse, *};

    const TARGET: Target<'static> = Target { host: "example.com", port: 443, secure: true };

    #[tokio::test]
    async fn the_request_names_the_target_and_the_credentials() {
        let expected = "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n";
        let script = [(expected.len(), &b"HTTP/1.1 200 OK\r\n\r\n"[..])];
        let credentials = Credentials { user: "user".to_owned(), password: "pass".to_owned() };
        let target = Target { host: "::1", port: 80, secure: false };
        let (result, heard) = converse(&script, async |stream| connect(stream, target, Some(&credentials)).await).await;
        assert_eq!((result, String::from_utf8_lossy(&heard).into_owned()), (Ok(()), expected.to_owned()));
    }

    #[tokio::test]
    async fn answers_are_told_apart() {
        for (answer, expected) in [
            ("HTTP/1.0 200 Connection established\r\n\r\n", Ok(())),
            ("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", Ok(())),
            ("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno", Err("credentials")),
            ("HTTP/1.1 503 x\r\n\r\n", Err("503")),
            ("SSH-2.0\r\n", Err("not HTTP")),
            ("HTTP/1.1 200 OK\r\n\r\nhi", Err("more than")),
            ("HTTP/1.1 200 O", Err("ended")),
        ] {
            let script = [(0, answer.as_bytes())];
            let (result, _) = converse(&script, async |stream| connect(stream, TARGET, None).await).await;
            match (result, expected) {
                (Ok(()), Ok(())) => {}
                (Err(fault), Err(words)) => assert!(fault.to_string().contains(words), "{answer:?}: {fault}"),
                (result, _) => panic!("{answer:?}: {result:?}"),
            }
        }
    }
}
