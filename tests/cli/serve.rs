//! The practice server as a process of its own.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Barrier;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantscope::base::json::Json;
use url::Url;

use crate::{Served, file, folder, get, run, with};

/// The answer to a client credentials request on a connection of its own.
fn token(issuer: &Url, all: &Barrier) -> String {
    let address = (issuer.host_str().expect("a host"), issuer.port().expect("a port"));
    let basic = STANDARD.encode("practice-service:practice-secret");
    let body = "grant_type=client_credentials&scope=profile";
    let request = format!(
        "POST /token HTTP/1.1\r\nHost: {}:{}\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        address.0,
        address.1,
        body.len()
    );
    let mut stream = TcpStream::connect(address).expect("it listens");
    all.wait();
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

#[test]
fn the_example_that_is_written_is_served_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("practice.toml");
    let path = path.to_str().expect("UTF-8");
    assert_eq!(run(&["serve", "--write-config", path]).code, 0);
    let served = Served::with(&["--config", path, "--tls-port", "0"]);
    assert_eq!(served.ready.get("users").map(|users| users.elements().len()), Some(1));
    let again = run(&["serve", "--write-config", path]);
    assert!(again.code == 1 && again.story.contains("stays as it is"), "{}", again.story);
}

#[test]
fn fifty_requests_at_once_are_all_answered() {
    const COUNT: usize = 50;
    let served = Served::start();
    let issuer = Url::parse(&served.issuer).expect("a URL");
    let all = Barrier::new(COUNT);
    let answers: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..COUNT).map(|_| scope.spawn(|| token(&issuer, &all))).collect();
        asked.into_iter().map(|asked| asked.join().expect("answered")).collect()
    });
    let mut tokens = BTreeSet::new();
    for answer in answers {
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        let body = Json::parse_text(body).expect("JSON");
        tokens.insert(body.text("access_token").expect("a token").to_owned());
    }
    assert_eq!(tokens.len(), COUNT, "no two are the same");
}

#[test]
fn what_clients_with_certificates_need_is_said_and_written() {
    let folder = folder();
    let path = folder.path().join("new").join("certificates");
    let served = Served::with(&["--write-certificates", path.to_str().expect("UTF-8")]);
    assert!(served.ready.text("tls_origin").expect("a TLS origin").starts_with("https://127.0.0.1:"));
    let authority = served.ready.text("certificate_authority").expect("an authority");
    assert_eq!(std::fs::read_to_string(authority).expect("a file").matches("BEGIN CERTIFICATE").count(), 1);
    let files = served.ready.get("tls_client_certificates").expect("certificates").members();
    let clients: Vec<&str> = files.iter().map(|(client_id, _)| client_id.as_str()).collect();
    assert_eq!(clients, ["practice-tls", "practice-self-signed"]);
    for (client_id, file) in files {
        let file = file.as_str().expect("a path");
        let pem = std::fs::read_to_string(file).expect("a file");
        assert!(pem.contains("BEGIN CERTIFICATE") && pem.contains("PRIVATE KEY"), "{client_id}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            let mode = std::fs::metadata(file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{client_id}: nobody else reads a key");
        }
    }
    let page = get(&format!("{}/", served.issuer));
    assert!(page.contains("BEGIN CERTIFICATE"), "the first page shows them as well");
}

#[test]
fn without_a_folder_nothing_is_written_and_the_tls_origin_is_still_said() {
    let served = Served::start();
    assert!(served.ready.text("tls_origin").is_some());
    assert_eq!(served.ready.get("certificate_authority"), None);
    let origin = served.ready.text("tls_origin").expect("a TLS origin").to_owned();
    let metadata = get(&format!("{}/.well-known/openid-configuration", served.issuer));
    assert!(metadata.contains(&format!("\"{origin}/token\"")), "{metadata}");
}

