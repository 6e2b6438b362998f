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
mod mint;
mod modes;
pub mod returned;
pub mod silence;

use std::collections::VecDeque;

use url::Url;

use self::cookies::Cookies;
pub use self::mint::Mint;
pub use self::modes::changed;
use super::exchange::{origin, place};
use super::names::Names;
use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;

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
        let url = Url::parse(issuer).map_err(|error| format!("{issuer} is no issuer: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(format!("{issuer} is no issuer: it is no https URL"));
        }
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
            "location" | "content-location" => self.led(&value).unwrap_or(value),
            "refresh" => self.refreshed(&value).unwrap_or(value),
            "set-cookie" => self.cookies.set(&value),
            "access-control-allow-origin" => self.names.homeward(&value).unwrap_or(value),
            "content-security-policy" | "content-security-policy-report-only" => self.policy(&value),
            _ => value,
        };
        Some((name, value))
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
                    "A response that is one JWT (JARM) is passed as it came: its issuer is the provider.".to_owned(),
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

    /// Metadata (RFC 8414 section 2) that lead here, those of mutual TLS too (RFC 8705 section 5).
    fn metadata(&mut self, members: &mut Vec<(String, Json)>) {
        self.refuse_to_mint(members);
        self.compare_issuer(members);
        if self.mint.is_some() {
            // It would say another issuer, and is signed.
            members.retain(|(name, _)| name != "signed_metadata");
        }
        for (name, value) in members {
            match value {
                Json::String(_) if name == "issuer" && self.mint.is_none() => {}
                Json::Object(aliases) if name == "mtls_endpoint_aliases" => self.aliases(aliases),
                value => self.member(name, value),
            }
        }
    }

    /// Signs nothing anew where the keys that it is verified with are read from another server: none of here is there.
    fn refuse_to_mint(&mut self, members: &[(String, Json)]) {
        let keys = members.iter().find(|(name, _)| name == "jwks_uri").and_then(|(_, uri)| uri.as_str());
        let elsewhere = keys.filter(|uri| self.names.homeward(uri).is_none()).and_then(|uri| Url::parse(uri).ok());
        if let (Some(uri), true) = (elsewhere, self.mint.is_some()) {
            self.mint = None;
            self.note(format!(
                "jwks_uri is at {}, so no client would find a key of this session: nothing is signed anew, and the \
                 issuer stays the provider's.",
                origin(&uri)
            ));
        }
    }

    /// Says where the issuer is not written as it was given: clients compare the texts (OIDC Discovery section 4.3), and a
    /// slash at the end is enough.
    fn compare_issuer(&mut self, members: &[(String, Json)]) {
        let written = members.iter().find(|(name, _)| name == "issuer").and_then(|(_, issuer)| issuer.as_str());
        let Some(written) = written else { return };
        if self.names.homeward(written).as_deref() != Some(self.issuer.as_str()) {
            let given = self.names.outward(&self.issuer).unwrap_or_default();
            self.note(format!(
                "The provider writes its issuer as {written}, and this was started for {given}: a client that compares them \
                 refuses the metadata. Start this with {written}."
            ));
        }
    }

    fn aliases(&mut self, aliases: &mut [(String, Json)]) {
        for (_, alias) in aliases {
            let Json::String(text) = alias else { continue };
            match self.names.homeward(text) {
                Some(here) => *text = here,
                None => {
                    self.note("The endpoints for mutual TLS are at another address, and do not pass here.".to_owned());
                }
            }
        }
    }

    fn member(&mut self, name: &str, value: &mut Json) {
        let Json::String(text) = value else { return };
        if let Some(here) = self.names.homeward(text) {
            *text = here;
        } else if let Some(url) = Url::parse(text).ok().filter(|_| is_endpoint(name)) {
            let (there, theirs) = (origin(&url), &self.names.theirs);
            self.note(format!("{name} is at {there} and not at {theirs}: what goes there does not pass here."));
        }
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

fn is_endpoint(name: &str) -> bool {
    name.ends_with("_endpoint") || name == "jwks_uri"
}

#[cfg(test)]
mod tests;
