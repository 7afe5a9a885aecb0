//! One gate: its listener, and the connections that came through it.

use super::{
    mode::{Certificate, Mode},
    slow::{Slow, SlowStream},
    valve::{Valve, ValvedStream},
};
use crate::{
    endpoints,
    interjections::{Interjection, Interjections, Interjector},
    server::{RESPITE, Shared},
    tls::Identity,
    transport,
};
use std::{
    collections::HashMap,
    future, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{mpsc, oneshot, watch},
    task::{Id, JoinSet},
};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;
/// When a queue that takes no more is full. On one machine it takes at once, or never.
const FULL_AFTER: Duration = Duration::from_millis(200);
/// How long those that serve a connection may take to notice that it is gone.
const GRACE: Duration = Duration::from_secs(1);

/// Dropping it ends its listener and all its connections.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) port: u16,
    mode: watch::Sender<Mode>,
    accepted: watch::Sender<u64>,
    slow: Arc<Slow>,
    orders: mpsc::Sender<Order>,
    _keeper: JoinSet<()>,
}

#[derive(Debug)]
pub(super) enum Command {
    Start,
    Stop,
    Blackhole,
    Freeze,
    Thaw,
    Drop,
    CountHeldBack(oneshot::Sender<usize>),
    Interject(Interjection),
}

/// A command, and who is told when it is done.
type Order = (Command, oneshot::Sender<io::Result<()>>);

impl Gate {
    pub(super) async fn start(address: IpAddr, shared: Arc<Shared>) -> io::Result<Self> {
        let listener = bind(SocketAddr::new(address, 0))?.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let mode = watch::Sender::new(Mode::Serve);
        let accepted = watch::Sender::new(0);
        let slow = Arc::new(Slow::default());
        let (orders, received) = mpsc::channel(1);
        let keeper = Keeper {
            address,
            shared,
            mode: mode.subscribe(),
            accepted: accepted.clone(),
            slow: slow.clone(),
            listener: Some(listener),
            reserved: None,
            blackhole: None,
            connections: JoinSet::new(),
            admitted: HashMap::new(),
        };
        let mut task = JoinSet::new();
        task.spawn(keeper.keep(received));
        Ok(Self { port: address.port(), mode, accepted, slow, orders, _keeper: task })
    }

    /// Returns when it is done.
    pub(super) async fn order(&self, command: Command) -> io::Result<()> {
        let ended = || io::Error::other("the gate has ended");
        let (done, result) = oneshot::channel();
        self.orders.send((command, done)).await.map_err(|_| ended())?;
        result.await.map_err(|_| ended())?
    }

    /// How many frozen connections have brought something that is not read.
    pub(super) async fn held_back(&self) -> io::Result<usize> {
        let (counted, count) = oneshot::channel();
        self.order(Command::CountHeldBack(counted)).await?;
        count.await.map_err(io::Error::other)
    }

    pub(super) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Milliseconds, and bytes per second.
    pub(super) fn slow(&self, latency: u64, rate: u64) {
        self.slow.set(latency, rate);
    }

    /// How many connections were ever accepted.
    pub(super) fn accepted(&self) -> u64 {
        *self.accepted.borrow()
    }

    pub(super) async fn wait_for(&self, count: u64) {
        let mut numbers = self.accepted.subscribe();
        // the sender is ours
        let _reached = numbers.wait_for(|accepted| *accepted >= count).await.is_ok();
    }
}

/// The task behind a gate, which does one thing after the other.
struct Keeper {
    address: SocketAddr,
    shared: Arc<Shared>,
    mode: watch::Receiver<Mode>,
    accepted: watch::Sender<u64>,
    slow: Arc<Slow>,
    listener: Option<TcpListener>,
    /// Keeps the system from choosing the port for others while nothing listens, or for a client
    /// that dials it, which would be connected with itself.
    reserved: Option<TcpSocket>,
    /// A listener that nobody accepts from, and what fills its queue.
    blackhole: Option<(TcpListener, Vec<TcpStream>)>,
    connections: JoinSet<()>,
    /// Each connection until it is closed.
    admitted: HashMap<Id, Admitted>,
}

/// By what a connection is steered.
struct Admitted {
    valve: Arc<Valve>,
    interjector: Interjector,
}

