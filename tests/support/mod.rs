//! What the tests of all targets share: the scripted server, and ways to look at what happened.

#![allow(dead_code, reason = "each test binary uses its own part")]

#[cfg(not(target_arch = "wasm32"))]
pub mod held_back;
pub mod reconnecting;

use eversocket::{Builder, Cause, CloseEvent, Event, Message, OpenError, ReadyState, WebSocket};
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Wake, Waker},
};

/// One test body for every target: natively under tokio, in browsers under their driver.
#[macro_export]
macro_rules! rules {
    ($($(#[$attribute:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
        #[cfg_attr(not(target_arch = "wasm32"), tokio::test)]
        async fn $name() $body
    )*};
}

/// Whether this is a browser, whose rules a few tests must tell apart.
pub fn is_browser() -> bool {
    cfg!(target_arch = "wasm32")
}

/// Host and port of the test server.
pub fn host() -> String {
    platform::host()
}

/// The server's TLS port, whose certificate nobody trusts who was not told to.
pub fn tls_host() -> String {
    platform::tls_host()
}

pub fn url(path_and_query: &str) -> String {
    format!("ws://{}{path_and_query}", host())
}

pub fn echo() -> String {
    url("/echo")
}

/// Whether sockets are made with backpressure, which in Chrome is another interface of the browser's:
/// all rules hold there too.
pub fn with_backpressure() -> bool {
    option_env!("EVERSOCKET_TEST_BACKPRESSURE").is_some()
}

/// A tab of Chromium crashes (156 does, by a script of ten lines) when a `WebSocketStream` breaks while it
/// has more to send than the peer takes: what comes of it cannot be tested there.
pub fn crashes_when_clogged() -> bool {
    is_chrome() && with_backpressure()
}

/// Chromium's `WebSocketStream` (156) does not tell of a close or a reset before what came first was read.
pub fn tells_the_end_last() -> bool {
    is_chrome() && with_backpressure()
}

pub fn builder(url: &str) -> Builder {
    WebSocket::builder(url).backpressure(with_backpressure())
}

pub fn begin(url: &str) -> Result<WebSocket, OpenError> {
    builder(url).open()
}

pub async fn connect(url: &str) -> Result<WebSocket, OpenError> {
    builder(url).connect().await
}

/// A name that no other test, run or browser uses.
pub fn unique() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", platform::run_name(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// What the server is told to do on one connection, and what it saw there.
pub struct Script {
    id: String,
    pub url: String,
}

impl Script {
    pub fn new(steps: &str) -> Self {
        let id = unique();
        let url = url(&format!("/script?id={id}&do={}", encode(steps)));
        Self { id, url }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn open(&self) -> WebSocket {
        begin(&self.url).expect("a valid URL")
    }

    pub async fn connect(&self) -> WebSocket {
        connect(&self.url).await.expect("the server accepts")
    }

    /// Connects, and tells a script that waits for a message to go on. A script that breaks the
    /// connection without waiting may do so before the browser has told of its opening.
    pub async fn start(&self) -> WebSocket {
        let mut socket = self.connect().await;
        socket.send("go").expect("it is open");
        socket
    }

    /// Waits until a flood has to wait for its client, and returns how many messages have left by then.
    pub async fn held_back(&self) -> u64 {
        let sent = fetch(&format!("/wait-held-back?id={}", self.id)).await;
        sent.parse().expect("the server is held back")
    }

    /// What the server observed, a line each, once the connection has ended.
    pub async fn record(&self) -> Vec<String> {
        let text = ask(&format!("/record?id={}", self.id)).await;
        assert_ne!(text, "missing", "the server saw no such connection");
        text.lines().map(str::to_owned).collect()
    }

    /// What the server observed of frames and the end, without request and headers.
    pub async fn frames(&self) -> Vec<String> {
        let is_head = |line: &String| line.starts_with("request ") || line.starts_with("header ");
        self.record().await.into_iter().filter(|line| !is_head(line)).collect()
    }

    /// The value of a header of the request.
    pub async fn header(&self, name: &str) -> Option<String> {
        let prefix = format!("header {name}: ");
        self.record().await.iter().find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
    }
}

/// The text that the server sends on its own to such a request.
pub async fn ask(path_and_query: &str) -> String {
    let mut socket = WebSocket::connect(&url(path_and_query)).await.expect("the server answers");
    match socket.next_event().await {
        Some(Event::Message(Message::Text(text))) => text.to_string(),
        other => panic!("{other:?} in place of an answer"),
    }
}

/// The body of a plain HTTP answer of the server.
pub async fn fetch(path_and_query: &str) -> String {
    platform::fetch(&format!("http://{}{path_and_query}", host())).await
}

/// The time since some moment in the past.
pub fn now() -> std::time::Duration {
    platform::now()
}

/// Whether this is Firefox, which lags behind the standard in a few rules.
pub fn is_firefox() -> bool {
    platform::user_agent().contains("Firefox")
}

/// Whether this is Chrome or Chromium, which lags behind the standard in a few rules.
pub fn is_chrome() -> bool {
    platform::user_agent().contains("Chrome")
}

/// Leaves a text at the server, under the name of this target after a prefix.
pub async fn keep(prefix: &str, seed: u64, text: impl Into<Message>) {
    let target = match () {
        () if is_firefox() => "firefox",
        () if is_chrome() && with_backpressure() => "chrome-stream",
        () if is_chrome() => "chrome",
        () => "native",
    };
    let path = format!("/traces?target={prefix}{target}&seed={seed}");
    let mut socket = WebSocket::connect(&url(&path)).await.expect("it connects");
    socket.send(text).expect("it is open");
    assert_eq!(next_message(&mut socket).await, "stored".into());
}

/// How many tasks wait for something in vain.
pub const CROWD: usize = 20_000;

/// Polls once with the waker of each of many tasks, which must be pending. Whatever keeps one of the wakers also
/// keeps what is returned.
pub fn poll_as_a_crowd(mut is_pending: impl FnMut(&mut Context<'_>) -> bool) -> Arc<()> {
    struct Task(#[allow(dead_code, reason = "lives as long as the waker")] Arc<()>);
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }
    let alive = Arc::new(());
    for _ in 0..CROWD {
        let waker = Waker::from(Arc::new(Task(alive.clone())));
        assert!(is_pending(&mut Context::from_waker(&waker)), "there is nothing to wait for");
    }
    alive
}

/// Each of many tasks polls a future of its own once, and drops it: nothing of them may be left.
pub fn assert_leaves_nothing<F: Future>(mut wait: impl FnMut() -> F) {
    let alive = poll_as_a_crowd(|context| pin!(wait()).poll(context).is_pending());
    assert_eq!(Arc::strong_count(&alive), 1, "{} tasks are kept", Arc::strong_count(&alive) - 1);
}

/// Prints a line, which the runner shows when asked not to capture.
pub fn tell(line: &str) {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_arch = "wasm32"))]
    println!("{line}");
}

