//! The token bench: three-colour text, three verdicts, header and claims with their meanings.

use egui::{Rect, ScrollArea, Ui, pos2, vec2};

use super::jwt_claims::Names;
use super::verdicts::judged;
use super::{Commands, jwt_claims, jwt_trust, told};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::by_type;
use crate::export::redact::{holds_placeholder, is_placeholder};
use crate::flow::difference::difference;
use crate::flow::verdicts::Verdicts;
use crate::gui::command::Command;
use crate::gui::language::{self, lasting, said, saw, sentence, t};
use crate::gui::masking;
use crate::gui::model::{JwtModel, JwtResult, KeySource, Model};
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::code::{CodeView, Language, code_edit};
use crate::gui::widgets::countdown::Countdown;
use crate::gui::widgets::json_tree::JsonTree;
use crate::gui::widgets::{
    Banner, Button, Caption, EmptyState, Field, Judged, SecretField, Tab, TabRow, Tone, card, group_head, head_action,
    in_room, region, rows,
};
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Form, SIZE_LIMIT};

/// Below this width what is found stands below what is judged.
const STACKED: f32 = 720.0;

/// Beyond this many bytes a token is read and not edited.
const LONG: usize = 64 * 1024;
const LONG_HEIGHT: f32 = 240.0;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut jwt = model.jwt.clone();
    let room = ui.available_rect_before_wrap();
    if room.width() < STACKED {
        let stacked = part(ui, t!("Token and key"), room, |ui| {
            let edited = token_and_key(ui, model, &mut jwt, out);
            ui.add_space(12.0);
            let switched = region(ui, t!("Verdicts"), |ui| all_verdicts(ui, model, &mut jwt, out));
            edited || switched
        });
        if stacked {
            out.push(Command::EditJwt(Box::new(jwt)));
        }
        return;
    }
    let middle = room.left() + (room.width() * 0.43).round();
    let left = Rect::from_min_max(room.min, pos2(middle - 8.0, room.bottom()));
    let right = Rect::from_min_max(pos2(middle + 8.0, room.top()), room.max);
    let edited = part(ui, t!("Token and key"), left, |ui| token_and_key(ui, model, &mut jwt, out));
    let switched = part(ui, t!("Verdicts"), right, |ui| all_verdicts(ui, model, &mut jwt, out));
    if edited || switched {
        out.push(Command::EditJwt(Box::new(jwt)));
    }
}

/// What is judged, and by what; whether it was changed.
fn token_and_key(ui: &mut Ui, model: &Model, jwt: &mut JwtModel, out: &mut Commands) -> bool {
    let from_text = token(ui, model, jwt, out);
    ui.add_space(12.0);
    let from_keys = keys(ui, model, jwt, out);
    ui.add_space(12.0);
    jwt_trust::policy(ui, &mut jwt.trust) || from_keys || from_text
}

/// What is found; whether something was switched there.
fn all_verdicts(ui: &mut Ui, model: &Model, jwt: &mut JwtModel, out: &mut Commands) -> bool {
    match &model.jwt_result {
        Some(result) => verdicts(ui, model, result, jwt, out),
        None => {
            EmptyState::new(icons::IDENTIFICATION_CARD, t!("Paste a token"))
                .text(t!("It is decoded here on this machine and never sent anywhere. A run brings tokens, too: Decode on their cards leads here."))
                .show(ui);
            false
        }
    }
}

fn part<R>(ui: &mut Ui, id: &'static str, room: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    in_room(ui, id, room, |ui| {
        let clear_of_bar = egui::Frame::new().inner_margin(egui::Margin { right: 12, ..egui::Margin::ZERO });
        let scroll = ScrollArea::vertical().id_salt(id).auto_shrink(false);
        region(ui, id, |ui| scroll.show(ui, |ui| clear_of_bar.show(ui, content).inner).inner)
    })
}

fn token(ui: &mut Ui, model: &Model, jwt: &mut JwtModel, out: &mut Commands) -> bool {
    crate::gui::widgets::group_head_with(ui, t!("Token"), |ui| {
        if let Some(tokens) = model.run.flow.session.tokens.last() {
            let response = &tokens.response;
            for (name, token) in [("access_token", &response.access_token), ("id_token", &response.id_token)] {
                if let Some(token) = token
                    && head_action(ui, &t!("Take {name}", name)).clicked()
                {
                    out.push(Command::Decode(token.expose().to_owned()));
                }
            }
        }
        let sample = head_action(ui, t!("Sample"));
        let sample = sample.on_hover_text(t!("A token as a workload has it, to be held against a trust policy"));
        egui::Popup::menu(&sample).show(|ui| jwt_trust::samples(ui, out));
    });
    if model.present && !jwt.text.trim().is_empty() {
        CodeView::new(t!("token"), &masking::jwt(&jwt.text), Language::Jwt).without_copy().show(ui);
        return false;
    }
    let dropped = dropped_text(ui);
    if jwt.text.len() > LONG && dropped.is_none() {
        return long_token(ui, jwt);
    }
    let response = code_edit(ui, t!("Token to decode"), &mut jwt.text, Language::Jwt, 14);
    if let Some(text) = dropped {
        jwt.text = text;
        return true;
    }
    response.changed()
}

