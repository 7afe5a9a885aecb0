//! Time of the processor and by the clock.

use crate::{Contestant, Job, Kind, Payload};
use cpu_time::ProcessTime;
use std::time::{Duration, Instant};

/// How long a lap should take: systems count the processor's time in steps of up to 10 ms.
const LAP: Duration = Duration::from_millis(400);
/// Nobody holds more connections than this at once.
const MOST_CONNECTIONS: usize = 4_000;

/// Nanoseconds of processor and wall for each message.
pub async fn take<C: Contestant>(job: &Job) -> (f64, f64) {
    // what is done once in a process is not measured; the second tells how many fill a lap
    lap::<C>(job, (job.count() / 10).max(1)).await;
    let (_, wall) = lap::<C>(job, job.count()).await;
    let count = (job.count() as u128 * LAP.as_nanos() / wall.max(1)) as usize;
    let most = if matches!(job, Job::Connect { .. }) { MOST_CONNECTIONS } else { usize::MAX };
    let count = count.clamp(job.count(), most.max(job.count()));
    let (processor, wall) = lap::<C>(job, count).await;
    let each = |nanoseconds: u128| nanoseconds as f64 / count as f64;
    (each(processor), each(wall))
}

async fn lap<C: Contestant>(job: &Job, count: usize) -> (u128, u128) {
    let server = job.server();
    match *job {
        Job::Receive { kind, size, .. } => {
            receive::<C>(&format!("{server}/receive?kind={kind}&size={size}&count={count}"), count).await
        }
        Job::Send { kind, size, .. } | Job::Feed { kind, size, .. } => {
            let payload = Payload::new(kind, size);
            let mut client = C::open(&format!("{server}/send?size={size}&count={count}")).await;
            let burst = burst(size);
            let stopwatch = Stopwatch::start();
            let mut left = count;
            while left > 0 {
                let some = left.min(burst);
                match job {
                    Job::Feed { .. } => client.feed(&payload, some).await,
                    _ => client.send(&payload, some).await,
                }
                left -= some;
            }
            // the server says that all have come
            client.receive(1).await;
            stopwatch.stop()
        }
        Job::ReceiveSamples { context, .. } => {
            let context = u8::from(context);
            receive::<C>(&format!("{server}/receive-samples?context={context}&count={count}"), count).await
        }
        Job::SendSamples { context, .. } => {
            let context = u8::from(context);
            let mut client = C::open(&format!("{server}/send?context={context}&count={count}")).await;
            let samples: Vec<Payload> =
                samples::messages().into_iter().map(|text| Payload { kind: Kind::Text, bytes: text.into() }).collect();
            let stopwatch = Stopwatch::start();
            let mut left = count;
            while left > 0 {
                let some = left.min(samples.len());
                client.send_each(&samples[..some]).await;
                left -= some;
            }
            // the server says that all have come
            client.receive(1).await;
            stopwatch.stop()
        }
        Job::RoundTrips { size, .. } => {
            let payload = Payload::new(Kind::Binary, size);
            let mut client = C::open(&format!("{server}/round-trips?size={size}")).await;
            let stopwatch = Stopwatch::start();
            for _ in 0..count {
                client.send(&payload, 1).await;
                client.receive(1).await;
            }
            stopwatch.stop()
        }
        _ => {
            let url = format!("{server}/connect");
            let mut clients = Vec::with_capacity(count);
            let stopwatch = Stopwatch::start();
            for _ in 0..count {
                clients.push(C::open(&url).await);
            }
            stopwatch.stop()
        }
    }
}

/// Says when, and receives so many messages.
async fn receive<C: Contestant>(url: &str, count: usize) -> (u128, u128) {
    let mut client = C::open(url).await;
    let stopwatch = Stopwatch::start();
    client.send(&Payload::new(Kind::Text, 2), 1).await;
    client.receive(count).await;
    stopwatch.stop()
}

/// How many messages are sent before somebody waits for the system to take them.
fn burst(size: usize) -> usize {
    ((1 << 20) / size.max(1)).clamp(1, 1000)
}

struct Stopwatch(ProcessTime, Instant);

impl Stopwatch {
    fn start() -> Self {
        Self(ProcessTime::now(), Instant::now())
    }

    fn stop(self) -> (u128, u128) {
        (self.0.elapsed().as_nanos(), self.1.elapsed().as_nanos())
    }
}