/// Percent-encodes all but letters, digits and a few marks.
pub fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:;".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A text as a field of a step, which is encoded once more than the steps are.
pub fn field(text: &str) -> String {
    encode(text).replace(':', "%3A").replace(';', "%3B")
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All events from now on, to the end.
pub async fn all_events(socket: &mut WebSocket) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = socket.next_event().await {
        events.push(event);
    }
    events
}

/// The next message, of a socket that is open.
pub async fn next_message(socket: &mut WebSocket) -> Message {
    match socket.next_event().await {
        Some(Event::Message(message)) => message,
        other => panic!("{other:?} in place of a message"),
    }
}

/// The close event of a socket, whatever comes before it.
pub async fn closed(socket: &mut WebSocket) -> CloseEvent {
    match all_events(socket).await.pop() {
        Some(Event::Close(close)) => {
            assert_eq!(socket.ready_state(), ReadyState::Closed);
            close
        }
        other => panic!("{other:?} in place of a close event"),
    }
}

/// Asserts how a connection ended.
#[track_caller]
pub fn assert_close(close: &CloseEvent, code: u16, reason: &str, was_clean: bool) {
    assert_eq!((close.code.0, close.reason.as_str(), close.was_clean), (code, reason, was_clean));
}

/// Asserts that a connection failed before it opened: an error, then a close with 1006, and
/// natively the cause. The cause is given as its `Debug` text begins.
pub async fn assert_refused(socket: &mut WebSocket, cause: &str) {
    let events = all_events(socket).await;
    let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
    assert_close(close, 1006, "", false);
    assert_eq!(socket.ready_state(), ReadyState::Closed);
    assert_cause(error.cause(), cause);
}

