//! Keys of a display, as somebody presses them.

use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Keycode},
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// Numbers of keys' meanings; those of Latin letters are their code points.
const RETURN: u32 = 0xff0d;
const LEFT_SHIFT: u32 = 0xffe1;

/// Which key means what.
pub struct Keyboard {
    first: Keycode,
    /// Of each key, what it means alone, with shift, and more.
    meanings: Vec<Vec<u32>>,
}

impl Keyboard {
    pub fn of(connection: &RustConnection) -> Self {
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let mapping = connection.get_keyboard_mapping(first, last - first + 1).expect("a connection");
        let mapping = mapping.reply().expect("a mapping");
        let meanings = mapping.keysyms.chunks(mapping.keysyms_per_keycode.into()).map(<[u32]>::to_vec).collect();
        Self { first, meanings }
    }

    /// Types a text of Latin letters.
    pub fn type_text(&self, connection: &RustConnection, text: &str) {
        text.chars().for_each(|letter| self.press(connection, letter.into()));
    }

    pub fn enter(&self, connection: &RustConnection) {
        self.press(connection, RETURN);
    }

    fn press(&self, connection: &RustConnection, meaning: u32) {
        let (key, shifted) = self.key(meaning);
        let shift = shifted.then(|| self.key(LEFT_SHIFT).0);
        let strokes = shift.map(|key| (KEY_PRESS_EVENT, key)).into_iter();
        let strokes = strokes.chain([(KEY_PRESS_EVENT, key), (KEY_RELEASE_EVENT, key)]);
        for (kind, key) in strokes.chain(shift.map(|key| (KEY_RELEASE_EVENT, key))) {
            let stroke = connection.xtest_fake_input(kind, key, x11rb::CURRENT_TIME, x11rb::NONE, 0, 0, 0);
            stroke.expect("a connection").check().expect("a key");
        }
    }

    /// The key, and whether shift has to be held.
    fn key(&self, meaning: u32) -> (Keycode, bool) {
        let find = |column: usize| {
            let index = self.meanings.iter().position(|key| key.get(column) == Some(&meaning))?;
            Some((self.first + u8::try_from(index).expect("a key"), column == 1))
        };
        find(0).or_else(|| find(1)).unwrap_or_else(|| panic!("no key means {meaning:#x}"))
    }
}
