//! The window: it shows the chat, and tells it what the person does.

use crate::{bubble, chat::Chat};
use eframe::egui::{
    Align, Align2, Button, CentralPanel, Color32, Context, FontId, Frame, Key, Label, Layout, Margin, Panel, RichText,
    ScrollArea, Sense, TextEdit, TextStyle, Theme, Ui, vec2,
};
use eversocket::{CallbackGuard, ReconnectingWebSocket};

const BAR: Margin = Margin::symmetric(16, 12);
/// The height of fields and buttons.
const LINE: f32 = 32.0;

pub struct App {
    chat: Chat,
    /// While it lives, what happens asks for another frame.
    _wake: CallbackGuard,
    title: String,
    name: String,
    text: String,
    /// Something has been said since the last frame.
    has_said: bool,
}

impl App {
    pub fn new(context: &Context, socket: ReconnectingWebSocket) -> Self {
        context.all_styles_mut(|style| {
            style.spacing.item_spacing = vec2(8.0, 8.0);
            style.spacing.button_padding = vec2(12.0, 6.0);
            style.spacing.interact_size.y = LINE;
            style.text_styles.insert(TextStyle::Small, FontId::proportional(12.0));
            style.text_styles.insert(TextStyle::Body, FontId::proportional(15.0));
            style.text_styles.insert(TextStyle::Button, FontId::proportional(15.0));
        });
        let chat = Chat::new(socket);
        let awake = context.clone();
        let wake = chat.on_wake(move || awake.request_repaint());
        let name = chat.guest();
        Self { chat, _wake: wake, title: String::new(), name, text: String::new(), has_said: false }
    }

    /// So that the state is seen where the window is not.
    fn show_title(&mut self, context: &Context) {
        let title = format!("eversocket chat: {}", self.chat.status());
        if title != self.title {
            show_title(context, &title);
            self.title = title;
        }
    }

    fn head(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.heading("Chat");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add_enabled(self.chat.status().is_waiting(), Button::new("Reconnect now")).clicked() {
                    self.chat.reconnect_now();
                }
                // what room is left
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.state(ui));
            });
        });
    }

    /// In colour and in words.
    fn state(&self, ui: &mut Ui) {
        let status = self.chat.status();
        let dark = ui.visuals().dark_mode;
        let color = match (status.is_open(), status.is_ended()) {
            (true, _) if dark => Color32::from_rgb(0x5f, 0xd3, 0x8d),
            (true, _) => Color32::from_rgb(0x0b, 0x6b, 0x3a),
            (_, true) => ui.visuals().error_fg_color,
            _ if dark => Color32::from_rgb(0xf2, 0xb8, 0x4b),
            _ => Color32::from_rgb(0x8a, 0x53, 0x00),
        };
        let (place, _) = ui.allocate_exact_size(vec2(12.0, LINE), Sense::hover());
        ui.painter().circle_filled(place.center(), 5.0, color);
        ui.add(Label::new(RichText::new(status.to_string()).color(color)).truncate());
    }

    fn lines(&mut self, ui: &mut Ui) {
        let mut again = None;
        ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
            for line in self.chat.lines() {
                if bubble::show(ui, line, !self.chat.status().is_ended()) {
                    again = Some(line.said.id.clone());
                }
            }
            if self.has_said {
                ui.scroll_to_cursor(Some(Align::BOTTOM));
            }
        });
        self.has_said = false;
        if let Some(id) = again {
            self.chat.say_again(&id);
        }
    }

    fn write(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let label = ui.label("Name");
            ui.add(field(&mut self.name).desired_width(120.0)).labelled_by(label.id);
            ui.with_layout(Layout::right_to_left(Align::Center), theme);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_clicked = ui.button("Send").clicked();
            let text = field(&mut self.text).hint_text("Say something").desired_width(f32::INFINITY);
            let field = ui.add(text);
            let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if is_clicked || is_entered {
                self.say();
            }
            // at the start too
            if is_clicked || is_entered || ui.memory(|memory| memory.focused().is_none()) {
                field.request_focus();
            }
        });
    }

    fn say(&mut self) {
        let (name, text) = (self.name.trim(), self.text.trim());
        if text.is_empty() {
            return;
        }
        self.chat.say(if name.is_empty() { "somebody" } else { name }, text);
        self.text.clear();
        self.has_said = true;
    }
}

impl eframe::App for App {
    /// Runs while the window is hidden, too.
    fn logic(&mut self, context: &Context, _: &mut eframe::Frame) {
        self.chat.look();
        self.show_title(context);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let fill = ui.visuals().window_fill;
        let bar = Frame::new().fill(fill).inner_margin(BAR);
        Panel::top("head").frame(bar).show(ui, |ui| self.head(ui));
        Panel::bottom("write").frame(bar).show(ui, |ui| self.write(ui));
        let page = Frame::new().fill(ui.visuals().panel_fill).inner_margin(Margin::symmetric(16, 8));
        CentralPanel::default().frame(page).show(ui, |ui| self.lines(ui));
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.chat.leave();
    }
}

fn field(text: &mut String) -> TextEdit<'_> {
    TextEdit::singleline(text).margin(Margin::symmetric(8, 4)).min_size(vec2(0.0, LINE)).align(Align2::LEFT_CENTER)
}

/// At first as the system's, where that is known.
fn theme(ui: &mut Ui) {
    let (name, other) = match ui.ctx().theme() {
        Theme::Dark => ("Light", Theme::Light),
        Theme::Light => ("Dark", Theme::Dark),
    };
    if ui.button(name).clicked() {
        ui.ctx().set_theme(other);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn show_title(context: &Context, title: &str) {
    context.send_viewport_cmd(eframe::egui::ViewportCommand::Title(title.to_owned()));
}

#[cfg(target_arch = "wasm32")]
fn show_title(_: &Context, title: &str) {
    crate::web::show_title(title);
}
