//! Response types and modes (OAuth 2.0 Multiple Response Types, Form Post Response Mode).

/// How the authorization response travels back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// In the query of the redirect URI. The default of `response_type=code`.
    Query,
    /// In the fragment of the redirect URI. The default of every type that returns a token.
    Fragment,
    /// As a form that the browser posts to the redirect URI.
    FormPost,
}

impl ResponseMode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The registered name: `form_post`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of this registered name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// How a response travels in the mode of this name, plain or as one JWT: `jwt` is the default of the response type
    /// (JARM section 2.3).
    pub fn travelling(name: &str, response_type: &str) -> Option<Self> {
        match name {
            "jwt" => Some(Self::default_for(response_type)),
            name => Self::find(name.strip_suffix(".jwt").unwrap_or(name)),
        }
    }

    /// The mode a server uses when the request names none (OAuth Response Types section 2.1).
    pub fn default_for(response_type: &str) -> Self {
        let returns_token = response_type.split(' ').any(|part| part == "token" || part == "id_token");
        if returns_token { Self::Fragment } else { Self::Query }
    }
}

/// Every mode of a response as one JWT (JARM section 2.3).
pub const JWT_MODES: [&str; 4] = ["query.jwt", "fragment.jwt", "form_post.jwt", "jwt"];

/// Whether a response in the mode of this name is one JWT.
pub fn is_jwt_mode(name: &str) -> bool {
    JWT_MODES.contains(&name)
}

/// Whether this response type returns `part`: `has("code id_token", "code")`.
pub fn has(response_type: &str, part: &str) -> bool {
    response_type.split(' ').any(|word| word == part)
}
