//! The search for metadata from the command line.

use crate::*;

#[test]
fn discover_says_why_there_is_no_document_and_what_to_type_instead() {
    let served = Served::with(&["--fault", "wrong_issuer"]);
    let nowhere = run(&["discover", &format!("{}/nowhere", served.issuer)]);
    let json = nowhere.json();
    let tried = json.get("tried").map(Json::elements).unwrap_or_default();
    let errors: Vec<_> = tried.iter().map(|tried| tried.text("error")).collect();
    assert_eq!((nowhere.code, json.text("outcome"), errors.len()), (1, Some("failed"), 3), "{}", nowhere.story);
    assert!(errors.iter().all(Option::is_some));
    assert_eq!(json.get("problem").and_then(|problem| problem.text("came")), errors[0]);
    assert!(nowhere.story.contains("the part before /.well-known"), "{}", nowhere.story);

    let other = run(&["discover", &served.issuer]);
    let meant = format!("grantscope discover {}/another", served.issuer);
    assert_eq!(other.code, 1);
    assert!(other.story.contains(&meant), "{}", other.story);

    let served = Served::start();
    let pasted = run(&["discover", &format!("{}/.well-known/openid-configuration", served.issuer)]);
    assert_eq!(pasted.code, 0, "{}", pasted.story);
    assert!(pasted.story.contains("the suffix that was typed was taken off"), "{}", pasted.story);

    let named = run(&["discover", served.issuer.trim_start_matches("http://")]);
    let json = named.json();
    assert_eq!(json.text("issuer"), Some(served.issuer.replace("http:", "https:").as_str()), "{}", named.story);
    // Nothing speaks TLS there, and it is of this machine.
    let meant = format!("grantscope discover {}", served.issuer);
    assert_eq!(json.text("option"), Some(meant.as_str()), "{}", named.story);
    assert!(named.story.contains(&meant), "{}", named.story);
}

#[test]
fn an_address_that_is_echoed_is_told_without_its_password() {
    let address = "https://u:PASSw0rdZQ@127.0.0.1:9/x";
    for arguments in [
        &["jwt", "verify", "e30.e30.", "--jwks", address][..],
        &["jwt", "verify", "e30.e30.", "--jwks", &address[8..]],
        &["client-document", "check", address],
        &["client-document", "check", &address[8..]],
        &["between", "--issuer", address, "--port", "0"],
        &["import", address],
        &["run", address],
    ] {
        let done = run(arguments);
        assert!(done.code != 0 && !done.story.contains("PASSw0rdZQ"), "{arguments:?}: {}", done.story);
        assert!(done.story.contains("REDACTED-password-1@127.0.0.1:9"), "{arguments:?}: {}", done.story);
        assert!(!done.out.contains("PASSw0rdZQ"), "{arguments:?}: {}", done.out);
    }
    let done = run(&["import", "http://127.0.0.1/a?client_secret=PASSw0rdZQ"]);
    assert!(done.story.contains("client_secret=REDACTED") && done.story.contains("standard input"), "{}", done.story);
}

/// What a check saw is said of the document that it judges, for people and for programs.
#[test]
fn what_a_check_saw_of_a_client_document_is_told_without_passwords() {
    let document = r#"{"client_id":"https://u:PASSw0rdZQ@app.example/c.json","client_uri":"https://v:PASSw0rdZR@app.example/",
        "redirect_uris":["https://w:PASSw0rdZS@app.example/cb"],"tokens":{"ci":"PASSw0rdZQtoken1"}}"#;
    let done = fed(&["client-document", "check", "-", "--url", "https://x:PASSw0rdZT@app.example/d.json"], document);
    assert_eq!(done.code, 1, "{}", done.story);
    assert!(!done.story.contains("PASSw0rdZ") && !done.out.contains("PASSw0rdZ"), "{}{}", done.story, done.out);
    let json = done.json();
    let saw = json.get("checks").expect("checks").elements().iter().filter_map(|check| check.text("actual"));
    assert!(saw.clone().any(|saw| saw.contains("u:REDACTED-password-1@app.example")), "{}", done.out);
}
