//! The Markdown of a lesson as HTML, and as Markdown with nothing in it that is HTML.

use maud::PreEscaped;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html::push_html};

use crate::base::text::visible_lines;

/// Markdown as HTML: what is HTML in it becomes text, and links lead where a lesson may name.
pub(super) fn to_html(markdown: &str) -> String {
    let text = visible_lines(markdown);
    let mut written = String::new();
    push_html(&mut written, safe(&text));
    written
}

/// The same without a paragraph around it, for a sentence or two.
pub(super) fn inline(markdown: &str) -> PreEscaped<String> {
    let text = visible_lines(markdown);
    let mut written = String::new();
    let is_paragraph =
        |event: &Event<'_>| matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
    push_html(&mut written, safe(&text).filter(|event| !is_paragraph(event)));
    PreEscaped(written)
}

fn safe(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        // A picture would be fetched.
        Event::Start(Tag::Image { title, id, .. }) => {
            let (link_type, dest_url) = (LinkType::Inline, CowStr::Borrowed("#"));
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) if !dest_url.starts_with("https://") => {
            drop(dest_url);
            Event::Start(Tag::Link { link_type, dest_url: CowStr::Borrowed("#"), title, id })
        }
        other => other,
    })
}

/// One line of Markdown with nothing in it that is HTML.
pub(super) fn plain(markdown: &str) -> String {
    without_html(markdown).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Markdown whose HTML is text.
pub(super) fn without_html(markdown: &str) -> String {
    let text = visible_lines(markdown);
    let places = Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter();
    let html = places.filter(|(event, _)| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
    let mut marks: Vec<usize> = html
        .flat_map(|(_, range)| {
            let begin = range.start;
            text[range].match_indices('<').map(move |(at, _)| begin + at).collect::<Vec<_>>()
        })
        .collect();
    marks.sort_unstable();
    let (mut written, mut done) = (String::new(), 0);
    for at in marks {
        written.push_str(&text[done..at]);
        written.push('\\');
        done = at;
    }
    written.push_str(&text[done..]);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_html_in_a_lesson_is_text_in_its_handout() {
        let hostile =
            "a <b>bold</b>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![p](https://a.example/p.png)";
        let written = to_html(hostile);
        for tag in ["<b>", "<script", "javascript:", "<img"] {
            assert!(!written.contains(tag), "{tag} in {written}");
        }
        let written = without_html(hostile);
        assert!(written.contains("\\<script>") && written.contains("\\<b>"), "{written}");
        assert_eq!(inline("**a** `<b>`").into_string(), "<strong>a</strong> <code>&lt;b&gt;</code>");
        assert_eq!(plain("a\n<i>b</i> `c < d`"), "a \\<i>b\\</i> `c < d`");
    }
}
