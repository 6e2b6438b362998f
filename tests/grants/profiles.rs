//! A server that enforces a profile: a run with the settings that the profile proposes passes there, and what it does not
//! take is refused with a sentence that says where that is demanded.

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, JSON};
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::client::seal::{ClaimEdits, SealEdits};
use grantscope::client::settings::Settings;
use grantscope::demo;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Flow, Next, ProblemKind};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::SigningKey;
use grantscope::practice::{Config, Outcome, Practice};
use grantscope::profile::{Profile, judge, proposals, wanted};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair, practice_settings};
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
        "redirect_uri has to be one that is registered, character by character (RFC 9700",
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

/// A refusal for want of resource says which one to send, where the run or the server knows it.
#[test]
fn a_request_without_resource_is_mended_by_an_option() {
    for (api_url, names) in [("", format!("{ISSUER}/mcp")), ("https://api.example/x", "https://api.example/x".into())] {
        let mut pair = Pair::with(config(Profile::Mcp));
        let mut flow = proposed(Profile::Mcp, Grant::AuthorizationCode, |settings| {
            api_url.clone_into(&mut settings.request.api_url);
            settings.request.resource.clear();
        });
        assert_eq!(refusal(&mut pair, &mut flow).0, "invalid_target");
        let next = flow.poll(pair.now());
        let finding = finding(&flow, &next, &[]).expect("it was refused");
        assert_eq!(finding.option(), Some(format!("--set resource={names}")));
        assert!(finding.next.starts_with("The server wants to know which API the token is for"), "{}", finding.next);
    }
    // Where nobody names an API, there is nothing to propose.
    let mut pair = Pair::with(config(Profile::Mcp));
    pair.changes.insert("/.well-known/openid-configuration", ("protected_resources", Json::Null));
    let mut flow = proposed(Profile::Mcp, Grant::AuthorizationCode, |settings| {
        (settings.request.api_url, settings.request.resource) = (String::new(), String::new());
    });
    refusal(&mut pair, &mut flow);
    let next = flow.poll(pair.now());
    assert_eq!(finding(&flow, &next, &[]).expect("it was refused").option(), None);
}

