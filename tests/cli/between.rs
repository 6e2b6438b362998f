//! Standing between an app and its provider, as a process of its own.

use crate::*;

/// A server that stands between, with all that it says.
struct Standing {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    ready: Json,
    issuer: String,
}

/// What was said until the end.
struct Ended {
    code: i32,
    lines: Vec<Json>,
    out: String,
    story: String,
}

impl Standing {
    fn for_issuer(issuer: &str, more: &[&str]) -> Self {
        let mut child = program(&["between", "--issuer", issuer, "--port", "0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let ready = Json::parse_text(&line).expect("JSON");
        let issuer = ready.text("issuer").expect("an issuer").to_owned();
        Self { child, lines, ready, issuer }
    }

    fn run(&self, more: &[&str]) -> Done {
        let mut command = program(&RUN);
        for setting in
            [&format!("issuer={}", self.issuer), "client_id=practice-web", &format!("client_secret=env:{SECRET}")]
        {
            command.args(["--set", setting]);
        }
        Done::of(command.args(more).env(SECRET, "practice-secret").output().expect("it starts"))
    }

    /// Host and port.
    fn address(&self) -> String {
        let url = Url::parse(&self.issuer).expect("a URL");
        format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))
    }

    /// The answer to these bytes.
    fn raw(&self, request: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address()).expect("it listens");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        answer
    }

    fn end(mut self) -> Ended {
        let kill = Command::new("sh").args(["-c", &format!("kill -INT {}", self.child.id())]).status();
        assert!(kill.expect("a shell").success());
        let (mut out, mut story) = (String::new(), String::new());
        self.lines.read_to_string(&mut out).expect("UTF-8");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut story).expect("UTF-8");
        let code = self.child.wait().expect("it ends").code().expect("not killed");
        let lines = out.lines().map(|line| Json::parse_text(line).expect("JSON")).collect();
        Ended { code, lines, out, story }
    }
}

impl Ended {
    /// Stage and leg of each message.
    fn stages(&self) -> Vec<(&str, &str)> {
        self.lines
            .iter()
            .map(|line| (line.text("stage").unwrap_or_default(), line.text("leg").unwrap_or_default()))
            .collect()
    }
}

#[cfg(unix)]
#[test]
fn a_login_through_an_issuer_of_its_own_succeeds_and_both_legs_are_judged() {
    let (served, folder) = (Served::start(), folder());
    let path = folder.path().join("login.json");
    let standing = Standing::for_issuer(&served.issuer, &["--iss", "mint", "--save", path.to_str().expect("UTF-8")]);
    let issuer = standing.issuer.clone();
    assert_eq!(
        standing.ready.text("metadata").map(str::to_owned),
        Some(format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
    );
    let done = standing.run(&["--then", "logout", "--with-secrets"]);
    done.assert_success();
    assert_eq!(done.json().get("claims").and_then(|claims| claims.text("iss")), Some(issuer.as_str()));
    let ended = standing.end();
    assert_eq!(ended.code, 0, "{}", ended.story);
    let stages = ended.stages();
    for expected in [
        ("metadata", "back channel"),
        ("jwks", "back channel"),
        ("authorization_request", "browser"),
        ("login_pages", "browser"),
        ("authorization_response", "browser"),
        ("token", "back channel"),
        ("userinfo", "back channel"),
        ("end_session_request", "browser"),
    ] {
        assert!(stages.contains(&expected), "{expected:?} in {stages:?}");
    }
    for says in ["iss mint:", "ID tokens that were signed anew: 1", "signed in", "is written to"] {
        assert!(ended.story.contains(says), "{says}: {}", ended.story);
    }
    let saved = std::fs::read_to_string(&path).expect("a file");
    let of_run = done.out + &ended.out;
    assert!(of_run.contains("practice-secret"), "the run shows what the others must not");
    for (name, secret) in secrets(&of_run) {
        let is_in = |text: &str| text.contains(&secret);
        assert!(!is_in(&saved) && !is_in(&ended.out) && !is_in(&ended.story), "{name}");
    }
    let shown = run(&["show", path.to_str().expect("UTF-8"), "--json"]);
    assert_eq!(shown.json().get("claims").and_then(|claims| claims.text("iss")), Some(served.issuer.as_str()));
    assert!(!shown.out.contains("\"verdict\": \"fail\""), "the original is judged, and it is good");
}

/// Secrets in the result of a run, by their names.
fn secrets(result: &str) -> Vec<(&'static str, String)> {
    let names = ["access_token", "id_token", "code_verifier", "code", "client_secret"];
    let value = |name: &'static str| {
        let from = result.find(&format!("\"{name}\": \""))? + name.len() + 5;
        let value = result[from..].split('"').next()?;
        (value.len() > 8).then(|| (name, value.to_owned()))
    };
    let found: Vec<_> = names.into_iter().filter_map(value).collect();
    assert!(found.len() >= 2, "{found:?}");
    found
}

