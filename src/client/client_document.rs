//! Client ID metadata documents: a client that nobody has registered, whose client_id is the address of what it says of
//! itself (draft-ietf-oauth-client-id-metadata-document). Judged as a server judges one before it takes it.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, JSON, is_loopback};
use crate::base::json::{Json, Members, text};
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{duplicates, status};
use crate::client::endpoint::registration::{self, MetadataError, Registered, any_port, of_settings};
use crate::client::rules::cimd as rule;
use crate::client::settings::Settings;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::ServerMetadata;

/// Longer ones are not read by every server (section 8.7).
const SIZE_LIMIT: usize = 5 * 1024;

/// Members whose value is an address that a server may fetch or show.
const ADDRESSES: [&str; 5] = ["client_uri", "logo_uri", "jwks_uri", "policy_uri", "tos_uri"];

/// What only a secret could prove (section 4.1).
const SHARED: [&str; 3] = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];

/// The document of a client with these settings that runs this grant, to be published at this address. A redirect URI on
/// this machine is published without its port: servers take any (RFC 8252 section 7.3).
///
/// # Errors
/// As for [`of_settings`].
pub fn make(url: &str, settings: &Settings, grant: Grant) -> Result<Json, MetadataError> {
    let mut settings = settings.clone();
    if settings.client.token_endpoint_auth_method.is_empty() {
        // The usual method of a registration needs a secret.
        "none".clone_into(&mut settings.client.token_endpoint_auth_method);
    }
    let redirect_uri = any_port(&settings.client.redirect_uri);
    let redirect_uri = Some(redirect_uri.as_str()).filter(|_| grant.has_authorization_request());
    let metadata = of_settings(&settings, grant, redirect_uri)?;
    let mut members = vec![("client_id".to_owned(), text(url))];
    members.extend(metadata.members().iter().filter(|(name, _)| name != "client_id").cloned());
    Ok(Json::Object(members))
}

/// The same document after what it was made from has changed: members that are as they were made follow, those that
/// somebody wrote stay. What is no JSON object stays as it is.
pub fn follow(document: &str, before: &Json, now: &Json) -> String {
    if document == before.pretty() {
        return now.pretty();
    }
    let Some(json) = Json::parse_text(document).ok().filter(|json| json.is_object() && before != now) else {
        return document.to_owned();
    };
    let is_written = |name: &str| before.get(name) == now.get(name) || json.get(name) != before.get(name);
    let member = |(name, value): &(String, Json)| match is_written(name) {
        true => Some((name.clone(), value.clone())),
        false => Some((name.clone(), now.get(name)?.clone())),
    };
    let is_new = |(name, _): &&(String, Json)| json.get(name).is_none() && before.get(name).is_none();
    let members: Members = json.members().iter().filter_map(member).collect();
    let new = now.members().iter().filter(is_new).cloned();
    Json::Object(members.into_iter().chain(new).collect()).pretty()
}

/// The same document at another address, unless it names a third one.
pub fn moved(document: &str, from: &str, to: &str) -> String {
    let named = |address: &str| Json::Object(vec![("client_id".to_owned(), text(address))]);
    follow(document, &named(from), &named(to))
}

/// A client that nobody has registered has no secret, and no method that needs one (section 4.1).
pub fn without_secret(settings: &mut Settings) {
    settings.client.client_secret = Secret::default();
    let method = &mut settings.client.token_endpoint_auth_method;
    if ClientAuthMethod::find(method).is_none_or(|method| SHARED.contains(&method.name())) {
        ClientAuthMethod::None.name().clone_into(method);
    }
}

/// Has a run go on as the client at this address: as its document says, and not as one that it would register.
pub fn speak_as(settings: &mut Settings, client_id: &str, document: &Json) {
    let method = document.text("token_endpoint_auth_method").unwrap_or(ClientAuthMethod::None.name());
    method.clone_into(&mut settings.client.token_endpoint_auth_method);
    settings.registration.dynamic_client_registration = false;
    let (client_id, metadata) = (client_id.to_owned(), document.clone());
    let (client_secret, registration_client_uri, registration_access_token, registered_at) = Default::default();
    Registered {
        client_id,
        client_secret,
        secret_expires_at: None,
        registration_client_uri,
        registration_access_token,
        registered_at,
        metadata,
    }
    .settle(settings);
    let listed = redirects(document);
    let is_listed = listed.iter().any(|uri| is_alike(uri, &settings.client.redirect_uri));
    if let (false, Some(first)) = (is_listed, listed.first()) {
        settings.client.redirect_uri = taken_anew(first);
    }
}

