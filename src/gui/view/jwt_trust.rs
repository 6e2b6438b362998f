//! A token of a workload held against the trust policy of a cloud: what is typed, and what came of it with the first
//! difference marked.

use egui::text::{LayoutJob, TextFormat};
use egui::{Label, TextStyle, Ui};

use super::{Commands, told};
use crate::base::check::{Check, Verdict};
use crate::base::text::visible;
use crate::gui::command::Command;
use crate::gui::language::{said, saw, t};
use crate::gui::model::TrustModel;
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::code::{Language, code_edit};
use crate::gui::widgets::{Banner, Caption, Field, Tab, TabRow, Tone, card, group_head, verdict_badge};
use crate::practice::Workload;
use crate::workload::{Compared, Difference, Judged, NoPolicy};

/// So many characters are shown before the first difference, and so many in all.
const BEFORE: usize = 60;
const SHOWN: usize = 160;

/// The workloads that a token is made as.
pub fn samples(ui: &mut Ui, out: &mut Commands) {
    for workload in Workload::ALL {
        let entry = egui::Button::selectable(false, workload.name()).min_size(egui::vec2(160.0, size::ROW));
        if ui.add(entry).clicked() {
            out.push(Command::SampleToken(workload));
            ui.close();
        }
    }
}

/// What the token is held against; whether it was changed.
pub fn policy(ui: &mut Ui, trust: &mut TrustModel) -> bool {
    group_head(ui, t!("Trust policy"));
    let tabs = [Tab::new(false, t!("Policy of a cloud")), Tab::new(true, t!("iss, sub and aud"))];
    let mut changed = false;
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        if let Some(by_values) = TabRow::new(t!("What is trusted"), &tabs).compact().show(ui, trust.by_values) {
            trust.by_values = by_values;
            changed = true;
        }
        ui.add_space(size::SPACE);
        changed |= if trust.by_values { values(ui, trust) } else { document(ui, trust) };
    });
    changed
}

fn document(ui: &mut Ui, trust: &mut TrustModel) -> bool {
    let changed = code_edit(ui, t!("Trust policy as JSON"), &mut trust.policy, Language::Json, 6).changed();
    ui.add_space(4.0);
    ui.add(Label::new(text::note(t!("As the tools of Microsoft Entra, AWS or Google Cloud print it: a federated identity credential, the trust policy of a role, or a workload identity provider."))).wrap());
    changed
}

fn values(ui: &mut Ui, trust: &mut TrustModel) -> bool {
    let mut changed = false;
    for (name, value) in [("iss", &mut trust.iss), ("sub", &mut trust.sub), ("aud", &mut trust.aud)] {
        changed |= Field::new(Caption::new(name)).placeholder(t!("not compared")).show(ui, value).changed();
        ui.add_space(4.0);
    }
    changed
}

/// What came of it.
pub fn verdict(ui: &mut Ui, judged: &Result<Judged, NoPolicy>) {
    match judged {
        Err(why) => {
            Banner::new(Tone::Warn, t!("Not compared")).text(&visible(&why.0)).show(ui);
        }
        Ok(judged) => {
            of_cloud(ui, judged);
            card(ui, |ui| {
                ui.set_width(ui.available_width());
                group_head(ui, &t!("Compared as {cloud} compares", cloud = said(judged.cloud.name())));
                judged.compared.iter().for_each(|compared| condition(ui, compared));
                judged.notes.iter().filter(|note| note.verdict <= Verdict::Note).for_each(|check| note(ui, check));
            });
        }
    }
    ui.add_space(size::SPACE);
}

