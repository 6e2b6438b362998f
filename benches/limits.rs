//! What input costs that is much larger than usual, at three sizes: `cargo bench --bench limits`.
//!
//! Nothing that arrives may cost more than linear time: the last column stays the same.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

#[path = "../tests/pair/mod.rs"]
mod pair;

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::export::redact::Redactor;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::step;
use grantscope::flow::{Flow, Next};
use grantscope::jose::{base64url, claims, jwt};
use grantscope::preset::Preset;
use grantscope::record::{Follower, Record};
use pair::Pair;

fn main() {
    for size in [600, 6_000, 60_000] {
        let keys: String = (0..size).map(|at| format!("key{at} = 1\n")).collect();
        let time = fastest(|| drop(black_box(Preset::parse(&format!("version = 1\n{keys}")))));
        tell("unknown keys of a preset", size, time);
    }
    for size in [100_000, 1_000_000, 10_000_000] {
        for (what, body) in [
            ("brackets that open", "[".repeat(size)),
            (
                "brackets, 128 of each",
                format!("[{}]", vec![format!("{}{}", "[".repeat(127), "]".repeat(127)); size / 254].join(",")),
            ),
            ("a string", format!("{{\"access_token\":\"abc\",\"x\":\"{}\"}}", "aB3_".repeat(size / 4))),
            ("names before colons", "code:".repeat(size / 5)),
            ("header fields in a row", "Cookie: a=b;".repeat(size / 12)),
            ("random words", "aB3dE6gH9jK2mN5pQ8rS1tU4 ".repeat(size / 25)),
            ("base64 in words", "eyJhIjoic29tZSB0ZXh0IG9mIGl0In0= ".repeat(size / 33)),
            ("a sentence", format!("{{\"access_token\":\"abc\",\"x\":\"{}\"}}", "a word ".repeat(size / 7))),
        ] {
            tell(&format!("{what}, read"), size, fastest(|| drop(black_box(Json::parse(body.as_bytes())))));
            let response = HttpResponse::new(200, JSON, body);
            tell(&format!("{what}, without secrets"), size, fastest(|| drop(black_box(hide().response(&response)))));
        }
    }
    for size in [1_000, 10_000, 100_000] {
        let token = token(size);
        let time = fastest(|| {
            let decoded = jwt::decode(&token);
            black_box(claims::time_claims(&decoded, Timestamp::default()));
        });
        tell("claims of a token", size, time);
        tell("claims told by the program", size, fastest(|| decoded_by_the_program(&token)));
    }
    for size in [10, 100, 1_000] {
        tell("exchanges of a run, told as they come", size, fastest(|| drop(run(size))));
        let flow = run(size);
        let time = fastest(|| {
            let mut hide = Follower::default();
            hide.follow(&flow);
            black_box(Record::of(&flow, &Next::Finished).to_text(Some(hide.redactor())));
        });
        tell("exchanges written down", size, time);
    }
}

/// Looks for some secrets.
fn hide() -> Redactor {
    Redactor::new((0..10).map(|at| format!("a-secret-of-{at:010}").into()))
}

fn tell(what: &str, size: usize, time: Duration) {
    println!("{size:>7} {what}: {time:?}, {} ns for each", time.as_nanos() / size as u128);
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let times = (0..3).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    });
    times.min().unwrap_or_default()
}

fn token(size: usize) -> String {
    let claims: Vec<String> = (0..size).map(|at| format!("\"claim{at}\":{at}")).collect();
    let part = |text: &str| base64url::encode(text.as_bytes());
    format!("{}.{}.", part("{\"alg\":\"none\"}"), part(&format!("{{{}}}", claims.join(","))))
}

/// From the start of the process to its end.
fn decoded_by_the_program(token: &str) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_grantscope"));
    let program = program.args(["jwt", "decode", "-"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut program = program.stderr(Stdio::null()).spawn().expect("the program");
    let mut input = program.stdin.take().expect("its input");
    std::io::Write::write_all(&mut input, token.as_bytes()).expect("written");
    drop(input);
    program.wait().expect("its end");
}

/// A run of so many exchanges, followed at each step.
fn run(size: usize) -> Flow {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    (0..size).for_each(|_| flow.append(Stage::find("refresh").expect("a stage")));
    let mut hide = Follower::default();
    while matches!(step(&mut flow, &mut pair, &mut |flow| hide.follow(flow)), Next::Do(_)) {}
    flow
}
