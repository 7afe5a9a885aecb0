//! What the tap notes of each message, for who inflates it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

const RESERVED_1: u8 = 0x40;
const OPCODE: u8 = 0x0f;
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// What a message was before the engine saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend::native) enum Note {
    Plain,
    CompressedText,
    CompressedBinary,
}

/// One for each message, in order. Tap and reader are of one task; the lock is for the compiler.
#[derive(Debug, Clone, Default)]
pub(in crate::backend::native) struct Notes(Arc<Mutex<VecDeque<Note>>>);

impl Notes {
    /// Notes a message by the first byte of its first frame, and gives the byte that the engine is to
    /// see. A reserved bit anywhere else is the engine's to refuse.
    pub(in crate::backend::native) fn take_down(&self, first: u8) -> u8 {
        let (note, shown) = match (first & OPCODE, first & RESERVED_1 != 0) {
            (TEXT, true) => (Note::CompressedText, (first & !RESERVED_1 & !OPCODE) | BINARY),
            (BINARY, true) => (Note::CompressedBinary, first & !RESERVED_1),
            (TEXT | BINARY, false) => (Note::Plain, first),
            _ => return first,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(note);
        shown
    }

    /// Of the message that the engine gives now.
    pub(in crate::backend::native) fn next(&self) -> Note {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(Note::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_noted_and_control_frames_are_not() {
        let notes = Notes::default();
        let shown: Vec<u8> =
            [0xc1, 0x81, 0x89, 0x42, 0x80, 0xc9, 0x02].into_iter().map(|it| notes.take_down(it)).collect();
        assert_eq!(shown, [0x82, 0x81, 0x89, 0x02, 0x80, 0xc9, 0x02]);
        let noted: Vec<Note> = (0..5).map(|_| notes.next()).collect();
        assert_eq!(
            noted,
            [Note::CompressedText, Note::Plain, Note::CompressedBinary, Note::Plain, Note::Plain],
            "nothing is noted of what no more comes"
        );
    }
}
