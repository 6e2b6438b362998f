//! `urn:ietf:params:oauth:grant-type:saml2-bearer`: a SAML 2.0 assertion for tokens of its subject (RFC 7522).
//!
//! Everything of section 3 is checked but the signature: XML signatures need a canonicalisation that no library here is
//! good enough at, and a home-made one would be worse than none. So assertions of one made-up issuer, [`SAML_ISSUER`], are
//! taken unsigned. On a server that protects anything this would be a hole; the metadata and the first page say so.

use std::time::Duration;

use roxmltree::{Document, Node};
use serde_json::Value;

use super::invalid_grant;
use crate::base::time::{Timestamp, spoken};
use crate::jose::base64url;
use crate::practice::Practice;
use crate::practice::assertion;
use crate::practice::authorization::{SCOPE, resources};
use crate::practice::client::Caller;
use crate::practice::config::Config;
use crate::practice::details;
use crate::practice::fields::Fields;
use crate::practice::store::Approval;
use crate::practice::token;
use crate::terms::error::OAuthError;

/// Whose assertions are taken.
pub const SAML_ISSUER: &str = "urn:practice:saml";

const NAMESPACE: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// How far the issuer's clock may be ahead.
const SKEW: Duration = Duration::from_secs(10);
/// How far the end may be ahead.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What is taken from an assertion.
struct Statement {
    id: String,
    sub: String,
}

/// What is looked at, in this order.
pub const PLAN: [&str; 2] = [ACCEPTED, SCOPE];
const ACCEPTED: &str = "assertion is accepted";

/// Answers with an access token of the user that the assertion names.
///
/// # Errors
/// `invalid_grant` that says what is wrong with the assertion.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    let refuse = |why: String| invalid_grant(format!("the assertion is not accepted: {why}"));
    let xml = decode(form.require("assertion")?).map_err(refuse)?;
    let about = |statement: &Statement| format!("about {}", statement.sub);
    let statement = practice.why.found(ACCEPTED, about, judge(&xml, &practice.config, now).map_err(refuse))?;
    let (scope, resource) = (super::scope_without_sign_in(practice, form)?, resources(form)?);
    assertion::use_once(practice, SAML_ISSUER, &statement.id, now).map_err(refuse)?;
    let approval = Approval {
        authorization_details: details::read(form)?,
        client_id: client.client_id.clone(),
        scope,
        resource,
        sub: statement.sub,
        login: None,
        act: None,
        approved_at: now,
    };
    let issue = token::approve(practice, approval);
    token::issue(practice, caller, &issue, now)
}

