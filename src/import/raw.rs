//! A message as it stands in a specification or a log: `POST /token HTTP/1.1` with its header fields and its body, or
//! the answer to it.

use url::Url;

use super::Copied;
use crate::base::http::{HttpRequest, is_loopback};
use crate::base::web_url::why_no_url;
use crate::capture::curl::Remark;

/// Ends a request line, and begins that of an answer.
const VERSION: &str = "HTTP/";
const METHODS: [&str; 8] = ["GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "HEAD ", "OPTIONS ", "QUERY "];

/// Whether a text begins with a request line, which documents break over several.
pub(super) fn is_request(text: &str) -> bool {
    METHODS.iter().any(|method| text.starts_with(method)) && text.contains(" HTTP/")
}

/// Whether it begins as an answer does.
pub(super) fn is_response(text: &str) -> bool {
    text.starts_with(VERSION)
}

/// Where an answer leads, or else what is in it.
pub(super) fn response(text: &str) -> Option<String> {
    let (head, body) = parted(text);
    let location = fields(head).find(|(name, _)| name.eq_ignore_ascii_case("location"));
    let found = location.map_or_else(|| body.trim().to_owned(), |(_, value)| value);
    (!found.is_empty()).then_some(found)
}

/// Reads a request.
///
/// # Errors
/// Says why it is none that can be read.
pub(super) fn read(text: &str) -> Result<Copied, String> {
    let (line, rest) = text.split_once(" HTTP/").ok_or("it has no request line")?;
    let (method, target) = line.split_once(' ').ok_or("it has no request line")?;
    let target: String = target.split_whitespace().collect();
    let (head, body) = parted(rest);
    let mut remarks = Vec::new();
    let url = match fields(head).find(|(name, _)| name.eq_ignore_ascii_case("host")) {
        _ if target.contains("://") => Url::parse(&target),
        None => return Err("it names no Host".to_owned()),
        Some((_, host)) => {
            let url = Url::parse(&format!("https://{host}{target}"));
            let is_here = url.as_ref().is_ok_and(is_loopback);
            let scheme = if is_here { "http" } else { "https" };
            remarks.push(Remark::Unread(format!(
                "It does not say whether it is sent to http or https: {scheme} is taken."
            )));
            if is_here { Url::parse(&format!("http://{host}{target}")) } else { url }
        }
    };
    let mut request = HttpRequest::get(url.map_err(|error| format!("its address is none: {}", why_no_url(error)))?);
    method.clone_into(&mut request.method);
    let fields = fields(head).filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
    fields.for_each(|(name, value)| request.headers.push(name, value));
    // A form has no breaks of its own.
    let is_form = !body.trim_start().starts_with(['{', '[', '<']);
    request.body = if is_form { body.split_whitespace().collect::<String>() } else { body.to_owned() }.into_bytes();
    Ok((request, remarks))
}

/// Header and body.
fn parted(text: &str) -> (&str, &str) {
    let ends = [text.split_once("\r\n\r\n"), text.split_once("\n\n")];
    ends.into_iter().flatten().min_by_key(|(head, _)| head.len()).unwrap_or((text, ""))
}

/// The fields behind the first line; what is indented goes on with the one before (RFC 9112 section 5.2), and in documents
/// without a space in an address.
fn fields(head: &str) -> impl Iterator<Item = (String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.lines().skip(1) {
        match (line.starts_with([' ', '\t']), line.split_once(':'), fields.last_mut()) {
            (true, _, Some((name, value))) => {
                let is_address = name.eq_ignore_ascii_case("location");
                value.push_str(if is_address { "" } else { " " });
                value.push_str(line.trim());
            }
            (false, Some((name, value)), _) => fields.push((name.trim().to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    fields.into_iter()
}
