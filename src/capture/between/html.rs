//! The tags of a page and their attributes, read where they stand, so that one value can be changed and every other byte
//! stays (HTML, section 13.2.5). One pass, whatever the page is.

use std::borrow::Cow;
use std::ops::Range;

/// Elements whose content is text and not tags.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// An attribute with its place in the page.
#[derive(Debug)]
pub(super) struct Attribute {
    /// In lower case.
    pub(super) name: String,
    /// As it is meant, references resolved.
    pub(super) value: String,
    /// Where it stands, without quotes.
    at: Range<usize>,
    is_quoted: bool,
}

/// A start tag, or the end tag of a form.
#[derive(Debug)]
pub(super) struct Tag {
    /// In lower case; `/form` for the end of one.
    pub(super) name: String,
    /// In order.
    pub(super) attributes: Vec<Attribute>,
}

impl Tag {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|one| one.name == name).map(|one| one.value.as_str())
    }
}

/// Calls with each tag in order.
pub(super) fn each(page: &[u8], mut take: impl FnMut(&Tag)) {
    let mut reader = Reader { page, at: 0 };
    while let Some(tag) = reader.next() {
        take(&tag);
    }
}

/// The page with other values for some attributes; `None` where none changes.
pub(super) fn changed(page: &[u8], mut change: impl FnMut(&Tag, &Attribute) -> Option<String>) -> Option<Vec<u8>> {
    let (mut made, mut from) = (Vec::new(), 0);
    each(page, |tag| {
        for attribute in &tag.attributes {
            let Some(value) = change(tag, attribute) else { continue };
            let quote: &[u8] = if attribute.is_quoted { b"" } else { b"\"" };
            made.extend_from_slice(&page[from..attribute.at.start]);
            made.extend_from_slice(quote);
            made.extend_from_slice(escaped(&value).as_bytes());
            made.extend_from_slice(quote);
            from = attribute.at.end;
        }
    });
    if from == 0 {
        return None;
    }
    made.extend_from_slice(&page[from..]);
    Some(made)
}

struct Reader<'p> {
    page: &'p [u8],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Tag> {
        loop {
            self.at += self.page.get(self.at..)?.iter().position(|byte| *byte == b'<')? + 1;
            let rest = &self.page[self.at..];
            if rest.starts_with(b"!--") {
                self.skip_to(b"-->");
            } else if rest.first().is_some_and(u8::is_ascii_alphabetic) {
                return Some(self.tag());
            } else if rest.get(..5).is_some_and(|end| end.eq_ignore_ascii_case(b"/form")) {
                return Some(Tag { name: "/form".to_owned(), attributes: Vec::new() });
            }
        }
    }

    fn skip_to(&mut self, end: &[u8]) {
        let rest = &self.page[self.at..];
        let found = rest.windows(end.len()).position(|part| part.eq_ignore_ascii_case(end));
        self.at = found.map_or(self.page.len(), |found| self.at + found);
    }

    fn peek(&self) -> Option<u8> {
        self.page.get(self.at).copied()
    }

    /// What stands before one of these.
    fn until(&mut self, ends: impl Fn(u8) -> bool) -> Range<usize> {
        let from = self.at;
        self.at += self.page[from..].iter().position(|byte| ends(*byte)).unwrap_or(self.page.len() - from);
        from..self.at
    }

    fn lower(&self, at: Range<usize>) -> String {
        String::from_utf8_lossy(&self.page[at]).to_ascii_lowercase()
    }

    fn tag(&mut self) -> Tag {
        let name = self.until(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
        let name = self.lower(name);
        let mut attributes = Vec::new();
        loop {
            self.until(|byte| !byte.is_ascii_whitespace() && byte != b'/');
            match self.peek() {
                None => break,
                Some(b'>') => {
                    self.at += 1;
                    break;
                }
                Some(_) => attributes.extend(self.attribute()),
            }
        }
        if RAW.contains(&name.as_str()) {
            self.skip_to(format!("</{name}").as_bytes());
        }
        Tag { name, attributes }
    }

    /// `None` for one without a value.
    fn attribute(&mut self) -> Option<Attribute> {
        let from = self.at;
        self.at += 1;
        self.until(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
        let name = self.lower(from..self.at);
        self.until(|byte| !byte.is_ascii_whitespace());
        if self.peek() != Some(b'=') {
            return None;
        }
        self.at += 1;
        self.until(|byte| !byte.is_ascii_whitespace());
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''));
        let at = match quote {
            Some(quote) => {
                self.at += 1;
                let at = self.until(|byte| byte == quote);
                self.at = (self.at + 1).min(self.page.len());
                at
            }
            None => self.until(|byte| byte.is_ascii_whitespace() || byte == b'>'),
        };
        let value = unescaped(&String::from_utf8_lossy(&self.page[at.clone()])).into_owned();
        Some(Attribute { name, value, at, is_quoted: quote.is_some() })
    }
}

/// Longest character reference that is resolved, `&` and `;` included.
const REFERENCE: usize = 12;

/// With numeric references resolved, and those that URLs and quotes are written with.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        made.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(REFERENCE).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&rest[1..end])?, end))) {
            Some((character, end)) => {
                made.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                made.push('&');
                rest = &rest[1..];
            }
        }
    }
    made.push_str(rest);
    Cow::Owned(made)
}

fn character(name: &str) -> Option<char> {
    let named = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("sol", '/'),
        ("colon", ':'),
        ("quest", '?'),
        ("equals", '='),
    ];
    if let Some((_, character)) = named.iter().find(|(known, _)| *known == name) {
        return Some(*character);
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#39;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            c => made.push(c),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value that says so becomes `b&"c`.
    fn with(page: &str) -> Option<String> {
        let made = changed(page.as_bytes(), |_, it| (it.value == "a&/").then(|| "b&\"c".to_owned()));
        made.map(|page| String::from_utf8(page).expect("UTF-8"))
    }

    #[test]
    fn values_are_changed_where_they_stand() {
        let cases = [
            ("<a href=\"a&amp;/\" x>", Some("<a href=\"b&amp;&quot;c\" x>")),
            ("<A HREF = 'a&#38;&#x2F;'>t</A>", Some("<A HREF = 'b&amp;&quot;c'>t</A>")),
            ("<a href=a&/>", Some("<a href=\"b&amp;&quot;c\">")),
            ("<form action=\"a&/\"/><p>a&/", Some("<form action=\"b&amp;&quot;c\"/><p>a&/")),
            ("<!-- <a href=\"a&/\"> -->", None),
            ("<script>'<a href=\"a&/\">'</script><a b>", None),
            ("<a href=\"a&/", Some("<a href=\"b&amp;&quot;c")),
            ("1 < 2 <", None),
            ("<a =\"a&/\">", None),
            ("<!--", None),
            ("<script", None),
        ];
        for (page, made) in cases {
            assert_eq!(with(page).as_deref(), made, "{page}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(page in proptest::collection::vec(proptest::sample::select(b"<>a=\"' /!-&;#x\xff".to_vec()), 0..200)) {
            each(&page, |tag| assert!(!tag.name.is_empty()));
            assert!(changed(&page, |_, _| None).is_none());
        }
    }
}