/// Base64url without padding and line breaks (RFC 7522 section 2.1).
fn decode(assertion: &str) -> Result<String, String> {
    let bytes = base64url::decode(assertion).map_err(|error| format!("it is not base64url: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

fn judge(xml: &str, config: &Config, now: Timestamp) -> Result<Statement, String> {
    let document = Document::parse(xml).map_err(|error| format!("it is not well-formed XML: {error}"))?;
    let assertion = document.root_element();
    if !assertion.has_tag_name((NAMESPACE, "Assertion")) {
        let name = assertion.tag_name().name();
        return Err(format!("its root is {name}, it has to be an Assertion of SAML 2.0 that is not encrypted"));
    }
    if assertion.attribute("Version") != Some("2.0") {
        return Err("its Version is not 2.0".to_owned());
    }
    let id = attribute(assertion, "ID")?;
    let issuer = words_of(child(assertion, "Issuer")?);
    if issuer != SAML_ISSUER {
        return Err(format!("its Issuer is {issuer}, trusted is only {SAML_ISSUER}"));
    }
    let subject = child(assertion, "Subject")?;
    let sub = words_of(child(subject, "NameID")?);
    let user = config.user(sub).ok_or_else(|| format!("its NameID is {sub}; there is no such user"))?;
    let conditions = child(assertion, "Conditions")?;
    check_audience(conditions, config)?;
    let until = time(conditions, "NotOnOrAfter")?;
    check_start(conditions, now)?;
    check_confirmation(subject, until, config, now)?;
    check_end(until, now)?;
    Ok(Statement { id: id.to_owned(), sub: user.sub.clone() })
}

/// Meant for this server (RFC 7522 section 3, item 2).
fn check_audience(conditions: Node<'_, '_>, config: &Config) -> Result<(), String> {
    let restriction = child(conditions, "AudienceRestriction")?;
    let audience: Vec<&str> = elements(restriction, "Audience").map(words_of).collect();
    let (issuer, token_endpoint) = (config.issuer_text(), config.url("/token"));
    if audience.iter().any(|aud| *aud == issuer || *aud == token_endpoint) {
        return Ok(());
    }
    Err(format!("its Audience is {}, it has to be {issuer}", audience.join(" ")))
}

/// One confirmation by bearer that holds here and now (RFC 7522 section 3, item 5).
fn check_confirmation(
    subject: Node<'_, '_>,
    until: Option<Timestamp>,
    config: &Config,
    now: Timestamp,
) -> Result<(), String> {
    let mut bearer = elements(subject, "SubjectConfirmation").filter(|node| node.attribute("Method") == Some(BEARER));
    let confirmation =
        bearer.next().ok_or_else(|| format!("it has no SubjectConfirmation with the Method {BEARER}"))?;
    let Ok(data) = child(confirmation, "SubjectConfirmationData") else {
        let why = "it never ends: neither SubjectConfirmationData nor NotOnOrAfter of Conditions is there";
        return until.map(|_| ()).ok_or_else(|| why.to_owned());
    };
    let (recipient, token_endpoint) = (attribute(data, "Recipient")?, config.url("/token"));
    if recipient != token_endpoint {
        return Err(format!("its Recipient is {recipient}, it has to be {token_endpoint}"));
    }
    let until = time(data, "NotOnOrAfter")?;
    until.ok_or("SubjectConfirmationData has no NotOnOrAfter")?;
    check_end(until, now)?;
    check_start(data, now)
}

fn check_start(node: Node<'_, '_>, now: Timestamp) -> Result<(), String> {
    match time(node, "NotBefore")? {
        Some(start) if start > now + SKEW => {
            Err(format!("NotBefore is {} ahead; compare the clocks", spoken(start.since(now))))
        }
        _ => Ok(()),
    }
}

fn check_end(until: Option<Timestamp>, now: Timestamp) -> Result<(), String> {
    match until {
        Some(end) if end <= now => Err(format!("it ended {} ago", spoken(now.since(end)))),
        Some(end) if end > now + LONGEST => {
            Err(format!("NotOnOrAfter is {} ahead, at most {} is taken", spoken(end.since(now)), spoken(LONGEST)))
        }
        _ => Ok(()),
    }
}

fn time(node: Node<'_, '_>, name: &str) -> Result<Option<Timestamp>, String> {
    let Some(text) = node.attribute(name) else { return Ok(None) };
    let time: jiff::Timestamp = text.parse().map_err(|_| format!("{name} is no time in UTC: {text}"))?;
    Ok(Some(Timestamp::from_millis(time.as_millisecond())))
}

fn elements<'a, 'input>(parent: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |node| node.has_tag_name((NAMESPACE, name)))
}

fn child<'a, 'input>(parent: Node<'a, 'input>, name: &'static str) -> Result<Node<'a, 'input>, String> {
    elements(parent, name).next().ok_or_else(|| format!("{} has no {name}", parent.tag_name().name()))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str, String> {
    node.attribute(name).ok_or_else(|| format!("{} has no {name}", node.tag_name().name()))
}

/// The text of an element that holds nothing else. With a comment in it, one name could pass for another.
fn words_of<'a>(node: Node<'a, '_>) -> &'a str {
    let mut texts = node.children();
    match (texts.next().and_then(|text| text.text()), texts.next()) {
        (Some(text), None) => text.trim(),
        _ => "",
    }
}
