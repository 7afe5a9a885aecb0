//! Runs the examples in eversocket's documentation: each is given the URL of an echo endpoint.

/// Runs an example, an async closure of the URL of an echo endpoint, on a server in this process.
#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
macro_rules! doctest {
    ($example:expr) => {
        $crate::run_example(async |server| $example(format!("ws://{}/echo", server.address())).await)
    };
}

/// Runs an example, an async closure of the URL of an echo endpoint by TLS and the PEM of the
/// private authority that has to be trusted for it.
#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
macro_rules! secure_doctest {
    ($example:expr) => {
        $crate::run_example(async |server| {
            let address = server.tls_address().ok_or("TLS is on by default")?;
            $example(format!("wss://{address}/echo"), server.certificate_authority().to_owned()).await
        })
    };
}

/// Makes a browser's test of an example, an async closure of the URL of the echo endpoint of the
/// server that runs at the default address.
#[cfg(target_arch = "wasm32")]
#[macro_export]
macro_rules! doctest {
    ($example:expr) => {
        #[::wasm_bindgen_test::wasm_bindgen_test]
        async fn example() {
            let host = option_env!("EVERSOCKET_TEST_SERVER").unwrap_or("127.0.0.1:9310");
            let result: Result<(), Box<dyn std::error::Error>> = $example(format!("ws://{host}/echo")).await;
            if let Err(error) = result {
                panic!("{error}");
            }
        }
    };
}

/// Runs an example with a server in this process; for the macros.
///
/// # Panics
///
/// When the example fails.
#[cfg(not(target_arch = "wasm32"))]
pub fn run_example(example: impl AsyncFnOnce(&crate::Server) -> Result<(), Box<dyn std::error::Error>>) {
    let run = async {
        let server = crate::Server::start(crate::Config::default()).await?;
        example(&server).await
    };
    let result = tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(run));
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// The body of a plain HTTP answer, for examples that fetch something from the server. The URL is
/// `http://HOST:PORT/PATH`.
///
/// # Errors
///
/// What keeps the answer from being read; a status is none.
#[cfg(not(target_arch = "wasm32"))]
pub async fn fetch(url: &str) -> std::io::Result<String> {
    use std::io::Error;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rest = url.strip_prefix("http://").ok_or_else(|| Error::other("not an http URL"))?;
    let (host, path) = rest.split_at(rest.find('/').ok_or_else(|| Error::other("the URL has no path"))?);
    let mut stream = tokio::net::TcpStream::connect(host).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| Error::other("the answer has no head"))?;
    Ok(body.to_owned())
}

/// The body of a plain HTTP answer, for examples that fetch something from the server.
///
/// # Errors
///
/// What keeps the answer from being read; a status is none.
#[cfg(target_arch = "wasm32")]
pub async fn fetch(url: &str) -> std::io::Result<String> {
    use js_sys::{
        Function, Promise, Reflect,
        futures::JsFuture,
        wasm_bindgen::{JsCast, JsValue},
    };
    let call = |object: &JsValue, name: &str, arguments: &[JsValue]| -> Result<Promise, JsValue> {
        let function: Function = Reflect::get(object, &name.into())?.dyn_into()?;
        function.apply(object, &arguments.iter().collect())?.dyn_into()
    };
    let text = async {
        let response = JsFuture::from(call(&js_sys::global(), "fetch", &[url.into()])?).await?;
        JsFuture::from(call(&response, "text", &[])?).await
    };
    let text = text.await.map_err(|error: JsValue| std::io::Error::other(format!("{error:?}")))?;
    text.as_string().ok_or_else(|| std::io::Error::other("the answer is not a text"))
}
