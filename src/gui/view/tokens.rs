//! A card for each token: what it is, how long it lasts, what to do with it.

use egui::{Stroke, Ui};

use super::verdicts::{RELIED_ON, judged};
use super::{Commands, expect, explained, granted};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::secret::Secret;
use crate::base::text::{elided, visible};
use crate::base::time::Timestamp;
use crate::client::endpoint::token_exchange::act_chain;
use crate::client::rules;
use crate::expect::{Place, Subject};
use crate::flow::Next;
use crate::flow::session::Tokens;
use crate::flow::stage::Stage;
use crate::flow::verdicts::{Verdicts, of_binding};
use crate::gui::command::Command;
use crate::gui::language::{lasting, said, sentence, t};
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::claims::ClaimMenu;
use crate::gui::widgets::countdown::Countdown;
use crate::gui::widgets::{Banner, Button, Claim, IconButton, Judged, Tone, badge, card, card_frame, claims_table};
use crate::jose::claims::numeric_date;
use crate::jose::jwt::decode;
use crate::terms::scope;

/// Beside what every client relies on, what the card shows where it was judged.
const SHOWN: [&str; 5] = ["sub", "azp", "at_hash", "c_hash", "s_hash"];

/// Letters of a claim that the card shows.
const LETTERS: usize = 80;

/// The Tokens side: the newest tokens of the run.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(tokens) = model.run.flow.session.tokens.last() else {
        ui.label(text::dim(t!("No tokens yet. The token response brings them.")));
        return;
    };
    let response = &tokens.response;
    let mut rejecting = model.run.flow.rejecting_checks().filter(|_| model.run.finding.is_none());
    if let Some(check) = rejecting.find(|check| check.rule.id.starts_with("id_token.")) {
        let saw = check
            .actual
            .as_deref()
            .map(|saw| t!("{id}: saw {saw} ({spec})", id = check.rule.id, saw = sentence(saw), spec = check.rule.spec));
        let words = t!("Do not use these tokens. {rejects}", rejects = said(check.rule.rejects.unwrap_or_default()));
        Banner::new(Tone::Error, &words).text(&saw.unwrap_or_default()).show(ui);
        ui.add_space(size::SPACE);
    }
    if let Some(token) = &response.id_token {
        let of_run = Verdicts::of(&model.run.flow, token.expose());
        let border = card_border(ui, of_run.checks().iter().copied());
        card_frame(ui).stroke(border).show(ui, |ui| {
            ui.take_available_width();
            id_token(ui, model, tokens, token, &of_run, out);
        });
        ui.add_space(size::SPACE);
    }
    if let Some(token) = &response.access_token {
        let kind = response.token_type.as_deref().unwrap_or(t!("no token_type"));
        let of_token = response.id_token.as_ref().map(|it| Verdicts::of(&model.run.flow, it.expose()));
        // What the ID token that came with it says of this token (OIDC Core section 3.1.3.8).
        let at_hash = of_token.as_ref().and_then(|it| it.on("at_hash")).filter(|check| check.verdict <= Verdict::Warn);
        let border = card_border(ui, at_hash);
        card_frame(ui).stroke(border).show(ui, |ui| {
            ui.take_available_width();
            access_token(ui, model, (tokens, token, kind), at_hash, out);
        });
        ui.add_space(size::SPACE);
    }
    if let Some(token) = &response.refresh_token {
        card(ui, |ui| {
            head(ui, model, ("refresh_token", t!("single use where the server rotates")), token, None, out);
            if matches!(model.run.next, Next::Finished)
                && ui.add(Button::secondary(t!("Refresh")).icon(icons::ARROWS_CLOCKWISE).small()).clicked()
            {
                out.push(Command::Append(Stage::Refresh));
            }
        });
    }
}

fn access_token(
    ui: &mut Ui,
    model: &Model,
    (tokens, token, kind): (&Tokens, &Secret, &str),
    at_hash: Option<&Check>,
    out: &mut Commands,
) {
    let word = at_hash.and_then(Check::rejects).map(|_| (Tone::Error, t!("Do not use")));
    head(ui, model, ("access_token", kind), token, word, out);
    if let Some(check) = at_hash {
        hashed_otherwise(ui, check);
    }
    if let Some(end) = tokens.end() {
        lifetime(ui, "access_token", tokens.received_at, end, model.now);
    }
    binding(ui, &of_binding(&model.run.flow, tokens));
    if let Some(chain) = act_chain(&decode(token.expose())) {
        acting(ui, &chain);
    }
    ui.horizontal_wrapped(|ui| {
        for word in scope::words(&tokens.scope) {
            badge(ui, Tone::Neutral, word);
        }
        expect::button(ui, model, "scope", |ui| {
            expect::menu(ui, model, &[Subject::Of(tokens.stage, Place::Scope)], None, out);
        });
    });
    granted::show(ui, &model.run.flow, tokens);
    ui.horizontal(|ui| {
        decode_button(ui, token, t!("Decode access_token"), out);
        if matches!(model.run.next, Next::Finished)
            && ui.add(Button::secondary(t!("Call API")).icon(icons::LIGHTNING).small()).clicked()
        {
            out.push(Command::Append(Stage::Resource));
        }
    });
}

