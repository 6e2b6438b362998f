//! Runs side by side: two good ones of a grant say the same, and one change shows as exactly that.

mod pair;

use std::sync::Arc;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::settings::Settings;
use grantscope::compare::{Change, Comparison, Fold, Subject, compare_subjects, runs};
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::{Answer, Exchange};
use grantscope::flow::{Failure, Flow, Next};
use grantscope::record::{Record, redactor};
use grantscope::terms::grant::Grant;
use pair::{BOUND, Pair, demo_settings};
use proptest::prelude::*;

/// A run of the demo client to its end, with every stage that can be added; no two seeds draw the same.
fn run(grant: Grant, method: &str, seed: u8, change: impl FnOnce(&mut Settings)) -> (Flow, Next) {
    run_as("alice", grant, method, seed, change)
}

fn run_as(
    user: &'static str,
    grant: Grant,
    method: &str,
    seed: u8,
    change: impl FnOnce(&mut Settings),
) -> (Flow, Next) {
    let mut settings = demo_settings(grant, method);
    change(&mut settings);
    let mut flow = Flow::new(grant, settings, Entropy::from_seed([seed; 32]));
    Stage::appendable().for_each(|slug| flow.append(Stage::find(slug).expect("a stage")));
    let mut pair = Pair::new();
    pair.username = user;
    pair.wait(std::time::Duration::from_secs(u64::from(seed)));
    loop {
        match pair.run(&mut flow) {
            Next::Stopped(_) => flow.go_on_anyway(),
            next => return (flow, next),
        }
    }
}

fn good(seed: u8) -> Flow {
    run(Grant::AuthorizationCode, "", seed, |_| {}).0
}

fn live(a: &Flow, b: &Flow) -> Comparison {
    runs((a, None, false), (b, None, false))
}

/// `stage part change name` of each difference.
fn told(comparison: &Comparison) -> Vec<String> {
    let mut told = Vec::new();
    for stage in &comparison.stages {
        told.extend(stage.only().map(|side| format!("{} only {side}", stage.slug)));
        for section in &stage.sections {
            let rows = section.rows.iter().filter(|row| row.change.is_difference());
            let part = section.part.word();
            told.extend(rows.map(|row| format!("{} {part} {} {}", stage.slug, row.change.word(), row.name)));
        }
    }
    told
}