/// A token of which only the lines in sight are laid out.
fn long_token(ui: &mut Ui, jwt: &mut JwtModel) -> bool {
    let cleared = ui.add(Button::secondary(t!("Clear the token")).icon(icons::X).small()).clicked();
    let room = vec2(ui.available_width(), LONG_HEIGHT);
    ui.allocate_ui(room, |ui| CodeView::new(t!("long token"), &jwt.text, Language::Plain).show(ui));
    if cleared {
        jwt.text.clear();
    }
    cleared
}

/// The text of a file dropped on the window.
fn dropped_text(ui: &Ui) -> Option<String> {
    let files = ui.input(|input| input.raw.dropped_files.clone());
    let bytes = files.first()?.bytes().ok()?;
    // One byte over what is taken apart, so that a larger file is called too large and not judged by its beginning.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SIZE_LIMIT + 1)]).into_owned();
    Some(text.trim().to_owned())
}

fn keys(ui: &mut Ui, model: &Model, jwt: &mut JwtModel, out: &mut Commands) -> bool {
    group_head(ui, t!("Key"));
    let tabs = [
        Tab::new(KeySource::Run, t!("This server")),
        Tab::new(KeySource::Url, t!("JWKS URL")),
        Tab::new(KeySource::Jwk, "JWK"),
        Tab::new(KeySource::Pem, "PEM"),
        Tab::new(KeySource::Secret, t!("Secret")),
    ];
    let mut changed = false;
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        if let Some(source) = TabRow::new(t!("Key source"), &tabs).compact().show(ui, jwt.source) {
            jwt.source = source;
            changed = true;
        }
        ui.add_space(size::SPACE);
        changed |= match jwt.source {
            KeySource::Run => run_keys(ui, model),
            KeySource::Url => url_keys(ui, jwt, out),
            KeySource::Jwk | KeySource::Pem if model.present => {
                ui.label(text::dim(t!("A key that is typed is not shown in a presentation.")));
                false
            }
            KeySource::Jwk => code_edit(ui, t!("JWK or JWKS"), &mut jwt.jwk, Language::Json, 6).changed(),
            KeySource::Pem => code_edit(ui, t!("PEM public key"), &mut jwt.pem, Language::Plain, 6).changed(),
            KeySource::Secret => {
                SecretField::new(Caption::new(t!("Shared secret"))).show(ui, &mut jwt.secret).changed()
            }
        };
    });
    changed
}

fn run_keys(ui: &mut Ui, model: &Model) -> bool {
    let Some(set) = &model.run.flow.session.jwks else {
        ui.label(text::dim(t!("The run has not fetched the server's keys yet.")));
        return false;
    };
    rows(ui, t!("keys of the run"), set.keys.len(), 2.0 * size::ROW, |ui, at| {
        let key = &set.keys[at];
        let kid = key.kid.as_deref().unwrap_or(t!("no kid"));
        let thumbprint = key.thumbprint().unwrap_or_default();
        let words = t!(
            "kid {kid} · {describe} · {alg}",
            kid = visible(kid),
            describe = key.describe(),
            alg = key.alg.as_deref().unwrap_or(t!("any alg"))
        );
        ui.add(egui::Label::new(text::mono(words)).wrap());
        ui.add(egui::Label::new(text::note(t!("thumbprint {thumbprint}", thumbprint))).truncate());
        ui.add_space(size::SPACE);
    });
    false
}

fn url_keys(ui: &mut Ui, jwt: &mut JwtModel, out: &mut Commands) -> bool {
    let mut caption = Caption::new("jwks_uri");
    if let Some(Err(why)) = &jwt.fetched {
        caption = caption.note(Tone::Error, why);
    }
    let changed = Field::new(caption).placeholder("https://as.example/jwks").show(ui, &mut jwt.url).changed();
    ui.add_space(4.0);
    if ui.add(Button::secondary(t!("Fetch keys")).icon(icons::DOWNLOAD_SIMPLE)).clicked() {
        out.push(Command::FetchKeys);
    }
    changed
}

