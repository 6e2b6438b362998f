//! Credentials by their names in a text that is no whole document: a form, JSON that broke off or has something
//! before it, a page, whatever a server that failed has written.

use super::view;

/// Where the values of secret names stand in the text, as bytes from and to, however text or names are encoded.
pub fn named_values(text: &str, is_secret: impl Fn(&str) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = view::views(text)
        .iter()
        .flat_map(|view| in_bytes(&view.bytes, &is_secret).into_iter().map(|(from, to)| view.written(from, to)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn in_bytes(bytes: &[u8], is_secret: &impl Fn(&str) -> bool) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_of_name(**byte)).count();
        let name = std::str::from_utf8(&bytes[at..at + length]).unwrap_or_default();
        let value = if is_secret(name) { value_after(bytes, at, at + length) } else { None };
        found.extend(value);
        at = value.map_or(at + length.max(1), |(_, to)| to);
    }
    found
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// `=x`, `":"x"`, `: "x"`: from after the sign and its quote to what ends the value.
fn value_after(bytes: &[u8], name: usize, name_end: usize) -> Option<(usize, usize)> {
    let skip = |from: usize, what: fn(u8) -> bool| from + bytes[from..].iter().take_while(|byte| what(**byte)).count();
    let is_quoted = name > 0 && is_quote(bytes[name - 1]);
    let sign = skip(name_end, |byte| is_quote(byte) || matches!(byte, b'\\' | b' '));
    // Ordinary words such as code and token stand before a colon in any sentence.
    let is_word = !bytes[name..name_end].contains(&b'_');
    match bytes.get(sign)? {
        b'=' => {}
        b':' if is_quoted || !is_word => {}
        _ => return None,
    }
    let open = skip(sign + 1, |byte| byte == b'\\' || byte.is_ascii_whitespace());
    let quote = bytes.get(open).copied().filter(|byte| is_quote(*byte));
    let from = open + usize::from(quote.is_some());
    let ends = |byte: u8| match quote {
        Some(quote) => byte == quote || byte == b'\\',
        None => {
            byte.is_ascii_whitespace() || is_quote(byte) || matches!(byte, b'&' | b',' | b'}' | b']' | b'<' | b'\\')
        }
    };
    let to = bytes[from..].iter().position(|byte| ends(*byte)).map_or(bytes.len(), |length| from + length);
    (to > from).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let is_secret = |name: &str| ["access_token", "code"].iter().any(|known| name.eq_ignore_ascii_case(known));
        named_values(text, is_secret).into_iter().map(|(from, to)| &text[from..to]).collect()
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
            ("?code=abc&access_token=", &["abc"]),
            ("{\"code\":\"abc\"", &["abc"]),
            ("Error code: 404, my_access_token=a, access_tokens=b, access_token", &[]),
        ] {
            assert_eq!(values(text), found, "{text}");
        }
    }
}
