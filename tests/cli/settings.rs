//! What is set by name, and what a result is written to.

use crate::*;

#[test]
fn what_becomes_of_a_name_is_said() {
    for (grant, typed, code, says) in [
        ("client-credentials", "foo=bar", 0, "it is not sent; token_request.extra.foo=..."),
        ("client-credentials", "scop=x", 0, "did you mean scope?"),
        ("client-credentials", "client_secrett=x", 2, "did you mean client_secret?"),
        ("authorization-code", "client_sercet=x", 2, "did you mean client_secret?"),
        ("authorization-code", "passwrod=x", 2, "did you mean password?"),
        ("authorization-code", "Kennwort=x", 2, "sounds like a secret"),
        ("authorization-code", "Authorization=x", 2, "sounds like a secret"),
        ("authorization-code", "access_tokn=x", 2, "sounds like a secret"),
        ("authorization-code", "clientsecrt=x", 2, "sounds like a secret"),
        ("authorization-code", "pwd=x", 2, "sounds like a secret"),
        ("client-credentials", "token_request.extra.tenant=blue", 0, "tenant                   blue"),
    ] {
        let done = run(&["run", grant, "--set", typed]);
        assert_eq!(done.code, code, "{typed}: {}", done.story);
        assert!(done.story.contains(says), "{typed}: {}", done.story);
    }
}

/// In another spelling, in a table or with the section of a preset, and as what is to be left out.
#[test]
fn a_name_that_is_nearly_a_setting_is_asked_about() {
    for (typed, code, says) in [
        ("clientId=app", 0, "did you mean client_id?"),
        ("client-id=app", 0, "did you mean client_id?"),
        ("clientSecret=x", 2, "did you mean client_secret?"),
        ("tls_client_certificate_pasword=x", 2, "did you mean tls_client_certificate_password?"),
        ("client.client_id=app", 0, "did you mean client_id?"),
        ("extras.ui=1", 0, "did you mean extra.ui?"),
        ("api_headers=1", 0, "did you mean api_headers.NAME?"),
        ("apiHeaders.Accept=a", 0, "did you mean api_headers.Accept?"),
        ("token_request.extr.ui=1", 0, "did you mean token_request.extra.ui?"),
        ("token_request.header.Origin=o", 0, "did you mean token_request.headers.Origin?"),
        ("token_request.tenant=1", 0, "did you mean token_request.extra.tenant?"),
        ("reqest.exp=1", 0, "did you mean request.exp?"),
        ("token_request.omit=scop", 0, "token_request.omit: no parameter is called scop here; did you mean scope?"),
        ("omit=state grantType", 0, "did you mean grant_type?"),
        ("token_request.omit=scope tenant", 0, ""),
        ("extra.ui.locale=de", 0, ""),
        ("access_type=offline", 0, ""),
    ] {
        let done = run(&["run", "client-credentials", "--set", typed]);
        assert_eq!(done.code, code, "{typed}: {}", done.story);
        assert_eq!(done.story.contains("did you mean"), !says.is_empty(), "{typed}: {}", done.story);
        assert!(done.story.contains(says), "{typed}: {}", done.story);
    }
}

#[test]
fn an_address_that_leaves_otherwise_than_typed_is_noted() {
    for (typed, says) in [
        ("token_endpoint=http://127.0.0.1:9/a b", "token_endpoint is sent as http://127.0.0.1:9/a%20b"),
        ("token_endpoint=http://127.0.0.1:9/a/../b#c", "token_endpoint is sent as http://127.0.0.1:9/b"),
        ("token_endpoint=http://127.0.0.1:9/a?b=%20", ""),
    ] {
        let done = run(&["run", "client-credentials", "--set", "discovery=false", "--set", typed]);
        assert_eq!(done.story.contains(" is sent as "), !says.is_empty(), "{typed}: {}", done.story);
        assert!(done.story.contains(says), "{typed}: {}", done.story);
    }
}

