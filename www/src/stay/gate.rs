//! The gate of the demo server through which this page connects, and which it makes misbehave.

use gloo_timers::future::TimeoutFuture;
use js_sys::futures::JsFuture;
use wasm_bindgen::JsCast;
use web_sys::Response;

#[derive(Clone)]
pub(crate) struct Gate(String);

/// A gate of its own for this page. The error says why there is none.
pub(crate) async fn new() -> Result<Gate, String> {
    let port = get("/gate/new").await?;
    if port.parse::<u16>().is_ok() {
        Ok(Gate(port))
    } else {
        Err("this page is not served by the demo server".to_owned())
    }
}

impl Gate {
    /// Where its echo is.
    pub(crate) fn url(&self) -> String {
        let host = web_sys::window().and_then(|window| window.location().hostname().ok()).unwrap_or_default();
        format!("ws://{host}:{}/echo", self.0)
    }

    pub(crate) async fn order(&self, action: &str, more: &str) -> Result<String, String> {
        get(&format!("/gate/{action}?port={}{more}", self.0)).await
    }

    pub(crate) async fn refuse_for(&self, milliseconds: u32) -> Result<String, String> {
        self.order("stop", "").await?;
        TimeoutFuture::new(milliseconds).await;
        self.order("start", "").await
    }

    /// Answers 503 to all who come, and drops who is there.
    pub(crate) async fn busy_for(&self, milliseconds: u32) -> Result<String, String> {
        self.order("set", "&mode=status:503:Retry-After:3").await?;
        self.order("drop", "").await?;
        TimeoutFuture::new(milliseconds).await;
        self.order("set", "&mode=serve").await
    }
}

async fn get(path: &str) -> Result<String, String> {
    let unreachable = |_| "the demo server does not answer".to_owned();
    let window = web_sys::window().ok_or("there is no window")?;
    let response = JsFuture::from(window.fetch_with_str(path)).await.map_err(unreachable)?;
    let response: Response = response.dyn_into().map_err(unreachable)?;
    let text = JsFuture::from(response.text().map_err(unreachable)?).await.map_err(unreachable)?;
    let text = text.as_string().unwrap_or_default();
    if response.ok() { Ok(text) } else { Err(format!("the demo server says {}", response.status())) }
}
