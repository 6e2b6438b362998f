//! What is sound TOML of the right shape, and still will not work.

use super::layout::{ENTRIES, Entry};
use super::{Preset, SecretRef, each_text};
use crate::base::http::is_loopback;
use crate::base::text::meant_or_all;
use crate::base::web_url::{NotWebUrl, sent_as, web_url};
use crate::client::settings::{FIELDS, Slot, can_be_used};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::response::ResponseMode;
use crate::terms::scope::words;

impl Preset {
    /// Doubts about this preset, one sentence each; none when it is sound.
    pub fn lint(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        doubts.extend(self.doubtful_head());
        doubts.extend(self.doubtful_server());
        doubts.extend(self.doubtful_client());
        doubts.extend(self.doubtful_request());
        doubts.extend(self.doubtful_choices());
        doubts.extend(self.doubtful_words());
        doubts.extend(self.doubtful_json());
        doubts.extend(self.doubtful_headers());
        doubts.extend(self.unused_placeholders());
        doubts
    }

    fn doubtful_head(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.name.is_empty() {
            doubts.push("name is missing: the provider picker shows it".to_owned());
        }
        if self.known_grant().is_none() {
            let instead = meant_or_all(Grant::ALL.map(Grant::key), &self.grant);
            doubts.push(format!("request.grant: {} cannot be run; {instead}", self.grant));
        }
        doubts
    }

    fn doubtful_server(&self) -> Vec<String> {
        let server = &self.template.server;
        let mut doubts = Vec::new();
        let needed = self.known_grant().map(needed_endpoints).unwrap_or_default();
        let lacks = |endpoint: &Endpoint| !server.endpoints.contains_key(endpoint);
        if server.discovery && server.issuer.is_empty() {
            doubts.push("server.issuer is missing, and discovery starts from it".to_owned());
        }
        let lacking: Vec<&str> = needed.into_iter().filter(lacks).map(Endpoint::name).collect();
        if !server.discovery && !lacking.is_empty() {
            doubts.push(format!("without discovery, this is needed: {}", lacking.join(", ")));
        }
        if !server.certificate_authority.is_empty() {
            let why = "whoever has its key can stand for this server";
            doubts.push(format!("server.certificate_authority trusts an authority that the system does not: {why}"));
        }
        doubts.extend(self.not_a_url("server.issuer", &server.issuer));
        doubts.extend(self.in_the_clear("server.issuer", &server.issuer));
        for (endpoint, url) in &server.endpoints {
            let key = format!("server.{}", endpoint.name());
            doubts.extend(self.not_a_url(&key, url));
            doubts.extend(self.in_the_clear(&key, url));
        }
        doubts
    }

    fn doubtful_client(&self) -> Vec<String> {
        let client = &self.template.client;
        let mut doubts = self.not_a_url("client.redirect_uri", &client.redirect_uri);
        if let Some((before, _)) = client.redirect_uri.split_once('#') {
            doubts.push(format!(
                "client.redirect_uri: it has no fragment, and servers refuse one (RFC 6749 section 3.1.2); write {before}"
            ));
        }
        for (key, url) in [
            ("client.post_logout_redirect_uri", &client.post_logout_redirect_uri),
            ("client.backchannel_logout_uri", &client.backchannel_logout_uri),
            ("client.frontchannel_logout_uri", &client.frontchannel_logout_uri),
            ("client.backchannel_client_notification_endpoint", &client.backchannel_client_notification_endpoint),
        ] {
            doubts.extend(self.not_a_url(key, url));
        }
        if client.redirect_uri.is_empty() && self.has_use_of("redirect_uri") {
            doubts.push("client.redirect_uri is missing".to_owned());
        }
        let method = client.token_endpoint_auth_method.as_str();
        match (ClientAuthMethod::find(method), &self.client_secret) {
            (None, _) if !method.is_empty() && !is_nearly("token_endpoint_auth_method", method) => {
                doubts.push(format!("client.token_endpoint_auth_method: {method} is not a registered method"));
            }
            (Some(ClientAuthMethod::None), secret) if *secret != SecretRef::Absent => {
                doubts.push("token_endpoint_auth_method none sends no client_secret, but there is one".to_owned());
            }
            (Some(ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost), SecretRef::Absent)
                if self.sends_secret() =>
            {
                doubts.push(format!("token_endpoint_auth_method {method} needs a client_secret"));
            }
            _ => {}
        }
        let mode = client.backchannel_token_delivery_mode.as_str();
        if !matches!(mode, "" | "poll" | "ping" | "push") && !is_nearly("backchannel_token_delivery_mode", mode) {
            doubts.push(format!("client.backchannel_token_delivery_mode: {mode} is none of poll, ping and push"));
        }
        if !client.client_assertion_lifetime.is_empty() && client.client_assertion_lifetime.parse::<u32>().is_err() {
            doubts.push("client.client_assertion_lifetime has to be a whole number of seconds".to_owned());
        }
        if matches!(self.client_secret, SecretRef::Plain(_)) {
            doubts.push("client_secret is written in the file as it is; whoever reads the file has it".to_owned());
        }
        doubts
    }

