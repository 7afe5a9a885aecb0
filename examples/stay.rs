//! A socket that stays: sends a line every second, and prints what happens. Kill the server and
//! bring it back meanwhile:
//!
//! ```sh
//! cargo xtask serve    # in another terminal
//! cargo run --example stay -- ws://127.0.0.1:9310/echo
//! ```

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    use eversocket::{ReconnectingWebSocket, reconnect::Event};
    use std::time::Duration;

    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://127.0.0.1:9310/echo".to_owned());
    let mut socket = ReconnectingWebSocket::new(&url)?;
    let handle = socket.handle();
    tokio::spawn(async move {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        for line in 1.. {
            second.tick().await;
            // refused once the socket has ended, or when very much waits
            if let Err(error) = handle.send(format!("line {line}")) {
                eprintln!("{error}");
                break;
            }
        }
    });
    while let Some(event) = socket.next_event().await {
        match event {
            Event::State(state) => println!("-- {state}"),
            Event::Message(message) => println!("{}", message.as_text().unwrap_or("(binary)")),
            Event::Interrupted(lost) => {
                println!("-- lost: {}; unsent {}, unknown {}", lost.failure, lost.unsent, lost.unknown)
            }
            Event::Gap(gap) => println!("-- was away for {:.1} s", gap.away.as_secs_f64()),
            Event::Dropped(dropped) => println!("-- dropped {}: {}", dropped.messages, dropped.reason),
            Event::Ended(ended) => println!("-- ended: {}", ended.cause),
            other => println!("-- {other:?}"),
        }
    }
    Ok(())
}
