//! The JSON object of an answer, also where a server writes it in another way than it should: as a form, with a byte order
//! mark, or encoded twice. What can be read is read, and what is wrong about it is a check.

pub mod said;

use crate::base::check::Check;
use crate::base::http::{FORM, HttpResponse, reason};
use crate::base::json::{Json, JsonError, text};
use crate::base::params::Params;
use crate::base::text::quoted;
use crate::client::rules::answer as rule;
use crate::jose::jwt::{Form, decode};
use crate::terms::error::OAuthError;
use said::Kind;

/// Members that tell a form of OAuth from any other text with a `=` in it.
const TELLING: [&str; 4] = ["access_token", "error", "id_token", "refresh_token"];

/// How deep tokens are looked for.
const DEPTH: usize = 4;

/// An object as it was read.
#[derive(Clone, Debug)]
pub struct Body {
    /// What it says.
    pub json: Json,
    /// Whether it was written as JSON is.
    pub check: Check,
}

/// Reads the body as an object.
///
/// # Errors
/// Says in plain words what came instead, as [`object`] does.
pub fn read(response: &HttpResponse) -> Result<Body, String> {
    found(response).map_or_else(|| Err(object(response).err().unwrap_or_default()), Ok)
}

/// The object in a body, however it is written; nothing where there is none.
pub(super) fn found(response: &HttpResponse) -> Option<Body> {
    let odd = |json, how: String| Some(Body { json, check: rule::ENCODING.broken("an object", how) });
    match Json::parse(&response.body) {
        Ok(json) if json.is_object() => Some(Body { json, check: rule::ENCODING.pass("an object") }),
        Ok(Json::String(inner)) => {
            let json = Json::parse_text(&inner).ok().filter(Json::is_object)?;
            odd(json, "a text that holds one: it was encoded twice".to_owned())
        }
        // What a list of errors says is told as an error; a list of anything else is no answer.
        Ok(Json::Array(list)) if !response.is_success() => {
            let json = list.into_iter().next().filter(|first| OAuthError::from_foreign(first).is_some())?;
            odd(json, "an array of errors".to_owned())
        }
        Err(JsonError::Empty) | Ok(_) => None,
        // What it says is in ASCII but for the words for people; a server that writes Latin-1 is understood.
        Err(JsonError::NotUtf8(at)) => {
            let json = Json::parse_text(&response.text()).ok().filter(Json::is_object)?;
            odd(json, format!("bytes that are not UTF-8, from byte {at} on"))
        }
        Err(_) => {
            let marked = response.body.strip_prefix(b"\xef\xbb\xbf").and_then(|rest| Json::parse(rest).ok());
            if let Some(json) = marked.filter(Json::is_object) {
                return odd(json, "a byte order mark before it".to_owned());
            }
            if let Some((prefix, json)) = guarded(&response.body) {
                return odd(json, format!("{prefix} before it, as against scripts"));
            }
            form(response).and_then(|json| odd(json, "parameters, as in a form".to_owned()))
        }
    }
}

/// Reads the body as a JSON object, or says in plain words what came instead.
///
/// # Errors
/// A sentence such as `an HTML page ("Sign in") instead of JSON`.
pub fn object(response: &HttpResponse) -> Result<Json, String> {
    if (300..400).contains(&response.status) {
        let to = response.headers.get("location").map_or("nowhere".into(), quoted);
        return Err(format!(
            "a redirect ({}) to {to}, which is not followed where credentials travel",
            status(response)
        ));
    }
    match Json::parse(&response.body) {
        Ok(json) if json.is_object() => Ok(json),
        Ok(json) => {
            let words = json.elements().first().and_then(said::of_json);
            let words = words.map(|words| format!(", with the words: {words}")).unwrap_or_default();
            Err(format!("JSON, but {} instead of an object{words}", json.a_kind()))
        }
        Err(JsonError::Empty) => Err(format!("an empty answer with status {}", status(response))),
        Err(error) => Err(describe(response, &error)),
    }
}

fn describe(response: &HttpResponse, error: &JsonError) -> String {
    let words = || said::words(response).map(|words| format!(": {words}")).unwrap_or_default();
    let status = status(response);
    match said::kind(&response.text()) {
        Kind::Json if error.is_behind_a_value() => {
            format!("status {status} with JSON and more behind it: {error}")
        }
        Kind::Json if matches!(error, JsonError::NotUtf8(_) | JsonError::TooDeep) => {
            format!("status {status} with JSON that is {error}")
        }
        Kind::Json => format!("status {status} with a body that is not JSON: {error}"),
        Kind::Text if is_token(response) => format!("status {status} with a JWT instead of JSON"),
        Kind::Text => format!("status {status} with a body that is not JSON{}", words()),
        Kind::Xml => format!("status {status} with XML instead of JSON{}", words()),
        Kind::Page => match said::words(response) {
            Some(title) => format!("an HTML page (\"{title}\") with status {status} instead of JSON"),
            None => format!("an HTML page with status {status} instead of JSON"),
        },
    }
}

/// Whether the body is meant as JSON and cannot be read as such: no other server's answer, but a broken one.
pub fn is_broken_json(response: &HttpResponse) -> bool {
    said::kind(&response.text()) == Kind::Json && Json::parse(&response.body).is_err()
}

/// Whether the body is a signed or encrypted token and nothing else.
pub fn is_token(response: &HttpResponse) -> bool {
    let text = response.text();
    matches!(decode(text.trim().trim_matches('"')).form, Form::Jws | Form::Jwe)
}

/// What servers write before JSON so that no page can load it as a script.
const GUARDS: [&str; 4] = [")]}',", ")]}'", "while(1);", "for(;;);"];

