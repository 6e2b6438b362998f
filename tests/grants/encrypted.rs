//! Responses that are encrypted to the client, end to end: what is inside is judged as if it had come without.

use grantscope::base::check::Verdict;
use grantscope::base::http::HttpResponse;
use grantscope::base::secret::Secret;
use grantscope::client::settings::Settings;
use grantscope::demo;
use grantscope::flow::session::Tokens;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::jose::base64url;
use grantscope::jose::jwt::{Form, decode};
use grantscope::jose::key::SigningKey;
use grantscope::practice::{Algorithms, Config, Encryption};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow};

const ALG: &str = "ECDH-ES+A128KW";
const ENC: &str = "A128GCM";

/// The demo client that gets everything encrypted, for a run of this grant.
pub fn encrypted(grant: Grant) -> impl Fn(&mut Settings) {
    move |settings| {
        for of in ["id_token", "userinfo", "authorization"] {
            settings.set(&format!("{of}_encrypted_response_alg"), ALG).expect("a setting");
            settings.set(&format!("{of}_encrypted_response_enc"), ENC).expect("a setting");
        }
        demo::choose_client(settings, grant);
        demo::fill(settings, grant, "alice", None);
    }
}

fn verdicts(flow: &Flow, rule: &str) -> Vec<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).map(|check| check.verdict).collect()
}

#[test]
fn tokens_claims_and_responses_open_in_every_grant_with_a_user() {
    // Who comes by way of an API asks for no ID token.
    let has_tokens = |grant: &Grant| grant.has_authorization_request() && *grant != Grant::Mcp;
    for grant in Grant::ALL.into_iter().filter(has_tokens) {
        let mut flow = flow(grant, |settings| {
            "jwt".clone_into(&mut settings.request.response_mode);
            encrypted(grant)(settings);
        });
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?}: {:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{grant:?}");
        for rule in ["jarm.encrypted", "jarm.signature", "id_token.encrypted", "id_token.signature", "encryption.key"] {
            let said = verdicts(&flow, rule);
            assert!(
                !said.is_empty() && said.iter().all(|verdict| *verdict == Verdict::Pass),
                "{grant:?} {rule} {said:?}"
            );
        }
        // An exchange brings no ID token after the one of the login.
        let with_id_token = |tokens: &&Tokens| tokens.response.id_token.is_some();
        let tokens = flow.session.tokens.iter().rfind(with_id_token).expect("tokens");
        let came = tokens.response.id_token.as_ref().expect("an ID token");
        assert_eq!(decode(came.expose()).form, Form::Jwe, "{grant:?}");
        assert_eq!(tokens.id_token.as_ref().map(|token| token.form), Some(Form::Jws), "{grant:?}");
    }
}

#[test]
fn encrypted_claims_are_read_and_held_to_the_id_token() {
    let mut flow = flow(Grant::AuthorizationCode, encrypted(Grant::AuthorizationCode));
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    for rule in ["userinfo.encrypted", "userinfo.content_type", "userinfo.signature", "userinfo.sub"] {
        assert_eq!(verdicts(&flow, rule), [Verdict::Pass], "{rule}");
    }
    assert_eq!(flow.session.userinfo.as_ref().and_then(|claims| claims.text("sub")), Some("alice"));
}

#[test]
fn every_algorithm_works_between_client_and_server() {
    let rsa = SigningKey::generate("RS256", "rsa").expect("a key");
    for (alg, enc) in
        [("RSA-OAEP-256", "A256GCM"), ("RSA-OAEP", "A128CBC-HS256"), ("dir", "A256CBC-HS512"), ("A256KW", "A192GCM")]
    {
        let mut config = Config::practice(ISSUER.parse().expect("a URL"));
        let client = config.clients.iter_mut().find(|client| client.client_id == "practice-web").expect("a client");
        let text = rsa.public_jwk().to_string().replace("\"use\":\"sig\"", "\"use\":\"enc\"");
        let json = grantscope::base::json::Json::parse_text(&text).expect("JSON");
        client.jwks = vec![grantscope::jose::jwk::Jwk::from_json(&json).expect("a key")];
        let algorithms = || Some(Algorithms { alg: alg.to_owned(), enc: enc.to_owned() });
        client.encryption = Encryption { id_token: algorithms(), ..Encryption::default() };
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            settings.client.decryption_key = rsa.private_jwk();
            alg.clone_into(&mut settings.client.id_token_encrypted_response_alg);
            enc.clone_into(&mut settings.client.id_token_encrypted_response_enc);
        });
        assert_eq!(Pair::with(config).run(&mut flow), Next::Finished, "{alg} {enc}: {:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{alg} {enc}");
        assert_eq!(verdicts(&flow, "id_token.signature"), [Verdict::Pass], "{alg} {enc}");
    }
}

