//! Sends the lines of standard input and prints what happens, one event a line:
//!
//! ```sh
//! cargo run --example echo -- ws://127.0.0.1:9310/echo --protocol chat.v1
//! ```

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use eversocket::{Event, Message, Tls, WebSocket};
    use futures::{SinkExt, Stream, StreamExt};
    use std::{error::Error, io, pin::pin, process::ExitCode, thread, time::Duration};
    use tokio::sync::mpsc;

    const USAGE: &str = "usage: echo URL [--protocol NAME]... [--header 'NAME: VALUE']... [--ca-file PEM] [--binary]";

    const TIME_FOR_ANSWERS: Duration = Duration::from_millis(500);

    type Failure = Box<dyn Error>;

    #[tokio::main]
    pub async fn main() -> ExitCode {
        let clean = run().await.unwrap_or_else(|failure| {
            eprintln!("echo: {failure}");
            false
        });
        if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Whether the connection ended cleanly.
    async fn run() -> Result<bool, Failure> {
        let arguments = Arguments::read(std::env::args_os().skip(1))?;
        let mut builder = WebSocket::builder(&arguments.url).protocols(arguments.protocols);
        for (name, value) in arguments.headers {
            builder = builder.header(name, value);
        }
        if let Some(path) = arguments.ca_file {
            let pem = std::fs::read(&path).map_err(|error| format!("cannot read `{path}`: {error}"))?;
            builder = builder.tls(Tls::with_root_certificates(pem));
        }
        let socket = builder.connect().await?;
        println!("open protocol={}", socket.protocol());

        let handle = socket.handle();
        // the sink waits while much is buffered, where `handle.send` would return an error
        let (mut sink, events) = socket.split();
        let mut printing = pin!(print_events(events));
        let sending = async {
            let mut lines = read_lines();
            while let Some(line) = lines.recv().await {
                let line = line.map_err(|error| format!("cannot read standard input: {error}"))?;
                let message = if arguments.binary { Message::from(line.into_bytes()) } else { Message::from(line) };
                // the only failure is that the connection ended, which is printed as an event
                if sink.feed(message).await.is_err() {
                    break;
                }
            }
            // once closing, a socket discards what arrives: the last answers need time before
            if sink.flush().await.is_ok() {
                tokio::time::sleep(TIME_FOR_ANSWERS).await;
            }
            handle.close_with(1000, "")?;
            Ok::<(), Failure>(())
        };
        tokio::select! {
            clean = &mut printing => Ok(clean),
            sent = sending => {
                sent?;
                Ok(printing.await)
            }
        }
    }

    /// Prints events up to the last, the close; returns whether it was clean.
    async fn print_events(mut events: impl Stream<Item = Event> + Unpin) -> bool {
        let mut clean = false;
        while let Some(event) = events.next().await {
            match event {
                Event::Message(Message::Text(text)) => println!("text {}", one_line(&text)),
                Event::Message(binary) => println!("binary {} bytes", binary.len()),
                Event::Error(error) => println!("error {}", one_line(&error.to_string())),
                Event::Close(close) => {
                    clean = close.was_clean;
                    println!("close {} reason={:?} clean={clean}", close.code.0, close.reason);
                }
                other => println!("{other:?}"),
            }
        }
        clean
    }

    /// A server's text must neither break the line nor command the terminal.
    fn one_line(text: &str) -> String {
        let escaped = |character: char| match character.is_control() {
            true => character.escape_default().to_string(),
            false => character.to_string(),
        };
        text.chars().map(escaped).collect()
    }

    /// A thread of its own, not tokio's standard input: that would keep the program from
    /// ending before one more line is typed.
    fn read_lines() -> mpsc::Receiver<io::Result<String>> {
        let (sender, receiver) = mpsc::channel(64);
        thread::spawn(move || {
            for line in io::stdin().lines() {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        receiver
    }

    #[derive(Default)]
    struct Arguments {
        url: String,
        protocols: Vec<String>,
        headers: Vec<(String, String)>,
        ca_file: Option<String>,
        binary: bool,
    }

    impl Arguments {
        fn read(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Self, Failure> {
            let mut words = arguments.map(|word| word.into_string().map_err(|_| "an argument is not UTF-8"));
            let mut read = Self::default();
            while let Some(word) = words.next().transpose()? {
                let mut value = || words.next().transpose()?.ok_or_else(|| format!("{word} needs a value; {USAGE}"));
                match word.as_str() {
                    "--protocol" => read.protocols.push(value()?),
                    "--header" => {
                        let header = value()?;
                        let (name, value) = header.split_once(':').ok_or("--header needs the form 'NAME: VALUE'")?;
                        read.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                    }
                    "--ca-file" => read.ca_file = Some(value()?),
                    "--binary" => read.binary = true,
                    url if read.url.is_empty() && !url.starts_with('-') => read.url = word,
                    _ => return Err(format!("cannot read `{word}`; {USAGE}").into()),
                }
            }
            if read.url.is_empty() { Err(USAGE.into()) } else { Ok(read) }
        }
    }
}