#[test]
fn a_client_of_any_name_writes_no_file_elsewhere() {
    let folder = folder();
    let clients = "[[clients]]\nclient_id = \"../../outside\"\ntls_client_auth_subject_dn = \"CN=outside\"\n\
                   grant_types = [\"client_credentials\"]\n";
    let config = file(&folder, "practice.toml", clients);
    let path = folder.path().join("certificates");
    let served = Served::with(&["--config", &config, "--write-certificates", path.to_str().expect("UTF-8")]);
    let files = served.ready.get("tls_client_certificates").expect("certificates").members();
    let written = std::path::Path::new(files[0].1.as_str().expect("a path"));
    assert_eq!((files[0].0.as_str(), written.parent()), ("../../outside", Some(path.join("clients").as_path())));
    assert!(written.exists() && !folder.path().join("outside.pem").exists());
}

#[test]
fn a_folder_that_cannot_be_written_ends_it_with_the_path() {
    let folder = folder();
    let path = file(&folder, "file", "");
    let done = run(&["serve", "--port", "0", "--write-certificates", &path]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains(&path), "{}", done.story);
    assert_eq!(done.out, "");
}

#[test]
fn its_help_says_how_certificates_are_used() {
    let help = run(&["serve", "--help"]).out;
    for words in ["--write-certificates <FOLDER>", "authority.pem", "tls_client_certificate=@FILE"] {
        assert!(help.contains(words), "{help}");
    }
}

#[test]
fn faults_are_listed_with_what_each_does_and_the_rule_that_must_notice_it() {
    let done = run(&["serve", "--list-faults", "--json"]);
    assert_eq!(done.code, 0, "{}", done.story);
    let rows = Json::parse_text(&done.out).expect("JSON");
    let row = rows.elements().iter().find(|row| row.text("fault") == Some("missing_iss")).expect("listed");
    assert_eq!(row.text("rule"), Some("authorization_response.iss"));
    for words in ["missing_iss", "response without iss", "authorization_response.iss", "slow_answer"] {
        assert!(done.out.contains(words), "{}", done.out);
    }
}

#[test]
fn a_fault_that_is_on_is_told_and_a_wrong_one_is_refused_with_all_names() {
    let served = Served::with(&["--fault", "wrong_issuer", "--fault", "slow_answer=1ms"]);
    let faults: Vec<&str> =
        served.ready.get("faults").expect("told").elements().iter().filter_map(Json::as_str).collect();
    assert_eq!(faults, ["wrong_issuer", "slow_answer=1ms"]);
    assert!(get(&format!("{}/.well-known/openid-configuration", served.issuer)).contains("/another\""));
    let done = run(&["serve", "--fault", "nonsense"]);
    assert_eq!(done.code, 2);
    assert!(done.story.contains("wrong_iss") && done.story.contains("slow_answer"), "{}", done.story);
}

#[test]
fn two_issuers_of_one_file_are_signed_in_at_each_by_itself() {
    let folder = folder();
    let config = file(&folder, "two.toml", "[[issuers]]\npath = \"/blue\"\nsigning_alg = \"EdDSA\"\n");
    let served = Served::with(&["--config", &config]);
    let further = served.ready.get("issuers").expect("issuers").elements();
    let blue = further[0].text("issuer").expect("an issuer").to_owned();
    assert_eq!(blue, format!("{}/blue", served.issuer));
    for (issuer, has_own_key) in [(&served.issuer, false), (&blue, true)] {
        let settings = [format!("issuer={issuer}"), format!("api_url={issuer}/api/me")];
        let client =
            ["scope=openid profile", "client_id=practice-native", "token_endpoint_auth_method=none", "client_secret="];
        let mut arguments = vec!["run", "authorization-code", "--sign-in", "alice"];
        settings.iter().map(String::as_str).chain(client).for_each(|pair| arguments.extend(["--set", pair]));
        let done = run(&arguments);
        done.assert_success();
        assert_eq!(done.out.contains("eddsa-"), has_own_key, "{issuer}");
    }
}