#[test]
fn without_a_key_nothing_is_judged_and_nothing_fails() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        encrypted(Grant::AuthorizationCode)(settings);
        settings.client.decryption_key = Secret::default();
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(failed(&flow), [""; 0]);
    assert_eq!(verdicts(&flow, "id_token.signature"), [Verdict::Skipped]);
    assert_eq!(verdicts(&flow, "userinfo.sub"), [Verdict::Skipped]);
    assert_eq!(flow.left_open().len(), 2, "{:?}", flow.left_open());
}

#[test]
fn a_key_that_does_not_fit_ends_the_run_and_the_key_that_signs_does_not() {
    let other = SigningKey::generate("ES256", "other").expect("a key").private_jwk();
    let with = |change: fn(&mut Settings, Secret), key: Secret| {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            encrypted(Grant::AuthorizationCode)(settings);
            settings.client.decryption_key = Secret::default();
            change(settings, key);
        });
        (Pair::new().run(&mut flow), flow)
    };
    let (next, _) = with(|settings, key| settings.client.decryption_key = key, other.clone());
    let Next::Stopped(problem) = next else { panic!("it went on") };
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("encryption.key")));
    let (next, flow) = with(|settings, key| settings.client.private_key = key, other);
    assert_eq!((next, verdicts(&flow, "encryption.key")[0]), (Next::Finished, Verdict::Skipped));
    let (next, flow) = with(|settings, key| settings.client.decryption_key = key, "nonsense".into());
    assert_eq!((next, verdicts(&flow, "encryption.key")[0]), (Next::Finished, Verdict::Skipped));
    let said = flow.checks().find(|check| check.rule.id == "encryption.key").and_then(|check| check.actual.as_deref());
    assert!(said.is_some_and(|said| said.contains("decryption_key cannot be used")), "{said:?}");
}

#[test]
fn the_hint_of_a_logout_is_the_token_inside() {
    let mut flow = flow(Grant::AuthorizationCode, encrypted(Grant::AuthorizationCode));
    let mut pair = Pair::new();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    flow.append(Stage::Logout);
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    let logout = flow.trace.exchanges.last().expect("a logout");
    let hint = logout.request.query().get("id_token_hint").map(|hint| decode(hint).form);
    assert_eq!(hint, Some(Form::Jws));
    let inside = flow.session.tokens.last().and_then(|tokens| tokens.opened.clone()).expect("opened");
    assert!(flow.session.secrets().any(|secret| *secret == inside), "it is a credential of the run");
}

#[test]
fn a_refreshed_token_is_encrypted_and_held_to_the_first() {
    let mut flow = flow(Grant::RefreshToken, encrypted(Grant::RefreshToken));
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(failed(&flow), [""; 0]);
    assert_eq!(verdicts(&flow, "id_token.refreshed_sub"), [Verdict::Pass]);
}

/// What is encrypted cannot be read here: a run that asked for it is no proof of it, and says so.
#[test]
fn encrypted_claims_are_said_as_not_judged() {
    let mut pair = Pair::new();
    pair.faults.insert("/userinfo", |_| {
        let part = |text: &str| base64url::encode(text.as_bytes());
        let token =
            [part(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#), part("key"), part("iv"), part("text"), part("tag")];
        Ok(HttpResponse::new(200, "application/jwt", token.join(".")))
    });
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let open = flow.left_open();
    assert!(open.iter().any(|(what, why)| what.contains("not judged") && why.contains("encrypted")), "{open:?}");
}
