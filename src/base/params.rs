//! Ordered name-value pairs of `application/x-www-form-urlencoded`, duplicates kept.

use std::collections::HashMap;

use url::form_urlencoded;

/// Parameters of a query, a fragment or a form body, in the order they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes `a=1&b=2`. Never fails: bytes that are not UTF-8 become U+FFFD.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Encodes as `a=1&b=2` (RFC 6749 appendix B).
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// Appends a pair, also when the name is there already.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Replaces the first value of `name` and drops its duplicates; appends when absent.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let Some(at) = self.0.iter().position(|(n, _)| n == name) else {
            return self.push(name, value);
        };
        self.0[at].1 = value.into();
        let mut index = 0;
        self.0.retain(|(n, _)| {
            index += 1;
            n != name || index - 1 <= at
        });
    }

    /// Drops every pair of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// All values of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Whether there is a pair of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names that occur more than once, each named once (forbidden by RFC 6749 section 3.1).
    pub fn repeated(&self) -> Vec<&str> {
        let mut times: HashMap<&str, usize> = HashMap::new();
        let mut repeated = Vec::new();
        for (name, _) in self.iter() {
            let times = times.entry(name).or_default();
            *times += 1;
            if *times == 2 {
                repeated.push(name);
            }
        }
        repeated
    }

    /// Pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_round_trips_what_servers_trip_over() {
        let params: Params = [("scope", "a b"), ("q", "+&=%"), ("q", "ü"), ("empty", "")].into_iter().collect();
        assert_eq!(Params::parse(params.encode().as_bytes()), params);
        assert_eq!(params.repeated(), ["q"]);
    }

    #[test]
    fn names_that_are_repeated_are_told_once_in_the_order_of_their_second() {
        let params: Params = ["a", "b", "b", "c", "a", "b"].map(|name| (name, "")).into_iter().collect();
        assert_eq!(params.repeated(), ["b", "a"]);
        // Hundreds of thousands, as a hostile query has them.
        let many: Params = (0..300_000).map(|number| (format!("p{}", number % 150_000), "")).collect();
        assert_eq!(many.repeated().len(), 150_000);
    }

    #[test]
    fn set_leaves_one_value_in_its_old_place() {
        let mut params: Params = [("a", "1"), ("b", "2"), ("a", "3")].into_iter().collect();
        params.set("a", "4");
        assert_eq!(params.encode(), "a=4&b=2");
    }
}
