//! Credentials that a layout names: lines of a name and a value, header fields as a command or a trace shows them (RFC
//! 9112 section 5), tables below a line of names (RFC 4180), private keys as PEM (RFC 7468).

use super::written::{Place, is_of_name, is_promised, is_quote, is_random};
use super::{SURE, shape};
use crate::terms::credential::{HeaderKind, is_code_of_error};

/// Longest name of a line, in bytes.
const LONGEST_NAME: usize = 40;

/// Most columns of a table.
const COLUMNS: usize = 64;

/// The schemes whose credentials are one word (RFC 6750, RFC 7617, RFC 4559, RFC 9449).
pub(super) const SCHEMES: [&str; 7] = ["basic", "bearer", "dpop", "kerberos", "negotiate", "ntlm", "token"];

/// `Bearer eyJh..` in a field of another name. A challenge has parameters.
pub(super) fn is_bearer(value: &str) -> bool {
    let pair = value.trim().split_once(' ');
    pair.is_some_and(|(scheme, rest)| {
        let is_scheme = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
        is_scheme && rest.len() >= SURE && !rest.trim_end_matches('=').contains(['=', ' '])
    })
}

/// Names that a value may have beside which nothing else can be meant.
const PASSWORDS: [&str; 5] = ["password", "passphrase", "passcode", "pin", "secret"];

/// The values of secret names.
pub(super) fn in_bytes(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    let mut found = in_lines(bytes, secret);
    found.extend(in_table(bytes, secret));
    found.extend(in_fields(bytes));
    found.extend(private_keys(bytes));
    found
}