fn verdicts(ui: &mut Ui, model: &Model, result: &JwtResult, jwt: &mut JwtModel, out: &mut Commands) -> bool {
    let signed = result.decoded.signed();
    let claims = by_type::judge_claims(signed, model.now);
    let of_run = Verdicts::of(&model.run.flow, &result.decoded.text);
    format(ui, result);
    signature(ui, result);
    claim_verdict(ui, &claims, &signed.form);
    run_verdict(ui, &of_run, &signed.form);
    if let Some(judged) = &result.trust {
        jwt_trust::verdict(ui, judged);
    }
    let mut switched = cleaned(ui, result, jwt);
    ui.add_space(4.0);
    if let Some(header) = &result.decoded.header {
        card(ui, |ui| {
            ui.set_width(ui.available_width());
            group_head(ui, t!("Header"));
            jwt_claims::show(ui, model, (result, header), &of_run, Names::Header, out);
        });
        ui.add_space(size::SPACE);
    }
    if let Some(header) =
        signed.header.as_ref().filter(|_| result.decoded.form == Form::Jwe && signed.form != Form::Jwe)
    {
        card(ui, |ui| {
            ui.set_width(ui.available_width());
            group_head(ui, t!("Header inside"));
            jwt_claims::show(ui, model, (result, header), &of_run, Names::Header, out);
        });
        ui.add_space(size::SPACE);
    }
    if let Some(document) = &signed.claims {
        card(ui, |ui| {
            ui.set_width(ui.available_width());
            switched |= claims_head(ui, jwt);
            lifetime(ui, document, model.now);
            if jwt.as_json {
                JsonTree::new(t!("claims"), &masking::visible_json(document))
                    .revision(result.decoded.text.len() as u64)
                    .show(ui);
            } else {
                jwt_claims::show(ui, model, (result, document), &of_run, Names::Claims, out);
            }
        });
        ui.add_space(size::SPACE);
    }
    // What is said of its form is said of a token, and a placeholder is none.
    if !is_placeholder(&result.decoded.text) {
        findings(ui, result, &claims);
    }
    switched
}

fn verdict(ui: &mut Ui, tone: Tone, title: &str, words: &str) {
    Banner::new(tone, title).text(words).show(ui);
    ui.add_space(2.0);
}

fn format(ui: &mut Ui, result: &JwtResult) {
    let what = match result.decoded.form {
        _ if is_placeholder(&result.decoded.text) => t!("a placeholder: the token is hidden (REDACTED)"),
        Form::Jws => t!("a signed JWT in three parts"),
        Form::UnsecuredJws => t!("a JWT with alg none: not signed at all"),
        Form::Jwe if result.decoded.signed().form != Form::Jwe => t!("an encrypted token (JWE), opened"),
        Form::Jwe => t!("an encrypted token (JWE); its content needs the key"),
        Form::JsonSerialization => t!("a JWS or JWE in JSON, which is no JWT"),
        Form::Opaque => t!("not a JWT"),
    };
    let tally = Tally::of(&result.decoded.findings);
    let tone = match (tally.worst(), result.decoded.form) {
        (Some(Verdict::Fail), _) => Tone::Error,
        (Some(Verdict::Warn), _) | (_, Form::Opaque | Form::UnsecuredJws) => Tone::Warn,
        _ => Tone::Ok,
    };
    let words = match is_placeholder(&result.decoded.text) {
        true => format!("{what}."),
        false => {
            let broken = result.decoded.findings.iter().filter(|check| check.verdict <= Verdict::Warn);
            let broken: String = broken.map(|check| format!("\n{}.", told(check))).collect();
            format!("{what}. {}.{broken}", language::tallied(&tally.summary()))
        }
    };
    verdict(ui, tone, t!("Format"), &words);
}

fn signature(ui: &mut Ui, result: &JwtResult) {
    if holds_placeholder(&result.decoded.text) {
        let words = t!("The signature of this token is hidden (REDACTED), so it cannot be verified.");
        return verdict(ui, Tone::Neutral, t!("Signature not verified"), words);
    }
    let Some(report) = &result.signature else {
        return verdict(
            ui,
            Tone::Neutral,
            t!("Signature not verified"),
            &t!("No key: {no_keys}.", no_keys = result.no_keys),
        );
    };
    if let Some(attempt) = report.verified_by.and_then(|at| report.attempts.get(at)) {
        let alg = result.decoded.signed().alg().unwrap_or_default();
        return verdict(
            ui,
            Tone::Ok,
            t!("Signature verified"),
            &t!("{alg} with {key}.", alg = visible(alg), key = attempt.key),
        );
    }
    let tried: Vec<String> = report
        .attempts
        .iter()
        .filter_map(|attempt| Some(format!("{}: {}", attempt.key, attempt.outcome.as_ref().err()?)))
        .collect();
    let words = if tried.is_empty() { t!("no key fits this token").to_owned() } else { tried.join("\n") };
    match report.findings.iter().any(|check| check.verdict == Verdict::Fail) {
        true => verdict(ui, Tone::Error, t!("Signature not valid"), &words),
        false => verdict(ui, Tone::Neutral, t!("Signature not verified"), &words),
    }
}

