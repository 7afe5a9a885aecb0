//! A stream that is slower than its network.

use super::valve::ValvedStream;
use crate::transport::{Ending, Transport};
use bytes::{Buf, Bytes, BytesMut};
use std::{
    collections::VecDeque,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// How much is on its way at most.
const IN_FLIGHT: usize = 256 * 1024;
/// How much is read at once.
const CHUNK: usize = 16 * 1024;
/// Bytes go in portions of this part of a second.
const PORTIONS_PER_SECOND: u64 = 20;

/// How slow all streams of a gate are at this time.
#[derive(Debug, Default)]
pub(super) struct Slow {
    /// Milliseconds.
    latency: AtomicU64,
    /// Bytes per second; 0 is without limit.
    rate: AtomicU64,
}

impl Slow {
    pub(super) fn set(&self, latency: u64, rate: u64) {
        self.latency.store(latency, Relaxed);
        self.rate.store(rate, Relaxed);
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.latency.load(Relaxed))
    }
}

/// What the client sends comes late, and bytes in both directions come at the rate.
pub(super) struct SlowStream {
    inner: ValvedStream,
    slow: Arc<Slow>,
    /// What has come from the client, and when it may be read. No bytes are the end.
    in_flight: VecDeque<(Instant, io::Result<Bytes>)>,
    in_flight_bytes: usize,
    ended: bool,
    arrival: Alarm,
    reading: Pace,
    writing: Pace,
}

impl SlowStream {
    pub(super) fn new(inner: ValvedStream, slow: Arc<Slow>) -> Self {
        Self {
            inner,
            slow,
            in_flight: VecDeque::new(),
            in_flight_bytes: 0,
            ended: false,
            arrival: Alarm::default(),
            reading: Pace::default(),
            writing: Pace::default(),
        }
    }

    /// Takes what has come, so that its delay counts from now.
    fn depart(&mut self, context: &mut Context<'_>) {
        while !self.ended && self.in_flight_bytes < IN_FLIGHT {
            let mut chunk = BytesMut::zeroed(CHUNK);
            let mut buffer = ReadBuf::new(&mut chunk);
            let read = match Pin::new(&mut self.inner).poll_read(context, &mut buffer) {
                Poll::Ready(read) => read,
                Poll::Pending => return,
            };
            let count = buffer.filled().len();
            chunk.truncate(count);
            self.ended = count == 0;
            self.in_flight_bytes += count;
            self.in_flight.push_back((Instant::now() + self.slow.latency(), read.map(|()| chunk.freeze())));
        }
    }

    /// Hands out what has arrived; nothing can be on its way when it is called with nothing.
    fn arrive(&mut self, buffer: &mut ReadBuf<'_>, most: usize) -> io::Result<usize> {
        let Some((_, arrived)) = self.in_flight.front_mut() else { return Ok(0) };
        let count = match arrived {
            Ok(bytes) => {
                let count = bytes.len().min(buffer.remaining()).min(most);
                buffer.put_slice(&bytes[..count]);
                bytes.advance(count);
                self.in_flight_bytes -= count;
                // the end stays the end
                if bytes.is_empty() && count > 0 {
                    self.in_flight.pop_front();
                }
                count
            }
            Err(error) => return Err(error.kind().into()),
        };
        Ok(count)
    }
}

impl AsyncRead for SlowStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let rate = this.slow.rate.load(Relaxed);
        if this.in_flight.is_empty() && this.slow.latency().is_zero() && rate == 0 {
            return Pin::new(&mut this.inner).poll_read(context, buffer);
        }
        this.depart(context);
        let Some((due, _)) = this.in_flight.front() else { return Poll::Pending };
        ready!(this.arrival.poll(context, *due));
        let most = ready!(this.reading.poll(context, rate));
        let count = this.arrive(buffer, most)?;
        this.reading.spend(count, rate);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SlowStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let rate = this.slow.rate.load(Relaxed);
        let most = ready!(this.writing.poll(context, rate)).min(bytes.len());
        let written = ready!(Pin::new(&mut this.inner).poll_write(context, &bytes[..most]));
        this.writing.spend(*written.as_ref().unwrap_or(&0), rate);
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl Transport for SlowStream {
    fn reset_at_end(&self) {
        self.inner.reset_at_end();
    }

    fn ending(&self) -> Option<Ending> {
        self.inner.ending()
    }
}

/// When the next bytes may go in one direction.
#[derive(Default)]
struct Pace {
    free: Option<Instant>,
    alarm: Alarm,
}

impl Pace {
    /// How many bytes may go, once any may.
    fn poll(&mut self, context: &mut Context<'_>, rate: u64) -> Poll<usize> {
        if rate == 0 {
            return Poll::Ready(usize::MAX);
        }
        if let Some(free) = self.free {
            ready!(self.alarm.poll(context, free));
        }
        Poll::Ready(usize::try_from((rate / PORTIONS_PER_SECOND).max(1)).unwrap_or(usize::MAX))
    }

    fn spend(&mut self, count: usize, rate: u64) {
        self.free = (rate > 0).then(|| Instant::now() + Duration::from_secs_f64(count as f64 / rate as f64));
    }
}

/// Wakes who waits for a time.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, context: &mut Context<'_>, due: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if sleep.deadline() != due {
            sleep.as_mut().reset(due);
        }
        sleep.as_mut().poll(context)
    }
}
