//! A server that enforces a profile: a run with the settings that the profile proposes passes there, and what it does not
//! take is refused with a sentence that says where that is demanded.

use grantscope::base::check::Verdict;
use grantscope::base::http::HttpRequest;
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::demo;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Flow, Next, ProblemKind};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::SigningKey;
use grantscope::practice::{Config, Outcome, Practice};
use grantscope::profile::{Profile, judge, proposals};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow};

fn config(profile: Profile) -> Config {
    Config { profile: Some(profile), ..Config::practice(ISSUER.parse().expect("a URL")) }
}

/// A run with what the profile proposes, and then one thing changed.
fn proposed(profile: Profile, grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    flow(grant, |settings| {
        for (name, value) in proposals(profile, settings) {
            settings.set(name, &value).expect("a setting");
        }
        demo::choose_client(settings, grant);
        demo::fill(settings, grant, "alice", None);
        change(settings);
    })
}

#[test]
fn what_a_profile_proposes_passes_where_it_is_enforced() {
    for profile in Profile::ALL {
        let grant = if profile == Profile::Mcp { Grant::Mcp } else { Grant::AuthorizationCode };
        let mut pair = Pair::with(config(profile));
        let mut flow = proposed(profile, grant, |_| {});
        if grant == Grant::AuthorizationCode {
            flow.append(Stage::Refresh);
        }
        assert_eq!(pair.run(&mut flow), Next::Finished, "{profile:?}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{profile:?}");
        let standing = judge(profile, &flow);
        assert_eq!(standing.passes(Verdict::Fail), Some(true), "{profile:?}: {:?}", standing.broken);
        assert_eq!(proposals(profile, &flow.settings), [], "{profile:?}");
    }
}

/// What will do stays as it is, so that a client with a certificate is not made to take a key.
#[test]
fn what_will_do_is_not_proposed_to_be_changed() {
    let mut settings = Settings::default();
    for (name, value) in [
        ("token_endpoint_auth_method", "tls_client_auth"),
        ("request_object_signing_alg", "PS256"),
        ("response_mode", "form_post.jwt"),
    ] {
        settings.set(name, value).expect("a setting");
    }
    let names: Vec<_> = proposals(Profile::Fapi2MessageSigning, &settings).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["require_pushed_authorization_requests"]);
    // A client with a key may have its tokens bound to a certificate all the same.
    settings.set("token_endpoint_auth_method", "private_key_jwt").expect("a setting");
    settings.set("tls_client_certificate_bound_access_tokens", "true").expect("a setting");
    let wanted = proposals(Profile::Fapi2MessageSigning, &settings);
    assert!(wanted.iter().all(|(name, _)| *name != "dpop_bound_access_tokens"), "{wanted:?}");
}

type Change = fn(&mut Settings);