#[test]
fn it_is_called_by_the_names_that_are_allowed_and_names_its_issuer_whatever_the_name() {
    let folder = folder();
    let file = folder.path().join("ready.json");
    let served = Served::with(&[
        "--tls-port",
        "0",
        "--bind",
        "0.0.0.0",
        "--issuer",
        "https://idp.test/blue",
        "--allow-host",
        "idp",
        "--login",
        "auto",
        "--ready-file",
        file.to_str().expect("UTF-8"),
    ]);
    let origin = Url::parse(served.ready.text("origin").expect("an origin")).expect("a URL");
    assert_eq!(served.ready.text("issuer"), Some("https://idp.test/blue"));
    assert_eq!(served.ready.text("tls_origin"), Some("https://idp.test"));
    let written = Json::parse_text(&std::fs::read_to_string(&file).expect("written")).expect("JSON");
    assert_eq!(written, served.ready);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let port = origin.port().expect("a port");
    for (host, path, status, says) in [
        ("idp.test", "/blue/.well-known/openid-configuration", "200", "https://idp.test/blue/token"),
        ("IDP:1234", "/blue/.well-known/openid-configuration", "200", "https://idp.test/blue/token"),
        ("127.0.0.1", "/blue/jwks", "421", "--allow-host idp --allow-host 127.0.0.1"),
        ("127.0.0.1", "/blue/jwks", "421", "only as idp.test, idp."),
        ("10.1.2.3:80", "/health", "200", "\"ok\""),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert_eq!(answer.get(9..12), Some(status), "{host}{path}: {answer}");
        assert!(answer.contains(says), "{answer}");
    }
}

#[test]
fn a_setting_that_cannot_work_is_wrong_usage_and_says_what_is_allowed() {
    for (arguments, says) in [
        (&["--bind", "here"][..], "--bind: bind is here, not an address"),
        (&["--certificate", "/nowhere.pem"][..], "/nowhere.pem"),
        (&["--config", "/nowhere.toml"][..], "/nowhere.toml"),
        (&["--profile", "fapi1"][..], "--profile: profile is fapi1, not one of oauth2, oauth2.1, fapi2"),
        (&["--profile", "fapi2", "--any-client"][..], "profile fapi2 takes registered clients alone"),
    ] {
        let done = run(&[&["serve", "--port", "0"], arguments].concat());
        assert_eq!((done.code, done.story.contains(says)), (2, true), "{}", done.story);
    }
}

#[test]
fn a_token_is_signed_without_a_server() {
    let folder = folder();
    let key = file(&folder, "key.json", grantscope::practice::PRACTICE_JWT_KEY);
    let claims = file(&folder, "claims.json", "{\n\"sub\": \"alice\",\n\"big\": 12345678901234567890\n}");
    let done = run(&["serve", "--sign", &claims, "--key", &key, "--header", "typ=at+jwt", "--header", "crit=[\"x\"]"]);
    assert_eq!(done.code, 0, "{}", done.story);
    let token = grantscope::jose::jwt::decode(done.out.trim());
    assert_eq!((token.alg(), token.typ(), token.kid()), (Some("ES256"), Some("at+jwt"), Some("practice-jwt-1")));
    assert_eq!(token.claim("sub").and_then(Json::as_str), Some("alice"));
    let verified = run(&["jwt", "verify", done.out.trim(), "--key", &key]);
    assert!(verified.story.contains("ES256") || verified.out.contains("ES256"), "{}", verified.story);
    for (arguments, says) in [
        (&["--sign", &claims][..], "--key"),
        (&["--sign", &key, "--key", &claims][..], "claims.json"),
        (&["--sign", "/nowhere", "--key", &key][..], "/nowhere"),
        (&["--sign", &claims, "--key", &key, "--alg", "RS256"][..], "RS256"),
        (&["--sign", &claims, "--key", &key, "--header", "typ"][..], "NAME=VALUE"),
    ] {
        let done = run(&[&["serve"], arguments].concat());
        assert_eq!((done.code, done.story.contains(says)), (2, true), "{says}: {}", done.story);
    }
}

