//! The services that a token is asked for, and those that it is for (RFC 8707).

use url::Url;

use super::short;
use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::client::rules::target as rule;
use crate::jose::jwt::decode;

/// Holds what a request names to the form of a resource (RFC 8707 section 2); nothing is said where it names none.
pub fn lint(sent: &Params) -> Option<Check> {
    let named: Vec<&str> = sent.all("resource").collect();
    if named.is_empty() {
        return None;
    }
    let all = || short(&named.join(" "));
    let wrong = named.iter().find_map(|resource| Some((resource, fault(resource)?)));
    Some(match wrong {
        Some((resource, why)) => {
            rule::FORM.broken("absolute URIs without a fragment", format!("{}: {why}", short(resource)))
        }
        None if named.iter().any(|resource| resource.contains('?')) => {
            rule::FORM.note(format!("{}: a query should be left out where it is of no use", all()))
        }
        None => rule::FORM.pass(all()),
    })
}

/// What is wrong with a resource as such (RFC 3986 section 4.3).
fn fault(resource: &str) -> Option<&'static str> {
    let is_of_uri = |letter: char| letter.is_ascii_graphic();
    match resource {
        "" => Some("it is empty"),
        _ if resource.contains('#') => Some("it has a fragment"),
        _ if !resource.chars().all(is_of_uri) => Some("it has characters that no URI has"),
        _ if Url::parse(resource).is_err() => Some("it is no absolute URI"),
        _ => None,
    }
}

/// Holds the token request against the request that the user has agreed to: what goes beyond it may be refused, and
/// without any the server chooses (RFC 8707 section 2.2).
pub fn both(agreed: &Params, sent: &Params) -> Option<Check> {
    let [agreed, sent] = [agreed, sent].map(|params| params.all("resource").collect::<Vec<_>>());
    let beyond: Vec<&str> = sent.iter().copied().filter(|resource| !agreed.contains(resource)).collect();
    let here = || short(&sent.join(" "));
    match (agreed.is_empty(), sent.is_empty()) {
        (true, true) => None,
        (true, false) => {
            Some(rule::BOTH.broken("the resources of the request before", format!("{}, and none before", here())))
        }
        (false, true) => Some(rule::BOTH.broken(short(&agreed.join(" ")), "none in the token request")),
        (false, false) => Some(rule::BOTH.holds(beyond.is_empty(), short(&agreed.join(" ")), here())),
    }
}

/// How the audience of a token fits a resource that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is for something else.
    Other,
    /// It is a name of the server's own, which may mean the resource.
    Named,
    /// It is a more general URI.
    General,
    /// It is the same place in another spelling, which whoever compares texts takes for another.
    Spelt,
    /// It is the resource.
    Same,
}

/// A server may take the resource as it is, a more general URI, or a name of its own for it (RFC 8707 section 2).
fn fit(resource: &str, aud: &str, client_id: &str) -> Fit {
    if resource == aud {
        return Fit::Same;
    }
    match (Url::parse(resource), Url::parse(aud)) {
        (Ok(resource), Ok(aud)) if is_same_place(&resource, &aud) => Fit::Spelt,
        (Ok(resource), Ok(aud)) if is_under(&resource, &aud) => Fit::General,
        (_, Err(_)) if aud != client_id && !aud.is_empty() => Fit::Named,
        _ => Fit::Other,
    }
}

/// Whether two URLs differ in nothing but a last slash and what their normal forms make alike, such as the case of the host
/// (RFC 3986 section 6.2.2).
fn is_same_place(resource: &Url, aud: &Url) -> bool {
    let bare = |url: &Url| {
        let mut bare = url.clone();
        bare.set_path(url.path().trim_end_matches('/'));
        bare
    };
    bare(resource) == bare(aud)
}

/// Whether one lies at the other or below it.
fn is_under(resource: &Url, general: &Url) -> bool {
    let place = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
    let path = general.path().trim_end_matches('/');
    let rest = resource.path().strip_prefix(path);
    general.host().is_some()
        && place(resource) == place(general)
        && rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

/// Holds an access token to being for the resources that were asked for; nothing is said where none was.
pub fn of_token(asked: &[String], access_token: &str, client_id: &str) -> Option<Check> {
    let token = decode(access_token);
    let is_readable = token.claims.is_some();
    (!asked.is_empty()).then(|| match token.claim("aud") {
        Some(aud) => audience(asked, &aud.strings(), client_id),
        None if is_readable => rule::RESTRICTED.broken(short(&asked.join(" ")), "a token without aud"),
        None => rule::RESTRICTED.skipped("not judged: the token cannot be looked into; introspection may say its aud"),
    })
}

/// The same by what introspection says of the token (RFC 7662 section 2.2).
pub fn of_introspection(asked: &[String], said: &Json, client_id: &str) -> Option<Check> {
    let is_active = said.get("active").and_then(Json::as_bool) == Some(true);
    (!asked.is_empty() && is_active).then(|| match said.get("aud") {
        Some(aud) => audience(asked, &aud.strings(), client_id),
        None => rule::RESTRICTED.skipped("not judged: introspection says no aud"),
    })
}

fn audience(asked: &[String], said: &[&str], client_id: &str) -> Check {
    let best = |resource: &String| said.iter().map(|aud| fit(resource, aud, client_id)).max().unwrap_or(Fit::Other);
    let fits: Vec<Fit> = asked.iter().map(best).collect();
    let lacking: Vec<&str> =
        asked.iter().zip(&fits).filter(|(_, fit)| **fit == Fit::Other).map(|(resource, _)| resource.as_str()).collect();
    let (aud, all) = (short(&said.join(" ")), short(&asked.join(" ")));
    if !lacking.is_empty() {
        let aud = if said.is_empty() { "an aud that names nobody".to_owned() } else { format!("aud {aud}") };
        return rule::RESTRICTED.broken(all, format!("{aud}, without {}", short(&lacking.join(" "))));
    }
    let beside: Vec<&str> = said.iter().copied().filter(|aud| !asked.iter().any(|it| it == aud)).collect();
    match fits.iter().min() {
        Some(Fit::Named) => rule::RESTRICTED.note(format!("aud {aud}: a name of the server's own, for {all}")),
        Some(Fit::General) => rule::RESTRICTED.note(format!("aud {aud}: more general than {all}")),
        Some(Fit::Spelt) => rule::RESTRICTED.note(format!(
            "aud {aud}: another spelling of {all}; an API that compares them as texts refuses this token"
        )),
        _ if !beside.is_empty() => rule::RESTRICTED.note(format!("{all}, and beside it {}", short(&beside.join(" ")))),
        _ => rule::RESTRICTED.pass(format!("aud {aud}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_may_be_the_resource_more_general_or_a_name() {
        for (aud, fits) in [
            ("https://api.example/x", Fit::Same),
            ("https://api.example", Fit::General),
            ("https://api.example/", Fit::General),
            ("https://api.example/x/", Fit::Spelt),
            ("https://API.example/x", Fit::Spelt),
            ("https://api.example:443/x", Fit::Spelt),
            ("https://api.example/X", Fit::Other),
            ("https://api.example/xy", Fit::Other),
            ("https://api.example/x/y", Fit::Other),
            ("http://api.example/x", Fit::Other),
            ("https://other.example", Fit::Other),
            ("orders", Fit::Named),
            ("web", Fit::Other),
            ("", Fit::Other),
        ] {
            assert_eq!(fit("https://api.example/x", aud, "web"), fits, "{aud}");
        }
    }
}