/// The object behind such a prefix, and the prefix.
fn guarded(body: &[u8]) -> Option<(&'static str, Json)> {
    let text = std::str::from_utf8(body).ok()?.trim_start();
    let (prefix, rest) = GUARDS.iter().find_map(|guard| Some((*guard, text.strip_prefix(guard)?)))?;
    Some((prefix, Json::parse_text(rest.trim_start()).ok().filter(Json::is_object)?))
}

/// `404 Not Found`
pub fn status(response: &HttpResponse) -> String {
    format!("{} {}", response.status, reason(response.status)).trim_end().to_owned()
}

/// A form as an object of texts; a whole number of seconds becomes one.
fn form(response: &HttpResponse) -> Option<Json> {
    let params = Params::parse(&response.body);
    let is_called_form = response.headers.content_type().is_some_and(|name| name == FORM);
    let is_form = TELLING.iter().any(|name| params.contains(name)) || is_called_form && response.body.contains(&b'=');
    let value = |name: &str, value: &str| match value.parse::<u32>() {
        Ok(seconds) if name == "expires_in" => crate::base::json::number(&seconds),
        _ => text(value),
    };
    is_form
        .then(|| Json::Object(params.iter().map(|(name, written)| (name.to_owned(), value(name, written))).collect()))
}

/// Where a token stands that is not where it belongs: `authed_user.access_token`, `accessToken`.
pub fn misplaced_token(json: &Json) -> Option<String> {
    let is_token = |name: &str| {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        matches!(plain.to_ascii_lowercase().as_str(), "accesstoken" | "idtoken")
    };
    find(json, DEPTH, &|name, value| is_token(name) && value.as_str().is_some_and(|token| !token.is_empty()))
}

fn find(json: &Json, depth: usize, is_it: &impl Fn(&str, &Json) -> bool) -> Option<String> {
    if let Some((name, _)) = json.members().iter().find(|(name, value)| is_it(name, value)) {
        return Some(name.clone());
    }
    let deeper = depth.checked_sub(1)?;
    json.members().iter().find_map(|(name, value)| Some(format!("{name}.{}", find(value, deeper, is_it)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;
    use crate::base::http::JSON;

    #[test]
    fn what_can_be_read_is_read_and_what_is_wrong_with_it_is_said() {
        let object = r#"{"access_token":"a","expires_in":60}"#;
        for (media_type, body, verdict) in [
            (JSON, object.to_owned(), Verdict::Pass),
            (JSON, format!("\u{feff}{object}"), Verdict::Fail),
            (JSON, text(object).to_string(), Verdict::Fail),
            (FORM, "access_token=a&expires_in=60".to_owned(), Verdict::Fail),
            ("text/plain", "access_token=a&expires_in=60".to_owned(), Verdict::Fail),
        ] {
            let read = read(&HttpResponse::new(200, media_type, body.clone())).expect("an object");
            assert_eq!((read.json.text("access_token"), read.check.verdict), (Some("a"), verdict), "{body}");
            assert_eq!(read.json.get("expires_in").and_then(Json::as_i64), Some(60), "{body}");
        }
        let latin_1 = b"{\"error\":\"invalid_grant\",\"error_description\":\"ung\xfcltig\"}".to_vec();
        let latin_1 = read(&HttpResponse::new(400, JSON, latin_1)).expect("an object");
        assert_eq!((latin_1.json.text("error"), latin_1.check.verdict), (Some("invalid_grant"), Verdict::Fail));
        assert_eq!(latin_1.check.actual.as_deref(), Some("bytes that are not UTF-8, from byte 49 on"));
        for body in ["", "a=b", "<html><a href='?access_token=x'>", "[]", "\"text\"", "\u{feff}", "\u{feff}[]"] {
            assert!(read(&HttpResponse::new(200, "text/html", body)).is_err(), "{body}");
        }
    }

    #[test]
    fn a_token_in_another_place_is_found() {
        for (body, place) in [
            (r#"{"authed_user":{"access_token":"x"}}"#, Some("authed_user.access_token")),
            (r#"{"accessToken":"x"}"#, Some("accessToken")),
            (r#"{"data":{"a":{"AccessToken":"x"}}}"#, Some("data.a.AccessToken")),
            (r#"{"access_token":""}"#, None),
            (r#"{"token_type":"x"}"#, None),
        ] {
            assert_eq!(misplaced_token(&Json::parse_text(body).expect("JSON")).as_deref(), place, "{body}");
        }
    }

    #[test]
    fn what_came_instead_of_json_is_said_in_plain_words() {
        for (status, body, says) in [
            (
                200,
                "<!DOCTYPE html><title>Sign in</title>",
                "an HTML page (\"Sign in\") with status 200 OK instead of JSON",
            ),
            (502, "<html><body>", "an HTML page with status 502 Bad Gateway instead of JSON"),
            (200, "", "an empty answer with status 200 OK"),
            (200, "[]", "JSON, but an array instead of an object"),
            (
                200,
                "{\"a\":1}<br />",
                "status 200 OK with JSON and more behind it: trailing characters at line 1 column 8",
            ),
            (200, "e30.e30.AA", "status 200 OK with a JWT instead of JSON"),
            (200, "{\"a\":", "status 200 OK with a body that is not JSON: EOF"),
            (200, &"[".repeat(200), "status 200 OK with JSON that is nested deeper than"),
            (302, "", "a redirect (302 Found) to https://other.example/"),
        ] {
            let response =
                HttpResponse::new(status, "text/html", body).with_header("Location", "https://other.example/");
            let error = object(&response).expect_err("no object");
            assert!(error.starts_with(says), "{error}");
        }
    }
}
