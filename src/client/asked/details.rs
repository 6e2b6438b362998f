//! Fine-grained permissions as they were asked for and as they were granted (RFC 9396), element by element.

use super::{SHOWN, said, short};
use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::text::elided_between_words;
use crate::client::rules::rar as rule;

/// Most elements that are compared; nobody reads more, and the time grows with their product.
const COMPARED: usize = 40;

/// What a granted value is to the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is there and was not asked for: the server adds what it knows (RFC 9396 section 7.1).
    Added,
    /// It was asked for and is not told.
    LeftOut,
    /// It is less than was asked for: user and server may grant less (section 7).
    Narrower,
    /// It is something else.
    Another,
    /// It is more than was asked for.
    Wider,
}

impl Change {
    /// In a sentence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::LeftOut => "left out",
            Self::Narrower => "narrower",
            Self::Another => "changed",
            Self::Wider => "wider",
        }
    }

    /// Whether a client has to ask itself what it holds there.
    pub const fn is_beyond(self) -> bool {
        matches!(self, Self::Another | Self::Wider)
    }
}

/// Something in which a granted element differs from the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `instructedAmount.amount`.
    pub place: String,
    /// What it is to what was asked for.
    pub change: Change,
    /// As it was asked for.
    pub asked: Option<String>,
    /// As it was granted.
    pub granted: Option<String>,
}

impl Difference {
    /// `instructedAmount.amount wider: asked 12.50, granted 1250.00`
    fn words(&self) -> String {
        let (place, word) = (&self.place, self.change.word());
        match (&self.asked, &self.granted) {
            (Some(asked), Some(granted)) => format!("{place} {word}: asked {asked}, granted {granted}"),
            (None, Some(granted)) => format!("{place} {word}: {granted}"),
            (Some(asked), None) => format!("{place} {word}: {asked}"),
            (None, None) => format!("{place} {word}"),
        }
    }
}

/// One element of `authorization_details`: as asked, as granted, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its `type`.
    pub kind: String,
    /// As it was asked for; `None` where nobody asked for it.
    pub asked: Option<Json>,
    /// As it was granted; `None` where it was not.
    pub granted: Option<Json>,
    /// In what they differ.
    pub differences: Vec<Difference>,
}

impl Element {
    /// Whether more or something else was granted than was asked for.
    pub fn is_beyond(&self) -> bool {
        self.asked.is_none() || self.differences.iter().any(|difference| difference.change.is_beyond())
    }
}

/// What is wrong with the form of a list of details (section 2), in words.
pub fn fault(details: &Json) -> Option<String> {
    let Json::Array(elements) = details else { return Some(details.described()) };
    elements.iter().enumerate().find_map(|(at, element)| {
        let what = match (element.is_object(), element.get("type")) {
            (false, _) => format!("is {}", element.a_kind()),
            (true, None) => "has no type".to_owned(),
            (true, Some(kind)) => match kind.as_str() {
                Some("") => "has an empty type".to_owned(),
                Some(_) => return None,
                None => format!("has a type that is {}", kind.a_kind()),
            },
        };
        Some(format!("element {} {what}", at + 1))
    })
}

/// Each granted element beside the one of its type that is nearest to it, and what was not granted at its end. A server may
/// grant one element in parts.
pub fn compare(asked: &Json, granted: &Json) -> Vec<Element> {
    let (asked, granted) = (capped(asked), capped(granted));
    let mut is_met = vec![false; asked.len()];
    let mut elements: Vec<Element> = Vec::new();
    for one in granted {
        let nearest = asked
            .iter()
            .enumerate()
            .filter(|(_, other)| other.get("type") == one.get("type"))
            .map(|(at, other)| (at, differences(other, one)))
            .min_by_key(|(at, differences)| (distance(differences), is_met[*at]));
        let (at, differences) = nearest.map_or((None, Vec::new()), |(at, found)| (Some(at), found));
        if let Some(at) = at {
            is_met[at] = true;
        }
        let asked = at.map(|at| asked[at].clone());
        elements.push(Element { kind: kind(one), asked, granted: Some(one.clone()), differences });
    }
    let unmet = asked.iter().zip(is_met).filter(|(_, is_met)| !is_met).map(|(one, _)| one);
    elements.extend(unmet.map(|one| Element {
        kind: kind(one),
        asked: Some(one.clone()),
        granted: None,
        differences: Vec::new(),
    }));
    elements
}

