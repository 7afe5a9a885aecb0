//! As much of the W3C WebDriver protocol as the page's test needs, over chromedriver.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

/// How long something may take to appear on the page.
const PATIENCE: Duration = Duration::from_secs(20);
/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window. Its driver ends with this value.
pub struct Browser {
    port: u16,
    session: String,
    _driver: Child,
}

impl Browser {
    /// Starts chromedriver, of the environment or on PATH, and a browser with the options of the
    /// workspace's webdriver.json.
    pub async fn start() -> Self {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut driver = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver runs");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("its output").expect("it tells its port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').parse().expect("a port");
            }
        };
        // read on, so that it never waits for somebody to
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });

        let options = include_str!("../../../webdriver.json");
        let mut options: Value = serde_json::from_str(options).expect("JSON");
        let mut chrome = options["goog:chromeOptions"].take();
        chrome["args"].as_array_mut().expect("a list").push("--window-size=1100,1060".into());
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": chrome } } });
        let session = request(port, "POST", "/session", Some(capabilities)).await;
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        Self { port, session, _driver: driver }
    }

    async fn command(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        request(self.port, method, &format!("/session/{}{path}", self.session), body).await
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

    async fn evaluate(&self, script: &str, arguments: Value) -> Value {
        self.command("POST", "/execute/sync", Some(json!({ "script": script, "args": arguments }))).await
    }

    /// Waits until an element shows a text.
    pub async fn await_text(&self, selector: &str, text: &str) {
        let script = "return document.querySelector(arguments[0]).textContent.includes(arguments[1])";
        self.until(script, json!([selector, text])).await;
    }

    /// Waits for an entry of the log, given by direction and kind, with a text.
    pub async fn await_entry(&self, kind: &str, text: &str) {
        let script = "const [direction, kind] = arguments[0].split(' ');
            return [...document.querySelectorAll('#log > li')].some(entry =>
                entry.dataset.direction === direction
                && entry.querySelector('.kind').textContent === kind
                && entry.textContent.includes(arguments[1]))";
        self.until(script, json!([kind, text])).await;
    }

    async fn until(&self, script: &str, arguments: Value) {
        let search = async { while self.evaluate(script, arguments.clone()).await != json!(true) {} };
        if tokio::time::timeout(PATIENCE, search).await.is_err() {
            let page = self.evaluate("return document.body.innerText", json!([])).await;
            panic!("{arguments} never came; the page shows:\n{}", page.as_str().unwrap_or_default());
        }
    }

    /// Closes the window. A test that fails before leaves the browser to the system.
    pub async fn end(self) {
        self.command("DELETE", "", None).await;
    }

    /// Saves what the window shows as PNG.
    pub async fn picture(&self, path: &Path) {
        self.evaluate("scrollTo(0, 0)", json!([])).await;
        let picture = self.command("GET", "/screenshot", None).await;
        let bytes = STANDARD.decode(picture.as_str().expect("a picture")).expect("base64");
        std::fs::write(path, bytes).expect("a file");
    }
}

/// One exchange with the driver; gives the answer's `value`.
async fn request(port: u16, method: &str, path: &str, body: Option<Value>) -> Value {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the driver listens");
    let mut stream = BufReader::new(stream);
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("the driver reads");
    let (status, length) = read_head(&mut stream).await;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
    assert!(status.contains(" 200 "), "{method} {path}: {answer}");
    answer["value"].take()
}

/// The first line of an answer and its body's length: the driver keeps the connection.
async fn read_head(stream: &mut BufReader<TcpStream>) -> (String, usize) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a line");
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line);
    }
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().expect("a number"))
    });
    (lines.swap_remove(0), length.expect("a length"))
}
