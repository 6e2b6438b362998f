//! The preset file: what is read, what is refused, and that saving loses nothing.

use std::collections::BTreeMap;

use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::client::settings::{FIELDS, Kind, Settings, Slot};
use grantscope::preset::{self, Placeholder, Preset, PresetError, SecretRef};
use grantscope::terms::metadata::Endpoint;
use grantscope::terms::scope;
use proptest::prelude::*;

const SMALL: &str = r#"
version = 1
name = "Staging"
documentation = "https://wiki.example.com/login"
notes = ["Refresh tokens live for eight hours here."]

[placeholders.tenant]
label = "Tenant"
example = "acme"
hint = "The first label of the host name"

[placeholders.api]
label = "API"
default = ""

[server]
issuer = "https://{tenant}.login.example.com"
token_endpoint = "https://{tenant}.login.example.com/{other}"
registration_endpoint = "https://login.example.com/register"

[client]
client_id = "desktop-debugger"
client_secret = "env:STAGING_CLIENT_SECRET"
token_endpoint_auth_method = "client_secret_basic"
redirect_uri = "http://127.0.0.1:0/callback"

[request]
grant = "authorization_code"
scope = "openid profile"
max_age = 3_600
nonce = false
resource = ["https://a.example", "https://b.example"]
audience = "{api}"
login_hint = ""

[request.extra]
ui_hint = "compact"
acr = ["1", "2"]

[token_request]
omit = ["redirect_uri"]

[token_request.headers]
Origin = "https://{tenant}.example"
"#;

fn parse(text: &str) -> Preset {
    let (preset, warnings) = Preset::parse(text).expect("a preset");
    assert_eq!(warnings, [], "no unknown keys");
    preset
}

fn answers<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(id, answer)| (id.to_owned(), answer.to_owned())).collect()
}

#[test]
fn a_preset_becomes_settings() {
    let preset = parse(SMALL);
    let ids: Vec<&str> = preset.placeholders.iter().map(|placeholder| placeholder.id.as_str()).collect();
    assert_eq!(ids, ["tenant", "api"], "the order of the file");
    let asked = |reference: &SecretRef| {
        assert_eq!(*reference, SecretRef::Env("STAGING_CLIENT_SECRET".to_owned()));
        Secret::new("from the environment")
    };
    let settings = preset.settings(&answers([("tenant", " acme{api} ")]), asked).expect("all answered");
    assert_eq!(settings.server.issuer, "https://acme{api}.login.example.com", "one pass only");
    assert_eq!(
        settings.endpoint(Endpoint::Token, None),
        Some("https://acme{api}.login.example.com/{other}"),
        "other braces stay"
    );
    assert_eq!(settings.client.client_secret.expose(), "from the environment");
    assert_eq!(settings.request.max_age, "3600");
    assert_eq!(settings.request.resource, "https://a.example https://b.example");
    assert_eq!(settings.request.audience, "");
    assert!(!settings.request.nonce && settings.request.state);
    assert_eq!(settings.request.code_challenge_method, "S256");
    assert_eq!(settings.request.extra.encode(), "ui_hint=compact&acr=1&acr=2");
    assert_eq!(settings.token_request.omit, "redirect_uri");
    assert_eq!(settings.token_request.headers.get("Origin"), Some("https://acme{api}.example"));
}

#[test]
fn what_is_not_answered_is_named() {
    let unanswered = parse(SMALL).settings(&answers([("tenant", " ")]), |_| Secret::default()).expect_err("a tenant");
    assert_eq!(unanswered.to_string(), "these values are needed first: tenant");
}

#[test]
fn unknown_keys_are_warned_about_with_their_line() {
    let text = "version = 1\nname = \"x\"\ncolour = \"red\"\n\n[request]\nscopes = \"openid\"\n\n[sever]\nissuer = \"\"\n\n[placeholders.a]\nlabl = \"A\"\n";
    let (_, warnings) = Preset::parse(text).expect("a preset");
    let shown: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "line 3: the key colour is not known and was ignored",
            "line 6: the key request.scopes is not known and was ignored; did you mean request.scope?",
            "line 8: the key sever is not known and was ignored; did you mean server?",
            "line 12: the key placeholders.a.labl is not known and was ignored; did you mean placeholders.a.label?",
        ]
    );
}

