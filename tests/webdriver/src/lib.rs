//! As much of the W3C WebDriver protocol as the tests of pages need, over chromedriver or geckodriver.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

mod audit;
mod driver;
mod exchange;
mod keyboard;
#[cfg(target_os = "linux")]
mod memory;
mod windows;

pub use keyboard::{ENTER, TAB};

use base64::{Engine, engine::general_purpose::STANDARD};
use driver::Driver;
use exchange::exchange;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

/// How long something may take to appear on the page.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between looks at it, so that the page gets its share of the processor.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);
/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser, at first with one window. It and its driver end with this value.
pub struct Browser {
    driver: Driver,
    session: String,
}

impl Browser {
    /// Starts a driver, and a browser with the options of the workspace's webdriver.json and
    /// these, and without these of those that the driver adds.
    pub async fn start(with: &[&str], without: &[&str]) -> Self {
        let mut chrome = options("goog:chromeOptions");
        chrome["args"].as_array_mut().expect("a list").extend(with.iter().copied().map(Value::from));
        chrome["excludeSwitches"] = json!(without);
        Self::begin(&driver::CHROMEDRIVER, json!({ "goog:chromeOptions": chrome })).await
    }

    /// Starts Firefox with the options of the workspace's webdriver.json.
    pub async fn start_firefox() -> Self {
        let firefox = options("moz:firefoxOptions");
        Self::begin(&driver::GECKODRIVER, json!({ "moz:firefoxOptions": firefox })).await
    }

    async fn begin(program: &driver::Program, capabilities: Value) -> Self {
        let driver = Driver::start(program).await;
        let capabilities = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let session = request(driver.port, "POST", "/session", Some(capabilities)).await;
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        Self { driver, session }
    }

    /// What it takes of the machine's memory, in KiB.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> u64 {
        memory::of_family(self.driver.id())
    }

    async fn command(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        request(self.driver.port, method, &format!("/session/{}{path}", self.session), body).await
    }

    pub async fn visit(&self, url: &str) {
        self.command("POST", "/url", Some(json!({ "url": url }))).await;
    }

    async fn element(&self, selector: &str) -> String {
        let query = json!({ "using": "css selector", "value": selector });
        let element = self.command("POST", "/element", Some(query)).await;
        element[ELEMENT].as_str().unwrap_or_else(|| panic!("no element {selector}: {element}")).to_owned()
    }

    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.command("POST", &format!("/element/{element}/click"), Some(json!({}))).await;
    }

    /// Replaces what stands in a field.
    pub async fn enter(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.command("POST", &format!("/element/{element}/clear"), Some(json!({}))).await;
        self.command("POST", &format!("/element/{element}/value"), Some(json!({ "text": text }))).await;
    }

    pub async fn choose_file(&self, selector: &str, file: &Path) {
        let element = self.element(selector).await;
        let text = file.to_str().expect("UTF-8");
        self.command("POST", &format!("/element/{element}/value"), Some(json!({ "text": text }))).await;
    }

    /// Runs the body of a function in the page; what it returns.
    pub async fn evaluate(&self, script: &str, arguments: Value) -> Value {
        self.command("POST", "/execute/sync", Some(json!({ "script": script, "args": arguments }))).await
    }

    /// Waits until an element shows a text.
    pub async fn await_text(&self, selector: &str, text: &str) {
        let script = "return document.querySelector(arguments[0]).textContent.includes(arguments[1])";
        self.until(script, json!([selector, text])).await;
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str, arguments: Value) {
        let search = async {
            while self.evaluate(script, arguments.clone()).await != json!(true) {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
        };
        if tokio::time::timeout(PATIENCE, search).await.is_err() {
            let page = self.evaluate("return document.body.innerText", json!([])).await;
            panic!("{arguments} never came; the page shows:\n{}", page.as_str().unwrap_or_default());
        }
    }

    /// Saves what the window shows as PNG.
    pub async fn picture(&self, path: &Path) {
        self.evaluate("scrollTo(0, 0)", json!([])).await;
        let picture = self.command("GET", "/screenshot", None).await;
        let bytes = STANDARD.decode(picture.as_str().expect("a picture")).expect("base64");
        std::fs::write(path, bytes).expect("a file");
    }
}

/// What the workspace's webdriver.json says for a make of browser.
fn options(make: &str) -> Value {
    let options = include_str!("../../../webdriver.json");
    let mut options: Value = serde_json::from_str(options).expect("JSON");
    options[make].take()
}

/// The browser would outlive its driver.
impl Drop for Browser {
    fn drop(&mut self) {
        // what cannot be ended is gone already
        let _gone = exchange::end(self.driver.port, &format!("/session/{}", self.session));
    }
}

/// One exchange with the driver; gives the answer's `value`.
async fn request(port: u16, method: &str, path: &str, body: Option<Value>) -> Value {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let (status, answer) = exchange(port, method, path, &body).await;
    let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert!(status.contains(" 200 "), "{method} {path} {body}: {answer}");
    answer["value"].take()
}

/// A plain GET of a server on this machine.
pub async fn get(port: u16, path: &str) -> String {
    let (status, body) = exchange(port, "GET", path, "").await;
    let text = String::from_utf8(body).expect("UTF-8");
    assert!(status.contains(" 200 "), "{path}: {status} {text}");
    text
}
