//! DPoP at the practice server (RFC 9449): which proofs it takes, what a refusal leaves usable, and nonces.

use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::jose::base64url;
use grantscope::jose::hash::sha256;
use grantscope::jose::jwt;
use grantscope::jose::key::{SigningKey, unsecured};
use serde_json::{Map, Value, json};

use crate::world::{
    Add, CALLBACK, Edit, ISSUER, Set, VERIFIER, WEB_BASIC, World, edited, good_authorization, good_token_request,
    json as read, sent_back, url,
};

const NOW: i64 = 1_800_000_000;

/// A client with a key, whose proofs are numbered.
struct Holder {
    key: SigningKey,
    made: u32,
}

impl Holder {
    fn new() -> Self {
        Self { key: SigningKey::generate("ES256", "k").unwrap(), made: 0 }
    }

    fn jwk(&self) -> Value {
        let mut jwk = self.key.public_jwk();
        let members = jwk.as_object_mut().unwrap();
        for name in ["kid", "alg", "use"] {
            members.remove(name);
        }
        jwk
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "jwk": self.jwk()})
    }

    fn claims(&mut self, method: &str, path: &str) -> Value {
        self.made += 1;
        json!({"jti": format!("j{}", self.made), "htm": method, "htu": format!("{ISSUER}{path}"), "iat": NOW})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.key.sign(header.as_object().unwrap(), claims).unwrap()
    }

    /// A good proof with these claims changed.
    fn proof(&mut self, method: &str, path: &str, change: &Value) -> String {
        let mut claims = self.claims(method, path);
        let members = claims.as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            members.insert(name.clone(), value.clone());
        }
        members.retain(|_, value| !value.is_null());
        self.sign(&self.header(), &claims)
    }
}

fn exchange(world: &mut World, code: &str, proofs: &[&str]) -> HttpResponse {
    let mut request = HttpRequest::post_form(url("/token"), &edited(&good_token_request(code), &[]))
        .with_header("Authorization", WEB_BASIC);
    proofs.iter().for_each(|proof| request.headers.push("DPoP", *proof));
    world.practice.handle(&request, world.now)
}

fn call(world: &mut World, authorization: String, proof: Option<String>) -> HttpResponse {
    let mut request = HttpRequest::get(url("/api/me?page=1")).with_header("Authorization", authorization);
    request.headers.0.extend(proof.map(|proof| ("DPoP".to_owned(), proof)));
    world.practice.handle(&request, world.now)
}

fn error_of(answer: &HttpResponse) -> Option<String> {
    read(answer).text("error").map(str::to_owned)
}

fn ath(token: &str) -> String {
    base64url::encode(&sha256(token.as_bytes()))
}

