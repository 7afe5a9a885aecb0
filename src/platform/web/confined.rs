//! JavaScript values in types that are `Send`.

use send_wrapper::SendWrapper;

/// A value that may move between threads and is touched only on the one that made it.
///
/// Dropped elsewhere, which only a build with wasm threads can do, it is leaked: no other
/// thread may free it.
pub(crate) struct Confined<T>(Option<SendWrapper<T>>);

impl<T> Confined<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(SendWrapper::new(value)))
    }

    /// `None` on another thread.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().filter(|wrapper| wrapper.valid()).map(|wrapper| &**wrapper)
    }

    /// `None` on another thread.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut().filter(|wrapper| wrapper.valid()).map(|wrapper| &mut **wrapper)
    }
}

impl<T> Drop for Confined<T> {
    fn drop(&mut self) {
        if let Some(wrapper) = self.0.take().filter(|wrapper| !wrapper.valid()) {
            std::mem::forget(wrapper);
        }
    }
}
