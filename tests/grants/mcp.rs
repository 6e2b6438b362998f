//! The authorization of the Model Context Protocol: from the address of an API to a token for it, by each revision.

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::client::mcp::Revision;
use grantscope::demo;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::step::StepState;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::practice::{Config, Fault};
use grantscope::profile::{Broken, Profile, judge};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair, TLS_ORIGIN};
use crate::{failed, flow, refused, stages};

const TOOL: &str = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"whoami","arguments":{}}}"#;

fn by(revision: &str) -> Flow {
    flow(Grant::Mcp, |settings| revision.clone_into(&mut settings.request.mcp_revision))
}

fn verdicts(flow: &Flow, id: &str) -> Vec<String> {
    let of_rule = flow.checks().filter(|check| check.rule.id == id);
    of_rule.map(|check| format!("{}: {}", check.verdict.word(), check.actual.as_deref().unwrap_or_default())).collect()
}

fn paths(flow: &Flow, stage: Stage) -> Vec<String> {
    let of_stage = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == stage);
    of_stage.map(|exchange| exchange.request.url.path().to_owned()).collect()
}

#[test]
fn everything_is_found_from_the_address_of_the_api() {
    let mut flow = flow(Grant::Mcp, |settings| settings.server.issuer.clear());
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    let expected = [
        Stage::Challenge,
        Stage::ResourceMetadata,
        Stage::Discovery,
        Stage::Authorization,
        Stage::Token,
        Stage::Resource,
    ];
    assert_eq!(stages(&flow), expected);
    assert_eq!(paths(&flow, Stage::Discovery), ["/.well-known/oauth-authorization-server"]);
    let sent = flow.authorization().expect("a request");
    assert_eq!(sent.get("scope"), Some("profile"), "that of the challenge");
    assert_eq!(sent.get("resource"), Some("http://127.0.0.1:9400/mcp"));
    assert_eq!((sent.get("code_challenge_method"), sent.get("nonce")), (Some("S256"), None));
    assert_eq!(verdicts(&flow, "mcp.resource").len(), 2, "in both requests");
    for id in ["mcp.unauthorized", "mcp.challenge", "mcp.servers", "mcp.order", "mcp.pkce", "mcp.resource", "mcp.scope"]
    {
        assert!(
            verdicts(&flow, id).iter().all(|verdict| verdict.starts_with("pass")),
            "{id}: {:?}",
            verdicts(&flow, id)
        );
        assert!(!verdicts(&flow, id).is_empty(), "{id}");
    }
    let answer = flow.trace.exchanges.last().expect("a call").response().expect("an answer").text().into_owned();
    assert!(answer.contains("supportedVersions"), "{answer}");
}

#[test]
fn each_revision_takes_its_own_steps() {
    for (revision, called, asks_api, names_resource, scope) in [
        (Revision::July2026, "server/discover", true, true, Some("profile")),
        (Revision::November2025, "initialize", true, true, Some("profile")),
        (Revision::June2025, "initialize", true, true, None),
        (Revision::March2025, "initialize", false, false, None),
    ] {
        let mut flow = by(revision.name());
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{revision:?}");
        assert_eq!(failed(&flow), Vec::<&str>::new(), "{revision:?}");
        let body = String::from_utf8_lossy(&flow.trace.exchanges[0].request.body).into_owned();
        assert!(body.contains(called), "{body}");
        assert_eq!(stages(&flow).contains(&Stage::ResourceMetadata), asks_api, "{revision:?}");
        let sent = flow.authorization().expect("a request");
        assert_eq!(sent.contains("resource"), names_resource, "{revision:?}");
        assert_eq!(sent.get("scope"), scope, "{revision:?}");
    }
}

#[test]
fn a_revision_that_does_not_exist_and_an_api_that_is_not_named_are_asked_for() {
    let Next::Missing(missing) = Pair::new().run(&mut by("2024-11-05")) else { panic!("it begins") };
    assert_eq!((missing.stage, missing.field), (Stage::Challenge, "mcp_revision"));
    assert!(missing.hint.contains("2025-06-18"), "{missing}");
    let mut nowhere = flow(Grant::Mcp, |settings| settings.request.api_url.clear());
    let Next::Missing(missing) = Pair::new().run(&mut nowhere) else { panic!("it begins") };
    assert_eq!((missing.stage, missing.field), (Stage::Challenge, "api_url"));
}

