//! Which header fields are credentials.

/// What a header field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderKind {
    /// A scheme, then credentials.
    Credentials,
    /// The whole value.
    Secret,
    /// Nothing secret by its name.
    Other,
}

impl HeaderKind {
    pub fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let sounds_secret = ["cookie", "token", "secret", "api-key", "apikey", "password", "dpop", "assertion"];
        match name.as_str() {
            "authorization" | "proxy-authorization" => Self::Credentials,
            "dpop-nonce" => Self::Other,
            name if sounds_secret.iter().any(|part| name.contains(part)) => Self::Secret,
            _ => Self::Other,
        }
    }
}
