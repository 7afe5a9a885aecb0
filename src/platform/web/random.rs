//! Chance.

/// A number that is different each time and that nobody is likely to foresee, though it is no
/// secret.
pub(crate) fn random_seed() -> u64 {
    // one call gives no more than 53 bits
    let half = || (js_sys::Math::random() * 2f64.powi(32)) as u64;
    half() << 32 | half()
}

#[cfg(test)]
mod tests {
    use super::random_seed;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn seeds_differ_in_both_halves() {
        let seeds: Vec<u64> = (0..10).map(|_| random_seed()).collect();
        assert!(seeds.iter().any(|seed| seed >> 32 != seeds[0] >> 32));
        assert!(seeds.iter().any(|seed| *seed as u32 != seeds[0] as u32));
    }
}