#[test]
fn a_server_without_metadata_has_endpoints_by_default_in_the_oldest_revision_alone() {
    let mut pair = Pair::new();
    let nothing = |_: &_| Ok(HttpResponse::new(404, "text/plain", ""));
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        pair.faults.insert(path, nothing);
    }
    let mut flow = by("2025-06-18");
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is found") };
    assert_eq!((problem.stage, problem.kind), (Stage::Discovery, ProblemKind::Failed));
    assert_eq!(failed(&flow), ["mcp.order"]);
    assert_eq!(paths(&flow, Stage::Discovery).len(), 1, "OpenID Connect came with 2025-11-25");
    let mut newest = by("");
    pair.run(&mut newest);
    assert_eq!(paths(&newest, Stage::Discovery).len(), 2);
    // Its tokens are for the API that they were not asked for, so the last call is refused.
    let mut oldest = by("2025-03-26");
    pair.run(&mut oldest);
    assert_eq!(paths(&oldest, Stage::Authorization), ["/authorize"]);
    assert!(verdicts(&oldest, "mcp.order")[0].contains("/register"));
}

/// What that revision leaves open is nothing to note of a server that is in order.
#[test]
fn the_oldest_revision_leaves_the_last_slash_of_the_issuer_to_the_server() {
    let with_slash = format!("{ISSUER}/");
    for (published, verdict) in [(ISSUER, "pass"), (with_slash.as_str(), "pass"), ("https://as.example", "fail")] {
        let mut pair = Pair::new();
        let issuer = Json::String(published.to_owned());
        pair.changes.insert("/.well-known/oauth-authorization-server", ("issuer", issuer));
        let mut flow = flow(Grant::Mcp, |settings| {
            "2025-03-26".clone_into(&mut settings.request.mcp_revision);
            settings.server.issuer.clear();
        });
        pair.run(&mut flow);
        let said = verdicts(&flow, "metadata.issuer");
        assert!(said[0].starts_with(verdict), "{published}: {said:?}");
        assert_eq!(said[0].contains("2025-03-26"), verdict == "fail", "{said:?}");
    }
}

#[test]
fn a_call_that_needs_more_signs_in_anew_with_both_scopes() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::Mcp, |settings| TOOL.clone_into(&mut settings.request.api_body));
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is let in") };
    assert!(matches!(&problem.kind, ProblemKind::Refused(error) if error.error == "insufficient_scope"));
    assert_eq!(problem.again_at, Stage::Authorization);
    assert!(problem.advice.join(" ").contains("profile email"), "{:?}", problem.advice);
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert_eq!(flow.authorization().and_then(|sent| sent.get("scope")), Some("profile email"));
    assert!(verdicts(&flow, "mcp.union")[0].starts_with("pass"));
}

#[test]
fn a_scope_that_is_there_is_asked_for_once_and_no_more() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::EndlessScope, true);
    let mut flow = flow(Grant::Mcp, |_| {});
    assert_eq!(refused(&mut flow, &mut pair).0, "insufficient_scope");
    assert_eq!(failed(&flow), ["mcp.granted"]);
    assert_eq!(flow.problem().map(|problem| problem.again_at), Some(Stage::Resource), "no new login helps");
    assert!(flow.is_retried_in_vain());
}

