//! Logins of apps that know their provider by the recorder's address: what they sign names it.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::har::jwt;
use super::logins::{CALLBACK, CODE, VERIFIER, challenge};
use grantscope::base::check::Verdict::{self, Fail, Pass, Warn};
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::capture::Capture;
use grantscope::capture::between::Between;
use grantscope::capture::between::live::{Live, Passed};
use grantscope::capture::between::returned::returned;
use grantscope::capture::exchange::Came;

const THERE: &str = "https://idp.example";
const HERE: &str = "http://127.0.0.1:9500";
const NOW: i64 = 1_767_268_800;

/// What passes between an app and its provider.
struct Passing {
    between: Between,
    live: Live,
    at: i64,
    told: Vec<String>,
}

impl Passing {
    fn new() -> Self {
        Self::with_token_endpoint(&format!("{THERE}/token"))
    }

    fn with_token_endpoint(token_endpoint: &str) -> Self {
        let between = Between::new(THERE, &Url::parse(HERE).expect("a URL"), None).expect("an issuer");
        let live = Live::new([3; 32]).standing(&between);
        let mut passing = Self { between, live, at: NOW, told: Vec::new() };
        let document = json!({
            "issuer": THERE, "authorization_endpoint": format!("{THERE}/authorize"),
            "token_endpoint": token_endpoint, "response_types_supported": ["code"],
        });
        passing.pass(get("/.well-known/openid-configuration"), 200, &document);
        passing
    }

    /// A request of the app, and what the provider answers.
    fn pass(&mut self, request: HttpRequest, status: u16, body: &Value) {
        self.passes(request, HttpResponse::new(status, "application/json", body.to_string()));
    }

    fn passes(&mut self, request: HttpRequest, answer: HttpResponse) {
        let asked = request.url.clone();
        let request = self.between.outward(request).expect("for here");
        let home = self.between.homeward(answer.clone());
        let returned = returned(&self.between, &asked, &home);
        let (came, started) = (Came::Response(answer), Timestamp::from_seconds(self.at));
        self.at += 1;
        let passed = Passed { request, came, started, took: Duration::ZERO, returned, by_hand: Vec::new() };
        self.told.extend(self.live.take(passed).findings);
    }

