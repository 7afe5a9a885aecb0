//! Much data, at the pace of whoever is slower.

use crate::note;
use eversocket::{Event, Message, SendError, WebSocket};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Promise, futures::JsFuture};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// Of each message that is sent.
const LENGTH: usize = 64 << 10;
/// A slow reader stops after so many bytes, for a moment.
const SIP: u64 = 1 << 20;

/// Sends so many mebibytes as fast as they are taken, and logs how often it had to wait, and how much was
/// buffered at most.
#[wasm_bindgen]
pub fn pump(url: &str, mebibytes: u32) -> Result<(), JsError> {
    let socket = WebSocket::new(url)?;
    js_sys::futures::spawn_local(async move {
        note(&match send(socket, u64::from(mebibytes) << 20).await {
            Ok((waits, most)) => format!("pumped with {waits} waits, {most} bytes at most"),
            Err(error) => format!("not pumped: {error}"),
        });
    });
    Ok(())
}

async fn send(mut socket: WebSocket, bytes: u64) -> Result<(u64, u64), SendError> {
    let (mut waits, mut most) = (0, 0);
    for _ in 0..bytes / LENGTH as u64 {
        let before = socket.buffered_amount();
        socket.ready().await?;
        waits += u64::from(socket.buffered_amount() < before);
        socket.send(vec![7; LENGTH])?;
        most = most.max(socket.buffered_amount());
    }
    socket.flushed().await?;
    Ok((waits, most))
}

/// Reads what a server sends until it closes, from a moment on and slower than it could, and logs how much
/// that was.
#[wasm_bindgen]
pub fn sip(url: &str, from: Promise) -> Result<(), JsError> {
    let socket = WebSocket::builder(url).backpressure(true).inbox_capacity(SIP as usize).open()?;
    js_sys::futures::spawn_local(async move {
        // whichever way it is settled
        let _settled = JsFuture::from(from).await;
        let bytes = read(socket).await;
        note(&format!("sipped {bytes} bytes"));
    });
    Ok(())
}

async fn read(mut socket: WebSocket) -> u64 {
    let (mut bytes, mut pause_at) = (0, SIP);
    while let Some(event) = socket.next_event().await {
        match event {
            Event::Message(Message::Binary(payload)) => bytes += payload.len() as u64,
            Event::Error(error) => note(&error.to_string()),
            _ => {}
        }
        if bytes >= pause_at {
            pause_at += SIP;
            TimeoutFuture::new(2).await;
        }
    }
    bytes
}