/// RFC 6749 section 3.3: a server may grant less than was asked for.
#[test]
fn a_scope_that_the_server_did_not_grant_is_not_laid_at_the_api() {
    let mut pair = Pair::new();
    pair.changes.insert("/token", ("scope", Json::String("profile".to_owned())));
    let mut flow = flow(Grant::Mcp, |settings| "profile email".clone_into(&mut settings.request.scope));
    pair.faults.insert("/mcp", |request| {
        let challenge = match request.headers.get("authorization") {
            None => "Bearer",
            Some(_) => "Bearer error=\"insufficient_scope\", scope=\"email\"",
        };
        let status = if challenge == "Bearer" { 401 } else { 403 };
        Ok(HttpResponse::new(status, "text/plain", "").with_header("WWW-Authenticate", challenge))
    });
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is let in") };
    assert_eq!(problem.stage, Stage::Resource, "{problem:?}");
    assert_eq!(verdicts(&flow, "mcp.granted"), ["pass: email wanted, profile granted"]);
    assert!(problem.advice[0].contains("the server did not grant it"), "{:?}", problem.advice);
    assert!(flow.is_retried_in_vain());
}

#[test]
fn credentials_of_another_server_do_not_leave() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::ForeignServer, true);
    let mut flow = flow(Grant::Mcp, |_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it goes on") };
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("mcp.credentials")));
    assert_eq!(stages(&flow).last(), Some(&Stage::ResourceMetadata));
}

/// A client that another server gave out is none there: a new one is, and one with a document is the same everywhere.
#[test]
fn a_client_of_another_server_is_mended_by_the_option_that_is_offered() {
    const ELSEWHERE: &str = "https://elsewhere.example";
    let mut pair = Pair::new();
    for (client_id, option) in [
        ("", format!("--set issuer={ISSUER} --set client_id= --set client_secret= --set token_endpoint_auth_method=")),
        ("https://app.example/client.json", format!("--set issuer={ISSUER}")),
    ] {
        let mut stopped = flow(Grant::Mcp, |settings| {
            ELSEWHERE.clone_into(&mut settings.server.issuer);
            if !client_id.is_empty() {
                client_id.clone_into(&mut settings.client.client_id);
            }
        });
        let next = pair.run(&mut stopped);
        assert!(matches!(&next, Next::Stopped(problem) if problem.rule == Some("mcp.credentials")), "{next:?}");
        let found = finding(&stopped, &next, &stopped.left_open()).expect("a finding");
        let [cure] = &found.cures[..] else { panic!("{:?}", found.cures) };
        assert_eq!(cure.option(), option);
        if client_id.is_empty() {
            let mut mended = flow(Grant::Mcp, |settings| {
                *settings = stopped.settings.clone();
                cure.apply(settings);
            });
            assert_eq!(pair.run(&mut mended), Next::Finished);
            assert!(stages(&mended).contains(&Stage::Registration));
            assert_eq!(failed(&mended), Vec::<&str>::new());
        }
    }
}

#[test]
fn a_server_that_announces_no_pkce_is_left_unless_the_user_goes_on() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::PkceUnannounced, true);
    let mut flow = flow(Grant::Mcp, |_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it goes on") };
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("mcp.pkce")));
    assert!(problem.advice[0].contains("S256"), "{:?}", problem.advice);
    flow.go_on_anyway();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let mut before = by("2025-06-18");
    assert_eq!(pair.run(&mut before), Next::Finished, "that revision did not ask for it");
}

