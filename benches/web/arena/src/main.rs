//! Has clients run in a page of a real browser, in rounds, and prints how they compare.

mod clients;
mod events;
mod page;
mod table;

use blind::Server;
use eversocket_webdriver::Browser;
use page::Page;
use std::{error::Error, path::PathBuf};
use table::{Rounds, Walls};

/// `arena SITE ROUNDS`: where the page and its clients are, and how many rounds.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let site = PathBuf::from(arguments.next().ok_or("the folder of the page is missing")?);
    let rounds: usize = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let server = Server::with_files(site)?;
    let address = server.address.to_string();

    let chrome = Page::open(Browser::start(&[], &[]).await, address.clone()).await;
    let in_chrome = walls(&chrome, "Chrome", rounds).await?;
    let own = own_times(&chrome, rounds).await?;
    drop(chrome);
    let firefox = Page::open(Browser::start_firefox().await, address).await;
    let in_firefox = walls(&firefox, "Firefox", rounds).await?;

    println!("{}", table::targets(&in_chrome, &own, &in_firefox));
    println!("In Chrome:\n\n{}", table::wall_table(&in_chrome));
    println!("{}", table::own_table(&in_chrome, &own));
    println!("In Firefox:\n\n{}", table::wall_table(&in_firefox));
    Ok(())
}

async fn walls(page: &Page, browser: &str, rounds: usize) -> Result<Walls, Box<dyn Error>> {
    let mut results = Walls::new();
    for event in events::all() {
        eprintln!("{browser}: {} ...", event.title());
        let mut laps = Rounds::new();
        // the first warms up
        for round in 0..=rounds {
            for client in in_turn(round) {
                let lap = page.lap(client, &event).await?;
                if round > 0 {
                    laps.entry(client).or_default().push(lap);
                }
            }
        }
        results.push((event, laps));
    }
    Ok(results)
}

/// For small messages, where the client's part is largest.
async fn own_times(page: &Page, rounds: usize) -> Result<Rounds<f64>, Box<dyn Error>> {
    eprintln!("own time ...");
    let mut own = Rounds::new();
    for round in 0..rounds {
        for client in in_turn(round) {
            own.entry(client).or_default().push(page.own_time(client, &events::SAMPLED).await?);
        }
    }
    Ok(own)
}

/// The clients, in another order each round.
fn in_turn(round: usize) -> impl Iterator<Item = &'static str> {
    let count = clients::ALL.len();
    (0..count).map(move |index| clients::ALL[(index + round) % count])
}
