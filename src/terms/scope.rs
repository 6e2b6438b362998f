//! Scope: space-separated, case-sensitive words without order (RFC 6749 section 3.3).

use std::collections::BTreeSet;

/// The words of a scope, in order.
pub fn words(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|word| !word.is_empty())
}

/// Whether the scope holds this word.
pub fn contains(scope: &str, word: &str) -> bool {
    words(scope).any(|w| w == word)
}

/// Whether both hold the same words, in any order.
pub fn same(one: &str, other: &str) -> bool {
    words(one).collect::<BTreeSet<_>>() == words(other).collect::<BTreeSet<_>>()
}

/// Words of `narrow` that `wide` does not hold.
pub fn beyond<'a>(narrow: &'a str, wide: &str) -> Vec<&'a str> {
    words(narrow).filter(|word| !contains(wide, word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter_but_case_does() {
        assert!(same("openid  email", "email openid openid"));
        assert!(!same("openid", "OpenID"));
        assert_eq!(beyond("a b c", "b"), ["a", "c"]);
    }
}