/// The answer to a request on a connection of its own; empty when none came.
fn answered(origin: &str, request: &str) -> String {
    let origin = Url::parse(origin).expect("a URL");
    let mut stream = TcpStream::connect(("127.0.0.1", origin.port().expect("a port"))).expect("it listens");
    let request = request.replacen('\n', "\r\nHost: 127.0.0.1\r\nConnection: close\r\n", 1);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn a_test_controls_it_at_a_port_of_its_own_with_a_token_that_is_in_the_ready_file_alone() {
    let folder = folder();
    let path = folder.path().join("ready.json");
    let served = Served::with(&["--control-port", "0", "--ready-file", path.to_str().expect("UTF-8")]);
    let control = served.ready.text("control").expect("told").to_owned();
    assert_eq!(served.ready.get("control_token"), None);
    let written = Json::parse_text(&std::fs::read_to_string(&path).expect("written")).expect("JSON");
    let token = written.text("control_token").expect("a token").to_owned();
    let authorized = format!("Authorization: Bearer {token}\r\n\r\n");
    for (request, says) in [
        ("GET /control/health HTTP/1.1\n\r\n".to_owned(), "HTTP/1.1 401"),
        (format!("GET /control/health HTTP/1.1\n{authorized}"), "HTTP/1.1 200"),
        (format!("GET /jwks HTTP/1.1\n{authorized}"), "HTTP/1.1 404"),
        (format!("OPTIONS /control/health HTTP/1.1\nOrigin: http://a.test\r\n{authorized}"), "HTTP/1.1 405"),
        (
            format!("POST /control/sign HTTP/1.1\nContent-Length: 1048577\r\n{authorized}{}", "x".repeat(1_048_577)),
            "HTTP/1.1 413",
        ),
    ] {
        let answer = answered(&control, &request);
        assert!(answer.starts_with(says), "{}: {answer}", request.lines().next().unwrap_or_default());
    }
    assert!(
        answered(&served.issuer, &format!("GET /control/health HTTP/1.1\n{authorized}")).starts_with("HTTP/1.1 404")
    );
    let body = "{\"fault\":\"cut_connection\",\"times\":1}";
    let fault = format!("POST /control/faults HTTP/1.1\nContent-Length: {}\r\n{authorized}{body}", body.len());
    assert!(answered(&control, &fault).starts_with("HTTP/1.1 200"));
    assert_eq!(answered(&served.issuer, "GET /jwks HTTP/1.1\n\r\n"), "", "the connection was cut");
    assert!(answered(&served.issuer, "GET /jwks HTTP/1.1\n\r\n").starts_with("HTTP/1.1 200"));
    let done = run(&["serve", "--port", "0", "--control-port", "0"]);
    assert_eq!((done.code, done.story.contains("GRANTSCOPE_SERVE_CONTROL_TOKEN")), (2, true), "{}", done.story);
}

#[test]
fn the_configuration_of_another_mock_is_converted_and_served() {
    let folder = folder();
    let theirs = r#"{"interactiveLogin":false,"httpServer":"X","tokenCallbacks":[{"issuerId":"a","requestMappings":[
        {"requestParam":"tenant","match":"*","claims":{"tid":"${tenant}"}}]}]}"#;
    let done = run(&["serve", "--convert", &file(&folder, "config.json", theirs)]);
    assert_eq!((done.code, done.story.contains("left out: httpServer")), (0, true), "{}", done.story);
    let served = Served::with(&["--config", &file(&folder, "practice.toml", &done.out)]);
    assert!(served.issuer.ends_with("/a"), "{}", served.issuer);
    let done = run(&["serve", "--convert", &file(&folder, "none.json", "{}")]);
    assert_eq!((done.code, done.story.contains("no configuration that is known")), (2, true), "{}", done.story);
}

