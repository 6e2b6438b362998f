//! Colours by meaning, read once from `assets/theme`: `dark.toml`, `light.toml`, and what differs before an audience.

use std::sync::LazyLock;

use egui::{Color32, Theme, Visuals};
use serde::{Deserialize, Deserializer, de::Error as _};

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// The colours of one theme.
        #[derive(Clone, Copy, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Tokens {
            $($(#[$doc])* #[serde(deserialize_with = "color")] pub $name: Color32,)*
        }
    };
}

tokens! {
    /// Behind everything.
    window
    /// Bars and the settings panel.
    panel
    /// Diagram, inspector, token cards.
    card
    /// Inputs, chips, code.
    field
    /// Menus, tooltips, dialogs.
    popup
    /// Secondary buttons.
    button
    /// Secondary buttons and rows under the pointer.
    button_hover
    /// The selected row.
    selected
    /// Over everything while a dialog is open.
    backdrop
    /// Under dialogs and menus.
    shadow
    /// Borders, lifelines, separators.
    line
    /// Borders under the pointer, circles of stages to come.
    line_strong
    /// Ordinary text.
    text
    /// Labels, notes, times.
    dim
    /// Titles and the selected tab.
    strong
    /// Selection, primary button, direct messages.
    accent
    /// The accent under the pointer.
    accent_hover
    /// Text on the accent.
    on_accent
    /// Text in the accent's colour.
    link
    /// What travels through the browser.
    front_channel
    /// A rule that holds, a stage that is done.
    ok
    /// Ground of an ok badge.
    ok_soft
    /// A broken SHOULD, a value near its end.
    warn
    /// Ground of a warning badge.
    warn_soft
    /// A broken MUST, a refusal.
    error
    /// Ground of an error badge.
    error_soft
    /// Worth knowing, nothing broken.
    note
    /// Ground of a note badge.
    note_soft
    /// The tick in a finished stage.
    on_ok
    /// The ground of a button that stops or deletes.
    danger
    /// The same under the pointer.
    danger_hover
    /// Text on it.
    on_danger
    /// The knob of a switch.
    knob
    /// The ground of a switch that is off.
    switch_off
    /// Bars, rings and lines that mean ok.
    ok_bar
    /// Bars, rings and lines that warn.
    warn_bar
    /// Bars, rings and lines that mean over or refused.
    error_bar
    /// What a bar has not filled.
    track
    /// Parameter names, JSON member names, methods.
    syntax_name
    /// Strings of JSON, values of shell words.
    syntax_string
    /// Numbers.
    syntax_number
    /// True, false, null.
    syntax_literal
    /// Punctuation between values.
    syntax_punctuation
    /// First part of a JWT.
    jwt_header
    /// Second part of a JWT.
    jwt_payload
    /// Third part of a JWT.
    jwt_signature
}

static DARK: LazyLock<Tokens> = LazyLock::new(|| read(include_str!("../../../assets/theme/dark.toml"), ""));
static LIGHT: LazyLock<Tokens> = LazyLock::new(|| read(include_str!("../../../assets/theme/light.toml"), ""));
static AUDIENCE_DARK: LazyLock<Tokens> = LazyLock::new(|| {
    let differs = include_str!("../../../assets/theme/audience_dark.toml");
    read(include_str!("../../../assets/theme/dark.toml"), differs)
});
static AUDIENCE_LIGHT: LazyLock<Tokens> = LazyLock::new(|| {
    let differs = include_str!("../../../assets/theme/audience_light.toml");
    read(include_str!("../../../assets/theme/light.toml"), differs)
});

impl Tokens {
    /// The tokens of a theme.
    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The tokens of a theme before an audience.
    pub fn for_audience(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &AUDIENCE_DARK,
            Theme::Light => &AUDIENCE_LIGHT,
        }
    }

    /// Those that the visuals were made from.
    pub(super) fn behind(visuals: &Visuals) -> &'static Self {
        let theme = if visuals.dark_mode { Theme::Dark } else { Theme::Light };
        let audience = Self::for_audience(theme);
        if visuals.weak_text_color == Some(audience.dim) { audience } else { Self::of(theme) }
    }
}

fn read(text: &str, differs: &str) -> Tokens {
    const TESTED: &str = "the theme files are part of the program and tested";
    let mut table: toml::Table = text.parse().expect(TESTED);
    table.extend(differs.parse::<toml::Table>().expect(TESTED));
    table.try_into().expect(TESTED)
}

#[expect(clippy::disallowed_methods, reason = "the one place where colours come from")]
fn color<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Color32, D::Error> {
    let text = String::deserialize(deserializer)?;
    Color32::from_hex(&text).map_err(|error| D::Error::custom(format!("{text}: {error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance.
    fn luminance(color: Color32) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_stands_out_from_its_grounds() {
        for theme in [Theme::Dark, Theme::Light] {
            let t = Tokens::of(theme);
            let everywhere = [t.window, t.panel, t.card, t.field, t.popup, t.button, t.button_hover, t.selected];
            let wire = [t.card, t.field, t.panel, t.window];
            let mut pairs = Vec::new();
            for ink in [t.text, t.dim, t.strong, t.link, t.ok, t.warn, t.error, t.note] {
                pairs.extend(everywhere.map(|ground| (ink, ground)));
            }
            for ink in [t.syntax_name, t.syntax_string, t.syntax_number, t.syntax_literal, t.syntax_punctuation] {
                pairs.extend(wire.map(|ground| (ink, ground)));
            }
            for ink in [t.jwt_header, t.jwt_payload, t.jwt_signature] {
                pairs.extend(wire.map(|ground| (ink, ground)));
            }
            pairs.extend([
                (t.on_accent, t.accent),
                (t.on_accent, t.accent_hover),
                (t.on_danger, t.danger),
                (t.on_danger, t.danger_hover),
                (t.on_ok, t.ok),
                (t.ok, t.ok_soft),
                (t.warn, t.warn_soft),
                (t.error, t.error_soft),
                (t.note, t.note_soft),
                (t.text, t.selected),
            ]);
            for (ink, ground) in pairs {
                let ratio = contrast(ink, ground);
                assert!(ratio >= 4.5, "{theme:?}: {} on {} is {ratio:.2}", ink.to_hex(), ground.to_hex());
            }
        }
    }

    #[test]
    fn before_an_audience_every_text_stands_out_at_seven_to_one() {
        for theme in [Theme::Dark, Theme::Light] {
            let t = Tokens::for_audience(theme);
            let inks = [t.text, t.dim, t.strong, t.link, t.ok, t.warn, t.error, t.note, t.syntax_name];
            let grounds = [t.window, t.card, t.field, t.selected];
            let pairs = inks.iter().flat_map(|ink| grounds.map(|ground| (*ink, ground)));
            for (ink, ground) in pairs.chain([(t.strong, t.warn_soft), (t.strong, t.button)]) {
                let ratio = contrast(ink, ground);
                assert!(ratio >= 7.0, "{theme:?}: {} on {} is {ratio:.2}", ink.to_hex(), ground.to_hex());
            }
        }
    }

    #[test]
    fn arrows_switches_and_focus_stand_out_from_their_grounds() {
        for theme in [Theme::Dark, Theme::Light] {
            let t = Tokens::of(theme);
            let pairs = [
                (t.accent, t.card),
                (t.front_channel, t.card),
                (t.accent, t.panel),
                (t.accent, t.window),
                (t.ok_bar, t.card),
                (t.error_bar, t.card),
            ];
            for (shape, ground) in pairs {
                assert!(contrast(shape, ground) >= 3.0, "{theme:?}: {}", shape.to_hex());
            }
        }
    }
}
