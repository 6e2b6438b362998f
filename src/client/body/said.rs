//! A server's own words about an error, however it writes them: in JSON, as a page, as XML or as plain text.

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::{elided_between_words, visible};
use crate::client::body::{self, status};
use crate::terms::error::OAuthError;

/// Letters of what a server says that are told.
const LETTERS: usize = 160;

/// The same of the title of a page.
const TITLE: usize = 60;

/// A word of a person is shorter; what is longer may be a credential.
const WORD: usize = 40;

/// What an answer says in words; nothing where it has none.
pub fn words(response: &HttpResponse) -> Option<String> {
    if let Some(body) = body::found(response) {
        return of_json(&body.json);
    }
    if let Ok(json) = Json::parse(&response.body) {
        return json.elements().first().and_then(of_json);
    }
    let text = response.text();
    match kind(&text) {
        Kind::Page => page(&text),
        Kind::Xml => Some(between_tags(&text)).filter(|words| !words.is_empty()).map(|words| shown(&words)),
        Kind::Json => None,
        Kind::Text => text.lines().map(str::trim).find(|line| !line.is_empty()).map(shown),
    }
}

/// `status 404 Not Found: Realm does not exist`
pub fn told(response: &HttpResponse) -> String {
    let status = format!("status {}", status(response));
    match words(response) {
        Some(words) => format!("{status}: {words}"),
        None => status,
    }
}

/// The words of an error in JSON (RFC 6749 section 5.2, RFC 9457 section 3.1, and as others write it).
pub fn of_json(json: &Json) -> Option<String> {
    let is_describing = |error: &OAuthError| {
        error.error_description.is_some() || DESCRIBING.iter().any(|name| json.get(name).is_some())
    };
    let foreign = || OAuthError::from_foreign(json).map(|(error, _)| error).filter(is_describing);
    let error = OAuthError::from_json(json).or_else(foreign)?;
    // The title of a problem is of its kind alone (RFC 9457 section 3.1.3).
    let of_case = error.error_description.as_deref().filter(|_| json.text("title") == Some(&error.error));
    Some(of_case.map_or_else(|| shown(&error.to_string()), shown))
}

/// Members that hold words about an error. A lone `status` or `name` may be of anything.
const DESCRIBING: [&str; 7] = ["error", "errors", "fault", "message", "msg", "detail", "title"];

/// Whether a page came at which people sign in.
pub fn is_login(response: &HttpResponse) -> bool {
    let text = response.text().to_ascii_lowercase();
    let asks_password = || ["type=\"password\"", "type='password'", "type=password"].iter().any(|it| text.contains(it));
    let is_called_so = || {
        let title = page(&text).unwrap_or_default();
        ["sign in", "sign-in", "log in", "login"].iter().any(|it| title.contains(it))
    };
    kind(&text) == Kind::Page && (asks_password() || is_called_so())
}

/// What a body is that is no JSON, by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTML.
    Page,
    /// Another document with tags.
    Xml,
    /// Meant as JSON.
    Json,
    /// Anything else.
    Text,
}

/// Whether a page for people came.
pub fn is_page(response: &HttpResponse) -> bool {
    kind(&response.text()) == Kind::Page
}

/// How pages begin.
const PAGES: [&str; 8] = ["<!doctype html", "<html", "<head", "<body", "<title", "<h1", "<!--", "<center"];

pub(super) fn kind(text: &str) -> Kind {
    let text = text.trim_start();
    let start: String = text.chars().take(14).collect::<String>().to_ascii_lowercase();
    match start.chars().next() {
        Some('<') if PAGES.iter().any(|page| start.starts_with(page)) => Kind::Page,
        Some('<') => Kind::Xml,
        Some('{' | '[' | '"') => Kind::Json,
        _ => Kind::Text,
    }
}

/// The title of a page, and its first heading where that says something else.
pub fn page(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let of = |tag: &str| {
        let open = lower.find(tag)?;
        let from = open + lower[open..].find('>')? + 1;
        let end = from + lower[from..].find("</").unwrap_or_default();
        let words = between_tags(&text[from..end]);
        (!words.is_empty()).then(|| within(TITLE, &words))
    };
    match (of("<title"), of("<h1")) {
        (Some(title), Some(heading)) if !title.contains(&heading) => Some(format!("{title}: {heading}")),
        (title, heading) => title.or(heading),
    }
}

