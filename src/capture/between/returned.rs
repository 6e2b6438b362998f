//! The authorization response on its way from the provider to the app: it goes past, but the answer that sends the
//! browser there passes, with all of it in its Location or in a form that submits itself.

use url::Url;

use super::html;
use super::{Between, READ_LIMIT};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;

/// What a response has one of.
const MARKS: [&str; 5] = ["code", "error", "id_token", "access_token", "response"];

/// Where what is told of a message was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenIn {
    /// The field of an answer.
    Location,
    /// A form in a page.
    Form,
}

impl SeenIn {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Form => "form",
        }
    }
}

/// The request with which the browser brings a response to the app, as an answer of the provider makes it.
pub fn returned(between: &Between, asked: &Url, answer: &HttpResponse) -> Option<(HttpRequest, SeenIn)> {
    if let Some(location) = answer.headers.get("location").filter(|_| (300..400).contains(&answer.status)) {
        let url = asked.join(location).ok()?;
        return (between.is_return(&url) && between.is_away(&url)).then(|| (HttpRequest::get(url), SeenIn::Location));
    }
    let is_page = answer.headers.content_type().is_some_and(|kind| kind.contains("html"));
    if !is_page || answer.body.len() > READ_LIMIT {
        return None;
    }
    let posted = |(url, form): (Url, Params)| (HttpRequest::post_form(url, &form), SeenIn::Form);
    forms(&answer.body).into_iter().find(|(url, form)| has_mark(form) && between.is_away(url)).map(posted)
}

impl Between {
    /// Whether a place is one that a response goes to, or has one in it.
    pub(super) fn is_return(&self, url: &Url) -> bool {
        let has = |part: Option<&str>| has_mark(&Params::parse(part.unwrap_or_default().as_bytes()));
        self.is_redirect_uri(url) || has(url.query()) || has(url.fragment())
    }
}

fn has_mark(params: &Params) -> bool {
    MARKS.iter().any(|name| params.get(name).is_some_and(|value| !value.is_empty()))
}

/// The forms of a page that go to an absolute place, with the fields that they have values for.
fn forms(page: &[u8]) -> Vec<(Url, Params)> {
    let (mut forms, mut is_open) = (Vec::<(Url, Params)>::new(), false);
    html::each(page, |tag| match tag.name.as_str() {
        "form" => {
            let action = tag.get("action").and_then(|action| Url::parse(action).ok());
            is_open = action.is_some();
            forms.extend(action.map(|action| (action, Params::new())));
        }
        "/form" => is_open = false,
        "input" if is_open => {
            if let (Some((_, form)), Some(name), Some(value)) = (forms.last_mut(), tag.get("name"), tag.get("value")) {
                form.push(name, value);
            }
        }
        _ => {}
    });
    forms
}
