//! The tokens as an `egui::Style`, so that egui's own widgets look like ours.

use egui::epaint::Shadow;
use egui::style::{ScrollStyle, Selection, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, Margin, Stroke, Style, Theme, Vec2, Visuals, vec2};

use super::{Tokens, size, text};

/// Seconds that something takes to open, close or light up.
pub(super) const ANIMATION: f32 = 0.12;

/// The style of one theme.
pub(super) fn style(theme: Theme) -> Style {
    let mut style = theme.default_style();
    style.text_styles = text::styles().collect();
    style.visuals = visuals(theme, Tokens::of(theme));
    style.url_in_tooltip = true;
    style.animation_time = ANIMATION;
    spacing(&mut style);
    style
}

/// The style of one theme before an audience.
pub(super) fn for_audience(theme: Theme, scale: f32) -> Style {
    let mut style = style(theme);
    style.text_styles = text::styles_for_audience(scale).collect();
    style.visuals = visuals(theme, Tokens::for_audience(theme));
    style.spacing.button_padding = scale * vec2(12.0, 4.0);
    style
}

fn spacing(style: &mut Style) {
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(size::SPACE);
    spacing.button_padding = vec2(10.0, 5.0);
    spacing.interact_size = vec2(28.0, size::ROW);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(16);
    spacing.extra_text_line_spacing = 2.0;
    spacing.combo_height = 320.0;
    spacing.tooltip_width = 360.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.scroll = ScrollStyle { bar_width: 8.0, floating_width: 4.0, ..ScrollStyle::floating() };
    // A place to scroll to may lie beyond what the last frame had, and would bounce back from there.
    spacing.scroll.kinetic.rubber_band = false;
    style.interaction.tooltip_delay = 0.35;
}

fn visuals(theme: Theme, tokens: &Tokens) -> Visuals {
    let base = theme.default_visuals();
    let shadow = |offset, blur| Shadow { offset: [0, offset], blur, spread: 0, color: tokens.shadow };
    Visuals {
        override_text_color: None,
        weak_text_color: Some(tokens.dim),
        widgets: widgets(tokens),
        selection: Selection { bg_fill: tokens.accent.gamma_multiply(0.35), stroke: Stroke::new(1.0, tokens.strong) },
        hyperlink_color: tokens.link,
        faint_bg_color: tokens.field,
        extreme_bg_color: tokens.field,
        text_edit_bg_color: Some(tokens.field),
        code_bg_color: Color32::TRANSPARENT,
        warn_fg_color: tokens.warn,
        error_fg_color: tokens.error,
        window_corner_radius: CornerRadius::same(size::CARD_RADIUS),
        menu_corner_radius: CornerRadius::same(size::CARD_RADIUS),
        window_fill: tokens.popup,
        window_stroke: Stroke::new(1.0, tokens.line),
        window_shadow: shadow(12, 40),
        popup_shadow: shadow(6, 20),
        panel_fill: tokens.panel,
        text_cursor: TextCursorStyle { stroke: Stroke::new(1.5, tokens.accent), ..base.text_cursor.clone() },
        disabled_alpha: 0.6,
        striped: false,
        ..base
    }
}

fn widgets(tokens: &Tokens) -> Widgets {
    let visuals = |fill: Color32, border: Color32, ink: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        fg_stroke: Stroke::new(1.0, ink),
        corner_radius: CornerRadius::same(size::RADIUS),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: visuals(tokens.panel, tokens.line, tokens.text),
        inactive: visuals(tokens.button, tokens.line, tokens.text),
        hovered: visuals(tokens.button_hover, tokens.line_strong, tokens.strong),
        active: visuals(tokens.button_hover, tokens.accent, tokens.strong),
        open: visuals(tokens.button_hover, tokens.line_strong, tokens.text),
    }
}