/// How Entra numbers its errors, on pages and in JSON.
const ENTRA: &str = "AADSTS";

/// The error of Entra that a text holds, from its number to the end of its sentence: `AADSTS50011: The redirect URI ..`.
pub fn of_entra(text: &str) -> Option<String> {
    let numbered = |(at, _): &(usize, &str)| text[at + ENTRA.len()..].starts_with(|c: char| c.is_ascii_digit());
    let (at, _) = text.match_indices(ENTRA).find(numbered)?;
    // A page says no more of it than this.
    let near: String = text[at..].chars().take(4 * LETTERS).collect();
    let end = near.find(['<', '"', '\n', '\r']).unwrap_or(near.len());
    let near = ESCAPED.iter().fold(near[..end].to_owned(), |words, (written, meant)| words.replace(written, meant));
    Some(shown(near.trim_end_matches('\\')))
}

/// Marks as pages and the scripts in them write them.
const ESCAPED: [(&str, &str); 8] = [
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&quot;", "\""),
    ("&amp;", "&"),
    ("\\u0027", "'"),
    ("\\u0026#39;", "'"),
    ("\\u0026", "&"),
    ("\\/", "/"),
];

/// What stands between the tags of a document, in one line.
fn between_tags(text: &str) -> String {
    let pieces = text.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, words)| words));
    let words = pieces.map(str::trim).filter(|words| !words.is_empty()).take(8);
    words.collect::<Vec<_>>().join(": ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(words: &str) -> String {
    within(LETTERS, words)
}

/// So many letters of these words, without what may be a credential.
fn within(letters: usize, words: &str) -> String {
    let short = |word: &str| if word.chars().count() > WORD { "…".to_owned() } else { word.to_owned() };
    let words = words.split_whitespace().map(short).collect::<Vec<_>>().join(" ");
    elided_between_words(&visible(&words), letters).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_entra_is_found_wherever_it_stands_on_a_page() {
        for (page, says) in [
            (
                "<div>AADSTS50011: The redirect URI &#39;http://a/b&#39; does not match.</div>",
                Some("AADSTS50011: The redirect URI 'http://a/b' does not match."),
            ),
            (
                r#"<script>c={"m":"AADSTS700016: Application \u0027web\u0027 was not found.","n":1}"#,
                Some("AADSTS700016: Application 'web' was not found."),
            ),
            ("AADSTS errors are listed elsewhere", None),
            ("<h1>Sign in</h1>", None),
            ("AADSTS", None),
        ] {
            assert_eq!(of_entra(page).as_deref(), says, "{page}");
        }
    }

    #[test]
    fn the_words_of_a_server_are_found_however_it_writes_them() {
        let long = "x".repeat(50);
        for (body, says) in [
            (r#"{"error":"invalid_grant","error_description":"no"}"#, Some("invalid_grant: no")),
            (
                r#"{"fault":{"faultstring":"Invalid access token","detail":{"errorcode":"a.b"}}}"#,
                Some("Invalid access token"),
            ),
            (r#"{"errcode":40029,"errmsg":"invalid code"}"#, Some("40029: invalid code")),
            (r#"{"success":false,"message":"no such app"}"#, Some("no such app")),
            (r#"{"status":"error","message":"no such app"}"#, Some("no such app")),
            (
                r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired"}]"#,
                Some("INVALID_SESSION_ID: Session expired"),
            ),
            (")]}'\n{\"error\":\"denied\"}", Some("denied")),
            (r#"{"error":""}"#, None),
            ("Client not allowed\nat all", Some("Client not allowed")),
            ("<html><head><TITLE lang='en'> Sign in </TITLE></head>", Some("Sign in")),
            ("<html><title>Error</title><h1>Access <b>denied</b></h1>", Some("Error: Access: denied")),
            ("<!doctype html><h1>Forbidden</h1>", Some("Forbidden")),
            (
                "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Not here</Message></Error>",
                Some("AccessDenied: Not here"),
            ),
            ("<html>", None),
            ("<title", None),
            ("", None),
            (&format!("token {long}"), Some("token …")),
            (&format!("<title>token {long}</title>"), Some("token …")),
        ] {
            assert_eq!(words(&HttpResponse::new(400, "text/plain", body)).as_deref(), says, "{body}");
        }
    }
}
