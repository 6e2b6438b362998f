//! Distinguished names as text (RFC 4514): `CN=practice-tls,O=Grantscope`.

use std::fmt::{self, Write as _};

use x509_parser::x509::X509Name;

use super::jwk::der::{self, Element};

/// Attribute types with a name in RFC 4514 section 3.
const NAMES: [(&str, &str); 9] = [
    ("CN", "2.5.4.3"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("C", "2.5.4.6"),
    ("STREET", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
];
/// Further names that other programs write; read here, never written.
const ALIASES: [(&str, &str); 6] = [
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("serialNumber", "2.5.4.5"),
    ("SN", "2.5.4.4"),
    ("GN", "2.5.4.42"),
    ("title", "2.5.4.12"),
    ("organizationIdentifier", "2.5.4.97"),
];

const UTF8_STRING: u8 = 12;
const PRINTABLE_STRING: u8 = 19;
const IA5_STRING: u8 = 22;
const BMP_STRING: u8 = 30;

/// A name, its most specific part first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    parts: Vec<Vec<Attribute>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Attribute {
    /// Dotted.
    oid: String,
    /// `None` when the value is no text.
    text: Option<String>,
    der: Vec<u8>,
}

impl DistinguishedName {
    /// Reads the text form (RFC 4514 section 3). Spaces around separators are passed over.
    ///
    /// # Errors
    /// What cannot be read, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.as_bytes();
        let mut parts = vec![Vec::new()];
        loop {
            let (attribute, end) = Attribute::parse(&mut rest)?;
            if let Some(part) = parts.last_mut() {
                part.push(attribute);
            }
            match end {
                Some(b',') => parts.push(Vec::new()),
                Some(_) => {}
                None => return Ok(Self { parts }),
            }
        }
    }

    pub(super) fn of(name: &X509Name<'_>) -> Self {
        let part = |part: &x509_parser::x509::RelativeDistinguishedName<'_>| part.iter().map(Attribute::of).collect();
        let mut parts: Vec<Vec<Attribute>> = name.iter().map(part).collect();
        parts.reverse();
        Self { parts }
    }

    /// Whether both name the same: case and repeated spaces of texts do not count (RFC 4517 sections 4.2.11 and 4.2.15).
    pub fn matches(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    /// Type as dotted OID and text of each part, the most specific first; `None` when a part has several attributes, or
    /// one that is no text.
    pub fn simple(&self) -> Option<Vec<(&str, &str)>> {
        self.parts.iter().map(|part| if let [one] = part.as_slice() { one.simple() } else { None }).collect()
    }

    fn canonical(&self) -> Vec<Vec<(String, Vec<u8>)>> {
        let canonical = |part: &Vec<Attribute>| {
            let mut part: Vec<_> = part.iter().map(Attribute::canonical).collect();
            part.sort();
            part
        };
        self.parts.iter().map(canonical).collect()
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            for (within, attribute) in part.iter().enumerate() {
                f.write_str(if within > 0 { "+" } else { ["", ","][usize::from(at > 0)] })?;
                write!(f, "{attribute}")?;
            }
        }
        Ok(())
    }
}

impl Attribute {
    /// Takes `type=value` and the separator after it.
    fn parse(rest: &mut &[u8]) -> Result<(Self, Option<u8>), String> {
        let equals = rest.iter().position(|byte| *byte == b'=').ok_or("an attribute has no = in it")?;
        let kind = String::from_utf8_lossy(&rest[..equals]).trim().to_owned();
        let oid = oid_of(&kind).ok_or_else(|| format!("{kind:?} is no attribute type that is known here"))?;
        *rest = rest[equals + 1..].trim_ascii_start();
        let (value, end) = value(rest)?;
        let (text, der) = match value {
            Value::Text(text) => (Some(text.clone()), tlv(UTF8_STRING, text.as_bytes())),
            Value::Der(der) => {
                let elements = der::elements(&der).unwrap_or_default();
                let [Element { tag, content, .. }] = *elements.as_slice() else {
                    return Err(format!("the value of {kind} is no DER"));
                };
                (text_of(tag, content), der)
            }
        };
        Ok((Self { oid, text, der }, end))
    }

    fn of(attribute: &x509_parser::x509::AttributeTypeAndValue<'_>) -> Self {
        let value = attribute.attr_value();
        // Strings have one-byte tags.
        let tag = u8::try_from(value.header.tag().0).unwrap_or_default();
        let content = value.as_bytes();
        Self { oid: attribute.attr_type().to_id_string(), text: text_of(tag, content), der: tlv(tag, content) }
    }

    fn simple(&self) -> Option<(&str, &str)> {
        Some((self.oid.as_str(), self.text.as_deref()?))
    }

