//! What every direct answer is held to.

use std::time::Duration;

use grantscope::base::check::Verdict::{Fail, Note};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::client::answer::{slow, unusable};
use grantscope::client::body;

use super::Entry;

pub fn entries() -> Vec<Entry> {
    let after = |seconds| vec![slow(Duration::from_secs(seconds))];
    let read = |body: &str| vec![body::read(&HttpResponse::new(200, JSON, body)).expect("an object").check];
    vec![
        Entry::kept("answer.slow", after(4)).broken(Note, "5.0 s", after(5)),
        Entry::unsaid("answer.success", Vec::new()).broken(Fail, "an empty answer", vec![unusable("an empty answer")]),
        Entry::kept("answer.encoding", read("{}"))
            .broken(Fail, "byte order mark", read("\u{feff}{}"))
            .broken(Fail, "encoded twice", read("\"{}\""))
            .broken(Fail, "as in a form", read("error=invalid_grant")),
    ]
}
