//! Runs as documents for others: as they have always been written, whole, without secrets, and with nothing from outside
//! as markup. `UPDATE_REPORTS=1 cargo test --test report` writes what is compared anew; look at what has changed.

mod pair;

use std::fmt::Write as _;
use std::path::Path;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::capture::login::Outcome;
use grantscope::capture::stage::StageName;
use grantscope::capture::take_apart;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Answer;
use grantscope::flow::world::World as _;
use grantscope::flow::{Event, Flow, Next};
use grantscope::practice::Fault;
use grantscope::record::{Record, redactor};
use grantscope::report::{Format, Report};
use grantscope::terms::grant::Grant;
use pair::{Pair, demo_settings};

/// Without secrets, as it is written where nobody asks for them.
fn report(flow: &Flow, next: &Next) -> Report {
    Report::of(&Record::of(flow, next), Some(&redactor(flow)))
}

/// The keys of the practice server are other ones in each run, and `at_hash` with them.
fn without_keys(flow: &Flow, text: &str) -> String {
    let jwks = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Jwks).expect("keys were fetched");
    let Answer::Response(response) = &jwks.answer else { panic!("an answer") };
    let jwks = Json::parse(&response.body).expect("JSON");
    let mut text = text.to_owned();
    for key in jwks.get("keys").expect("keys").elements() {
        for name in ["kid", "x", "y"] {
            text = text.replace(key.text(name).expect("a member"), &format!("[{name}]"));
        }
    }
    for exchange in &flow.trace.exchanges {
        let json = exchange.response().and_then(|response| Json::parse(&response.body).ok());
        if let Some(token) = json.as_ref().and_then(|json| json.text("id_token")) {
            let unsigned = token.rsplit_once('.').map_or(token, |(unsigned, _)| unsigned);
            text = text.replace(unsigned, "[ID token]");
        }
    }
    for tokens in &flow.session.tokens {
        let claims = tokens.id_token.as_ref().and_then(|token| token.claims.as_ref());
        if let Some(hash) = claims.and_then(|claims| claims.text("at_hash")) {
            text = text.replace(hash, "[at_hash]");
        }
    }
    text
}

fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report").join(name);
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        std::fs::write(&path, text).expect("written");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let mut pairs = known.lines().zip(text.lines()).enumerate();
    if let Some((at, (known, text))) = pairs.find(|(_, (known, text))| known != text) {
        let same = known.chars().zip(text.chars()).take_while(|(known, text)| known == text).count();
        let from = |text: &str| text.chars().skip(same.saturating_sub(60)).take(160).collect::<String>();
        panic!("{name}, line {}:\nwas {}\nis  {}", at + 1, from(known), from(text));
    }
    assert_eq!(known.lines().count(), text.lines().count(), "{name}");
}

#[test]
fn documents_are_as_they_have_always_been() {
    let mut pair = Pair::new();
    let mut good = pair.flow();
    let next = pair.run(&mut good);
    let mut pair = Pair::new();
    pair.practice.set(Fault::WrongAud, true);
    let mut rejected = pair.flow();
    let stopped = pair.run(&mut rejected);
    for (name, flow, next) in [("good", &good, next), ("rejected", &rejected, stopped)] {
        for format in Format::ALL {
            let text = without_keys(flow, &report(flow, &next).write(format));
            let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
            // Nothing here is a source file of this program.
            let ending = if format.ending() == "rs" { "rs.txt" } else { format.ending() };
            compare(&format!("{name}.{ending}"), &text);
        }
    }
}

#[test]
fn every_grant_is_written_in_every_format_without_a_secret() {
    for grant in Grant::ALL {
        let settings = demo_settings(grant, "");
        let mut flow = Flow::new(grant, settings, Entropy::from_seed([7; 32]));
        Stage::appendable().for_each(|slug| flow.append(Stage::find(slug).expect("a stage")));
        let next = Pair::new().run(&mut flow);
        let secrets: Vec<&str> = flow.secrets().map(|secret| secret.expose()).filter(|it| it.len() > 11).collect();
        assert!(!secrets.is_empty(), "{grant:?}");
        for format in Format::ALL {
            let text = report(&flow, &next).write(format);
            let read: Vec<_> = secrets.iter().filter(|secret| text.contains(**secret)).collect();
            assert!(read.is_empty(), "{grant:?} as {format:?}: {} of {} can be read", read.len(), secrets.len());
            let whole = Report::of(&Record::of(&flow, &next), None).write(format);
            let says_so = |text: &str| text.contains("This file holds secrets");
            let is_told = match format {
                Format::Mermaid | Format::PlantUml | Format::Svg => false,
                Format::Code(_) => !text.contains("has sent no token request"),
                _ => true,
            };
            assert_eq!((says_so(&text), says_so(&whole)), (false, is_told), "{grant:?} as {format:?}");
        }
    }
}

