//! Credentials by their names in a text that is no whole document: a form, JSON that broke off or has something
//! before it, a page, XML, a multipart body, whatever a server that failed has written.

use super::written::{Place, is_of_name, is_promised, is_quote, is_random};
use super::{lines, markup, near, view};
use crate::base::params::Params;
use crate::terms::credential::{PROMISED, canonical_or_promised, is_code_of_error};

/// A value that stands behind the name of a credential.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// Where it is written, in bytes.
    pub from: usize,
    pub to: usize,
    /// As the specifications spell it.
    pub name: &'static str,
    /// Every way to read it, the text as it stands first.
    pub readings: Vec<String>,
    /// Whether its layout says that it is one, even in running text.
    pub is_sure: bool,
}

/// What is a credential by its name, by the promise of its name, or by what stands near it.
pub(super) fn named(text: &str) -> Vec<Named> {
    named_by(text, canonical_or_promised, near::in_bytes)
}

fn named_by(
    text: &str,
    secret: impl Fn(&str) -> Option<&'static str>,
    near: impl Fn(&[u8]) -> Vec<Place>,
) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    // A form that tells an error may tell its code.
    let has_error = !text.contains(char::is_whitespace) && Params::parse(text.as_bytes()).contains("error");
    for view in view::views(text.as_bytes()) {
        let likely = in_bytes(&view.bytes, &secret).into_iter().chain(markup::in_bytes(&view.bytes, &secret));
        let sure = lines::in_bytes(&view.bytes, &secret).into_iter().chain(near(&view.bytes));
        for ((from, to, name), is_sure) in likely.map(|it| (it, false)).chain(sure.map(|it| (it, true))) {
            let reading = String::from_utf8_lossy(&view.bytes[from..to]).into_owned();
            if has_error && is_code_of_error(name, &reading) || name == PROMISED && !is_promised(&reading) {
                continue;
            }
            let (from, to) = view.written(from, to);
            found.push(Named { from, to, name, readings: vec![reading], is_sure });
        }
    }
    // Stable: readings stay in the order of the views.
    found.sort_by_key(|value| (value.from, value.to));
    found.dedup_by(|later, kept| {
        let is_same = (later.from, later.to) == (kept.from, kept.to);
        if is_same && kept.readings.last() != later.readings.last() {
            kept.readings.append(&mut later.readings);
        }
        kept.is_sure |= is_same && later.is_sure;
        is_same
    });
    found
}

fn in_bytes(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(before) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| is_of_name(*byte))) {
        at += before;
        let length = bytes[at..].iter().take_while(|byte| is_of_name(**byte)).count();
        let name = std::str::from_utf8(&bytes[at..at + length]).unwrap_or_default();
        // An attribute of a page's own: `data-code`.
        let known = secret(name).or_else(|| secret(name.strip_prefix("data-")?));
        let value = known.and_then(|known| value_after(bytes, at, at + length, known));
        found.extend(value);
        at = value.map_or(at + length, |(_, to, _)| to);
    }
    found
}

/// So much tells whether what stands behind a name is a value, in bytes.
const ENOUGH: usize = 1024;

/// So much is looked at for what describes a name.
const LONGEST_PARAMS: usize = 48;

/// `=x`, `":"x"`, `: "x"`, `"=>"x"`, `;desc="x"`: from after the sign and its quote to what ends the value.
fn value_after(bytes: &[u8], name: usize, name_end: usize, known: &'static str) -> Option<Place> {
    let skip = |from: usize, what: fn(u8) -> bool| from + bytes[from..].iter().take_while(|byte| what(**byte)).count();
    let is_quoted = name > 0 && is_quote(bytes[name - 1]);
    let sign = skip(name_end, |byte| is_quote(byte) || matches!(byte, b'\\' | b' '));
    let sign = if bytes[sign..].starts_with(b"]") { skip(sign + 1, |byte| byte == b' ') } else { sign };
    let is_arrow = bytes[sign..].starts_with(b"=>");
    let sign = if is_arrow { sign + 1 } else { described(bytes, sign).unwrap_or(sign) };
    // Ordinary words such as code and token stand before a colon in any sentence.
    let is_word = !known.contains('_');
    let is_sure = match bytes.get(sign)? {
        b'=' => true,
        b'>' if is_arrow => true,
        b':' => is_quoted || !is_word,
        _ => return None,
    };
    let open = skip(sign + 1, |byte| byte == b'\\' || byte.is_ascii_whitespace());
    let open = typed(bytes, open).unwrap_or(open);
    let quote = bytes.get(open).copied().filter(|byte| is_quote(*byte));
    let from = open + usize::from(quote.is_some());
    let ends = |byte: u8| byte.is_ascii_whitespace() || is_quote(byte) || b"&,}]<>\\".contains(&byte);
    let end = |bytes: &[u8]| match quote {
        Some(quote) => closing(bytes, from, quote, backslashes(&bytes[..open])),
        None => bytes[from..].iter().position(|byte| ends(*byte)).map_or(bytes.len(), |length| from + length),
    };
    // What may be no value is not read to its end, which may be that of the text.
    let to = end(if is_sure { bytes } else { &bytes[..bytes.len().min(from + ENOUGH)] });
    // What a claim is asked for with, or a document inside another: its members are looked at by their own names.
    let opens_more = quote.is_none() && bytes[from..to].iter().all(|byte| matches!(byte, b'{' | b'['));
    // A name in the next line, as YAML has it.
    let is_name = quote.is_none() && bytes[from..to].ends_with(b":");
    // A code that is a bare number is that of an error.
    let is_status =
        known == "code" && quote.is_none() && to - from <= 5 && bytes[from..to].iter().all(u8::is_ascii_digit);
    let is_told = || std::str::from_utf8(&bytes[from..to]).is_ok_and(|value| lines::is_value(known, value));
    let is_value = is_sure || is_random(&bytes[from..to]) || quote.is_some() && is_told();
    (to > from && !opens_more && !is_name && !is_status && is_value).then(|| (from, end(bytes), known))
}