/// A misspelt file of expectations or a suite is no preset that would empty the settings.
#[test]
fn what_holds_nothing_of_a_preset_is_none() {
    for (text, line, key) in [
        ("version = 1\noutcom = \"success\"\n", 2, "outcom"),
        ("version = 1\nname = \"Logins\"\n[[run]]\nname = \"a\"\n", 3, "run"),
    ] {
        let error = Preset::parse(text).expect_err(text);
        let says =
            format!("line {line}: {key} is no key of a preset, and nothing that a preset holds stands beside it");
        assert_eq!(error.to_string(), says);
    }
    for text in [
        "version = 1\nname = \"x\"\n",
        "version = 1\nx = 1\n[request]\nscope = \"openid\"\n",
        "version = 1\n[request]\nscopes = \"openid\"\n",
    ] {
        assert!(Preset::parse(text).is_ok(), "{text}");
    }
}

/// Tens of thousands of keys, which none of them may make the others wait for.
#[test]
fn however_many_keys_are_unknown_each_has_its_line() {
    const MANY: usize = 20_000;
    let keys = |name: &str| (0..MANY).map(|at| format!("{name}{at} = 1\n")).collect::<String>();
    let parameters = keys("p").replace("= 1", "= \"1\"");
    let text = format!("version = 1\n{}[request.extra]\n{parameters}[client]\n{}", keys("a"), keys("b"));
    let (preset, warnings) = Preset::parse(&text).expect("a preset");
    assert_eq!((warnings.len(), preset.template.request.extra.0.len()), (2 * MANY, MANY));
    assert_eq!(preset.template.request.extra.0[MANY - 1].0, format!("p{}", MANY - 1), "in the order of the file");
    let last = warnings.last().map(ToString::to_string).unwrap_or_default();
    let line = 1 + MANY + 1 + MANY + 1 + MANY;
    assert_eq!(last, format!("line {line}: the key client.b{} is not known and was ignored", MANY - 1));
}

#[test]
fn errors_name_their_place() {
    for (text, says) in [
        ("version = 1\nname = ", "line 2, column 8: not TOML"),
        ("version = 1\nname = \"a\"\nname = \"b\"", "line 3, column 1: not TOML"),
        ("name = \"x\"", "version is missing"),
        ("version = \"1\"", "line 1, column 11: version has to be a whole number, not string"),
        ("version = 2", "line 1, column 11: this preset has version 2, and this program knows version 1"),
        ("version = 99999999999999999999", "this preset has version"),
        ("version = 0", "there is no preset version 0"),
        ("version = 1\nname = 7", "line 2, column 8: name has to be a string, not integer"),
        ("version = 1\n[request]\nstate = \"no\"", "line 3, column 9: request.state has to be true or false"),
        ("version = 1\nserver = 1", "line 2, column 10: server has to be a table, not integer"),
        ("version = 1\n[request]\nomit = \"a\"", "request.omit has to be an array of strings, not string"),
        ("version = 1\n[request.extra]\na = [1]", "line 3, column 6: request.extra.a has to be"),
        ("version = 1\n[token_request.headers]\na = [\"1\"]", "token_request.headers.a has to be a string, not array"),
        ("version = 1\n[client]\nclient_secret = {}", "client.client_secret has to be \"ask\""),
        ("version = 1\n[client]\nclient_secret = 7", "client.client_secret has to be \"ask\""),
    ] {
        let error = Preset::parse(text).expect_err(text).to_string();
        assert!(error.contains(says), "{text:?} says {error}");
    }
    let large = format!("version = 1 #{}", "x".repeat(1024 * 1024));
    assert_eq!(Preset::parse(&large), Err(PresetError::TooLarge));
}

#[test]
fn a_plain_secret_is_refused_without_showing_it() {
    for pasted in ["planted-sentinel", "env:planted-sentinel", "env:", "ASK"] {
        let text = format!("version = 1\n[client]\nclient_secret = \"{pasted}\"");
        let error = Preset::parse(&text).expect_err("refused");
        assert!(matches!(error, PresetError::PlainSecret(..)), "{pasted}");
        assert!(error.to_string().starts_with("line 3, column 17: client.client_secret"));
        assert!(!format!("{error} {error:?}").contains("sentinel"));
    }
}

#[test]
fn a_secret_is_written_plain_only_by_name() {
    let mut settings = Settings::default();
    settings.client.client_secret = Secret::new("planted-sentinel");
    for (reference, line) in [
        (SecretRef::Absent, None),
        (SecretRef::Ask, Some("client_secret = \"ask\"")),
        (SecretRef::Env("NAME".to_owned()), Some("client_secret = \"env:NAME\"")),
    ] {
        let text = Preset::from_settings("x", &settings, reference, None).to_toml();
        assert!(!text.contains("sentinel"), "{text}");
        assert!(line.is_none_or(|line| text.contains(line)), "{text}");
    }
    let plain = SecretRef::Plain(Secret::new("planted-sentinel"));
    let preset = Preset::from_settings("x", &settings, plain, None);
    assert!(preset.to_toml().contains("client_secret = { plain = \"planted-sentinel\" }"));
    assert!(!format!("{preset:?}").contains("sentinel"));
}

