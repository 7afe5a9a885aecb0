//! What egui's own colours lack, each with enough contrast in light and dark.

use eframe::egui::{Color32, Visuals};

pub fn good(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0x5f, 0xd3, 0x8d) } else { Color32::from_rgb(0x0b, 0x6b, 0x3a) }
}

pub fn warning(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0xf2, 0xb8, 0x4b) } else { Color32::from_rgb(0x8a, 0x53, 0x00) }
}

pub fn bad(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0xff, 0x8a, 0x80) } else { Color32::from_rgb(0xb3, 0x1b, 0x1b) }
}

pub fn name(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_gray(0xc0) } else { Color32::from_gray(0x48) }
}

pub fn bubble(visuals: &Visuals, is_own: bool) -> Color32 {
    match (visuals.dark_mode, is_own) {
        (true, true) => Color32::from_rgb(0x1f, 0x4a, 0x78),
        (true, false) => Color32::from_gray(0x35),
        (false, true) => Color32::from_rgb(0xd3, 0xe5, 0xfb),
        (false, false) => Color32::from_gray(0xe4),
    }
}
