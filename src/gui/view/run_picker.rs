//! The runs of this session, above the settings: which one is shown, and a way to the others.

use egui::{ComboBox, Ui};

use super::Commands;
use crate::base::text::visible;
use crate::flow::{Next, ProblemKind};
use crate::gui::command::Command;
use crate::gui::model::{Model, Run};
use crate::gui::theme::{size, text};
use crate::gui::widgets::group_head;

/// The picker; nothing where there is one run alone.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.others.is_empty() {
        return;
    }
    group_head(ui, "Run");
    let shown = ComboBox::from_id_salt("runs")
        .selected_text(text::mono(title(&model.run)))
        .width(ui.available_width())
        .truncate()
        .show_ui(ui, |ui| {
            for (at, run) in model.runs().into_iter().enumerate() {
                let is_shown = run.id == model.run.id;
                let number = model.others.len() + 1 - at;
                let words = format!("{} ({number})", title(run));
                if ui.selectable_label(is_shown, words).clicked() && !is_shown {
                    out.push(Command::ShowRun(run.id));
                }
            }
        });
    let name = shown.response.id;
    ui.ctx().accesskit_node_builder(name, |node| node.set_label("Run"));
    ui.add_space(size::SPACE);
}

/// `Device, Practice server: refused`
fn title(run: &Run) -> String {
    format!("{}, {}: {}", run.flow.grant.title(), visible(&run.provider), state(run))
}

/// How the run stands, in a word or two.
fn state(run: &Run) -> &'static str {
    match &run.next {
        _ if run.running.is_some() => "under way",
        _ if run.is_fresh() => "not begun",
        Next::Stopped(problem) => match problem.kind {
            ProblemKind::Refused(_) => "refused",
            ProblemKind::Failed => "failed",
            ProblemKind::Unsafe => "unsafe",
        },
        Next::Finished if run.flow.has_failed_check() => "broken rules",
        Next::Finished => "success",
        Next::Missing(_) | Next::Do(_) => "begun",
    }
}
