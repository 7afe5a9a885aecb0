//! The calls of one connection, and what they lead to.

use super::{
    Executions,
    call::{self, Call, Fault, METHOD_NOT_FOUND, SERVER_ERROR},
};
use serde_json::Value;
use std::mem;

/// How many bytes of answers may wait.
const LATER_LIMIT: usize = 16 << 20;

/// The state of a connection: answers that are given later, in the order of their calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    later: Vec<Later>,
    bytes: usize,
}

#[derive(Debug)]
struct Later {
    /// So many calls have to come before.
    after: u64,
    answer: String,
}

/// What is sent, and whether the connection is cut after it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reaction {
    pub(super) texts: Vec<String>,
    pub(super) cut: bool,
}

impl Calls {
    pub(super) fn take(&mut self, text: &[u8], executions: &Executions) -> Reaction {
        let call = match Call::read(text) {
            Ok(call) => call,
            Err(answer) => return Reaction { texts: vec![answer], cut: false },
        };
        let earlier = self.later.len();
        let mut reaction = Reaction::default();
        let outcome = self.execute(&call, &mut reaction, executions);
        if call.method == "drop" {
            return reaction;
        }
        if let Some((id, outcome)) = call.id.as_ref().zip(outcome) {
            reaction.texts.push(call::answer(id, outcome));
        }
        reaction.texts.extend(self.due(earlier));
        reaction
    }

    /// The answer, if it is given at once.
    fn execute(
        &mut self,
        call: &Call,
        reaction: &mut Reaction,
        executions: &Executions,
    ) -> Option<Result<Value, Fault>> {
        let params = &call.params;
        if call.method == "count" {
            return Some(Ok(call.key().map_or(0, |key| executions.number(key)).into()));
        }
        call.key().into_iter().for_each(|key| executions.add(key));
        match call.method.as_str() {
            "echo" => Some(Ok(params.clone())),
            "add" => Some(call::add(params)),
            "fail" => Some(Err(Fault::described(params))),
            "later" => self.put_off(call).err().map(Err),
            "flush" => {
                let flushed = mem::take(self).later;
                reaction.texts.extend(flushed.into_iter().map(|later| later.answer));
                Some(Ok(reaction.texts.len().into()))
            }
            "never" => None,
            "notify" => {
                reaction.texts.push(call::notification("tick", params));
                Some(Ok(params.clone()))
            }
            "drop" => {
                reaction.cut = true;
                None
            }
            "drop_after" => {
                reaction.cut = true;
                Some(Ok(params.clone()))
            }
            _ => Some(Err(Fault::new(METHOD_NOT_FOUND, "Method not found"))),
        }
    }

    fn put_off(&mut self, call: &Call) -> Result<(), Fault> {
        let Some(id) = &call.id else { return Ok(()) };
        let after = call.params.get("after").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let answer = call::answer(id, Ok(call.params.clone()));
        if self.bytes + answer.len() > LATER_LIMIT {
            return Err(Fault::new(SERVER_ERROR, "too many answers wait"));
        }
        self.bytes += answer.len();
        self.later.push(Later { after, answer });
        Ok(())
    }

    /// Counts a call for those that were put off earlier, and takes out what has waited enough.
    fn due(&mut self, earlier: usize) -> Vec<String> {
        self.later.iter_mut().take(earlier).for_each(|later| later.after = later.after.saturating_sub(1));
        let due: Vec<String> = self.later.extract_if(.., |later| later.after == 0).map(|later| later.answer).collect();
        self.bytes -= due.iter().map(String::len).sum::<usize>();
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_wait_are_bounded() {
        let (mut calls, executions) = (Calls::default(), Executions::none());
        let filler = "x".repeat(1 << 20);
        let later = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"later","params":["{filler}"]}}"#);
        let mut put_off = || calls.take(later.as_bytes(), &executions).texts;
        assert!((0..15).all(|_| put_off().is_empty()));
        assert!(put_off()[0].contains(r#"{"code":-32000,"message":"too many answers wait"}"#));
        let flush = br#"{"jsonrpc":"2.0","method":"flush"}"#;
        assert_eq!(calls.take(flush, &executions).texts.len(), 15);
        assert!(calls.take(later.as_bytes(), &executions).texts.is_empty(), "there is room again");
    }
}