fn in_lines(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    // A name whose value stands in the next line, and how far the name is from the left.
    let (mut found, mut next): (Vec<Place>, Option<(&'static str, usize)>) = (Vec::new(), None);
    for (from, to) in lines(bytes) {
        let indent = bytes[..from].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let above = next.take().filter(|(_, left)| indent > *left);
        let line = &bytes[from..to];
        let sign = line.iter().take(LONGEST_NAME).position(|byte| matches!(byte, b':' | b'='));
        let name = sign.and_then(|sign| std::str::from_utf8(&line[..sign]).ok());
        let name = name.map(|name| name.trim_matches(|c: char| c.is_whitespace() || "-*>\"'`?".contains(c)));
        let known = name.and_then(|name| secret(name).or_else(|| secret(&name.replace(' ', "_"))));
        let start = match (sign, known, above) {
            (Some(sign), Some(_), _) => from + sign + 1,
            // The value alone, or in a list, or under the one name that says nothing.
            (Some(sign), None, Some(_)) if name == Some("value") => from + sign + 1,
            (_, None, Some(_)) if !line.contains(&b':') => from + usize::from(line.starts_with(b"- ")),
            _ => continue,
        };
        let comment = bytes[start..to].windows(2).position(|pair| pair == b" #").map_or(to, |length| start + length);
        let (start, end) = trimmed(bytes, plain(bytes, start, comment), comment);
        // A form goes on.
        let value = std::str::from_utf8(&bytes[start..end]).ok().filter(|value| !value.contains('&'));
        let (Some(value), Some(known)) = (value, known.or(above.map(|(name, _)| name))) else { continue };
        if matches!(value, "" | "|" | "|-" | ">" | ">-") {
            next = Some((known, indent));
        } else if is_value(known, value) {
            found.push((start, end, known));
        }
    }
    found
}

/// Past what YAML says of a value (1.2.2, section 6.9): `!!str`, `&anchor`.
fn plain(bytes: &[u8], from: usize, to: usize) -> usize {
    let mut at = blank(bytes, from, to).0;
    while at < to && matches!(bytes[at], b'!' | b'&') {
        let word = bytes[at..to].iter().position(u8::is_ascii_whitespace);
        let Some(length) = word else { break };
        at = blank(bytes, at + length, to).0;
    }
    at
}

/// Whether what stands alone behind a name is a value, and no word that says something of it.
pub(super) fn is_value(name: &str, value: &str) -> bool {
    let is_one = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || "(){}[]<>".contains(c));
    let is_word = || value.len() <= 20 && value.chars().all(|c| c.is_alphabetic() || c == '_');
    is_one
        && match name.contains('_') || PASSWORDS.contains(&name) {
            true => !is_word(),
            false => is_random(value.as_bytes()) && !is_code_of_error(name, value),
        }
}

/// A table below a line of names, in columns that a comma, a semicolon, a tab or a bar parts.
fn in_table(bytes: &[u8], secret: &impl Fn(&str) -> Option<&'static str>) -> Vec<Place> {
    let (mut found, mut table): (Vec<Place>, Option<Table>) = (Vec::new(), None);
    for (at, (from, to)) in lines(bytes).enumerate() {
        // A line that is drawn.
        if bytes[from..to].iter().all(|byte| b"+-|=: ".contains(byte)) {
            continue;
        }
        if let Some(new) = Table::below(bytes, from, to, at == 0, secret) {
            table = Some(new);
            continue;
        }
        let Some(table) = &table else { continue };
        let cells = cells(bytes, from, to, table.sign);
        let is_row = cells.len() > 1;
        let cell = |(column, name): &(usize, &'static str)| cells.get(*column).map(|(from, to)| (*from, *to, *name));
        let is_told = |(from, to, name): &Place| {
            let value = std::str::from_utf8(&bytes[*from..*to]).unwrap_or_default();
            let is_sure = table.is_first && cells.len() == table.columns;
            *to > *from && !is_code_of_error(name, value) && (is_sure || is_value(name, value))
        };
        found.extend(table.secrets.iter().filter(|_| is_row).filter_map(cell).filter(is_told));
    }
    found
}

/// The names of a table.
struct Table {
    sign: u8,
    columns: usize,
    secrets: Vec<(usize, &'static str)>,
    /// Whether the text begins with it, and it has names alone: what stands below is sure to be a row.
    is_first: bool,
}

impl Table {
    fn below(
        bytes: &[u8],
        from: usize,
        to: usize,
        is_first: bool,
        secret: &impl Fn(&str) -> Option<&'static str>,
    ) -> Option<Self> {
        let sign = bytes[from..to].iter().copied().find(|byte| matches!(byte, b',' | b';' | b'\t' | b'|'))?;
        let names = cells(bytes, from, to, sign);
        let text = |(from, to): &(usize, usize)| std::str::from_utf8(&bytes[*from..*to]).unwrap_or("=");
        let text = |cell: &(usize, usize)| text(cell).trim_matches(|c: char| c == '\u{feff}' || c == '"');
        let named = |name: &str| secret(name).or_else(|| secret(&name.replace(' ', "_")));
        let secrets: Vec<(usize, &'static str)> =
            names.iter().enumerate().filter_map(|(column, cell)| Some((column, named(text(cell))?))).collect();
        let is_name = |cell: &(usize, usize)| {
            let name = text(cell);
            !name.is_empty() && name.bytes().all(|byte| is_of_name(byte) || byte == b' ')
        };
        let could_be_name =
            |cell: &(usize, usize)| text(cell).len() <= LONGEST_NAME && !text(cell).contains(['=', ':', '{']);
        let is_table = !secrets.is_empty() && names.len() > 1 && names.iter().all(could_be_name);
        let is_first = is_first && names.iter().all(is_name);
        is_table.then_some(Self { sign, columns: names.len(), secrets, is_first })
    }
}

/// What stands between the signs of a line, without its quotes.
fn cells(bytes: &[u8], from: usize, to: usize, sign: u8) -> Vec<(usize, usize)> {
    let (mut found, mut at, mut is_quoted) = (Vec::new(), from, false);
    for index in from..to {
        match bytes[index] {
            b'"' => is_quoted = !is_quoted,
            byte if byte == sign && !is_quoted && found.len() < COLUMNS => {
                found.push(trimmed(bytes, at, index));
                at = index + 1;
            }
            _ => {}
        }
    }
    found.push(trimmed(bytes, at, to));
    found
}

/// `Authorization: Bearer x`, `Cookie: a=x`, `X-Api-Key: x` wherever they stand, and `--user me:x` of a command.
fn in_fields(bytes: &[u8]) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(before) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b':')) {
        let sign = at + before;
        at = sign + 1;
        // A name in quotes, as programs write it.
        let end = sign - usize::from(sign > 0 && is_quote(bytes[sign - 1]));
        let length = bytes[..end].iter().rev().take(LONGEST_NAME).take_while(|byte| is_of_name(**byte)).count();
        let name = std::str::from_utf8(&bytes[end - length..end]).unwrap_or_default();
        if length == 0 {
            continue;
        }
        let skipped = |byte: &&u8| matches!(**byte, b' ' | b'\t') || is_quote(**byte);
        let from = at + bytes[at..].iter().take(4).take_while(skipped).count();
        let places: Vec<Place> = match HeaderKind::of(name) {
            HeaderKind::Credentials => credentials(bytes, from).into_iter().collect(),
            kind @ (HeaderKind::Cookies | HeaderKind::SetCookie) => {
                let most = if kind == HeaderKind::Cookies { usize::MAX } else { 1 };
                let end = end_of_cookies(bytes, from);
                at = end.max(at);
                cookies(bytes, from, end).into_iter().take(most).collect()
            }
            HeaderKind::Secret if name.contains('-') => {
                let to = word(bytes, from);
                let is_value = std::str::from_utf8(&bytes[from..to]).is_ok_and(is_promised);
                is_value.then(|| (from, whole(bytes, from, to), "secret")).into_iter().collect()
            }
            _ if ["username", "user", "login"].iter().any(|known| name.eq_ignore_ascii_case(known)) => {
                password(bytes, from).into_iter().collect()
            }
            _ => Vec::new(),
        };
        // What stands in a value is part of it.
        at = places.last().map_or(at, |(_, to, _)| *to).max(at);
        found.extend(places);
    }
    found.extend(users(bytes));
    found
}

/// What stands before `me:x`: an option of curl, or a name that stands for both.
const USERS: [&[u8]; 5] = [b"username=", b"user=", b"user ", b"u ", b"u"];

fn users(bytes: &[u8]) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(before) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'u')) {
        let from = at + before;
        at = from + 1;
        let is_option = from > 0 && bytes[from - 1] == b'-';
        let is_apart = from == 0 || !is_of_name(bytes[from - 1]) || is_option;
        let known = USERS.iter().find(|known| is_apart && bytes[from..].starts_with(known));
        if let Some(known) = known.filter(|known| is_option || known.ends_with(b"=")) {
            let from = from + known.len();
            let place = password(bytes, from + usize::from(bytes.get(from).is_some_and(|byte| is_quote(*byte))));
            at = place.map_or(at, |(_, to, _)| to);
            found.extend(place);
        }
    }
    found
}