#[test]
fn an_api_without_metadata_needs_a_server_that_is_filled_in() {
    let mut pair = Pair::new();
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"] {
        pair.faults.insert(path, |_| Ok(HttpResponse::new(404, "text/plain", "")));
    }
    // One that announces them is of no revision before there were any.
    let mut announced = flow(Grant::Mcp, |settings| settings.server.issuer.clear());
    let next = pair.run(&mut announced);
    let Next::Stopped(problem) = &next else { panic!("it is found") };
    assert!(problem.came.contains("404 Not Found at http://127.0.0.1:9400/.well-known"), "{}", problem.came);
    assert!(problem.advice[0].contains("names where its metadata are, and there came"), "{:?}", problem.advice);
    assert!(!problem.advice.join(" ").contains("2025-03-26"), "{:?}", problem.advice);
    assert!(finding(&announced, &next, &[]).expect("a finding").cures.is_empty());
    pair.faults.insert("/mcp", |_| Ok(HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", "Bearer")));
    let mut unknown = flow(Grant::Mcp, |settings| settings.server.issuer.clear());
    let Next::Stopped(problem) = pair.run(&mut unknown) else { panic!("it is found") };
    assert_eq!((problem.stage, problem.kind), (Stage::ResourceMetadata, ProblemKind::Failed));
    assert!(problem.advice.join(" ").contains("2025-03-26"), "{:?}", problem.advice);
    pair.faults.remove("/mcp");
    let mut told = flow(Grant::Mcp, |_| {});
    assert_eq!(pair.run(&mut told), Next::Finished);
    assert_eq!(failed(&told), ["prm.status"]);
}

/// RFC 9728 section 5.1, RFC 9110 section 11.6.1.
#[test]
fn a_challenge_without_a_usable_address_is_told_with_what_is_in_it() {
    let mut pair = Pair::new();
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"] {
        pair.faults.insert(path, |_| Ok(HttpResponse::new(404, "text/plain", "")));
    }
    let relative = |_: &_| {
        let challenge = r#"Bearer resource_metadata="/prm""#;
        Ok(HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", challenge))
    };
    pair.faults.insert("/mcp", relative);
    let mut flow = nowhere();
    let next = pair.run(&mut flow);
    let Next::Stopped(problem) = &next else { panic!("it is found") };
    assert!(problem.advice[0].contains(&format!("such as {ISSUER}/prm.")), "{:?}", problem.advice);
    assert!(finding(&flow, &next, &[]).expect("a finding").cures.is_empty());
    pair.faults.insert("/mcp", |_| {
        let challenge = r#"Bearer_resource_metadata="https://api.example/prm""#;
        Ok(HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", challenge))
    });
    let mut flow = nowhere();
    pair.run(&mut flow);
    let told = verdicts(&flow, "resource.challenge");
    assert!(told[0].contains("present, but no scheme and parameters can be read from it"), "{told:?}");
    pair.faults.insert("/mcp", |_| Ok(HttpResponse::new(401, JSON, "{}")));
    let mut flow = nowhere();
    pair.run(&mut flow);
    assert!(verdicts(&flow, "resource.challenge")[0].ends_with(": absent"));
}

fn nowhere() -> Flow {
    flow(Grant::Mcp, |settings| settings.server.issuer.clear())
}

#[test]
fn an_api_that_names_no_server_leaves_the_issuer_to_be_filled_in() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::NoServers, true);
    let mut flow = flow(Grant::Mcp, |settings| settings.server.issuer.clear());
    let Next::Missing(missing) = pair.run(&mut flow) else { panic!("it is known") };
    assert_eq!((missing.stage, missing.field), (Stage::Discovery, "issuer"));
    assert_eq!(failed(&flow), ["mcp.servers"]);
}

