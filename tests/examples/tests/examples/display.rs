//! A display that nobody sees, and a window on it.

use crate::{keyboard::Keyboard, picture::Picture, room::soon};
use std::{cell::RefCell, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, InputFocus, MapState, Window,
    },
    rust_connection::RustConnection,
};

/// Between looks at it.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);
/// A cursor that blinks changes it more seldom.
const SETTLED_AFTER: usize = 8;

/// Ends with this value.
pub struct Display {
    /// How programs are told of it.
    pub name: String,
    connection: RustConnection,
    keyboard: Keyboard,
    _server: Child,
}

impl Display {
    pub async fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "900x800x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Xvfb is installed");
        // it takes a free number, and tells it when it is ready
        let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
        let number = soon("Xvfb starts", lines.next_line()).await.expect("its output").expect("a display");
        let name = format!(":{}", number.trim());
        let (connection, _) = RustConnection::connect(Some(&name)).expect("a display");
        Self { name, keyboard: Keyboard::of(&connection), connection, _server: server }
    }

    /// Waits for something on the display.
    async fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = look() {
                    return found;
                }
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
        };
        soon(what, search).await
    }

    /// Waits for a window whose title begins so, and has it get what is typed.
    pub async fn window(&self, title: &str) -> Window {
        let window = self.until(title, || self.find(title)).await;
        let focus = self.connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME);
        focus.expect("a connection").check().expect("it is shown");
        window
    }

    fn find(&self, title: &str) -> Option<Window> {
        let root = self.connection.setup().roots[0].root;
        let tree = self.connection.query_tree(root).ok()?.reply().ok()?;
        tree.children.into_iter().find(|window| self.is_shown(*window) && self.title(*window).starts_with(title))
    }

    fn is_shown(&self, window: Window) -> bool {
        let attributes = self.connection.get_window_attributes(window).expect("a connection").reply();
        // it may be gone since
        attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    }

    fn title(&self, window: Window) -> String {
        let property = self.connection.get_property(false, window, self.atom("_NET_WM_NAME"), AtomEnum::ANY, 0, 1024);
        let property = property.expect("a connection").reply();
        property.map(|property| String::from_utf8_lossy(&property.value).into_owned()).unwrap_or_default()
    }

    fn atom(&self, name: &str) -> u32 {
        let atom = self.connection.intern_atom(false, name.as_bytes()).expect("a connection").reply();
        atom.expect("a name").atom
    }

    /// Waits until the window's title begins so.
    pub async fn await_title(&self, window: Window, title: &str) {
        self.until(title, || self.title(window).starts_with(title).then_some(())).await;
    }

    /// Types into the window that gets what is typed.
    pub fn type_text(&self, text: &str) {
        self.keyboard.type_text(&self.connection, text);
    }

    pub fn enter(&self) {
        self.keyboard.enter(&self.connection);
    }

    fn image(&self, window: Window) -> Image {
        let size = self.connection.get_geometry(window).expect("a connection").reply().expect("a window");
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, size.width, size.height, !0);
        let bytes = image.expect("a connection").reply().expect("it is shown").data;
        Image { width: size.width.into(), height: size.height.into(), bytes }
    }

    /// What the window shows once it shows the same for some looks. Only bytes are compared
    /// meanwhile: looks that take longer than a cursor's blink would never see the same.
    pub async fn settled_picture(&self, window: Window) -> Picture {
        let seen = RefCell::new((self.image(window), 0));
        let look = || {
            let (before, times) = &mut *seen.borrow_mut();
            let image = self.image(window);
            *times = if image == *before { *times + 1 } else { 0 };
            *before = image;
            (*times == SETTLED_AFTER).then_some(())
        };
        self.until("the window settles", look).await;
        seen.into_inner().0.picture()
    }

    /// As the button of the window's frame.
    pub fn close(&self, window: Window) {
        let data = [self.atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, self.atom("WM_PROTOCOLS"), data);
        let sent = self.connection.send_event(false, window, EventMask::NO_EVENT, message);
        sent.expect("a connection").check().expect("a window");
    }
}

/// As the display gives it: of 24 bits, each in a word of 32 whose lowest byte is blue.
#[derive(PartialEq)]
struct Image {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Image {
    fn picture(&self) -> Picture {
        assert_eq!(self.bytes.len(), (self.width * self.height * 4) as usize);
        let pixels = self.bytes.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        Picture { width: self.width, height: self.height, pixels }
    }
}
