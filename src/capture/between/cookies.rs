//! Cookies of a provider on another host, and without TLS (RFC 6265 section 4.1, draft-ietf-httpbis-rfc6265bis).
//!
//! Cookies do not keep ports apart, so those of the app on this machine come here as well. They do not go on: a cookie is
//! sent to the provider only when the provider set it through here.

use std::collections::VecDeque;

/// What the name of a cookie here begins with, where its own would not do or may be that of another cookie.
const PREFIX: &str = "between-";

/// Names that a browser takes with `Secure` alone.
const SECURE_NAMES: [&str; 2] = ["__host-", "__secure-"];

/// So many names are remembered.
const NAMES: usize = 256;

/// Names under which cookies were set here as the provider names them.
#[derive(Clone, Debug, Default)]
pub(super) struct Cookies {
    known: VecDeque<String>,
}

impl Cookies {
    /// A `Set-Cookie` field for here: host and TLS are not the provider's.
    pub(super) fn set(&mut self, field: &str) -> String {
        let mut parts = field.split(';');
        let pair = parts.next().unwrap_or_default().trim();
        let attributes: Vec<&str> = parts.map(str::trim).filter(|it| !it.is_empty()).collect();
        let name = pair.split('=').next().unwrap_or_default().trim();
        let is_script_blind = attributes.iter().any(|it| it.eq_ignore_ascii_case("httponly"));
        let is_secure_name = SECURE_NAMES.iter().any(|it| starts_with(name, it));
        let mut told = vec![match is_script_blind || is_secure_name {
            true => format!("{PREFIX}{pair}"),
            // A script looks for it by its name.
            false => {
                self.remember(name);
                pair.to_owned()
            }
        }];
        told.extend(attributes.into_iter().filter_map(attribute));
        told.join("; ")
    }

    /// A `Cookie` field for the provider: its own cookies by their own names. `None` where none is its own.
    pub(super) fn sent(&self, field: &str) -> Option<String> {
        let own = field.split(';').map(str::trim).filter_map(|pair| match pair.strip_prefix(PREFIX) {
            Some(own) => Some(own),
            None => self.known.iter().any(|known| pair.split('=').next() == Some(known)).then_some(pair),
        });
        let own = own.collect::<Vec<_>>().join("; ");
        (!own.is_empty()).then_some(own)
    }

    fn remember(&mut self, name: &str) {
        if !self.known.iter().any(|known| known == name) {
            if self.known.len() >= NAMES {
                self.known.pop_front();
            }
            self.known.push_back(name.to_owned());
        }
    }
}

/// An attribute as it holds here; nothing for one that does not.
fn attribute(attribute: &str) -> Option<String> {
    let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
    match name.trim().to_ascii_lowercase().as_str() {
        "domain" | "secure" | "partitioned" => None,
        // Without Secure it would not be kept.
        "samesite" if value.trim().eq_ignore_ascii_case("none") => Some("SameSite=Lax".to_owned()),
        _ => Some(attribute.to_owned()),
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_kept_here_and_goes_back_as_it_was() {
        let cases = [
            ("a=1", "a=1", "a=1"),
            ("a=1; Domain=idp.example; Path=/x; Secure", "a=1; Path=/x", "a=1"),
            ("a=1; SameSite=None; Secure; Partitioned", "a=1; SameSite=Lax", "a=1"),
            ("a=1; SameSite=Strict; Max-Age=60", "a=1; SameSite=Strict; Max-Age=60", "a=1"),
            ("sid=1; HttpOnly", "between-sid=1; HttpOnly", "sid=1"),
            ("__Host-sid=a=b; Path=/; Secure; HttpOnly", "between-__Host-sid=a=b; Path=/; HttpOnly", "__Host-sid=a=b"),
            ("__secure-x=1; Secure", "between-__secure-x=1", "__secure-x=1"),
        ];
        for (came, here, back) in cases {
            let mut cookies = Cookies::default();
            let set = cookies.set(came);
            assert_eq!(set, here, "{came}");
            let pair = set.split(';').next().expect("a pair");
            assert_eq!(cookies.sent(&format!("app=secret; {pair}")).as_deref(), Some(back), "{came}");
        }
    }

    #[test]
    fn cookies_of_the_app_do_not_go_to_the_provider() {
        assert_eq!(Cookies::default().sent("session=secret; other=1"), None);
    }
}