/// One row a demand: the profile, a run that does not meet it, the error and what is said of it.
const REFUSED: [(Profile, Grant, Change, &str, &str); 15] = [
    (
        Profile::Fapi2,
        Grant::AuthorizationCode,
        |settings| "http://127.0.0.1:0/another".clone_into(&mut settings.client.redirect_uri),
        "invalid_request",
        "redirect_uri has to be one that is registered",
    ),
    (
        Profile::OAuth21,
        Grant::Password,
        |_| {},
        "unsupported_grant_type",
        "the password grant is not offered (OAuth 2.1",
    ),
    (
        Profile::OAuth21,
        Grant::Implicit,
        |_| {},
        "unsupported_response_type",
        "no access token may come through the browser",
    ),
    (Profile::Fapi2, Grant::Hybrid, |_| {}, "unsupported_response_type", "response_type has to be code (FAPI 2.0"),
    (
        Profile::OAuth21,
        Grant::AuthorizationCode,
        |settings| {
            settings.request.code_challenge_method.clear();
            settings.request.nonce = false;
        },
        "invalid_request",
        "PKCE, or a nonce of a confidential client",
    ),
    (
        Profile::Fapi2,
        Grant::AuthorizationCode,
        |settings| settings.request.code_challenge_method.clear(),
        "invalid_request",
        "PKCE has to be used (FAPI 2.0",
    ),
    (
        Profile::Mcp,
        Grant::Mcp,
        |settings| "plain".clone_into(&mut settings.request.code_challenge_method),
        "invalid_request",
        "code_challenge_method has to be S256",
    ),
    (
        Profile::Fapi2,
        Grant::AuthorizationCode,
        |settings| settings.protection.require_pushed_authorization_requests = false,
        "invalid_request",
        "has to use pushed authorization requests",
    ),
    (
        Profile::Fapi2MessageSigning,
        Grant::AuthorizationCode,
        |settings| settings.protection.request_object_signing_alg.clear(),
        "invalid_request",
        "has to send a signed request object",
    ),
    (
        Profile::Fapi2MessageSigning,
        Grant::AuthorizationCode,
        |settings| settings.request.response_mode.clear(),
        "invalid_request",
        "response_mode has to be one with jwt",
    ),
    (
        Profile::Fapi2,
        Grant::AuthorizationCode,
        |settings| {
            "client_secret_basic".clone_into(&mut settings.client.token_endpoint_auth_method);
            demo::choose_client(settings, Grant::AuthorizationCode);
        },
        "invalid_client",
        "private_key_jwt or mutual TLS (FAPI 2.0",
    ),
    (
        Profile::Browser,
        Grant::AuthorizationCode,
        |settings| {
            "client_secret_basic".clone_into(&mut settings.client.token_endpoint_auth_method);
            demo::choose_client(settings, Grant::AuthorizationCode);
        },
        "invalid_client",
        "without a secret (RFC 10017",
    ),
    (
        Profile::Fapi2,
        Grant::AuthorizationCode,
        |settings| format!("{ISSUER}/token").clone_into(&mut settings.client.client_assertion_audience),
        "invalid_client",
        "aud of the assertion has to be the issuer",
    ),
    (
        Profile::Fapi2,
        Grant::AuthorizationCode,
        |settings| settings.protection.dpop_bound_access_tokens = false,
        "invalid_dpop_proof",
        "a DPoP proof or a client certificate is needed",
    ),
    (
        Profile::Mcp,
        Grant::AuthorizationCode,
        |settings| settings.request.resource.clear(),
        "invalid_target",
        "request has to name the resource",
    ),
];

/// Goes on where the client itself stops because the metadata say that this will not be taken.
fn refusal(pair: &mut Pair, flow: &mut Flow) -> (String, String) {
    loop {
        match pair.run(flow) {
            Next::Stopped(problem) if problem.is_unsent() => flow.go_on_anyway(),
            Next::Stopped(problem) => {
                let ProblemKind::Refused(error) = problem.kind else { panic!("{problem:?}") };
                return (error.error, error.error_description.unwrap_or_default());
            }
            next => panic!("not refused: {next:?}"),
        }
    }
}

#[test]
fn each_demand_refuses_what_does_not_meet_it_and_says_where_it_is() {
    for (profile, grant, change, error, says) in REFUSED {
        let mut pair = Pair::with(config(profile));
        let mut flow = proposed(profile, grant, change);
        let (code, description) = refusal(&mut pair, &mut flow);
        assert_eq!(code, error, "{says}: {description}");
        assert!(description.contains(says), "{says}: {description}");
        let entry = pair.practice.log().into_iter().rev().find(|entry| {
            entry.reasons.iter().any(|reason| reason.outcome == Outcome::Failed && reason.what.contains(says))
        });
        assert!(entry.is_some(), "the log says nothing of {says}");
        // Without a profile nobody minds.
        let mut pair = Pair::new();
        let mut flow = proposed(profile, grant, change);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{says}: {:?}", flow.problem());
    }
}

/// A confidential client may protect its code by a nonce in the place of PKCE (OAuth 2.1 section 7.5.1).
#[test]
fn a_nonce_is_as_good_as_pkce_for_a_confidential_client() {
    let mut pair = Pair::with(config(Profile::OAuth21));
    let mut flow = proposed(Profile::OAuth21, Grant::AuthorizationCode, |settings| {
        settings.request.code_challenge_method.clear();
    });
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
}

