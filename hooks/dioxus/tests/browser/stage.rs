//! A place on the page for a component, and a way for it to report.

use dioxus::prelude::*;
use dioxus_web::{Config, launch::launch_virtual_dom};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use std::{cell::RefCell, rc::Rc};
use web_sys::Element as Place;

/// What a component renders, hooks and all.
#[derive(Clone)]
struct Play(Rc<dyn Fn() -> Element>);

impl PartialEq for Play {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// One program, since Dioxus never ends one, in which a component comes and goes.
pub struct Theatre {
    place: Place,
    plays: UnboundedSender<Option<Play>>,
}

/// A component on the page, until it is dropped.
pub struct Stage(Rc<Theatre>);

#[derive(Clone)]
struct Plays(Rc<RefCell<Option<UnboundedReceiver<Option<Play>>>>>);

impl Theatre {
    pub fn open() -> Rc<Self> {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page");
        let place = document.create_element("div").expect("an element");
        document.document_element().expect("a root").append_child(&place).expect("a place");
        let (plays, received) = unbounded();
        let program = VirtualDom::new(program).with_root_context(Plays(Rc::new(RefCell::new(Some(received)))));
        launch_virtual_dom(program, Config::new().rootelement(place.clone()));
        Rc::new(Self { place, plays })
    }

    pub fn mount(self: &Rc<Self>, component: impl Fn() -> Element + 'static) -> Stage {
        let stage = Stage(self.clone());
        stage.update(component);
        stage
    }

    fn show(&self, play: Option<Play>) {
        self.plays.unbounded_send(play).expect("the program runs");
    }
}

fn program() -> Element {
    let mut shown = use_signal(|| None);
    use_future(move || async move {
        let plays = consume_context::<Plays>().0.take();
        let mut plays = plays.expect("one program");
        while let Some(play) = plays.next().await {
            shown.set(play);
        }
    });
    rsx! {
        if let Some(play) = shown() {
            Actor { play }
        }
    }
}

#[component]
fn Actor(play: Play) -> Element {
    (play.0)()
}

impl Stage {
    pub fn mount(component: impl Fn() -> Element + 'static) -> Self {
        Theatre::open().mount(component)
    }

    /// Renders the same component again, by this.
    pub fn update(&self, component: impl Fn() -> Element + 'static) {
        self.0.show(Some(Play(Rc::new(component))));
    }

    pub fn text(&self) -> String {
        self.0.place.text_content().unwrap_or_default()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.0.show(None);
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
