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
