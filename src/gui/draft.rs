//! The request that is about to leave as text, and what of it was typed.

use url::Url;

use crate::base::http::{Headers, HttpRequest};
use crate::base::params::Params;
use crate::base::web_url::why_no_url;
use crate::gui::language::{said, t};

/// The request that is about to leave, as editable text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDraft {
    /// `POST`.
    pub method: String,
    /// The URL without query.
    pub url: String,
    /// The query.
    pub query: Params,
    /// Header fields.
    pub headers: Params,
    /// The form of the body; empty for a request without.
    pub form: Params,
    /// Whether the body is a form.
    pub has_form: bool,
    /// The body where it is none; bytes that are not UTF-8 stay as they are until it is edited.
    pub body: String,
}

impl RequestDraft {
    /// The text of a request.
    pub fn of(request: &HttpRequest) -> Self {
        let mut url = request.url.clone();
        url.set_query(None);
        Self {
            method: request.method.clone(),
            url: url.into(),
            query: request.query(),
            headers: Params(request.headers.0.clone()),
            form: request.form().unwrap_or_default(),
            has_form: request.form().is_some(),
            body: if request.form().is_some() { String::new() } else { body_text(request).into_owned() },
        }
    }

    /// The request this text stands for, based on the one it was made from.
    ///
    /// # Errors
    /// Says which part is not sendable.
    pub fn to_request(&self, base: &HttpRequest) -> Result<HttpRequest, String> {
        let mut url = Url::parse(self.url.trim())
            .map_err(|error| t!("this is not a URL: {error}", error = said(why_no_url(error))))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(t!("{scheme} is not http or https", scheme = url.scheme()));
        }
        // What is not changed stays as it was encoded.
        match self.query == base.query() {
            true => url.set_query(base.url.query()),
            false => url.set_query((!self.query.is_empty()).then(|| self.query.encode()).as_deref()),
        }
        if !is_token(&self.method) {
            return Err(t!("the method has to be one word such as GET or POST").to_owned());
        }
        let headers = fields(&self.headers)?;
        let body = match self.has_form {
            true if base.form().as_ref() == Some(&self.form) => base.body.clone(),
            true => self.form.encode().into_bytes(),
            false if self.body == body_text(base) => base.body.clone(),
            false => self.body.clone().into_bytes(),
        };
        Ok(HttpRequest {
            method: self.method.clone(),
            url,
            headers,
            body,
            tls: base.tls.clone(),
            referred: base.referred.clone(),
        })
    }
}

/// Whether it may be a method or the name of a field (RFC 9110 section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"(),/:;<=>?@[\\]{}\"".contains(c))
}

/// Header fields as they are typed. A row that was added and not filled in yet is none.
///
/// # Errors
/// Says which of them cannot be sent.
pub(super) fn fields(typed: &Params) -> Result<Headers, String> {
    let filled = typed.iter().filter(|(name, value)| !name.is_empty() || !value.is_empty());
    let field = |(name, value): (&str, &str)| match name {
        "" => Err(t!("a header field has a value and no name").to_owned()),
        name if !is_token(name) || value.contains(['\r', '\n']) => {
            Err(t!("the header field {name} cannot be sent", name))
        }
        name => Ok((name.to_owned(), value.to_owned())),
    };
    filled.map(field).collect::<Result<_, _>>().map(Headers)
}

fn body_text(request: &HttpRequest) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(&request.body)
}

/// What the user changed in a request, so that trying again or going back loses nothing that was typed.
#[derive(Clone, Debug)]
pub struct Edits {
    /// Index of the request's stage in the run.
    pub position: usize,
    /// As the request was made.
    pub made: RequestDraft,
    /// As the user left it.
    pub typed: RequestDraft,
    /// Whether they go into the request when it is made the next time.
    pub again: bool,
}

impl Edits {
    /// The same changes to a request that was made anew. What was not typed keeps its fresh value.
    pub fn on(&self, fresh: &RequestDraft) -> RequestDraft {
        let Self { made, typed, .. } = self;
        let text = |made: &String, typed: &String, fresh: &String| if made == typed { fresh } else { typed }.clone();
        RequestDraft {
            method: text(&made.method, &typed.method, &fresh.method),
            url: text(&made.url, &typed.url, &fresh.url),
            query: changed_alike(&made.query, &typed.query, &fresh.query),
            headers: changed_alike(&made.headers, &typed.headers, &fresh.headers),
            form: changed_alike(&made.form, &typed.form, &fresh.form),
            has_form: fresh.has_form,
            body: text(&made.body, &typed.body, &fresh.body),
        }
    }
}

/// `fresh` with the values of every name in which `typed` differs from `made`.
fn changed_alike(made: &Params, typed: &Params, fresh: &Params) -> Params {
    let mut changed = fresh.clone();
    for (name, _) in made.iter().chain(typed.iter()).filter(|(name, _)| !made.all(name).eq(typed.all(name))) {
        let values: Vec<&str> = typed.all(name).collect();
        match values[..] {
            [value] => changed.set(name, value),
            _ => {
                changed.remove(name);
                values.iter().for_each(|value| changed.push(name, *value));
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(query: &str) -> RequestDraft {
        RequestDraft { query: Params::parse(query.as_bytes()), method: "GET".to_owned(), ..RequestDraft::default() }
    }

    #[test]
    fn edits_go_into_a_fresh_request_and_leave_its_random_values() {
        for (made, typed, fresh, result) in [
            ("scope=a&state=1", "scope=b&state=1", "scope=a&state=2", "scope=b&state=2"),
            ("scope=a&state=1", "state=1", "scope=a&state=2", "state=2"),
            ("state=1", "state=1&x=1&x=2", "state=2", "state=2&x=1&x=2"),
            ("state=1", "state=mine", "state=2", "state=mine"),
            ("x=1&x=2", "x=2&x=1", "x=1&x=2", "x=2&x=1"),
            ("state=1", "state=1", "state=2", "state=2"),
        ] {
            let edits = Edits { position: 0, made: draft(made), typed: draft(typed), again: true };
            assert_eq!(edits.on(&draft(fresh)).query.encode(), result, "{typed}");
        }
    }
}
