//! The program that drives the browser.

use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// How often its start is tried.
const STARTS: usize = 10;

/// Ends with this value.
pub(crate) struct Driver {
    pub(crate) port: u16,
    _program: Child,
}

impl Driver {
    /// Starts chromedriver, of the environment or on PATH.
    pub(crate) async fn start() -> Self {
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start().await {
                return driver;
            }
        }
        panic!("chromedriver does not start; its words are above");
    }

    /// The port that the system gives it for IPv4 may be taken for IPv6, which ends it.
    async fn try_start() -> Option<Self> {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut program = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver runs");
        let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next_line().await.expect("its output") {
            if let Some((_, port)) = line.split_once("successfully on port ") {
                let port = port.trim_end_matches('.').parse().expect("a port");
                // read on, so that it never waits for somebody to
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Some(Self { port, _program: program });
            }
        }
        None
    }
}
