//! The program from outside: arguments in, exit code, result and story out.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantscope::base::json::Json;
use grantscope::export::redact::is_placeholder;
use grantscope::io::sign_in::{User, sign_in};
use grantscope::io::transport::{Transport, TransportOptions};
use grantscope::jose::key::SigningKey;
use serde_json::{Map, json};
use url::Url;

#[path = "cli/authentication.rs"]
mod authentication;
#[path = "cli/between.rs"]
mod between;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/discover.rs"]
mod discover;
#[path = "cli/grants.rs"]
mod grants;
#[path = "cli/jwt.rs"]
mod jwt;
#[path = "cli/lesson.rs"]
mod lesson;
#[path = "cli/logout.rs"]
mod logout;
#[path = "cli/misuse.rs"]
mod misuse;
#[path = "cli/places.rs"]
mod places;
#[path = "cli/record.rs"]
mod record;
#[path = "cli/registration.rs"]
mod registration;
#[path = "cli/serve.rs"]
mod serve;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/suite.rs"]
mod suite;
#[path = "cli/waiting.rs"]
mod waiting;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantscope"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

struct Done {
    code: i32,
    out: String,
    story: String,
}

impl Done {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("not killed"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            story: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The stages of the run, in order.
    fn stages(&self) -> Vec<String> {
        let json = self.json();
        let exchanges = json.get("exchanges").expect("exchanges").elements();
        exchanges.iter().map(|one| one.text("stage").expect("a stage").to_owned()).collect()
    }

    /// Ended well, in every sense.
    #[track_caller]
    fn assert_success(&self) {
        assert_eq!(self.code, 0, "{}", self.story);
        assert_eq!(self.json().text("outcome"), Some("success"), "{}", self.story);
    }

    fn json(&self) -> Json {
        Json::parse_text(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.story))
    }
}

fn run(arguments: &[&str]) -> Done {
    Done::of(program(arguments).output().expect("it starts"))
}

/// With this on standard input.
fn fed(arguments: &[&str], input: &str) -> Done {
    let mut child = program(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    Done::of(child.wait_with_output().expect("it ends"))
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

const RUN: [&str; 4] = ["run", "authorization-code", "--sign-in", "alice"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    RUN.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn a_run_on_the_practice_server_succeeds_with_the_promised_result() {
    let done = run(&RUN);
    assert_eq!(done.code, 0, "{}", done.story);
    let json = done.json();
    let names: Vec<&str> = json.members().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "version",
            "grant",
            "preset",
            "started_at",
            "outcome",
            "settings",
            "stages",
            "position",
            "tokens",
            "claims",
            "exchanges",
            "checks",
            "finding"
        ]
    );
    assert_eq!((json.text("grant"), json.text("outcome")), (Some("authorization_code"), Some("success")));
    assert_eq!(json.get("claims").and_then(|claims| claims.text("sub")), Some("alice"));
    let tokens = json.get("tokens").expect("tokens");
    assert_eq!(
        (tokens.text("access_token"), tokens.text("token_type")),
        (Some("REDACTED-access_token-1"), Some("Bearer"))
    );
    let stages: Vec<_> =
        json.get("exchanges").expect("exchanges").elements().iter().map(|one| one.text("stage")).collect();
    assert_eq!(stages, ["discovery", "jwks", "authorization", "token", "userinfo", "api"].map(Some));
    let checks = json.get("checks").expect("checks").elements();
    assert!(checks.len() > 50);
    for check in checks {
        let names: Vec<&str> = check.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["rule", "verdict", "expected", "actual", "spec", "stage", "exchange"]);
    }
    for told in ["✓ Discovery", "→ Request", "alice signs in", "✓ Tokens", "✓ API", "✓ Success: 6 exchanges"]
    {
        assert!(done.story.contains(told), "{told} is missing in {}", done.story);
    }
}

