//! The small markup of lessons: paragraphs, `- ` lists, `**bold**`, `*italics*`, `` `code` `` and `[text](url)`.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Hyperlink, Label, RichText, TextStyle, Ui, vec2};

use crate::gui::theme::{TokensExt as _, text};

/// Height of a line of running text of this size, in whole points as in the design.
fn line_height(ui: &Ui) -> f32 {
    (TextStyle::Body.resolve(ui.style()).size * 1.46).round()
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Bold(&'a str),
    Italics(&'a str),
    Code(&'a str),
    Link { text: &'a str, url: &'a str },
}

/// A paragraph or one entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    kind: BlockKind,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum BlockKind {
    Paragraph,
    Heading,
    /// With what stands before it: a dot or a number.
    Item(String),
}

/// Draws a text of several paragraphs.
pub fn markup(ui: &mut Ui, source: &str) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        for block in blocks(source) {
            match block.kind {
                BlockKind::Item(mark) => item(ui, &mark, &block.text),
                BlockKind::Heading => heading(ui, &block.text),
                BlockKind::Paragraph => markup_line(ui, &block.text),
            }
        }
    });
}

/// Draws one paragraph, wrapped at the room there is.
pub fn markup_line(ui: &mut Ui, line: &str) {
    let pieces = pieces(line);
    if !pieces.iter().any(|piece| matches!(piece, Piece::Link { .. })) {
        ui.add(Label::new(paragraph(ui, &pieces)).wrap());
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ui.spacing_mut().interact_size.y = line_height(ui);
        ui.horizontal_wrapped(|ui| pieces_ui(ui, line));
    });
}

/// A paragraph without links as one text, so that all its lines have the same height.
fn paragraph(ui: &Ui, pieces: &[Piece<'_>]) -> LayoutJob {
    let tokens = ui.tokens();
    let mut job = LayoutJob::default();
    for piece in pieces {
        let (words, style, color) = match piece {
            Piece::Plain(words) | Piece::Italics(words) | Piece::Link { text: words, .. } => {
                (words, TextStyle::Body, tokens.text)
            }
            Piece::Bold(words) => (words, text::strong_style(), tokens.strong),
            Piece::Code(words) => (words, TextStyle::Monospace, tokens.strong),
        };
        let mut format = TextFormat::simple(style.resolve(ui.style()), color);
        format.line_height = Some(line_height(ui));
        format.italics = matches!(piece, Piece::Italics(_));
        format.valign = Align::Center;
        job.append(words, 0.0, format);
    }
    job
}

/// Draws the pieces of a paragraph into a wrapping row.
pub(super) fn pieces_ui(ui: &mut Ui, line: &str) {
    let height = line_height(ui);
    for piece in pieces(line) {
        match piece {
            Piece::Plain(words) => drop(ui.label(RichText::new(words).line_height(Some(height)))),
            Piece::Italics(words) => drop(ui.label(RichText::new(words).italics().line_height(Some(height)))),
            Piece::Bold(words) => {
                drop(ui.label(text::strong(words).color(ui.tokens().strong).line_height(Some(height))));
            }
            Piece::Code(words) => {
                drop(ui.label(text::mono(words).color(ui.tokens().strong).line_height(Some(height))));
            }
            Piece::Link { text, url } => drop(ui.add(
                Hyperlink::from_label_and_url(RichText::new(text).line_height(Some(height)), url).open_in_new_tab(true),
            )),
        }
    }
}

fn heading(ui: &mut Ui, line: &str) {
    ui.add_space(4.0);
    let response = ui.add(Label::new(text::strong(line).color(ui.tokens().strong)).wrap());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(egui::Role::Heading);
        node.set_label(line);
    });
}

fn item(ui: &mut Ui, mark: &str, line: &str) {
    ui.scope(|ui| {
        let height = line_height(ui);
        ui.spacing_mut().interact_size.y = height;
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.horizontal_top(|ui| {
            ui.add(Label::new(text::dim(mark).line_height(Some(height))).selectable(false));
            markup_line(ui, line);
        });
    });
}

