//! The figures of the README's performance table: `cargo bench`.
//!
//! Each is the median of many runs, with the fastest and the slowest beside it. No threshold is held;
//! a figure is to be read, not to pass.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

#[path = "../tests/pair/mod.rs"]
mod pair;

#[path = "../tests/jose/hostile.rs"]
mod hostile;

#[path = "../tests/window/backend.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod backend;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backend::FakeBackend;
use egui_kittest::Harness;
use grantscope::flow::Next;
use grantscope::gui::app::App;
use grantscope::gui::command::Command;
use grantscope::gui::model::Tab;
use grantscope::gui::theme;
use grantscope::gui::update::update;
use grantscope::io::history::{Entry, History, Limits};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt::decode;
use grantscope::jose::key::SigningKey;
use grantscope::jose::verify::verify;
use pair::Pair;

fn main() {
    figure("whole authorization code flow in memory", 200, whole_flow());
    figure("decode a JWT and verify its ES256 signature", 2000, decode_and_verify());
    figure("take apart eight hostile tokens", 20, hostile_tokens());
    figure("one pass of the window with 1,000 exchanges", 200, window_pass(with_a_thousand_exchanges));
    figure("open a history of 10,000 runs", 20, open_history());
    figure("one pass of the window with a history of 10,000 runs open", 200, window_pass(with_a_long_history));
}

/// Runs once to warm up, then as often as said.
fn figure(name: &str, runs: usize, mut run: impl FnMut()) {
    run();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let (fastest, median, slowest) = (times[0], times[runs / 2], times[runs - 1]);
    println!("{name}: median {median:?} (fastest {fastest:?}, slowest {slowest:?}, {runs} runs)");
}

fn whole_flow() -> impl FnMut() {
    || {
        let mut pair = Pair::new();
        let mut flow = pair.flow();
        assert_eq!(pair.run(&mut flow), Next::Finished);
    }
}

fn decode_and_verify() -> impl FnMut() {
    let key = SigningKey::generate("ES256", "bench").expect("a key");
    let claims = serde_json::json!({"iss": "https://as.example", "sub": "alice", "exp": 1_795_397_800});
    let token = key.sign(&serde_json::Map::new(), &claims).expect("a token");
    let public = grantscope::base::json::Json::from(&key.public_jwk());
    let keys = [Jwk::from_json(&public).expect("a public key")];
    move || {
        let decoded = decode(black_box(&token));
        assert!(verify(&decoded, &keys).verified_by.is_some());
    }
}

fn hostile_tokens() -> impl FnMut() {
    let texts = hostile::hostile();
    move || texts.iter().for_each(|text| drop(black_box(decode(black_box(text)))))
}

fn window_pass(open: fn(&egui::Context) -> App<FakeBackend>) -> impl FnMut() {
    let mut app = None;
    let mut harness =
        Harness::builder().with_size([1280.0, 800.0]).with_context_setup(theme::install).build_ui(move |ui| {
            let app = app.get_or_insert_with(|| open(ui.ctx()));
            app.logic(&ui.ctx().clone());
            app.ui(ui);
        });
    harness.run_ok();
    move || harness.step()
}

fn with_a_thousand_exchanges(ctx: &egui::Context) -> App<FakeBackend> {
    let mut app = App::new(ctx, FakeBackend::new());
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let pattern = flow.trace.exchanges.clone();
    while flow.trace.exchanges.len() < 1000 {
        flow.trace.exchanges.push(Arc::clone(&pattern[flow.trace.exchanges.len() % pattern.len()]));
    }
    app.model_mut().run.flow = flow;
    let mut backend = FakeBackend::new();
    update(app.model_mut(), &mut backend, Command::RevealSecrets(false));
    app
}

/// Runs as a history lists them.
fn kept(count: i64) -> impl Iterator<Item = Entry> {
    (0..count).map(|at| Entry {
        id: format!("20261128-{at}"),
        grant: "authorization_code".to_owned(),
        provider: "Practice server".to_owned(),
        began_at: 1_795_429_800_000 + at * 1000,
        outcome: "success".to_owned(),
        exchanges: 6,
        bytes: 20_000,
        ..Entry::default()
    })
}

fn open_history() -> impl FnMut() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = kept(10_000).map(|entry| serde_json::to_string(&entry).expect("JSON") + "\n");
    std::fs::write(folder.path().join("index.jsonl"), lines.collect::<String>()).expect("written");
    move || {
        let history = History::open(folder.path().to_owned(), Limits::default()).expect("a history");
        assert_eq!(black_box(history.entries()).len(), 10_000);
    }
}

fn with_a_long_history(ctx: &egui::Context) -> App<FakeBackend> {
    let mut backend = FakeBackend::new();
    backend.history.runs = kept(10_000).map(|entry| (entry.id.clone(), (entry, String::new()))).collect();
    let mut app = App::new(ctx, backend);
    update(app.model_mut(), &mut FakeBackend::new(), Command::Go(Tab::History));
    app
}
