//! Fields, with what is wrong about one in words.

use crate::stay::elements::Elements;
use std::{str::FromStr, time::Duration};
use web_sys::Element;

pub(super) struct Form<'a>(pub(super) &'a Elements);

impl Form<'_> {
    pub(super) fn text(&self, id: &str) -> String {
        self.0.value(id)
    }

    /// What is filled in, if anything is.
    pub(super) fn filled(&self, id: &str) -> Option<String> {
        Some(self.text(id)).filter(|text| !text.is_empty())
    }

    pub(super) fn is_checked(&self, id: &str) -> bool {
        self.0.is_checked(id)
    }

    /// An empty field is the default.
    pub(super) fn number<N: FromStr>(&self, id: &str) -> Result<Option<N>, String> {
        match self.text(id).trim() {
            "" => Ok(None),
            text => self.parse(id, text).map(Some),
        }
    }

    /// Numbers between commas.
    pub(super) fn numbers<N: FromStr>(&self, id: &str) -> Result<Vec<N>, String> {
        let text = self.text(id);
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| self.parse(id, part)).collect()
    }

    pub(super) fn seconds(&self, id: &str) -> Result<Option<Duration>, String> {
        let Some(seconds) = self.number::<f64>(id)? else { return Ok(None) };
        let time = Duration::try_from_secs_f64(seconds);
        time.map(Some).map_err(|_| format!("{seconds} in {} is no length of time", self.label(id)))
    }

    /// The inner `None` is the word “never”.
    pub(super) fn seconds_or_never(&self, id: &str) -> Result<Option<Option<Duration>>, String> {
        if self.text(id).trim() == "never" { Ok(Some(None)) } else { Ok(self.seconds(id)?.map(Some)) }
    }

    fn parse<N: FromStr>(&self, id: &str, text: &str) -> Result<N, String> {
        text.parse().map_err(|_| format!("“{text}” in {} is no number that fits", self.label(id)))
    }

    fn label(&self, id: &str) -> String {
        let label = self.0.document().query_selector(&format!("label[for={id}]"));
        label.ok().flatten().and_then(|label: Element| label.text_content()).unwrap_or_else(|| id.to_owned())
    }
}
