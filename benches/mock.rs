//! The practice server as a mock that is asked thousands of times a day: `cargo bench --bench mock`.
//!
//! How long from its start to a first token; how many tokens a second with the control port and without it; and that
//! its memory stays what it was, over a million logins in memory, with a clock that moves, and 20,000 over sockets. What
//! must not be slower or grow ends this with an error.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use grantscope::base::entropy::Entropy;
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::practice::{Config, Login, PracticeHost};
use url::Url;

/// What may come on top once the stores are full: what an allocator keeps, and nothing of the logins.
const ROOM_KB: u64 = 16 * 1024;
/// What the control port may cost.
const CONTROL: f64 = 1.1;

const CALLBACK: &str = "http://127.0.0.1:8912/callback";
// RFC 7636 appendix B
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn main() {
    starts();
    control_costs_little();
    memory_over_sockets();
    memory_in_memory();
}

fn starts() {
    for alg in ["ES256", "RS256"] {
        let mut times: Vec<Duration> = (0..20)
            .map(|_| {
                let begun = Instant::now();
                let served = Served::start(&[("GRANTSCOPE_SERVE_SIGNING_ALG", alg)], &[]);
                let token = served.connect().token();
                assert!(token.contains("access_token"), "{token}");
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "start to first token, {alg}: median {:?} (fastest {:?}, slowest {:?}, 20 starts)",
            times[10], times[0], times[19]
        );
    }
}

/// Both in turn, since a machine is not the same from one second to the next.
fn control_costs_little() {
    const TOKENS: u32 = 2_000;
    let plain = Served::start(&[], &[]);
    let controlled = Served::start(&[("GRANTSCOPE_SERVE_CONTROL_TOKEN", "control-token")], &["--control-port", "0"]);
    let mut ratios: Vec<(f64, f64)> = (0..9)
        .map(|_| {
            let [plain, controlled] = [&plain, &controlled].map(|served| {
                let mut connection = served.connect();
                let begun = Instant::now();
                (0..TOKENS).for_each(|_| drop(connection.token()));
                begun.elapsed().as_secs_f64()
            });
            (controlled / plain, f64::from(TOKENS) / controlled)
        })
        .collect();
    ratios.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (ratio, rate) = ratios[4];
    println!("{rate:.0} tokens a second with the control port, {ratio:.2} times the time without it (median of 9)");
    assert!(ratio < CONTROL, "the control port costs more than a tenth");
}

fn memory_over_sockets() {
    let served = Served::start(&[], &["--login", "auto"]);
    let (begun, mut before) = (Instant::now(), None);
    let mut connection = served.connect();
    for count in 1..=20_000 {
        let answer =
            connection.ask(&format!("GET /authorize?{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", authorization().encode()));
        let (_, code) = answer.split_once("code=").expect("a code");
        let form = redemption(code.split(['&', '\r']).next().unwrap_or_default()).encode();
        let tokens = connection.post("/token", &form);
        assert!(tokens.contains("id_token"), "{tokens}");
        // The stores hold 10,000 of a kind.
        if count == 12_000 {
            before = memory(served.process.id());
        }
    }
    grown("20,000 logins over sockets", begun, before, memory(served.process.id()));
}

fn memory_in_memory() {
    let mut config = Config::practice(Url::parse("http://127.0.0.1:9400").expect("a URL"));
    config.login = Login::Auto;
    let host = PracticeHost::new(config, Entropy::from_seed([7; 32])).expect("a server");
    let url = |path: &str| Url::parse("http://127.0.0.1:9400").and_then(|url| url.join(path)).expect("a URL");
    let authorize = HttpRequest::get(url(&format!("/authorize?{}", authorization().encode())));
    let (begun, mut before) = (Instant::now(), None);
    let mut now = Timestamp::from_seconds(1_800_000_000);
    for count in 1..=1_000_000 {
        let answer = host.handle(&authorize, now);
        let location = Url::parse(answer.headers.get("location").unwrap_or_default()).expect("a redirect");
        let response = Params::parse(location.query().unwrap_or_default().as_bytes());
        let redeem = redemption(response.get("code").expect("a code"));
        let tokens = host.handle(&HttpRequest::post_form(url("/token"), &redeem), now);
        assert_eq!(tokens.status, 200, "{}", tokens.text());
        now = now + Duration::from_secs(1);
        if count == 200_000 {
            before = memory(std::process::id());
        }
    }
    grown("a million logins in memory", begun, before, memory(std::process::id()));
}

fn authorization() -> Params {
    [
        ("response_type", "code"),
        ("client_id", "practice-native"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .into_iter()
    .collect()
}

fn redemption(code: &str) -> Params {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "practice-native"),
        ("redirect_uri", CALLBACK),
        ("code", code),
        ("code_verifier", VERIFIER),
    ]
    .into_iter()
    .collect()
}

fn grown(what: &str, begun: Instant, before: Option<u64>, after: Option<u64>) {
    let took = begun.elapsed().as_secs_f64();
    let (Some(before), Some(after)) = (before, after) else { return println!("{what}: {took:.1} s") };
    println!("{what}: {took:.1} s, {before} KB when the stores were full, {after} KB at the end");
    assert!(after < before + ROOM_KB, "memory grew");
}

/// Kilobytes of memory that a process holds; `None` where the system does not tell.
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The program, which ends with this.
struct Served {
    process: Child,
    origin: String,
}

impl Served {
    fn start(environment: &[(&str, &str)], options: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_grantscope"))
            .args(["serve", "--quiet", "--port", "0", "--tls-port", "0"])
            .args(options)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut ready = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut ready).expect("it says where it is");
        let ready: serde_json::Value = serde_json::from_str(&ready).expect("JSON");
        let origin = ready["origin"].as_str().expect("an origin").trim_start_matches("http://").to_owned();
        Self { process, origin }
    }

    fn connect(&self) -> Connection {
        Connection(BufReader::new(TcpStream::connect(&self.origin).expect("it listens")))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One that stays open.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn token(&mut self) -> String {
        self.post("/token", "grant_type=client_credentials&client_id=practice-service&client_secret=practice-secret")
    }

    fn post(&mut self, path: &str, form: &str) -> String {
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ))
    }

    /// Status, header fields and body of the answer.
    fn ask(&mut self, request: &str) -> String {
        self.0.get_mut().write_all(request.as_bytes()).expect("it takes a request");
        let (mut answer, mut length) = (String::new(), 0);
        while !answer.ends_with("\r\n\r\n") {
            let begin = answer.len();
            assert!(self.0.read_line(&mut answer).expect("it answers") > 0, "{answer}");
            let field = answer[begin..].to_ascii_lowercase();
            if let Some(value) = field.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        answer + &String::from_utf8_lossy(&body)
    }
}