/// Whether two redirect URIs are one to a server: of those on this machine it takes any port (RFC 8252 section 7.3).
fn is_alike(one: &str, other: &str) -> bool {
    let without_port = |uri: &str| {
        let mut url = Url::parse(uri).ok().filter(is_loopback)?;
        url.set_port(None).ok();
        Some(url)
    };
    one == other || without_port(one).is_some_and(|url| Some(url) == without_port(other))
}

/// A redirect URI on this machine that is published without a port is listened at with one that is free.
fn taken_anew(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri).ok().filter(|url| is_loopback(url) && url.scheme() == "http" && url.port().is_none())
    {
        Some(mut url) => {
            url.set_port(Some(0)).ok();
            url.into()
        }
        None => redirect_uri.to_owned(),
    }
}

/// Whether a document with this address can only be had on this machine: http is taken there alone.
pub fn is_of_this_machine(client_id: &str) -> bool {
    Url::parse(client_id).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

/// A document and what it is held to.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Its address.
    pub client_id: String,
    /// The document, where it is one.
    pub document: Option<Json>,
    /// What came of each rule.
    pub checks: Vec<Check>,
}

/// What becomes of a client where a server fetches its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fate {
    /// No rule is broken.
    #[error("A server can take this client.")]
    Taken,
    /// None but that this machine is not public.
    #[error("A server on this machine can take this client, and no other.")]
    TakenHere,
    /// One rule is broken.
    #[error("A server would refuse this client: one rule is broken.")]
    Refused,
    /// More are.
    #[error("A server would refuse this client: {count} rules are broken.")]
    RefusedByMany {
        /// How many.
        count: usize,
    },
}

impl Judged {
    /// One that is, or will be, at this address.
    pub fn written(client_id: &str, document: &[u8]) -> Self {
        Self::new(client_id, judge(client_id, document), &[])
    }

    /// One that was fetched from there; its host has these addresses.
    pub fn fetched(client_id: &str, response: &HttpResponse, resolved: &[IpAddr]) -> Self {
        Self::new(client_id, accept(client_id, response), resolved)
    }

    fn new(client_id: &str, (document, read): (Option<Json>, Vec<Check>), resolved: &[IpAddr]) -> Self {
        let mut checks = judge_url(client_id);
        checks.extend(read);
        checks.push(judge_addresses(client_id, resolved, document.as_ref()));
        Self { client_id: client_id.to_owned(), document, checks }
    }

    /// What becomes of its client.
    pub fn fate(&self) -> Fate {
        let broken: Vec<&str> =
            self.checks.iter().filter(|it| it.verdict == Verdict::Fail).map(|it| it.rule.id).collect();
        match broken.as_slice() {
            [] => Fate::Taken,
            [id] if *id == rule::ADDRESS.id && is_of_this_machine(&self.client_id) => Fate::TakenHere,
            [_] => Fate::Refused,
            many => Fate::RefusedByMany { count: many.len() },
        }
    }
}

/// Fetches the document at this address (section 5).
pub fn request(url: Url) -> HttpRequest {
    HttpRequest::get(url).with_header("Accept", JSON)
}

/// Holds an address against what a client_id may be (section 3).
pub fn judge_url(client_id: &str) -> Vec<Check> {
    let wrong = wrong_with(client_id);
    let is_good = wrong.is_none();
    let saw = wrong.unwrap_or_else(|| visible(client_id).into_owned());
    let mut checks = vec![rule::URL.holds(is_good, "an https URL with a path", saw)];
    if let Ok(url) = Url::parse(client_id) {
        let query = url.query().map_or("none".into(), visible);
        checks.push(rule::QUERY.holds(url.query().is_none(), "no query", query));
    }
    checks
}

/// Whether a server that gets such a `client_id` has announced that it takes it; nothing where it is none. Servers of other
/// kinds have addresses as names of clients too, so that only a client of the Model Context Protocol is warned.
pub fn announced(client_id: &str, metadata: &ServerMetadata, is_mcp: bool) -> Option<Check> {
    if wrong_with(client_id).is_some() {
        return None;
    }
    let member = "client_id_metadata_document_supported";
    let saw = metadata.json.get(member).map_or_else(|| "absent".to_owned(), ToString::to_string);
    Some(match (metadata.flag(member), is_mcp) {
        (true, _) => rule::ANNOUNCED.pass("true"),
        (false, true) => rule::ANNOUNCED.broken(format!("{member} true"), visible(&saw)),
        (false, false) => rule::ANNOUNCED.note(format!("{member} is {}", visible(&saw))),
    })
}

