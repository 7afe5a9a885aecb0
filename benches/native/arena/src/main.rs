//! Has contestants run beside each other, in rounds, and prints how they compare.

mod compression;
mod contestants;
mod events;
mod lap;
mod memory;
mod rounds;
mod table;
mod targets;

use blind::Server;
use contestants::Contestant;
use std::{error::Error, path::PathBuf};

/// `arena FOLDER ROUNDS [EVENT [CONTESTANT...]]`: where the contestants are, how many rounds, which
/// event and who takes part if not all; or `compression` alone. Those that count their heap are in its folder `heap`.
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("the folder of the contestants is missing")?);
    let rounds = arguments.next().map_or(Ok(7), |rounds| rounds.parse())?;
    let wanted = arguments.next().unwrap_or_default();
    let names: Vec<String> = arguments.collect();
    let is_wanted = |contestant: &&Contestant| names.is_empty() || names.iter().any(|name| name == contestant.name);
    let field: Vec<&Contestant> = contestants::ALL.iter().filter(is_wanted).collect();
    // each connection is two files, one of them the server's
    rlimit::increase_nofile_limit(u64::MAX)?;
    let server = Server::start()?;
    if wanted == "compression" {
        println!("{}", compression::table(&folder, &server, rounds)?);
        return Ok(());
    }
    let address = format!("ws://{}", server.address);
    let mut results = Vec::new();
    for event in events::ALL.iter().filter(|event| event.name.contains(&wanted)) {
        eprintln!("{} ...", event.name);
        results.push((event.name, rounds::run(event, &field, &folder, &address, rounds)?));
    }
    let weights =
        if "memory".contains(&wanted) { memory::weigh(&field, &folder.join("heap"), &server)? } else { Vec::new() };
    println!("{}", targets::table(&results, &weights));
    println!("{}", table::table("client CPU", &results, |lap| lap.processor));
    println!("{}", table::table("wall", &results, |lap| lap.wall));
    println!("{}", memory::table(&weights));
    Ok(())
}
