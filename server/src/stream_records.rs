//! What clients sent to `/stream` or `/apart`, over many connections under one name.

use crate::newest::Newest;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// How many records are kept, the newest.
const KEPT: usize = 1000;
/// How many lines of each, the first.
const LINES: usize = 1_000_000;
/// How long somebody waits for lines.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct StreamRecords {
    records: Mutex<Newest<String, StreamRecord>>,
    /// Counts the changes.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct StreamRecord {
    connections: u64,
    lines: Vec<String>,
}

impl StreamRecords {
    pub(crate) fn none() -> Self {
        Self { records: Mutex::new(Newest::at_most(KEPT)), changed: watch::Sender::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Newest<String, StreamRecord>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new connection, from 0.
    pub(crate) fn begin(&self, id: &str) -> u64 {
        let mut records = self.lock();
        let record = records.entry(&id.to_owned());
        record.connections += 1;
        record.connections - 1
    }

    /// The text is on one line.
    pub(crate) fn append(&self, id: &str, connection: u64, text: &str) {
        if let Some(record) = self.lock().get_mut(id)
            && record.lines.len() < LINES
        {
            record.lines.push(format!("{connection} {text}\n"));
        }
        self.changed.send_modify(|count| *count += 1);
    }

    /// All lines, once there are so many or nobody can wait any longer.
    pub(crate) async fn read(&self, id: &str, wanted: usize) -> String {
        let mut changed = self.changed.subscribe();
        let enough = || self.lock().get(id).map_or(0, |record| record.lines.len()) >= wanted;
        let _in_time = tokio::time::timeout(PATIENCE, changed.wait_for(|_| enough())).await.is_ok();
        self.lock().get(id).map(|record| record.lines.concat()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_bounded() {
        let records = StreamRecords::none();
        assert_eq!((records.begin("a"), records.begin("a"), records.begin("b")), (0, 1, 0));
        for _ in 0..=LINES {
            records.append("a", 1, "x");
        }
        let text = records.read("a", LINES).await;
        assert_eq!((text.lines().count(), text.lines().next()), (LINES, Some("1 x")));
        records.append("unknown", 0, "lost");
        assert_eq!(records.read("unknown", 0).await, "");
    }
}