#[test]
fn further_stages_run_after_the_grants_own() {
    let done = run(&with(&["--then", "refresh,userinfo,api"]));
    let json = done.json();
    let stages: Vec<_> =
        json.get("exchanges").expect("exchanges").elements().iter().skip(6).map(|one| one.text("stage")).collect();
    assert_eq!((done.code, stages), (0, ["refresh", "userinfo", "api"].map(Some).to_vec()));
}

/// Reads the story up to the line that is the authorization URL.
fn authorization_url(story: &mut impl std::io::BufRead) -> Url {
    for line in story.lines().map_while(Result::ok) {
        if line.starts_with("http://") {
            return Url::parse(&line).expect("a line of its own");
        }
    }
    panic!("no URL was printed");
}

fn get(url: &str) -> String {
    let url = Url::parse(url).expect("a URL");
    let address = (url.host_str().expect("a host"), url.port().expect("a port"));
    let mut stream = TcpStream::connect(address).expect("it listens");
    let target = &url[url::Position::BeforePath..];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", address.0, address.1)
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

#[test]
fn a_browser_elsewhere_brings_the_response_back() {
    let mut child = program(&["run", "authorization-code", "--print-url"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut story = BufReader::new(child.stderr.take().expect("a pipe"));
    let url = authorization_url(&mut story);
    let redirect_uri: String = url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("sent").1.into();

    assert!(get(&format!("{redirect_uri}?code=forged&state=forged")).starts_with("HTTP/1.1 400"));
    assert!(get(&redirect_uri.replace("/callback", "/favicon.ico")).starts_with("HTTP/1.1 404"));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let transport = Transport::new(TransportOptions::default()).expect("a transport");
    let stop_at = Url::parse(&redirect_uri).expect("a URL");
    let signed_in = runtime.block_on(sign_in(&transport, &url, &User::named("bob"), &stop_at)).expect("signed in");
    let answer = get(&format!("{redirect_uri}?{}", signed_in.callback.params.encode()));
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");

    let mut rest = String::new();
    story.read_to_string(&mut rest).expect("UTF-8");
    let output = child.wait_with_output().expect("it ends");
    let json = Json::parse(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(0), "{rest}");
    assert_eq!(json.get("claims").and_then(|claims| claims.text("sub")), Some("bob"));
    assert!(rest.contains("! ignored GET /callback: state is not the one that was sent"), "{rest}");
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let folder = folder();
    let broken = file(&folder, "broken.toml", "version = 1\nname = 7\n");
    let empty = file(&folder, "empty.pem", "\n");
    let nothing_trusted = format!("certificate_authority=@{empty}");
    for (arguments, says) in [
        (&["run", "magic"][..], "possible values: authorization-code"),
        (&["run"], "required"),
        (&["run", "authorization-code", "--sign-in", "alice", "--browser"], "cannot be used with"),
        (&["run", "authorization-code", "--sign-in-password", "env:HOME"], "--sign-in <USER>"),
        (
            &["run", "authorization-code", "--sign-in", "alice", "--sign-in-password", "env:GRANTSCOPE_UNSET"],
            "GRANTSCOPE_UNSET is not set",
        ),
        (&["run", "authorization-code", "--listen-certificate", &broken], "--listen-certificate: "),
        (&["run", "authorization-code", "--set", "scope"], "--set takes NAME=VALUE"),
        (&["run", "authorization-code", "--set", "state=maybe"], "state takes true or false, not maybe"),
        (&["run", "authorization-code", "--set", "client_secret=env:GRANTSCOPE_UNSET"], "GRANTSCOPE_UNSET is not set"),
        (&["run", "authorization-code", "--set", "client_secret=@/nowhere"], "there is no file /nowhere"),
        (&["run", "authorization-code", "--preset", "nowhere"], "no shipped preset nowhere; shipped are practice,"),
        (
            &["run", "authorization-code", "--preset", "Keycloak"],
            "Keycloak: these values are needed first: realm; add --set realm=...",
        ),
        (&["run", "authorization-code", "--preset", &broken], "line 2, column 8: name has to be a string"),
        (
            &["run", "authorization-code", "--then", "dance"],
            "possible values: refresh, reuse, request_uri_reuse, introspect, revoke",
        ),
        (&["run", "authorization-code", "--then", "proof"], "--then revoke,proof"),
        (&["run", "client-credentials", "--then", "refresh,proof,revoke"], "--then revoke,proof"),
        (&["run", "device", "--then", "reuse"], "--then refresh,reuse"),
        (
            &["run", "authorization-code", "--then", "request_uri_reuse"],
            "add --set require_pushed_authorization_requests=true",
        ),
        (&["run", "client-credentials", "--then", "request_uri_reuse"], "this grant has none"),
        (&["jwt", "verify", "a.b.c"], "--secret-stdin"),
        (&["jwt", "verify", "--secret-stdin", "-"], "not both"),
        (&["jwt", "verify", "--key", &broken, "a.b.c"], "broken.toml"),
        (&["discover", "not a url"], "is not an http or https URL"),
        (&["discover", "localhost:99999"], "99999 is no port"),
        (&["jwt", "decode", &broken], "reads the token in it"),
        (&["jwt", "decode", "REDACTED-access_token-1"], "this program has hidden"),
        (&["jwt", "verify", "e30.e30.REDACTED-id_token-1", "--key", &broken], "the signature of this token is hidden"),
        (&["jwt", "verify", "a.b.c", "--jwks", "localhost:8080/jwks"], "with one it is http://localhost:8080/jwks"),
        (&["run", "refresh", "--set", "refresh_token=REDACTED-refresh_token-1"], "this program has hidden"),
        (
            &["run", "authorization-code", "--redirected-to", "http://127.0.0.1/callback?code=REDACTED-code-1"],
            "paste the address that the browser shows",
        ),
        (&["run", "authorization-code", "--redirected-to", "garbage"], "this is not a URL; paste the whole address"),
        (&["run", "authorization-code", "--redirected-to", "http://127.0.0.1/callback"], "carries no code"),
        (&["run", "authorization-code", "--redirected-to", "-"], "standard input is empty or closed"),
        (&["run", "client-credentials", "--set", &nothing_trusted], "there is no certificate in it"),
        (&["discover", "https://as.example", "--certificate-authority", &empty], "there is no certificate in it"),
        (&["jwt", "verify", "a.b.c", "--jwks", "ftp://as.example/jwks"], "ftp is not the scheme"),
        (&["serve", "--port", "70000"], "70000"),
        (&["--window", "serve"], "cannot be used with"),
    ] {
        let done = run(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.story);
        assert!(done.story.contains(says), "{arguments:?}: {}", done.story);
        assert_eq!(done.out, "", "{arguments:?}");
    }
}

#[test]
fn no_output_holds_a_secret() {
    let sentinel = "planted sentinel/+&=%";
    for method in ["client_secret_basic", "client_secret_post"] {
        let method = format!("token_endpoint_auth_method={method}");
        let arguments = with(&["--set", "client_secret=env:GRANTSCOPE_TEST_SECRET", "--set", &method]);
        let done = Done::of(program(&arguments).env("GRANTSCOPE_TEST_SECRET", sentinel).output().expect("it starts"));
        assert_eq!((done.code, done.json().text("outcome")), (1, Some("refused")));
        for text in [&done.out, &done.story] {
            assert!(!text.contains("sentinel"), "{text}");
            assert!(!text.contains(&STANDARD.encode("web:planted")[4..]), "{text}");
        }
    }
    let done = run(&with(&["--then", "refresh"]));
    let basic = STANDARD.encode("practice-web:practice-secret");
    for text in [&done.out, &done.story] {
        for secret in ["practice-secret", basic.as_str(), "practice_session="] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        for (at, _) in text.match_indices("code=") {
            assert!(text[at..].starts_with("code=REDACTED-code-"), "{}", &text[at..at + 40]);
        }
    }
}

/// Every `name REDACTED-..` of the story's parameters and members, in order, each once.
fn told(story: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (name, value) = line.trim().split_once(' ')?;
        let value = value.trim();
        is_placeholder(value).then(|| (name.to_owned(), value.to_owned()))
    };
    let mut told: Vec<_> = story.lines().filter_map(pair).collect();
    told.dedup();
    told
}

#[test]
fn story_and_result_call_a_secret_by_the_same_name() {
    let done = run(&with(&["--then", "refresh"]));
    assert_eq!(done.code, 0, "{}", done.story);
    let told = told(&done.story);
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["code", "code_verifier", "access_token", "refresh_token"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let exchanges = done.json().get("exchanges").expect("exchanges").to_string();
    for (name, placeholder) in &told {
        let written = [format!("{name}={placeholder}"), format!("\\\"{name}\\\":\\\"{placeholder}\\\"")];
        let member = format!("\"{name}\":\"{placeholder}\"");
        assert!(written.iter().chain([&member]).any(|it| exchanges.contains(it)), "{name} {placeholder}: {exchanges}");
    }
    let of = |name: &str| told.iter().filter(|(it, _)| it == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    assert_eq!(of("code"), ["REDACTED-code-1"]);
    assert_eq!(of("access_token"), ["REDACTED-access_token-1", "REDACTED-access_token-2"]);
    assert!(exchanges.contains("Bearer REDACTED-access_token-1"), "{exchanges}");
    assert!(exchanges.contains("Basic REDACTED-client_secret-1"), "{exchanges}");
}

#[test]
fn a_secret_among_the_arguments_is_warned_about() {
    let done = run(&with(&["--set", "client_secret=practice-secret"]));
    assert_eq!(done.code, 0);
    assert!(done.story.contains("note: client_secret stands in the arguments"), "{}", done.story);
    let folder = folder();
    let secret = format!("client_secret=@{}", file(&folder, "secret", "practice-secret\n"));
    let done = run(&with(&["--set", &secret]));
    assert_eq!(done.code, 0, "{}", done.story);
    assert!(!done.story.contains("note:"), "{}", done.story);
    let done = fed(&with(&["--set", "client_secret=@-"]), "practice-secret\n");
    assert_eq!(done.code, 0, "{}", done.story);
}

#[test]
fn what_is_set_is_sent() {
    let refused = run(&with(&["--set", "client_secrett=x-0123456789"]));
    assert!(refused.code == 2 && refused.story.contains("client_secrett sounds like a secret"), "{}", refused.story);
    let done = run(&with(&["--set", "scope=openid profile", "--set", "ui_hint=2", "--set", "prompt=login"]));
    assert_eq!(done.code, 0, "{}", done.story);
    assert!(done.story.contains("note: ui_hint is no setting here and is sent as a parameter"), "{}", done.story);
    let json = done.json();
    let request = json.get("exchanges").expect("exchanges").elements()[2].get("request").expect("a request");
    let url = request.text("url").expect("a URL");
    for pair in ["scope=openid+profile", "ui_hint=2", "prompt=login"] {
        assert!(url.contains(pair), "{url}");
    }
}

#[test]
fn a_broken_rule_fails_the_run() {
    let done = run(&with(&[
        "--set",
        "client_id=practice-native",
        "--set",
        "token_endpoint_auth_method=none",
        "--set",
        "code_challenge_method=off",
    ]));
    let json = done.json();
    assert_eq!((done.code, json.text("outcome")), (1, Some("refused")));
    let failed: Vec<_> = json
        .get("checks")
        .expect("checks")
        .elements()
        .iter()
        .filter(|check| check.text("verdict") == Some("fail"))
        .map(|check| check.text("rule"))
        .collect();
    assert_eq!(failed, [Some("settings.pkce_public")]);
}

#[test]
fn what_is_missing_is_named_with_how_to_give_it() {
    let done = run(&["run", "authorization-code", "--preset", "google"]);
    assert_eq!(done.code, 2);
    for words in ["wants the client secret to be asked for", "--set client_secret=env:NAME or client_secret=@FILE"] {
        assert!(done.story.contains(words), "{}", done.story);
    }
    let public = ["run", "authorization-code", "--preset", "google", "--set", "token_endpoint_auth_method=none"];
    assert_eq!(run(&public).code, 1, "who needs no secret is not asked for one");
}

#[test]
fn without_a_display_the_flow_is_shown_in_the_terminal() {
    let done = run(&[]);
    assert_eq!(done.code, 0, "{}", done.story);
    let reason = match cfg!(feature = "window") {
        true => "There is no display for a window",
        false => "This program was built without its window",
    };
    assert_eq!(done.story, format!("{reason}, so here is the same flow in the terminal.\n"));
    assert!(done.out.contains("✓ Success: 7 exchanges") && done.out.contains("Refresh"), "{}", done.out);
    assert!(!done.out.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn a_window_that_cannot_be_opened_is_told_with_what_to_type_instead() {
    let done = run(&["--window"]);
    let (code, says) = match cfg!(feature = "window") {
        true => (
            1,
            "The window cannot be opened: there is no display.\n\
             Without a window: grantscope run authorization-code --sign-in alice\n",
        ),
        false => (
            2,
            "error: this program was built without its window (the feature window); \
             without a window: grantscope run authorization-code --sign-in alice\n\
             For more information, try '--help'.\n",
        ),
    };
    assert_eq!((done.code, done.story.as_str()), (code, says));
}

/// `grantscope serve` on a port of its own.
struct Served {
    child: Child,
    issuer: String,
    /// What it said when it was ready.
    ready: Json,
}

impl Served {
    fn start() -> Self {
        Self::with(&[])
    }

    /// With these arguments beside.
    fn with(more: &[&str]) -> Self {
        let mut child = program(&["serve", "--port", "0", "--json"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
        let ready = Json::parse_text(&line).expect("JSON");
        Self { child, issuer: ready.text("issuer").expect("an issuer").to_owned(), ready }
    }

    /// Runs a grant there, as a user who knows nothing but these settings.
    fn run(&self, grant: &str, settings: &[(&str, &str)], more: &[&str]) -> Done {
        let mut command = program(&["run", grant]);
        command.args(["--set", &format!("issuer={}", self.issuer)]);
        for (name, value) in settings {
            command.args(["--set", &format!("{name}={}", value.replace("{issuer}", &self.issuer))]);
        }
        Done::of(command.args(more).env(SECRET, "practice-secret").output().expect("it starts"))
    }
}

/// The variable with the secret of the practice clients.
const SECRET: &str = "GRANTSCOPE_TEST_SECRET";

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_that_is_only_named_is_discovered_run_and_its_tokens_verified() {
    let served = Served::start();
    let discovered = run(&["discover", &served.issuer]);
    let json = discovered.json();
    assert_eq!(discovered.code, 0, "{}", discovered.story);
    assert_eq!(json.get("metadata").and_then(|metadata| metadata.text("issuer")), Some(served.issuer.as_str()));
    assert_eq!(json.get("tried").map(|tried| tried.elements().len()), Some(1));

    let issuer = format!("issuer={}", served.issuer);
    let done = run(&with(&[
        "--with-secrets",
        "--set",
        &issuer,
        "--set",
        "client_id=practice-native",
        "--set",
        "scope=openid profile",
    ]));
    let json = done.json();
    assert_eq!(done.code, 0, "{}", done.story);
    let token = json.get("tokens").and_then(|tokens| tokens.text("id_token")).expect("an ID token").to_owned();

    let jwks = format!("{}/jwks", served.issuer);
    let verified = run(&["jwt", "verify", "--jwks", &jwks, &token]);
    assert_eq!(verified.code, 0, "{}", verified.story);
    let json = verified.json();
    for (verdict, expected) in [("format", "pass"), ("signature", "pass"), ("claims", "pass")] {
        assert_eq!(json.get(verdict).and_then(|found| found.text("verdict")), Some(expected), "{verdict}");
    }
    let tampered = token.replacen("eyJ", "eyK", 1);
    assert_eq!(run(&["jwt", "verify", "--jwks", &jwks, &tampered]).code, 1);
    let of_issuer = run(&["jwt", "verify", "--jwks", &served.issuer, &token]);
    assert_eq!(of_issuer.code, 1, "the page of the server shows keys of others: {}", of_issuer.story);
    assert!(of_issuer.story.contains("answered with a page; if this is an issuer"), "{}", of_issuer.story);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let done = run(&["serve", "--port", &port]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains(&format!("port {port} is taken by another program")), "{}", done.story);
}

#[test]
fn presets_are_listed_and_judged() {
    let list = run(&["presets", "list"]);
    let json = list.json();
    assert_eq!((list.code, json.elements()[0].text("preset")), (0, Some("practice")));
    let keycloak = json.elements().iter().find(|row| row.text("preset") == Some("keycloak")).expect("listed");
    assert_eq!(keycloak.get("placeholders").expect("asked for").strings(), ["server_url", "realm"]);
    assert_eq!(list.story, "");

    let folder = folder();
    let typo = file(&folder, "typo.toml", "version = 1\nname = \"x\"\n\n[request]\nscopes = \"openid\"\n");
    let done = run(&["presets", "check", &typo]);
    assert_eq!(done.code, 0);
    assert!(done.story.contains("typo.toml: line 5: the key request.scopes is not known"), "{}", done.story);
    assert!(done.story.contains("did you mean request.scope?"), "{}", done.story);
    let json = done.json();
    let warning = &json.get("warnings").expect("warnings").elements()[0];
    assert_eq!((warning.text("key"), warning.get("line").and_then(Json::as_i64)), (Some("request.scopes"), Some(5)));

    let pasted = file(&folder, "pasted.toml", "version = 1\n[client]\nclient_secret = \"planted-sentinel\"\n");
    let done = run(&["presets", "check", &pasted]);
    assert_eq!((done.code, done.json().get("valid").and_then(Json::as_bool)), (1, Some(false)));
    assert!(!done.story.contains("sentinel") && !done.out.contains("sentinel"));
}

#[test]
fn a_preset_file_with_placeholders_runs() {
    let served = Served::start();
    let folder = folder();
    let preset = file(
        &folder,
        "mine.toml",
        "version = 1\nname = \"Mine\"\n[placeholders.port]\nlabel = \"Port\"\n[server]\nissuer = \"http://127.0.0.1:{port}\"\n[client]\nclient_id = \"practice-web\"\nclient_secret = \"env:GRANTSCOPE_TEST_SECRET\"\nredirect_uri = \"http://127.0.0.1:0/callback\"\n[request]\nscope = \"openid\"\n",
    );
    let port = format!("port={}", Url::parse(&served.issuer).expect("a URL").port().expect("a port"));
    let arguments = with(&["--preset", &preset, "--set", &port]);
    let done =
        Done::of(program(&arguments).env("GRANTSCOPE_TEST_SECRET", "practice-secret").output().expect("it starts"));
    assert_eq!((done.code, done.json().text("outcome")), (0, Some("success")), "{}", done.story);
    let done = run(&arguments);
    assert_eq!(done.code, 1);
    assert!(done.story.contains("GRANTSCOPE_TEST_SECRET is not set; give it with"), "{}", done.story);
}
