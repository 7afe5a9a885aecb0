//! The server is gone, with or without a word.

use crate::support::Page;
use serde_json::json;

const PERIOD: f64 = 1000.0;
const LIMIT: f64 = 1000.0;
/// Browsers round the time that they tell.
const ROUNDING: f64 = 2.0;

#[tokio::test]
async fn a_connection_that_died_silently_is_noticed_and_replaced() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    let options = json!({ "delay": 50, "period": PERIOD, "deadAfter": LIMIT });
    page.open(&gate.url("/script?id=silent-{n}&do=accept;echo"), options).await;
    page.await_note("state open").await;
    page.await_note("answer").await;
    let silent_from = page.now().await;
    gate.order("freeze").await;
    let lost = page.await_note("interrupted").await;
    page.await_note("state open").await;

    println!("silent for {:.0} ms when it was noticed, where {PERIOD} + {LIMIT} are allowed", lost.at - silent_from);
    let notes = page.notes().await;
    let heartbeats: Vec<f64> = notes.iter().filter(|note| note.text == "heartbeat").map(|note| note.at).collect();
    let before: Vec<f64> = heartbeats.into_iter().filter(|at| *at < lost.at).collect();
    let [.., answered, unanswered] = before[..] else { panic!("{notes:#?}") };
    assert!(unanswered - answered >= PERIOD - ROUNDING, "{notes:#?}");
    assert!(lost.at - unanswered >= LIMIT - ROUNDING, "{notes:#?}");
    let in_vain = notes.iter().filter(|note| unanswered < note.at && note.at < lost.at);
    assert_eq!(in_vain.count(), 0, "{notes:#?}");
    page.send("on the new one").await;
    page.await_note("message on the new one").await;

    gate.order("thaw").await;
    let record = page.record("silent-1").await;
    assert!(record.contains(&"close 4000 no answer to a heartbeat".to_owned()), "{record:#?}");
}

#[tokio::test]
async fn what_is_sent_while_the_server_restarts_arrives_in_order_and_once() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.open(&gate.url("/stream?id=restart"), json!({ "delay": 50 })).await;
    page.await_note("state open").await;
    // so that the text is the message's number
    let sender = "let number = 0; window.sender = setInterval(() => socket.send(String(++number)), 5)";
    page.browser.evaluate(sender, json!([])).await;
    page.ask("/stream-record?id=restart&wait=20").await;
    gate.order("stop").await;
    let lost = page.await_note("interrupted").await;
    page.await_note("state waiting").await;
    page.let_pass(200.0).await;
    gate.order("start").await;
    page.await_note("state open").await;
    page.let_pass(200.0).await;
    page.browser.evaluate("clearInterval(sender); socket.send('end')", json!([])).await;

    let (_, unknown) = lost.text.rsplit_once("unknown: ").expect("it tells");
    let unknown: Vec<u64> = serde_json::from_str(unknown).expect("a list");
    let received = page.until_recorded("restart", "end").await;
    let last = *received.last().expect("some");
    let missing: Vec<u64> = (1..=last).filter(|number| !received.contains(number)).collect();
    println!("{last} sent, {} of them of unknown fate, {} lost", unknown.len(), missing.len());
    assert!(received.windows(2).all(|pair| pair[0] < pair[1]), "in order and once: {received:?}");
    assert!(missing.iter().all(|number| unknown.contains(number)), "missing: {missing:?}, unknown: {unknown:?}");
}

impl Page {
    /// The numbers that a stream has recorded, once the text after the last has come.
    async fn until_recorded(&self, id: &str, end: &str) -> Vec<u64> {
        let mut lines = 0;
        loop {
            let record = self.ask(&format!("/stream-record?id={id}&wait={lines}")).await;
            let texts: Vec<&str> = record.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
            if texts.last() == Some(&end) {
                return texts.iter().filter_map(|text| text.parse().ok()).collect();
            }
            assert!(lines == 0 || texts.len() >= lines, "`{end}` never came:\n{record}");
            lines = texts.len() + 1;
        }
    }
}
