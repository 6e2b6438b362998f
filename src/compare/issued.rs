//! What a registration issues (RFC 7591 section 3.2.1): the client's name and its credentials are other ones in each run
//! that registers its own client, wherever they stand.

use std::borrow::Cow;

use crate::base::json::Json;
use crate::export::redact::Redactor;
use crate::flow::Flow;
use crate::flow::trace::Exchange;

/// The members that a server draws.
const DRAWN: [&str; 4] = ["registration_client_uri", "registration_access_token", "client_secret", "client_id"];

/// Shorter values may be any word.
const SHORTEST: usize = 6;

/// So many registrations of a run are looked at.
const REGISTRATIONS: usize = 8;

/// Values that were issued to the client of a run, each with the member that it came in, as they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issued(Vec<(&'static str, String)>);

impl Issued {
    /// What the registrations of a run have brought.
    pub fn of(flow: &Flow, hide: &Redactor) -> Self {
        let registrations = flow.trace.exchanges.iter().filter(|exchange| exchange.stage.is_of_registration());
        let mut values: Vec<_> = registrations.take(REGISTRATIONS).flat_map(|exchange| drawn(exchange, hide)).collect();
        // What holds another is looked for first.
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        values.dedup();
        Self(values)
    }

    /// The text with the name of the member in the place of each.
    pub fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let named = |text: Cow<'t, str>, (name, value): &(&str, String)| match replaced(&text, value, name) {
            Some(named) => Cow::Owned(named),
            None => text,
        };
        self.0.iter().fold(Cow::Borrowed(text), named)
    }
}

fn drawn(exchange: &Exchange, hide: &Redactor) -> Vec<(&'static str, String)> {
    let Some(response) = exchange.response().filter(|response| response.is_success()) else { return Vec::new() };
    let Ok(json) = Json::parse(&response.body) else { return Vec::new() };
    let json = hide.json(&json);
    let value = |name: &&'static str| Some((*name, json.text(name)?.to_owned()));
    DRAWN.iter().filter_map(value).filter(|(_, value)| value.len() >= SHORTEST).collect()
}

/// With `*name*` in each place where the value stands as a whole; nothing where it stands in none.
fn replaced(text: &str, value: &str, name: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let is_whole = |at: usize| !text[..at].ends_with(is_part) && !text[at + value.len()..].starts_with(is_part);
    let (mut out, mut done) = (String::new(), 0);
    for (at, _) in text.match_indices(value).filter(|(at, _)| is_whole(*at)) {
        out += &text[done..at];
        out += &format!("*{name}*");
        done = at + value.len();
    }
    (done > 0).then(|| out + &text[done..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_out_where_it_stands_as_a_whole() {
        let issued = Issued(vec![
            ("registration_client_uri", "https://op.example/clients/abcdef".to_owned()),
            ("client_id", "abcdef".to_owned()),
        ]);
        assert_eq!(issued.without("https://op.example/clients/abcdef"), "*registration_client_uri*");
        assert_eq!(issued.without("[\"abcdef\",\"api\"]"), "[\"*client_id*\",\"api\"]");
        assert_eq!(issued.without("abcdefg x-abcdef"), "abcdefg x-abcdef");
        assert_eq!(Issued::default().without("abcdef"), "abcdef");
    }
}