fn claim_verdict(ui: &mut Ui, claims: &[Check], form: &Form) {
    if !matches!(form, Form::Jws | Form::UnsecuredJws) {
        return verdict(ui, Tone::Neutral, t!("Claims"), t!("There are none to judge."));
    }
    let broken: Vec<String> = claims
        .iter()
        .filter(|check| check.verdict <= Verdict::Warn)
        .map(|check| format!("{} ({})", told(check), saw(check)))
        .collect();
    match broken.is_empty() {
        true => {
            verdict(
                ui,
                Tone::Ok,
                t!("Claims"),
                &t!(
                    "Times and types are in order. {summary}.",
                    summary = language::tallied(&Tally::of(claims).summary())
                ),
            );
        }
        false => verdict(ui, Tone::Error, t!("Claims"), &broken.join("\n")),
    }
}

/// What the run says of the token, beside what the token shows by itself.
fn run_verdict(ui: &mut Ui, of_run: &Verdicts<'_>, form: &Form) {
    if !matches!(form, Form::Jws | Form::UnsecuredJws) {
        return;
    }
    if of_run.is_empty() {
        let words =
            t!("It is no ID token of this run, so nothing here says for whom it is and which login it answers.");
        return verdict(ui, Tone::Neutral, t!("Not judged by this run."), words);
    }
    let Judged { word, rule, .. } = judged(of_run.on("signature"));
    let words = t!(
        "{summary}. Its signature: {word}, {rule}.",
        summary = language::tallied(&of_run.tally().summary()),
        word,
        rule
    );
    let words = [broken(of_run), words].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n");
    let tone = of_run.tally().worst().map_or(Tone::Neutral, Tone::from);
    verdict(ui, if tone == Tone::Note { Tone::Ok } else { tone }, t!("This run's ID token"), &words);
}

/// What is wrong with it, the worst first, as the finding of a run says it: `aud is someone-else, this client is web`.
fn broken(of_run: &Verdicts<'_>) -> String {
    let mut broken: Vec<&Check> = of_run.checks().iter().copied().filter(|it| it.verdict <= Verdict::Warn).collect();
    broken.sort_by_key(|check| check.verdict);
    let lines: Vec<String> = broken.iter().map(|check| format!("{}.", sentence(&difference(check)))).collect();
    lines.join("\n")
}

fn cleaned(ui: &mut Ui, result: &JwtResult, jwt: &mut JwtModel) -> bool {
    let Some(cleaned) = &result.decoded.cleaned else { return false };
    let text = t!("Something around the token was left out to read it; the findings say what.");
    let accepted = Banner::new(Tone::Note, t!("Cleaned.")).text(text).action(t!("Use the cleaned text")).show(ui);
    if accepted {
        jwt.text.clone_from(cleaned);
    }
    ui.add_space(size::SPACE);
    accepted
}

fn claims_head(ui: &mut Ui, jwt: &mut JwtModel) -> bool {
    let label = if jwt.as_json { t!("Table") } else { "JSON" };
    let clicked = crate::gui::widgets::group_head_with(ui, t!("Claims"), |ui| head_action(ui, label).clicked());
    if clicked {
        jwt.as_json = !jwt.as_json;
    }
    clicked
}

fn lifetime(ui: &mut Ui, claims: &Json, now: Timestamp) {
    let time = |name| claims.get(name).and_then(|value| numeric_date(value).ok());
    let (Some(begin), Some(end)) = (time("iat"), time("exp")) else { return };
    let whole = end.since(begin).as_secs_f32().max(1.0);
    let left = end.since(now);
    let middle = if left.is_zero() {
        t!("expired {end} ago", end = lasting(now.since(end)))
    } else {
        t!("{begin} used · expires in {left}", begin = lasting(now.since(begin)), left = lasting(left))
    };
    let (begin, end) = (t!("issued {begin}", begin = crate::gui::clock_time(begin)), crate::gui::clock_time(end));
    Countdown::new("token", (left.as_secs_f32() / whole).clamp(0.0, 1.0)).texts([&begin, &middle, &end]).show(ui);
    ui.add_space(size::SPACE);
}

fn findings(ui: &mut Ui, result: &JwtResult, claims: &[Check]) {
    let signature = result.signature.iter().flat_map(|report| &report.findings);
    let all: Vec<&Check> = result
        .decoded
        .findings
        .iter()
        .chain(signature)
        .chain(&result.keys)
        .chain(claims)
        .filter(|check| check.verdict <= Verdict::Note)
        .collect();
    if all.is_empty() {
        return;
    }
    group_head(ui, t!("Findings"));
    for check in all {
        let saw = saw(check);
        let words = format!("{saw} ({}). {}", check.rule.spec, said(check.rule.why));
        Banner::new(check.verdict.into(), &told(check)).text(&words).show(ui);
        ui.add_space(size::SPACE);
    }
}
