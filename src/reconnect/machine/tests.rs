//! The machine under random schedules, and by itself where a rule is best shown alone.

mod rules;
mod schedules;
mod world;