    fn doubtful_request(&self) -> Vec<String> {
        let request = &self.template.request;
        let mut doubts = self.not_a_url("request.api_url", &request.api_url);
        doubts.extend(self.not_a_url("request.assertion_url", &request.assertion_url));
        let method = request.code_challenge_method.as_str();
        if !matches!(method, "S256" | "plain" | "off") && !is_nearly("code_challenge_method", method) {
            doubts.push(format!("request.code_challenge_method: {method} is none of S256, plain and off"));
        }
        let mode = request.response_mode.as_str();
        let is_unknown = !mode.is_empty() && ResponseMode::travelling(mode, "").is_none();
        if is_unknown && !is_nearly("response_mode", mode) {
            doubts.push(format!("request.response_mode: {mode} is not known here"));
        }
        let method = request.userinfo_method.as_str();
        if !matches!(method, "" | "GET" | "POST" | "POST header") && !is_nearly("userinfo_method", method) {
            doubts.push(format!(
                "request.userinfo_method: {method} is none of GET, POST and POST header (OIDC Core section 5.3.1), and GET is sent"
            ));
        }
        doubts.extend(doubtful_prompt(&request.prompt));
        if !request.max_age.is_empty() && request.max_age.parse::<u64>().is_err() {
            doubts.push("request.max_age has to be a whole number of seconds".to_owned());
        }
        doubts
    }

    /// Whether a run of it makes use of a setting.
    fn has_use_of(&self, setting: &str) -> bool {
        self.known_grant().is_none_or(|grant| can_be_used(setting, grant))
    }

    /// Whether its client proves itself with what the preset has. One that is registered in the run gets a secret then.
    fn sends_secret(&self) -> bool {
        self.known_grant() != Some(Grant::Implicit) && !self.template.registration.dynamic_client_registration
    }

    /// What is nearly one of the values that are known for its key.
    fn doubtful_choices(&self) -> Vec<String> {
        let mut settings = self.template.clone();
        let mut doubt = |entry: &Entry| {
            let field = entry.field();
            let Slot::Text(value) = (field.slot)(&mut settings) else { return None };
            let meant = field.meant(value)?;
            Some(format!("{}.{}: {value} is not known; did you mean {meant}?", entry.section, entry.key))
        };
        ENTRIES.iter().filter_map(&mut doubt).collect()
    }

    /// Words that stand apart by commas (RFC 6749 section 3.3).
    fn doubtful_words(&self) -> Vec<String> {
        let request = &self.template.request;
        let lists = [
            ("request.scope", &request.scope),
            ("request.refresh_scope", &request.refresh_scope),
            ("request.exchange_scope", &request.exchange_scope),
            ("request.omit", &request.omit),
            ("token_request.omit", &self.template.token_request.omit),
        ];
        let parted = lists.iter().filter(|(_, list)| list.contains(','));
        let doubt = |(key, list): &(&str, &String)| {
            let apart: Vec<&str> = list.split([',', ' ']).filter(|word| !word.is_empty()).collect();
            let taken = "a comma is part of a word, which blanks part from the next";
            format!("{key}: {taken}; write {}, unless this server wants commas", apart.join(" "))
        };
        parted.map(doubt).collect()
    }

    /// What has to be JSON and is not, once its placeholders are filled in.
    fn doubtful_json(&self) -> Vec<String> {
        let mut settings = self.template.clone();
        let mut doubt = |entry: &Entry| {
            let field = entry.field();
            let Slot::Text(value) = (field.slot)(&mut settings) else { return None };
            let fault = field.fault(&self.filled(value))?;
            Some(format!("{}.{}: {fault}", entry.section, entry.key))
        };
        ENTRIES.iter().filter_map(&mut doubt).collect()
    }