/// The second half of `me:x`.
fn password(bytes: &[u8], from: usize) -> Option<Place> {
    let to = word(bytes, from);
    let pair = std::str::from_utf8(bytes.get(from..to)?).ok()?;
    shape::password_in(pair).map(|at| (from + at, whole(bytes, from, to), "password"))
}

/// The one word behind a scheme.
fn credentials(bytes: &[u8], from: usize) -> Option<Place> {
    let scheme = word(bytes, from);
    let start = scheme + usize::from(bytes.get(scheme) == Some(&b' '));
    let to = word(bytes, start);
    let name = std::str::from_utf8(&bytes[from..scheme]).ok()?;
    let is_scheme = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    let value = if start > scheme && to > start && is_scheme { (start, to) } else { (from, scheme) };
    let is_value =
        is_scheme && value.0 == start && is_value("access_token", std::str::from_utf8(&bytes[start..to]).ok()?)
            || is_random(&bytes[value.0..value.1]);
    is_value.then(|| (value.0, whole(bytes, value.0, value.1), "access_token"))
}

fn end_of_cookies(bytes: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'<') || is_quote(*byte);
    bytes[from..].iter().position(ends).map_or(bytes.len(), |length| from + length)
}

fn cookies(bytes: &[u8], from: usize, to: usize) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), from);
    for pair in bytes[from..to].split(|byte| *byte == b';') {
        if let Some(sign) = pair.iter().position(|byte| *byte == b'=').filter(|sign| sign + 1 < pair.len()) {
            found.push((at + sign + 1, at + pair.len(), "cookie"));
        }
        at += pair.len() + 1;
    }
    found
}

/// So much of a word tells whether it is a value, in bytes.
const ENOUGH: usize = 1024;

/// Where the word that begins here ends, as far as it has to be read.
fn word(bytes: &[u8], from: usize) -> usize {
    end_of_word(&bytes[..bytes.len().min(from + ENOUGH)], from)
}

/// Where a word ends that was found to be a value.
fn whole(bytes: &[u8], from: usize, to: usize) -> usize {
    if to < from + ENOUGH { to } else { end_of_word(bytes, from) }
}

fn end_of_word(bytes: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || is_quote(*byte) || b",;<>\\&".contains(byte);
    let rest = bytes.get(from..).unwrap_or_default();
    from.min(bytes.len()) + rest.iter().position(ends).unwrap_or(rest.len())
}

const DASHES: &[u8] = b"-----";
const BEGIN: &[u8] = b"BEGIN ";
const KEYS: [&[u8]; 2] = [b"PRIVATE KEY-----", b"PRIVATE KEY BLOCK-----"];

/// From the line that begins a key to the one that ends it, or to the end of what can be one.
fn private_keys(bytes: &[u8]) -> Vec<Place> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(before) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'B')) {
        let begin = at + before;
        at = begin + 1;
        if !bytes[..begin].ends_with(DASHES) || !bytes[begin..].starts_with(BEGIN) {
            continue;
        }
        let head = &bytes[begin..bytes.len().min(begin + LONGEST_NAME)];
        let end = |key: &&[u8]| Some(head.windows(key.len()).position(|window| *window == **key)? + key.len());
        let Some(end) = KEYS.iter().find_map(end) else { continue };
        let from = begin + end;
        let ends = |at: &usize| matches!(bytes[*at], b'"' | b'\'' | b'`') || bytes[*at..].starts_with(DASHES);
        let to = (from..bytes.len()).find(ends).unwrap_or(bytes.len());
        let (from, to) = trimmed(bytes, from, to);
        if to > from {
            found.push((from, to, "private_key"));
        }
        at = to.max(at);
    }
    found
}

