//! Runs the examples in eversocket's documentation.

use std::error::Error;

/// Runs an example with the URL of an echo endpoint: natively on a server in this process, in
/// a browser on the one that runs at the default address.
///
/// # Panics
///
/// When the example fails.
#[cfg(not(target_arch = "wasm32"))]
pub fn doctest(example: impl AsyncFnOnce(String) -> Result<(), Box<dyn Error>>) {
    let run = async {
        let server = crate::Server::start(crate::Config::default()).await?;
        example(format!("ws://{}/echo", server.address())).await
    };
    let result = tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(run));
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Runs an example with the URL of an echo endpoint: natively on a server in this process, in
/// a browser on the one that runs at the default address.
///
/// # Panics
///
/// When the example fails.
#[cfg(target_arch = "wasm32")]
pub fn doctest(example: impl AsyncFnOnce(String) -> Result<(), Box<dyn Error>> + 'static) {
    let host = option_env!("EVERSOCKET_TEST_SERVER").unwrap_or("127.0.0.1:9310");
    js_sys::futures::spawn_local(async move {
        if let Err(error) = example(format!("ws://{host}/echo")).await {
            panic!("{error}");
        }
    });
}
