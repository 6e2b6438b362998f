//! The parameters of a response as they stand in an address, also where a server has joined them to it wrongly
//! (RFC 6749 sections 3.1.2 and 4.1.2).

use std::borrow::Cow;

use url::Url;

use crate::base::params::Params;

/// What a response is known by: each of them makes a request at the redirect URI one.
const RESPONSES: [&str; 5] = ["code", "error", "access_token", "id_token", "response"];

/// What may be beside them.
const BESIDE: [&str; 7] = ["state", "iss", "error_description", "token_type", "expires_in", "scope", "session_state"];

/// What stands where `?` or `&` belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `?tenant=a?code=..`: the redirect URI has a query of its own.
    SecondMark,
    /// `?code=..&amp;state=..`: HTML in an address.
    Entity,
    /// `?code=..%26state=..`: encoded as a part of a value.
    EncodedAmpersand,
    /// `?code=..;state=..`, as HTML once had it.
    Semicolon,
    /// `?code=..state=..`: the next parameter is glued to the value before it.
    Glued,
    /// `/callback&code=..`
    NoMark,
    /// `/callback%3Fcode=..`
    EncodedMark,
    /// `/callback?iss=..#code=..`: a part where a client does not look.
    Apart,
}

impl Joint {
    const ALL: [Self; 8] = [
        Self::SecondMark,
        Self::Entity,
        Self::EncodedAmpersand,
        Self::Semicolon,
        Self::Glued,
        Self::NoMark,
        Self::EncodedMark,
        Self::Apart,
    ];

    /// As people see it: `&amp;`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecondMark => "a second ?",
            Self::Entity => "&amp;",
            Self::EncodedAmpersand => "%26",
            Self::Semicolon => ";",
            Self::Glued => "nothing between two parameters",
            Self::NoMark => "& without ?",
            Self::EncodedMark => "%3F",
            Self::Apart => "a part of the response in the query",
        }
    }

    /// The one of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|joint| joint.name() == name)
    }
}

/// Whether these parameters are a response.
pub(super) fn is_response(params: &Params) -> bool {
    RESPONSES.iter().any(|name| params.contains(name))
}

/// The parameters of a query or a fragment; where mending a wrong joint brings more of a response to light, mended.
pub fn parse(encoded: &str) -> (Params, Option<Joint>) {
    let plain = Params::parse(encoded.as_bytes());
    let is_whole = is_response(&plain) && plain.contains("state");
    let known = |params: &Params| names().filter(|name| params.contains(name)).count();
    match mended(encoded, is_whole) {
        Some((text, joint)) => {
            let mended = Params::parse(text.as_bytes());
            if known(&mended) > known(&plain) { (mended, Some(joint)) } else { (plain, None) }
        }
        None => (plain, None),
    }
}

/// What of a path is the query that belongs behind it, when it begins with the path of the redirect URI.
pub fn in_path(path: &str, redirect: &str) -> Option<(String, Joint)> {
    let rest = path.strip_prefix(redirect)?;
    let marks = [("&", Joint::NoMark), ("%3F", Joint::EncodedMark), ("%3f", Joint::EncodedMark)];
    let (rest, joint) = marks.into_iter().find_map(|(mark, joint)| Some((rest.strip_prefix(mark)?, joint)))?;
    if rest.contains('=') {
        return Some((rest.to_owned(), joint));
    }
    // Encoded as a whole.
    let decoded = Params::parse(rest.as_bytes()).0.into_iter().next().map(|(text, _)| text);
    Some((decoded.unwrap_or_default(), joint))
}

/// What came behind the path, with what of it was taken for the path.
pub fn behind<'a>(glued: Option<&(String, Joint)>, query: &'a str) -> Cow<'a, str> {
    match glued {
        None => query.into(),
        Some((text, _)) => format!("{text}&{query}").into(),
    }
}

