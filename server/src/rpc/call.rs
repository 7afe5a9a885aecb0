//! One call, and how it is answered.

use serde_json::{Map, Value, json};

pub(super) const PARSE_ERROR: i64 = -32700;
pub(super) const INVALID_REQUEST: i64 = -32600;
pub(super) const METHOD_NOT_FOUND: i64 = -32601;
pub(super) const INVALID_PARAMS: i64 = -32602;
/// The first of those that servers choose.
pub(super) const SERVER_ERROR: i64 = -32000;

#[derive(Debug, PartialEq)]
pub(super) struct Call {
    /// A notification has none, and gets no answer.
    pub(super) id: Option<Value>,
    pub(super) method: String,
    /// Null if there are none.
    pub(super) params: Value,
}

/// Code, message and perhaps data, as they are sent.
#[derive(Debug, PartialEq)]
pub(super) struct Fault(Value);

impl Fault {
    pub(super) fn new(code: i64, message: &str) -> Self {
        Self(json!({ "code": code, "message": message }))
    }

    /// The one that the params describe.
    pub(super) fn described(params: &Value) -> Self {
        let or = |name, default: Value| params.get(name).cloned().unwrap_or(default);
        let mut fault = json!({ "code": or("code", SERVER_ERROR.into()), "message": or("message", "failed".into()) });
        if let Some(data) = params.get("data") {
            fault["data"] = data.clone();
        }
        Self(fault)
    }
}

impl Call {
    /// What cannot be read is answered with the error.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let unreadable = |_| answer(&Value::Null, Err(Fault::new(PARSE_ERROR, "Parse error")));
        let mut fields = match serde_json::from_slice(text).map_err(unreadable)? {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let id = fields.remove("id");
        let valid_id = matches!(id, None | Some(Value::Null | Value::String(_) | Value::Number(_)));
        let params = fields.remove("params").unwrap_or_default();
        let valid_params = matches!(params, Value::Null | Value::Array(_) | Value::Object(_));
        match fields.remove("method") {
            Some(Value::String(method)) if valid_id && valid_params && fields.get("jsonrpc") == Some(&json!("2.0")) => {
                Ok(Self { id, method, params })
            }
            _ => {
                let id = id.filter(|_| valid_id).unwrap_or_default();
                Err(answer(&id, Err(Fault::new(INVALID_REQUEST, "Invalid Request"))))
            }
        }
    }

    /// Under what it is counted.
    pub(super) fn key(&self) -> Option<&str> {
        self.params.get("key")?.as_str()
    }
}

pub(super) fn answer(id: &Value, outcome: Result<Value, Fault>) -> String {
    match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(Fault(fault)) => json!({ "jsonrpc": "2.0", "id": id, "error": fault }),
    }
    .to_string()
}

pub(super) fn notification(method: &str, params: &Value) -> String {
    let mut notification = json!({ "jsonrpc": "2.0", "method": method });
    if !params.is_null() {
        notification["params"] = params.clone();
    }
    notification.to_string()
}

/// The sum of all params of a list, or of `a` and `b`.
pub(super) fn add(params: &Value) -> Result<Value, Fault> {
    let terms = match params {
        Value::Array(terms) => Some(terms.iter().collect()),
        _ => params.get("a").zip(params.get("b")).map(|(a, b)| vec![a, b]),
    };
    let sum = terms.and_then(|terms: Vec<&Value>| {
        let whole = terms.iter().try_fold(0_i64, |sum, term| sum.checked_add(term.as_i64()?));
        whole.map(Value::from).or_else(|| terms.iter().map(|term| term.as_f64()).sum::<Option<f64>>().map(Value::from))
    });
    sum.ok_or_else(|| Fault::new(INVALID_PARAMS, "Invalid params"))
}