fn of_cloud(ui: &mut Ui, judged: &Judged) {
    let cloud = said(judged.cloud.name());
    let (tone, title, words) = match (judged.is_taken(), judged.error()) {
        (Some(true), _) => {
            let words = t!("Its signature and times are not judged by this.").to_owned();
            (Tone::Ok, t!("The token fits: {cloud}", cloud), words)
        }
        (Some(false), Some(error)) => {
            (Tone::Error, t!("The token does not fit: {cloud}", cloud), t!("It answers: {error}", error))
        }
        (Some(false), None) => (Tone::Error, t!("The token does not fit: {cloud}", cloud), String::new()),
        (None, _) => {
            let words = t!("What could be judged fits; what could not is for you to compare.").to_owned();
            (Tone::Neutral, t!("Not all is judged: {cloud}", cloud), words)
        }
    };
    Banner::new(tone, &title).text(&words).show(ui);
    ui.add_space(2.0);
}

/// One claim: what was wanted, and what there is.
fn condition(ui: &mut Ui, compared: &Compared) {
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, compared.check.verdict);
        ui.label(text::mono(visible(&compared.condition.claim)).color(ui.tokens().strong));
        if compared.check.verdict != Verdict::Fail {
            ui.add(Label::new(text::mono(saw(&compared.check))).wrap());
        }
    });
    match &compared.difference {
        Some(difference) => differ(ui, difference),
        None if compared.check.verdict == Verdict::Fail => {
            line(ui, t!("policy"), plain(ui, &compared.condition.says()));
            line(ui, t!("token"), plain(ui, &saw(&compared.check)));
        }
        None => return ui.add_space(4.0),
    }
    ui.add(Label::new(text::note(said(compared.check.rule.fix))).wrap());
    ui.add_space(size::SPACE);
}

/// Both values, one under the other, the first character that differs marked.
fn differ(ui: &mut Ui, difference: &Difference) {
    line(ui, t!("policy"), marked(ui, &difference.wanted, difference.at));
    line(ui, t!("token"), marked(ui, &difference.saw, difference.at));
    let at = t!("The first difference is character {at}.", at = difference.at + 1);
    ui.add(Label::new(format!("{at} {}", said(difference.kind.says()))).wrap());
}

fn line(ui: &mut Ui, name: &str, job: LayoutJob) {
    ui.horizontal_top(|ui| {
        let (_, rect) = ui.allocate_space(egui::vec2(50.0, size::ROW - 8.0));
        ui.put(rect, Label::new(text::dim(name)).selectable(false));
        ui.add(Label::new(job).wrap());
    });
}

fn plain(ui: &Ui, value: &str) -> LayoutJob {
    marked(ui, value, usize::MAX)
}

/// From a little before the character at this place, which stands out.
fn marked(ui: &Ui, value: &str, at: usize) -> LayoutJob {
    let tokens = ui.tokens();
    let font = TextStyle::Monospace.resolve(ui.style());
    let usual = TextFormat::simple(font, tokens.text);
    let mark = TextFormat { color: Tone::Error.ink(tokens), background: Tone::Error.ground(tokens), ..usual.clone() };
    let from = if at == usize::MAX { 0 } else { at.saturating_sub(BEFORE) };
    let mut job = LayoutJob::default();
    if from > 0 {
        job.append("…", 0.0, usual.clone());
    }
    for (place, c) in value.chars().enumerate().skip(from).take(SHOWN) {
        let format = if place == at { mark.clone() } else { usual.clone() };
        job.append(&visible(c.encode_utf8(&mut [0; 4])), 0.0, format);
    }
    // A value that ends before the other differs by its end.
    if value.chars().count() == at {
        job.append(" ", 0.0, mark);
    }
    job
}

/// What is to be said of the policy as such.
fn note(ui: &mut Ui, check: &Check) {
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, check.verdict);
        ui.label(text::strong(told(check)));
    });
    let seen = check.actual.as_deref().unwrap_or_default();
    // Of what is only worth knowing there is nothing to mend.
    let fix = if check.expected.is_some() { said(check.rule.fix) } else { "" };
    ui.add(Label::new(format!("{seen} {fix}").trim_end()).wrap());
    ui.add_space(4.0);
}
