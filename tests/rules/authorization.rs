//! The authorization request, the settings behind it, and the authorization response (RFC 6749 section 4.1, RFC 9207).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::client::endpoint::authorization::{self, Arrived, AuthorizationRequest, Drawn, Expected};
use grantscope::client::settings::Settings;
use grantscope::client::support;
use grantscope::flow::joint::Joint;
use grantscope::terms::metadata::ServerMetadata;
use grantscope::terms::response::ResponseMode;
use url::Url;

use super::{Entry, ISSUER, OTHER, RANDOM, entries_of};

const REDIRECT: &str = "http://127.0.0.1:8912/callback";

pub fn entries() -> Vec<Entry> {
    request_entries().into_iter().chain(response_entries()).collect()
}

pub fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// A confidential client that does everything right.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    for (name, value) in [
        ("client_id", "web"),
        ("client_secret", RANDOM),
        ("redirect_uri", "http://127.0.0.1:0/callback"),
        ("scope", "openid"),
        ("prompt", "login"),
        ("max_age", "300"),
    ] {
        settings.set(name, value).expect("a setting");
    }
    settings
}

/// The authorization request of these settings, its parameters edited, held against its rules.
fn request(edit: fn(&mut Settings, &mut Params)) -> Vec<Check> {
    let mut settings = settings();
    let drawn = Drawn { state: RANDOM.to_owned(), nonce: OTHER.to_owned(), code_verifier: RANDOM.into() };
    let mut sent = authorization::request(url("https://as.example/authorize"), &settings, REDIRECT, &drawn);
    let mut params = sent.query();
    edit(&mut settings, &mut params);
    sent.url.set_query(Some(&params.encode()));
    let request = AuthorizationRequest::in_url(&sent.url);
    let metadata = metadata(r#"{"prompt_values_supported":["none","login"]}"#);
    let mut checks = authorization::lint(&request, &sent.url, &settings);
    checks.push(support::prompt(&request.params, Some(&metadata)));
    checks.extend(support::response_mode(&request.params, Some(&metadata)));
    checks
}

fn metadata(json: &str) -> ServerMetadata {
    ServerMetadata { json: Json::parse_text(json).expect("JSON") }
}

/// What a server demands that takes one kind of request alone.
fn demanded(params: &str) -> Vec<Check> {
    let metadata = metadata(r#"{"require_pushed_authorization_requests":true,"require_signed_request_object":true}"#);
    support::demanded(&Params::parse(params.as_bytes()), Some(&metadata), None).to_vec()
}

/// A request object is signed, or is none for a server that takes no other.
fn signed_entry(plain: Vec<Check>) -> Entry {
    let says = "require_signed_request_object: true, and no request or request_uri";
    let signed = demanded("client_id=a&request=eyJhbGciOiJIUzI1NiJ9.e30.c2ln");
    let mut signed = Entry::kept("authorization_request.signed", signed).broken(Fail, says, plain);
    for (request, fault) in [
        ("not-a-jwt", "a request that is no JWT"),
        ("eyJhbGciOiJub25lIn0.e30.", "alg none"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.", "signature is empty"),
    ] {
        signed = signed.broken(Fail, fault, demanded(&format!("client_id=a&request={request}")));
    }
    signed
}

type Edit = fn(&mut Settings, &mut Params);

/// What protects a login, one for the other.
fn protection_entries() -> Vec<Entry> {
    let rows: [(&str, Verdict, &str, Edit); 10] = [
        ("authorization_request.entropy", Fail, "state: at most 27 bits", |_, sent| {
            sent.set("state", "12345678");
            ["nonce", "code_challenge"].into_iter().for_each(|name| sent.remove(name));
        }),
        ("authorization_request.entropy", Fail, "state: at most 27 bits", |_, sent| {
            sent.set("state", "12345678");
            sent.set("code_challenge_method", "plain");
            sent.set("scope", "email");
        }),
        // PKCE or nonce protects against forged responses as well.
        ("authorization_request.entropy", Warn, "state: at most 27 bits", |_, sent| sent.set("state", "12345678")),
        ("authorization_request.entropy", Warn, "state: at most 27 bits", |_, sent| {
            sent.set("state", "12345678");
            sent.remove("code_challenge");
        }),
        ("authorization_request.entropy", Warn, "nonce: at most 27 bits", |_, sent| sent.set("nonce", "12345678")),
        ("authorization_request.entropy", Fail, "nonce: at most 27 bits", |_, sent| {
            sent.set("nonce", "12345678");
            sent.set("response_type", "code id_token");
        }),
        ("authorization_request.entropy", Note, "nonce: at most 92 bits", |_, sent| {
            sent.set("nonce", "1b3d5f7a9c0e2468ace1357");
        }),
        ("settings.pkce_confidential", Warn, "absent", |_, sent| {
            ["nonce", "code_challenge"].into_iter().for_each(|name| sent.remove(name));
        }),
        ("settings.pkce_confidential", Note, "nonce takes its place", |_, sent| sent.remove("code_challenge")),
        ("settings.pkce_confidential", Warn, "absent", |_, sent| {
            sent.remove("code_challenge");
            sent.set("scope", "email");
        }),
    ];
    entries_of(&rows, || request(|_, _| {}), request)
}

fn request_entries() -> Vec<Entry> {
    let rows: [(&str, Verdict, &str, Edit); 18] = [
        ("authorization_request.required", Fail, "without client_id", |_, sent| sent.remove("client_id")),
        ("authorization_request.required", Fail, "without response_type", |_, sent| sent.set("response_type", "")),
        ("authorization_request.state", Fail, "none of them", |_, sent| {
            ["state", "nonce", "code_challenge"].into_iter().for_each(|name| sent.remove(name));
        }),
        ("authorization_request.openid", Note, "email", |_, sent| sent.set("scope", "email")),
        ("authorization_request.nonce", Note, "nonce absent", |_, sent| sent.remove("nonce")),
        ("settings.implicit", Warn, "id_token token", |_, sent| sent.set("response_type", "id_token token")),
        ("authorization_request.duplicates", Fail, "scope", |_, sent| sent.push("scope", "email")),
        ("authorization_request.prompt", Fail, "none login", |_, sent| sent.set("prompt", "none login")),
        ("authorization_request.max_age", Fail, "abc", |_, sent| sent.set("max_age", "abc")),
        ("authorization_request.prompt_supported", Warn, "foo", |_, sent| sent.set("prompt", "login foo")),
        ("authorization_request.secret", Fail, "present", |_, sent| sent.push("client_secret", "x")),
        ("authorization_request.length", Note, "characters", |_, sent| sent.push("claims", "x".repeat(2000))),
        ("settings.pkce_method", Warn, "plain", |_, sent| sent.set("code_challenge_method", "plain")),
        ("settings.pkce_method", Warn, "absent, which", |_, sent| sent.remove("code_challenge_method")),
        ("settings.redirect_https", Fail, "http://app.example", |_, sent| {
            sent.set("redirect_uri", "http://app.example/callback");
        }),
        ("settings.redirect_literal", Warn, "localhost", |_, sent| sent.set("redirect_uri", "http://localhost:8912/")),
        ("settings.redirect_fragment", Fail, "a fragment", |_, sent| {
            sent.set("redirect_uri", "https://app.example/#x");
        }),
        ("settings.redirect_port", Note, "always 8912", |settings, _| {
            REDIRECT.clone_into(&mut settings.client.redirect_uri);
        }),
    ];
    let mut entries = entries_of(&rows, || request(|_, _| {}), request);
    entries.extend(protection_entries());
    let no_secret: Edit = |settings, _| settings.client.client_secret = Secret::default();
    entries.push(Entry::kept("settings.pkce_public", request(no_secret)).broken(
        Fail,
        "code_challenge absent",
        request(|settings, sent| {
            settings.client.client_secret = Secret::default();
            sent.remove("code_challenge");
        }),
    ));
    entries.push(
        Entry::kept(
            "authorization_request.nonce_required",
            request(|_, sent| sent.set("response_type", "code id_token")),
        )
        .broken(
            Fail,
            "nonce absent",
            request(|_, sent| {
                sent.set("response_type", "code id_token");
                sent.remove("nonce");
            }),
        ),
    );
    entries.push(
        Entry::kept("authorization_request.mode_supported", request(|_, sent| sent.set("response_mode", "fragment")))
            .broken(Note, "form_post", request(|_, sent| sent.set("response_mode", "form_post"))),
    );
    let (plain, pushed) = (|| demanded("client_id=a&scope=openid"), || demanded("client_id=a&request_uri=urn:a"));
    let says = "require_pushed_authorization_requests: true, and no request_uri";
    entries.push(Entry::kept("authorization_request.pushed", pushed()).broken(Fail, says, plain()));
    entries.push(signed_entry(plain()));
    assert_eq!(demanded("request_uri=")[0].verdict, Fail, "an empty one is none");
    entries.push(
        Entry::kept(
            "settings.redirect_scheme",
            request(|_, sent| sent.set("redirect_uri", "com.example.app:/callback")),
        )
        .broken(Fail, "myapp", request(|_, sent| sent.set("redirect_uri", "myapp:/callback"))),
    );
    entries
}

/// An authorization response on its way back.
struct Back {
    params: Params,
    mode: ResponseMode,
    redirect_uri: String,
    joint: Option<Joint>,
    asked_mode: &'static str,
    asked_type: &'static str,
    is_announced: bool,
    asked_user: Option<bool>,
}

fn response(edit: fn(&mut Back)) -> Vec<Check> {
    let params: Params = [("code", OTHER), ("state", RANDOM), ("iss", ISSUER)].into_iter().collect();
    let (mode, redirect_uri) = (ResponseMode::Query, REDIRECT.to_owned());
    let mut back = Back {
        params,
        mode,
        redirect_uri,
        joint: None,
        asked_mode: "",
        asked_type: "code",
        is_announced: true,
        asked_user: None,
    };
    edit(&mut back);
    let mut sent: Params =
        [("prompt", "none"), ("response_type", back.asked_type), ("state", RANDOM), ("redirect_uri", REDIRECT)]
            .into_iter()
            .collect();
    if !back.asked_mode.is_empty() {
        sent.set("response_mode", back.asked_mode);
    }
    let sent = AuthorizationRequest { params: sent, ..AuthorizationRequest::default() };
    let arrived = Arrived {
        is_jwt: false,
        params: &back.params,
        outer: &back.params,
        response_mode: back.mode,
        redirect_uri: &back.redirect_uri,
        joint: back.joint.map(Joint::name),
        is_apart: false,
        asked_user: back.asked_user,
    };
    let expected = Expected {
        sent: &sent,
        issuer: Some(ISSUER),
        iss_announced: Some(back.is_announced),
        mode_listed: back.is_announced,
    };
    authorization::accept(arrived, expected).checks
}

fn response_entries() -> Vec<Entry> {
    type Edit = fn(&mut Back);
    let rows: [(&str, Verdict, &str, Edit); 23] = [
        ("authorization_response.state", Fail, OTHER, |back| back.params.set("state", OTHER)),
        ("authorization_response.state", Fail, "no state", |back| back.params.remove("state")),
        ("authorization_response.state", Fail, "no state", |back| back.params.set("state", "")),
        ("authorization_response.iss", Fail, "https://evil.example", |back| {
            back.params.set("iss", "https://evil.example");
        }),
        ("authorization_response.iss", Fail, "https://as.example/", |back| {
            back.params.set("iss", "https://as.example/");
        }),
        ("authorization_response.iss", Fail, "no iss", |back| back.params.remove("iss")),
        ("authorization_response.iss", Note, "do not announce", |back| back.is_announced = false),
        ("authorization_response.error", Warn, "an empty error", |back| back.params.push("error", "")),
        ("authorization_response.error", Fail, "both", |back| back.params.push("error", "access_denied")),
        ("authorization_response.error", Fail, "neither", |back| back.params.remove("code")),
        ("authorization_response.error", Warn, "oh_no", |back| {
            back.params.remove("code");
            back.params.push("error", "oh_no");
        }),
        ("authorization_response.duplicates", Fail, "code", |back| back.params.push("code", RANDOM)),
        ("authorization_response.joined", Fail, "a second ?", |back| back.joint = Some(Joint::SecondMark)),
        ("authorization_response.joined", Fail, "&amp;", |back| back.joint = Some(Joint::Entity)),
        ("authorization_response.token_in_query", Fail, "access_token", |back| back.params.push("access_token", OTHER)),
        ("authorization_response.parts", Fail, "without code", |back| back.params.remove("code")),
        ("authorization_response.parts", Fail, "without code", |back| {
            back.params.remove("code");
            back.params.push("code", "");
        }),
        ("authorization_response.mode", Fail, "fragment", |back| back.mode = ResponseMode::Fragment),
        ("authorization_response.mode", Warn, "does not name form_post", |back| {
            (back.asked_mode, back.is_announced) = ("form_post", false);
        }),
        ("authorization_response.mode", Fail, "plain parameters by query", |back| back.asked_mode = "web_message"),
        ("authorization_response.mode", Fail, "plain parameters by fragment", |back| {
            (back.asked_mode, back.mode) = ("web_message", ResponseMode::Fragment);
        }),
        ("authorization_response.entropy", Fail, "bits", |back| back.params.set("code", "000042")),
        ("authorization_response.code", Fail, "another one at 43", |back| {
            back.params.set("code", "SplxlOBeZQQYbYS6WxSbIA8G1mfjX3hQ2uN7wEYWUDV\n");
        }),
    ];
    let mut entries = entries_of(&rows, || response(|_| {}), response);
    entries.extend(answers());
    entries
}

/// What one change of a good response does not show.
fn answers() -> Vec<Entry> {
    type Edit = fn(&mut Back);
    let mut entries = Vec::new();
    entries.push(Entry::kept("authorization_response.redirect_uri", response(|_| {})).broken(
        Fail,
        "http://127.0.0.1:8913/callback",
        response(|back| back.redirect_uri = "http://127.0.0.1:8913/callback".to_owned()),
    ));
    entries.push(
        Entry::kept("authorization_response.prompt_none", response(|back| back.asked_user = Some(false))).broken(
            Fail,
            "a page",
            response(|back| back.asked_user = Some(true)),
        ),
    );
    let asking_none = |name: &str| {
        let ask: Edit = match name {
            "code" => |back| back.asked_type = "none",
            "id_token" => |back| {
                back.params.remove("code");
                back.params.push("id_token", OTHER);
                back.asked_type = "none";
            },
            _ => |back| {
                back.params.remove("code");
                back.asked_type = "none";
            },
        };
        response(ask)
    };
    entries.push(
        Entry::kept("authorization_response.nothing", asking_none(""))
            .broken(Fail, "code", asking_none("code"))
            .broken(Fail, "id_token", asking_none("id_token")),
    );
    let with_token: Edit = |back| {
        back.params.push("access_token", OTHER);
        back.params.push("token_type", "bearer");
    };
    entries.push(Entry::kept("authorization_response.token_type", response(with_token)).broken(
        Fail,
        "absent",
        response(|back| back.params.push("access_token", OTHER)),
    ));
    entries
}
