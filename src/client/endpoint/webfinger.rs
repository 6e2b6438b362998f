//! From an account to the issuer that signs it in (OIDC Discovery section 2, RFC 7033).

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::text::visible;
use crate::base::web_url::web_url;
use crate::client::answer::status;
use crate::client::body::object;
use crate::client::rules::metadata::WEBFINGER as RULE;

/// What an issuer is to an account.
pub const REL: &str = "http://openid.net/specs/connect/1.0/issuer";
const PATH: &str = "/.well-known/webfinger";

/// An account as people type it: `joe@example.com`, or as the URI `acct:joe@example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The host of it, which may be an issuer itself.
    pub host: Url,
    /// Where it is asked for.
    pub url: Url,
}

impl Account {
    /// Reads what was typed: user and host, and nothing else (section 2.1.2). A port is taken, so that a server of this
    /// machine can be asked.
    pub fn typed(text: &str) -> Option<Self> {
        let text = text.trim();
        let account = text.strip_prefix("acct:").unwrap_or(text);
        let (user, host) = account.rsplit_once('@')?;
        let is_user = |letter: char| letter.is_alphanumeric() || "-._~!$&'*+,=%".contains(letter);
        if user.is_empty() || !user.chars().all(is_user) || host.contains(['/', '?', '#', '\\']) {
            return None;
        }
        let local = Url::parse(&format!("http://{host}")).ok().filter(is_loopback);
        let host = local.or_else(|| Url::parse(&format!("https://{host}")).ok())?;
        let mut url = host.clone();
        url.set_path(PATH);
        url.query_pairs_mut().append_pair("resource", &format!("acct:{account}")).append_pair("rel", REL);
        Some(Self { host, url })
    }

    /// The host as an issuer is written.
    pub fn host_issuer(&self) -> String {
        self.host.origin().ascii_serialization()
    }
}

/// Drafts the request.
pub fn request(url: Url) -> HttpRequest {
    HttpRequest::get(url).with_header("Accept", "application/jrd+json, application/json")
}

/// The issuer in the answer, or why there is none, and what it is held to. A host need not answer this at all.
///
/// # Errors
/// When no issuer came that can be asked.
pub fn accept(response: &HttpResponse) -> (Result<String, String>, Check) {
    if !response.is_success() {
        let what = format!("status {}", status(response));
        return (Err(what.clone()), RULE.skipped(format!("{what}: this host knows no issuer of the account")));
    }
    let (json, expected) = match object(response) {
        Ok(json) => (json, "an https URL as href of the link to the issuer"),
        Err(what) => return (Err(what.clone()), RULE.broken("a JSON object", what)),
    };
    let links = json.get("links").map(|links| links.elements()).unwrap_or_default();
    let Some(link) = links.iter().find(|link| link.text("rel") == Some(REL)) else {
        let what = "no link to an issuer".to_owned();
        return (Err(what.clone()), RULE.broken(expected, what));
    };
    let href = link.text("href").unwrap_or_default();
    let is_secure = |url: &Url| url.scheme() == "https" || is_loopback(url);
    let is_bare = |url: &Url| url.query().is_none() && url.fragment().is_none();
    match web_url(href) {
        Ok(url) if is_secure(&url) && is_bare(&url) => (Ok(href.to_owned()), RULE.pass(visible(href))),
        Ok(_) => (Ok(href.to_owned()), RULE.broken(expected, visible(href))),
        Err(error) => {
            let what = format!("href is {}: {error}", visible(href));
            (Err(what.clone()), RULE.broken(expected, what))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of OIDC Discovery section 2.2, and what is none.
    #[test]
    fn an_account_is_told_from_an_address() {
        let asked = "resource=acct%3Ajoe%40example.com&rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";
        for (typed, url) in [
            (" joe@example.com ", Some(format!("https://example.com/.well-known/webfinger?{asked}"))),
            ("acct:joe@example.com", Some(format!("https://example.com/.well-known/webfinger?{asked}"))),
            ("https://example.com/joe", None),
            ("https://joe@example.com", None),
            ("joe:secret@example.com", None),
            ("example.com:8080", None),
            ("joe@example.com/x", None),
            ("@example.com", None),
        ] {
            assert_eq!(Account::typed(typed).map(|account| account.url.to_string()), url, "{typed}");
        }
        let guest = Account::typed("acct:juliet%40capulet.example@shopping.example.com").expect("an account");
        assert_eq!(guest.host_issuer(), "https://shopping.example.com");
        assert!(guest.url.query().is_some_and(|query| query.contains("acct%3Ajuliet%2540capulet.example%40shopping")));
        assert_eq!(Account::typed("alice@127.0.0.1:9400").expect("local").host_issuer(), "http://127.0.0.1:9400");
    }
}