/// Read as text: a parser would mend what is wrong. http is taken on this machine, where documents are developed.
fn wrong_with(client_id: &str) -> Option<String> {
    let Ok(url) = Url::parse(client_id) else { return Some("no URL".to_owned()) };
    let is_local = url.scheme() == "http" && is_loopback(&url);
    if url.scheme() != "https" && !is_local {
        let scheme = visible(url.scheme());
        return Some(format!("the scheme {scheme}"));
    }
    let path = visible(path_of(client_id));
    Some(match () {
        () if client_id.contains('#') => "a fragment".to_owned(),
        () if !url.username().is_empty() || url.password().is_some() => "a user in it".to_owned(),
        () if path.is_empty() || path == "/" => "no path".to_owned(),
        () if path.split('/').any(is_dots) => format!("dot segments in {path}"),
        () => return None,
    })
}

/// The path as it is written.
fn path_of(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    let after = after.split(['?', '#']).next().unwrap_or_default();
    after.find('/').map_or("", |at| &after[at..])
}

/// `.` and `..`, also where the dot is encoded (WHATWG URL, section 4.1).
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(plain.as_str(), "." | "..")
}

/// Reads the answer to fetching a document (section 5). The document is there when it is one.
pub fn accept(client_id: &str, response: &HttpResponse) -> (Option<Json>, Vec<Check>) {
    let is_redirect = (300..400).contains(&response.status);
    let to = response.headers.get("location").map_or_else(String::new, |to| format!(" to {}", visible(to)));
    let saw = if is_redirect { format!("{}{to}", status(response)) } else { "no redirect".to_owned() };
    let mut checks = vec![
        rule::REDIRECT.holds(!is_redirect, "no redirect", saw),
        rule::STATUS.holds(response.status == 200, "200 OK", status(response)),
    ];
    if response.status != 200 {
        return (None, checks);
    }
    let media_type = response.headers.content_type();
    let is_json = media_type.as_deref().is_some_and(|kind| kind == JSON || kind.ends_with("+json"));
    checks.push(rule::CONTENT_TYPE.holds(is_json, JSON, media_type.as_deref().map_or("no type".into(), visible)));
    let (json, more) = judge(client_id, &response.body);
    checks.extend(more);
    (json, checks)
}

/// Holds the text of a document against what it may say (section 4).
pub fn judge(client_id: &str, document: &[u8]) -> (Option<Json>, Vec<Check>) {
    let size = format!("{} bytes", document.len());
    let mut checks = vec![rule::SIZE.holds(document.len() <= SIZE_LIMIT, "at most 5120 bytes", size)];
    let json = match Json::parse(document) {
        Ok(json) if json.is_object() => json,
        Ok(json) => {
            checks.push(rule::DOCUMENT.broken("a JSON object", json.a_kind()));
            return (None, checks);
        }
        Err(error) => {
            checks.push(rule::DOCUMENT.broken("a JSON object", visible(&error.to_string())));
            return (None, checks);
        }
    };
    checks.extend([duplicates(&rule::DOCUMENT, &json), named(client_id, &json), secrets(&json), private_key(&json)]);
    checks.extend([redirected(&json), loopback(&json), name(&json)]);
    checks.extend([
        registration::consistent(&rule::CONSISTENT, &json),
        registration::one_key_set(&rule::ONE_KEY_SET, &json),
    ]);
    checks.extend(keys(&json));
    (Some(json), checks)
}

fn named(client_id: &str, json: &Json) -> Check {
    rule::CLIENT_ID.equal(client_id, json.text("client_id").unwrap_or("absent"))
}

fn secrets(json: &Json) -> Check {
    let has = ["client_secret", "client_secret_expires_at"].into_iter().filter(|name| json.get(name).is_some());
    let method = json.text("token_endpoint_auth_method").filter(|method| SHARED.contains(method));
    let found: Vec<&str> = has.chain(method).collect();
    let saw = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    rule::SECRETS.holds(found.is_empty(), "no secret", saw)
}

fn private_key(json: &Json) -> Check {
    let is_private = registration::has_private_key(json);
    let saw = if is_private { "a private or shared key in jwks" } else { "none" };
    rule::PRIVATE_KEY.holds(!is_private, "public keys alone", saw)
}

