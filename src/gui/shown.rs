//! A response as it is shown: without what must not be seen, and as a document where it is one. What is large is made
//! off the window's thread.

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::visible_lines;
use crate::flow::stage::json_of;
use crate::flow::trace::Exchange;
use crate::gui::mask::Mask;
use crate::gui::masking;

/// What the shown form is made of. What is a credential may become known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShownKey {
    sent_at: i64,
    position: usize,
    attempt: u32,
    size: usize,
    is_revealed: bool,
    exchanges: usize,
}

impl ShownKey {
    /// Of the response of this exchange, in a run of so many.
    pub fn of(exchange: &Exchange, response: &HttpResponse, mask: Mask<'_>, exchanges: usize) -> Self {
        let Exchange { position, attempt, .. } = *exchange;
        let (sent_at, size) = (exchange.sent_at.millis(), response.body.len());
        Self { sent_at, position, attempt, size, is_revealed: mask.is_off(), exchanges }
    }
}

/// The shown form.
#[derive(Debug)]
pub struct Shown {
    /// Without what must not be seen.
    pub response: HttpResponse,
    /// Its document, with nothing invisible in it.
    pub json: Option<Json>,
    /// Its text where it is no document.
    pub text: String,
}

impl Shown {
    /// Takes time in proportion to the response.
    pub fn of(response: &HttpResponse, mask: Mask<'_>) -> Self {
        let response = mask.response(response);
        let json = json_of(&response).map(|json| masking::visible_json(&json));
        let text = if json.is_some() { String::new() } else { visible_lines(&response.text()).into_owned() };
        Self { response, json, text }
    }
}
