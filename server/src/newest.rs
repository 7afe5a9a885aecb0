//! A map that keeps its newest entries.

use std::{
    borrow::Borrow,
    collections::{HashMap, VecDeque},
    hash::Hash,
};

#[derive(Debug)]
pub(crate) struct Newest<K, V> {
    limit: usize,
    entries: HashMap<K, V>,
    /// Each key once, the oldest first.
    order: VecDeque<K>,
}

impl<K: Hash + Eq + Clone, V> Newest<K, V> {
    pub(crate) fn at_most(limit: usize) -> Self {
        Self { limit, entries: HashMap::new(), order: VecDeque::new() }
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    pub(crate) fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.entries.get_mut(key)
    }

    /// A key that is there already stays as old as it was.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.note(key);
        }
    }

    /// The entry, made if there is none.
    pub(crate) fn entry(&mut self, key: &K) -> &mut V
    where
        V: Default,
    {
        if !self.entries.contains_key(key) {
            self.note(key.clone());
        }
        self.entries.entry(key.clone()).or_default()
    }

    fn note(&mut self, key: K) {
        self.order.push_back(key);
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut newest = Newest::at_most(2);
        newest.insert(1, "one");
        newest.insert(2, "two");
        newest.insert(1, "one again");
        newest.insert(3, "three");
        assert_eq!((newest.get(&1), newest.get(&2)), (None, Some(&"two")));
        *newest.entry(&2) = "two again";
        assert_eq!(*newest.entry(&4), "");
        assert_eq!((newest.get(&2), newest.get(&3), newest.order.len()), (None, Some(&"three"), 2));
    }
}
