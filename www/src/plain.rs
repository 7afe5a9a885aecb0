//! The page of the plain socket.

mod controls;
mod log;
mod page;
mod session;

pub(crate) fn start() {
    match page::Page::find() {
        Ok(page) => controls::wire(page),
        Err(missing) => crate::report(&missing.to_string()),
    }
}