/// Asserts that an open connection failed: an error, then a close with 1006.
pub async fn assert_failed(socket: &mut WebSocket, cause: &str) {
    let mut events = all_events(socket).await;
    let Some(Event::Close(close)) = events.pop() else { panic!("{events:?}") };
    let Some(Event::Error(error)) = events.pop() else { panic!("{events:?} before {close:?}") };
    assert_close(&close, 1006, "", false);
    assert_cause(error.cause(), cause);
}

/// Natively the cause must be that one; a browser may hide it.
#[track_caller]
pub fn assert_cause(cause: &Cause, expected: &str) {
    let told = format!("{cause:?}");
    assert!(told.starts_with(expected) || (is_browser() && *cause == Cause::Hidden), "{told} in place of {expected}");
}

/// The error of a builder or a constructor.
#[track_caller]
pub fn refused(result: Result<WebSocket, OpenError>) -> OpenError {
    match result {
        Err(error) => error,
        Ok(socket) => panic!("{socket:?} in place of an error"),
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use eversocket_server::{Config, Server};
    use std::sync::OnceLock;

    /// The server that is told of in the environment, or one in this process.
    fn addresses() -> &'static (String, String) {
        static ADDRESSES: OnceLock<(String, String)> = OnceLock::new();
        ADDRESSES.get_or_init(|| match std::env::var("EVERSOCKET_TEST_SERVER") {
            Ok(address) => (address.clone(), super::next_port(&address)),
            Err(_) => start(),
        })
    }

    fn start() -> (String, String) {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let server = Server::start(Config::default()).await.expect("a server");
                let tls = server.tls_address().expect("TLS is on by default");
                sender.send((server.address().to_string(), tls.to_string())).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        receiver.recv().expect("the server's addresses")
    }

    pub fn host() -> String {
        addresses().0.clone()
    }

    pub fn tls_host() -> String {
        addresses().1.clone()
    }

    pub async fn fetch(url: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let path = url.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).expect("a path");
        let mut stream = tokio::net::TcpStream::connect(host()).await.expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", host());
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the server answers");
        answer.split_once("\r\n\r\n").expect("a head").1.to_owned()
    }

    pub fn user_agent() -> String {
        String::new()
    }

    pub fn now() -> std::time::Duration {
        static START: OnceLock<std::time::Instant> = OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }

    pub fn run_name() -> String {
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        format!("native-{}-{}", std::process::id(), time.as_nanos())
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    pub fn host() -> String {
        option_env!("EVERSOCKET_TEST_SERVER").unwrap_or("127.0.0.1:9310").to_owned()
    }

    pub fn tls_host() -> String {
        super::next_port(&host())
    }

    pub async fn fetch(url: &str) -> String {
        use js_sys::{Function, Promise, Reflect, futures::JsFuture, global};
        use wasm_bindgen::{JsCast, JsValue};
        let call = |object: &JsValue, name: &str, arguments: &[JsValue]| -> Promise {
            let function: Function = Reflect::get(object, &name.into()).expect(name).dyn_into().expect(name);
            function.apply(object, &arguments.iter().collect()).expect(name).dyn_into().expect(name)
        };
        let response = JsFuture::from(call(&global(), "fetch", &[url.into()])).await.expect("the server answers");
        let text = JsFuture::from(call(&response, "text", &[])).await.expect("a text");
        text.as_string().expect("a text")
    }

    pub fn user_agent() -> String {
        let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into()).expect("a navigator");
        js_sys::Reflect::get(&navigator, &"userAgent".into()).expect("a name").as_string().expect("a name")
    }

    pub fn now() -> std::time::Duration {
        std::time::Duration::from_micros((js_sys::Date::now() * 1000.0) as u64)
    }

    pub fn run_name() -> String {
        format!("browser-{}-{}", js_sys::Date::now(), (js_sys::Math::random() * 1e9) as u64)
    }
}

fn next_port(address: &str) -> String {
    let (host, port) = address.rsplit_once(':').expect("host:port");
    format!("{host}:{}", port.parse::<u16>().expect("a port") + 1)
}