#[cfg(unix)]
#[test]
fn a_client_that_refuses_the_issuer_is_told_what_to_do() {
    let served = Served::start();
    let standing = Standing::for_issuer(&served.issuer, &[]);
    let done = standing.run(&[]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains("metadata.issuer"), "{}", done.story);
    let ended = standing.end();
    assert_eq!((ended.code, ended.stages()), (0, vec![("metadata", "back channel")]));
    for says in ["iss keep:", "may have refused", "--iss mint"] {
        assert!(ended.story.contains(says), "{says}: {}", ended.story);
    }
}

#[cfg(unix)]
#[test]
fn endpoints_by_hand_keep_the_issuer_and_a_finding_is_exit_code_one() {
    let (served, folder) = (Served::start(), folder());
    let path = folder.path().join("login.json");
    let standing = Standing::for_issuer(&served.issuer, &["--save", path.to_str().expect("UTF-8")]);
    let by_hand: Vec<String> = ["authorization_endpoint=/authorize", "token_endpoint=/token", "jwks_uri=/jwks"]
        .iter()
        .map(|setting| setting.replace("=/", &format!("={}/", standing.issuer.trim_end_matches('/'))))
        .chain([format!("issuer={}", served.issuer), "discovery=false".to_owned()])
        .collect();
    let with = |more: &[&str]| {
        let settings: Vec<&str> = by_hand.iter().flat_map(|setting| ["--set", setting.as_str()]).collect();
        standing.run(&[&settings, more].concat())
    };
    with(&[]).assert_success();
    let refused = with(&["--set", "client_secret=wrong"]);
    assert_eq!(refused.code, 1, "{}", refused.story);
    let ended = standing.end();
    assert!(ended.stages().contains(&("token", "back channel")), "{:?}", ended.stages());
    assert_eq!(ended.code, 1, "{}", ended.story);
    assert!(ended.story.contains("capture.invalid_client"), "{}", ended.story);
    let found = |name: &str| {
        let shown = run(&["show", folder.path().join(name).to_str().expect("UTF-8"), "--json"]);
        shown.json().get("finding").and_then(|finding| finding.text("rule")).map(str::to_owned)
    };
    assert_eq!(found("login.json"), None, "the first login is good");
    assert_eq!(found("login-2.json").as_deref(), Some("capture.invalid_client"));
}

#[cfg(unix)]
#[test]
fn it_is_no_proxy_for_others() {
    let served = Served::start();
    let standing = Standing::for_issuer(&served.issuer, &[]);
    let (here, port) = (standing.address(), standing.address().rsplit(':').next().expect("a port").to_owned());
    let cases = [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".to_owned(), "421"),
        (format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"), "421"),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".to_owned(), "400"),
        (format!("GET http://{here}/ HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n"), "400"),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n".to_owned(), "400"),
        (format!("GET / HTTP/1.1\r\nHost: {here}\r\nHost: evil.example\r\n\r\n"), "400"),
        (format!("GET /jwks HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n"), "200"),
    ];
    for (request, status) in cases {
        let answer = String::from_utf8_lossy(&standing.raw(&request)).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}{answer}");
    }
    let ended = standing.end();
    assert_eq!(ended.stages(), [("jwks", "back channel")], "what is refused goes nowhere");
}

/// A provider that answers each request with as many bytes as its path says, and one that sends nothing back.
fn of_size(count: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().take(count) {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let (mut line, mut first, mut length) = (String::new(), String::new(), 0);
            while stream.read_line(&mut line).expect("a line") > 2 {
                if first.is_empty() {
                    first.clone_from(&line);
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a number");
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).expect("the body");
            let size: usize = first.split(['/', ' ']).nth(2).and_then(|size| size.parse().ok()).expect("a size");
            let head =
                format!("HTTP/1.1 200 OK\r\nX-Got: {length}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n");
            let stream = stream.get_mut();
            stream.write_all(head.as_bytes()).expect("sent");
            stream.write_all(&vec![b'x'; size]).expect("sent");
        }
    });
    issuer
}

#[cfg(unix)]
#[test]
fn a_large_body_passes_unread_and_is_named() {
    const LARGE: usize = 9 * 1024 * 1024;
    let standing = Standing::for_issuer(&of_size(2), &[]);
    let here = standing.address();
    let body = |answer: &[u8]| answer.windows(4).position(|end| end == b"\r\n\r\n").map(|end| answer.len() - end - 4);
    let answer = standing.raw(&format!("GET /{LARGE} HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n"));
    assert_eq!(body(&answer), Some(LARGE));
    let head = format!("POST /3 HTTP/1.1\r\nHost: {here}\r\nContent-Length: {LARGE}\r\nConnection: close\r\n\r\n");
    let answer = standing.raw(&(head + &"y".repeat(LARGE)));
    let told = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    assert!(told.contains(&format!("x-got: {LARGE}")) && body(&answer) == Some(3), "{told}");
    let ended = standing.end();
    assert_eq!(ended.lines.len(), 2);
    for what in ["The body of the answer", "The body of the request"] {
        assert!(ended.story.contains(what), "{what}: {}", ended.story);
    }
}