impl Keeper {
    async fn keep(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            tokio::select! {
                accepted = accept(self.listener.as_ref()) => match accepted {
                    Ok(stream) => self.admit(stream),
                    // a connection that is gone again, or no descriptor left: the next may do
                    Err(_) => tokio::time::sleep(RESPITE).await,
                },
                Some(ended) = self.connections.join_next_with_id() => {
                    let id = ended.map_or_else(|failed| failed.id(), |(id, ())| id);
                    if self.admitted.get(&id).is_some_and(|admitted| admitted.valve.is_closed()) {
                        self.admitted.remove(&id);
                    }
                }
                Some((command, done)) = orders.recv() => {
                    // whoever ordered it may have come through this gate
                    let _gone = done.send(self.obey(command).await);
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream) {
        // a client that is gone already is met by the first read
        let _gone = stream.set_nodelay(true);
        let valve = Valve::new(stream);
        let mut modes = self.mode.clone();
        let mode = modes.borrow_and_update().clone();
        let stream = SlowStream::new(ValvedStream(valve.clone()), self.slow.clone());
        let (interjector, interjections) = Interjections::new();
        let task = self.connections.spawn(treat(stream, mode, modes, self.shared.clone(), interjections));
        self.admitted.insert(task.id(), Admitted { valve, interjector });
        self.accepted.send_modify(|count| *count += 1);
    }

    async fn obey(&mut self, command: Command) -> io::Result<()> {
        match command {
            Command::Start => return self.start(),
            Command::Stop => {
                if self.listener.take().is_some() || self.blackhole.take().is_some() {
                    // without it the port may be lost, which a start then tells
                    self.reserved = bind(self.address).ok();
                }
                self.reset_all().await;
            }
            Command::Blackhole => {
                self.listener = None;
                self.reset_all().await;
                self.blackhole = Some(dig(self.address).await?);
            }
            Command::Freeze => self.valves().for_each(|valve| valve.freeze()),
            Command::Thaw => {
                self.valves().for_each(|valve| valve.thaw());
                self.admitted.retain(|_, admitted| !admitted.valve.is_closed());
            }
            Command::Drop => self.reset_all().await,
            Command::CountHeldBack(counted) => {
                let count = self.valves().filter(|valve| valve.holds_back()).count();
                // whoever asked may be gone
                let _gone = counted.send(count);
            }
            Command::Interject(interjection) => {
                for Admitted { interjector, .. } in self.admitted.values() {
                    // a connection whose task has ended stays while it is frozen
                    let _ended = interjector.send(interjection.clone());
                }
            }
        }
        Ok(())
    }

    fn valves(&self) -> impl Iterator<Item = &Valve> {
        self.admitted.values().map(|admitted| &*admitted.valve)
    }

    fn start(&mut self) -> io::Result<()> {
        if self.listener.is_none() {
            self.blackhole = None;
            let socket = self.reserved.take().map_or_else(|| bind(self.address), Ok)?;
            self.listener = Some(socket.listen(BACKLOG)?);
        }
        Ok(())
    }

    /// Returns when nobody acts for a connection any more.
    async fn reset_all(&mut self) {
        self.admitted.drain().for_each(|(_, admitted)| admitted.valve.reset());
        // not aborted at once: scripts finish their records
        let all = async { while self.connections.join_next().await.is_some() {} };
        let _late = tokio::time::timeout(GRACE, all).await;
        // those that wait for something else than their connection
        self.connections.shutdown().await;
    }
}

/// Listens with as short a queue as there is, and fills it: the system then drops what else dials.
async fn dig(address: SocketAddr) -> io::Result<(TcpListener, Vec<TcpStream>)> {
    let listener = bind(address)?.listen(0)?;
    let mut filling = Vec::new();
    while let Ok(stream) = tokio::time::timeout(FULL_AFTER, TcpStream::connect(address)).await {
        filling.push(stream?);
    }
    Ok((listener, filling))
}

/// Takes the address, without listening yet.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // elsewhere it means that others may take it too
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => future::pending().await,
    }
}

/// A fatal alert `protocol_version` (RFC 8446 section 6.2), after what the client has to say.
async fn refuse_version(mut stream: SlowStream) {
    const ALERT: [u8; 7] = [21, 3, 2, 0, 2, 2, 70];
    let mut hello = [0; 4096];
    // a client that is gone needs no answer
    if stream.read(&mut hello).await.is_ok_and(|length| length > 0) {
        let _gone = stream.write_all(&ALERT).await;
        let _gone = stream.shutdown().await;
        while stream.read(&mut hello).await.is_ok_and(|length| length > 0) {}
    }
}

/// What becomes of a new connection.
async fn treat(
    stream: SlowStream,
    mut mode: Mode,
    mut modes: watch::Receiver<Mode>,
    shared: Arc<Shared>,
    interjections: Interjections,
) {
    while mode == Mode::Hang {
        tokio::select! {
            changed = modes.changed() => match changed {
                Ok(()) => mode = modes.borrow_and_update().clone(),
                Err(_) => return,
            },
            _ending = transport::ended(&stream) => return,
        }
    }
    match mode {
        Mode::Serve => endpoints::serve(Box::new(stream), &shared, None, interjections).await,
        Mode::Refuse(refusal) => endpoints::serve(Box::new(stream), &shared, Some(refusal), interjections).await,
        Mode::Tls(certificate) => {
            let Identity { acceptor, expired, elsewhere, .. } = &shared.identity;
            let acceptor = match certificate {
                Certificate::Good => acceptor,
                Certificate::Expired => expired,
                Certificate::Elsewhere => elsewhere,
            };
            // the client's test sees why not
            if let Ok(stream) = acceptor.accept(stream).await {
                endpoints::serve(Box::new(stream), &shared, None, interjections).await;
            }
        }
        Mode::OldTls => refuse_version(stream).await,
        Mode::Cut | Mode::Hang => {}
    }
}
