//! What a page frames, as the page of a logout does with every client of the session (OIDC Front-Channel Logout section 3).

use scraper::{Html, Selector};
use url::Url;

use crate::base::http::HttpResponse;

/// Frames that are loaded of one page.
const MANY: usize = 10;

/// The addresses in its iframes, as a browser loads them; none of what is no page.
pub(super) fn of(response: &HttpResponse, url: &Url) -> Vec<Url> {
    let is_page = response.headers.content_type().is_some_and(|kind| kind == "text/html");
    let text = response.text();
    if !is_page || !text.to_ascii_lowercase().contains("<iframe") {
        return Vec::new();
    }
    let iframes = Selector::parse("iframe[src]").expect("a valid selector");
    let document = Html::parse_document(&text);
    let addresses = document.select(&iframes).filter_map(|iframe| url.join(iframe.attr("src")?.trim()).ok());
    addresses.filter(|frame| matches!(frame.scheme(), "http" | "https") && frame != url).take(MANY).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_of_a_page_are_found() {
        let url = Url::parse("http://127.0.0.1:1/logout").expect("a URL");
        let framed = |kind: &str, html: &str| {
            of(&HttpResponse::new(200, kind, html), &url).iter().map(Url::to_string).collect::<Vec<_>>()
        };
        let page = r#"<IFRAME src="http://127.0.0.1:2/bye?iss=a&amp;sid=b" hidden></IFRAME><iframe src="/own"></iframe>
            <iframe src="about:blank"></iframe><iframe src="javascript:1"></iframe><iframe></iframe><iframe src=""></iframe>"#;
        assert_eq!(
            framed("text/html; charset=utf-8", page),
            ["http://127.0.0.1:2/bye?iss=a&sid=b", "http://127.0.0.1:1/own"]
        );
        assert!(framed("text/plain", page).is_empty());
        assert_eq!(framed("text/html", &"<iframe src=/a></iframe>".repeat(50)).len(), MANY);
    }
}
