//! What is sound TOML of the right shape, and still will not work.

use super::{Preset, SecretRef, each_text};
use crate::base::json::Json;
use crate::base::web_url::{NotWebUrl, web_url};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::metadata::Endpoint;
use crate::terms::response::ResponseMode;

impl Preset {
    /// Doubts about this preset, one sentence each; none when it is sound.
    pub fn lint(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        doubts.extend(self.doubtful_head());
        doubts.extend(self.doubtful_server());
        doubts.extend(self.doubtful_client());
        doubts.extend(self.doubtful_request());
        doubts.extend(self.unused_placeholders());
        doubts
    }

    fn doubtful_head(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.name.is_empty() {
            doubts.push("name is missing: the provider picker shows it".to_owned());
        }
        if self.known_grant().is_none() {
            doubts.push(format!("request.grant: {} cannot be run yet", self.grant));
        }
        doubts
    }

    fn doubtful_server(&self) -> Vec<String> {
        let server = &self.template.server;
        let mut doubts = Vec::new();
        let lacks = |endpoint| !server.endpoints.contains_key(&endpoint);
        if server.discovery && server.issuer.is_empty() {
            doubts.push("server.issuer is missing, and discovery starts from it".to_owned());
        }
        if !server.discovery && (lacks(Endpoint::Authorization) || lacks(Endpoint::Token)) {
            doubts.push("without discovery, authorization_endpoint and token_endpoint are both needed".to_owned());
        }
        if !server.certificate_authority.is_empty() {
            let why = "whoever has its key can stand for this server";
            doubts.push(format!("server.certificate_authority trusts an authority that the system does not: {why}"));
        }
        doubts.extend(self.not_a_url("server.issuer", &server.issuer));
        for (endpoint, url) in &server.endpoints {
            doubts.extend(self.not_a_url(&format!("server.{}", endpoint.name()), url));
        }
        doubts
    }

    fn doubtful_client(&self) -> Vec<String> {
        let client = &self.template.client;
        let mut doubts = self.not_a_url("client.redirect_uri", &client.redirect_uri);
        for (key, url) in [
            ("client.post_logout_redirect_uri", &client.post_logout_redirect_uri),
            ("client.backchannel_client_notification_endpoint", &client.backchannel_client_notification_endpoint),
        ] {
            doubts.extend(self.not_a_url(key, url));
        }
        if client.redirect_uri.is_empty() {
            doubts.push("client.redirect_uri is missing".to_owned());
        }
        let method = client.token_endpoint_auth_method.as_str();
        match (ClientAuthMethod::find(method), &self.client_secret) {
            (None, _) if !method.is_empty() => {
                doubts.push(format!("client.token_endpoint_auth_method: {method} is not a registered method"));
            }
            (Some(ClientAuthMethod::None), secret) if *secret != SecretRef::Absent => {
                doubts.push("token_endpoint_auth_method none sends no client_secret, but there is one".to_owned());
            }
            (Some(ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost), SecretRef::Absent) => {
                doubts.push(format!("token_endpoint_auth_method {method} needs a client_secret"));
            }
            _ => {}
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
        let claims = request.assertion_claims.trim();
        if !claims.is_empty() && !Json::parse_text(claims).is_ok_and(|json| json.is_object()) {
            doubts.push("request.assertion_claims is not a JSON object".to_owned());
        }
        if !matches!(request.code_challenge_method.as_str(), "S256" | "plain" | "off") {
            let method = &request.code_challenge_method;
            doubts.push(format!("request.code_challenge_method: {method} is none of S256, plain and off"));
        }
        if !request.response_mode.is_empty() && ResponseMode::find(&request.response_mode).is_none() {
            doubts.push(format!("request.response_mode: {} is not known here", request.response_mode));
        }
        if !request.max_age.is_empty() && request.max_age.parse::<u64>().is_err() {
            doubts.push("request.max_age has to be a whole number of seconds".to_owned());
        }
        doubts
    }

    /// Judged with every placeholder filled in, since a host or port may be one.
    fn not_a_url(&self, key: &str, template: &str) -> Vec<String> {
        let stand_ins = self.placeholders.iter().map(|placeholder| (placeholder.id.as_str(), stand_in(placeholder)));
        let url = super::filled(template, &stand_ins.collect());
        match web_url(&url) {
            _ if template.is_empty() => Vec::new(),
            Ok(_) => Vec::new(),
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

fn stand_in(placeholder: &super::Placeholder) -> &str {
    let default = placeholder.default.as_deref().filter(|default| !default.is_empty());
    default.unwrap_or(if placeholder.example.is_empty() { "example" } else { &placeholder.example })
}
