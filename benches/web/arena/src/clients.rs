//! Who takes part.

/// All are compared with this one.
pub const FLOOR: &str = "raw JavaScript";
pub const BARE: &str = "web-sys";
pub const GLOO: &str = "gloo-net";
pub const PLAIN: &str = "eversocket";
pub const RECONNECTING: &str = "eversocket-reconnecting";

pub const ALL: [&str; 8] =
    [FLOOR, BARE, GLOO, "ewebsock", "tokio-tungstenite-wasm", "ws_stream_wasm", PLAIN, RECONNECTING];

const LOCK: &str = include_str!("../../Cargo.lock");

/// The module that the page loads.
pub fn script(name: &str) -> String {
    match name {
        FLOOR => "./raw.js".to_owned(),
        name => format!("./clients/{name}/web_{}.js", name.replace('-', "_")),
    }
}

/// With the version that is locked.
pub fn label(name: &str) -> String {
    let line = format!("name = \"{name}\"");
    let version = LOCK.lines().skip_while(|text| *text != line).nth(1).filter(|_| !name.starts_with(PLAIN));
    match version.and_then(|version| version.strip_prefix("version = \"")?.strip_suffix('"')) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}
