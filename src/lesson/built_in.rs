//! The lessons and courses that are part of the program.

macro_rules! file {
    ($folder:literal $name:literal $ending:literal) => {
        ($name, include_str!(concat!("../../assets/lessons", $folder, $name, $ending)))
    };
}

/// Each lesson stands here once and is told in every language: the same runs in other words.
macro_rules! lessons {
    ($($name:literal),* $(,)?) => {
        static ENGLISH: &[(&str, &str)] = &[$(file!("/" $name ".md")),*];
        static GERMAN: &[(&str, &str)] = &[$(file!("/de/" $name ".md")),*];
    };
}

lessons![
    "happy_path",
    "stolen_code",
    "login_csrf",
    "injected_code",
    "code_replay",
    "refresh_rotation",
    "alg_none",
    "algorithm_confusion",
    "other_audience",
    "mix_up",
    "redirect_uri",
    "implicit",
    "device_phishing",
    "client_authentication",
    "token_exchange",
    "least_privilege",
    "id_token_at_api",
    "stolen_token",
    "dead_registration",
    "logout",
    "pushed_request",
    "signed_request",
    "signed_response",
    "granted_details",
    "step_up",
    "demanded_login",
    "way_in",
    "client_document",
    "id_jag",
    "workload",
    "encrypted_id_token",
    "claims_of_others",
    "pushed_tokens",
    "high_security",
];

static COURSES: &[(&str, &str)] = &[
    file!("/" "first_day" ".toml"),
    file!("/" "attacks_on_the_code" ".toml"),
    file!("/" "tokens_and_apis" ".toml"),
    file!("/" "the_protected_stack" ".toml"),
];

/// All lessons as name and text, in the order in which they are offered.
pub fn built_in() -> &'static [(&'static str, &'static str)] {
    ENGLISH
}

/// The lessons in the language of this tag (BCP 47), as name and text; none where they are not told in it.
pub fn in_language(tag: &str) -> &'static [(&'static str, &'static str)] {
    if tag == "de" { GERMAN } else { &[] }
}

/// All courses as name and text.
pub fn courses() -> &'static [(&'static str, &'static str)] {
    COURSES
}

/// The text of the lesson of this name.
pub fn find(name: &str) -> Option<&'static str> {
    ENGLISH.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
