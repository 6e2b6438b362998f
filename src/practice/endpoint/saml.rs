//! `/saml`: stands for the identity provider of a company, which says in SAML who the user is (SAML 2.0 core section 2).
//!
//! Anyone gets an assertion about any demo user, and it is not signed: the authorization server here takes those of
//! [`SAML_ISSUER`] as they are.

use std::time::Duration;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::practice::fields::Fields;
use crate::practice::grant::SAML_ISSUER;
use crate::practice::{Practice, page};

const LIFETIME: Duration = Duration::from_secs(300);

/// Answers with an assertion about `user`.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let named = Fields::of(request).ok().and_then(|fields| fields.get("user").map(str::to_owned)).unwrap_or_default();
    if practice.config.user(&named).is_none() {
        let users: Vec<&str> = practice.config.users.iter().map(|user| user.sub.as_str()).collect();
        let what = format!("Name a user: {}?user={}", practice.config.url("/saml"), users.join(" or "));
        return page::problem(practice, 400, &what);
    }
    let id = practice.draw();
    practice.why.say(format!("SAML assertion about {named}, {}", spoken(LIFETIME)));
    let (issued, ends) = (now.to_utc(), (now + LIFETIME).to_utc());
    let (issuer, recipient) = (practice.config.issuer_text(), practice.config.url("/token"));
    let (sub, audience) = (escaped(&named), escaped(issuer));
    let xml = format!(
        r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{id}" Version="2.0" IssueInstant="{issued}">
  <saml:Issuer>{SAML_ISSUER}</saml:Issuer>
  <saml:Subject>
    <saml:NameID>{sub}</saml:NameID>
    <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
      <saml:SubjectConfirmationData Recipient="{recipient}" NotOnOrAfter="{ends}"/>
    </saml:SubjectConfirmation>
  </saml:Subject>
  <saml:Conditions NotBefore="{issued}" NotOnOrAfter="{ends}">
    <saml:AudienceRestriction>
      <saml:Audience>{audience}</saml:Audience>
    </saml:AudienceRestriction>
  </saml:Conditions>
  <saml:AuthnStatement AuthnInstant="{issued}">
    <saml:AuthnContext>
      <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef>
    </saml:AuthnContext>
  </saml:AuthnStatement>
</saml:Assertion>
"#,
        id = id.expose(),
        recipient = escaped(&recipient),
    );
    HttpResponse::new(200, "application/samlassertion+xml", xml)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
