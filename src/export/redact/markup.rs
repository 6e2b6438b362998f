//! Credentials by their names in markup and multipart bodies: a form that submits itself (OAuth 2.0 Form Post Response
//! Mode), XML, `multipart/form-data` (RFC 7578).

use super::written::{Place, is_of_name, is_quote};
use super::{lines, shape};
use crate::terms::credential::is_closed;

/// Elements whose text names what the next one holds: property lists, lists of terms, cells of a table.
const NAMING: [&str; 20] = [
    "b", "code", "div", "dt", "em", "h1", "h2", "h3", "h4", "i", "key", "label", "li", "name", "p", "span", "strong",
    "td", "th", "title",
];

/// Elements of pages and messages that hold other things.
const WORDS: [&str; 3] = ["code", "request", "response"];

/// What has these names is one text, however many elements are around it.
const OF_ONE: [&str; 6] = ["auth_code", "authorization_code", "code_verifier", "device_code", "passcode", "password"];

/// The values of secret names.
pub(super) fn in_bytes(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    let mut found = in_tags(bytes, secret);
    found.extend(in_parts(bytes, secret));
    found
}

fn in_tags(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    // What the element around this one is named as, and what `<key>` or `<name>` has named for the next.
    let (mut around, mut next): (Option<(&[u8], &'static str)>, Option<&'static str>) = (None, None);
    let mut is_cell = false;
    while let Some(open) = position(bytes, at, |byte| byte == b'<') {
        // A tag ends where the next begins, whatever is wrong with it, so nothing is read twice.
        let end = position(bytes, open + 1, |byte| matches!(byte, b'<' | b'>')).unwrap_or(bytes.len());
        let tag = Tag::read(bytes, open + 1, end);
        let content = if bytes.get(end) == Some(&b'>') { content(bytes, end + 1) } else { None };
        let named = |name: &[u8]| secret(std::str::from_utf8(name).unwrap_or_default());
        let by_attribute = tag.named.and_then(named);
        let (name, place) = match tag.value {
            Some(value) => {
                let of_element = || named(tag.element).filter(|name| !WORDS.contains(name));
                let by_others = || [tag.id, tag.kind].into_iter().flatten().find_map(named);
                (by_attribute.or_else(by_others).or_else(of_element), Some(value))
            }
            None => {
                let is_opaque = || content.is_some_and(|(from, to)| is_opaque(&bytes[from..to]));
                let of_element = named(tag.element).filter(|name| !WORDS.contains(name) || is_opaque());
                (by_attribute.or(of_element), content)
            }
        };
        if bytes.get(open + 1) == Some(&b'/') {
            let closes = &bytes[open + 2..end];
            around = around.filter(|(element, _)| !closes.ends_with(element));
            // The last cell of a row names nothing.
            next = next.filter(|_| !closes.eq_ignore_ascii_case(b"tr"));
        } else {
            let told = |(from, to): (usize, usize)| {
                let value = std::str::from_utf8(&bytes[from..to]).unwrap_or_default();
                next.take().filter(|name| !is_cell || lines::is_value(name, value))
            };
            let name = name.or_else(|| place.and_then(told)).or(around.map(|(_, name)| name));
            found.extend(name.zip(place).map(|(name, (from, to))| (from, to, name)));
            if place.is_none() && around.is_none() {
                let holds_one = |name: &&str| is_closed(name) || OF_ONE.contains(name) || tag.element == b"Attribute";
                around = name.filter(holds_one).filter(|_| !tag.is_empty()).map(|name| (tag.element, name));
            }
            let is_naming = |known: &&str| tag.element.eq_ignore_ascii_case(known.as_bytes());
            if let Some((from, to)) = content.filter(|_| NAMING.iter().any(is_naming)) {
                next = in_words(&bytes[from..to]).and_then(|name| secret(&name));
                is_cell = !matches!(tag.element, b"key" | b"name" | b"Name");
            }
        }
        at = end;
    }
    found
}

fn is_opaque(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|value| shape::is_opaque("", value))
}

/// A name as a cell has it: `Access token:`.
fn in_words(cell: &[u8]) -> Option<String> {
    const LONGEST: usize = 40;
    let name = std::str::from_utf8(cell).ok().filter(|name| name.len() <= LONGEST)?;
    Some(name.trim_end_matches(':').trim_end().replace(' ', "_"))
}

