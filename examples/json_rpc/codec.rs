//! JSON-RPC 2.0: how requests and answers look. To be copied, and made to fit.

use eversocket::{
    Message,
    reconnect::{BoxError, RequestCodec},
};
use serde_json::{Value, json};
use std::{error::Error, fmt};

pub struct JsonRpc;

/// What the server answers in place of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcError {
    pub code: i64,
    pub message: String,
    pub data: Option<Value>,
}

impl RequestCodec for JsonRpc {
    /// Method and params.
    type Request = (&'static str, Value);
    type Answer = Result<Value, RpcError>;

    fn encode(&self, id: u64, (method, params): Self::Request) -> Result<Message, BoxError> {
        Ok(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string().into())
    }

    fn decode(&self, message: &Message) -> Option<(u64, Self::Answer)> {
        let mut answer: Value = serde_json::from_str(message.as_text()?).ok()?;
        let id = answer["id"].as_u64()?; // a notification has none
        if !answer["error"].is_null() {
            return Some((id, Err(RpcError::read(&answer["error"]))));
        }
        // what has neither is a request of the server's
        Some((id, Ok(answer.get_mut("result")?.take())))
    }
}

impl RpcError {
    fn read(error: &Value) -> Self {
        Self {
            code: error["code"].as_i64().unwrap_or_default(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            data: error.get("data").cloned(),
        }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (code {})", self.message, self.code)
    }
}

impl Error for RpcError {}