/// A run that begins at an API names it by itself, and is not told to.
#[test]
fn what_a_run_sends_by_itself_is_not_wanted() {
    let names = |grant, revision: &str| {
        let flow = flow(grant, |settings| {
            settings.request.api_url = format!("{ISSUER}/mcp");
            revision.clone_into(&mut settings.request.mcp_revision);
        });
        let wanted = wanted(Profile::Mcp, &flow).into_iter().map(|(name, _)| name);
        wanted.collect::<Vec<_>>()
    };
    assert_eq!(names(Grant::Mcp, ""), [""; 0]);
    assert_eq!(names(Grant::Mcp, "2025-03-26"), ["resource"]);
    assert_eq!(names(Grant::AuthorizationCode, ""), ["resource"]);
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

/// A request object as it should be, with one claim changed.
type ObjectChange = fn(&mut ClaimEdits, i64);

/// FAPI 2.0 Message Signing sections 5.3.1 and 5.3.2: the server refuses it, and a run that got through all the same does
/// not pass.
#[test]
fn a_request_object_is_for_this_server_and_for_an_hour_at_most() {
    let rows: [(ObjectChange, &str, &str); 6] = [
        (|edits, _| edits.omit("aud"), "aud of the request object has to be", "profile.object_audience"),
        (
            |edits, _| edits.set("aud", &format!("{ISSUER}/token")),
            "aud of the request object has to be",
            "profile.object_audience",
        ),
        (|edits, _| edits.omit("nbf"), "this is one without nbf", "profile.object_times"),
        (|edits, _| edits.omit("exp"), "this is one without exp", "profile.object_times"),
        (|edits, now| edits.set("nbf", &(now - 3660).to_string()), "nbf is 1 h 1 min ago", "profile.object_times"),
        (|edits, now| edits.set("exp", &(now + 3660).to_string()), "exp is 1 h 1 min after", "profile.object_times"),
    ];
    for (change, says, rule) in rows {
        let run = |profile: Profile| {
            let pair = Pair::with(config(profile));
            let mut flow = proposed(Profile::Fapi2MessageSigning, Grant::AuthorizationCode, |_| {});
            let mut edits = SealEdits::default();
            change(&mut edits.request, pair.now().seconds());
            flow.edit_seals(edits);
            (pair, flow)
        };
        let (mut pair, mut flow) = run(Profile::Fapi2MessageSigning);
        let (code, description) = refusal(&mut pair, &mut flow);
        assert_eq!(code, "invalid_request_object", "{says}: {description}");
        assert!(description.contains(says), "{says}: {description}");
        let (mut pair, mut flow) = run(Profile::Fapi2);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{says}: {:?}", flow.problem());
        let standing = judge(Profile::Fapi2MessageSigning, &flow);
        let stops: Vec<_> = standing.stops(Verdict::Fail).map(|broken| broken.check.rule.id).collect();
        assert_eq!(stops, [rule], "{says}");
    }
}

#[test]
fn what_is_registered_for_another_algorithm_is_refused() {
    let register = |profile: Option<Profile>, name: &str, alg: &str| {
        let pair = Pair::with(Config { profile, ..config(Profile::OAuth2) });
        let body = format!(
            r#"{{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"private_key_jwt","{name}":"{alg}","jwks":{{"keys":[{}]}}}}"#,
            SigningKey::generate("ES256", "k").expect("a key").public_jwk()
        );
        let mut request = HttpRequest::get(format!("{ISSUER}/register").parse().expect("a URL"));
        "POST".clone_into(&mut request.method);
        let request = HttpRequest { body: body.into_bytes(), ..request }.with_header("Content-Type", JSON);
        let answer = pair.practice.handle(&request, pair.now());
        (answer.status, answer.text().into_owned())
    };
    for name in ["id_token_signed_response_alg", "request_object_signing_alg"] {
        let (status, said) = register(Some(Profile::Fapi2), name, "RS256");
        assert!(status == 400 && said.contains("alg has to be PS256, ES256 or EdDSA (FAPI 2.0"), "{name}: {said}");
        assert_eq!(register(Some(Profile::Fapi2), name, "PS256").0, 201, "{name}");
        assert_eq!(register(None, name, "RS256").0, 201, "{name}");
    }
}

/// The first page, and what a refusal says, are of the profile too.
#[test]
fn the_first_page_says_what_is_taken_by_the_profile() {
    let page = |profile| {
        let pair = Pair::with(Config { profile, ..config(Profile::OAuth2) });
        let request = HttpRequest::get(format!("{ISSUER}/").parse().expect("a URL"));
        pair.practice.handle(&request, pair.now()).text().into_owned()
    };
    let strict = page(Some(Profile::Fapi2));
    for there in
        ["FAPI 2.0", "fapi2", "private_key_jwt", "Redirect URIs: http://127.0.0.1/callback", "Response types: code<"]
    {
        assert!(strict.contains(there), "{there}");
    }
    let forbidden = [
        "any http or https address on this machine",
        "client_secret_basic",
        "password grant",
        "implicit",
        ", password",
    ];
    for gone in forbidden {
        assert!(!strict.contains(gone), "{gone}");
        assert!(page(None).contains(gone), "{gone}");
    }
}

/// Basic is asked for where it is taken, or was used (RFC 6749 section 5.2).
#[test]
fn a_challenge_names_basic_only_where_that_is_of_use() {
    for (profile, header, status) in
        [(None, None, 401), (Some(Profile::Fapi2), None, 400), (Some(Profile::Fapi2), Some("Basic YTpi"), 401)]
    {
        let pair = Pair::with(Config { profile, ..config(Profile::OAuth2) });
        let form = [("grant_type", "client_credentials")].into_iter().collect();
        let mut request = HttpRequest::post_form(format!("{ISSUER}/token").parse().expect("a URL"), &form);
        request.headers.0.extend(header.map(|value| ("Authorization".to_owned(), value.to_owned())));
        let answer = pair.practice.handle(&request, pair.now());
        let is_challenged = answer.headers.get("www-authenticate").is_some();
        assert_eq!((answer.status, is_challenged), (status, status == 401), "{profile:?} {header:?}");
    }
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
        let error = Practice::new(config, Entropy::from_seed([1; 32])).expect_err(says);
        assert_eq!(error.to_string(), says);
    }
}

