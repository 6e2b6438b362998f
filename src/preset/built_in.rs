//! The presets that are part of the program.

/// The preset that talks to the practice server inside this program.
pub const PRACTICE: &str = "practice";

macro_rules! presets {
    ($($slug:literal),+ $(,)?) => {
        &[$(($slug, include_str!(concat!("../../presets/", $slug, ".toml")))),+]
    };
}

static BUILT_IN: &[(&str, &str)] = presets![
    "practice",
    "amazon-cognito",
    "auth0",
    "authentik",
    "discord",
    "duende-demo",
    "github",
    "gitlab",
    "google",
    "keycloak",
    "microsoft-entra-id",
    "okta",
    "pingone",
    "spotify",
    "zitadel",
];

/// All of them as slug and text: the practice server first, then by name.
pub fn built_in() -> &'static [(&'static str, &'static str)] {
    BUILT_IN
}

/// The text of the preset with this slug.
pub fn find(slug: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(name, _)| *name == slug).map(|(_, text)| *text)
}
