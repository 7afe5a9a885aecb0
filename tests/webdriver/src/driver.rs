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
    program: Child,
}

/// A program that drives browsers of one make.
pub(crate) struct Program {
    /// The variable of the environment that says where it is.
    variable: &'static str,
    name: &'static str,
    /// What it says before its port.
    announces: &'static str,
}

pub(crate) const CHROMEDRIVER: Program =
    Program { variable: "CHROMEDRIVER", name: "chromedriver", announces: "successfully on port " };
pub(crate) const GECKODRIVER: Program =
    Program { variable: "GECKODRIVER", name: "geckodriver", announces: "Listening on 127.0.0.1:" };

impl Driver {
    /// Of its process.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.program.id().expect("it runs")
    }

    /// Starts a driver, of the environment or on PATH.
    pub(crate) async fn start(program: &Program) -> Self {
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start(program).await {
                return driver;
            }
        }
        panic!("{} does not start; its words are above", program.name);
    }

    /// The port that the system gives it for IPv4 may be taken for IPv6, which ends it.
    async fn try_start(Program { variable, name, announces }: &Program) -> Option<Self> {
        let program = std::env::var_os(variable).unwrap_or_else(|| (*name).into());
        let mut program = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the driver runs");
        let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next_line().await.expect("its output") {
            if let Some((_, port)) = line.split_once(announces) {
                let port = port.trim_end_matches('.').parse().expect("a port");
                // read on, so that it never waits for somebody to
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Some(Self { port, program });
            }
        }
        None
    }
}
