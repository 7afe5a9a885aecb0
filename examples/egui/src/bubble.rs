//! How a line looks.

use crate::{
    chat::{Fate, Line},
    colors,
};
use eframe::egui::{Align, Frame, Label, Layout, Margin, RichText, Ui};

/// Of the width that there is.
const WIDEST: f32 = 0.8;

/// Whether the person wants it to be said again.
pub fn show(ui: &mut Ui, line: &Line, can_send: bool) -> bool {
    let side = if line.is_own { Align::Max } else { Align::Min };
    ui.with_layout(Layout::top_down(side), |ui| {
        ui.set_max_width(ui.available_width());
        let frame = Frame::new()
            .fill(colors::bubble(ui.visuals(), line.is_own))
            .corner_radius(10)
            .inner_margin(Margin::symmetric(12, 8));
        frame.show(ui, |ui| {
            ui.set_max_width(ui.available_width() * WIDEST);
            ui.spacing_mut().item_spacing.y = 3.0;
            if matches!(line.fate, Fate::Pending(_)) {
                ui.set_opacity(0.7);
            }
            ui.label(RichText::new(&line.said.from).small().color(colors::name(ui.visuals())));
            ui.add(Label::new(RichText::new(&line.said.text).strong()).halign(Align::Min));
        });
        fate(ui, line.fate, can_send)
    })
    .inner
}

fn fate(ui: &mut Ui, fate: Fate, can_send: bool) -> bool {
    let warning = colors::warning(ui.visuals());
    let note = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).small().color(warning));
    match fate {
        Fate::Heard => return false,
        Fate::Pending(_) => {
            ui.label(RichText::new("waiting").small());
            return false;
        }
        Fate::Unknown => note(ui, "perhaps not delivered"),
        Fate::NotSent => note(ui, "not sent"),
    };
    can_send && ui.small_button("send again").clicked()
}
