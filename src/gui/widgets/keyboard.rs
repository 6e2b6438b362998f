//! The keyboard in the window: what it is on is in sight, and F6 leads from one part of the window to the next.
//!
//! Both are done once a frame for all widgets, which know nothing of it.

use std::collections::HashMap;
use std::ops::Range;

use egui::accesskit::{Action, ActionRequest, TreeId};
use egui::scroll_area::ScrollAreaOutput;
use egui::style::ScrollAnimation;
use egui::{
    Context, Event, FullOutput, Id, Key, LayerId, Modifiers, Plugin, RawInput, Rect, Response, Role, Ui, UiBuilder,
};

use crate::gui::language;

/// Of what is taller, so much has to be in sight.
const ENOUGH: f32 = 48.0;
/// Frames in which what has just got the keyboard is brought into sight: the room may change in the first of them.
const TRIES: u8 = 3;

/// A part of the window: the widgets of a layer that were added in a row.
#[derive(Clone)]
struct Region {
    name: &'static str,
    layer: LayerId,
    widgets: Range<usize>,
}

/// Follows the keyboard through the window.
#[derive(Default)]
struct Keyboard {
    focused: Option<Id>,
    /// Frames left to bring it into sight.
    tries: u8,
    /// Asks for it in the next frame.
    scrolls_to: Option<Id>,
    /// What had the keyboard last in each region.
    last: HashMap<&'static str, Id>,
}

/// Installs it. Call it once, when the window is made.
pub fn install(ctx: &Context) {
    ctx.add_plugin(Keyboard::default());
}

/// A part of the window that F6 leads to. Regions are visited in the order in which they are drawn.
pub fn region<R>(ui: &mut Ui, name: &'static str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let begin = added(ui);
    let builder = UiBuilder::new().accessibility_role(Role::Region).accessibility_label(name);
    let told = |ui: &mut Ui| {
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| node.set_language(language::spoken().tag()));
        content(ui)
    };
    let inner = ui.scope_builder(builder, told).inner;
    let region = Region { name, layer: ui.layer_id(), widgets: begin..added(ui) };
    ui.data_mut(|data| data.get_temp_mut_or_default::<Vec<Region>>(regions()).push(region));
    inner
}

/// How many widgets there are so far.
fn added(ui: &Ui) -> usize {
    let layer = ui.layer_id();
    ui.ctx().viewport(|viewport| {
        let mut layers = viewport.this_pass.widgets.layers();
        layers.find(|(id, _)| **id == layer).map_or(0, |(_, widgets)| widgets.len())
    })
}

/// Draws an area that scrolls and may stand within another one. A wish to be scrolled to is taken by the innermost area;
/// of what has just got the keyboard it is handed on to those around it.
pub fn nested<R>(ui: &mut Ui, area: impl FnOnce(&mut Ui) -> ScrollAreaOutput<R>) -> ScrollAreaOutput<R> {
    let begin = added(ui);
    let shown = area(ui);
    let wanted = ui.data(|data| data.get_temp::<Id>(asked_for()));
    if let Some(rect) = wanted.and_then(|id| added_since(ui, begin, id)) {
        let rect = scrolled_into(rect, shown.inner_rect);
        ui.scroll_to_rect_animation(rect, None, ScrollAnimation::none());
    }
    shown
}

/// Where it is, if it was added to this layer after so many others.
fn added_since(ui: &Ui, begin: usize, id: Id) -> Option<Rect> {
    ui.ctx().viewport(|viewport| {
        let widgets = &viewport.this_pass.widgets;
        let (layer, at) = widgets.order(id)?;
        (layer == ui.layer_id() && at >= begin).then(|| widgets.get(id).map(|widget| widget.rect))?
    })
}

/// Where it will be once the area has scrolled.
fn scrolled_into(rect: Rect, area: Rect) -> Rect {
    let size = rect.size().min(area.size());
    Rect::from_min_size(rect.min.clamp(area.min, area.max - size), size)
}

/// What has got the keyboard and is to be scrolled to in this frame.
fn asked_for() -> Id {
    Id::unique("asked to be scrolled to")
}

fn regions() -> Id {
    Id::unique("regions of the window")
}

/// Gives the keyboard to the field or button of this name when it is drawn next.
pub fn want(ctx: &Context, name: &'static str) {
    ctx.data_mut(|data| data.insert_temp(wanted(), name));
    ctx.request_repaint();
}

fn wanted() -> Id {
    Id::unique("what wants the keyboard")
}