/// As it would be read from a file without secrets.
fn read(flow: &Flow, next: &Next) -> Subject {
    Subject::read(&Record::of(flow, next).to_text(Some(&redactor(flow)))).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn two_good_runs_of_every_grant_are_the_same() {
    for grant in Grant::ALL {
        for method in ["", "private_key_jwt", BOUND] {
            let (a, b) = (run(grant, method, 7, |_| {}), run(grant, method, 8, |_| {}));
            let comparison = live(&a.0, &b.0);
            assert_eq!(told(&comparison), Vec::<String>::new(), "{grant:?} {method}");
            assert!(comparison.stages.len() > 2 && comparison.folded(Fold::Time) > 2);
            if !method.is_empty() {
                continue;
            }
            let files = compare_subjects(&read(&a.0, &a.1), &read(&b.0, &b.1)).expect("two runs");
            assert_eq!(told(&files), Vec::<String>::new(), "{grant:?} {method}, from files");
            let mixed = Subject::read(&Record::of(&b.0, &b.1).to_text(None)).expect("a run");
            let mixed = compare_subjects(&read(&a.0, &a.1), &mixed).expect("two runs");
            assert_eq!(told(&mixed), Vec::<String>::new(), "{grant:?} {method}, one with secrets");
        }
    }
}

/// The newest exchange of this stage, to be changed.
fn of(flow: &mut Flow, stage: Stage) -> &mut Exchange {
    let found = flow.trace.exchanges.iter_mut().find(|exchange| exchange.stage == stage);
    Arc::make_mut(found.expect("the stage"))
}

fn body(exchange: &mut Exchange, change: impl FnOnce(&mut Vec<(String, Json)>)) {
    let Answer::Response(response) = &mut exchange.answer else { panic!("no response") };
    let Ok(Json::Object(mut members)) = Json::parse(&response.body) else { panic!("no object") };
    change(&mut members);
    response.body = Json::Object(members).to_string().into_bytes();
}

fn set(members: &mut [(String, Json)], name: &str, value: Json) {
    members.iter_mut().find(|(known, _)| known == name).expect("the member").1 = value;
}

/// The ID token with other claims; its signature is not looked at.
fn claims(exchange: &mut Exchange, part: usize, change: impl Fn(&mut Vec<(String, Json)>)) {
    use grantscope::jose::base64url;
    body(exchange, |members| {
        let token = members.iter_mut().find(|(name, _)| name == "id_token").expect("an ID token");
        let mut parts: Vec<String> = token.1.as_str().expect("text").split('.').map(str::to_owned).collect();
        let bytes = base64url::decode(&parts[part]).expect("base64url");
        let Ok(Json::Object(mut inner)) = Json::parse(&bytes) else { panic!("no object") };
        change(&mut inner);
        parts[part] = base64url::encode(Json::Object(inner).to_string().as_bytes());
        token.1 = Json::String(parts.join("."));
    });
}

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

type Edit = fn(&mut Flow);

/// Changes of the second run, and what shows.
const EDITS: &[(Edit, &[&str])] = &[
    (
        |flow| {
            of(flow, Stage::Authorization).request.url.query_pairs_mut().append_pair("prompt", "consent");
        },
        &["authorization request added prompt"],
    ),
    (
        |flow| {
            let request = &mut of(flow, Stage::Token).request;
            let mut form = Params::parse(&request.body);
            form.remove("code_verifier");
            request.body = form.encode().into_bytes();
        },
        &["token request removed code_verifier"],
    ),
    (
        |flow| of(flow, Stage::Token).request.headers.push("Origin", "https://app.example"),
        &["token request added origin"],
    ),
    (
        |flow| {
            of(flow, Stage::Token).request.headers.set("Authorization", "Basic cHJhY3RpY2Utd2ViOndyb25nLXNlY3JldA==");
        },
        &["token request changed authorization"],
    ),
    (
        |flow| body(of(flow, Stage::Token), |members| members.retain(|(name, _)| name != "refresh_token")),
        &["token answer removed refresh_token"],
    ),
    (
        |flow| body(of(flow, Stage::Token), |members| set(members, "expires_in", Json::Number("60".to_owned()))),
        &["token answer changed expires_in"],
    ),
    (
        |flow| body(of(flow, Stage::Token), |members| set(members, "access_token", text("opaque-now-0123456789"))),
        &["token answer changed access_token"],
    ),
    (
        |flow| claims(of(flow, Stage::Token), 1, |claims| set(claims, "aud", text("someone-else"))),
        &["token claims of id_token changed aud"],
    ),
    (
        |flow| claims(of(flow, Stage::Token), 1, |claims| claims.retain(|(name, _)| name != "nonce")),
        &["token claims of id_token removed nonce"],
    ),
    (
        |flow| claims(of(flow, Stage::Token), 1, |claims| claims.push(("azp".to_owned(), text("practice-web")))),
        &["token claims of id_token added azp"],
    ),
    (
        |flow| claims(of(flow, Stage::Token), 1, |claims| set(claims, "exp", Json::Number("1".to_owned()))),
        &["token claims of id_token changed exp", "token claims of id_token changed exp - iat"],
    ),
    (
        |flow| claims(of(flow, Stage::Token), 0, |header| set(header, "alg", text("HS256"))),
        &["token header of id_token changed alg"],
    ),
    (
        |flow| {
            body(of(flow, Stage::Discovery), |members| set(members, "jwks_uri", text("http://127.0.0.1:9400/k")));
        },
        &["discovery answer changed jwks_uri"],
    ),
    (
        |flow| {
            let checks = &mut of(flow, Stage::Token).checks;
            let check = checks.iter_mut().find(|check| check.rule.id == "id_token.aud").expect("the rule");
            check.verdict = Verdict::Fail;
        },
        &["token checks changed id_token.aud"],
    ),
    (
        |flow| {
            let Answer::Response(response) = &mut of(flow, Stage::UserInfo).answer else { panic!("no response") };
            response.status = 403;
        },
        &["userinfo answer changed status"],
    ),
    (|flow| flow.trace.exchanges.retain(|exchange| exchange.stage != Stage::Introspection), &["introspect only a"]),
];

#[test]
fn one_change_shows_as_exactly_that() {
    let (a, other) = (good(7), good(8));
    for (edit, expected) in EDITS {
        let mut b = other.clone();
        edit(&mut b);
        let comparison = live(&a, &b);
        assert_eq!(told(&comparison), *expected);
        assert!(!comparison.is_same());
        // The other way round, what was added is removed.
        let back = told(&live(&b, &a)).join(" ");
        let expected = expected.join(" ").replace("added", "+").replace("removed", "added").replace('+', "removed");
        assert_eq!(back, expected.replace("only a", "only b"));
    }
}

#[test]
fn an_answer_that_did_not_come_is_one_difference() {
    let a = good(7);
    let mut b = a.clone();
    of(&mut b, Stage::Discovery).answer = Answer::Failed(Failure::Told("nobody is there".to_owned()));
    let comparison = live(&a, &b);
    assert_eq!(told(&comparison), ["discovery answer changed answer"]);
    let row = comparison.rows().find(|row| row.name == "answer").expect("the answer");
    assert_eq!((row.a.as_deref(), row.b.as_deref()), (Some("status: 200"), Some("failure: nobody is there")));
}

#[test]
fn a_scope_is_a_set_of_words() {
    let with = |scope: &'static str| run(Grant::ClientCredentials, "", 7, |it| it.request.scope = scope.to_owned()).0;
    let (a, b) = (with("api.read api.write"), with("api.write api.read"));
    assert!(told(&live(&a, &b)).iter().all(|line| !line.contains("request changed scope")));
    let comparison = live(&a, &with("api.read"));
    let row = comparison.rows().find(|row| row.name == "scope" && row.change == Change::Changed).expect("a scope");
    assert_eq!(row.words, (vec!["api.write".to_owned()], Vec::new()));
}

#[test]
fn no_secret_is_in_a_comparison() {
    let (a, _) = run(Grant::AuthorizationCode, "", 7, |_| {});
    let (b, _) = run(Grant::AuthorizationCode, "", 8, |it| it.client.client_secret = "another-secret-1".into());
    let json = live(&a, &b).to_json().to_string();
    for secret in a.secrets().chain(b.secrets()).filter(|secret| secret.expose().len() > 8) {
        assert!(!json.contains(secret.expose()), "{json}");
    }
    assert!(json.contains("REDACTED-"));
    assert!(!json.contains("another-secret-1") && !json.contains("practice-secret"));
    let told = told(&live(&a, &b));
    assert!(told.iter().any(|line| line == "token request changed authorization"), "{told:?}");
}

#[test]
fn tokens_documents_and_key_sets_are_known_by_what_is_in_them() {
    const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIiwiaWF0IjoxfQ.";
    const OTHER: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJiIiwiaWF0IjoyfQ.";
    let key = |kid: &str, alg: &str| format!(r#"{{"kty":"RSA","kid":"{kid}","alg":"{alg}","n":"AQAB","e":"AQAB"}}"#);
    let keys = |keys: &[String]| format!(r#"{{"keys":[{}]}}"#, keys.join(","));
    for (a, b, kind, expected) in [
        (TOKEN.to_owned(), format!(" {OTHER}\n"), "tokens", vec!["token claims of token changed iss"]),
        (TOKEN.to_owned(), TOKEN.to_owned(), "tokens", vec![]),
        (
            r#"{"issuer":"https://a.example","scopes_supported":["a","b"],"x":1}"#.to_owned(),
            r#"{"issuer":"https://a.example","scopes_supported":["b","a","c"],"token_endpoint":"https://a.example/t"}"#
                .to_owned(),
            "metadata",
            vec![
                "metadata answer changed scopes_supported",
                "metadata answer added token_endpoint",
                "metadata answer removed x",
            ],
        ),
        (
            keys(&[key("one", "RS256"), key("two", "RS256")]),
            keys(&[key("two", "PS256"), key("three", "RS256")]),
            "keys",
            vec!["keys key one removed key one", "keys key two changed alg", "keys key three added key three"],
        ),
    ] {
        let (a, b) = (Subject::read(&a).expect("a subject"), Subject::read(&b).expect("another"));
        let comparison = compare_subjects(&a, &b).expect("of one kind");
        assert_eq!(
            (comparison.kind.word(), told(&comparison)),
            (kind, expected.iter().map(|it| it.to_string()).collect())
        );
    }
    for (text, expected) in [
        ("", "neither a run"),
        ("{", "no JSON that can be read"),
        ("[]", "neither a run"),
        ("{\"a\":1}", "neither a run"),
        ("{\"exchanges\":1}", "no run that can be read"),
        ("hello", "neither a run"),
    ] {
        let error = Subject::read(text).expect_err("nothing").to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    let (token, set) = (Subject::read(TOKEN).expect("a token"), Subject::read(r#"{"keys":[]}"#).expect("a set"));
    assert_eq!(
        compare_subjects(&token, &set).expect_err("two kinds").to_string(),
        "a token cannot be compared with a key set"
    );
}

#[test]
fn ports_that_are_taken_as_they_are_free_say_nothing() {
    let json = |port: &str| Record::of(&good(7), &Next::Finished).to_text(None).replace("8912", port);
    let (a, b) = (Subject::read(&json("8912")).expect("a run"), Subject::read(&json("50123")).expect("a run"));
    let comparison = compare_subjects(&a, &b).expect("two runs");
    assert_eq!(told(&comparison), Vec::<String>::new());
    assert!(comparison.folded(Fold::Port) > 0);
    let fixed = |port: &str| json(port).replace("127.0.0.1:0/", &format!("127.0.0.1:{port}/"));
    let (a, b) = (Subject::read(&fixed("8912")).expect("a run"), Subject::read(&fixed("50123")).expect("a run"));
    let told = told(&compare_subjects(&a, &b).expect("two runs"));
    assert!(told.contains(&"authorization request changed redirect_uri".to_owned()), "{told:?}");
}

/// At which server each was is one difference, and no address of it is another.
#[test]
fn two_servers_are_one_difference() {
    let text = Record::of(&good(7), &Next::Finished).to_text(None);
    let issuer = good(7).settings.server.issuer;
    let at = |server: &str| Subject::read(&text.replace(&issuer, server)).expect("a run");
    let (a, b) = (at("https://login.staging.example/tenant"), at("https://login.example"));
    let comparison = compare_subjects(&a, &b).expect("two runs");
    assert_eq!(told(&comparison), ["run run changed server"]);
    assert!(comparison.folded(Fold::Server) > 10);
    // Another path at the other server is one of its own.
    let moved = text.replace(&issuer, "https://login.example").replace("login.example/userinfo", "login.example/me");
    let told = told(&compare_subjects(&a, &Subject::read(&moved).expect("a run")).expect("two runs"));
    assert!(told.len() > 1 && told.iter().skip(1).all(|it| it.contains("userinfo")), "{told:?}");
}

/// Who signed in is told once; what is said of the accounts beside that is told where it is said.
#[test]
fn two_users_are_one_difference() {
    for grant in [Grant::AuthorizationCode, Grant::Hybrid, Grant::Implicit, Grant::DeviceCode, Grant::RefreshToken] {
        let of = |user, seed| run_as(user, grant, "", seed, |_| {});
        let (a, b) = (of("alice", 7), of("bob", 8));
        let comparison = live(&a.0, &b.0);
        let told = told(&comparison);
        assert_eq!(told[0], "run run changed user", "{grant:?}: {told:?}");
        // Others vouch for some claims of bob, which are fetched.
        let of_account = ["email_verified", "locale", "zoneinfo", "_claim_", "left open", "claims only b"];
        let others = told[1..].iter().filter(|it| !of_account.iter().any(|name| it.contains(name)));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new(), "{grant:?}");
        assert!(comparison.folded(Fold::User) > 2 && comparison.folded_words().contains("values of the user"));
    }
    let (a, mut b) = (good(7), run_as("bob", Grant::AuthorizationCode, "", 8, |_| {}).0);
    body(of(&mut b, Stage::UserInfo), |members| set(members, "sub", text("mallory")));
    assert!(told(&live(&a, &b)).contains(&"userinfo answer changed sub".to_owned()));
}

/// What is inside of an encrypted token is compared as if it came plain, where a key opens it.
#[test]
fn what_is_inside_an_encrypted_token_is_compared() {
    let encrypted = |settings: &mut Settings| {
        "ECDH-ES+A128KW".clone_into(&mut settings.client.id_token_encrypted_response_alg);
        "A128GCM".clone_into(&mut settings.client.id_token_encrypted_response_enc);
        grantscope::demo::choose_client(settings, Grant::AuthorizationCode);
        grantscope::demo::fill(settings, Grant::AuthorizationCode, "alice", None);
    };
    let of = |user, seed| run_as(user, Grant::AuthorizationCode, "", seed, encrypted);
    let (a, b, other) = (of("alice", 7), of("alice", 8), of("bob", 9));
    assert_eq!(told(&live(&a.0, &b.0)), Vec::<String>::new());
    let files = compare_subjects(&read(&a.0, &a.1), &read(&b.0, &b.1)).expect("two runs");
    assert_eq!(told(&files), Vec::<String>::new());
    let comparison = live(&a.0, &other.0);
    assert_eq!(told(&comparison)[0], "run run changed user");
    let token = comparison.stages.iter().find(|stage| stage.slug == "token").expect("the stage");
    let claims = token.sections.iter().find(|section| section.part.word() == "claims of id_token").expect("its claims");
    assert!(claims.rows.iter().any(|row| row.name == "sub" && row.change == Change::Folded(Fold::User)));
}

/// Of two encrypted tokens nobody can tell more than their headers, and that is said.
#[test]
fn encrypted_tokens_by_hand_are_the_same_as_far_as_they_can_be_read() {
    use grantscope::jose::base64url;
    let token = |more: &str, enc: &str, rest: &str| {
        let header = format!("{{\"alg\":\"ECDH-ES\",\"enc\":\"{enc}\",{more}}}");
        let parts = [header.as_bytes(), b"", b"iviviviviviv", rest.as_bytes(), b"tagtagtagtagtagt"];
        Subject::read(&parts.map(base64url::encode).join(".")).expect("a token")
    };
    let epk =
        |x: &str| format!("\"epk\":{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{x}\",\"y\":\"AA\"}},\"iv\":\"{x}\"");
    let one = token(&epk("AAAA"), "A128GCM", "one");
    let same = compare_subjects(&one, &token(&epk("BBBB"), "A128GCM", "two")).expect("two tokens");
    assert!(same.is_same() && same.folded(Fold::Hidden) == 1, "{same:?}");
    assert!(same.folded_words().ends_with("so it is not compared."), "{}", same.folded_words());
    let other = compare_subjects(&one, &token(&epk("BBBB"), "A256GCM", "two")).expect("two tokens");
    assert_eq!(told(&other), ["token header of token changed enc"]);
}

proptest! {
    #[test]
    fn any_document_is_the_same_as_itself(members in proptest::collection::vec(("[a-z_.]{0,6}", "(1|null|\"a b\"|\\[\"a\",1\\]|\\{\"a\":\\{\"b\":1\\}\\}|\\[\\{\"k\":1\\},2\\])"), 0..6)) {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let text = format!("{{\"issuer\":\"a\",{}\"z\":1}}", members.iter().map(|member| format!("{member},")).collect::<String>());
        let (a, b) = (Subject::read(&text).expect("metadata"), Subject::read(&text).expect("metadata"));
        prop_assert!(compare_subjects(&a, &b).expect("of one kind").is_same(), "{text}");
    }

    #[test]
    fn any_text_is_something_or_nothing(text in ".{0,60}") {
        if let Ok(subject) = Subject::read(&text) {
            prop_assert!(compare_subjects(&subject, &subject).expect("of one kind").is_same());
        }
    }
}

/// What a registration issues is random by nature, wherever it stands; whether a client registers at all is not.
#[test]
fn two_runs_that_each_register_their_client_are_the_same() {
    let registers = |it: &mut Settings| it.registration.dynamic_client_registration = true;
    for grant in Grant::ALL {
        let (a, b) = (run(grant, "", 7, registers), run(grant, "", 8, registers));
        assert!(a.0.session.registered.is_some(), "{grant:?}");
        assert_eq!(told(&live(&a.0, &b.0)), Vec::<String>::new(), "{grant:?}");
        let files = compare_subjects(&read(&a.0, &a.1), &read(&b.0, &b.1)).expect("two runs");
        assert_eq!(told(&files), Vec::<String>::new(), "{grant:?}, from files");
        let whole = |(flow, next): &(Flow, Next)| Subject::read(&Record::of(flow, next).to_text(None)).expect("a run");
        let with_secrets = compare_subjects(&whole(&a), &whole(&b)).expect("two runs");
        assert_eq!(told(&with_secrets), Vec::<String>::new(), "{grant:?}, with secrets");
    }
    let (registered, known) =
        (run(Grant::ClientCredentials, "", 7, registers), run(Grant::ClientCredentials, "", 8, |_| {}));
    let told = told(&live(&registered.0, &known.0));
    assert!(told.contains(&"registration only a".to_owned()), "{told:?}");
    assert!(told.contains(&"api answer changed client_id".to_owned()), "{told:?}");
}
