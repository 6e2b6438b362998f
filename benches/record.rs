//! What reading and judging long runs costs: `cargo bench --bench record`.

#![expect(clippy::print_stdout, reason = "printing figures is what this program is for")]

#[path = "../tests/pair/mod.rs"]
mod pair;

use std::sync::Arc;
use std::time::Instant;

use grantscope::client::settings::Settings;
use grantscope::flow::judge::judge;
use grantscope::flow::trace::Exchange;
use grantscope::flow::{Flow, Next};
use grantscope::record::{Record, redactor};
use grantscope::terms::grant::Grant;
use pair::Pair;

fn main() {
    for count in [1_000, 10_000, 100_000] {
        for (name, flow) in
            [("stages in turn", in_turn(count)), ("polls", polls(count)), ("settings that change", changing(count))]
        {
            let record = Record::of(&flow, &Next::Finished);
            let open = timed(&format!("{name}, {count}: written"), || record.to_text(None));
            let judged = timed(&format!("{name}, {count}: judged"), || judge(&flow.trace.exchanges).1.len());
            assert_eq!(judged, count);
            let read = timed(&format!("{name}, {count}: read and judged"), || Record::read(&open));
            assert!(read.is_ok_and(|read| read.checks().len() == count));
            if count <= 10_000 {
                let hidden = timed(&format!("{name}, {count}: redacted"), || record.to_text(Some(&redactor(&flow))));
                let read = timed(&format!("{name}, {count}: read without secrets"), || Record::read(&hidden));
                assert!(read.is_ok());
            }
        }
    }
}

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    println!("{name}: {:?}", begun.elapsed());
    done
}

/// The exchanges of a run again and again.
fn repeated(mut flow: Flow, count: usize, from: usize, change: impl Fn(usize, &mut Exchange)) -> Flow {
    let pattern = flow.trace.exchanges.split_off(from);
    for at in 0..count - from {
        let mut exchange = Arc::clone(&pattern[at % pattern.len()]);
        change(at, Arc::make_mut(&mut exchange));
        flow.trace.exchanges.push(exchange);
    }
    flow
}

fn in_turn(count: usize) -> Flow {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    repeated(flow, count, 0, |_, _| {})
}

fn polls(count: usize) -> Flow {
    let mut pair = Pair::new();
    pair.approves = false;
    let mut flow =
        Flow::new(Grant::DeviceCode, pair.flow().settings, grantscope::base::entropy::Entropy::from_seed([3; 32]));
    for _ in 0..20 {
        pair.step(&mut flow);
    }
    let first = flow.trace.exchanges.iter().position(|exchange| exchange.is_told_to_wait()).expect("a poll");
    flow.trace.exchanges.truncate(first + 1);
    repeated(flow, count, first, |at, exchange| exchange.attempt = u32::try_from(at).unwrap_or(u32::MAX) + 1)
}

fn changing(count: usize) -> Flow {
    let changed = |at: usize, settings: &Settings| {
        let mut settings = settings.clone();
        settings.request.login_hint = format!("user {at}");
        Arc::new(settings)
    };
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    repeated(flow, count, 0, |at, exchange| exchange.settings = changed(at, &exchange.settings))
}
