//! Standing between: what a message becomes on its way between an app and its provider, when a server on this machine
//! stands in the provider's place.
//!
//! [`Between`] has one function for each direction, from message to message. The place of the provider is named anew
//! wherever client or browser would go past; everything else stays as it is, above all the `redirect_uri`: the response
//! goes straight from the browser to the app, and is seen here in the answer that sends it there ([`returned`]).
//! [`live`] keeps what passes, as the provider sent and got it, and judges it like any recording.

mod cookies;
mod html;
pub mod live;
mod metadata;
mod mint;
mod missing;
mod modes;
pub mod returned;
pub mod silence;

use std::collections::VecDeque;

use url::Url;

use self::cookies::Cookies;
use self::metadata::is_endpoint;
pub use self::mint::Mint;
pub use self::modes::changed;
use super::exchange::{origin, place};
use super::names::Names;
use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::web_url::web_url;

/// Largest answer that is read as JSON or as a page, in bytes.
const READ_LIMIT: usize = 1024 * 1024;

/// So many places of apps are remembered.
const PLACES: usize = 64;

/// So many remarks are kept.
const NOTES: usize = 20;

/// Fields that belong to a connection and not to a message (RFC 9110 section 7.6.1), and those that both sides make anew.
const OF_CONNECTIONS: [&str; 13] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
    "host",
    "content-length",
];

/// By these a client would get no document, or one of another session.
const CONDITIONS: [&str; 2] = ["if-none-match", "if-modified-since"];

/// Members of other answers than metadata that lead to the provider (RFC 8628 section 3.2, RFC 7592 section 3).
const LINKS: [&str; 4] =
    ["verification_uri", "verification_uri_complete", "verification_url", "registration_client_uri"];

/// Attributes that lead somewhere.
const LEADING: [&str; 4] = ["href", "src", "action", "formaction"];

/// What stands for the provider, and what is known of who passes.
#[derive(Debug)]
pub struct Between {
    names: Names,
    /// The issuer as it is called here.
    issuer: String,
    mint: Option<Mint>,
    cookies: Cookies,
    /// Where responses go, without query.
    redirect_uris: VecDeque<String>,
    notes: Vec<String>,
}