/// Lines up to a blank one are a paragraph; a line that starts with `- ` or `1. ` begins an entry, one with `## ` is a
/// heading.
fn blocks(source: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in source.lines().map(str::trim) {
        if let Some((kind, text)) = begins(line) {
            open = kind != BlockKind::Heading;
            blocks.push(Block { kind, text: text.to_owned() });
            continue;
        }
        if let (true, Some(last), false) = (open, blocks.last_mut(), line.is_empty()) {
            last.text.push(' ');
            last.text.push_str(line);
        } else if !line.is_empty() {
            blocks.push(Block { kind: BlockKind::Paragraph, text: line.to_owned() });
        }
        open = !line.is_empty();
    }
    blocks
}

/// What a line begins by its mark, and what stands behind it.
fn begins(line: &str) -> Option<(BlockKind, &str)> {
    if let Some(text) = line.strip_prefix("- ") {
        return Some((BlockKind::Item("•".to_owned()), text));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if let (1..=3, Some(text)) = (digits, line[digits..].strip_prefix(". ")) {
        return Some((BlockKind::Item(format!("{}.", &line[..digits])), text));
    }
    let text = line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))?;
    Some((BlockKind::Heading, text.trim()))
}

/// What is not closed stays as it was typed.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while at < line.len() {
        let Some((piece, length)) = marked(&line[at..]) else {
            at += line[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if plain < at {
            found.push(Piece::Plain(&line[plain..at]));
        }
        found.push(piece);
        at += length;
        plain = at;
    }
    if plain < line.len() {
        found.push(Piece::Plain(&line[plain..]));
    }
    found
}

/// The marked piece that `text` begins with, and its length with the marks.
fn marked(text: &str) -> Option<(Piece<'_>, usize)> {
    let between = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?;
        let end = inner.find(close).filter(|end| *end > 0)?;
        Some((&inner[..end], open.len() + end + close.len()))
    };
    if let Some((inner, length)) = between("**", "**") {
        return Some((Piece::Bold(inner), length));
    }
    let is_open = |inner: &&str| !inner.starts_with([' ', '*']) && !inner.ends_with(' ');
    if let Some((inner, length)) = between("*", "*").filter(|(inner, _)| is_open(inner)) {
        return Some((Piece::Italics(inner), length));
    }
    if let Some((inner, length)) = between("`", "`") {
        return Some((Piece::Code(inner), length));
    }
    let (label, after) = between("[", "](")?;
    let url = text[after..].split_once(')')?.0;
    Some((Piece::Link { text: label, url }, after + url.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Piece::{Bold, Code, Italics, Link, Plain};

    #[test]
    fn marks_become_pieces_and_open_marks_stay_text() {
        let cases: [(&str, Vec<Piece<'_>>); 11] = [
            ("plain", vec![Plain("plain")]),
            ("**Why?** The `code`.", vec![Bold("Why?"), Plain(" The "), Code("code"), Plain(".")]),
            (
                "see [RFC 6749](https://x/y)!",
                vec![Plain("see "), Link { text: "RFC 6749", url: "https://x/y" }, Plain("!")],
            ),
            ("2 ** 3", vec![Plain("2 ** 3")]),
            ("2 * 3 * 4", vec![Plain("2 * 3 * 4")]),
            ("say *go on* now", vec![Plain("say "), Italics("go on"), Plain(" now")]),
            ("a *b", vec![Plain("a *b")]),
            ("a ` b", vec![Plain("a ` b")]),
            ("[x] [y](", vec![Plain("[x] [y](")]),
            ("é**ü**", vec![Plain("é"), Bold("ü")]),
            ("", vec![]),
        ];
        for (line, expected) in cases {
            assert_eq!(pieces(line), expected, "{line}");
        }
    }

    #[test]
    fn blank_lines_part_paragraphs_and_dashes_begin_entries() {
        let source =
            "One\ntwo\n\nThree\n- four\n  five\n- six\n\n## Seven\neight\n1. nine\n12. ten\n2.5 is a number\n#11";
        let found: Vec<(String, String)> = blocks(source)
            .into_iter()
            .map(|block| match block.kind {
                BlockKind::Paragraph => (String::new(), block.text),
                BlockKind::Heading => ("#".to_owned(), block.text),
                BlockKind::Item(mark) => (mark, block.text),
            })
            .collect();
        let expected = [
            ("", "One two"),
            ("", "Three"),
            ("•", "four five"),
            ("•", "six"),
            ("#", "Seven"),
            ("", "eight"),
            ("1.", "nine"),
            ("12.", "ten 2.5 is a number #11"),
        ];
        assert_eq!(found, expected.map(|(mark, text)| (mark.to_owned(), text.to_owned())));
    }
}