#[cfg(unix)]
#[test]
fn a_provider_that_is_gone_is_said_to_both_sides() {
    let gone = TcpListener::bind("127.0.0.1:0").map(|it| it.local_addr().expect("an address")).expect("a port");
    let standing = Standing::for_issuer(&format!("http://{gone}"), &[]);
    let answer = standing.raw(&format!("GET /x?code=secretsecret HTTP/1.1\r\nHost: {}\r\n\r\n", standing.address()));
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("did not answer"), "{answer}");
    let ended = standing.end();
    assert_eq!(ended.lines[0].get("status"), Some(&Json::Null));
    assert!(!ended.out.contains("secretsecret") && !ended.story.contains("secretsecret"));
}

#[cfg(unix)]
#[test]
fn the_certificate_of_the_provider_is_checked() {
    let folder = folder();
    let served = Served::with(&["--write-certificates", folder.path().to_str().expect("UTF-8")]);
    let origin = served.ready.text("tls_origin").expect("an origin").to_owned();
    let authority = served.ready.text("certificate_authority").expect("a file").to_owned();
    let trusted = ["--certificate-authority", authority.as_str()];
    for (more, status, says) in [(&trusted[..], "404", "Not Found"), (&[], "502", "authority")] {
        let standing = Standing::for_issuer(&origin, more);
        let request = format!("GET /nothing HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", standing.address());
        let answer = String::from_utf8_lossy(&standing.raw(&request)).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(says), "{answer}");
        standing.end();
    }
}

/// The provider is why no login passes, and not an app that refuses its metadata.
#[cfg(unix)]
#[test]
fn a_provider_without_metadata_is_said_and_a_failure() {
    let served = Served::with(&[]);
    let tls = served.ready.text("tls_origin").expect("an origin").to_owned();
    let gone = TcpListener::bind("127.0.0.1:0").map(|it| it.local_addr().expect("an address")).expect("a port");
    let path = "/.well-known/openid-configuration";
    for (issuer, path, says) in [
        (format!("http://{gone}"), path.to_owned(), "The provider did not answer: "),
        (tls, path.to_owned(), "--certificate-authority FILE"),
        (
            format!("{}/nowhere", served.issuer.trim_end_matches('/')),
            format!("/nowhere{path}"),
            "answered 404 and no metadata",
        ),
    ] {
        let standing = Standing::for_issuer(&issuer, &[]);
        standing.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", standing.address()));
        let ended = standing.end();
        assert_eq!(ended.code, 1, "{}", ended.story);
        assert!(ended.story.contains(says), "{says}: {}", ended.story);
        assert!(!ended.story.contains("The metadata were read"), "{}", ended.story);
    }
}

#[cfg(unix)]
#[test]
fn an_issuer_with_another_end_is_said() {
    let served = Served::start();
    let issuer = match served.issuer.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => format!("{}/", served.issuer),
    };
    let standing = Standing::for_issuer(&issuer, &["--iss", "mint"]);
    standing.raw(&format!(
        "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        standing.address()
    ));
    let ended = standing.end();
    let says = format!("The provider writes its issuer as {}, and this was started for {issuer}:", served.issuer);
    assert!(ended.story.contains(&says), "{}", ended.story);
}

#[cfg(unix)]
#[test]
fn a_provider_that_calls_itself_otherwise_is_to_be_stood_for_under_that_name() {
    let served = Served::with(&["--issuer", "http://idp.test:9999", "--allow-host", "127.0.0.1"]);
    let origin = served.ready.text("origin").expect("an origin").to_owned();
    let standing = Standing::for_issuer(&origin, &[]);
    standing.raw(&format!(
        "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        standing.address()
    ));
    let ended = standing.end();
    for says in ["start this with --issuer http://idp.test:9999", "are at http://idp.test:9999 and not at"] {
        assert!(ended.story.contains(says), "{says}: {}", ended.story);
    }
    assert!(!ended.story.contains("or start this with --iss mint"), "{}", ended.story);
}

#[test]
fn what_is_no_issuer_is_wrong_usage() {
    for issuer in ["idp.example", "https://idp.example/?a=1", "ftp://idp.example"] {
        let done = run(&["between", "--issuer", issuer, "--port", "0"]);
        assert_eq!(done.code, 2, "{issuer}: {}", done.story);
    }
}
