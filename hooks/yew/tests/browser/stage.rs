//! A place on the page for a component, and a way for it to report.

use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use web_sys::Element;
use yew::{AppHandle, Renderer, html::BaseComponent};

/// A component on the page, until it is dropped.
pub struct Stage<C: BaseComponent> {
    place: Element,
    app: Option<AppHandle<C>>,
}

impl<C: BaseComponent> Stage<C> {
    pub fn mount(properties: C::Properties) -> Self {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page");
        let place = document.create_element("div").expect("an element");
        document.document_element().expect("a root").append_child(&place).expect("a place");
        let app = Renderer::<C>::with_root_and_props(place.clone(), properties).render();
        Self { place, app: Some(app) }
    }

    pub fn update(&mut self, properties: C::Properties) {
        self.app.as_mut().expect("it is there").update(properties);
    }

    pub fn text(&self) -> String {
        self.place.text_content().unwrap_or_default()
    }
}

impl<C: BaseComponent> Drop for Stage<C> {
    fn drop(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
        self.place.remove();
    }
}

/// What components report with. As a property it only changes when the test makes another.
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

impl<T> PartialEq for Report<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_receiver(&other.0)
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
