//! A request as a `curl` command for a POSIX shell.

use std::fmt::Write as _;

use crate::base::http::HttpRequest;

/// One argument a line. Every value is quoted, so nothing in it reaches the shell.
pub fn command(request: &HttpRequest) -> String {
    let mut text = String::from("curl");
    if request.method != "GET" {
        let _ = write!(text, " --request {}", quoted(&request.method));
    }
    // Brackets and braces mean sets of addresses to curl, but for those of a host.
    if request.url[url::Position::BeforePath..].contains(['[', ']', '{', '}']) {
        text.push_str(" --globoff");
    }
    let _ = write!(text, " {}", quoted(request.url.as_str()));
    // Names of files for the reader to fill: a private key belongs in no command.
    if request.tls.certificate.is_some() {
        let _ = write!(text, " \\\n  --cert {}", quoted("client.pem"));
    }
    if request.tls.authorities.is_some() {
        let _ = write!(text, " \\\n  --cacert {}", quoted("authority.pem"));
    }
    for (name, value) in request.headers.iter() {
        let _ = write!(text, " \\\n  --header {}", quoted(&format!("{name}: {value}")));
    }
    if !request.body.is_empty() {
        let body = String::from_utf8_lossy(&request.body);
        let _ = write!(text, " \\\n  --data-raw {}", quoted(&body));
    }
    text
}

/// In single quotes; a single quote inside ends them, is escaped, and begins them anew.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::base::http::{ClientCertificate, Tls};
    use crate::base::params::Params;
    use crate::base::secret::SecretBytes;

    #[test]
    fn a_certificate_is_named_and_not_written() {
        let certificate = ClientCertificate { chain: Vec::new(), key: SecretBytes::new(b"sentinel".to_vec()) };
        let mut request = HttpRequest::get(Url::parse("https://as.example/token").expect("a URL"));
        assert_eq!(command(&request), "curl 'https://as.example/token'");
        request.tls = Tls { certificate: Some(certificate.into()), authorities: Some("sentinel".into()) };
        assert_eq!(
            command(&request),
            "curl 'https://as.example/token' \\\n  --cert 'client.pem' \\\n  --cacert 'authority.pem'"
        );
    }

    #[test]
    fn brackets_of_an_address_are_no_pattern() {
        for (url, is_off) in [
            ("http://[::1]:8080/token", false),
            ("https://as.example/userinfo?fields[]=name", true),
            ("https://as.example/authorize?claims={}", true),
        ] {
            let request = HttpRequest::get(Url::parse(url).expect("a URL"));
            assert_eq!(command(&request).contains(" --globoff 'http"), is_off, "{}", command(&request));
        }
    }

    #[test]
    fn values_cannot_leave_their_quotes() {
        let form: Params = [("code", "a'; rm -rf /; '")].into_iter().collect();
        let mut request = HttpRequest::post_form(Url::parse("https://as.example/token").expect("a URL"), &form);
        request.headers.push("X", "$(id)'`id`");
        let text = command(&request);
        assert!(text.contains(r"'X: $(id)'\''`id`'"), "{text}");
        assert!(text.starts_with("curl --request 'POST' 'https://as.example/token' \\\n"));
    }
}
