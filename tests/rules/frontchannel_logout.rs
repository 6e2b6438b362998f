//! The iframes of a logout as they come (OIDC Front-Channel Logout).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::params::Params;
use grantscope::client::endpoint::frontchannel_logout::{Expected, answer, judge, judge_answer, origin};
use grantscope::client::rules;

use super::authorization::url;
use super::logout::told;
use super::{Entry, ISSUER};

const HERE: &str = "http://127.0.0.1:9402/frontchannel_logout";

fn expected() -> Expected {
    Expected {
        issuer: Some(ISSUER.to_owned()),
        sid: Some("s1".to_owned()),
        registered: format!("{HERE}?tenant=a"),
        is_session_required: true,
        redirect_uri: "http://127.0.0.1:0/callback".to_owned(),
    }
}

fn framed(params: &[(&str, &str)]) -> HttpRequest {
    let params: Params = params.iter().copied().collect();
    HttpRequest::get(url(&format!("{HERE}?{}", params.encode())))
}

fn judged(params: &[(&str, &str)]) -> Vec<Check> {
    judge(&framed(params), &expected())
}

fn of_origin(registered: &str, redirect_uri: &str) -> Vec<Check> {
    let (registered, redirect_uri) = (registered.to_owned(), redirect_uri.to_owned());
    vec![origin(&Expected { registered, redirect_uri, ..expected() })]
}

fn answered(name: &str, value: &str) -> Vec<Check> {
    judge_answer(
        &HttpResponse::new(200, "text/html", "").with_header("Cache-Control", "no-store").with_header(name, value),
    )
}

pub fn entries() -> Vec<Entry> {
    let all = [("tenant", "a"), ("iss", ISSUER), ("sid", "s1")];
    let kept = || judged(&all);
    let ours = || judge_answer(&answer(&framed(&all), &expected()));
    let posted = HttpRequest::post_form(framed(&all).url, &Params::new());
    let unasked = Expected { is_session_required: false, ..expected() };
    let bare = HttpResponse::new(200, "text/html", "");
    vec![
        told(&rules::frontchannel_logout::SENT),
        Entry::kept("flo.origin", of_origin(HERE, "http://127.0.0.1:0/callback"))
            .kept_too(of_origin("https://app.example/bye", "https://app.example/cb"))
            .broken(
                Note,
                "https://app.example:8443",
                of_origin("https://app.example:8443/bye", "https://app.example/cb"),
            )
            .broken(Note, "http://127.0.0.1:9402", of_origin(HERE, "http://127.0.0.1:8912/callback"))
            .broken(Note, "http://127.0.0.1:9402", of_origin(HERE, "https://app.example/cb")),
        Entry::kept("flo.request", kept()).broken(Fail, "POST", judge(&posted, &expected())),
        Entry::kept("flo.query", kept()).broken(Fail, "not there", judged(&[("iss", ISSUER), ("sid", "s1")])).broken(
            Fail,
            "not there",
            judged(&[("tenant", "b"), ("iss", ISSUER), ("sid", "s1")]),
        ),
        Entry::kept("flo.pair", kept())
            .kept_too(judge(&framed(&[("tenant", "a")]), &unasked))
            .broken(Fail, "iss alone", judged(&[("tenant", "a"), ("iss", ISSUER)]))
            .broken(Fail, "sid alone", judged(&[("tenant", "a"), ("sid", "s1")]))
            .broken(
                Fail,
                "iss 1 times, sid 2 times",
                judged(&[("tenant", "a"), ("iss", ISSUER), ("sid", "s1"), ("sid", "s2")]),
            ),
        Entry::kept("flo.required", kept()).broken(Fail, "neither", judged(&[("tenant", "a")])).broken(
            Fail,
            "iss",
            judged(&[("tenant", "a"), ("iss", ISSUER)]),
        ),
        Entry::kept("flo.iss", kept()).broken(
            Fail,
            "other",
            judged(&[("tenant", "a"), ("iss", "https://other.example"), ("sid", "s1")]),
        ),
        Entry::kept("flo.sid", kept()).broken(Warn, "s2", judged(&[("tenant", "a"), ("iss", ISSUER), ("sid", "s2")])),
        Entry::kept("flo.cache", ours()).broken(Warn, "no Cache-Control", judge_answer(&bare)).broken(
            Warn,
            "max-age=60",
            judge_answer(&bare.clone().with_header("Cache-Control", "max-age=60")),
        ),
        Entry::kept("flo.framed", ours())
            .kept_too(answered("Content-Security-Policy", "default-src 'none'; frame-ancestors https://idp.example"))
            .broken(Note, "X-Frame-Options DENY", answered("X-Frame-Options", "DENY"))
            .broken(Note, "SAMEORIGIN", answered("X-Frame-Options", "SAMEORIGIN"))
            .broken(Note, "'none'", answered("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")),
    ]
}