fn capped(details: &Json) -> &[Json] {
    let elements = details.elements();
    &elements[..elements.len().min(COMPARED)]
}

fn kind(element: &Json) -> String {
    element.text("type").map_or_else(|| "no type".to_owned(), short)
}

/// What goes beyond counts more than what is less.
fn distance(differences: &[Difference]) -> (usize, usize) {
    (differences.iter().filter(|difference| difference.change.is_beyond()).count(), differences.len())
}

fn differences(asked: &Json, granted: &Json) -> Vec<Difference> {
    let mut found = Vec::new();
    members("", asked, granted, &mut found);
    found
}

/// Objects member by member.
fn members(within: &str, asked: &Json, granted: &Json, found: &mut Vec<Difference>) {
    let place = |name: &str| if within.is_empty() { short(name) } else { format!("{within}.{}", short(name)) };
    for (name, value) in granted.members() {
        match asked.get(name) {
            None => found.push(difference(place(name), Change::Added, None, Some(value))),
            Some(was) if is_same(was, value) => {}
            Some(was @ Json::Object(_)) if value.is_object() => members(&place(name), was, value, found),
            Some(was) => found.push(difference(place(name), change(name, was, value), Some(was), Some(value))),
        }
    }
    let left_out = asked.members().iter().filter(|(name, _)| granted.get(name).is_none());
    found.extend(left_out.map(|(name, was)| difference(place(name), Change::LeftOut, Some(was), None)));
}

/// Whether two values mean the same: numbers may be written in two ways (RFC 8259 section 6).
fn is_same(asked: &Json, granted: &Json) -> bool {
    match (asked, granted) {
        (Json::Number(asked), Json::Number(granted)) => bare(asked) == bare(granted),
        (Json::Array(asked), Json::Array(granted)) => {
            asked.len() == granted.len() && asked.iter().zip(granted).all(|(one, other)| is_same(one, other))
        }
        _ => asked == granted,
    }
}