#[test]
fn a_proof_that_is_not_as_it_must_be_is_refused_and_uses_nothing_up() {
    let (mut world, mut holder, other) = (World::new(), Holder::new(), Holder::new());
    let code = world.code(&[]);
    let claims = holder.claims("POST", "/token");
    let with_header = |header: Value| holder.sign(&header, &claims);
    let hs = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").unwrap();
    let private: Value = serde_json::from_str(holder.key.private_jwk().expose()).unwrap();
    let none = Map::from_iter([("typ".to_owned(), json!("dpop+jwt")), ("jwk".to_owned(), holder.jwk())]);
    let mut wrong = vec![
        ("typ", with_header(json!({"typ": "JWT", "jwk": holder.jwk()}))),
        ("no typ", with_header(json!({"jwk": holder.jwk()}))),
        ("no jwk", with_header(json!({"typ": "dpop+jwt"}))),
        ("another key", with_header(json!({"typ": "dpop+jwt", "jwk": other.jwk()}))),
        ("private members", with_header(json!({"typ": "dpop+jwt", "jwk": private}))),
        ("crit", with_header(json!({"typ": "dpop+jwt", "jwk": holder.jwk(), "crit": ["x"], "x": 1}))),
        ("none", unsecured(&none, &claims)),
        ("HS256", hs.sign(&none, &claims).unwrap()),
        ("junk", "junk".to_owned()),
    ];
    for (what, change) in [
        ("no jti", json!({"jti": null})),
        ("empty jti", json!({"jti": ""})),
        ("no htm", json!({"htm": null})),
        ("htm", json!({"htm": "GET"})),
        ("htm in lower case", json!({"htm": "post"})),
        ("no htu", json!({"htu": null})),
        ("htu", json!({"htu": format!("{ISSUER}/par")})),
        ("htu with a slash", json!({"htu": format!("{ISSUER}/token/")})),
        ("htu in another case", json!({"htu": format!("{ISSUER}/Token")})),
        ("no iat", json!({"iat": null})),
        ("iat as text", json!({"iat": NOW.to_string()})),
        ("iat an hour ago", json!({"iat": NOW - 3600})),
        ("iat in an hour", json!({"iat": NOW + 3600})),
        ("nbf in ten minutes", json!({"nbf": NOW + 600})),
        ("exp that is past", json!({"exp": NOW})),
        ("exp as text", json!({"exp": "soon"})),
    ] {
        wrong.push((what, holder.proof("POST", "/token", &change)));
    }
    for (what, proof) in &wrong {
        let answer = exchange(&mut world, &code, &[proof]);
        assert_eq!((answer.status, error_of(&answer).as_deref()), (400, Some("invalid_dpop_proof")), "{what}");
    }
    let twice = [holder.proof("POST", "/token", &json!({})), holder.proof("POST", "/token", &json!({}))];
    let answer = exchange(&mut world, &code, &[&twice[0], &twice[1]]);
    assert_eq!(error_of(&answer).as_deref(), Some("invalid_dpop_proof"));
    let good = holder.proof("POST", "/token", &json!({}));
    let tokens = exchange(&mut world, &code, &[&good]);
    assert_eq!((tokens.status, read(&tokens).text("token_type")), (200, Some("DPoP")), "{}", tokens.text());
    let answer = exchange(&mut world, &code, &[&good]);
    assert_eq!(error_of(&answer).as_deref(), Some("invalid_dpop_proof"), "a proof works once");
}