fn backslashes(before: &[u8]) -> usize {
    before.iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// Where a text in quotes ends. Its closing quote is escaped as the opening one is; another is part of it.
fn closing(bytes: &[u8], from: usize, quote: u8, escaped: usize) -> usize {
    let (mut at, mut run) = (from, 0);
    while let Some(byte) = bytes.get(at) {
        if *byte == quote && (run <= escaped || escaped == 0 && run % 2 == 0) {
            return at - run.min(escaped);
        }
        run = if *byte == b'\\' { run + 1 } else { 0 };
        at += 1;
    }
    bytes.len()
}

/// Where the sign of `;desc=` stands, by which Server Timing tells what a name means (section 3).
fn described(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..).filter(|rest| rest.starts_with(b";"))?;
    let params = rest[..rest.len().min(LONGEST_PARAMS)].split(|byte| *byte == b',').next()?;
    Some(from + params.windows(5).position(|window| window.eq_ignore_ascii_case(b"desc="))? + 4)
}

/// Past `string(5) `, as PHP writes before a value.
fn typed(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?.strip_prefix(b"string(")?;
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    rest[length..].starts_with(b") ").then_some(from + 7 + length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::credential::canonical;

    fn values(text: &str) -> Vec<&str> {
        let known = |name: &str| canonical(name).filter(|name| matches!(*name, "access_token" | "code"));
        named_by(text, known, |_| Vec::new()).into_iter().map(|it| &text[it.from..it.to]).collect()
    }

    #[test]
    fn a_quote_that_is_escaped_ends_no_value() {
        for text in [r#"x{"code":"ab\"c","a":"b""#, r#"{\"code\":\"ab\\\"c\","#] {
            assert!(values(text).iter().any(|value| value.starts_with("ab") && value.ends_with('c')), "{text}");
        }
    }

    #[test]
    fn values_are_found_by_their_names_in_whatever_came() {
        for (text, found) in [
            ("access_token=tok-1&token_type=bearer", &["tok-1"][..]),
            ("{\"access_token\":\"tok-1\",\"token_", &["tok-1"]),
            ("{\"access_token\" : \"tok-1", &["tok-1"]),
            ("{\"Access_Token\":\"tok-1\",}", &["tok-1"]),
            (")]}',\n{\"access_token\":\"tok 1\"}", &["tok 1"]),
            ("<script>var t = {access_token: 'tok-1', code: 'x'}</script>", &["tok-1"]),
            ("&quot;access_token&quot;:&quot;tok-1&quot;", &["tok-1"]),
            ("q=access%5Ftoken%3Dtok-1", &["tok-1"]),
            ("{\\\"access_token\\\":\\\"tok-1\\\"}", &["tok-1"]),
            ("<script>var t = {accessToken: 'tok-1', code: 'x'}</script>", &["tok-1"]),
            ("access-token=tok-1", &["tok-1"]),
            ("{\"access_token\"=>\"tok-1\", :code => \"x\"}", &["tok-1", "x"]),
            ("Array ( [access_token] => tok-1 )", &["tok-1"]),
            ("[\"access_token\"]=>\n  string(5) \"tok-1\"", &["tok-1"]),
            ("access_token;dur=3;desc=\"tok-1\", cache;desc=\"hit\"", &["tok-1"]),
            ("{\"code\":404,", &[]),
            ("{\"access_token\":{\"email\":null,\"code\":\"abc\"}}", &["abc"]),
            ("{\"access_token\": [[\"a\"]]}", &[]),
            ("?code=abc&access_token=", &["abc"]),
            ("access_token:\n  tokenUrl: x", &[]),
            ("{\"code\":\"abc\"", &["abc"]),
            ("Error code: 404, my_access_token=a, access_tokens=b, access_token", &[]),
        ] {
            assert_eq!(values(text), found, "{text}");
        }
    }
}