#[test]
fn a_document_at_the_root_may_name_the_api_with_its_path() {
    let mut pair = Pair::new();
    pair.faults.insert("/.well-known/oauth-protected-resource/mcp", |_| Ok(HttpResponse::new(404, "text/plain", "")));
    pair.faults.insert("/.well-known/oauth-protected-resource", |_| {
        let body = format!(r#"{{"resource":"{ISSUER}/mcp","authorization_servers":["{ISSUER}"]}}"#);
        Ok(HttpResponse::new(200, JSON, body))
    });
    let mut flow = flow(Grant::Mcp, |_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert_eq!(paths(&flow, Stage::ResourceMetadata).len(), 2);
    let said = verdicts(&flow, "prm.resource");
    assert!(said[0].starts_with(&format!("note: {ISSUER}/mcp, at the root of the host: MCP lets")), "{said:?}");
}

#[test]
fn an_api_that_wants_no_token_is_told_and_so_is_one_that_says_something_else() {
    let mut pair = Pair::new();
    for (answer, verdict) in [
        ((|_: &_| Ok(HttpResponse::new(200, JSON, "{}"))) as crate::pair::Fault, "note: 200 OK"),
        (|_| Ok(HttpResponse::new(404, "text/plain", "")), "warn: 404 Not Found"),
        (
            |_| Ok(HttpResponse::new(403, "text/plain", "").with_header("WWW-Authenticate", "Bearer")),
            "fail: a challenge with 403 Forbidden",
        ),
    ] {
        pair.faults.insert("/mcp", answer);
        let mut flow = flow(Grant::Mcp, |_| {});
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it goes on") };
        assert_eq!((problem.stage, problem.kind), (Stage::Challenge, ProblemKind::Failed));
        assert!(
            verdicts(&flow, "mcp.unauthorized")[0].starts_with(verdict),
            "{:?}",
            verdicts(&flow, "mcp.unauthorized")
        );
        assert!(!problem.advice.is_empty(), "{verdict}");
        // Nothing of this run says that all was well.
        assert!(flow.trace.exchanges[0].is_turned_down(), "{verdict}");
        flow.go_on_anyway();
        assert_eq!(flow.steps()[0].state, StepState::Failed, "{verdict}");
    }
}

#[test]
fn an_api_that_speaks_an_older_revision_is_told_with_the_newest_that_it_lists() {
    for (answer, expected) in [
        ((|_: &_| Ok(HttpResponse::new(400, "text/plain", ""))) as crate::pair::Fault, "2025-11-25"),
        (
            |_| {
                let body =
                    r#"{"jsonrpc":"2.0","error":{"code":-32022,"message":"no","data":{"supported":["2025-06-18"]}}}"#;
                Ok(HttpResponse::new(400, JSON, body))
            },
            "2025-06-18",
        ),
    ] {
        let mut pair = Pair::new();
        pair.faults.insert("/mcp", answer);
        let mut flow = by("");
        let next = pair.run(&mut flow);
        let Next::Stopped(problem) = &next else { panic!("it is understood") };
        assert!(problem.advice[0].contains(expected), "{:?}", problem.advice);
        let found = finding(&flow, &next, &[]).expect("a finding");
        assert_eq!(
            found.cures.first().map(|cure| (cure.setting, cure.value.as_str())),
            Some(("mcp_revision", expected))
        );
    }
    let mut pair = Pair::new();
    pair.faults.insert("/mcp", |_| Ok(HttpResponse::new(400, "text/plain", "")));
    let mut oldest = by("2025-03-26");
    let Next::Stopped(problem) = pair.run(&mut oldest) else { panic!("it is understood") };
    assert!(!problem.advice.join(" ").contains("mcp_revision"), "nothing is known of another one");
}

/// A client that knows the address of the API alone.
fn unknown() -> Flow {
    flow(Grant::Mcp, |settings| {
        settings.server.issuer.clear();
        settings.client.client_id.clear();
        settings.client.client_secret = "".into();
        settings.client.token_endpoint_auth_method.clear();
    })
}

#[test]
fn a_client_that_nobody_knows_registers_itself() {
    let mut flow = unknown();
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert_eq!(stages(&flow)[3], Stage::Registration);
    let registered = &flow.settings.client.client_id;
    assert_eq!(flow.authorization().and_then(|sent| sent.get("client_id")), Some(registered.as_str()));
}

/// Also after going on past the metadata, and after the settings were changed meanwhile.
#[test]
fn it_registers_itself_whatever_came_between() {
    let mut pair = Pair::new();
    let mut edited = unknown();
    pair.run_to(&mut edited, Stage::Registration);
    "tool".clone_into(&mut edited.settings.request.login_hint);
    edited.reprepare();
    assert_eq!(pair.run(&mut edited), Next::Finished);
    assert_eq!(stages(&edited)[3], Stage::Registration);
    pair.practice.set(Fault::PkceUnannounced, true);
    let mut flow = unknown();
    assert!(matches!(pair.run(&mut flow), Next::Stopped(problem) if problem.rule == Some("mcp.pkce")));
    flow.go_on_anyway();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(stages(&flow)[3], Stage::Registration);
}

#[test]
fn where_no_client_can_register_itself_that_is_said() {
    let mut pair = Pair::new();
    pair.faults.insert("/.well-known/oauth-authorization-server", |_| {
        let body = format!(
            r#"{{"issuer":"{ISSUER}","authorization_endpoint":"{ISSUER}/authorize","token_endpoint":"{ISSUER}/token",
            "response_types_supported":["code"],"code_challenge_methods_supported":["S256"]}}"#
        );
        Ok(HttpResponse::new(200, JSON, body))
    });
    let mut flow = flow(Grant::Mcp, |settings| settings.client.client_id.clear());
    let Next::Missing(missing) = pair.run(&mut flow) else { panic!("there is one") };
    assert_eq!((missing.stage, missing.field), (Stage::Authorization, "client_id"));
    assert!(missing.hint.contains("neither"), "{missing}");
}