/// The lines that are not empty, without the white space around them.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    let all = bytes.split(|byte| *byte == b'\n').map(move |line| {
        let from = at;
        at += line.len() + 1;
        (from, from + line.len())
    });
    all.map(|(from, to)| blank(bytes, from, to)).filter(|(from, to)| to > from)
}

/// Without white space at both ends.
fn blank(bytes: &[u8], from: usize, to: usize) -> (usize, usize) {
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
    let from = from + bytes[from..to].iter().take_while(is_blank).count();
    (from, to - bytes[from..to].iter().rev().take_while(is_blank).count())
}

/// Without white space and quotes at both ends, and what ends a line of a program.
fn trimmed(bytes: &[u8], from: usize, to: usize) -> (usize, usize) {
    let is_around = |byte: &&u8| byte.is_ascii_whitespace() || is_quote(**byte);
    let from = from + bytes[from..to].iter().take_while(is_around).count();
    let is_behind = |byte: &&u8| is_around(byte) || matches!(**byte, b',' | b';');
    (from, to - bytes[from..to].iter().rev().take_while(is_behind).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::credential::canonical;

    #[test]
    fn values_are_found_where_a_layout_names_them() {
        for (text, found) in [
            ("access_token: tok-1\nexpires_in: 3600", &["tok-1"][..]),
            ("a\r\n  client_secret = 's-1';\r\n", &["s-1"]),
            ("- Access token: tok-1", &["tok-1"]),
            ("password: hunter2", &["hunter2"]),
            ("Code: AADSTS70008000000001", &[]),
            ("token: invalid\naccess_token: not_found\nrefresh_token: the old one", &[]),
            ("name,access_token,expires_in\nalice,tok-1,60\n\"b, c\",\"tok-2\",60\nshort,row", &["tok-1", "tok-2"]),
            ("name\ttoken\nalice\ttok-1", &["tok-1"]),
            ("Export of today\n\nid,created (UTC),access_token\n1,2026,tok-1\n2,2026,tok-2,x", &["tok-1", "tok-2"]),
            ("\u{feff}\"id\",\"access_token\"\n\"1\",\"tok-1\"", &["tok-1"]),
            ("| id | access_token |\n|----|---|\n| 1 | tok-1 |\n", &["tok-1"]),
            ("+--+--+\n| id | password |\n+--+--+\n| 1 | p4ss |\n", &["p4ss"]),
            ("| name | needed |\n|---|---|\n| code | yes |\n| access_token | a string |\n", &[]),
            ("access_token: >-\n  tok-1\nb: 2", &["tok-1"]),
            ("a:\n  access_token:\n    - tok-1\n  password:\n    value: p4ss", &["tok-1", "p4ss"]),
            ("access_token: !!str &a tok-1 # of today", &["tok-1"]),
            ("access_token:\nb: tok-1\nauthorization_code:\n  tokenUrl: https://as.example/token", &[]),
            ("Without a token, nothing\nis here, tok-1", &[]),
            ("POST / HTTP/1.1\r\nAuthorization: Bearer tok-1\r\nCookie: a=1x; b=2y\r\n", &["tok-1", "1x", "2y"]),
            ("curl -H 'X-Api-Key: key-0123456789' -u me:pass-1 x", &["key-0123456789", "pass-1"]),
            ("headers = {\"Authorization\": \"Negotiate tok-1\"}", &["tok-1"]),
            ("Set-Cookie: sid=1x; Path=/", &["1x"]),
            ("Authorization: required, X-Session: closed, user: acct:alice@as.example", &[]),
            ("username=alice:pass-1&x", &["pass-1"]),
            ("-----BEGIN EC PRIVATE KEY-----\nMIIB\nAAA=\n-----END EC PRIVATE KEY-----\n", &["MIIB\nAAA="]),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nMIIB\n-----END PGP PRIVATE KEY BLOCK-----", &["MIIB"]),
            ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", &[]),
        ] {
            let mut values: Vec<&str> =
                in_bytes(text.as_bytes(), &canonical).iter().map(|(from, to, _)| &text[*from..*to]).collect();
            let mut expected = found.to_vec();
            values.sort_unstable();
            values.dedup();
            expected.sort_unstable();
            assert_eq!(values, expected, "{text}");
        }
    }
}
