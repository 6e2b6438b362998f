//! Which ways for a client to authenticate the words of a server name, by their registered names or as people call them.

use crate::terms::client_auth::ClientAuthMethod;

/// How servers call `client_secret_basic` (RFC 6749 section 2.3.1).
const BASIC: [&str; 6] = ["http basic", "http-basic", "basic auth", "via basic", "basic scheme", "basic header"];

/// How servers say no to something.
pub(super) const REFUSES: [&str; 5] = ["not allowed", "not supported", "not permitted", "unsupported", "not enabled"];

/// Whether these words, in lower case, name a method.
pub(super) fn is_named(said: &str) -> bool {
    !by_name(said).is_empty() || says(said, &BASIC)
}

/// The methods that these words, in lower case, name: of a client that authenticates by `used`. Another one that is called
/// Basic and refused is no advice.
pub(super) fn named(said: &str, used: Option<&str>) -> Vec<&'static str> {
    let mut named = by_name(said);
    let basic = ClientAuthMethod::ClientSecretBasic.name();
    let is_meant = says(said, &BASIC) && (used == Some(basic) || !says(said, &REFUSES));
    let is_wanted =
        is_meant && (used == Some(basic) && says(said, &REFUSES) || says(said, &["must", "only", "requir"]));
    if is_wanted && !named.contains(&basic) {
        named.push(basic);
    }
    named
}

fn by_name(said: &str) -> Vec<&'static str> {
    let names = ClientAuthMethod::ALL.into_iter().map(ClientAuthMethod::name);
    names.filter(|name| *name != "none" && said.contains(name)).collect()
}

fn says(said: &str, words: &[&str]) -> bool {
    words.iter().any(|word| said.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_known_by_what_people_call_it() {
        let (basic, post) = ("client_secret_basic", "client_secret_post");
        for (said, used, expected) in [
            ("client must use http basic", post, vec![basic]),
            ("only http basic is taken", post, vec![basic]),
            ("authentication via basic not allowed, use client_secret_post", basic, vec![post, basic]),
            ("http basic is not allowed", post, vec![]),
            ("http basic credentials are wrong", post, vec![]),
            ("http basic credentials are wrong", basic, vec![]),
            ("use private_key_jwt", post, vec!["private_key_jwt"]),
        ] {
            assert_eq!(named(said, Some(used)), expected, "{said} by {used}");
        }
        assert!(is_named("authentication via basic not allowed") && !is_named("this grant is not allowed"));
    }
}