/// That the ID token stands for another access token than this one.
fn hashed_otherwise(ui: &mut Ui, check: &Check) {
    let claim = |_: usize| Claim {
        name: "at_hash".to_owned(),
        value: visible(&elided(check.actual.as_deref().unwrap_or("absent"), LETTERS)).into_owned(),
        judged: Some(shortly(Some(check))),
        explained: explained::claim("at_hash"),
        ..Claim::default()
    };
    claims_table(ui, t!("verdict of id_token on access_token"), 1, claim, None);
}

/// What the token is bound to, as it says itself or introspection does, against what was proven.
fn binding(ui: &mut Ui, checks: &[&Check]) {
    if checks.is_empty() {
        return;
    }
    let claim = |at: usize| {
        let check = checks[at];
        let name = if *check.rule == rules::dpop::BOUND { "jkt" } else { "x5t#S256" };
        let value = match check.verdict {
            Verdict::Skipped => t!("not judged"),
            _ => check.actual.as_deref().unwrap_or_default(),
        };
        let judged = Some(shortly(Some(check)));
        let explained = explained::claim(name);
        Claim { name: format!("cnf.{name}"), value: value.to_owned(), judged, explained, ..Claim::default() }
    };
    claims_table(ui, t!("binding of access_token"), checks.len(), claim, None);
}

/// Who acts for whom (RFC 8693 section 4.1): `till acts for shop acts for alice`.
fn acting(ui: &mut Ui, chain: &[String]) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim("act"));
        for (at, name) in chain.iter().enumerate() {
            let is_subject = at + 1 == chain.len();
            badge(ui, if is_subject { Tone::Ok } else { Tone::Note }, &visible(name));
            if !is_subject {
                ui.label(text::dim(t!("acts for")));
            }
        }
    });
}

/// Red where it must not be used, amber where something about it should be otherwise.
fn card_border<'a>(ui: &Ui, checks: impl IntoIterator<Item = &'a Check>) -> Stroke {
    let tone = match Tally::of(checks).worst() {
        Some(Verdict::Fail) => Tone::Error,
        Some(Verdict::Warn) => Tone::Warn,
        _ => return Stroke::new(1.0, ui.tokens().line),
    };
    Stroke::new(1.0, tone.bar(ui.tokens()))
}

fn id_token(ui: &mut Ui, model: &Model, tokens: &Tokens, token: &Secret, of_run: &Verdicts<'_>, out: &mut Commands) {
    let sub = tokens.id_token.as_ref().and_then(|token| token.claim("sub")?.as_str().map(str::to_owned));
    let who = sub.map_or_else(|| t!("no sub").to_owned(), |sub| t!("sub {sub}", sub = visible(&sub)));
    let word = match of_run.checks().iter().any(|check| check.rejects().is_some()) {
        true => Some((Tone::Error, t!("Do not use"))),
        false => of_run.is_empty().then_some((Tone::Neutral, t!("Not judged"))),
    };
    head(ui, model, ("id_token", &who), token, word, out);
    verdicts(ui, model, tokens, of_run, out);
    let time = |name| tokens.id_token.as_ref().and_then(|token| numeric_date(token.claim(name)?).ok());
    if let (Some(begin), Some(end)) = (time("iat"), time("exp")) {
        lifetime(ui, "id_token", begin, end, model.now);
    }
    if let Some(key) = tokens.opened_with() {
        ui.label(text::note(t!("Encrypted; opened with {key}", key)));
    }
    decode_button(ui, token, t!("Decode id_token"), out);
}

