//! Applications by name: how much they may read, what waits for them, and how they are killed.

use crate::{http::Request, newest::Newest, stream_records::StreamRecords};
use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// How many names are kept, the newest. The connections to an older one are reset.
const KEPT: usize = 1000;
/// How long somebody waits for messages to come.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct Applications {
    applications: Mutex<Newest<String, Application>>,
    /// What each has read.
    pub(crate) records: StreamRecords,
}

/// What all connections to an application share.
#[derive(Debug, Default)]
struct Application {
    /// How many messages it may read beyond what each connection allows.
    allowed: watch::Sender<u64>,
    /// How many messages wait for it, over all connections.
    queued: watch::Sender<usize>,
    /// Its process, which ends when this changes.
    process: watch::Sender<Ending>,
}

/// What a client sees of a killed process.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Ending {
    #[default]
    Reset,
    /// With a FIN, which the system sends when a process ends: what was sent still arrives.
    Fin,
}

/// A connection's share in an application.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) allowed: watch::Sender<u64>,
    pub(crate) queued: watch::Sender<usize>,
    process: watch::Receiver<Ending>,
}

impl Share {
    /// Waits until the process is killed, or forgotten.
    pub(crate) async fn killed(&mut self) -> Ending {
        let _forgotten = self.process.changed().await;
        *self.process.borrow()
    }
}

impl Applications {
    pub(crate) fn none() -> Self {
        Self { applications: Mutex::new(Newest::at_most(KEPT)), records: StreamRecords::none() }
    }

    fn lock(&self) -> MutexGuard<'_, Newest<String, Application>> {
        self.applications.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn join(&self, name: &String) -> Share {
        let mut applications = self.lock();
        let Application { allowed, queued, process } = applications.entry(name);
        Share { allowed: allowed.clone(), queued: queued.clone(), process: process.subscribe() }
    }

    /// Status and text for a request below `/apart/`; `None` if there is no such path.
    pub(crate) async fn answer(&self, request: &Request) -> Option<(u16, String)> {
        let name = request.parameter("name").unwrap_or_default();
        let wanted = request.parameter("wait").and_then(|number| number.parse().ok()).unwrap_or_default();
        Some(match request.path() {
            "/apart/read" => match request.parameter("count").map_or(Some(u64::MAX), |count| count.parse().ok()) {
                Some(count) => {
                    let allowed = self.lock().entry(&name).allowed.clone();
                    allowed.send_modify(|number| *number = number.saturating_add(count));
                    (200, "reading".to_owned())
                }
                None => (400, "`count` is no number".to_owned()),
            },
            "/apart/kill" => {
                let ending = match request.parameter("how").as_deref() {
                    None | Some("reset") => Ending::Reset,
                    Some("fin") => Ending::Fin,
                    Some(_) => return Some((400, "`how` is none of reset, fin".to_owned())),
                };
                self.kill(&name, ending).await;
                (200, "killed".to_owned())
            }
            "/apart/queued" => (200, self.queued(&name, wanted).await.to_string()),
            "/apart/record" => (200, self.records.read(&name, wanted).await),
            _ => return None,
        })
    }

    /// Returns when nothing is left of the process and its connections. The next one is another.
    async fn kill(&self, name: &String, ending: Ending) {
        let process = mem::take(&mut self.lock().entry(name).process);
        process.send_replace(ending);
        process.closed().await;
    }

    /// How many messages wait, once there are so many or nobody can wait any longer.
    async fn queued(&self, name: &String, wanted: usize) -> usize {
        let queued = self.lock().entry(name).queued.clone();
        let mut numbers = queued.subscribe();
        let _in_time = tokio::time::timeout(PATIENCE, numbers.wait_for(|number| *number >= wanted)).await.is_ok();
        *queued.borrow()
    }
}