/// They are a list, also where there is one alone (RFC 7591 section 2).
fn redirected(json: &Json) -> Check {
    match json.get("redirect_uris") {
        Some(Json::Array(_)) | None => registration::redirects(&rule::REDIRECT_URIS, json),
        Some(other) => rule::REDIRECT_URIS.broken("an array of redirect_uris", other.a_kind()),
    }
}

/// A client that proves itself by a key publishes it: it has no other way to make it known.
fn keys(json: &Json) -> Option<Check> {
    let method = json.text("token_endpoint_auth_method").filter(|method| *method == "private_key_jwt")?;
    let published = ["jwks", "jwks_uri"].into_iter().find(|name| json.get(name).is_some());
    let saw = published.unwrap_or("neither jwks nor jwks_uri");
    Some(rule::KEYS.holds(published.is_some(), format!("jwks or jwks_uri for {method}"), saw))
}

fn redirects(json: &Json) -> Vec<&str> {
    json.get("redirect_uris").map(Json::strings).unwrap_or_default()
}

fn loopback(json: &Json) -> Check {
    let by_name = |uri: &&str| {
        let url = Url::parse(uri).ok().filter(|url| url.scheme() == "http" && is_loopback(url));
        url.is_some_and(|url| matches!(url.host(), Some(Host::Domain(_))) && url.port().is_none())
    };
    let named: Vec<&str> = redirects(json).into_iter().filter(by_name).collect();
    let saw = if named.is_empty() { "none by name".into() } else { visible(&named.join(", ")).into_owned() };
    rule::LOOPBACK.holds(named.is_empty(), "a loopback address", saw)
}

fn name(json: &Json) -> Check {
    let name = json.text("client_name").filter(|name| !name.is_empty());
    rule::NAME.holds(name.is_some(), "client_name", name.map_or("none".into(), visible))
}

/// Holds the hosts of a document against networks that a server must not be led into (section 8.6): its own, with the
/// addresses that its name has, and those that it names.
pub fn judge_addresses(client_id: &str, resolved: &[IpAddr], document: Option<&Json>) -> Check {
    let named = ADDRESSES.into_iter().filter_map(|name| Some((name, document?.text(name)?)));
    let mut special: Vec<String> = named
        .chain([("client_id", client_id)])
        .filter(|(_, url)| Url::parse(url).is_ok_and(|url| is_special(&url)))
        .map(|(name, url)| format!("{name} {url}"))
        .collect();
    special.extend(resolved.iter().filter(|ip| is_special_use(**ip)).map(|ip| format!("client_id leads to {ip}")));
    match special.is_empty() {
        true => rule::ADDRESS.pass("none"),
        false => rule::ADDRESS.broken("public addresses", visible(&special.join(", "))),
    }
}

fn is_special(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => is_special_use(ip.into()),
        Some(Host::Ipv6(ip)) => is_special_use(ip.into()),
        _ => is_loopback(url),
    }
}

/// Addresses that are not of the public internet (RFC 6890).
pub fn is_special_use(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_special_v4(ip),
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or_else(|| is_special_v6(ip), is_special_v4),
    }
}

fn is_special_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_protocol = (a, b, c) == (192, 0, 0) || (a == 198 && (b == 18 || b == 19)) || a == 0 || a >= 240;
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || is_shared
        || is_protocol
}

