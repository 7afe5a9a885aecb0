//! The last minute as pictures: the states, and the round trips.

use std::{collections::VecDeque, fmt::Write};

/// How much of the past is shown, in milliseconds.
const SPAN: f64 = 60_000.0;
/// Of both pictures, in their own units.
const WIDTH: f64 = 600.0;
const BAND: f64 = 28.0;
const PLOT: f64 = 120.0;

/// Which state it was from when on.
#[derive(Default)]
pub(crate) struct Timeline(VecDeque<(f64, &'static str)>);

impl Timeline {
    pub(crate) fn enter(&mut self, now: f64, class: &'static str) {
        if self.0.back().is_none_or(|(_, last)| *last != class) {
            self.0.push_back((now, class));
        }
        // the last of those before is the state at the beginning
        while self.0.get(1).is_some_and(|(begin, _)| *begin < now - SPAN) {
            self.0.pop_front();
        }
    }

    pub(crate) fn picture(&self, now: f64) -> String {
        let mut svg = String::new();
        let ends = self.0.iter().skip(1).map(|(begin, _)| *begin).chain([now]);
        for ((begin, class), end) in self.0.iter().zip(ends) {
            let (left, right) = (x(*begin, now).max(0.0), x(end, now));
            let width = (right - left).max(0.5);
            // a string takes whatever is written to it
            let _infallible =
                write!(svg, r#"<rect class="state-{class}" x="{left:.1}" y="0" width="{width:.1}" height="{BAND}"/>"#);
        }
        svg
    }

    /// The same in words.
    pub(crate) fn words(&self, now: f64) -> String {
        let mut words = String::from("States of the last minute:");
        for (begin, class) in &self.0 {
            let ago = ((now - begin) / 1000.0).clamp(0.0, SPAN / 1000.0);
            let _infallible = write!(words, " {class} since {ago:.0} s,");
        }
        words.trim_end_matches(',').to_owned()
    }
}

/// How long messages took there and back, and when they were back.
#[derive(Default)]
pub(crate) struct RoundTrips(VecDeque<(f64, f64)>);

impl RoundTrips {
    pub(crate) fn note(&mut self, now: f64, milliseconds: f64) {
        self.0.push_back((now, milliseconds));
        while self.0.front().is_some_and(|(then, _)| *then < now - SPAN) {
            self.0.pop_front();
        }
    }

    pub(crate) fn last(&self) -> Option<f64> {
        self.0.back().map(|(_, milliseconds)| *milliseconds)
    }

    /// The median and the longest of the last minute.
    pub(crate) fn summary(&self) -> Option<(f64, f64)> {
        let mut sorted: Vec<f64> = self.0.iter().map(|(_, milliseconds)| *milliseconds).collect();
        sorted.sort_by(f64::total_cmp);
        Some((*sorted.get(sorted.len() / 2)?, *sorted.last()?))
    }

    pub(crate) fn picture(&self, now: f64) -> String {
        let top = self.summary().map_or(1.0, |(_, longest)| longest.max(1.0));
        let mut svg = String::new();
        // at most one bar for two units of width
        let mut last = -2.0;
        for (then, milliseconds) in &self.0 {
            let x = x(*then, now);
            if x - last < 2.0 {
                continue;
            }
            last = x;
            let height = (milliseconds / top * (PLOT - 8.0)).max(1.0);
            let y = PLOT - height;
            // a string takes whatever is written to it
            let _infallible = write!(svg, r#"<rect x="{x:.1}" y="{y:.1}" width="1.5" height="{height:.1}"/>"#);
        }
        svg
    }
}

fn x(then: f64, now: f64) -> f64 {
    WIDTH - (now - then) / SPAN * WIDTH
}
