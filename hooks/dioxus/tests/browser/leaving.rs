//! Components that come and go: nothing is left of them.

use crate::{
    counted,
    stage::Theatre,
    support::{self, echo},
    watcher::{plainly, watch_in},
};
use eversocket::Message;
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const WARM_UP: usize = 100;
const CYCLES: usize = 1000;

/// From now on, counts what is written to the console as a warning or an error.
const COUNT_COMPLAINTS: &str = "
    globalThis.complaints = [];
    for (const kind of ['warn', 'error']) {
        const write = console[kind];
        console[kind] = (...words) => { complaints.push(words.join(' ')); write.apply(console, words); };
    }";

fn run(script: &str) -> String {
    let result = Function::new_no_args(script).call0(&wasm_bindgen::JsValue::NULL).expect("it runs");
    result.as_string().unwrap_or_default()
}

#[wasm_bindgen_test]
async fn a_thousand_that_come_and_go_leave_nothing() {
    run(COUNT_COMPLAINTS);
    // lives as long as what was given to the hooks does
    let (witness, theatre) = (Rc::new(()), Theatre::open());
    for index in 0..WARM_UP {
        cycle(index, &theatre, &witness).await;
    }
    let before = counted::settled(None).await;
    for index in 0..CYCLES {
        cycle(index, &theatre, &witness).await;
    }
    let after = counted::settled(Some(&before)).await;
    assert_eq!(Rc::strong_count(&witness), 1, "closures are left");
    assert_eq!(support::ask("/wait-open-sockets?count=0&of=echo").await, "0");
    before.assert_no_growth(&after);
    assert_eq!(run("return complaints.join('\\n')"), "");
}

/// One component, which goes at a time that depends on the index.
async fn cycle(index: usize, theatre: &Rc<Theatre>, witness: &Rc<()>) {
    let held = witness.clone();
    let open = move |url: String| {
        let _alive = &held;
        plainly(url)
    };
    let (stage, _, mut reports) = watch_in(theatre, &echo(), open);
    let life = index % 4;
    if life == 0 {
        // while connecting
        reports.state(|_| true).await;
    } else {
        let socket = reports.open().await;
        if life > 1 {
            socket.send("hello").expect("it is open");
            assert_eq!(reports.message().await.1, Message::from("hello"));
        }
        if life > 2 {
            // and something is under way
            socket.send("another").expect("it is open");
        }
    }
    drop(stage);
    reports.gone().await;
    assert!(reports.so_far().is_empty(), "something came after the end");
}