#[test]
fn what_saving_writes_is_pleasant_to_read() {
    let preset = parse(SMALL);
    let settings = preset.settings(&answers([("tenant", "acme")]), |_| Secret::default()).expect("settings");
    let saved = Preset::from_settings("Mine", &settings, preset.client_secret.clone(), Some(&preset));
    assert_eq!(
        saved.to_toml(),
        r#"version = 1
name = "Mine"
documentation = "https://wiki.example.com/login"
notes = [
  "Refresh tokens live for eight hours here.",
]

[server]
issuer = "https://acme.login.example.com"
token_endpoint = "https://acme.login.example.com/{other}"
registration_endpoint = "https://login.example.com/register"

[client]
client_id = "desktop-debugger"
client_secret = "env:STAGING_CLIENT_SECRET"
token_endpoint_auth_method = "client_secret_basic"
redirect_uri = "http://127.0.0.1:0/callback"

[request]
grant = "authorization_code"
scope = "openid profile"
nonce = false
max_age = 3600
resource = ["https://a.example", "https://b.example"]

[request.extra]
ui_hint = "compact"
acr = ["1", "2"]

[token_request]
omit = ["redirect_uri"]

[token_request.headers]
Origin = "https://acme.example"
"#
    );
}

#[test]
fn shipped_presets_are_sound_and_in_order() {
    let mut names = Vec::new();
    for (slug, text) in preset::built_in() {
        let preset = parse(text);
        assert_eq!(parse(&preset.to_toml()), preset, "{slug}");
        let is_practice = *slug == preset::PRACTICE;
        let doubts: Vec<String> = preset.lint();
        assert_eq!(doubts.len(), usize::from(is_practice), "{slug}: {doubts:?}");
        names.push((!is_practice, preset.name.to_lowercase()));
    }
    assert!(names.is_sorted(), "{names:?}");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/presets");
    let files = std::fs::read_dir(folder).expect("the folder").filter_map(Result::ok);
    let count = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "toml")).count();
    assert_eq!(count, names.len(), "every file is built in");
}

#[test]
fn the_practice_preset_needs_nothing() {
    let text = preset::find(preset::PRACTICE).expect("built in");
    let settings = parse(text).settings(&BTreeMap::new(), |_| unreachable!("it is in the file")).expect("settings");
    assert_eq!(settings.client.client_secret.expose(), "practice-secret");
}

