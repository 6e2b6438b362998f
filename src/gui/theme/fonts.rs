//! The fonts that ship with the program: Inter for the interface, JetBrains Mono for what is on
//! the wire, Phosphor for icons. Licences lie beside the files in `assets/`.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

const INTER: &str = "Inter";
const INTER_SEMIBOLD: &str = "Inter SemiBold";
const MONO: &str = "JetBrains Mono";
const MONO_BOLD: &str = "JetBrains Mono Bold";
const PHOSPHOR: &str = "Phosphor";

/// Inter SemiBold.
pub fn strong_family() -> FontFamily {
    FontFamily::Name("strong".into())
}

/// JetBrains Mono Bold.
pub fn mono_strong_family() -> FontFamily {
    FontFamily::Name("mono strong".into())
}

/// Phosphor. A family of its own: Inter has other glyphs at the same private code points.
pub fn icon_family() -> FontFamily {
    FontFamily::Name("icons".into())
}

/// All families, each falling back to the others so that no glyph is missing.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, data: FontData| fonts.font_data.insert(name.to_owned(), Arc::new(data));
    add(INTER, FontData::from_static(include_bytes!("../../../assets/fonts/Inter-Regular.otf")));
    add(INTER_SEMIBOLD, FontData::from_static(include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")));
    add(MONO, without_ligatures(include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")));
    add(MONO_BOLD, without_ligatures(include_bytes!("../../../assets/fonts/JetBrainsMono-Bold.ttf")));
    add(PHOSPHOR, FontData::from_static(include_bytes!("../../../assets/icons/Phosphor.ttf")));
    let families: [(FontFamily, &[&str]); 5] = [
        (FontFamily::Proportional, &[INTER, MONO]),
        (FontFamily::Monospace, &[MONO, INTER]),
        (strong_family(), &[INTER_SEMIBOLD, MONO_BOLD]),
        (mono_strong_family(), &[MONO_BOLD, INTER_SEMIBOLD]),
        (icon_family(), &[PHOSPHOR, INTER, MONO]),
    ];
    fonts.families =
        families.into_iter().map(|(family, names)| (family, names.iter().map(|&n| n.into()).collect())).collect();
    fonts
}

/// JetBrains Mono joins `//`, `==` or `->` into one sign, but a debugger shows what was sent.
///
/// egui has no switch for it, so the table of substitutions is hidden: `GSUB` becomes `GSUA` in the
/// sorted table directory (OpenType 1.9, table directory: 12 bytes, then 16 bytes per table).
fn without_ligatures(font: &'static [u8]) -> FontData {
    let mut bytes = font.to_vec();
    let tag = bytes[12..].chunks_exact_mut(16).map(|record| &mut record[..4]).find(|tag| *tag == b"GSUB");
    if let Some(tag) = tag {
        tag.copy_from_slice(b"GSUA");
    }
    FontData::from_owned(bytes)
}
