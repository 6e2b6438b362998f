//! A key that nobody knows, in words that name the one that may be meant.

use crate::base::text::meant;

/// What the TOML library says: of an unknown key it lists every known one, where one alone may be meant.
pub(super) fn worded(message: &str) -> String {
    let told = || {
        let (told, known) = message.split_once(", expected one of ")?;
        let unknown = told.strip_prefix("unknown field `")?.strip_suffix('`')?;
        let known = known.split('`').skip(1).step_by(2);
        Some(format!("{told}; did you mean `{}`?", meant(known, unknown)?))
    };
    told().unwrap_or_else(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::worded;

    #[test]
    fn the_key_that_may_be_meant_is_named_alone() {
        for (message, told) in [
            ("unknown field `prot`, expected one of `a`, `port`", "unknown field `prot`; did you mean `port`?"),
            (
                "unknown field `clientId`, expected one of `client_id`",
                "unknown field `clientId`; did you mean `client_id`?",
            ),
            ("unknown field `x`, expected one of `a`, `port`", "unknown field `x`, expected one of `a`, `port`"),
            ("invalid type: string", "invalid type: string"),
        ] {
            assert_eq!(worded(message), told);
        }
    }
}
