//! The test server as a child process.

use crate::{Outcome, process, setup::Steps, workspace};
use std::{
    env, fmt, fs,
    io::{self, BufRead, BufReader, PipeReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Child,
    str::FromStr,
    thread,
    time::Duration,
};

/// Tells all tests where the server is; those for browsers read it when they are compiled.
pub const ADDRESS_VARIABLE: &str = "EVERSOCKET_TEST_SERVER";
const DEFAULT_ADDRESS: &str = "127.0.0.1:9310";

/// Where the server listens: in the clear here, and by TLS at the next port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(SocketAddr);

impl Address {
    /// The one in the environment, or the default.
    pub fn chosen() -> Outcome<Self> {
        let text = env::var(ADDRESS_VARIABLE).unwrap_or_else(|_| DEFAULT_ADDRESS.to_owned());
        text.parse().map_err(|error| format!("{ADDRESS_VARIABLE}: {error}"))
    }

    fn tls(self) -> SocketAddr {
        SocketAddr::new(self.0.ip(), self.0.port().saturating_add(1))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Outcome<Self> {
        let address = text.parse::<SocketAddr>().ok().filter(|address| (1..u16::MAX).contains(&address.port()));
        address.map(Self).ok_or_else(|| format!("`{text}` is not an IP address with a port such as {DEFAULT_ADDRESS}"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A server that is killed when this goes out of scope.
#[derive(Debug)]
pub struct TestServer {
    address: Address,
    child: Child,
}

impl TestServer {
    /// Builds the server, starts it, and waits until it listens. Its output goes to a log.
    pub fn start(address: Address, folder: Option<&Path>) -> Outcome<Self> {
        let mut build = process::command("cargo");
        build.args(["build", "--release", "--package", "eversocket-server"]);
        Steps::say("build: the test server", || process::run_logged(build, "build-server", None))?;

        let mut command = process::command(workspace::release_program("eversocket-server")?);
        command.args(["--address", &address.to_string(), "--tls-address", &address.tls().to_string()]);
        if let Some(folder) = folder {
            command.arg("--www").arg(folder);
        }
        let failed = |error: io::Error| format!("cannot start the test server: {error}");
        let (reader, writer) = io::pipe().map_err(failed)?;
        command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        let child = command.spawn().map_err(failed)?;
        drop(command);
        let server = Self { address, child };
        server.wait_until_it_listens(reader)?;
        Ok(server)
    }

    fn wait_until_it_listens(&self, reader: PipeReader) -> Outcome {
        let mut reader = BufReader::new(reader);
        let mut said = String::new();
        while !said.contains("listening on ws://") {
            match reader.read_line(&mut said) {
                Ok(count) if count > 0 => {}
                _ => {
                    return Err(format!(
                        "the test server does not start: {}\nIf another program has port {} or the one after it, \
                         choose another: {ADDRESS_VARIABLE}=127.0.0.1:PORT",
                        said.trim(),
                        self.address.0.port()
                    ));
                }
            }
        }
        let path = workspace::log_file("server");
        // Read on, or the server would block once the pipe is full.
        thread::spawn(move || {
            let mut log = fs::File::create(path).ok();
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if let Some(log) = &mut log {
                    let _ = log.write_all(&buffer[..count]);
                }
            }
        });
        Ok(())
    }

    /// Says where it is.
    pub fn print_addresses(&self) {
        println!("test server: ws://{} and wss://{}", self.address, self.address.tls());
    }

    /// Stays until the server ends, which Ctrl-C makes it do.
    pub fn wait(mut self) -> Outcome {
        self.child.wait().map(drop).map_err(|error| format!("the test server was lost: {error}"))
    }

    /// The body of a plain HTTP answer.
    pub fn get(&self, path_and_query: &str) -> Outcome<String> {
        let answer =
            self.request(path_and_query).map_err(|error| format!("the test server does not answer: {error}"))?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.to_owned()),
            _ => Err(format!("{path_and_query}: {}", answer.lines().next().unwrap_or("no answer"))),
        }
    }

    fn request(&self, path_and_query: &str) -> io::Result<String> {
        let patience = Duration::from_secs(30);
        let mut stream = TcpStream::connect_timeout(&self.address.0, patience)?;
        stream.set_read_timeout(Some(patience))?;
        write!(stream, "GET {path_and_query} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
