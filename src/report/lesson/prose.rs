//! The Markdown of a lesson as HTML, and as Markdown with nothing in it that is HTML.

use maud::PreEscaped;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html::push_html};

use crate::base::text::visible_lines;
use crate::lesson::is_fine_link;

/// So often what lay behind what was escaped is looked for, before every mark is.
const ROUNDS: usize = 4;

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
        Event::Start(Tag::Link { link_type, dest_url, title, id }) if !is_fine_link(&dest_url) => {
            drop(dest_url);
            Event::Start(Tag::Link { link_type, dest_url: CowStr::Borrowed("#"), title, id })
        }
        other => other,
    })
}

/// One line of Markdown with nothing in it that is HTML.
pub(super) fn plain(markdown: &str) -> String {
    // What is code by its indentation is none in one line.
    without_html(&markdown.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Markdown whose HTML is text, and whose links lead where a lesson may name.
pub(super) fn without_html(markdown: &str) -> String {
    let mut text = visible_lines(markdown).into_owned();
    for _ in 0..ROUNDS {
        let marks = live_marks(&text);
        if marks.is_empty() {
            return text;
        }
        text = escaped(&text, marks);
    }
    let all = text.match_indices(['<', '[']).map(|(at, _)| at).collect();
    escaped(&text, all)
}

/// Where what begins HTML, a picture or a link to somewhere else stands.
fn live_marks(text: &str) -> Vec<usize> {
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    let is_bad = |dest: &CowStr<'_>| !is_fine_link(dest);
    let definitions = parser.reference_definitions().iter();
    // What one part of a handout defines counts in the others.
    let bad = definitions.filter(|(_, definition)| is_bad(&definition.dest)).map(|(_, it)| it.span.clone());
    let mut ranges: Vec<_> = bad.collect();
    ranges.extend(parser.into_offset_iter().filter_map(|(event, range)| {
        let is_live = match event {
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. }) => true,
            Event::Start(Tag::Link { dest_url, .. }) => is_bad(&dest_url),
            _ => false,
        };
        is_live.then_some(range)
    }));
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut marks, mut done) = (Vec::new(), 0);
    for range in ranges {
        let begin = range.start.max(done);
        done = range.end.max(done);
        marks.extend(text[begin..done].match_indices(['<', '[']).map(|(at, _)| begin + at));
    }
    marks
}

/// With a backslash before each of these, but where it has one.
fn escaped(text: &str, marks: Vec<usize>) -> String {
    let (mut written, mut done) = (String::with_capacity(text.len() + marks.len()), 0);
    for at in marks {
        let part = &text[done..at];
        written.push_str(part);
        let backslashes = part.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes.is_multiple_of(2) {
            written.push('\\');
        }
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
        for hostile in [
            "[x](javascript:alert(1))",
            "[x](//evil.test/a)",
            "<javascript:alert(1)>",
            "![p](https://127.0.0.1/p.png)",
            "[x][a] [a]\n\n[a]: javascript:alert(1)",
            "[a [b](javascript:1)](javascript:2)",
            "\\\\[x](https:&#47;&#47;evil.test)",
            "<a x=\"\\<b>",
            "[![p](javascript:1)](javascript:2)",
            "[x](http://www.rfc-editor.org/)",
        ] {
            for text in [hostile.to_owned(), format!("> {hostile}"), hostile.repeat(3)] {
                for written in [without_html(&text), plain(&format!("    {text}"))] {
                    assert_eq!(live_marks(&written), Vec::<usize>::new(), "{text}: {written}");
                }
                assert!(!to_html(&text).contains("href=\"javascript") && !to_html(&text).contains("evil.test/a\""));
            }
        }
        let fine = "See [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636.html) and `[a](javascript:b)`.";
        assert_eq!(without_html(fine), fine);
        assert_eq!(plain("a\n<i>b</i> `c < d`"), "a \\<i>b\\</i> `c < d`");
    }
}
