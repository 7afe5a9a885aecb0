//! The machine under random schedules, and by itself where a rule is best shown alone.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

pub(crate) mod bytes;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod counting;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scenes;
#[cfg(test)]
mod schedules;
mod steps;
#[cfg(test)]
mod times;
mod world;