    fn canonical(&self) -> (String, Vec<u8>) {
        let value = match &self.text {
            Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().into_bytes(),
            None => self.der.clone(),
        };
        (self.oid.clone(), value)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, oid)| *oid == self.oid).map(|(name, _)| *name);
        write!(f, "{}=", name.unwrap_or(&self.oid))?;
        match (&self.text, name) {
            (Some(text), Some(_)) => escaped(text, f),
            // RFC 4514 section 2.4
            _ => {
                f.write_char('#')?;
                self.der.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// RFC 4514 section 2.4
fn escaped(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (at, c) in text.chars().enumerate() {
        let at_the_ends = (at == 0 && matches!(c, ' ' | '#')) || (at == last && c == ' ');
        match c {
            '\0'..='\x1f' | '\x7f' => write!(f, "\\{:02x}", u32::from(c))?,
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{c}")?,
            _ if at_the_ends => write!(f, "\\{c}")?,
            _ => f.write_char(c)?,
        }
    }
    Ok(())
}

enum Value {
    Text(String),
    Der(Vec<u8>),
}

/// Takes a value, and the separator after it if there is one.
fn value(rest: &mut &[u8]) -> Result<(Value, Option<u8>), String> {
    let is_hex = rest.first() == Some(&b'#');
    let mut bytes = Vec::new();
    // How much of it stays when spaces at the end are cut.
    let mut kept = 0;
    let end = loop {
        let Some((&byte, after)) = rest.split_first() else { break None };
        *rest = after;
        match byte {
            b',' | b'+' => break Some(byte),
            b'\\' => {
                bytes.push(unescaped(rest)?);
                kept = bytes.len();
            }
            b'"' | b';' | b'<' | b'>' | 0 => return Err(format!("{:?} has to be escaped", char::from(byte))),
            b' ' => bytes.push(byte),
            _ => {
                bytes.push(byte);
                kept = bytes.len();
            }
        }
    };
    bytes.truncate(kept);
    if is_hex {
        let pairs = bytes.get(1..).unwrap_or_default().chunks(2).map(hex_pair).collect::<Option<Vec<u8>>>();
        return Ok((Value::Der(pairs.ok_or("a value with # is not hexadecimal")?), end));
    }
    String::from_utf8(bytes).map(|text| (Value::Text(text), end)).map_err(|_| "a value is no UTF-8".to_owned())
}

/// What a backslash stands before: one of the special characters, or two hexadecimal digits.
fn unescaped(rest: &mut &[u8]) -> Result<u8, String> {
    let bad = || "a backslash stands before nothing that needs it".to_owned();
    if let Some(byte) = rest.get(..2).and_then(hex_pair) {
        *rest = &rest[2..];
        return Ok(byte);
    }
    let (&byte, after) = rest.split_first().ok_or_else(bad)?;
    *rest = after;
    if b" \"#+,;<=>\\".contains(&byte) { Ok(byte) } else { Err(bad()) }
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let &[high, low] = pair else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? * 16 + digit(low)?)
}

fn oid_of(kind: &str) -> Option<String> {
    let named = NAMES.iter().chain(&ALIASES).find(|(name, _)| name.eq_ignore_ascii_case(kind));
    let is_number = |arc: &str| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit());
    let is_oid = || kind.contains('.') && kind.split('.').all(is_number);
    named.map(|(_, oid)| (*oid).to_owned()).or_else(|| is_oid().then(|| kind.to_owned()))
}

fn text_of(tag: u8, content: &[u8]) -> Option<String> {
    match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING => String::from_utf8(content.to_vec()).ok(),
        BMP_STRING if content.len().is_multiple_of(2) => {
            let units = content.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            String::from_utf16(&units.collect::<Vec<_>>()).ok()
        }
        _ => None,
    }
}

/// A DER element: tag, length, value (X.690 section 8.1).
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![tag];
    match significant.as_slice() {
        [] => der.push(0),
        [short @ ..=0x7f] => der.push(*short),
        long => {
            // At most eight bytes.
            der.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            der.extend(long);
        }
    }
    der.extend(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> DistinguishedName {
        DistinguishedName::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn the_examples_of_rfc_4514_section_4_are_read_and_written() {
        for text in [
            "UID=jsmith,DC=example,DC=net",
            "OU=Sales+CN=J.  Smith,DC=example,DC=net",
            r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#,
            r"CN=Before\0dAfter,DC=example,DC=net",
            "1.3.6.1.4.1.1466.0=#04024869",
        ] {
            assert_eq!(parse(text).to_string(), text);
        }
        assert_eq!(parse(r"CN=Lu\C4\8Di\C4\87").to_string(), "CN=Lučić");
        assert_eq!(parse(r"CN=\20a\20,O=\#b").to_string(), r"CN=\ a\ ,O=\#b");
        assert_eq!(parse("emailAddress=a@b").to_string(), "1.2.840.113549.1.9.1=#0c03614062");
    }

    #[test]
    fn names_match_without_regard_to_form() {
        for (a, b, same) in [
            ("CN=a,O=b", "cn = A , o=B", true),
            ("CN=a,O=b", "2.5.4.3=a,2.5.4.10=#0c0162", true),
            ("CN=a+O=b", "O=b+CN=a", true),
            ("CN=a  b", "CN=A b", true),
            ("CN=a,O=b", "O=b,CN=a", false),
            ("CN=a,O=b", "CN=a", false),
            ("CN=a,O=b", "CN=a+O=b", false),
            ("CN=a", "O=a", false),
            (r"CN=a\,O\=b", "CN=a,O=b", false),
        ] {
            assert_eq!(parse(a).matches(&parse(b)), same, "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in
            ["", "CN", "CN=a,", "XX=a", "CN=a;O=b", "CN=\"a\"", r"CN=a\", r"CN=\q", "CN=#0", "CN=#zz", "=a", "1..2=a"]
        {
            assert!(DistinguishedName::parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_name_or_refused(text in "\\PC*", value in "\\PC*") {
            if let Ok(name) = DistinguishedName::parse(&text) {
                proptest::prop_assert!(parse(&name.to_string()).matches(&name));
            }
            let attribute = Attribute { oid: "2.5.4.3".to_owned(), text: Some(value.clone()), der: Vec::new() };
            let name = DistinguishedName { parts: vec![vec![attribute]] };
            let again = parse(&name.to_string());
            proptest::prop_assert_eq!(again.simple(), Some(vec![("2.5.4.3", value.as_str())]));
        }
    }

    #[test]
    fn lengths_are_those_of_der() {
        for length in [0, 1, 0x7f, 0x80, 0x100] {
            let der = tlv(UTF8_STRING, &vec![b'a'; length]);
            let elements = der::elements(&der).expect("DER");
            assert_eq!((elements.len(), elements[0].content.len()), (1, length));
        }
    }
}
