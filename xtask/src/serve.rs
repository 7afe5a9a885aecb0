//! The test server for whoever tries things by hand.

use crate::{
    Outcome,
    server::{Address, TestServer},
};

pub fn run(address: Address) -> Outcome {
    let server = TestServer::start(address, None)?;
    server.print_addresses();
    server.wait()
}
