//! Gates: more listeners of the same server, which clients stop, start and misconfigure.

mod gate;
mod mode;
mod slow;
mod valve;

pub(crate) use mode::Refusal;

use crate::{http::Request, interjections::Interjection, newest::Newest, server::Shared};
use gate::{Command, Gate};
use mode::Mode;
use std::{
    io,
    net::IpAddr,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How many gates there are, the newest: each takes a descriptor, of which a process often has
/// no more than 1024.
const KEPT: usize = 512;
/// How long somebody waits for connections.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest reason that fits into a close frame.
const REASON_LIMIT: usize = 123;
/// How many bytes a flood may have, as it is made before it is sent.
const FLOOD_LIMIT: usize = 64 << 20;
/// At most.
const FRAME_HEADER: usize = 10;

#[derive(Debug)]
pub(crate) struct Gates {
    address: IpAddr,
    /// By port; `None` once the server has ended.
    gates: Mutex<Option<Newest<u16, Arc<Gate>>>>,
}

impl Gates {
    pub(crate) fn none(address: IpAddr) -> Self {
        Self { address, gates: Mutex::new(Some(Newest::at_most(KEPT))) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Newest<u16, Arc<Gate>>>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all gates, for good: they hold what all connections share, which holds them.
    pub(crate) fn end(&self) {
        self.lock().take();
    }

    async fn make(&self, shared: &Arc<Shared>) -> io::Result<u16> {
        let gate = Gate::start(self.address, shared.clone()).await?;
        let port = gate.port;
        if let Some(gates) = &mut *self.lock() {
            gates.insert(port, Arc::new(gate));
        }
        Ok(port)
    }

    fn get(&self, port: &str) -> Option<Arc<Gate>> {
        self.lock().as_ref()?.get(&port.parse::<u16>().ok()?).cloned()
    }
}

/// Status and text for a request below `/gate/`; `None` if there is no such path.
pub(crate) async fn answer(request: &Request, shared: &Arc<Shared>) -> Option<(u16, String)> {
    let done = |result: io::Result<()>, word: &str| match result {
        Ok(()) => (200, word.to_owned()),
        Err(error) => (500, error.to_string()),
    };
    let action = request.path().strip_prefix("/gate/")?;
    if action == "new" {
        let made = shared.gates.make(shared).await;
        return Some(made.map_or_else(|error| (500, error.to_string()), |port| (200, port.to_string())));
    }
    let port = request.parameter("port").unwrap_or_default();
    let Some(gate) = shared.gates.get(&port) else {
        return Some((404, format!("there is no gate at port `{}`", port.escape_debug())));
    };
    Some(match action {
        "stop" => done(gate.order(Command::Stop).await, "stopped"),
        "blackhole" => done(gate.order(Command::Blackhole).await, "dug"),
        "start" => done(gate.order(Command::Start).await, "started"),
        "freeze" => done(gate.order(Command::Freeze).await, "frozen"),
        "thaw" => done(gate.order(Command::Thaw).await, "thawed"),
        "drop" => done(gate.order(Command::Drop).await, "dropped"),
        "held-back" => match gate.held_back().await {
            Ok(count) => (200, count.to_string()),
            Err(error) => (500, error.to_string()),
        },
        "set" => match Mode::read(&request.parameter("mode").unwrap_or_default()) {
            Some(mode) => {
                gate.set(mode);
                (200, "set".to_owned())
            }
            None => (400, "the mode is none of serve, hang, cut, status:NNN, status:NNN:NAME:VALUE, tls, tls:expired, tls:elsewhere, tls:old".to_owned()),
        },
        "close" => match closing(request) {
            Some(interjection) => done(gate.order(Command::Interject(interjection)).await, "closing"),
            None => (400, "`code` is no number of 16 bits, or `reason` is longer than 123 bytes".to_owned()),
        },
        "flood" => match flood(request) {
            Some(interjection) => done(gate.order(Command::Interject(interjection)).await, "flooding"),
            None => (400, "`count` and `bytes` are no numbers, or more than 64 MiB together".to_owned()),
        },
        "slow" => match number(request, "latency", 0).zip(number(request, "rate", 0)) {
            Some((latency, rate)) => {
                gate.slow(latency, rate);
                (200, "set".to_owned())
            }
            None => (400, "`latency` or `rate` is no number".to_owned()),
        },
        "count" => (200, gate.accepted().to_string()),
        "wait" => {
            let wanted = request.parameter("count").and_then(|count| count.parse().ok()).unwrap_or_default();
            let _too_few = tokio::time::timeout(PATIENCE, gate.wait_for(wanted)).await;
            (200, gate.accepted().to_string())
        }
        _ => return None,
    })
}

/// `None` if it cannot be read.
fn number<N: FromStr>(request: &Request, name: &str, default: N) -> Option<N> {
    request.parameter(name).map_or(Some(default), |value| value.parse().ok())
}

fn closing(request: &Request) -> Option<Interjection> {
    let reason = request.parameter("reason").unwrap_or_default();
    let code = number(request, "code", 1000).filter(|_| reason.len() <= REASON_LIMIT)?;
    Some(Interjection::close(code, &reason))
}

fn flood(request: &Request) -> Option<Interjection> {
    let (count, length) = number(request, "count", 1000).zip(number(request, "bytes", 64))?;
    let fits = usize::checked_mul(count, usize::saturating_add(length, FRAME_HEADER))
        .is_some_and(|bytes| bytes <= FLOOD_LIMIT);
    fits.then(|| Interjection::flood(count, length))
}
