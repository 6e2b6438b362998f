//! How long it takes to hide the secrets of a run, at three sizes: `cargo bench --bench redaction`.
//!
//! Ten times as many secrets in ten times as much text are to take ten times as long: the last column stays the same.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::export::redact::Redactor;
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::{Answer, Exchange, Trace};
use grantscope::terms::grant::Grant;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Exchanges of a run.
const LENGTHS: [usize; 3] = [100, 1_000, 10_000];
const RUNS: usize = 5;

/// Makes a body of so many values.
type Shape = fn(usize) -> String;

/// All values are hidden by name, and another message repeats them without one.
const SHAPES: [(&str, Shape); 4] =
    [("JSON", json), ("a form", form), ("a page", page), ("values that contain each other", nested)];

fn main() {
    remembered();
    for (name, shape) in SHAPES {
        for size in SIZES {
            let trace = trace(shape(size));
            let time = fastest(|| {
                let redactor = Redactor::of(&trace, []);
                black_box(redactor.trace(&trace));
            });
            let each = time.as_nanos() / size as u128;
            println!("{size:>7} secrets in {name}: {time:?}, {each} ns for each");
        }
    }
    for size in LENGTHS {
        let whole: Vec<Arc<Exchange>> = (0..size).map(|at| Arc::new(exchange(own(at)))).collect();
        let time = fastest(|| told(&whole));
        let each = time.as_nanos() / size as u128;
        println!("{size:>7} exchanges told as they come: {time:?}, {each} ns for each");
    }
}

/// What is kept in memory beside the body, in bodies: of a larger size each time, so that the most is that of the last.
fn remembered() {
    let Some(before) = most() else { return };
    for size in SIZES {
        let body = json(size);
        let length = body.len();
        let trace = Trace { exchanges: vec![Arc::new(exchange(body))], ..Trace::new(Grant::ClientCredentials) };
        black_box(Redactor::of(&trace, []).trace(&trace));
        let more = most().unwrap_or(before) - before;
        println!("{size:>7} secrets in memory: {} bytes for each, {} times the body", more / size, more / length);
    }
}

/// The most memory that the program ever had, in bytes, where the system tells it.
fn most() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? * 1024)
}

/// The answer of one exchange of many.
fn own(at: usize) -> String {
    format!("{{\"access_token\":\"{}\"}}", value(at))
}

/// A run that is told while it goes on.
fn told(whole: &[Arc<Exchange>]) {
    let (mut redactor, mut trace) = (Redactor::default(), Trace::new(Grant::ClientCredentials));
    for exchange in whole {
        trace.exchanges.push(Arc::clone(exchange));
        redactor.follow(&trace, []);
        black_box(redactor.exchange(exchange));
    }
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    });
    times.min().unwrap_or_default()
}

/// No two alike, and nothing about them that is the same everywhere.
fn value(at: usize) -> String {
    format!("{:016x}", (at as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn json(size: usize) -> String {
    let members: Vec<String> = (0..size).map(|at| format!("{{\"access_token\":\"{}\"}}", value(at))).collect();
    format!("[{}]", members.join(","))
}

fn form(size: usize) -> String {
    (0..size).map(|at| format!("access_token={}", value(at))).collect::<Vec<_>>().join("&")
}

fn page(size: usize) -> String {
    (0..size).fold(String::from("<form>"), |mut page, at| {
        let _ = write!(page, "<input type=\"hidden\" name=\"code\" value=\"{}\">", value(at));
        page
    })
}

/// As many bytes as the others, in values that are ends of each other.
fn nested(size: usize) -> String {
    let (mut text, mut length) = (String::new(), 12);
    while text.len() < size * 30 {
        let _ = write!(text, "access_token={}&", "a".repeat(length));
        length += 1;
    }
    text
}

fn trace(body: String) -> Trace {
    let repeated = body.replace("access_token", "seen").replace("code", "seen");
    let exchanges = [body, repeated].map(|body| Arc::new(exchange(body)));
    Trace { exchanges: exchanges.into(), ..Trace::new(Grant::ClientCredentials) }
}

fn exchange(body: String) -> Exchange {
    let request = HttpRequest::get("https://as.example/".parse().expect("a URL"));
    let answer = Answer::Response(HttpResponse::new(200, JSON, body));
    Exchange { answer, ..Exchange::begun(Stage::Token, request, Arc::default()) }
}