/// Settings to begin with, and what is mended beside the usual.
type Start = (&'static [(&'static str, &'static str)], &'static [&'static str]);

const STARTS: [Start; 7] = [
    (&[], &[]),
    (&[("client_id", "practice-native"), ("token_endpoint_auth_method", "none"), ("client_secret", "")], &[]),
    (&[("token_endpoint_auth_method", "client_secret_jwt")], &[]),
    (&[("code_challenge_method", "plain")], &["code_challenge_method"]),
    (&[("code_challenge_method", "")], &["code_challenge_method"]),
    (&[("client_assertion_audience", "token_endpoint")], &["client_assertion_audience"]),
    (&[("response_mode", "form_post"), ("request_object_signing_alg", "none")], &["request_object_signing_alg"]),
];

/// The settings that are mended, in order, until tokens come: each the first that the finding names, in a run of its own.
fn mended(profile: Profile, settings: &mut Settings) -> Vec<&'static str> {
    let mut mended = Vec::new();
    for _ in 0..9 {
        demo::choose_client(settings, Grant::AuthorizationCode);
        demo::fill(settings, Grant::AuthorizationCode, "alice", None);
        let mut pair = Pair::with(config(profile));
        let mut flow = Flow::new(Grant::AuthorizationCode, settings.clone(), Entropy::from_seed([2; 32]));
        let next = pair.run(&mut flow);
        let Some(finding) = finding(&flow, &next, &flow.left_open()) else { break };
        let cure = finding.cures.first().unwrap_or_else(|| panic!("{}: nothing mends it", finding.say));
        cure.apply(settings);
        assert!(!mended.contains(&cure.setting), "{} did not help: {}", cure.label, finding.say);
        mended.push(cure.setting);
    }
    mended
}

#[test]
fn every_refusal_of_fapi_leads_on_until_tokens_come() {
    const USUAL: [&str; 3] =
        ["require_pushed_authorization_requests", "token_endpoint_auth_method", "dpop_bound_access_tokens"];
    for (profile, signed) in
        [(Profile::Fapi2, &[][..]), (Profile::Fapi2MessageSigning, &["request_object_signing_alg", "response_mode"])]
    {
        for (start, more) in STARTS {
            let mut settings = practice_settings();
            for (name, value) in start {
                settings.set(name, value).expect("a setting");
            }
            let mut found = mended(profile, &mut settings);
            let mut wanted: Vec<&str> = USUAL.iter().chain(signed).chain(more).copied().collect();
            for names in [&mut found, &mut wanted] {
                names.sort_unstable();
                names.dedup();
            }
            assert_eq!(found, wanted, "{profile:?} {start:?}");
            assert_eq!(settings.client.client_id, "practice-jwt", "the demo client with a key");
        }
    }
}

/// What goes wrong with a client that has no key: what is offered, and what is said of it.
#[test]
fn a_key_is_asked_for_where_the_server_takes_no_secret() {
    let mut pair = Pair::with(config(Profile::Fapi2));
    let mut flow = proposed(Profile::Fapi2, Grant::AuthorizationCode, |settings| {
        "practice-native".clone_into(&mut settings.client.client_id);
        "none".clone_into(&mut settings.client.token_endpoint_auth_method);
        settings.client.private_key = Secret::default();
    });
    let next = pair.run(&mut flow);
    let refused = finding(&flow, &next, &[]).expect("a finding");
    assert_eq!(refused.option().as_deref(), Some("--set token_endpoint_auth_method=private_key_jwt"));
    let advice = flow.problem().map(|problem| problem.advice.join(" ")).unwrap_or_default();
    assert!(advice.contains("takes no client_secret") && !advice.contains("No client_secret was sent"), "{advice}");
    // Elsewhere nobody brings a key: the next run says that it is lacking.
    refused.cures[0].apply(&mut flow.settings);
    let mut flow = Flow::new(Grant::AuthorizationCode, flow.settings, Entropy::from_seed([2; 32]));
    let Next::Missing(missing) = pair.run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!(missing.field, "private_key");
    // Where a secret will do, that is asked for.
    let mut pair = Pair::new();
    let mut flow = flow_without_secret();
    let next = pair.run(&mut flow);
    assert_eq!(finding(&flow, &next, &[]).expect("a finding").option(), None);
}

fn flow_without_secret() -> Flow {
    flow(Grant::AuthorizationCode, |settings| {
        "none".clone_into(&mut settings.client.token_endpoint_auth_method);
        settings.client.client_secret = Secret::default();
    })
}
