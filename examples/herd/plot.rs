//! The arrivals as a plot.

use crate::{Outcome, report::grouped};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 540.0;
const LEFT: f64 = 112.0;
const RIGHT: f64 = 930.0;
const TOP: f64 = 96.0;
const BOTTOM: f64 = 474.0;
/// How long after the server's return something still happens: the longest delay.
const AFTER: u64 = 31;

const STYLE: &str = "\
svg { --back: #ffffff; --ink: #1f2328; --faint: #d8dee4; --note: #59636e;
  --k0: #d1242f; --k1: #b07400; --k2: #8250df; --k3: #0969da; --k4: #1a7f37; }
@media (prefers-color-scheme: dark) { svg { --back: #0d1117; --ink: #e6edf3; --faint: #30363d; --note: #9198a1;
  --k0: #ff7b72; --k1: #e3b341; --k2: #d2a8ff; --k3: #58a6ff; --k4: #56d364; } }
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 18px; font-weight: 600; } .note { fill: var(--note); font-size: 12px; }
.grid { stroke: var(--faint); } .mark { stroke: var(--note); stroke-dasharray: 5 4; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .k3 { stroke-width: 2.6; }
.k0 { stroke: var(--k0); } .k1 { stroke: var(--k1); } .k2 { stroke: var(--k2); } .k3 { stroke: var(--k3); }
.k4 { stroke: var(--k4); }";

/// Where numbers are on the paper.
struct Axes {
    seconds: u64,
    /// Powers of ten.
    least: i32,
    most: i32,
}

impl Axes {
    fn x(&self, second: u64) -> f64 {
        LEFT + (RIGHT - LEFT) * second as f64 / self.seconds as f64
    }

    /// Zero is not on a logarithmic axis: it lies on the floor.
    fn y(&self, rate: f64) -> f64 {
        let decades = f64::from(self.most - self.least);
        let height = (rate.max(1e-9).log10() - f64::from(self.least)) / decades;
        BOTTOM - (BOTTOM - TOP) * height.clamp(0.0, 1.0)
    }
}

pub fn svg(outcomes: &[Outcome]) -> String {
    let clients = outcomes.iter().map(|outcome| outcome.run.clients).max().unwrap_or(1);
    let outage = outcomes.iter().map(|outcome| outcome.run.outage).max().unwrap_or(0);
    let peak = outcomes.iter().map(|outcome| outcome.run.peak()).max().unwrap_or(1);
    let most = (peak as f64).log10().ceil() as i32;
    let axes = Axes { seconds: outage + AFTER, least: (most - 4).max(0), most };

    let mut body = String::new();
    draw_axes(&mut body, &axes);
    let ideal = outcomes.iter().find(|outcome| outcome.kind.name() == "full").map_or(0.0, Outcome::ideal);
    draw_marks(&mut body, &axes, outage, ideal);
    for (index, outcome) in outcomes.iter().enumerate() {
        draw_line(&mut body, &axes, index, &outcome.run.arrivals);
        draw_legend(&mut body, index, outcome);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-labelledby=\"title\">\n<style>\n{STYLE}\n</style>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" style=\"fill: var(--back)\"/>\n\
         <text class=\"title\" id=\"title\" x=\"{LEFT}\" y=\"34\">{} clients lose their server: attempts per second, \
         by kind of jitter</text>\n{body}</svg>\n",
        grouped(clients)
    )
}

fn draw_axes(body: &mut String, axes: &Axes) {
    for power in axes.least..=axes.most {
        let rate = 10_f64.powi(power);
        let y = axes.y(rate);
        put(body, format_args!("<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>"));
        let (x, y) = (LEFT - 10.0, y + 4.5);
        let label = grouped(rate as u64);
        put(body, format_args!("<text text-anchor=\"end\" x=\"{x}\" y=\"{y:.1}\">{label}</text>"));
    }
    // as many marks as fit
    let step = [5, 10, 20, 30, 60, 120, 300, 600].into_iter().find(|step| axes.seconds / step <= 16).unwrap_or(3_600);
    for second in (0..=axes.seconds).step_by(step as usize) {
        let x = axes.x(second);
        put(body, format_args!("<path class=\"grid\" d=\"M{x:.1} {BOTTOM}v6\"/>"));
        let y = BOTTOM + 22.0;
        put(body, format_args!("<text text-anchor=\"middle\" x=\"{x:.1}\" y=\"{y}\">{second}</text>"));
    }
    let (x, y) = ((LEFT + RIGHT) / 2.0, BOTTOM + 48.0);
    put(
        body,
        format_args!("<text text-anchor=\"middle\" x=\"{x}\" y=\"{y}\">seconds since the server went away</text>"),
    );
    let y = (TOP + BOTTOM) / 2.0;
    put(
        body,
        format_args!(
            "<text text-anchor=\"middle\" transform=\"translate(16 {y}) rotate(-90)\">attempts per second \
             (logarithmic)</text>"
        ),
    );
}

/// The server's return, and the ideal for full jitter.
fn draw_marks(body: &mut String, axes: &Axes, outage: u64, ideal: f64) {
    let (x, y) = (axes.x(outage), axes.y(ideal));
    put(body, format_args!("<path class=\"mark\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>"));
    let (label_x, label_y) = (x + 6.0, TOP + 16.0);
    put(body, format_args!("<text class=\"note\" x=\"{label_x:.1}\" y=\"{label_y}\">the server is back</text>"));
    put(body, format_args!("<path class=\"mark\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>"));
    let label_y = y - 6.0;
    put(body, format_args!("<text class=\"note\" x=\"{label_x:.1}\" y=\"{label_y:.1}\">ideal, full jitter</text>"));
}

/// A step for each second.
fn draw_line(body: &mut String, axes: &Axes, index: usize, arrivals: &[u64]) {
    let mut path = format!("M{LEFT} {BOTTOM}");
    for (second, &count) in arrivals.iter().enumerate() {
        let second = second as u64;
        if second >= axes.seconds {
            break;
        }
        let _infallible = write!(path, "V{:.1}H{:.1}", axes.y(count as f64), axes.x(second + 1));
    }
    put(body, format_args!("<path class=\"line k{index}\" d=\"{path}V{BOTTOM}\"/>"));
}

fn draw_legend(body: &mut String, index: usize, outcome: &Outcome) {
    let x = LEFT + 158.0 * index as f64;
    put(body, format_args!("<path class=\"line k{index}\" d=\"M{x} 62h26\"/>"));
    let x = x + 34.0;
    let name = outcome.kind.name();
    put(body, format_args!("<text x=\"{x}\" y=\"66.5\">{name}</text>"));
}

fn put(body: &mut String, element: std::fmt::Arguments<'_>) {
    let _infallible = writeln!(body, "{element}");
}