#[test]
fn a_client_with_a_certificate_finds_the_way_at_the_origin_for_it() {
    let mut pair = Pair::with_tls();
    let tls = pair.tls();
    let mut flow = flow(Grant::Mcp, |settings| {
        "tls_client_auth".clone_into(&mut settings.client.token_endpoint_auth_method);
        demo::choose_client(settings, Grant::Mcp);
        demo::fill(settings, Grant::Mcp, "alice", tls.as_ref());
    });
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    let sent = flow.authorization().and_then(|sent| sent.get("resource"));
    assert_eq!(sent, Some(format!("{TLS_ORIGIN}/mcp").as_str()));
}

/// The rules of the way in are as strict as their own document says, and are of no other profile.
#[test]
fn its_own_profile_alone_judges_the_way_in() {
    for (fault, rule) in [
        (Fault::PkceUnannounced, "mcp.pkce"),
        (Fault::NoServers, "mcp.servers"),
        (Fault::ForeignServer, "mcp.credentials"),
    ] {
        let mut pair = Pair::new();
        pair.practice.set(fault, true);
        let mut flow = flow(Grant::Mcp, |_| {});
        pair.run(&mut flow);
        let standing = judge(Profile::Mcp, &flow);
        let stops: Vec<_> = standing.stops(Verdict::Fail).map(|broken| broken.check.rule.id).collect();
        assert_eq!(stops, [rule], "{fault:?}");
        let is_of_mcp = |broken: &Broken| broken.check.rule.id.starts_with("mcp.");
        for profile in Profile::ALL.into_iter().filter(|profile| *profile != Profile::Mcp) {
            assert!(!judge(profile, &flow).broken.iter().any(is_of_mcp), "{fault:?} {profile:?}");
        }
    }
}

/// What an API says of itself is signed by its server, whose keys are fetched before anything is sent on its word.
#[test]
fn forged_metadata_of_an_api_are_noticed_on_the_way_in() {
    for issuer in [ISSUER, ""] {
        let mut pair = Pair::new();
        pair.practice.set(Fault::ApiForgedMetadata, true);
        let mut flow = flow(Grant::Mcp, |settings| issuer.clone_into(&mut settings.server.issuer));
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is used") };
        assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("prm.signature")), "{issuer}");
        assert_eq!(stages(&flow)[2..], [Stage::Discovery, Stage::Jwks], "nothing leaves after it");
        flow.go_on_anyway();
        assert_eq!(pair.run(&mut flow), Next::Finished);
        assert_eq!(failed(&flow), ["prm.signature"], "{issuer}");
    }
    // A client that nobody knows registers itself after that.
    let mut pair = Pair::new();
    pair.practice.set(Fault::ApiForgedMetadata, true);
    let mut unknown = unknown();
    pair.run(&mut unknown);
    unknown.go_on_anyway();
    pair.run(&mut unknown);
    assert_eq!(stages(&unknown)[3..5], [Stage::Jwks, Stage::Registration]);
}

