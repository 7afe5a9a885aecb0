//! The server as a program.

#[cfg(not(target_arch = "wasm32"))]
mod program {
    use eversocket_server::{Config, DEFAULT_ADDRESS, DEFAULT_TLS_ADDRESS, Server};
    use std::{io::Write, net::SocketAddr, path::PathBuf};

    const USAGE: &str = "usage: eversocket-server [--address HOST:PORT] [--tls-address HOST:PORT | --no-tls] \
                         [--www FOLDER] [--ca-file FILE]";

    struct Arguments {
        config: Config,
        ca_file: Option<PathBuf>,
    }

    fn arguments() -> Result<Arguments, String> {
        let address = |text: String| {
            text.parse::<SocketAddr>().map_err(|_| format!("`{text}` is not an address such as {DEFAULT_ADDRESS}"))
        };
        let mut config = Config {
            address: address(DEFAULT_ADDRESS.to_owned())?,
            tls_address: Some(address(DEFAULT_TLS_ADDRESS.to_owned())?),
            www: None,
        };
        let mut ca_file = None;
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n{USAGE}"));
            match word.as_str() {
                "--address" => config.address = address(value()?)?,
                "--tls-address" => config.tls_address = Some(address(value()?)?),
                "--no-tls" => config.tls_address = None,
                "--www" => config.www = Some(value()?.into()),
                "--ca-file" => ca_file = Some(value()?.into()),
                _ => return Err(format!("`{word}` is unknown\n{USAGE}")),
            }
        }
        Ok(Arguments { config, ca_file })
    }

    async fn run() -> Result<(), String> {
        let Arguments { config, ca_file } = arguments()?;
        let server = Server::start(config).await.map_err(|error| error.to_string())?;
        if let Some(path) = ca_file {
            std::fs::write(&path, server.certificate_authority())
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        let tls = server.tls_address().map(|address| format!("listening on wss://{address}\n")).unwrap_or_default();
        let lines = format!("listening on ws://{}\n{tls}", server.address());
        // whoever started this may have stopped to listen to it
        let _closed = std::io::stdout().write_all(lines.as_bytes());
        tokio::signal::ctrl_c().await.map_err(|error| error.to_string())
    }

    pub fn main() -> std::process::ExitCode {
        let runtime = match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("eversocket-server: {error}");
                return std::process::ExitCode::FAILURE;
            }
        };
        match runtime.block_on(run()) {
            Ok(()) => std::process::ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("eversocket-server: {error}");
                std::process::ExitCode::FAILURE
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    program::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
