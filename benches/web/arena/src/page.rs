//! The page in which clients run.

use crate::{clients, events::Event};
use eversocket_webdriver::Browser;
use serde_json::{Value, json};
use std::error::Error;

pub struct Page {
    browser: Browser,
    server: String,
}

/// Microseconds for each message, and milliseconds of tasks above 50 ms in all.
#[derive(Debug, Clone, Copy)]
pub struct Lap {
    pub wall: f64,
    pub long_tasks: f64,
}

impl Page {
    pub async fn open(browser: Browser, server: String) -> Self {
        browser.visit(&format!("http://{server}/index.html")).await;
        browser.until("return window.ready === true", json!([])).await;
        for name in clients::ALL {
            browser.evaluate("return load(...arguments)", json!([name, clients::script(name)])).await;
        }
        Self { browser, server }
    }

    pub async fn lap(&self, client: &str, event: &Event) -> Result<Lap, Box<dyn Error>> {
        let Event { is_text, size, count, .. } = *event;
        let arguments = json!([client, event.url(&self.server), event.job(), is_text, size, count]);
        let times = self.browser.evaluate("return lap(...arguments)", arguments).await;
        match (times[0].as_f64(), times[1].as_f64()) {
            (Some(wall), Some(long_tasks)) => Ok(Lap { wall: wall * 1000.0 / count as f64, long_tasks }),
            _ => Err(format!("{client} at {}: {times}", event.title()).into()),
        }
    }

    /// Microseconds for each message that the client's own code takes, script and wasm, as the
    /// browser's profiler samples it.
    pub async fn own_time(&self, client: &str, event: &Event) -> Result<f64, Box<dyn Error>> {
        self.browser.devtools("Profiler.enable", json!({})).await;
        self.browser.devtools("Profiler.setSamplingInterval", json!({ "interval": 100 })).await;
        self.browser.devtools("Profiler.start", json!({})).await;
        let lap = self.lap(client, event).await;
        let profile = self.browser.devtools("Profiler.stop", json!({})).await;
        lap?;
        Ok(own_time(&profile["profile"]) / event.count as f64)
    }
}

/// Microseconds of samples within the code of clients.
fn own_time(profile: &Value) -> f64 {
    let list = |name: &str| profile[name].as_array().cloned().unwrap_or_default();
    let is_own = |node: &Value| {
        let url = node["callFrame"]["url"].as_str().unwrap_or_default();
        url.starts_with("wasm:") || url.contains("/clients/") || url.ends_with("/raw.js")
    };
    let own: Vec<u64> =
        list("nodes").iter().filter(|node| is_own(node)).filter_map(|node| node["id"].as_u64()).collect();
    let samples = list("samples");
    let times = list("timeDeltas");
    let timed = samples.iter().zip(&times);
    timed
        .filter(|(node, _)| node.as_u64().is_some_and(|id| own.contains(&id)))
        .filter_map(|(_, time)| time.as_f64())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_clients_samples_count() {
        let frame = |id: u64, url: &str| json!({ "id": id, "callFrame": { "url": url } });
        let profile = json!({
            "nodes": [frame(1, ""), frame(2, "wasm://wasm/1"), frame(3, "http://h/clients/a/web_a.js"), frame(4, "http://h/course.js")],
            "samples": [1, 2, 3, 4, 2],
            "timeDeltas": [1, 10, 100, 1000, 10],
        });
        assert_eq!(own_time(&profile), 120.0);
    }
}