/// Digits without the zeros at their end that say nothing: `1.0` is `1`.
fn bare(digits: &str) -> &str {
    let is_plain = digits.contains('.') && !digits.contains(['e', 'E']);
    if is_plain { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

fn difference(place: String, change: Change, asked: Option<&Json>, granted: Option<&Json>) -> Difference {
    Difference { place, change, asked: asked.map(said), granted: granted.map(said) }
}

/// What a value is to another one that is not equal to it.
fn change(name: &str, asked: &Json, granted: &Json) -> Change {
    match (asked, granted) {
        // Empty lists ask for whatever user and server choose (RFC 9396 section 7.1).
        (Json::Array(asked), Json::Array(_)) if asked.is_empty() => Change::Added,
        (Json::Array(asked), Json::Array(granted)) => list(asked, granted),
        (Json::Bool(true), Json::Bool(false)) => Change::Narrower,
        (Json::Bool(false), Json::Bool(true)) => Change::Wider,
        _ => match (amount(name, asked), amount(name, granted)) {
            (Some(asked), Some(granted)) if granted < asked => Change::Narrower,
            (Some(asked), Some(granted)) if granted > asked => Change::Wider,
            _ => Change::Another,
        },
    }
}

/// Lists of values, whose order says nothing.
fn list(asked: &[Json], granted: &[Json]) -> Change {
    let (asked, granted) = (&asked[..asked.len().min(COMPARED)], &granted[..granted.len().min(COMPARED)]);
    let is_asked = |value: &Json| asked.iter().any(|other| is_same(other, value));
    match granted.iter().all(is_asked) {
        true => Change::Narrower,
        false if granted.iter().any(is_asked) => Change::Wider,
        false => Change::Another,
    }
}

/// A measure of which less is less: amounts are often written as texts.
fn amount(name: &str, value: &Json) -> Option<f64> {
    let is_amount = name.to_ascii_lowercase().ends_with("amount");
    match value {
        Json::Number(digits) => digits.parse().ok(),
        Json::String(text) if is_amount => text.parse().ok(),
        _ => None,
    }
}

/// Holds a token response to saying in due form what was granted (sections 2 and 7). That of a refresh may leave out what
/// is known from before, and a server that does not know `authorization_details` ignores them (RFC 6749 section 3.1).
pub fn returned(granted: Option<&Json>, is_demanded: bool) -> Check {
    let wanted = "a list of objects, each with its type";
    match (granted, granted.and_then(fault)) {
        (None, _) if !is_demanded => rule::RETURNED.warn("authorization_details", "absent"),
        (None, _) => rule::RETURNED.broken("authorization_details", "absent"),
        (Some(_), Some(fault)) => rule::RETURNED.broken(wanted, short(&fault)),
        (Some(granted), None) => {
            let kinds: Vec<String> = granted.elements().iter().map(kind).collect();
            rule::RETURNED.pass(if kinds.is_empty() { "nothing".to_owned() } else { short(&kinds.join(", ")) })
        }
    }
}

/// Holds what was granted against what was asked for: less, and what the server adds, is as it may be; more or something
/// else is told with the difference. `None` where one of them is in no due form.
pub fn as_asked(asked: &str, granted: &Json) -> Option<Check> {
    let asked = Json::parse_text(asked).ok().filter(|asked| fault(asked).is_none())?;
    if fault(granted).is_some() {
        return None;
    }
    let elements = compare(&asked, granted);
    let beyond = told(elements.iter().filter(|element| element.is_beyond()), |change| change.is_beyond());
    if !beyond.is_empty() {
        return Some(rule::AS_ASKED.broken("no more than was asked for", beyond));
    }
    let otherwise = told(elements.iter(), |_| true);
    let is_nothing = granted.elements().is_empty() && !asked.elements().is_empty();
    Some(match otherwise.is_empty() {
        _ if is_nothing => rule::AS_ASKED.note(format!("an empty list, so nothing of it: {otherwise}")),
        true => rule::AS_ASKED.pass("granted as it was asked"),
        false => rule::AS_ASKED.pass(otherwise),
    })
}

/// The differences of these elements that are asked about, in one line.
fn told<'a>(elements: impl Iterator<Item = &'a Element>, is_told: fn(Change) -> bool) -> String {
    let lines = elements.filter_map(|element| match (&element.asked, &element.granted) {
        (None, _) => Some(format!("{}: nobody asked for it", element.kind)),
        (_, None) => Some(format!("{}: not granted", element.kind)),
        (Some(_), Some(_)) => {
            let told = element.differences.iter().filter(|difference| is_told(difference.change));
            let words: Vec<String> = told.map(Difference::words).collect();
            (!words.is_empty()).then(|| format!("{}: {}", element.kind, words.join(", ")))
        }
    });
    elided_between_words(&lines.collect::<Vec<_>>().join("; "), 4 * SHOWN).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    const ASKED: &str = r#"[{"type":"payment","actions":["read","pay"],"amount":"12.50","to":{"name":"Shop"},"accounts":[],"once":true}]"#;

    fn judged(granted: &str) -> (Verdict, String) {
        let check = as_asked(ASKED, &Json::parse_text(granted).expect("JSON")).expect("a check");
        (check.verdict, check.actual.unwrap_or_default())
    }

    #[test]
    fn less_and_additions_pass_with_a_word_and_more_or_else_is_warned_of() {
        let with = |from: &str, to: &str| ASKED.replace(from, to);
        for (granted, verdict, saw) in [
            (ASKED.to_owned(), Verdict::Pass, "granted as it was asked"),
            (with(r#"["read","pay"]"#, r#"["pay","read"]"#), Verdict::Pass, "actions narrower"),
            (with(r#""read","#, ""), Verdict::Pass, "actions narrower: asked [\"read\",\"pay\"], granted [\"pay\"]"),
            (with("12.50", "10"), Verdict::Pass, "amount narrower: asked 12.50, granted 10"),
            (with(r#""accounts":[]"#, r#""accounts":["1"]"#), Verdict::Pass, "accounts added"),
            (with(r#""once":true"#, r#""once":true,"id":7"#), Verdict::Pass, "payment: id added: 7"),
            (with(r#","once":true"#, ""), Verdict::Pass, "once left out"),
            ("[]".to_owned(), Verdict::Note, "an empty list, so nothing of it: payment: not granted"),
            (with("12.50", "1250.00"), Verdict::Warn, "payment: amount wider: asked 12.50, granted 1250.00"),
            (with("Shop", "Mallory"), Verdict::Warn, "to.name changed: asked Shop, granted Mallory"),
            (with(r#""pay""#, r#""pay","admin""#), Verdict::Warn, "actions wider"),
            (with(r#"["read","pay"]"#, r#"["admin"]"#), Verdict::Warn, "actions changed"),
            (with(r#"["read","pay"]"#, r#""pay""#), Verdict::Warn, "actions changed"),
            (with(r#"{"type""#, r#"{"type":"account"},{"type""#), Verdict::Warn, "account: nobody asked for it"),
        ] {
            let (found, words) = judged(&granted);
            assert_eq!(found, verdict, "{granted}: {words}");
            assert!(words.contains(saw), "{granted}: {words}");
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let asked = r#"[{"type":"a","amount":1,"rate":[2.50],"big":10}]"#;
        let judged = |granted: &str| {
            let check = as_asked(asked, &Json::parse_text(granted).expect("JSON")).expect("a check");
            (check.verdict, check.actual.unwrap_or_default())
        };
        let as_asked = judged(r#"[{"type":"a","amount":1.0,"rate":[2.5],"big":10.00}]"#);
        assert_eq!(as_asked, (Verdict::Pass, "granted as it was asked".to_owned()));
        assert_eq!(judged(r#"[{"type":"a","amount":1.01,"rate":[2.5],"big":10}]"#).0, Verdict::Warn);
        assert_eq!(judged(r#"[{"type":"a","amount":1,"rate":[2.5],"big":100}]"#).0, Verdict::Warn);
    }

    #[test]
    fn an_element_is_held_against_the_nearest_of_its_type() {
        let asked = Json::parse_text(r#"[{"type":"a","id":1},{"type":"a","id":2}]"#).expect("JSON");
        let granted = Json::parse_text(r#"[{"type":"a","id":2}]"#).expect("JSON");
        let elements = compare(&asked, &granted);
        assert_eq!(elements.iter().map(|one| one.differences.len()).sum::<usize>(), 0);
        assert_eq!(elements.iter().map(|one| one.granted.is_some()).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn what_is_no_list_of_objects_with_a_type_is_named() {
        for (details, what) in [
            ("[]", None),
            (r#"[{"type":"a"}]"#, None),
            ("7", Some("7")),
            (r#"{"type":"a"}"#, Some("object")),
            (r#"[{"type":"a"},"a"]"#, Some("element 2 is a string")),
            (r#"[{"kind":"a"}]"#, Some("element 1 has no type")),
            (r#"[{"type":""}]"#, Some("an empty type")),
            (r#"[{"type":7}]"#, Some("a type that is a number")),
        ] {
            let found = fault(&Json::parse_text(details).expect("JSON"));
            assert_eq!(found.is_some(), what.is_some(), "{details}: {found:?}");
            assert!(found.unwrap_or_default().contains(what.unwrap_or_default()), "{details}");
        }
    }
}