/// A path without what looks like parameters in it, which may be credentials.
pub fn bare(path: &str) -> Cow<'_, str> {
    let encoded = ["%3f", "%26", "%3d"].into_iter().filter_map(|mark| find_ignoring_case(path, mark));
    match path.find(['&', '=', ';']).into_iter().chain(encoded).min() {
        Some(at) => format!("{}…", &path[..at]).into(),
        None => path.into(),
    }
}

/// A redirect URI may have a query of its own, which the server keeps and which is no part of the response (RFC 6749
/// section 3.1.2).
pub fn without_own(redirect_uri: &Url, mut params: Params) -> Params {
    for pair in Params::parse(redirect_uri.query().unwrap_or_default().as_bytes()).0 {
        if let Some(at) = params.0.iter().position(|other| *other == pair) {
            params.0.remove(at);
        }
    }
    params
}

/// Whether a part of the response is in the query although the rest came in the fragment.
pub fn apart(redirect_uri: &Url, query: &str) -> Option<Joint> {
    let query = without_own(redirect_uri, Params::parse(query.as_bytes()));
    names().any(|name| query.contains(name)).then_some(Joint::Apart)
}

fn names() -> impl Iterator<Item = &'static str> {
    RESPONSES.into_iter().chain(BESIDE)
}

fn mended(encoded: &str, is_whole: bool) -> Option<(String, Joint)> {
    let mut joint = None;
    let mut text = Cow::from(encoded);
    if encoded.contains("&amp;") {
        text = encoded.replace("&amp;", "&").into();
        joint = Some(Joint::Entity);
    }
    // A value may hold any of these marks, so it is left alone where nothing is missing.
    if !is_whole {
        for (mark, of_mark) in [("?", Joint::SecondMark), ("%26", Joint::EncodedAmpersand), (";", Joint::Semicolon)] {
            if let Some(split) = split_at(mark, &text) {
                (text, joint) = (split.into(), Some(of_mark));
            }
        }
        if let Some(split) = joint.is_none().then(|| unglued(&text)).flatten() {
            (text, joint) = (split.into(), Some(Joint::Glued));
        }
    }
    joint.map(|joint| (text.into_owned(), joint))
}

/// With `&` in place of this mark wherever a parameter begins behind it; `None` where none does.
fn split_at(mark: &str, text: &str) -> Option<String> {
    let mut pieces = text.split(mark);
    let mut split = pieces.next().unwrap_or_default().to_owned();
    let mut is_found = false;
    for piece in pieces {
        let value = |name| {
            let rest = piece.strip_prefix(name)?;
            ["=", "%3D", "%3d"].into_iter().find_map(|equals| Some((name, rest.strip_prefix(equals)?)))
        };
        match names().find_map(value) {
            Some((name, value)) => {
                is_found = true;
                split.extend(["&", name, "=", value]);
            }
            None => split.extend([mark, piece]),
        }
    }
    is_found.then_some(split)
}