/// What text stands behind that is no markup (XML 1.0 section 2.7).
const CDATA: &[u8] = b"<![CDATA[";

/// What stands between two tags.
fn content(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let from = position(bytes, from, |byte| !byte.is_ascii_whitespace())?;
    if bytes[from..].starts_with(CDATA) {
        let from = from + CDATA.len();
        let to = position(bytes, from, |byte| matches!(byte, b']' | b'<'))?;
        return (to > from).then_some((from, to));
    }
    let to = position(bytes, from, |byte| byte == b'<').unwrap_or(bytes.len());
    let trailing = bytes.get(from..to)?.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    (to - trailing > from).then_some((from, to - trailing))
}

/// What a tag says of a value.
#[derive(Default)]
struct Tag<'a> {
    /// Without its prefix.
    element: &'a [u8],
    /// The attribute `name`, or `Name` of a SAML attribute.
    named: Option<&'a [u8]>,
    /// What else names it: `id`, or `key` of a setting.
    id: Option<&'a [u8]>,
    /// `type="password"` of a field.
    kind: Option<&'a [u8]>,
    /// Where the attribute `value` or `content` stands.
    value: Option<(usize, usize)>,
}

/// Elements that hold nothing (HTML, section 13.1.2).
const EMPTY: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

impl<'a> Tag<'a> {
    fn is_empty(&self) -> bool {
        EMPTY.iter().any(|known| self.element.eq_ignore_ascii_case(known.as_bytes()))
    }

    fn read(bytes: &'a [u8], from: usize, end: usize) -> Self {
        let mut tag = Self::default();
        let mut at = run(bytes, from, end, |byte| is_of_name(byte) || byte == b':');
        let element = &bytes[from..at];
        tag.element = element.rsplit(|byte| *byte == b':').next().unwrap_or(element);
        while at < end {
            let name = at;
            at = run(bytes, at, end, is_of_name);
            let attribute = &bytes[name..at];
            if attribute.is_empty() {
                at += 1;
                continue;
            }
            let sign = run(bytes, at, end, |byte| byte.is_ascii_whitespace());
            if sign >= end || bytes[sign] != b'=' {
                continue;
            }
            let value = run(bytes, sign + 1, end, |byte| byte.is_ascii_whitespace());
            let (from, to) = attribute_value(bytes, value, end);
            at = to.max(sign + 1);
            match attribute.to_ascii_lowercase().as_slice() {
                b"id" | b"key" => tag.id = Some(&bytes[from..to]),
                b"type" => tag.kind = Some(&bytes[from..to]),
                b"name" => tag.named = Some(&bytes[from..to]),
                b"value" | b"content" if to > from => tag.value = Some((from, to)),
                _ => {}
            }
        }
        tag
    }
}

fn attribute_value(bytes: &[u8], at: usize, end: usize) -> (usize, usize) {
    match bytes.get(at).copied().filter(|byte| at < end && is_quote(*byte)) {
        Some(quote) => {
            let to = (at + 1..end).find(|at| bytes[*at] == quote).unwrap_or(end);
            ((at + 1).min(to), to)
        }
        None => (at, run(bytes, at, end, |byte| !byte.is_ascii_whitespace() && byte != b'/')),
    }
}

/// A part that is named as a secret: from the empty line to the next boundary.
fn in_parts(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    let (mut name, mut value) = (None, None);
    while at < bytes.len() {
        let end = position(bytes, at, |byte| byte == b'\n').unwrap_or(bytes.len());
        let line = bytes[at..end].strip_suffix(b"\r").unwrap_or(&bytes[at..end]);
        if line.starts_with(b"--") {
            found.extend(
                value.and_then(|from| ended(bytes, from, at)).zip(name).map(|((from, to), name)| (from, to, name)),
            );
            (name, value) = (None, None);
        } else if value.is_none() && name.is_none() {
            name = part_name(line).and_then(secret);
        } else if value.is_none() && line.is_empty() {
            value = Some(end + 1);
        }
        at = end + 1;
    }
    found.extend(value.and_then(|from| ended(bytes, from, at)).zip(name).map(|((from, to), name)| (from, to, name)));
    found
}

/// Without the line break that belongs to the boundary.
fn ended(bytes: &[u8], from: usize, boundary: usize) -> Option<(usize, usize)> {
    let value = bytes.get(from..boundary.min(bytes.len()))?;
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    (!value.is_empty()).then_some((from, from + value.len()))
}

