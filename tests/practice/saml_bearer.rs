//! `saml2-bearer`: an assertion in XML.

use grantscope::base::http::HttpResponse;
use grantscope::jose::base64url;

use crate::world::{World, assert_refused, json, with_web};

const GOOD: &str = r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2027-01-15T08:00:00Z">
  <saml:Issuer>urn:practice:saml</saml:Issuer>
  <saml:Subject>
    <saml:NameID>alice</saml:NameID>
    <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
      <saml:SubjectConfirmationData Recipient="http://127.0.0.1:9400/token" NotOnOrAfter="2027-01-15T08:05:00Z"/>
    </saml:SubjectConfirmation>
  </saml:Subject>
  <saml:Conditions NotBefore="2027-01-15T07:59:00Z" NotOnOrAfter="2027-01-15T08:05:00Z">
    <saml:AudienceRestriction><saml:Audience>http://127.0.0.1:9400</saml:Audience></saml:AudienceRestriction>
  </saml:Conditions>
</saml:Assertion>"#;

fn redeem(world: &mut World, assertion: &str) -> HttpResponse {
    let form = with_web(&[
        ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
        ("assertion", assertion),
        ("scope", "profile"),
    ]);
    world.ask("/token", &form, &[])
}

fn encoded(xml: &str) -> String {
    base64url::encode(xml.as_bytes())
}

#[test]
fn an_assertion_becomes_an_access_token_of_its_subject_once() {
    let mut world = World::new();
    let tokens = json(&redeem(&mut world, &encoded(GOOD)));
    assert_eq!((tokens.get("id_token"), tokens.get("refresh_token")), (None, None));
    let me = json(&world.call("/api/me", tokens.text("access_token").unwrap()));
    assert_eq!((me.text("sub"), me.text("client_id")), (Some("alice"), Some("practice-web")));
    world.pass(60);
    assert_refused(&redeem(&mut world, &encoded(GOOD)), 400, "invalid_grant", "used before");
}

#[test]
fn what_must_be_accepted_is_accepted() {
    let data = "<saml:SubjectConfirmationData Recipient=\"http://127.0.0.1:9400/token\" NotOnOrAfter=\"2027-01-15T08:05:00Z\"/>";
    let audience = "<saml:Audience>http://127.0.0.1:9400</saml:Audience>";
    let unprefixed = GOOD.replace("<saml:", "<").replace("</saml:", "</").replace("xmlns:saml", "xmlns");
    let two = "<saml:Audience>x</saml:Audience><saml:Audience>http://127.0.0.1:9400/token</saml:Audience>";
    let format = "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">";
    for xml in [
        unprefixed,
        GOOD.replace(data, ""),
        GOOD.replace(audience, two),
        GOOD.replace(" NotOnOrAfter=\"2027-01-15T08:05:00Z\">\n    <saml:Aud", ">\n    <saml:Aud"),
        GOOD.replace("08:05:00Z", "08:05:00.123Z"),
        GOOD.replace("<saml:NameID>", format),
    ] {
        assert_ne!(xml, GOOD);
        let answer = redeem(&mut World::new(), &encoded(&xml));
        assert_eq!(answer.status, 200, "{xml}: {}", answer.text());
    }
}

#[test]
fn a_bad_assertion_is_told_what_is_wrong() {
    for (from, to, says) in [
        ("<saml:Assertion", "<saml:Assertion x", "not well-formed XML"),
        ("<saml:Assertion", "<!DOCTYPE a [<!ENTITY b \"c\">]><saml:Assertion", "not well-formed XML"),
        ("saml:Assertion", "saml:EncryptedAssertion", "root is EncryptedAssertion"),
        ("SAML:2.0:assertion\" ID", "SAML:1.0:assertion\" ID", "root is Assertion"),
        ("Version=\"2.0\"", "Version=\"1.1\"", "Version"),
        (" ID=\"_1\"", "", "Assertion has no ID"),
        ("<saml:Issuer>urn:practice:saml</saml:Issuer>", "", "Assertion has no Issuer"),
        ("urn:practice:saml", "https://idp.example", "Issuer is https://idp.example"),
        (">alice<", ">mallory<", "NameID is mallory"),
        (">alice<", ">alice<!-- -->.mallory<", "no such user"),
        ("<saml:NameID>alice</saml:NameID>", "", "Subject has no NameID"),
        (":cm:bearer", ":cm:holder-of-key", "no SubjectConfirmation with the Method"),
        ("http://127.0.0.1:9400/token", "https://sp.example/acs", "Recipient is https://sp.example/acs"),
        (" Recipient=\"http://127.0.0.1:9400/token\"", "", "has no Recipient"),
        (">http://127.0.0.1:9400<", ">https://sp.example<", "Audience is https://sp.example"),
        ("saml:AudienceRestriction", "saml:OneTimeUse", "Conditions has no AudienceRestriction"),
        ("/token\" NotOnOrAfter=\"2027-01-15T08:05:00Z\"", "/token\"", "has no NotOnOrAfter"),
        ("08:05:00Z", "07:59:00Z", "it ended 1 min ago"),
        ("2027-01-15T08:05:00Z", "2027-01-17T08:00:00Z", "at most 1 day"),
        ("07:59:00Z", "08:01:00Z", "NotBefore is 1 min ahead"),
        ("2027-01-15T08:05:00Z", "tomorrow", "no time in UTC: tomorrow"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let answer = redeem(&mut World::new(), &encoded(&GOOD.replace(from, to)));
        assert_refused(&answer, 400, "invalid_grant", says);
    }
    let plain = "PHNhbWw+AA==";
    for (assertion, says) in [(plain, "plain base64"), ("A", "encode no whole number"), ("_w", "not UTF-8")] {
        assert_refused(&redeem(&mut World::new(), assertion), 400, "invalid_grant", says);
    }
    assert_refused(&redeem(&mut World::new(), ""), 400, "invalid_request", "assertion is missing");
}

#[test]
fn deep_nesting_is_harmless() {
    let xml = format!("{}{}", "<a>".repeat(1700), "</a>".repeat(1700));
    assert_refused(&redeem(&mut World::new(), &encoded(&xml)), 400, "invalid_grant", "root is a");
}

#[test]
fn the_metadata_says_that_signatures_are_not_verified() {
    let mut world = World::new();
    let metadata = json(&world.get("/.well-known/openid-configuration"));
    assert_eq!(metadata.text("practice_saml_issuer"), Some("urn:practice:saml"));
    assert_eq!(metadata.get("practice_saml_signatures_verified").unwrap().as_bool(), Some(false));
    assert!(world.get("/").text().contains("urn:practice:saml"));
}