#[test]
fn an_assertion_by_another_algorithm_is_refused() {
    let key = SigningKey::generate("ES384", "k").expect("a key");
    let public = Jwk::from_json(&Json::from(&key.public_jwk())).expect("a key");
    let with_key = |profile| {
        let mut config = config(profile);
        let client = config.clients.iter_mut().find(|client| client.client_id == "practice-jwt").expect("a client");
        client.jwks = vec![public.clone()];
        Pair::with(config)
    };
    let flow = || {
        proposed(Profile::Fapi2, Grant::AuthorizationCode, |settings| {
            settings.client.private_key = key.private_jwk();
        })
    };
    let (error, description) = refusal(&mut with_key(Profile::Fapi2), &mut flow());
    assert_eq!(error, "invalid_client", "{description}");
    assert!(description.contains("alg has to be PS256, ES256 or EdDSA (FAPI 2.0"), "{description}");
    let mut flow = flow();
    assert_eq!(with_key(Profile::OAuth21).run(&mut flow), Next::Finished, "{:?}", flow.problem());
}

/// A token in the form is taken where no profile says otherwise.
#[test]
fn a_token_beside_the_header_is_refused() {
    for (profile, status) in [(Profile::OAuth21, 200), (Profile::Mcp, 400)] {
        let mut pair = Pair::with(config(profile));
        let mut flow = proposed(profile, Grant::AuthorizationCode, |settings| {
            settings.request.resource = format!("{ISSUER}/api/me");
        });
        assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
        let token = flow.session.tokens[0].response.access_token.clone().expect("a token");
        let form = [("access_token", token.expose())].into_iter().collect();
        let request = HttpRequest::post_form(format!("{ISSUER}/userinfo").parse().expect("a URL"), &form);
        let answer = pair.practice.handle(&request, pair.now());
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[test]
fn the_metadata_offer_what_is_taken() {
    let metadata = |profile: Option<Profile>| {
        let config = Config { profile, ..config(Profile::OAuth2) };
        let mut pair = Pair::with(config);
        let mut flow = flow(Grant::ClientCredentials, |_| {});
        pair.run_to(&mut flow, Stage::Discovery);
        pair.step(&mut flow);
        let body = flow.trace.exchanges[0].response().expect("an answer").text().into_owned();
        Json::parse_text(&body).expect("JSON")
    };
    let listed = |metadata: &Json, name: &str| -> Vec<String> {
        metadata.get(name).map(Json::strings).unwrap_or_default().into_iter().map(str::to_owned).collect()
    };
    let usual = metadata(None);
    assert!(listed(&usual, "grant_types_supported").contains(&"password".to_owned()));
    let strict = metadata(Some(Profile::Fapi2MessageSigning));
    for (name, left) in [
        ("response_types_supported", &["code"][..]),
        ("code_challenge_methods_supported", &["S256"]),
        ("token_endpoint_auth_methods_supported", &["private_key_jwt"]),
        ("token_endpoint_auth_signing_alg_values_supported", &["ES256", "EdDSA", "Ed25519", "PS256"]),
        ("dpop_signing_alg_values_supported", &["ES256", "EdDSA", "Ed25519", "PS256"]),
        ("response_modes_supported", &["query.jwt", "fragment.jwt", "form_post.jwt", "jwt"]),
    ] {
        assert_eq!(listed(&strict, name), left, "{name}");
    }
    for name in ["require_pushed_authorization_requests", "require_signed_request_object"] {
        assert_eq!(strict.get(name).and_then(Json::as_bool), Some(true), "{name}");
    }
    let left = listed(&strict, "grant_types_supported");
    assert!(!left.iter().any(|name| ["password", "implicit"].contains(&name.as_str())), "{left:?}");
}

#[test]
fn what_goes_against_the_profile_is_no_configuration() {
    for (change, says) in [
        (
            (|config: &mut Config| "RS256".clone_into(&mut config.signing_alg)) as fn(&mut Config),
            "profile fapi2 signs with PS256, ES256, EdDSA, Ed25519, and RS256 was asked for",
        ),
        (|config| config.any_client = true, "profile fapi2 takes registered clients alone, and clients is any"),
    ] {
        let mut config = config(Profile::Fapi2);
        change(&mut config);
        let error = Practice::new(config, grantscope::base::entropy::Entropy::from_seed([1; 32])).expect_err(says);
        assert_eq!(error.to_string(), says);
    }
}