/// Called for each field, each button with a label, and whatever else has a name to be wanted by.
pub fn take_if_wanted(ui: &Ui, name: &str, response: &Response) {
    if ui.data(|data| data.get_temp::<&'static str>(wanted())) == Some(name) {
        ui.data_mut(|data| data.remove::<&'static str>(wanted()));
        response.request_focus();
        super::dialog::give_to(ui.ctx(), response.id);
    }
}

impl Plugin for Keyboard {
    fn debug_name(&self) -> &'static str {
        "keyboard"
    }

    /// A pane without a name is none to who hears the window: what is in it has a region with one.
    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let nodes = output.platform_output.accesskit_update.iter_mut().flat_map(|update| &mut update.nodes);
        for (_, node) in nodes.filter(|(_, node)| node.role() == Role::Pane && node.label().is_none()) {
            node.set_role(Role::GenericContainer);
        }
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        ctx.data_mut(|data| data.remove::<Id>(asked_for()));
        if let Some(id) = self.scrolls_to.take() {
            ctx.data_mut(|data| data.insert_temp(asked_for(), id));
            // As a screen reader asks for it, which the innermost area heeds.
            input.events.push(Event::AccessKitActionRequest(ActionRequest {
                action: Action::ScrollIntoView,
                target_tree: TreeId::ROOT,
                target_node: id.accesskit_id(),
                data: None,
            }));
        }
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx();
        let regions = ctx.data_mut(|data| data.remove_temp::<Vec<Region>>(regions())).unwrap_or_default();
        let focused = ctx.memory(|memory| memory.focused());
        let at = focused.and_then(|id| regions.iter().position(|region| region.holds(ctx, id)));
        if let (Some(at), Some(id)) = (at, focused) {
            self.last.insert(regions[at].name, id);
        }
        if let Some(forward) = pressed(ctx) {
            self.go_on(ctx, &regions, at, forward);
        }
        self.keep_in_sight(ctx);
    }
}

/// Whether F6 was pressed, and which way it leads.
fn pressed(ctx: &Context) -> Option<bool> {
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return None;
    }
    ctx.input_mut(|input| {
        let back = input.consume_key(Modifiers::SHIFT, Key::F6);
        (back || input.consume_key(Modifiers::NONE, Key::F6)).then_some(!back)
    })
}

impl Keyboard {
    /// Gives the keyboard to the next region that has something for it.
    fn go_on(&self, ctx: &Context, regions: &[Region], at: Option<usize>, forward: bool) {
        let count = regions.len();
        let from = at.map_or(if forward { 0 } else { count }, |at| if forward { at + 1 } else { at + count });
        let order = (0..count).map(|step| if forward { from + step } else { from + count - 1 - step });
        let next = order.map(|index| &regions[index % count]).find_map(|region| {
            let known = self.last.get(region.name).copied().filter(|id| region.holds(ctx, *id) && is_stop(ctx, *id));
            known.or_else(|| region.first(ctx))
        });
        if let Some(id) = next {
            ctx.memory_mut(|memory| memory.request_focus(id));
            ctx.request_repaint();
        }
    }

    fn keep_in_sight(&mut self, ctx: &Context) {
        let focused = ctx.memory(|memory| memory.focused());
        if focused != self.focused {
            // What was clicked is under the pointer, and stays there.
            let is_clicked = ctx.input(|input| input.pointer.any_down() || input.pointer.any_released());
            self.tries = if is_clicked { 0 } else { TRIES };
            self.focused = focused;
        }
        if self.tries == 0 {
            return;
        }
        self.tries -= 1;
        self.scrolls_to = focused.filter(|id| is_hidden(ctx, *id));
        ctx.request_repaint();
    }
}

/// Whether the Tab key comes to it: of a list or a strip only one is, which may have changed meanwhile.
fn is_stop(ctx: &Context, id: Id) -> bool {
    let widget = ctx.viewport(|viewport| viewport.this_pass.widgets.get(id).copied());
    widget.is_some_and(|widget| widget.sense.is_focusable() && widget.enabled)
}

fn is_hidden(ctx: &Context, id: Id) -> bool {
    let Some(response) = ctx.read_response(id) else { return false };
    let (whole, seen) = (response.rect, response.interact_rect);
    seen.height() + 1.0 < whole.height().min(ENOUGH) || seen.width() + 1.0 < whole.width().min(ENOUGH)
}

impl Region {
    fn holds(&self, ctx: &Context, id: Id) -> bool {
        let order = ctx.viewport(|viewport| viewport.this_pass.widgets.order(id));
        order.is_some_and(|(layer, at)| layer == self.layer && self.widgets.contains(&at))
    }

    /// What the Tab key comes to first in it.
    fn first(&self, ctx: &Context) -> Option<Id> {
        ctx.viewport(|viewport| {
            let widgets = viewport.this_pass.widgets.get_layer(self.layer).skip(self.widgets.start);
            let found = widgets.take(self.widgets.len()).find(|widget| widget.sense.is_focusable() && widget.enabled);
            found.map(|widget| widget.id)
        })
    }
}
