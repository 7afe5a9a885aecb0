//! The records of all named connections, and the traces that clients leave.

use crate::{newest::Newest, record::escape};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// How many records are kept, the newest.
const KEPT: usize = 10_000;
/// How long somebody waits for one.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
pub(crate) struct Records {
    store: Mutex<Store>,
    /// Counts the changes.
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Store {
    /// `None` while the connection lasts.
    records: Newest<String, Option<String>>,
    /// How many messages of a flood were sent when its client first kept it waiting.
    held_back: Newest<String, u64>,
    /// By target and seed.
    traces: BTreeMap<(String, u64), String>,
}

impl Default for Store {
    fn default() -> Self {
        Self { records: Newest::at_most(KEPT), held_back: Newest::at_most(KEPT), traces: BTreeMap::new() }
    }
}

impl Records {
    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection begins; one before it under the same name is forgotten.
    pub(crate) fn begin(&self, id: &str) {
        self.lock().records.insert(id.to_owned(), None);
        self.changed.send_modify(|count| *count += 1);
    }

    pub(crate) fn finish(&self, id: &str, record: String) {
        if let Some(kept) = self.lock().records.get_mut(id) {
            *kept = Some(record);
        }
        self.changed.send_modify(|count| *count += 1);
    }

    /// The record of a connection, when it has ended; `None` if that takes too long.
    pub(crate) async fn finished(&self, id: &str) -> Option<String> {
        self.wait(|store| store.records.get(id).cloned().flatten()).await
    }

    /// Waits until a connection has begun; whether it has.
    pub(crate) async fn begun(&self, id: &str) -> bool {
        self.wait(|store| store.records.get(id).map(|_| ())).await.is_some()
    }

    /// The client keeps a flood waiting, of which so many messages were sent.
    pub(crate) fn hold_back(&self, id: &str, sent: u64) {
        self.lock().held_back.insert(id.to_owned(), sent);
        self.changed.send_modify(|count| *count += 1);
    }

    /// How many messages of a flood were sent when its client first kept it waiting; `None` if that takes
    /// too long.
    pub(crate) async fn held_back(&self, id: &str) -> Option<u64> {
        self.wait(|store| store.held_back.get(id).copied()).await
    }

    async fn wait<T>(&self, look: impl Fn(&Store) -> Option<T>) -> Option<T> {
        let mut changed = self.changed.subscribe();
        let search = async {
            loop {
                if let Some(found) = look(&self.lock()) {
                    return Some(found);
                }
                changed.changed().await.ok()?;
            }
        };
        tokio::time::timeout(PATIENCE, search).await.ok().flatten()
    }

    pub(crate) fn keep_trace(&self, target: &str, seed: u64, trace: String) {
        self.lock().traces.insert((target.to_owned(), seed), trace);
    }

    /// All traces of a target, a line each: the seed, a tab, the trace with escapes.
    pub(crate) fn traces(&self, target: &str) -> String {
        let store = self.lock();
        let traces = store.traces.iter().filter(|((name, _), _)| name == target);
        traces.map(|((_, seed), trace)| format!("{seed}\t{}\n", escape(trace))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_records_are_kept() {
        let records = Records::default();
        for index in 0..=KEPT {
            records.begin(&index.to_string());
            records.finish(&index.to_string(), String::new());
        }
        records.begin("5");
        let store = records.lock();
        assert!(store.records.get("0").is_none() && store.records.get("1").is_some());
        assert_eq!(store.records.get("5"), Some(&None), "it begins anew");
    }

    #[test]
    fn traces_come_sorted_by_seed_on_a_line_each() {
        let records = Records::default();
        records.keep_trace("web", 10, "ten\n\"quoted\"\tü".to_owned());
        records.keep_trace("web", 9, "nine".to_owned());
        records.keep_trace("other", 1, "one".to_owned());
        assert_eq!(records.traces("web"), "9\tnine\n10\tten\\n\"quoted\"\\tü\n");
    }
}