/// Before anything leaves, and whatever the server says to it.
#[test]
fn a_value_that_is_nearly_a_known_one_is_asked_about() {
    const URN: &str = "urn:ietf:params:oauth:token-type";
    for (name, typed, meant) in [
        ("requested_token_type", format!("{URN}:id_jag"), "id-jag"),
        ("subject_token_type", format!("{URN}:acces_token"), "access_token"),
        ("actor_token_type", "urn:ietf:params:oauth:grant-type:jwt".to_owned(), "jwt"),
        ("requested_token_type", format!("{URN}:access_token"), ""),
    ] {
        let done = run(&["run", "token-exchange", "--sign-in", "alice", "--set", &format!("{name}={typed}")]);
        let says = format!("{name}: {typed} is not known here and is taken as it is; did you mean {URN}:{meant}?");
        let at = done.story.find(&says);
        assert_eq!(at.is_some(), !meant.is_empty(), "{typed}: {}", done.story);
        assert!(at < done.story.find("POST ").or(Some(usize::MAX)), "{}", done.story);
    }
}

/// Before anything leaves, which it does all the same where it can.
#[test]
fn a_value_that_has_to_be_json_and_is_not_is_noted() {
    for (grant, typed, says) in [
        (
            "authorization-code",
            "claims={x",
            "claims: not JSON: key must be a string at line 1 column 2; it is taken as it is",
        ),
        ("authorization-code", "authorization_details={}", "authorization_details: must be an array, and is an object"),
        ("jwt-bearer", "assertion_claims=[]", "assertion_claims: must be an object, and is an array"),
        ("authorization-code", r#"claims={"userinfo":{"email":null}}"#, ""),
        ("authorization-code", "extra.claims={x", ""),
    ] {
        let done = run(&["run", grant, "--sign-in", "alice", "--set", typed]);
        assert_eq!(done.story.contains("taken as it is"), !says.is_empty(), "{typed}: {}", done.story);
        assert!(done.story.contains(says), "{typed}: {}", done.story);
        assert!(done.story.find(says) < done.story.find("GET ").or(Some(usize::MAX)), "{}", done.story);
    }
}

#[test]
fn a_binding_of_the_code_that_goes_nowhere_is_noted() {
    const BOUND: &str = "dpop_bound_access_tokens=true";
    for (grant, typed, says) in [
        ("client-credentials", &["dpop_jkt=true"][..], "client-credentials binds no code"),
        ("authorization-code", &["dpop_jkt=true"], "dpop_jkt is on, and dpop_bound_access_tokens is off"),
        ("authorization-code", &["dpop_pushed_proof=true"], "dpop_bound_access_tokens is off"),
        ("authorization-code", &["dpop_pushed_proof=true", BOUND], "require_pushed_authorization_requests is off"),
        ("authorization-code", &["dpop_jkt=true", BOUND], ""),
    ] {
        let set = typed.iter().flat_map(|pair| ["--set", pair]);
        let done = run(&["run", grant, "--sign-in", "alice"].into_iter().chain(set).collect::<Vec<_>>());
        let is_noted = done.story.contains("so that it does nothing");
        assert_eq!(is_noted, !says.is_empty(), "{typed:?}: {}", done.story);
        assert!(done.story.contains(says), "{typed:?}: {}", done.story);
    }
}

/// Once each, also where it is set twice; what stages beside those of the grant take is used.
#[test]
fn a_setting_that_is_not_used_is_noted() {
    for (grant, typed, says) in [
        (
            "authorization-code",
            &["username=alice", "username=bob"][..],
            &["username is not used: it is a setting of password, and not of authorization-code"][..],
        ),
        ("authorization-code", &["kid=one"], &["kid is not used without token_endpoint_auth_method=private_key_jwt"]),
        ("authorization-code", &["refresh_scope=openid"], &[]),
        ("authorization-code", &["username=", "scope=openid", "extra.ui=1", "authorization_endpoint="], &[]),
        (
            "client-credentials",
            &["redirect_uri=http://127.0.0.1/c", "response_type=code", "extra.ui=1"],
            &[
                "redirect_uri is not used: it is no setting of client-credentials",
                "response_type is not used: it is a setting of authorization-code, implicit, hybrid, and",
                "extra is not used: it is no setting of client-credentials; token_request.extra.NAME=...",
            ],
        ),
        (
            "client-credentials",
            &["token_request.extra.ui=1", "client_assertion_lifetime=60"],
            &["client_assertion_lifetime is not used without"],
        ),
        ("refresh", &["response_type=code", "refresh_scope=openid"], &[]),
    ] {
        let set = typed.iter().flat_map(|pair| ["--set", pair]);
        let done =
            run(&["run", grant, "--sign-in", "alice", "--then", "refresh"].into_iter().chain(set).collect::<Vec<_>>());
        for said in says {
            assert!(done.story.contains(&format!("note: {said}")), "{typed:?}: {}", done.story);
        }
        assert_eq!(done.story.matches("is not used").count(), says.len(), "{typed:?}: {}", done.story);
    }
}

#[test]
fn a_way_to_sign_that_the_request_of_ciba_does_not_know_is_noted() {
    const JAR: &str = "request_object_signing_alg=ES256";
    const OWN: &str = "backchannel_authentication_request_signing_alg=ES256";
    for (typed, says) in [
        (&[JAR][..], "set backchannel_authentication_request_signing_alg"),
        (&["request.jti=j"], "no request object is made: set backchannel_authentication_request_signing_alg"),
        (&[JAR, OWN], ""),
        (&[OWN, "request.jti=j"], ""),
    ] {
        let set = typed.iter().flat_map(|pair| ["--set", pair]);
        let done = run(&["run", "ciba", "--sign-in", "alice"].into_iter().chain(set).collect::<Vec<_>>());
        done.assert_success();
        assert_eq!(done.story.contains("alg is for authorization requests"), typed == [JAR], "{}", done.story);
        assert!(done.story.contains(says), "{typed:?}: {}", done.story);
    }
}

#[test]
fn what_can_be_set_is_listed_and_taken() {
    let all = run(&["settings"]).json();
    let names: Vec<&str> = all.elements().iter().filter_map(|it| it.text("setting")).collect();
    let found = |json: &Json, name: &str| json.elements().iter().find(|it| it.text("setting") == Some(name)).cloned();
    for (name, kind) in [
        ("client_id", "text"),
        ("client_secret", "secret"),
        ("private_key", "file"),
        ("token_endpoint", "url"),
        ("state", "switch"),
        ("extra.NAME", "parameter"),
        ("api_headers.NAME", "header"),
        ("token_request.extra.NAME", "parameter"),
        ("token_request.headers.NAME", "header"),
        ("token_request.omit", "words"),
        ("client_assertion.NAME", "claim"),
        ("tls_client_certificate_password", "secret"),
    ] {
        let setting = found(&all, name).unwrap_or_else(|| panic!("{name} in {names:?}"));
        assert_eq!(setting.text("kind"), Some(kind), "{name}");
        assert!(setting.text("meaning").is_some_and(|meaning| meaning.ends_with('.')), "{name}");
    }
    let redirect_uri = found(&all, "redirect_uri").expect("listed");
    assert_eq!(redirect_uri.text("default"), Some("http://127.0.0.1:0/callback"));
    let of = |grant| run(&["settings", grant]).json();
    let hybrid = found(&of("hybrid"), "response_type").expect("listed");
    assert_eq!(hybrid.text("default"), Some("code id_token"));
    assert_eq!(hybrid.get("values").map(|values| values.elements().len()), Some(3));
    for (grant, is_listed) in [("authorization-code", true), ("mcp", true), ("hybrid", true), ("implicit", false)] {
        assert_eq!(found(&of(grant), "dpop_pushed_proof").is_some(), is_listed, "{grant}");
    }
    let nightly = of("client-credentials");
    assert!(found(&nightly, "redirect_uri").is_none() && found(&nightly, "extra.NAME").is_none());
    assert!(found(&nightly, "private_key").is_some() && found(&nightly, "token_request.extra.NAME").is_some());
}

#[test]
fn every_listed_name_that_takes_another_one_is_a_setting() {
    for grant in ["authorization-code", "client-credentials", "jwt-bearer"] {
        let listed = run(&["settings", grant]).json();
        let names = listed.elements().iter().filter_map(|it| it.text("setting")?.strip_suffix("NAME"));
        let set = names.flat_map(|name| ["--set".to_owned(), format!("{name}thing=1")]).collect::<Vec<_>>();
        assert!(set.len() > 6, "{set:?}");
        let done = run(&["run", grant, "--sign-in", "alice"]
            .into_iter()
            .chain(set.iter().map(|it| &**it))
            .collect::<Vec<_>>());
        assert!(!done.story.contains("is no setting"), "{grant}: {}", done.story);
    }
}

#[test]
fn a_secret_that_is_left_out_is_not_sent() {
    let done = run(&with(&[
        "--set",
        "token_endpoint_auth_method=client_secret_post",
        "--set",
        "token_request.omit=client_secret",
    ]));
    let sent = done.json().get("exchanges").expect("exchanges").elements()[3].get("request").expect("sent").to_string();
    assert!(sent.contains("client_id=practice-web") && !sent.contains("client_secret"), "{sent}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let token = "eyJhbGciOiJub25lIn0.e30.";
    for arguments in [
        &["--help"][..],
        &["presets", "list"],
        &["presets", "show", "keycloak"],
        &["jwt", "decode", token],
        &["completions", "bash"],
        &["man"],
        &["run", "client-credentials"],
        &["serve", "--list-faults"],
        &["serve", "--write-config", "-"],
    ] {
        let full = std::fs::File::create("/dev/full").expect("Linux has it");
        let done = Done::of(program(arguments).stdout(full).output().expect("it starts"));
        assert_eq!(done.code, 1, "{arguments:?}");
        assert!(done.story.contains("standard output cannot be written"), "{arguments:?}: {}", done.story);
    }
}

#[test]
fn quiet_leaves_the_result_alone() {
    let done = run(&with(&["--quiet"]));
    assert_eq!((done.code, done.story.as_str()), (0, ""));
    assert_eq!(done.json().text("outcome"), Some("success"));
    assert_eq!(run(&["--json"]).json().text("grant"), Some("authorization_code"));
}

#[test]
fn requests_are_written_as_commands_without_secrets() {
    let done = run(&with(&["--curl", "-"]));
    assert!(done.out.starts_with("# discovery\ncurl 'http://127.0.0.1:"), "{}", done.out);
    assert!(done.out.contains("code=REDACTED-code-1") && !done.out.contains("practice-secret"), "{}", done.out);
}

#[test]
fn a_run_is_written_as_documents_when_it_runs_and_when_it_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let (run_file, page, har) = (file("run.json"), file("run.html"), file("run.har"));
    let done = run(&with(&["--save", &run_file, "--html", &page, "--har", &har, "--markdown", "-"]));
    assert_eq!(done.code, 0, "{}", done.story);
    assert!(done.out.starts_with("# Authorization code at http://127.0.0.1:"), "{}", done.out);
    assert!(read("run.html").starts_with("<!DOCTYPE html>") && read("run.har").contains("\"version\": \"1.2\""));
    let again = file("again.html");
    let shown = Done::of(program(&["show", &run_file, "--html", &again]).output().expect("it starts"));
    assert_eq!(shown.code, 0, "{}", shown.story);
    assert_eq!(read("again.html"), read("run.html"));
}

#[test]
fn documents_that_cannot_be_written_are_refused_before_anything_is_sent() {
    for (arguments, says) in [
        (&["--har", "-", "--html", "-"][..], "--html and --har cannot both be standard output"),
        (&["--svg", "/nowhere/run.svg"], "--svg: /nowhere/run.svg cannot be written"),
    ] {
        let done = run(&with(arguments));
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{}", done.story);
        assert!(done.story.contains(says), "{}", done.story);
    }
}

#[test]
fn secrets_are_shown_to_those_who_ask_by_name() {
    let done = run(&with(&["--with-secrets"]));
    let json = done.json();
    let token = json.get("tokens").and_then(|tokens| tokens.text("access_token")).expect("a token").to_owned();
    assert!(token.starts_with("eyJ") && done.out.matches(&token).count() > 1);
    assert!(!done.out.contains("REDACTED"));
}

/// What was typed may hold line ends and escapes of a terminal.
#[test]
fn arguments_that_are_not_known_are_told_as_visible_text() {
    for (args, told) in [
        (&["no\n\u{1b}[31msuch"][..], r"'no\n\u{1b}[31msuch'"),
        (&["run", "client-credentials", "--no\nsuch=1"], r"'--no\nsuch'"),
        (&["run", "no\nsuch"], r"'no\nsuch'"),
        (&["run", "client-credentials", "--timeout", "1\n2"], r"'1\n2'"),
    ] {
        let done = run(args);
        assert_eq!(done.code, 2, "{}", done.story);
        assert!(done.story.contains(told), "{}", done.story);
        let lines = done.story.lines().filter(|line| line.starts_with("such")).count();
        assert_eq!((lines, done.story.contains('\u{1b}')), (0, false), "{}", done.story);
    }
}
