//! Messages as the HTTP/1.1 text they are (RFC 9112).

use std::fmt::Write as _;

use url::Position;

use crate::base::http::{HttpRequest, HttpResponse, reason};

/// The request with the header fields the transport adds.
pub fn request(request: &HttpRequest) -> String {
    let target = &request.url[Position::BeforePath..Position::AfterQuery];
    let host = &request.url[Position::BeforeHost..Position::AfterPort];
    let mut text = format!("{} {target} HTTP/1.1\nHost: {host}\n", request.method);
    for (name, value) in request.headers.iter() {
        let _ = writeln!(text, "{name}: {value}");
    }
    if !request.body.is_empty() {
        let _ = writeln!(text, "Content-Length: {}", request.body.len());
    }
    let _ = write!(text, "\n{}", String::from_utf8_lossy(&request.body));
    text
}

/// The response as received, after content decoding.
pub fn response(response: &HttpResponse) -> String {
    let mut text = format!("HTTP/1.1 {} {}\n", response.status, reason(response.status));
    for (name, value) in response.headers.iter() {
        let _ = writeln!(text, "{name}: {value}");
    }
    let _ = write!(text, "\n{}", response.text());
    text
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::base::params::Params;

    #[test]
    fn a_form_reads_as_it_travels() {
        let form: Params = [("a", "b c")].into_iter().collect();
        let post = HttpRequest::post_form(Url::parse("http://127.0.0.1:9400/token?x=1").expect("a URL"), &form);
        assert_eq!(
            request(&post),
            "POST /token?x=1 HTTP/1.1\nHost: 127.0.0.1:9400\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 5\n\na=b+c"
        );
    }
}
