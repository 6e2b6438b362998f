//! A call of `fetch`, as the developer tools of browsers copy it: the address, and what is sent as JSON.

use serde::de::IgnoredAny;
use url::Url;

use super::Copied;
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::web_url::why_no_url;
use crate::capture::curl::Remark;

const CALL: &str = "fetch(";

/// Whether a text is such a call, with or without `await`.
pub(super) fn is_call(text: &str) -> bool {
    text.strip_prefix("await").unwrap_or(text).trim_start().starts_with(CALL)
}

/// Reads the first call.
///
/// # Errors
/// Says why it is none that can be read.
pub(super) fn read(text: &str) -> Result<Copied, String> {
    let (_, arguments) = text.split_once(CALL).ok_or("it calls nothing")?;
    let (url, rest) = value(arguments).ok_or("its address is no text in double quotation marks")?;
    let url = url.as_str().ok_or("its address is no text")?;
    let url = Url::parse(url).map_err(|error| format!("its address is none: {}", why_no_url(error)))?;
    let mut request = HttpRequest::get(url);
    let rest = rest.trim_start();
    let mut behind = rest;
    if let Some(options) = rest.strip_prefix(',') {
        let read = value(options).filter(|(options, _)| options.is_object());
        let (options, after) = read.ok_or("what is sent with it is no JSON: copy the call from the developer tools")?;
        behind = after;
        take(&options, &mut request);
    }
    let is_more = behind.contains(CALL);
    let more = is_more.then(|| Remark::Unread("There are more calls in it: the first is read.".to_owned()));
    Ok((request, more.into_iter().collect()))
}

/// The JSON that a text begins with, and what is behind it.
fn value(text: &str) -> Option<(Json, &str)> {
    let text = text.trim_start();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (json, rest) = text.split_at(values.byte_offset());
    Some((Json::parse_text(json).ok()?, rest))
}

fn take(options: &Json, request: &mut HttpRequest) {
    for (name, value) in options.get("headers").map(Json::members).unwrap_or_default() {
        if let Some(value) = value.as_str() {
            request.headers.push(name.clone(), value);
        }
    }
    if let Some(method) = options.text("method") {
        request.method = method.to_ascii_uppercase();
    }
    if let Some(body) = options.text("body") {
        request.body = body.as_bytes().to_vec();
    }
}