#[test]
fn a_server_that_is_gone_leaves_the_next_one_of_the_list() {
    let mut pair = Pair::new();
    let list = Json::parse_text(&format!(r#"["http://127.0.0.1:9400/gone","{ISSUER}"]"#)).expect("JSON");
    pair.changes.insert("/.well-known/oauth-protected-resource/mcp", ("authorization_servers", list));
    let mut flow = flow(Grant::Mcp, |settings| settings.server.issuer.clear());
    let next = pair.run(&mut flow);
    let Next::Stopped(problem) = &next else { panic!("it is found") };
    assert_eq!(problem.stage, Stage::Discovery);
    assert!(problem.advice.join(" ").contains(&format!("another server too: {ISSUER}")), "{:?}", problem.advice);
    let cures = finding(&flow, &next, &[]).expect("a finding").cures;
    assert_eq!(cures.first().map(|cure| (cure.setting, cure.value.as_str())), Some(("issuer", ISSUER)));
    cures[0].apply(&mut flow.settings);
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
}

/// A client that nobody knows at a server that takes documents, at one that does not say so, and a document there.
#[test]
fn what_clients_of_the_newest_revision_prefer_is_told() {
    let mut registers = unknown();
    Pair::new().run(&mut registers);
    assert_eq!(verdicts(&registers, "mcp.registration").len(), 1);
    let mut pair = Pair::new();
    pair.changes
        .insert("/.well-known/oauth-authorization-server", ("client_id_metadata_document_supported", Json::Null));
    let mut unsaid = unknown();
    pair.run(&mut unsaid);
    assert_eq!(verdicts(&unsaid, "mcp.registration"), [""; 0]);
    let mut document = flow(Grant::Mcp, |settings| {
        "https://app.example/client.json".clone_into(&mut settings.client.client_id);
    });
    pair.run(&mut document);
    assert_eq!(verdicts(&document, "cimd.announced"), ["warn: absent"]);
    let mut known = flow(Grant::Mcp, |_| {});
    pair.run(&mut known);
    assert_eq!(verdicts(&known, "cimd.announced"), [""; 0], "a name that is no address");
}

#[test]
fn a_challenge_that_leads_nowhere_is_told_of_although_the_metadata_are_found() {
    let mut pair = Pair::new();
    pair.faults.insert("/mcp", |_| {
        let challenge = format!("Bearer resource_metadata=\"{ISSUER}/nowhere\"");
        Ok(HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", challenge))
    });
    let mut flow = flow(Grant::Mcp, |_| {});
    pair.run(&mut flow);
    let said = verdicts(&flow, "prm.address");
    assert!(said.len() == 1 && said[0].starts_with("warn") && said[0].contains("404"), "{said:?}");
    assert!(stages(&flow).contains(&Stage::Token), "the well-known path has them");
}

/// What is signed names another server than the list that the run went by.
#[test]
fn a_server_that_the_signed_list_leaves_out_gets_nothing_more() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::ApiSignedOtherwise, true);
    let mut flow = flow(Grant::Mcp, |settings| settings.server.issuer.clear());
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it goes on") };
    assert_eq!((problem.stage, problem.rule), (Stage::Jwks, Some("mcp.credentials")));
    assert!(verdicts(&flow, "prm.signed_values").iter().any(|said| said.contains("goes by what is signed")));
}

/// A run whose API has signed metadata that nobody could verify is no proof, unless somebody else attests to them.
#[test]
fn signed_metadata_that_were_not_judged_leave_the_run_open() {
    let config = || Config { signed_metadata: true, ..Config::practice(ISSUER.parse().expect("a URL")) };
    let without_keys = |mut pair: Pair| {
        pair.faults.insert("/.well-known/oauth-authorization-server", |_| {
            let body = r#"{"issuer":"http://127.0.0.1:9400","authorization_endpoint":"http://127.0.0.1:9400/authorize",
                "token_endpoint":"http://127.0.0.1:9400/token","response_types_supported":["code"],
                "code_challenge_methods_supported":["S256"]}"#;
            Ok(HttpResponse::new(200, JSON, body))
        });
        let mut flow = flow(Grant::Mcp, |_| {});
        assert_eq!(pair.run(&mut flow), Next::Finished);
        flow
    };
    let open = without_keys(Pair::with(config()));
    assert_eq!(open.outcome(), Outcome::Incomplete);
    assert_eq!(open.left_open()[0].0, "the signature of the metadata of the API was not judged");
    let plain = without_keys(Pair::new());
    assert_eq!((plain.outcome(), plain.left_open()), (Outcome::Success, Vec::new()));
}
