//! Has clients run in a page of a real browser, in rounds, and prints how they compare.

mod clients;
mod events;
mod page;
mod table;

use blind::Server;
use page::Page;
use std::{error::Error, path::PathBuf};
use table::Rounds;

/// `arena SITE ROUNDS`: where the page and its clients are, and how many rounds.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let site = PathBuf::from(arguments.next().ok_or("the folder of the page is missing")?);
    let rounds: usize = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let server = Server::with_files(site)?;
    let page = Page::open(server.address.to_string()).await;
    let events = events::all();
    let mut results = Vec::new();
    for event in &events {
        eprintln!("{} ...", event.title());
        let mut laps = Rounds::new();
        // the first warms up
        for round in 0..=rounds {
            for index in 0..clients::ALL.len() {
                let client = clients::ALL[(index + round) % clients::ALL.len()];
                let lap = page.lap(client, event).await?;
                if round > 0 {
                    laps.entry(client).or_default().push(lap);
                }
            }
        }
        results.push((*event, laps));
    }
    eprintln!("own time ...");
    let mut own = Rounds::new();
    for round in 0..rounds {
        for index in 0..clients::ALL.len() {
            let client = clients::ALL[(index + round) % clients::ALL.len()];
            own.entry(client).or_default().push(page.own_time(client, &events[0]).await?);
        }
    }
    println!("{}", table::targets(&results, &own));
    println!("{}", table::wall_table(&results));
    println!("{}", table::own_table(&results, &own));
    Ok(())
}