const fn is_special_v6(ip: Ipv6Addr) -> bool {
    let first = ip.segments()[0];
    let is_unique_local = first & 0xfe00 == 0xfc00;
    let is_link_local = first & 0xffc0 == 0xfe80;
    let is_documentation = first == 0x2001 && ip.segments()[1] == 0xdb8;
    ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || is_unique_local || is_link_local || is_documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_that_is_made_keeps_every_rule() {
        let url = "https://app.example.com/oauth/client.json";
        let mut settings = Settings::default();
        "http://127.0.0.1:0/callback".clone_into(&mut settings.client.redirect_uri);
        let document = make(url, &settings, Grant::AuthorizationCode).expect("a document");
        assert_eq!(document.text("client_id"), Some(url));
        assert_eq!(redirects(&document), ["http://127.0.0.1/callback"]);
        assert_eq!(document.text("token_endpoint_auth_method"), Some("none"));
        let (_, mut checks) = judge(url, document.pretty().as_bytes());
        checks.extend(judge_url(url));
        checks.push(judge_addresses(url, &["203.0.114.7".parse().expect("an address")], Some(&document)));
        let broken: Vec<&str> = checks.iter().filter(|it| it.verdict != Verdict::Pass).map(|it| it.rule.id).collect();
        assert_eq!(broken, [""; 0]);
    }

    #[test]
    fn members_follow_what_they_are_made_from_unless_somebody_wrote_them() {
        let json = |text: &str| Json::parse_text(text).expect("JSON");
        let before = json(r#"{"client_id":"a","client_name":"App","token_endpoint_auth_method":"none"}"#);
        let now =
            json(r#"{"client_id":"b","client_name":"App","token_endpoint_auth_method":"private_key_jwt","jwks":1}"#);
        let compact = |text: &str| Json::parse_text(text).map_or_else(|_| text.to_owned(), |json| json.to_string());
        for (written, expected) in [
            (before.pretty(), now.to_string()),
            (
                r#"{"client_id":"a","client_name":"Mine","token_endpoint_auth_method":"none"}"#.to_owned(),
                r#"{"client_id":"b","client_name":"Mine","token_endpoint_auth_method":"private_key_jwt","jwks":1}"#
                    .to_owned(),
            ),
            (r#"{"client_id":"c"}"#.to_owned(), r#"{"client_id":"c","jwks":1}"#.to_owned()),
            ("{nothing".to_owned(), "{nothing".to_owned()),
        ] {
            assert_eq!(compact(&follow(&written, &before, &now)), expected, "{written}");
        }
        assert_eq!(compact(&moved(r#"{"client_id":"a","x":1}"#, "a", "b")), r#"{"client_id":"b","x":1}"#);
        assert_eq!(
            moved(r#"{"client_id":"c"}"#, "a", "b"),
            Json::parse_text(r#"{"client_id":"c"}"#).expect("JSON").pretty()
        );
    }

    #[test]
    fn a_run_speaks_as_the_document_says() {
        let url = "https://app.example.com/client.json";
        let mut settings = Settings::default();
        settings.client.client_secret = Secret::new("s");
        settings.registration.dynamic_client_registration = true;
        "http://127.0.0.1:0/callback".clone_into(&mut settings.client.redirect_uri);
        for (document, method, redirect_uri) in [
            (r#"{"redirect_uris":["http://127.0.0.1/callback"]}"#, "none", "http://127.0.0.1:0/callback"),
            ("{}", "none", "http://127.0.0.1:0/callback"),
            (
                r#"{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"private_key_jwt"}"#,
                "private_key_jwt",
                "http://127.0.0.1:0/cb",
            ),
            (r#"{"redirect_uris":["https://app.example.com/cb"]}"#, "none", "https://app.example.com/cb"),
        ] {
            let mut settings = settings.clone();
            speak_as(&mut settings, url, &Json::parse_text(document).expect("JSON"));
            let client = &settings.client;
            assert_eq!((client.client_id.as_str(), client.client_secret.is_empty()), (url, true));
            assert_eq!(
                (client.token_endpoint_auth_method.as_str(), client.redirect_uri.as_str()),
                (method, redirect_uri)
            );
            assert!(!settings.registration.dynamic_client_registration);
        }
    }

    #[test]
    fn what_becomes_of_a_client_is_said_by_what_is_broken() {
        let document = |url: &str| format!(r#"{{"client_id":"{url}","redirect_uris":["http://127.0.0.1/cb"]}}"#);
        let of = |url: &str| Judged::written(url, document(url).as_bytes()).fate();
        assert_eq!(of("https://app.example.com/client.json"), Fate::Taken);
        assert_eq!(of("http://127.0.0.1:8000/client.json"), Fate::TakenHere);
        assert_eq!(of("https://127.0.0.1/client.json"), Fate::Refused, "no server here has that certificate");
        assert_eq!(of("http://app.example.com"), Fate::Refused);
        let judged = Judged::written("http://app.example.com", b"[]");
        assert_eq!(judged.fate(), Fate::RefusedByMany { count: 2 });
    }

    #[test]
    fn addresses_that_are_not_of_the_internet_are_known() {
        for (ip, expected) in [
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("192.168.1.1", true),
            ("127.0.0.1", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true),
            ("0.0.0.0", true),
            ("224.0.0.1", true),
            ("198.18.0.1", true),
            ("::1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("::ffff:10.0.0.1", true),
            ("8.8.8.8", false),
            ("172.32.0.1", false),
            ("100.128.0.1", false),
            ("2606:4700::1111", false),
        ] {
            assert_eq!(is_special_use(ip.parse().expect("an address")), expected, "{ip}");
        }
    }
}
