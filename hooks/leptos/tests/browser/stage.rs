//! A place on the page for a component, and a way for it to report.

use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use leptos::{mount::mount_to, prelude::*};
use std::any::Any;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// A component on the page, until it is dropped.
pub struct Stage {
    place: Element,
    /// What unmounts it.
    mounted: Option<Box<dyn Any>>,
}

impl Stage {
    pub fn mount<V: IntoView + 'static>(component: impl FnOnce() -> V + 'static) -> Self {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page");
        let place = document.create_element("div").expect("an element");
        document.document_element().expect("a root").append_child(&place).expect("a place");
        let mounted = mount_to(place.clone().unchecked_into(), component);
        Self { place, mounted: Some(Box::new(mounted)) }
    }

    pub fn text(&self) -> String {
        self.place.text_content().unwrap_or_default()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.mounted.take());
        self.place.remove();
    }
}

/// What components report with.
pub struct Report<T>(UnboundedSender<T>);

impl<T> Report<T> {
    pub fn tell(&self, seen: T) {
        // a test that is over does not listen any more
        let _over = self.0.unbounded_send(seen);
    }
}

impl<T> Clone for Report<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

pub struct Reports<T>(UnboundedReceiver<T>);

impl<T> Reports<T> {
    pub fn new() -> (Report<T>, Self) {
        let (sender, receiver) = unbounded();
        (Report(sender), Self(receiver))
    }

    pub async fn next(&mut self) -> T {
        self.0.next().await.expect("components report")
    }

    /// Takes reports until one is what is looked for.
    pub async fn until<R>(&mut self, mut look: impl FnMut(T) -> Option<R>) -> R {
        loop {
            if let Some(found) = look(self.next().await) {
                return found;
            }
        }
    }

    /// Waits until nothing is left that could report, which must not have happened before.
    pub async fn freed(mut self) {
        assert!(self.0.next().await.is_none(), "something came after the end");
    }

    /// What has been reported until now.
    pub fn so_far(&mut self) -> Vec<T> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}