/// What the run says of the claims that a client relies on and of the signature, what is broken first.
fn verdicts(ui: &mut Ui, model: &Model, tokens: &Tokens, of_run: &Verdicts<'_>, out: &mut Commands) {
    let Some(token) = &tokens.id_token else { return };
    let is_judged = |claim: &&str| of_run.on(claim).is_some_and(|check| check.verdict != Verdict::Skipped);
    let always = |claim: &&str| *claim == "signature" || RELIED_ON.contains(claim);
    let mut shown = of_run.claims();
    shown.retain(|claim| always(claim) || is_judged(claim) && SHOWN.contains(claim) || is_broken(of_run, claim));
    let unjudged = ["signature"].into_iter().chain(RELIED_ON).filter(|claim| !shown.contains(claim));
    let shown: Vec<&str> = shown.iter().copied().chain(unjudged).collect();
    let subject = |at: usize| {
        let place = expect::id_token(tokens.stage);
        match shown[at] {
            "signature" => Subject::Rule(&rules::id_token::SIGNATURE),
            name @ ("kid" | "alg" | "typ") => expect::header(&place, name),
            name => expect::claim(&place, name),
        }
    };
    let claim = |at: usize| {
        let name = shown[at];
        let is_pinned = expect::is_pinned(model, &[subject(at)]);
        let value = match name {
            "signature" => token.alg().map(str::to_owned),
            "kid" | "alg" | "typ" => token.header.as_ref().and_then(|header| header.text(name)).map(str::to_owned),
            claim => token.claim(claim).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        };
        let value = value.map_or_else(|| "absent".to_owned(), |value| visible(&elided(&value, LETTERS)).into_owned());
        let explained = match name {
            "signature" => Some(explained::rule(&rules::id_token::SIGNATURE)),
            "kid" | "alg" | "typ" => explained::jose(name),
            claim => explained::claim(claim),
        };
        let judged = Some(shortly(of_run.on(name)));
        Claim { name: name.to_owned(), value, judged, explained, is_pinned, ..Claim::default() }
    };
    let mut menu = |ui: &mut Ui, at: usize| {
        expect::menu(ui, model, &[subject(at)], None, out);
    };
    let menu: ClaimMenu<'_> = (expect::ICON, expect::verb(), &mut menu);
    claims_table(ui, t!("verdicts on id_token"), shown.len(), claim, Some(menu));
    let passed = |claim: &&&str| of_run.on(claim).is_some_and(|check| check.verdict == Verdict::Pass);
    let more = of_run.claims().iter().filter(passed).filter(|claim| !shown.contains(claim)).count();
    if more > 0 {
        ui.label(text::note(t!("{more} more passed", more)));
    }
}

/// In one line: what was seen is the value beside it, and the rule is named where there is room.
fn shortly(check: Option<&Check>) -> Judged {
    let judged = judged(check);
    let expected = check.filter(|check| check.verdict <= Verdict::Warn).and_then(|check| check.expected.as_deref());
    match expected {
        Some(expected) => Judged {
            why: t!("expected {expected}", expected = visible(&elided(&sentence(expected), LETTERS))),
            ..judged
        },
        None if check.is_some_and(|check| check.verdict == Verdict::Pass) => Judged { rule: "", ..judged },
        None => judged,
    }
}

fn is_broken(of_run: &Verdicts<'_>, claim: &str) -> bool {
    of_run.on(claim).is_some_and(|check| check.verdict <= Verdict::Warn)
}

fn decode_button(ui: &mut Ui, token: &Secret, label: &str, out: &mut Commands) {
    let is_jwt = token.expose().matches('.').count() >= 2;
    if is_jwt && ui.add(Button::secondary(label).icon(icons::IDENTIFICATION_CARD).small()).clicked() {
        out.push(Command::Decode(token.expose().to_owned()));
    }
}

/// What it is, and of its value as much as may be seen.
fn head(
    ui: &mut Ui,
    model: &Model,
    (name, about): (&str, &str),
    token: &Secret,
    word: Option<(Tone, &str)>,
    out: &mut Commands,
) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(name));
        ui.label(text::dim(about));
        if !model.mask().is_off() {
            ui.label(text::mono(token.hint()).color(ui.tokens().dim));
        }
        let label = t!("Copy {name}", name);
        if ui.add(IconButton::new(icons::COPY, &label).small()).clicked() {
            // As it is shown, which is how Raw and cURL copy, too.
            out.push(match model.mask().is_off() {
                true => Command::CopySecret(token.expose().to_owned(), name.to_owned()),
                false => Command::CopySecret(token.hint(), t!("{name}, masked", name)),
            });
        }
        if let Some((tone, word)) = word {
            badge(ui, tone, word);
        }
    });
    if model.mask().is_off() {
        ui.add(egui::Label::new(text::mono(visible(token.expose()))).wrap());
    }
}

fn lifetime(ui: &mut Ui, name: &str, begin: Timestamp, end: Timestamp, now: Timestamp) {
    let whole = end.since(begin).as_secs_f32().max(1.0);
    let left = end.since(now);
    let share = (left.as_secs_f32() / whole).clamp(0.0, 1.0);
    let middle = if left.is_zero() {
        t!("expired {end} ago", end = lasting(now.since(end)))
    } else {
        t!("expires in {left}", left = lasting(left))
    };
    let time = |at: Timestamp| crate::gui::clock_time(at);
    let (begin, end) = (t!("issued {begin}", begin = time(begin)), time(end));
    Countdown::new(name, share).texts([&begin, &middle, &end]).show(ui);
}