#[test]
fn doubts_are_told() {
    for (text, doubt) in [
        ("", "name is missing"),
        ("[server]\ndiscovery = false", "this is needed: authorization_endpoint, token_endpoint"),
        ("[server]\ndiscovery = false\n[request]\ngrant = \"device_code\"", "device_authorization_endpoint, token"),
        ("[server]\ndiscovery = false\n[request]\ngrant = \"implicit\"", "is needed: authorization_endpoint"),
        ("[request]\ngrant = \"hybrid\"", "redirect_uri is missing"),
        (
            "[server]\nissuer = \"login.example\"",
            "server.issuer: it has no scheme; with one it is https://login.example",
        ),
        ("[client]\nclient_secret = { plain = \"a\" }", "whoever reads the file"),
        ("[client]\ntoken_endpoint_auth_method = \"basic\"", "not a registered method"),
        ("[client]\ntoken_endpoint_auth_method = \"none\"\nclient_secret = \"ask\"", "sends no client_secret"),
        ("[client]\ntoken_endpoint_auth_method = \"client_secret_post\"", "needs a client_secret"),
        ("[request]\ngrant = \"magic\"", "cannot be run"),
        ("[request]\ncode_challenge_method = \"sha\"", "none of S256, plain and off"),
        ("[request]\nmax_age = \"soon\"", "whole number of seconds"),
        ("[client]\nclient_assertion_lifetime = \"soon\"", "client_assertion_lifetime has to be a whole number"),
        ("[request]\nprompt = \"sing\"", "request.prompt: sing is none of none, login,"),
        ("[request]\nprompt = \"login none\"", "none stands alone"),
        ("[client]\nbackchannel_token_delivery_mode = \"stream\"", "stream is none of poll, ping and push"),
        (
            "[server]\ntoken_endpoint = \"http://login.example/token\"",
            "server.token_endpoint is http on another machine",
        ),
        ("[server]\nissuer = \"http://10.0.0.1\"", "server.issuer is http on another machine"),
        ("[server]\nissuer = \"http://0.0.0.0:9400\"", "server.issuer: 0.0.0.0 is every address"),
        ("[client]\nredirect_uri = \"http://0.0.0.0:0/callback\"", "client.redirect_uri: 0.0.0.0 is every address"),
        ("[token_request.headers]\nhost = \"other.example\"", "token_request.headers.host: the URL says the host"),
        ("[request.api_headers]\nA = \"b\\r\\nC: d\"", "request.api_headers.A: a header field has no line break"),
        ("[request.api_headers]\n\"A B\" = \"c\"", "request.api_headers.A B: a header field has no blank and no colon"),
        ("[token_request.headers]\n\"A:\" = \"c\"", "token_request.headers.A:: a header field has no blank"),
        ("[client]\nid_token_signed_response_alg = \"RS257\"", "RS257 is not known; did you mean RS256?"),
        ("[client]\ntoken_endpoint_auth_method = \"client_secret_pots\"", "did you mean client_secret_post?"),
        ("[client]\nid_token_encrypted_response_enc = \"A128GMC\"", "did you mean A128GCM?"),
        ("[request]\napi_method = \"PSOT\"", "request.api_method: PSOT is not known; did you mean POST?"),
        ("[request]\nuserinfo_method = \"post\"", "request.userinfo_method: post is not known; did you mean POST?"),
        ("[request]\nresponse_mode = \"form_pots\"", "did you mean form_post?"),
        ("[request]\nclaims = \"{x\"", "request.claims: not JSON: key must be a string at line 1 column 2"),
        ("[request]\nauthorization_details = \"{}\"", "authorization_details: must be an array, and is an object"),
        ("[request]\nassertion_claims = \"null\"", "request.assertion_claims: must be an object, and is null"),
        ("[client]\nclient_metadata = \"[]\"", "client.client_metadata: must be an object, and is an array"),
        ("[request]\nuserinfo_method = \"PUT\"", "request.userinfo_method: PUT is none of GET, POST and POST header"),
        ("[request]\ngrant = \"authorisation_code\"", "cannot be run; did you mean authorization_code?"),
        ("[request]\ngrant = \"clientCredentials\"", "did you mean client_credentials?"),
        ("[request]\nscope = \"openid,profile, email\"", "request.scope: a comma is part of a word"),
        ("[request]\nscope = \"openid,profile, email\"", "write openid profile email, unless"),
        ("[token_request]\nomit = [\"scope,client_id\"]", "token_request.omit: a comma"),
        ("[client]\nredirect_uri = \"https://app.example/cb#top\"", "section 3.1.2); write https://app.example/cb"),
        ("[request.api_headers]\ncontent-length = \"5\"", "request.api_headers.content-length: what sends the request"),
        ("[token_request.headers]\nTransfer-Encoding = \"chunked\"", "leave it out"),
        ("[request]\napi_url = \"https://a.example/b/../c d#e\"", "request.api_url is sent as https://a.example/c%20d"),
        ("[placeholders.a]\nlabel = \"A\"", "used nowhere"),
    ] {
        let doubts = parse(&format!("version = 1\n{text}")).lint();
        assert!(doubts.iter().any(|found| found.contains(doubt)), "{text:?}: {doubts:?}");
    }
}

/// What its grant has no use of is not missing, and a slip is asked about once.
#[test]
fn no_doubt_is_one_too_many() {
    let sound = "name = \"Mine\"\n[server]\nissuer = \"https://as.example\"\n";
    let machine = format!("{sound}[request]\ngrant = \"client_credentials\"\n");
    let typed = "name = \"Mine\"\n[server]\ndiscovery = false\ntoken_endpoint = \"https://as.example/token\"\n";
    let secret = "[client]\ntoken_endpoint_auth_method = \"client_secret_post\"\n";
    for (text, count) in [
        (machine.clone(), 0),
        (format!("{sound}[request]\ngrant = \"device_code\"\n"), 0),
        (format!("{typed}[request]\ngrant = \"client_credentials\"\n"), 0),
        (format!("{machine}{secret}"), 1),
        (format!("{machine}{secret}dynamic_client_registration = true\n"), 0),
        (format!("{machine}code_challenge_method = \"s256\"\n"), 1),
        (format!("{machine}response_mode = \"form_pots\"\n"), 1),
        (format!("{machine}assertion_claims = '{{\"a\": 1}}'\nauthorization_details = '[]'\n"), 0),
        (format!("{machine}[client]\ntoken_endpoint_auth_method = \"client_secret_pots\"\n"), 1),
        (format!("{machine}prompt = \"logni\"\n"), 1),
        (format!("{machine}userinfo_method = \"post\"\nscope = \"a b\"\nclaims = \"{{}}\"\n"), 1),
        (format!("{machine}userinfo_method = \"POST header\"\nauthorization_details = \"[]\"\n"), 0),
        (format!("{machine}[request.api_headers]\nContent-Type = \"text/plain\"\n"), 0),
        (format!("{machine}[client]\nbackchannel_token_delivery_mode = \"pull\"\n"), 1),
    ] {
        let doubts = parse(&format!("version = 1\n{text}")).lint();
        assert_eq!(doubts.len(), count, "{text}: {doubts:?}");
    }
}

