//! Messages that are like those of applications, to be compressed: quotes and orders in JSON, the same in
//! each run.

use std::fmt::Write;

/// How many there are; then they begin anew.
pub const COUNT: usize = 1000;

const NAMES: [&str; 12] = [
    "BTC-USD", "ETH-USD", "SOL-USD", "BTC-EUR", "ETH-BTC", "ADA-USD", "DOT-USD", "LTC-USD", "XRP-USD", "UNI-USD",
    "LINK-USD", "ATOM-USD",
];

/// 300 to 500 bytes each.
pub fn messages() -> Vec<String> {
    let mut chance = Chance(42);
    (0..COUNT).map(|number| message(number, &mut chance)).collect()
}

fn message(number: usize, chance: &mut Chance) -> String {
    let name = NAMES[chance.below(12) as usize];
    let time = 1_700_000_000_000 + number as u64 * 137;
    let mut text = format!(
        r#"{{"type":"snapshot","product_id":"{name}","sequence":{},"time":{time},"bids":["#,
        9_000_000 + number
    );
    for index in 0..5 + chance.below(4) {
        let comma = if index == 0 { "" } else { "," };
        // a string takes whatever is written to it
        let _infallible = write!(
            text,
            r#"{comma}{{"price":"{}.{:02}","size":"0.{:06}"}}"#,
            40_000 + chance.below(500),
            chance.below(100),
            chance.below(1_000_000)
        );
    }
    text.push_str("]}");
    text
}

/// The same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's numbers for a linear congruential generator
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}
