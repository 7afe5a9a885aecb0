//! Chance.

use std::{hash::BuildHasher, hash::RandomState, time::SystemTime};

/// A number that is different each time and that nobody can foresee, though it is no secret:
/// the standard library's hash keys come from the system's randomness once a thread and are
/// counted up from there.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().hash_one(SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::random_seed;

    #[test]
    fn seeds_differ() {
        let seeds: std::collections::HashSet<u64> = (0..1000).map(|_| random_seed()).collect();
        assert_eq!(seeds.len(), 1000);
    }
}