#[test]
fn what_is_registered_or_quite_another_is_no_slip() {
    for text in [
        "[client]\ntoken_endpoint_auth_signing_alg = \"RS512\"",
        "[client]\nid_token_signed_response_alg = \"ES256K\"",
        "[request]\napi_method = \"PROPFIND\"",
        "[request]\nsubject_token_type = \"urn:example:token\"",
    ] {
        let doubts = parse(&format!("version = 1\n{text}")).lint();
        assert!(!doubts.iter().any(|doubt| doubt.contains("did you mean")), "{text:?}: {doubts:?}");
    }
}

fn params() -> impl Strategy<Value = Params> {
    proptest::collection::vec(("[a-z]{0,2}|.{1,6}", any::<String>()), 0..5).prop_map(Params)
}

prop_compose! {
    fn settings()(
        texts in proptest::collection::vec(any::<String>(), FIELDS.len()),
        switches in proptest::collection::vec(any::<bool>(), FIELDS.len()),
        urls in proptest::collection::vec(any::<String>(), Endpoint::ALL.len()),
        params in [params(), params(), params()],
    ) -> Settings {
        let mut settings = Settings::default();
        for ((field, text), switch) in FIELDS.iter().zip(texts).zip(switches) {
            match (field.slot)(&mut settings) {
                // Blanks around words mean nothing, so a list does not keep them.
                Slot::Text(slot) if matches!(field.kind, Kind::Words(_)) => {
                    *slot = scope::words(&text).collect::<Vec<_>>().join(" ");
                }
                Slot::Text(slot) => *slot = text,
                Slot::Secret(secret) => *secret = text.into(),
                Slot::Switch(slot) => *slot = switch,
            }
        }
        settings.server.endpoints = Endpoint::ALL.into_iter().zip(urls).collect();
        let [extra, headers, token_extra] = params;
        settings.request.extra = extra;
        settings.token_request.headers = headers;
        settings.token_request.extra = token_extra;
        settings
    }
}

fn secret_ref() -> impl Strategy<Value = SecretRef> {
    prop_oneof![
        Just(SecretRef::Absent),
        Just(SecretRef::Ask),
        "[A-Z_0-9]{1,9}".prop_map(SecretRef::Env),
        any::<String>().prop_map(|plain| SecretRef::Plain(plain.into())),
    ]
}

prop_compose! {
    fn placeholder()(
        id in any::<String>(), label in ".+", example in any::<String>(), hint in any::<String>(),
        default in any::<Option<String>>(),
    ) -> Placeholder {
        Placeholder { id, label, example, hint, default }
    }
}

proptest! {
    #[test]
    fn saving_and_reading_gives_the_same_preset(
        settings in settings(),
        secret in secret_ref(),
        texts in any::<[String; 3]>(),
        notes in proptest::collection::vec(any::<String>(), 0..3),
        placeholders in proptest::collection::vec(placeholder(), 0..3),
    ) {
        let mut preset = Preset::from_settings(&texts[0], &settings, secret, None);
        preset.documentation.clone_from(&texts[1]);
        preset.grant.clone_from(&texts[2]);
        preset.notes = notes;
        for placeholder in placeholders {
            if preset.placeholders.iter().all(|other| other.id != placeholder.id) {
                preset.placeholders.push(placeholder);
            }
        }
        let text = preset.to_toml();
        prop_assert_eq!(Preset::parse(&text), Ok((preset, Vec::new())), "{}", text);
    }

    #[test]
    fn no_text_panics(text in any::<String>(), cut in any::<prop::sample::Index>(), flip in any::<(prop::sample::Index, u8)>()) {
        let _ = Preset::parse(&text);
        let mut bytes = SMALL.as_bytes().to_vec();
        let at = flip.0.index(bytes.len());
        bytes[at] ^= flip.1;
        bytes.truncate(cut.index(bytes.len()));
        let _ = Preset::parse(&String::from_utf8_lossy(&bytes)).map(|(preset, _)| preset.lint());
    }
}