/// What the run says that the profile wants is what the server takes, and nothing less.
#[test]
fn a_server_that_enforces_a_profile_takes_what_a_run_by_it_proposes() {
    let folder = folder();
    let key = file(&folder, "key.json", grantscope::practice::PRACTICE_JWT_KEY);
    let key = format!("@{key}");
    let served = Served::with(&["--profile", "fapi2"]);
    assert_eq!(served.ready.text("profile"), Some("fapi2"));
    let clients = served.ready.get("clients").map(|clients| clients.strings().join(" ")).unwrap_or_default();
    assert_eq!(clients, "practice-jwt practice-tls practice-self-signed practice-pipeline", "those it takes");
    let client = [("client_id", "practice-jwt"), ("private_key", &*key), ("scope", "openid offline_access")];
    let more = ["--sign-in", "alice", "--profile", "fapi2", "--then", "refresh"];
    let proposed = [
        ("code_challenge_method", "S256"),
        ("token_endpoint_auth_method", "private_key_jwt"),
        ("require_pushed_authorization_requests", "true"),
        ("dpop_bound_access_tokens", "true"),
    ];
    let done = served.run("authorization-code", &[&client[..], &proposed].concat(), &more);
    assert_eq!(done.code, 0, "{}", done.story);
    let passes = done.json().get("profiles").and_then(|it| it.get("fapi2")?.get("passes").cloned());
    assert_eq!(passes, Some(Json::Bool(true)), "{}", done.story);
    let done = served.run("authorization-code", &[&client[..], &proposed[..3]].concat(), &more);
    assert_eq!(done.code, 1, "{}", done.story);
    assert!(done.story.contains("a DPoP proof or a client certificate is needed"), "{}", done.story);
    assert!(done.story.contains("it wants --set dpop_bound_access_tokens=true"), "{}", done.story);
}

#[test]
fn a_token_of_a_workload_is_made_and_held_against_a_policy() {
    let folder = folder();
    let key = file(&folder, "key.json", grantscope::practice::PRACTICE_JWT_KEY);
    let done = run(&["serve", "--like", "github", "--key", &key]);
    assert_eq!(done.code, 0, "{}", done.story);
    let token = done.out.trim().to_owned();
    let compared = |sub: &str| {
        let iss = "https://token.actions.githubusercontent.com";
        run(&["jwt", "trust", &token, "--iss", iss, "--sub", sub]).code
    };
    assert_eq!(compared("repo:octo-org@65/octo-repo@74:environment:prod"), 0);
    assert_eq!(compared("repo:octo-org/octo-repo:environment:prod"), 1);
    let claims = file(&folder, "claims.json", r#"{"sub": "repo:me/mine:ref:refs/heads/main"}"#);
    let done = run(&["serve", "--like", "github", "--sign", &claims, "--key", &key]);
    let laid = grantscope::jose::jwt::decode(done.out.trim());
    assert_eq!(laid.claim("sub").and_then(Json::as_str), Some("repo:me/mine:ref:refs/heads/main"));
    assert_eq!(laid.claim("repository").and_then(Json::as_str), Some("octo-org/octo-repo"));
    for (arguments, says) in [
        (&["--like", "github"][..], "--key"),
        (&["--like", "gitlab", "--key", &key][..], "github, github-pull-request, kubernetes, spiffe"),
        (&["--header", "typ=x"][..], "--sign"),
    ] {
        let done = run(&[&["serve"], arguments].concat());
        assert_eq!((done.code, done.story.contains(says)), (2, true), "{says}: {}", done.story);
    }
}

/// What a run asks for is typed each time, and nothing else is.
#[test]
fn a_profile_is_met_by_the_options_that_each_finding_names() {
    for profile in ["fapi2", "fapi2-message-signing"] {
        let served = Served::with(&["--profile", profile]);
        let issuer = format!("issuer={}", served.issuer);
        let mut settings = vec![issuer];
        let done = loop {
            let mut arguments = with(&["--preset", "practice"]);
            arguments.extend(settings.iter().flat_map(|pair| ["--set", pair.as_str()]));
            let done = run(&arguments);
            let json = done.json();
            let Some(finding) = json.get("finding").filter(|finding| !finding.members().is_empty()) else { break done };
            let option = finding.text("option").unwrap_or_else(|| panic!("no option: {}", done.story));
            let pair = option.strip_prefix("--set ").expect("a setting").to_owned();
            assert!(!settings.contains(&pair), "{pair} did not help: {}", done.story);
            settings.push(pair);
        };
        done.assert_success();
        let is_typed = |name: &str| settings.iter().any(|pair| pair.starts_with(name));
        for name in ["require_pushed_authorization_requests", "token_endpoint_auth_method", "dpop_bound_access_tokens"]
        {
            assert!(is_typed(name), "{name}: {settings:?}");
        }
        assert_eq!(is_typed("response_mode=jwt"), profile == "fapi2-message-signing");
    }
}
