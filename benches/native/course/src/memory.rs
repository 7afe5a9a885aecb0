//! Bytes that are allocated, and bytes that are resident.

use crate::{Contestant, Job, Kind, Payload};
use std::{fs, future::Future, time::Duration};
use tokio::time::sleep;

#[cfg(feature = "heap")]
#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What is taken for no limit.
const NO_LIMIT: usize = 512 << 20;
/// For so long a process has been quiet when it does not grow.
const QUIET: Duration = Duration::from_millis(1000);

/// Idle: for each connection. Stall: at the peak. Reconnect: of growth in all.
pub async fn take<C: Contestant>(job: &Job) -> (f64, f64) {
    // what is made once in a process is not measured
    match job {
        Job::Idle { server, count } => {
            // beyond its limit a process has no connection; the figure is for each
            let files = rlimit::increase_nofile_limit(u64::MAX).expect("a limit");
            let count = (*count).min(files as usize - 100);
            let url = format!("{server}/idle");
            let _first = C::open(&url).await;
            let mut clients = Vec::with_capacity(count);
            let (heap, resident) = growth(async {
                for _ in 0..count {
                    clients.push(C::open(&url).await);
                }
                quiet().await;
            })
            .await;
            (heap / count as f64, resident / count as f64)
        }
        Job::Stall { server, size } => {
            let mut client = C::open(&format!("{server}/flood?size={size}")).await;
            let before = (heap(), resident());
            client.send(&Payload::new(Kind::Text, 2), 1).await;
            quiet().await;
            (peak() as f64 - before.0 as f64, resident() as f64 - before.1 as f64)
        }
        Job::Reconnect { server, count } => {
            let url = format!("{server}/drop");
            C::reconnect(&url, count / 10).await;
            quiet().await;
            growth(async {
                C::reconnect(&url, *count).await;
                quiet().await;
            })
            .await
        }
        other => panic!("{other:?} is not about memory"),
    }
}

async fn growth(work: impl Future<Output = ()>) -> (f64, f64) {
    let before = (heap(), resident());
    work.await;
    (heap() as f64 - before.0 as f64, resident() as f64 - before.1 as f64)
}

/// Until nothing grows, or too much has.
async fn quiet() {
    let mut largest = 0;
    loop {
        sleep(QUIET).await;
        let now = peak().max(resident());
        if now <= largest || now > NO_LIMIT {
            return;
        }
        largest = now;
    }
}

#[cfg(feature = "heap")]
fn heap() -> usize {
    HEAP.current_usage()
}

#[cfg(feature = "heap")]
fn peak() -> usize {
    HEAP.peak_usage()
}

#[cfg(not(feature = "heap"))]
fn heap() -> usize {
    panic!("built without the feature `heap`")
}

#[cfg(not(feature = "heap"))]
fn peak() -> usize {
    heap()
}

/// Of this process, where the system tells it.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kibibytes = line.split_whitespace().next().and_then(|number| number.parse::<usize>().ok());
    kibibytes.unwrap_or_default() * 1024
}