#[test]
fn what_programs_read_is_well_formed() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    let next = pair.run(&mut flow);
    let report = report(&flow, &next);
    let svg = report.write(Format::Svg);
    let svg = roxmltree::Document::parse(&svg).expect("XML");
    assert_eq!(svg.root_element().tag_name().name(), "svg");
    let har = Json::parse(report.write(Format::Har).as_bytes()).expect("JSON");
    let entries = har.get("log").and_then(|log| log.get("entries")).expect("entries").elements();
    // The browser's trip is two of them.
    assert_eq!(entries.len(), flow.trace.exchanges.len() + 1);
    for entry in entries {
        let url = entry.get("request").and_then(|request| request.text("url")).expect("a URL");
        assert!(url.starts_with("http://"), "{url}");
    }
    let status = |entry: &Json| entry.get("response").and_then(|it| it.get("status")).and_then(Json::as_i64);
    assert_eq!(entries.iter().map(status).collect::<Option<Vec<_>>>().expect("statuses")[..4], [200, 200, 0, 0]);
}

/// A server that tries to get out of every format.
#[test]
fn nothing_from_outside_is_markup() {
    let hostile =
        "</pre></script><script>alert(1)</script>```\n| a | b |\n# no heading\n![x](http://a.example)\u{202e}";
    let body = Json::Object(vec![("error".to_owned(), Json::String(hostile.to_owned()))]).to_string();
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Token);
    flow.begin(pair.now());
    let response = HttpResponse::new(400, JSON, format!("{body}\n````\n# a heading\n")).with_header("X", hostile);
    flow.handle(Event::Answered { response, took: std::time::Duration::ZERO }, pair.now());
    let next = flow.poll(pair.now());
    let report = report(&flow, &next);
    let html = report.write(Format::Html);
    assert!(!html.contains("<script") && !html.contains("</script"), "{html}");
    assert_eq!(html.matches("<pre>").count(), html.matches("</pre>").count());
    let svg = report.write(Format::Svg);
    roxmltree::Document::parse(&svg).expect("XML");
    let markdown = report.write(Format::Markdown);
    let mut fence: Option<&str> = None;
    let mut outside = String::new();
    for line in markdown.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            None if ticks.len() > 2 => fence = Some(ticks),
            Some(open) if ticks == open && line.len() == ticks.len() => fence = None,
            Some(_) => {}
            None => writeln!(outside, "{line}").expect("a text"),
        }
    }
    assert_eq!(fence, None, "every block ends");
    assert!(!outside.contains("\n# a heading") && !outside.contains("<script"), "{outside}");
    for format in Format::ALL {
        let text = report.write(format);
        assert!(!text.contains(['\u{202e}', '\u{2028}']), "{format:?}");
        let lines = |text: &str| text.lines().filter(|line| line.trim_start().starts_with("| a")).count();
        if matches!(format, Format::Mermaid | Format::PlantUml) {
            assert_eq!(lines(&text), 0, "{format:?}");
        }
    }
}

/// What a stage of a run is called in a recording, with an entry for each name; nothing where it belongs to no login.
fn recorded_as(stage: Stage) -> &'static [StageName] {
    match stage {
        Stage::Registration => &[StageName::Registration],
        Stage::PushedAuthorization => &[StageName::PushedAuthorizationRequest],
        Stage::Authorization => &[StageName::AuthorizationRequest, StageName::AuthorizationResponse],
        Stage::DeviceAuthorization => &[StageName::DeviceAuthorization],
        Stage::BackchannelAuthentication => &[StageName::BackchannelAuthentication],
        Stage::Verification => &[StageName::LoginPages],
        Stage::Token | Stage::Exchange => &[StageName::Token],
        Stage::Refresh => &[StageName::Refresh],
        Stage::UserInfo => &[StageName::UserInfo],
        Stage::Resource => &[StageName::ApiRequest],
        Stage::Introspection => &[StageName::Introspection],
        Stage::Revocation => &[StageName::Revocation],
        Stage::Logout => &[StageName::EndSessionRequest, StageName::LogoutReturn],
        Stage::Challenge | Stage::Discovery | Stage::Jwks | Stage::ResourceMetadata | Stage::Assertion => &[],
        other => panic!("{other:?}"),
    }
}

