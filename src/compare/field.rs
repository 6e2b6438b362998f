//! What is in header fields: most are one value; addresses and cookies are taken apart.

use super::item::Item;
use super::nature::{Nature, is_of_agent, of_field};
use crate::base::http::Headers;
use crate::base::params::Params;

/// All of them, in order; names in lower case.
pub(super) fn of_headers(headers: &Headers) -> Vec<Item> {
    headers.iter().flat_map(|(name, value)| of(&name.to_ascii_lowercase(), value)).collect()
}

fn of(name: &str, value: &str) -> Vec<Item> {
    match name {
        "authorization" => vec![credentials(value)],
        "location" => address(name, value),
        "cookie" => value.split(';').map(|pair| cookie(name, pair, Vec::new())).collect(),
        "set-cookie" => vec![set_cookie(name, value)],
        _ if is_of_agent(name) => vec![Item { nature: Nature::Random, is_mild: true, ..Item::text(name, value) }],
        // That one has none says something of the program alone.
        "accept" => vec![Item { is_mild: true, ..Item::text(name, value) }],
        _ => vec![Item { nature: of_field(name), ..Item::text(name, value) }],
    }
}

/// A token differs in each run, a client's name and secret do not.
fn credentials(value: &str) -> Item {
    let scheme = value.split(' ').next().unwrap_or_default();
    let known = ["Bearer", "DPoP", "Basic"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
    let nature = if matches!(known, Some("Bearer" | "DPoP")) { Nature::Random } else { Nature::Fixed };
    Item { nature, form: known, ..Item::text("authorization", value) }
}

/// An address and its parameters, each by its own name.
fn address(name: &str, value: &str) -> Vec<Item> {
    let (rest, fragment) = value.split_once('#').unwrap_or((value, ""));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let params = [query, fragment].into_iter().flat_map(|part| Params::parse(part.as_bytes()).0);
    let param = |(param, value): (String, String)| {
        let item = Item::member(&param, value);
        Item { name: format!("{name} {param}"), ..item }
    };
    std::iter::once(Item::text(name, place)).chain(params.map(param)).collect()
}

/// A cookie that is set, with its attributes but for the time at which it ends (RFC 6265 section 4.1.2).
fn set_cookie(name: &str, value: &str) -> Item {
    let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
    let is_time = |attribute: &&str| attribute.to_ascii_lowercase().starts_with("expires=");
    cookie(name, pair, attributes.split(';').map(str::trim).filter(|it| !it.is_empty() && !is_time(it)).collect())
}

/// A cookie by its name: what it holds is another value in each run, and says something only when it is empty.
fn cookie(field: &str, pair: &str, attributes: Vec<&str>) -> Item {
    let (name, value) = pair.trim().split_once('=').unwrap_or((pair.trim(), ""));
    let held = if value.is_empty() { "empty" } else { "set" };
    Item::text(&format!("{field} {name}"), [vec![held], attributes].concat().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_cookies_are_taken_apart() {
        let told = |name: &str, value: &str| {
            let items = of(name, value);
            items.iter().map(|item| format!("{}={}", item.name, item.value)).collect::<Vec<_>>().join(" | ")
        };
        for (name, value, expected) in [
            ("location", "/cb?code=c&state=s#x=1", "location=/cb | location code=c | location state=s | location x=1"),
            ("location", "/", "location=/"),
            ("cookie", "a=1; b=", "cookie a=set | cookie b=empty"),
            (
                "set-cookie",
                "a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure",
                "set-cookie a=set; Path=/; Secure",
            ),
            ("set-cookie", "a=; Max-Age=0", "set-cookie a=empty; Max-Age=0"),
        ] {
            assert_eq!(told(name, value), expected);
        }
        assert_eq!(of("location", "/cb?state=s")[1].nature, Nature::Random);
        assert_eq!((credentials("bearer x").form, credentials("Basic x").nature), (Some("Bearer"), Nature::Fixed));
    }
}