impl Between {
    /// Stands at `here`, an origin, for the issuer. With `mint` the issuer is called by its name here, and what says so
    /// is signed anew.
    ///
    /// # Errors
    /// Says why the issuer is none.
    pub fn new(issuer: &str, here: &Url, mint: Option<Mint>) -> Result<Self, String> {
        let url = web_url(issuer).map_err(|error| format!("{issuer} is no issuer: {error}"))?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("{issuer} is no issuer: one has no query, fragment or user (RFC 8414 section 2)"));
        }
        let names = Names { theirs: origin(&url), ours: origin(here) };
        if names.theirs == names.ours {
            return Err("the issuer is this server itself".to_owned());
        }
        let issuer = names.homeward(issuer).ok_or_else(|| format!("{issuer} is no issuer"))?;
        let (cookies, redirect_uris) = (Cookies::default(), VecDeque::new());
        Ok(Self { names, issuer, mint, cookies, redirect_uris, notes: Vec::new() })
    }

    /// The issuer that the app is to be given.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The origin of the provider.
    pub fn upstream(&self) -> &str {
        &self.names.theirs
    }

    /// Where its metadata are (OIDC Discovery section 4).
    pub fn metadata_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// What could not be done, and what goes past.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many ID tokens were signed anew; `None` where none are.
    pub fn minted(&self) -> Option<usize> {
        self.mint.as_ref().map(Mint::count)
    }

    /// A request as the provider gets it.
    ///
    /// # Errors
    /// When it does not come to this server.
    pub fn outward(&mut self, request: HttpRequest) -> Result<HttpRequest, String> {
        let url = self.names.outward(request.url.as_str()).and_then(|url| Url::parse(&url).ok());
        let url = url.ok_or("it is for another server")?;
        let mut request = HttpRequest { url, ..request };
        let fields = std::mem::take(&mut request.headers.0);
        request.headers = Headers(fields.into_iter().filter_map(|(name, value)| self.sent(name, value)).collect());
        request.headers.push("accept-encoding", "identity");
        let mut query = request.query();
        if self.turned_back(&mut query) {
            request.url.set_query(Some(&query.encode()));
        }
        if let Some(mut form) = request.form() {
            self.learn(&form);
            if self.turned_back(&mut form) {
                request.body = form.encode().into_bytes();
            }
        }
        self.learn(&query);
        Ok(request)
    }

    /// A field of a request as the provider gets it.
    fn sent(&self, name: String, value: String) -> Option<(String, String)> {
        let value = match name.to_ascii_lowercase().as_str() {
            known if is_of_connection(known) || CONDITIONS.contains(&known) || known == "accept-encoding" => {
                return None;
            }
            "cookie" => self.cookies.sent(&value)?,
            "origin" | "referer" => self.names.outward(&value).unwrap_or(value),
            _ => value,
        };
        Some((name, value))
    }

    /// Puts what the provider signed into the place of what was signed here.
    fn turned_back(&self, params: &mut Params) -> bool {
        let Some(mint) = &self.mint else { return false };
        let mut is_changed = false;
        for (_, value) in &mut params.0 {
            if let Some(original) = mint.original(value) {
                original.clone_into(value);
                is_changed = true;
            }
        }
        is_changed
    }

    /// Remembers where responses go.
    fn learn(&mut self, params: &Params) {
        for name in ["redirect_uri", "post_logout_redirect_uri"] {
            let asked = params.get(name).and_then(|uri| Url::parse(uri).ok()).map(|uri| place(&uri));
            if let Some(asked) = asked.filter(|asked| !self.redirect_uris.contains(asked)) {
                if self.redirect_uris.len() >= PLACES {
                    self.redirect_uris.pop_front();
                }
                self.redirect_uris.push_back(asked);
            }
        }
    }

    /// Whether a place is the app's: a `redirect_uri`, or on another server.
    pub fn is_away(&self, url: &Url) -> bool {
        origin(url) != self.names.theirs || self.is_redirect_uri(url)
    }

    /// Whether it is a place that somebody asked to be sent to.
    pub fn is_redirect_uri(&self, url: &Url) -> bool {
        self.redirect_uris.contains(&place(url))
    }

    /// An answer as client and browser get it.
    pub fn homeward(&mut self, mut response: HttpResponse) -> HttpResponse {
        let fields = std::mem::take(&mut response.headers.0);
        response.headers = Headers(fields.into_iter().filter_map(|(name, value)| self.got(name, value)).collect());
        if response.body.len() > READ_LIMIT {
            return response;
        }
        let kind = response.headers.content_type().unwrap_or_default();
        let body = match kind.as_str() {
            "text/html" | "application/xhtml+xml" => self.page(&response.body),
            "application/jwt" if self.mint.is_some() => {
                self.note(
                    "An answer that is one JWT, as UserInfo may be, is passed as it came: its issuer is the provider, and an app \
                     that knows this address as its issuer refuses it. Record it with iss keep."
                        .to_owned(),
                );
                None
            }
            _ if response.headers.get("content-encoding").is_some() => None,
            _ if response.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') => {
                Json::parse(&response.body).ok().and_then(|json| self.json(json)).map(String::into_bytes)
            }
            _ => None,
        };
        response.body = body.unwrap_or(response.body);
        response
    }

    /// A field of an answer as it holds here.
    fn got(&mut self, name: String, value: String) -> Option<(String, String)> {
        let value = match name.to_ascii_lowercase().as_str() {
            known if is_of_connection(known) => return None,
            // Both are said of the provider's host with TLS.
            "strict-transport-security" | "alt-svc" => return None,
            "location" => {
                self.note_past(&value);
                self.led(&value).unwrap_or(value)
            }
            "content-location" => self.led(&value).unwrap_or(value),
            "refresh" => self.refreshed(&value).unwrap_or(value),
            "set-cookie" => self.cookies.set(&value),
            "access-control-allow-origin" => self.names.homeward(&value).unwrap_or(value),
            "content-security-policy" | "content-security-policy-report-only" => self.policy(&value),
            _ => value,
        };
        Some((name, value))
    }

    /// Says that the browser is sent to another server, and not back to the app.
    fn note_past(&mut self, link: &str) {
        let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(there) = url.filter(|url| self.is_away(url) && !self.is_return(url)).map(|url| origin(&url)) else {
            return;
        };
        if there != self.names.ours {
            self.note(format!(
                "The provider sends the browser to {there}: what happens there does not pass here, and is recorded again only \
                 once the browser is back."
            ));
        }
    }

    /// Where the browser is sent; `None` where that stays as it is.
    fn led(&mut self, link: &str) -> Option<String> {
        match Url::parse(link) {
            Ok(url) if self.is_away(&url) => self.minted_return(url),
            _ => self.names.homeward(link),
        }
    }

    /// The response on its way to the app, with the issuer that the app knows.
    fn minted_return(&mut self, mut url: Url) -> Option<String> {
        self.mint.as_ref()?;
        let mut query = Params::parse(url.query().unwrap_or_default().as_bytes());
        let is_in_query = self.mint_params(&mut query);
        if is_in_query {
            url.set_query(Some(&query.encode()));
        }
        let mut fragment = Params::parse(url.fragment().unwrap_or_default().as_bytes());
        let is_in_fragment = self.mint_params(&mut fragment);
        if is_in_fragment {
            url.set_fragment(Some(&fragment.encode()));
        }
        (is_in_query || is_in_fragment).then(|| url.into())
    }

    fn mint_params(&mut self, params: &mut Params) -> bool {
        let mut is_changed = false;
        for (name, value) in &mut params.0 {
            if let Some(minted) = self.mint_value(name, value) {
                *value = minted;
                is_changed = true;
            }
        }
        is_changed
    }

    /// A parameter of a response or member of an answer that says who issued.
    fn mint_value(&mut self, name: &str, value: &str) -> Option<String> {
        let mint = self.mint.as_mut()?;
        match name {
            "iss" => self.names.homeward(value),
            "id_token" => match mint.id_token(value, &self.names) {
                Ok(minted) => Some(minted),
                Err(why) => {
                    self.note(why);
                    None
                }
            },
            "response" if value.matches('.').count() >= 2 => {
                self.note(
                    "A response that is one JWT (JARM) is passed as it came: its issuer is the provider, and an app that knows \
                     this address as its issuer refuses it. Record it with iss keep."
                        .to_owned(),
                );
                None
            }
            _ => None,
        }
    }

    /// `3; url=https://idp.example/next`
    fn refreshed(&mut self, value: &str) -> Option<String> {
        let at = value.to_ascii_lowercase().find("url=")? + 4;
        let link = value[at..].trim().trim_matches(['\'', '"']);
        Some(format!("{}{}", &value[..at], self.led(link)?))
    }

    /// A policy in which the provider's own origin is this one (CSP level 3).
    fn policy(&self, policy: &str) -> String {
        let host = self.names.theirs.split("//").nth(1).unwrap_or_default();
        let source = |word: &str| match word.eq_ignore_ascii_case(host) {
            true => self.names.ours.clone(),
            false => self.names.homeward(word).unwrap_or_else(|| word.to_owned()),
        };
        let directive = |directive: &str| directive.split_ascii_whitespace().map(source).collect::<Vec<_>>().join(" ");
        // Here there is no TLS.
        let holds = |directive: &String| {
            !directive.eq_ignore_ascii_case("upgrade-insecure-requests")
                && !directive.eq_ignore_ascii_case("block-all-mixed-content")
        };
        policy.split(';').map(directive).filter(holds).collect::<Vec<_>>().join("; ")
    }

    /// A page whose links and forms lead here.
    fn page(&mut self, page: &[u8]) -> Option<Vec<u8>> {
        let mut is_return = false;
        html::changed(page, |tag, attribute| {
            if tag.name == "form" {
                let action = tag.get("action").and_then(|action| Url::parse(action).ok());
                is_return = action.is_some_and(|action| self.is_away(&action));
            }
            match attribute.name.as_str() {
                name if LEADING.contains(&name) => self.led(&attribute.value),
                "content" if tag.get("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("refresh")) => {
                    self.refreshed(&attribute.value)
                }
                "value" if is_return && tag.name == "input" => {
                    self.mint_value(tag.get("name").unwrap_or_default(), &attribute.value)
                }
                _ => None,
            }
        })
    }

    /// An answer in JSON; `None` where it stays as it is.
    fn json(&mut self, json: Json) -> Option<String> {
        let Json::Object(mut members) = json else { return None };
        let before = members.clone();
        let has = |name: &str| before.iter().any(|(known, _)| known == name);
        if has("issuer") && before.iter().any(|(name, _)| is_endpoint(name)) {
            self.metadata(&mut members);
        } else if has("keys") {
            if let (Some(mint), Some((_, Json::Array(keys)))) =
                (&self.mint, members.iter_mut().find(|(name, _)| name == "keys"))
            {
                keys.extend(mint.published());
            }
        } else {
            for (name, value) in &mut members {
                let Json::String(text) = value else { continue };
                let made = match LINKS.contains(&name.as_str()) {
                    true => self.names.homeward(text),
                    false if name == "id_token" => self.mint_value(name, text),
                    false => None,
                };
                *text = made.unwrap_or_else(|| std::mem::take(text));
            }
        }
        (members != before).then(|| Json::Object(members).to_string())
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

fn is_of_connection(name: &str) -> bool {
    OF_CONNECTIONS.contains(&name)
}

#[cfg(test)]
mod tests;
