//! Files below the folder that is served.

use crate::http;
use std::path::Path;

/// Content type and content; no part of the path may lead out of the folder.
pub(crate) async fn read(folder: &Path, path: &str) -> Option<(&'static str, Vec<u8>)> {
    let name = name(path)?;
    let content = tokio::fs::read(folder.join(&name)).await.ok()?;
    Some((content_type(&name), content))
}

/// The path within the folder, if it stays there.
fn name(path: &str) -> Option<String> {
    let mut name = http::decode(path.strip_prefix('/')?);
    if path.ends_with('/') {
        name.push_str("index.html");
    }
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
    name.split('/').all(is_plain).then_some(name)
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_folder() {
        assert_eq!(name("/").as_deref(), Some("index.html"));
        assert_eq!(name("/a/").as_deref(), Some("a/index.html"));
        assert_eq!(name("/a/b%20c.js").as_deref(), Some("a/b c.js"));
        for path in [
            "/../a",
            "/a/../b",
            "/%2e%2e/a",
            "/a%2f..%2fb",
            "//etc/passwd",
            "/%2Fetc",
            "/.git/config",
            "x",
            "//",
            "/a/../",
        ] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    #[test]
    fn content_types_follow_the_extension() {
        assert_eq!(content_type("a/b.wasm"), "application/wasm");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }
}
