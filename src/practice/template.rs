//! Fills HTML templates. Nothing gets into a page unescaped but other templates.
//!
//! `{{name}}` is replaced, `{{#names}} ... {{/names}}` is repeated for each set of values.

use crate::base::text::visible;

/// Finished HTML; only [`fill`] and [`style`] make it.
pub struct Html(String);

impl Html {
    /// The text to send.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A style element; nothing where there is no style. What `css` has in it must not end the element.
pub fn style(css: &str) -> Html {
    Html(if css.is_empty() { String::new() } else { format!("<style>{css}</style>\n") })
}

/// What stands in the place of a name.
pub enum Slot {
    /// Text to read: hidden characters are made visible.
    Text(String),
    /// The value of a field, to be sent back exactly as it is.
    Value(String),
    /// A part of the page.
    Html(Html),
    /// One set of values for each repetition.
    Each(Vec<Slots>),
}

/// Values by name.
pub type Slots = Vec<(&'static str, Slot)>;

/// Text to read, under its name.
pub fn text(name: &'static str, text: impl Into<String>) -> (&'static str, Slot) {
    (name, Slot::Text(text.into()))
}

/// The value of a field, under its name.
pub fn value(name: &'static str, value: impl Into<String>) -> (&'static str, Slot) {
    (name, Slot::Value(value.into()))
}

/// Fills a template. A name without a value leaves nothing behind.
pub fn fill(template: &str, slots: &Slots) -> Html {
    let mut out = String::with_capacity(template.len() * 2);
    fill_into(&mut out, template, slots);
    Html(out)
}

fn fill_into(out: &mut String, template: &str, slots: &Slots) {
    let mut rest = template;
    while let Some((before, tag, after)) = next_tag(rest) {
        out.push_str(before);
        rest = match tag.strip_prefix('#') {
            Some(name) => repeat(out, after, name, slots),
            None => {
                write_slot(out, find(slots, tag));
                after
            }
        };
    }
    out.push_str(rest);
}

fn next_tag(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from_tag) = text.split_once("{{")?;
    let (tag, after) = from_tag.split_once("}}")?;
    Some((before, tag, after))
}

/// Writes the block once for each set of values and returns what follows it.
fn repeat<'a>(out: &mut String, text: &'a str, name: &str, slots: &Slots) -> &'a str {
    let end = format!("{{{{/{name}}}}}");
    let Some((block, after)) = text.split_once(&end) else { return text };
    if let Some(Slot::Each(sets)) = find(slots, name) {
        for set in sets {
            fill_into(out, block, set);
        }
    }
    after
}

fn find<'a>(slots: &'a Slots, name: &str) -> Option<&'a Slot> {
    slots.iter().find(|(known, _)| *known == name).map(|(_, slot)| slot)
}

fn write_slot(out: &mut String, slot: Option<&Slot>) {
    match slot {
        Some(Slot::Text(text)) => escape(out, &visible(text)),
        Some(Slot::Value(value)) => escape(out, value),
        Some(Slot::Html(html)) => out.push_str(&html.0),
        Some(Slot::Each(_)) | None => {}
    }
}

/// Escapes for text and for quoted attributes.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_blocks_repeated() {
        let sets = vec![vec![text("x", "1")], vec![text("x", "<2>")]];
        let slots = vec![text("name", "a\u{202e}\"b'"), value("raw", "\u{202e}\r&"), ("items", Slot::Each(sets))];
        let html = fill("{{name}}|{{raw}}|{{#items}}[{{x}}]{{/items}}|{{absent}}|{{#absent}}x{{/absent}}", &slots);
        assert_eq!(html.into_text(), "a\\u{202e}&quot;b&#39;|\u{202e}&#13;&amp;|[1][&lt;2&gt;]||");
    }

    #[test]
    fn a_value_is_not_read_as_a_template() {
        assert_eq!(fill("{{a}}", &vec![text("a", "{{b}}"), text("b", "c")]).into_text(), "{{b}}");
    }
}
