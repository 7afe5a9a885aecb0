//! Happy eyeballs (RFC 8305): the addresses of a name race each other, so that one family that is
//! broken costs no more than a moment.

use futures::{
    StreamExt,
    future::{Either, pending, select},
    stream::FuturesUnordered,
};
use std::{future::Future, io, net::SocketAddr, pin::pin, time::Duration};

/// How long one address is ahead of the next (RFC 8305 section 5, "Connection Attempt Delay").
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The first connection that stands; the others are given up. The failure is that of the last that
/// failed. The resolver has sorted the addresses (RFC 6724) and answered for both families at once.
pub(super) async fn race<S, D>(addresses: Vec<SocketAddr>, dial: impl Fn(SocketAddr) -> D) -> io::Result<S>
where
    D: Future<Output = io::Result<S>>,
{
    let mut waiting = interleaved(addresses).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::AddrNotAvailable, "the name has no address");
    loop {
        match waiting.next() {
            Some(address) => attempts.push(dial(address)),
            None if attempts.is_empty() => return Err(failure),
            None => {}
        }
        let is_last = waiting.len() == 0;
        let delay = async { if is_last { pending().await } else { tokio::time::sleep(ATTEMPT_DELAY).await } };
        match select(attempts.next(), pin!(delay)).await {
            Either::Left((Some(Ok(stream)), _)) => return Ok(stream),
            // the next may begin at once
            Either::Left((Some(Err(error)), _)) => failure = error,
            Either::Left((None, _)) | Either::Right(_) => {}
        }
    }
}

/// One family and the other in turn, the first one first (RFC 8305 section 4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().copied() else { return addresses };
    let (same, others): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|it| it.is_ipv4() == first.is_ipv4());
    let mut others = others.into_iter();
    let mut mixed: Vec<_> = same.into_iter().flat_map(|address| [Some(address), others.next()]).flatten().collect();
    mixed.extend(others);
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use tokio::time::Instant;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    /// Port 1 refuses, port 2 never answers, port 3 answers after 100 ms; each says when it was dialled.
    async fn run(addresses: &[&str]) -> (io::Result<SocketAddr>, Vec<(String, u64)>, u64) {
        let start = Instant::now();
        let since = || start.elapsed().as_millis() as u64;
        let dialled = RefCell::new(Vec::new());
        let result = race(addresses.iter().map(|it| address(it)).collect(), |address| {
            dialled.borrow_mut().push((address.to_string(), since()));
            async move {
                match address.port() {
                    1 => Err(io::ErrorKind::ConnectionRefused.into()),
                    2 => pending().await,
                    _ => {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        Ok(address)
                    }
                }
            }
        })
        .await;
        (result, dialled.into_inner(), since())
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_address_costs_the_delay_and_no_more() {
        let (result, dialled, time) = run(&["[::1]:2", "[::2]:2", "1.1.1.1:3"]).await;
        assert_eq!(result.expect("it answers"), address("1.1.1.1:3"));
        assert_eq!(dialled, [("[::1]:2".to_owned(), 0), ("1.1.1.1:3".to_owned(), 250)]);
        assert_eq!(time, 350);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_refuses_costs_nothing() {
        let (result, dialled, time) = run(&["[::1]:1", "1.1.1.1:3"]).await;
        assert_eq!((result.expect("it answers"), dialled.len(), time), (address("1.1.1.1:3"), 2, 100));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_that_stands_wins_though_it_was_slow() {
        let (result, dialled, time) = run(&["[::1]:3", "1.1.1.1:3"]).await;
        assert_eq!((result.expect("it answers"), dialled.len(), time), (address("[::1]:3"), 1, 100));
    }

    #[tokio::test(start_paused = true)]
    async fn the_failure_is_told_when_all_have_failed() {
        let (result, _, _) = run(&["[::1]:1", "1.1.1.1:1"]).await;
        assert_eq!(result.expect_err("none").kind(), io::ErrorKind::ConnectionRefused);
        let (result, _, _) = run(&[]).await;
        assert_eq!(result.expect_err("none").kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn families_take_turns() {
        let mixed = interleaved(["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"].map(address).to_vec());
        assert_eq!(mixed, ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"].map(address));
    }
}
