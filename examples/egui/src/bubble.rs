//! How a line looks.

use crate::chat::{Fate, Line};
use eframe::egui::{Align, Color32, Frame, Layout, Margin, RichText, Ui, Visuals};

/// Of the width that there is.
const WIDEST: f32 = 0.8;

/// Whether the person wants it to be said again.
pub fn show(ui: &mut Ui, line: &Line, can_send: bool) -> bool {
    let name = if ui.visuals().dark_mode { Color32::from_gray(0xc0) } else { Color32::from_gray(0x48) };
    let side = if line.is_own { Align::Max } else { Align::Min };
    ui.with_layout(Layout::top_down(side), |ui| {
        ui.set_max_width(ui.available_width());
        let frame =
            Frame::new().fill(fill(ui.visuals(), line.is_own)).corner_radius(10).inner_margin(Margin::symmetric(12, 8));
        frame.show(ui, |ui| {
            ui.set_max_width(ui.available_width() * WIDEST);
            ui.spacing_mut().item_spacing.y = 3.0;
            if matches!(line.fate, Fate::Pending(_)) {
                ui.set_opacity(0.7);
            }
            ui.label(RichText::new(&line.said.from).small().color(name));
            ui.label(RichText::new(&line.said.text).strong());
        });
        fate(ui, line.fate, can_send)
    })
    .inner
}

fn fate(ui: &mut Ui, fate: Fate, can_send: bool) -> bool {
    let note = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).small().color(ui.visuals().warn_fg_color));
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

fn fill(visuals: &Visuals, is_own: bool) -> Color32 {
    match (visuals.dark_mode, is_own) {
        (true, true) => Color32::from_rgb(0x1f, 0x4a, 0x78),
        (true, false) => Color32::from_gray(0x35),
        (false, true) => Color32::from_rgb(0xd3, 0xe5, 0xfb),
        (false, false) => Color32::from_gray(0xe4),
    }
}
