//! Who takes part, and in what.

/// A library, and the program that uses it.
pub struct Contestant {
    pub name: &'static str,
    pub program: &'static str,
    /// Its package, whose version the table tells.
    pub package: &'static str,
    /// Whether it can queue messages and flush once, as something else than its `send`.
    pub feeds: bool,
    /// How many idle connections are measured: fewer of one that has a thread for each.
    pub connections: usize,
}

impl Contestant {
    pub fn is_ours(&self) -> bool {
        self.package == OURS
    }

    /// Of what its program depends on, as locked in this workspace.
    pub fn version(&self) -> Option<&'static str> {
        let (_, own) = LOCK.split_once(&format!("name = \"contestant-{}\"\n", self.package))?;
        let (own, _) = own.split_once("\n\n")?;
        let quoted = own.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
        let mut dependency = quoted.filter_map(|line| line.strip_prefix(self.package));
        // with its version where the lock has several
        if let Some(version) = dependency.find_map(|rest| rest.strip_prefix(' ')) {
            return Some(version);
        }
        let (_, package) = LOCK.split_once(&format!("name = \"{}\"\nversion = \"", self.package))?;
        package.split('"').next()
    }
}

const LOCK: &str = include_str!("../../Cargo.lock");
const OURS: &str = "eversocket";

const fn peer(package: &'static str, program: &'static str, feeds: bool) -> Contestant {
    Contestant { name: package, program, package, feeds, connections: 10_000 }
}

/// All are compared with this one.
pub const REFERENCE: &str = "tokio-tungstenite";
pub const PLAIN: &str = "eversocket";
pub const RECONNECTING: &str = "eversocket, reconnecting";
pub const FLOOR: &str = "raw TCP";

pub const ALL: [Contestant; 11] = [
    peer(REFERENCE, "contestant-tokio-tungstenite", true),
    Contestant { name: PLAIN, ..peer(OURS, "eversocket-plain", false) },
    Contestant { name: RECONNECTING, ..peer(OURS, "eversocket-reconnecting", false) },
    Contestant { name: FLOOR, ..peer("", "contestant-tcp", true) },
    peer("tokio-websockets", "contestant-tokio-websockets", true),
    peer("yawc", "contestant-yawc", true),
    peer("fastwebsockets", "contestant-fastwebsockets", false),
    peer("tokio-tungstenite-wasm", "contestant-tokio-tungstenite-wasm", true),
    peer("ezsockets", "contestant-ezsockets", false),
    Contestant { connections: 1000, ..peer("ewebsock", "contestant-ewebsock", false) },
    peer("workflow-websocket", "contestant-workflow-websocket", true),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_take_part() {
        let reference = ALL.iter().find(|contestant| contestant.name == REFERENCE).and_then(Contestant::version);
        assert!(reference.is_some_and(|version| version.starts_with("0.30.")), "{reference:?}");
        assert!(ALL.iter().all(|contestant| contestant.package.is_empty() || contestant.version().is_some()));
    }
}