    fn doubtful_headers(&self) -> Vec<String> {
        let tables = [
            ("request.api_headers", &self.template.request.api_headers),
            ("token_request.headers", &self.template.token_request.headers),
        ];
        let fields =
            tables.iter().flat_map(|(table, fields)| fields.iter().map(move |(name, value)| (table, name, value)));
        fields
            .filter_map(|(table, name, value)| match name {
                _ if name.eq_ignore_ascii_case("host") => {
                    Some(format!("{table}.{name}: the URL says the host; another one here is answered by another site"))
                }
                _ if FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known)) => Some(format!(
                    "{table}.{name}: what sends the request says how long it is and how it goes (RFC 9112 section 6); leave \
                     it out"
                )),
                _ if name.contains(|c: char| c == ':' || c.is_whitespace()) => Some(format!(
                    "{table}.{name}: a header field has no blank and no colon in its name (RFC 9110 section 5.1); it \
                     cannot be sent"
                )),
                _ if value.contains(['\r', '\n', '\0']) => Some(format!(
                    "{table}.{name}: a header field has no line break (RFC 9110 section 5.5); it cannot be sent"
                )),
                _ => None,
            })
            .collect()
    }

    /// With every placeholder filled in, since a host or port may be one.
    fn filled(&self, template: &str) -> String {
        let stand_ins = self.placeholders.iter().map(|placeholder| (placeholder.id.as_str(), stand_in(placeholder)));
        super::filled(template, &stand_ins.collect())
    }

    /// What everybody on the way reads: codes, tokens and secrets go to these addresses (RFC 6749 section 3.2).
    fn in_the_clear(&self, key: &str, template: &str) -> Option<String> {
        let url = web_url(&self.filled(template)).ok()?;
        let is_open = url.scheme() == "http" && !is_loopback(&url) && url.host_str() != Some("0.0.0.0");
        is_open.then(|| {
            format!("{key} is http on another machine: whoever is on the way reads secrets and tokens; use https")
        })
    }

    fn not_a_url(&self, key: &str, template: &str) -> Vec<String> {
        match web_url(&self.filled(template)) {
            _ if template.is_empty() => Vec::new(),
            Ok(url) if url.host_str() == Some("0.0.0.0") => vec![format!(
                "{key}: 0.0.0.0 is every address of a machine to listen at, and none to go to; use 127.0.0.1"
            )],
            // What a server is told leaves as it is written; an issuer is compared.
            Ok(_) if key.starts_with("client.") || key == "server.issuer" => Vec::new(),
            Ok(_) => {
                sent_as(&self.filled(template)).map(|sent| format!("{key} is sent as {sent}")).into_iter().collect()
            }
            // A program that the system starts has a scheme of its own (RFC 8252 section 7.1).
            Err(NotWebUrl::Scheme(_)) if key.ends_with("redirect_uri") => Vec::new(),
            Err(error) => vec![format!("{key}: {error}")],
        }
    }

    fn unused_placeholders(&self) -> Vec<String> {
        let mut texts = Vec::new();
        each_text(&mut self.template.clone(), |text| texts.push(text.clone()));
        let is_used = |id: &str| texts.iter().any(|text| text.contains(&format!("{{{id}}}")));
        let unused = self.placeholders.iter().filter(|placeholder| !is_used(&placeholder.id));
        unused.map(|placeholder| format!("the placeholder {} is asked for and used nowhere", placeholder.id)).collect()
    }
}

/// Header fields of the connection and of the length of what goes over it, which no preset can know (RFC 9110 section
/// 7.6.1, RFC 9112 section 6).
const FRAMING: [&str; 6] = ["Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE"];

/// The endpoints that a run of this grant cannot be without.
fn needed_endpoints(grant: Grant) -> Vec<Endpoint> {
    let first = match grant {
        Grant::DeviceCode => Some(Endpoint::DeviceAuthorization),
        Grant::Ciba => Some(Endpoint::BackchannelAuthentication),
        grant => grant.has_authorization_request().then_some(Endpoint::Authorization),
    };
    let token = (grant != Grant::Implicit).then_some(Endpoint::Token);
    first.into_iter().chain(token).collect()
}

/// Whether a value is nearly a known one of its field: it is asked about as such, and not told a second time.
fn is_nearly(name: &str, value: &str) -> bool {
    FIELDS.iter().any(|field| field.name == name && field.meant(value).is_some())
}

/// What OpenID Connect and its extensions define (OIDC Core section 3.1.2.1, Prompt Create section 4).
fn doubtful_prompt(prompt: &str) -> Option<String> {
    let known = ["none", "login", "consent", "select_account", "create"];
    let unknown = words(prompt).find(|word| !known.contains(word));
    match unknown {
        // What is nearly a value is asked about as such.
        Some(_) if is_nearly("prompt", prompt) => None,
        Some(word) => Some(format!("request.prompt: {word} is none of {}", known.join(", "))),
        None if words(prompt).count() > 1 && words(prompt).any(|word| word == "none") => {
            Some("request.prompt: none stands alone, and a server refuses it beside others".to_owned())
        }
        None => None,
    }
}

fn stand_in(placeholder: &super::Placeholder) -> &str {
    let default = placeholder.default.as_deref().filter(|default| !default.is_empty());
    default.unwrap_or(if placeholder.example.is_empty() { "example" } else { &placeholder.example })
}