/// RFC 9449 section 10.1: a proof at the pushed request binds the code, as `dpop_jkt` does.
#[test]
fn a_pushed_request_with_a_proof_binds_its_code() {
    let (mut world, mut holder, mut other) = (World::new(), Holder::new(), Holder::new());
    let push = |world: &mut World, proof: String, edits: &[Edit]| {
        let form = edited(&good_authorization(), edits);
        let request = HttpRequest::post_form(url("/par"), &form).with_header("Authorization", WEB_BASIC);
        world.practice.handle(&request.with_header("DPoP", proof), world.now)
    };
    let proof = other.proof("POST", "/par", &json!({}));
    let named = push(&mut world, proof, &[Add("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]);
    assert_eq!((named.status, error_of(&named).as_deref()), (400, Some("invalid_dpop_proof")), "{}", named.text());
    let proof = holder.proof("POST", "/par", &json!({}));
    let pushed = push(&mut world, proof, &[]);
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let uri = read(&pushed).text("request_uri").unwrap().to_owned();
    let query: Params = [("client_id", "practice-web"), ("request_uri", &uri)].into_iter().collect();
    let page = world.get(&format!("/authorize?{}", query.encode()));
    let page = world.choose(&page, "alice");
    let code = sent_back(&world.decide(&page, "allow")).get("code").unwrap().to_owned();
    let proof = other.proof("POST", "/token", &json!({}));
    assert_eq!(error_of(&exchange(&mut world, &code, &[&proof])).as_deref(), Some("invalid_grant"));
    let proof = holder.proof("POST", "/token", &json!({}));
    let tokens = exchange(&mut world, &code, &[&proof]);
    assert_eq!((tokens.status, read(&tokens).text("token_type")), (200, Some("DPoP")), "{}", tokens.text());
}

#[test]
fn what_is_the_same_address_and_the_same_time_is_taken() {
    for change in [
        json!({"htu": "HTTP://127.0.0.1:9400/token"}),
        json!({"htu": format!("{ISSUER}/token?a=b#c")}),
        json!({"htu": format!("{ISSUER}/tok%65n")}),
        json!({"iat": NOW + 10}),
        json!({"iat": NOW - 200}),
        json!({"nbf": NOW + 10, "exp": NOW + 1}),
        json!({"nonce": "nobody asked for one", "other": true}),
    ] {
        let (mut world, mut holder) = (World::new(), Holder::new());
        let code = world.code(&[]);
        let proof = holder.proof("POST", "/token", &change);
        assert_eq!(exchange(&mut world, &code, &[&proof]).status, 200, "{change}");
    }
}

#[test]
fn a_bound_token_opens_the_api_with_its_key_alone() {
    let (mut world, mut holder, mut other) = (World::new(), Holder::new(), Holder::new());
    let code = world.code(&[]);
    let proof = holder.proof("POST", "/token", &json!({}));
    let tokens = read(&exchange(&mut world, &code, &[&proof]));
    let token = tokens.text("access_token").unwrap().to_owned();
    let jkt = jwt::decode(&token).claim("cnf").and_then(|cnf| cnf.text("jkt").map(str::to_owned)).unwrap();
    let said = world.introspect(&token);
    assert_eq!((said.text("token_type"), said.get("cnf").and_then(|cnf| cnf.text("jkt"))), (Some("DPoP"), Some(&*jkt)));
    let hash = json!({"ath": ath(&token)});
    let dpop = |scheme: &str| format!("{scheme} {token}");
    for (what, authorization, proof, status, error) in [
        ("its key", dpop("DPoP"), Some(holder.proof("GET", "/api/me", &hash)), 200, None),
        ("dpop in lower case", dpop("dpop"), Some(holder.proof("GET", "/api/me", &hash)), 200, None),
        ("another key", dpop("DPoP"), Some(other.proof("GET", "/api/me", &hash)), 401, Some("invalid_token")),
        ("as a bearer token", dpop("Bearer"), None, 401, Some("invalid_token")),
        ("no proof", dpop("DPoP"), None, 401, Some("invalid_dpop_proof")),
        ("no ath", dpop("DPoP"), Some(holder.proof("GET", "/api/me", &json!({}))), 401, Some("invalid_dpop_proof")),
        (
            "ath of another token",
            dpop("DPoP"),
            Some(holder.proof("GET", "/api/me", &json!({"ath": ath("other")}))),
            401,
            Some("invalid_dpop_proof"),
        ),
        (
            "the proof of a POST",
            dpop("DPoP"),
            Some(holder.proof("POST", "/api/me", &hash)),
            401,
            Some("invalid_dpop_proof"),
        ),
    ] {
        let answer = call(&mut world, authorization, proof);
        let challenge = answer.headers.get("www-authenticate").unwrap_or_default();
        assert_eq!((answer.status, error_of(&answer).as_deref()), (status, error), "{what}: {challenge}");
        assert!(
            status == 200 || challenge.starts_with("DPoP ") && challenge.contains("algs=\""),
            "{what}: {challenge}"
        );
    }
    let plain = world.tokens_again(&[], &[]);
    let unbound = plain.text("access_token").unwrap().to_owned();
    let proof = holder.proof("GET", "/api/me", &json!({"ath": ath(&unbound)}));
    let answer = call(&mut world, format!("DPoP {unbound}"), Some(proof));
    assert_eq!(error_of(&answer).as_deref(), Some("invalid_token"));
    assert_eq!(call(&mut world, format!("Bearer {unbound}"), None).status, 200);
    let both = world.get("/api/me");
    let challenge = both.headers.get("www-authenticate").unwrap();
    assert!(challenge.contains("Bearer realm=") && challenge.contains("DPoP algs="), "{challenge}");
}

#[test]
fn a_nonce_is_demanded_of_proofs_given_with_every_answer_and_taken_for_a_while() {
    let mut world = World::with(|config| config.dpop_nonce_required = true);
    let mut holder = Holder::new();
    let code = world.code(&[]);
    let proof = holder.proof("POST", "/token", &json!({}));
    let answer = exchange(&mut world, &code, &[&proof]);
    assert_eq!((answer.status, error_of(&answer).as_deref()), (400, Some("use_dpop_nonce")));
    let nonce = answer.headers.get("dpop-nonce").unwrap().to_owned();
    assert_eq!(answer.headers.all("dpop-nonce").count(), 1);
    let foreign = holder.proof("POST", "/token", &json!({"nonce": "of another server"}));
    assert_eq!(error_of(&exchange(&mut world, &code, &[&foreign])).as_deref(), Some("use_dpop_nonce"));
    let proof = holder.proof("POST", "/token", &json!({"nonce": nonce}));
    let answer = exchange(&mut world, &code, &[&proof]);
    assert_eq!((answer.status, answer.headers.get("dpop-nonce")), (200, Some(nonce.as_str())));
    let token = read(&answer).text("access_token").unwrap().to_owned();
    world.pass(250);
    let claims = json!({"ath": ath(&token), "nonce": nonce, "iat": NOW + 250});
    let answer = call(&mut world, format!("DPoP {token}"), Some(holder.proof("GET", "/api/me", &claims)));
    assert_eq!(answer.status, 200);
    let newer = answer.headers.get("dpop-nonce").unwrap().to_owned();
    assert_ne!(newer, nonce);
    world.pass(60);
    for (nonce, status) in [(&nonce, 401), (&newer, 200)] {
        let claims = json!({"ath": ath(&token), "nonce": nonce, "iat": NOW + 310});
        let answer = call(&mut world, format!("DPoP {token}"), Some(holder.proof("GET", "/api/me", &claims)));
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    assert_eq!(call(&mut world, "Bearer x".to_owned(), None).headers.get("dpop-nonce"), None, "nobody proved anything");
}

#[test]
fn a_client_may_be_registered_for_bound_tokens_alone_and_a_code_bound_to_a_key() {
    let mut world = World::with(|config| {
        config.clients.iter_mut().for_each(|client| client.dpop_bound_access_tokens = true);
    });
    let code = world.code(&[]);
    assert_eq!(error_of(&exchange(&mut world, &code, &[])).as_deref(), Some("invalid_dpop_proof"));
    let (mut world, mut holder, mut other) = (World::new(), Holder::new(), Holder::new());
    let proof = holder.proof("POST", "/token", &json!({}));
    let jkt = grantscope::jose::jwk::Jwk::from_json(&Json::from(&holder.jwk())).unwrap().thumbprint().unwrap();
    let jkt: &'static str = jkt.leak();
    let code = world.code(&[Set("dpop_jkt", jkt)]);
    let stranger = other.proof("POST", "/token", &json!({}));
    for proofs in [&[][..], &[stranger.as_str()]] {
        assert_eq!(error_of(&exchange(&mut world, &code, proofs)).as_deref(), Some("invalid_grant"));
    }
    assert_eq!(exchange(&mut world, &code, &[&proof]).status, 200);
}

#[test]
fn the_refresh_token_of_a_public_client_works_with_its_key_alone() {
    let (mut world, mut holder, mut other) = (World::new(), Holder::new(), Holder::new());
    let code = world.code(&[Set("client_id", "practice-native")]);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "practice-native"),
    ];
    let mut ask = |form: &[(&str, &str)], proof: Option<String>| {
        let mut request = HttpRequest::post_form(url("/token"), &edited(form, &[]));
        request.headers.0.extend(proof.map(|proof| ("DPoP".to_owned(), proof)));
        world.practice.handle(&request, world.now)
    };
    let tokens = read(&ask(&form, Some(holder.proof("POST", "/token", &json!({})))));
    let refresh_token = tokens.text("refresh_token").unwrap().to_owned();
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str()), ("client_id", "practice-native")];
    for proof in [None, Some(other.proof("POST", "/token", &json!({})))] {
        assert_eq!(error_of(&ask(&form, proof)).as_deref(), Some("invalid_grant"));
    }
    let answer = ask(&form, Some(holder.proof("POST", "/token", &json!({}))));
    assert_eq!((answer.status, read(&answer).text("token_type")), (200, Some("DPoP")));
}
