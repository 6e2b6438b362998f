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
use grantscope::gui::theme;
use grantscope::gui::update::update;
use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt::decode;
use grantscope::jose::key::SigningKey;
use grantscope::jose::verify::verify;
use pair::Pair;

fn main() {
    figure("whole authorization code flow in memory", 200, whole_flow());
    figure("decode a JWT and verify its ES256 signature", 2000, decode_and_verify());
    figure("take apart eight hostile tokens", 20, hostile_tokens());
    figure("one pass of the window with 1,000 exchanges", 200, window_pass());
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

fn window_pass() -> impl FnMut() {
    let mut app = None;
    let mut harness =
        Harness::builder().with_size([1280.0, 800.0]).with_context_setup(theme::install).build_ui(move |ui| {
            let app = app.get_or_insert_with(|| with_a_thousand_exchanges(ui.ctx()));
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