/// `Content-Disposition: form-data; name="code"`
fn part_name(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let is_field = line.get(..20).is_some_and(|field| field.eq_ignore_ascii_case("content-disposition:"));
    let params = line.split(';').filter(|_| is_field).filter_map(|part| part.trim().split_once('='));
    let (_, named) = params.into_iter().find(|(name, _)| name.trim_end().eq_ignore_ascii_case("name"))?;
    Some(named.trim().trim_matches('"'))
}

fn position(bytes: &[u8], from: usize, is: impl Fn(u8) -> bool) -> Option<usize> {
    Some(from + bytes.get(from..)?.iter().position(|byte| is(*byte))?)
}

fn run(bytes: &[u8], from: usize, end: usize, is: impl Fn(u8) -> bool) -> usize {
    let from = from.min(end);
    from + bytes[from..end].iter().take_while(|byte| is(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::credential::canonical;

    #[test]
    fn values_are_found_by_their_names_in_markup_and_parts() {
        for (text, found) in [
            ("<input type=\"hidden\" name=\"code\" value=\"abc\">", &["abc"][..]),
            ("<input type=\"password\" name=\"pw\" value=\"abc\">", &["abc"]),
            ("<input name=q type=Password value=abc>", &["abc"]),
            ("<input name=q type=text value=abc>", &[]),
            ("<INPUT VALUE='abc' NAME='code'/>", &["abc"]),
            ("<input name=code value=abc>", &["abc"]),
            ("<input name=\"state\" value=\"abc\">", &[]),
            ("<textarea name=\"id_token\">\n a.b.c </textarea>", &["a.b.c"]),
            ("<meta name=\"access_token\" content=\"abc\">", &["abc"]),
            ("<r><t:AccessToken n=\"1\">abc</t:AccessToken></r>", &["abc"]),
            ("<Attribute Name=\"refresh_token\"><Value>abc</Value></Attribute><b>c</b>", &["abc"]),
            ("<token><value>abc</value></token><b>c</b>", &["abc"]),
            ("<r><access_token>\n<![CDATA[abc]]></access_token><x>y</x></r>", &["abc"]),
            ("<dl><dt>access_token</dt><dd>abc-1</dd><dt>scope</dt><dd>x</dd></dl>", &["abc-1"]),
            ("<tr><td>Access token :</td><td>abc-1</td></tr>", &["abc-1"]),
            ("<tr><TD><code>client_secret</code>:</td> <td><code>abc-1</code></td></tr>", &["abc-1"]),
            ("<tr><th>access_token</th><th>expires_in</th></tr><tr><td>code</td><td>404</td></tr>", &[]),
            ("<tr><td>access_token</td><td>REQUIRED</td></tr><b>token</b> <i>Each</i>", &[]),
            ("<dict><key>access_token</key><string>abc</string><key>scope</key><string>x</string></dict>", &["abc"]),
            ("<input id=\"code\" value=\"abc\"><h1 id=\"password\">Password</h1>", &["abc"]),
            ("<access_token></access_token><code>x</code>", &[]),
            ("<add key='ClientSecret' value='abc'/><add key='Scope' value='x'/>", &["abc"]),
            ("<access_token value='abc'/>", &["abc"]),
            ("<Attribute Name='code'><Value type='string'>abc</Value></Attribute><b>c</b>", &["abc"]),
            (
                "<label for=password>Password</label><input name=password><input type=submit value='Sign in'><p>c</p>",
                &[],
            ),
            ("<<<<access_token>abc", &["abc"]),
            ("<input name=\"code\" value=\"abc", &["abc"]),
            (
                "--b\r\nContent-Disposition: form-data; name=\"code\"\r\nX: y\r\n\r\na\r\nb\r\n--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\nno\r\n--b--",
                &["a\r\nb"],
            ),
            ("--b\nContent-Disposition: form-data; name=password\n\nabc", &["abc"]),
            ("--b\nContent-Disposition: form-data; x=y; Name=password\n\nabc", &["abc"]),
        ] {
            let values: Vec<&str> =
                in_bytes(text.as_bytes(), &canonical).iter().map(|(from, to, _)| &text[*from..*to]).collect();
            assert_eq!(values, found, "{text}");
        }
    }
}