/// Stages of a recording, each with its entry in the file.
type Stages = Vec<(usize, &'static str)>;

/// What the archive of a run says of its stages, and what is found in it, each with the entry in the file.
fn read_back(flow: &Flow, archive: &str) -> (Stages, Stages) {
    let (mut went, mut at) = (Vec::new(), 0);
    for exchange in &flow.trace.exchanges {
        let names = recorded_as(exchange.stage);
        went.extend(names.iter().enumerate().map(|(entry, name)| (at + entry, name.slug())));
        at += names.len().max(1);
    }
    let capture = take_apart(archive.as_bytes(), [9; 32]).expect("a recording");
    let stages = capture.logins.iter().flat_map(|login| &login.stages);
    let named = |at: &usize, name: StageName| (capture.entries[*at].index, name.slug());
    let mut found: Vec<_> =
        stages.flat_map(|stage| stage.entries.iter().map(move |at| named(at, stage.name))).collect();
    found.sort_unstable();
    for login in &capture.logins {
        assert!(login.finding.is_none(), "{:?}: {:?}", flow.grant, login.finding);
    }
    (went, found)
}

/// Without secrets the signature of an ID token alone is hidden: what its claims say is found as in the run.
#[test]
fn the_archive_of_a_run_without_secrets_is_found_wrong_in_the_same_claim() {
    for fault in [Fault::WrongAud, Fault::WrongNonce, Fault::ExpiredIdToken] {
        let mut pair = Pair::new();
        pair.practice.set(fault, true);
        let mut flow = pair.flow();
        let next = pair.run(&mut flow);
        let archive = report(&flow, &next).write(Format::Har);
        let capture = take_apart(archive.as_bytes(), [9; 32]).expect("a recording");
        let [login] = capture.logins.as_slice() else { panic!("{fault}: {:?}", capture.logins) };
        let found = login.finding.as_ref().map(|found| found.rule.id);
        assert_eq!((found, login.outcome), (fault.rule(), Outcome::LeftOpen), "{fault}");
        for hidden in ["id_token.signature", "id_token.at_hash"] {
            let judged = login.checks.iter().find(|judged| judged.check.rule.id == hidden).expect("a check");
            assert_eq!(judged.check.verdict, Verdict::Skipped, "{fault}: {hidden}");
        }
    }
}

#[test]
fn the_archive_of_a_run_is_read_as_the_same_stages() {
    let protections: [fn(&mut Settings); 4] = [
        |_| {},
        |it| it.registration.dynamic_client_registration = true,
        |it| it.protection.require_pushed_authorization_requests = true,
        |it| it.request.response_mode = "jwt".to_owned(),
    ];
    for (grant, protect) in Grant::ALL.into_iter().flat_map(|grant| protections.map(|protect| (grant, protect))) {
        let mut settings = demo_settings(grant, "");
        protect(&mut settings);
        let mut flow = Flow::new(grant, settings, Entropy::from_seed([7; 32]));
        for slug in ["userinfo", "api", "introspect", "revoke", "logout"] {
            flow.append(Stage::find(slug).expect("a stage"));
        }
        let next = Pair::new().run(&mut flow);
        assert_eq!(next, Next::Finished, "{grant:?}: {:?}", flow.problem());
        // A token that came within a response that is hidden as a whole ties nothing.
        let is_closed = grant == Grant::Implicit && flow.settings.request.response_mode == "jwt";
        let hidden = (!is_closed).then(|| report(&flow, &next));
        for archive in hidden.into_iter().chain([Report::of(&Record::of(&flow, &next), None)]) {
            let (went, found) = read_back(&flow, &archive.write(Format::Har));
            assert_eq!(found, went, "{grant:?} {:?}", flow.settings.request.response_mode);
        }
    }
}