    /// The browser's way to the provider and back.
    fn signs_in(&mut self, more: &[(&str, &str)], back: &[(&str, &str)]) {
        let challenge = challenge();
        let asked = [
            ("client_id", "web"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "email"),
            ("state", "state-of-this-login-0123456789"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let query: Params = asked.into_iter().chain(more.iter().copied()).collect();
        let back: Params = back.iter().copied().chain([("state", "state-of-this-login-0123456789")]).collect();
        let mut answer = HttpResponse::new(302, "text/html", "");
        answer.headers.push("location", format!("{CALLBACK}?{}", back.encode()));
        self.passes(get(&format!("/authorize?{}", query.encode())), answer);
    }

    /// What of the login has not come so many seconds later, and what was noted.
    fn missing(self, seconds: i64) -> (Option<String>, Vec<String>) {
        let end = self.live.so_far().end(Timestamp::from_seconds(self.at + seconds));
        (end.missing.into_iter().next().flatten(), self.between.notes().to_vec())
    }

    fn end(self) -> Capture {
        self.live.so_far().end(Timestamp::from_seconds(self.at)).capture
    }
}

fn get(path: &str) -> HttpRequest {
    HttpRequest::get(Url::parse(&format!("{HERE}{path}")).expect("a URL"))
}

/// The token request of the app, with these fields and a proof of possession.
fn redeems(more: &[(&str, &str)], proof: Option<&str>) -> HttpRequest {
    let form = [("grant_type", "authorization_code"), ("code", CODE), ("redirect_uri", CALLBACK), ("client_id", "web")];
    let form: Params = form.into_iter().chain([("code_verifier", VERIFIER)]).chain(more.iter().copied()).collect();
    let mut request = HttpRequest::post_form(Url::parse(&format!("{HERE}/token")).expect("a URL"), &form);
    if let Some(proof) = proof {
        request.headers.push("dpop", proof);
    }
    request
}

fn assertion(aud: &Value) -> String {
    let claims = json!({ "iss": "web", "sub": "web", "aud": aud, "jti": "one", "iat": NOW, "exp": NOW + 60 });
    jwt(&json!({ "alg": "ES256" }), &claims)
}

fn with_assertion(assertion: &str) -> Vec<(&str, &str)> {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    vec![("client_assertion_type", kind), ("client_assertion", assertion)]
}

fn proof(htu: &str) -> String {
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": super::har::key().public_jwk() });
    jwt(&header, &json!({ "jti": "one", "htm": "POST", "htu": htu, "iat": NOW + 2 }))
}

fn tokens() -> Value {
    json!({ "access_token": "sentinel-access-token-0123456789", "token_type": "Bearer", "expires_in": 60 })
}

/// The worst verdict of a rule, and the rule of the finding.
fn judged(capture: &Capture, rule: &str) -> (Option<Verdict>, Option<&'static str>) {
    let login = &capture.logins[0];
    let of_rule = login.checks.iter().filter(|judged| judged.check.rule.id == rule);
    let finding = login.finding.as_ref().map(|found| found.rule.id);
    (of_rule.map(|judged| judged.check.verdict).min(), finding)
}

const RECORDER: Option<&str> = Some("capture.recorder_named");

#[test]
fn an_assertion_for_the_recorder_is_the_recorders_doing() {
    let refused = json!({ "error": "invalid_client" });
    let told = json!({ "error": "invalid_client", "error_description": format!("aud is {HERE}/token") });
    let (of_client, audience) = (Some("capture.invalid_client"), "assertion.audience");
    for (aud, status, answer, verdict, finding) in [
        (json!(format!("{HERE}/token")), 401, &refused, Pass, RECORDER),
        (json!(HERE), 401, &told, Pass, RECORDER),
        (json!([HERE]), 400, &refused, Pass, RECORDER),
        (json!(format!("{HERE}/token")), 200, &tokens(), Pass, None),
        (json!(THERE), 401, &refused, Pass, of_client),
        (json!("https://other.example/token"), 401, &refused, Fail, of_client),
        (json!(format!("{HERE}/elsewhere")), 401, &refused, Fail, of_client),
        (json!(format!("{HERE}/token")), 400, &json!({ "error": "invalid_grant" }), Pass, RECORDER),
        (json!(format!("{HERE}/token")), 503, &json!({ "error": "temporarily_unavailable" }), Pass, None),
    ] {
        let mut passing = Passing::new();
        passing.signs_in(&[], &[("code", CODE)]);
        let assertion = assertion(&aud);
        passing.pass(redeems(&with_assertion(&assertion), None), status, answer);
        let is_told = passing.told.iter().any(|told| told.contains("the app is not at fault"));
        let capture = passing.end();
        let (judged, found) = judged(&capture, audience);
        assert_eq!(judged, Some(verdict), "{aud} {status}");
        assert!(found == finding || finding.is_none() && found != RECORDER, "{aud} {status}: {found:?}");
        assert_eq!(is_told, finding == RECORDER, "{aud} {status}");
    }
}

#[test]
fn a_proof_for_the_recorder_is_the_recorders_doing() {
    let refused = json!({ "error": "invalid_dpop_proof" });
    let token_refused = Some("capture.token_refused");
    for (htu, status, answer, verdict, finding) in [
        (format!("{HERE}/token"), 400, &refused, Pass, RECORDER),
        (format!("{HERE}/token"), 200, &tokens(), Pass, None),
        (format!("{HERE}/tokens"), 400, &refused, Fail, token_refused),
        (format!("{THERE}/token"), 400, &refused, Pass, token_refused),
        ("https://other.example/token".to_owned(), 400, &refused, Fail, token_refused),
    ] {
        let mut passing = Passing::new();
        passing.signs_in(&[], &[("code", CODE)]);
        passing.pass(redeems(&[], Some(&proof(&htu))), status, answer);
        let (judged, found) = judged(&passing.end(), "dpop_proof.htu");
        assert_eq!((judged, found), (Some(verdict), finding), "{htu} {status}");
    }
}

/// A nonce is asked for before the proof is looked into, and what is refused then is the second request.
#[test]
fn a_nonce_that_is_wanted_is_no_refusal() {
    let mut passing = Passing::new();
    passing.signs_in(&[], &[("code", CODE)]);
    let proof = proof(&format!("{HERE}/token"));
    passing.pass(redeems(&[], Some(&proof)), 400, &json!({ "error": "use_dpop_nonce" }));
    assert!(passing.told.is_empty(), "{:?}", passing.told);
    passing.pass(redeems(&[], Some(&proof)), 400, &json!({ "error": "invalid_dpop_proof" }));
    assert!(passing.told.iter().any(|told| told.contains("recorder_named")), "{:?}", passing.told);
}

#[test]
fn a_request_object_for_the_recorder_is_the_recorders_doing() {
    for (aud, verdict, finding) in
        [(HERE, Pass, RECORDER), ("https://other.example", Warn, Some("capture.authorization_refused"))]
    {
        let object = jwt(
            &json!({ "alg": "ES256", "typ": "oauth-authz-req+jwt" }),
            &json!({
                "iss": "web", "aud": aud, "client_id": "web", "response_type": "code", "redirect_uri": CALLBACK,
                "state": "state-of-this-login-0123456789", "exp": NOW + 60,
            }),
        );
        let mut passing = Passing::new();
        passing.signs_in(&[("request", &object)], &[("error", "invalid_request_object")]);
        let (judged, found) = judged(&passing.end(), "jar_request.aud");
        assert_eq!((judged, found), (Some(verdict), finding), "{aud}");
    }
}

/// What is fetched is not seen, but what the provider says of it.
#[test]
fn a_request_object_that_is_not_seen_is_told_by_the_provider() {
    for (named, finding) in [(HERE, RECORDER), ("https://other.example", Some("capture.authorization_refused"))] {
        let mut passing = Passing::new();
        let says = format!("aud is {named}");
        let back = [("error", "invalid_request_object"), ("error_description", says.as_str())];
        passing.signs_in(&[("request_uri", "https://app.example/request.jwt")], &back);
        let capture = passing.end();
        assert_eq!(capture.logins[0].finding.as_ref().map(|found| found.rule.id), finding, "{named}");
    }
}

/// A provider that leads to addresses of its own is seen in part, and what is missed is said.
#[test]
fn what_goes_past_is_said_at_the_end() {
    let code = [("code", CODE)];
    let mut whole = Passing::new();
    whole.signs_in(&[], &code);
    whole.pass(redeems(&[], None), 200, &tokens());
    let (missing, notes) = whole.missing(60);
    assert!(missing.is_none() && notes.is_empty(), "{missing:?} {notes:?}");

    let mut unredeemed = Passing::new();
    unredeemed.signs_in(&[], &code);
    let mut elsewhere = Passing::with_token_endpoint("https://tokens.example/token");
    elsewhere.signs_in(&[], &code);
    let mut late = Passing::new();
    late.pass(redeems(&[], None), 200, &tokens());
    let sent_on = |to: &str| {
        let mut passing = Passing::new();
        let mut answer = HttpResponse::new(302, "text/html", "");
        answer.headers.push("location", to);
        let query = "client_id=web&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&scope=email";
        passing.passes(get(&format!("/authorize?{query}")), answer);
        passing
    };
    for (what, passing, says, notes_say) in [
        ("no token request", unredeemed, "look whether its token endpoint is the one here", None),
        (
            "a token endpoint elsewhere",
            elsewhere,
            "The token endpoint is at https://tokens.example",
            Some("token_endpoint is at"),
        ),
        ("no authorization request", late, "The authorization request did not pass here", None),
        (
            "pages elsewhere",
            sent_on("https://login.example/sign-in"),
            "sent on to https://login.example",
            Some("sends the browser to https://login.example"),
        ),
        (
            "pages here",
            sent_on("https://idp.example/sign-in"),
            "the provider's pages lead to an address of its own",
            None,
        ),
    ] {
        let (missing, notes) = passing.missing(60);
        let missing = missing.unwrap_or_default();
        assert!(missing.contains(says), "{what}: {missing}");
        let is_noted = |says: &str| notes.iter().any(|note| note.contains(says));
        assert!(notes_say.map_or(notes.is_empty(), is_noted), "{what}: {notes:?}");
    }
}
