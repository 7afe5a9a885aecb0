//! Compares the traces that the runs left at the server.

use crate::{Part, Result};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
};

/// How many scripts must have been compared.
const MINIMUM: usize = 200;

/// Compares the traces of these parts, of which each ran the same scripts.
pub fn compare(address: &str, parts: &[Part]) -> Result<String> {
    let targets =
        parts.iter().map(|part| Ok((part.name(), fetch(address, part.name())?))).collect::<Result<Vec<_>>>()?;
    let Some(((first, reference), others)) = targets.split_first() else { return Ok(String::new()) };
    if reference.len() < MINIMUM {
        return Err(format!("{first} left {} traces, not {MINIMUM}", reference.len()));
    }
    for (name, traces) in others {
        if traces.len() != reference.len() {
            return Err(format!("{first} left {} traces, {name} {}", reference.len(), traces.len()));
        }
        if let Some((seed, trace)) = reference.iter().find(|(seed, trace)| traces.get(*seed) != Some(*trace)) {
            let other = traces.get(seed).map_or("no trace", String::as_str);
            return Err(format!("the script of seed {seed} differs:\n  {first}: {trace}\n  {name}: {other}"));
        }
    }
    let names: Vec<&str> = targets.iter().map(|(name, _)| *name).collect();
    let (from, to) = (reference.keys().next().copied().unwrap_or(0), reference.keys().last().copied().unwrap_or(0));
    Ok(format!("traces: {} scripts (seeds {from} to {to}) equal on {}", reference.len(), names.join(", ")))
}

/// The traces of a target by their seeds.
fn fetch(address: &str, target: &str) -> Result<BTreeMap<u64, String>> {
    let request = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET /traces-of?target={target} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = request().map_err(|error| format!("cannot ask the test server for traces: {error}"))?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("the test server's answer has no body")?;
    let line = |line: &str| {
        let (seed, trace) = line.split_once('\t')?;
        Some((seed.parse().ok()?, trace.to_owned()))
    };
    body.lines().map(|text| line(text).ok_or_else(|| format!("cannot read the trace `{text}`"))).collect()
}