/// With `&` before each parameter that is glued to the value before it; `None` where none is. Padding of base64 is no
/// parameter.
fn unglued(text: &str) -> Option<String> {
    let glued_to = |pair: &str| {
        let value = pair.find('=')? + 1;
        let equals = pair[value..].match_indices('=').map(|(at, _)| value + at);
        let filled = equals.filter(|at| !matches!(pair.as_bytes().get(at + 1), None | Some(b'=')));
        let begins = filled.filter_map(|at| {
            let known = names().filter(|name| pair[value..at].len() > name.len() && pair[value..at].ends_with(name));
            Some(at - known.map(str::len).max()?)
        });
        Some(begins.collect::<Vec<_>>()).filter(|begins| !begins.is_empty())
    };
    let mut is_found = false;
    let mut pairs = Vec::new();
    for pair in text.split('&') {
        let begins = glued_to(pair).unwrap_or_default();
        is_found |= !begins.is_empty();
        let ends = begins.iter().copied().chain([pair.len()]);
        pairs.extend([0].into_iter().chain(begins.iter().copied()).zip(ends).map(|(from, to)| &pair[from..to]));
    }
    is_found.then(|| pairs.join("&"))
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameters_that_are_joined_wrongly_are_taken_apart_and_the_joint_is_named() {
        for (encoded, expected, joint) in [
            ("code=a&state=b", "code=a&state=b", None),
            ("tenant=x?code=a&state=b", "tenant=x&code=a&state=b", Some(Joint::SecondMark)),
            ("tenant=x?code=a?state=b", "tenant=x&code=a&state=b", Some(Joint::SecondMark)),
            ("?code=a&state=b", "&code=a&state=b", Some(Joint::SecondMark)),
            ("code=a&amp;state=b&amp;iss=c", "code=a&state=b&iss=c", Some(Joint::Entity)),
            ("code=a&state=b&amp;iss=c", "code=a&state=b&iss=c", Some(Joint::Entity)),
            ("tenant=x?code=a&amp;state=b", "tenant=x&code=a&state=b", Some(Joint::SecondMark)),
            ("code=a%26state=b", "code=a&state=b", Some(Joint::EncodedAmpersand)),
            ("code%3Da%26state%3Db", "code%3Da&state=b", Some(Joint::EncodedAmpersand)),
            ("code=a;state=b;iss=c", "code=a&state=b&iss=c", Some(Joint::Semicolon)),
            ("code=astate=b", "code=a&state=b", Some(Joint::Glued)),
            ("state=bcode=a", "state=b&code=a", Some(Joint::Glued)),
            ("code=astate=biss=c", "code=a&state=b&iss=c", Some(Joint::Glued)),
            ("error=access_deniedstate=b", "error=access_denied&state=b", Some(Joint::Glued)),
            ("code=asession_state=x&state=b", "code=asession_state=x&state=b", None),
            ("code=asession_state=xstate=b", "code=a&session_state=x&state=b", Some(Joint::Glued)),
            // Padding and names inside of a value are none of these, nor is a question mark.
            ("code=YWJjiss=", "code=YWJjiss=", None),
            ("code=YWJjiss==", "code=YWJjiss==", None),
            ("code=a;b%26c", "code=a;b%26c", None),
            ("code=a&state=/app;code=1%26iss=2", "code=a&state=/app;code=1%26iss=2", None),
            ("code=a&state=/app?iss=1", "code=a&state=/app?iss=1", None),
            (
                "error=access_denied&error_description=why?&state=b",
                "error=access_denied&error_description=why?&state=b",
                None,
            ),
            ("tenant=x?y=1", "tenant=x?y=1", None),
            ("a&amp;b", "a&amp;b", None),
        ] {
            assert_eq!(parse(encoded), (Params::parse(expected.as_bytes()), joint), "{encoded}");
        }
        for joint in Joint::ALL {
            assert_eq!(Joint::find(joint.name()), Some(joint));
        }
    }

    #[test]
    fn parameters_in_the_path_are_found_and_never_told() {
        for (path, expected) in [
            ("/cb&code=a&state=b", Some(("code=a&state=b", Joint::NoMark))),
            ("/cb%3Fcode=a&state=b", Some(("code=a&state=b", Joint::EncodedMark))),
            ("/cb%3fcode%3Da%26state%3Db", Some(("code=a&state=b", Joint::EncodedMark))),
            ("/cb/", None),
            ("/cbx&code=a", None),
            ("/other&code=a", None),
        ] {
            assert_eq!(in_path(path, "/cb"), expected.map(|(text, joint)| (text.to_owned(), joint)), "{path}");
        }
        for (path, told) in
            [("/cb", "/cb"), ("/cb&code=a", "/cb…"), ("/x%3Fcode=a", "/x…"), ("/x%3fcode%3Da", "/x…"), ("/;a", "/…")]
        {
            assert_eq!(bare(path), told);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[?&;=a-z%]{0,60}|\\PC{0,60}") {
            let _ = (parse(&text), in_path(&text, ""), bare(&text));
        }
    }
}
