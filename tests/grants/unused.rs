//! Settings that a grant makes no use of change nothing of what it sends.

use grantscope::client::settings::{FIELDS, Kind, can_be_used};
use grantscope::terms::grant::Grant;

use crate::flow;
use crate::pair::Pair;

/// A value of the kind, which a request would show.
fn value(kind: Kind) -> &'static str {
    match kind {
        Kind::Switch => "true",
        Kind::Url => "http://127.0.0.1:9/unused",
        _ => "unused",
    }
}

fn sent(grant: Grant, is_set: bool) -> Vec<String> {
    let mut flow = flow(grant, |settings| {
        // What it asks for is what it is of.
        let is_unused = |name: &str| is_set && name != "response_type" && !can_be_used(name, grant);
        for field in FIELDS.iter().filter(|field| is_unused(field.name)) {
            settings.set(field.name, value(field.kind)).expect("it is set");
        }
    });
    Pair::new().run(&mut flow);
    flow.trace.exchanges.iter().map(|exchange| format!("{:?}", exchange.request)).collect()
}

#[test]
fn what_a_grant_makes_no_use_of_is_not_sent() {
    for grant in Grant::ALL {
        assert_eq!(sent(grant, true), sent(grant, false), "{grant:?}");
    }
}
