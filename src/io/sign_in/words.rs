//! What the names and labels of a form mean.

/// How buttons and choices say no.
pub const REFUSALS: [&str; 10] =
    ["abort", "cancel", "decline", "deny", "disagree", "false", "never", "no", "refuse", "reject"];
/// How buttons say yes.
pub const CONSENTS: [&str; 12] = [
    "accept",
    "agree",
    "allow",
    "approve",
    "authorise",
    "authorize",
    "confirm",
    "consent",
    "continue",
    "grant",
    "ok",
    "yes",
];

/// How pages say that what was typed is wrong.
pub const COMPLAINTS: [&str; 12] = [
    "denied",
    "disabled",
    "error",
    "failed",
    "incorrect",
    "invalid",
    "locked",
    "mismatch",
    "refused",
    "rejected",
    "unknown",
    "wrong",
];

/// Whether one of these is a word of the label.
pub fn reads_like(label: &str, words: &[&str]) -> bool {
    let label = label.to_ascii_lowercase();
    words_of(&label).any(|word| words.contains(&word))
}

/// What codes are called that a device or a message brings.
const ONE_TIME: [&str; 8] = ["2fa", "mfa", "otp", "otc", "pin", "tfa", "totp", "token"];

/// Whether a field is for a code that the user gets elsewhere: `one-time-code` of HTML, and what such fields are called.
pub fn is_code(name: &str, autocomplete: &str) -> bool {
    let name = name.to_ascii_lowercase();
    autocomplete.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("one-time-code"))
        || reads_like(&name, &ONE_TIME)
        || ["code", "otp"].iter().any(|end| name.ends_with(end)) && !["postcode", "zipcode"].contains(&name.as_str())
}

/// How labels call such a code.
const CALLED: [&str; 6] =
    ["authentication code", "authenticator", "one time", "one-time", "security code", "verification code"];

/// Whether a label is that of such a field.
pub fn is_called_code(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    CALLED.iter().any(|words| label.contains(words))
}

fn words_of(label: &str) -> impl Iterator<Item = &str> {
    label.split(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_its_purpose_and_by_its_name() {
        for (name, autocomplete, expected) in [
            ("x", "one-time-code", true),
            ("x", "section-a one-time-code", true),
            ("otp", "", true),
            ("otp_attempt", "", true),
            ("totpCode", "", true),
            ("verificationCode", "", true),
            ("user_code", "", true),
            ("mfa-token", "", true),
            ("username", "username", false),
            ("login", "", false),
            ("email", "", false),
            ("opinion", "", false),
            ("postcode", "postal-code", false),
        ] {
            assert_eq!(is_code(name, autocomplete), expected, "{name}");
        }
    }
}
