//! A page that leads on by itself, without a script: `<meta http-equiv="refresh" content="0; url=/next">` (HTML section
//! 4.2.5.3).

use scraper::{ElementRef, Html, Selector};
use url::Url;

/// Where the page leads; nothing where it stays or only reads itself again.
pub(super) fn leads_to(document: &Html, url: &Url) -> Option<Url> {
    let metas = Selector::parse("meta[http-equiv]").expect("a valid selector");
    let is_refresh =
        |meta: &ElementRef<'_>| meta.attr("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("refresh"));
    let content = document.select(&metas).find(is_refresh)?.attr("content")?;
    let (_, to) = content.split_once([';', ','])?;
    let to = to.trim();
    let named = to
        .get(..3)
        .filter(|name| name.eq_ignore_ascii_case("url"))
        .and_then(|_| to[3..].trim_start().strip_prefix('='));
    url.join(named.unwrap_or(to).trim().trim_matches(['"', '\''])).ok().filter(|next| next != url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_leads_on_says_where() {
        let url = Url::parse("http://127.0.0.1:1/a").expect("a URL");
        for (html, to) in [
            ("<meta http-equiv=refresh content='0;url=/b?x=1&amp;y=2'>", Some("http://127.0.0.1:1/b?x=1&y=2")),
            ("<meta http-equiv='Refresh' content=\"3; URL='b'\">", Some("http://127.0.0.1:1/b")),
            ("<meta http-equiv=refresh content='0, http://127.0.0.1:7/cb'>", Some("http://127.0.0.1:7/cb")),
            ("<meta http-equiv=refresh content=5>", None),
            ("<meta http-equiv=refresh content='5;url=/a'>", None),
            ("<meta http-equiv=content-type content='text/html; charset=utf-8'>", None),
            ("", None),
        ] {
            assert_eq!(leads_to(&Html::parse_document(html), &url).as_ref().map(Url::as_str), to, "{html}");
        }
    }
}
