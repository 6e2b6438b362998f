//! Every way a client authenticates, over real sockets, and what is said when it cannot.

use grantscope::base::json::Json;
use grantscope::jose::key::SigningKey;
use grantscope::practice::PRACTICE_JWT_KEY;

use crate::{Done, Served, file, folder};

/// A practice server whose certificates lie in files.
struct WithFiles {
    served: Served,
    folder: tempfile::TempDir,
}

impl WithFiles {
    fn start() -> Self {
        let folder = folder();
        let certificates = folder.path().join("certificates");
        let served = Served::with(&["--write-certificates", certificates.to_str().expect("UTF-8")]);
        Self { served, folder }
    }

    fn tls_origin(&self) -> &str {
        self.served.ready.text("tls_origin").expect("a TLS origin")
    }

    fn authority(&self) -> String {
        format!("@{}", self.served.ready.text("certificate_authority").expect("an authority"))
    }

    fn certificate(&self, client_id: &str) -> String {
        let files = self.served.ready.get("tls_client_certificates").expect("certificates");
        format!("@{}", files.text(client_id).unwrap_or_else(|| panic!("no certificate of {client_id}")))
    }

    fn file(&self, name: &str, text: &str) -> String {
        format!("@{}", file(&self.folder, name, text))
    }

    /// A login by this client, the API and what follows.
    fn run(&self, method: &str, settings: &[(&str, &str)]) -> Done {
        let common = [
            ("token_endpoint_auth_method", method),
            ("scope", "openid profile offline_access"),
            ("post_logout_redirect_uri", "http://127.0.0.1:0/signed-out"),
        ];
        let settings: Vec<_> = common.iter().chain(settings).copied().collect();
        self.served.run("authorization-code", &settings, &["--sign-in", "alice", "--then", "refresh,revoke,logout"])
    }
}

#[test]
fn every_method_opens_the_token_endpoint_and_all_that_follow_it() {
    let practice = WithFiles::start();
    let key = practice.file("key.json", PRACTICE_JWT_KEY);
    let secret = practice.file("secret", "practice-secret\n");
    let long = practice.file("long", "practice-secret-of-32-bytes-or-more\n");
    let plain = "{issuer}/api/me".to_owned();
    let secure = format!("{}/api/me", practice.tls_origin());
    let authority = practice.authority();
    let (issued, own) = (practice.certificate("practice-tls"), practice.certificate("practice-self-signed"));
    for (method, client_id, api_url, more) in [
        ("none", "practice-native", &plain, vec![]),
        ("client_secret_basic", "practice-web", &plain, vec![("client_secret", secret.as_str())]),
        ("client_secret_post", "practice-web", &plain, vec![("client_secret", secret.as_str())]),
        ("client_secret_jwt", "practice-secret-jwt", &plain, vec![("client_secret", long.as_str())]),
        ("private_key_jwt", "practice-jwt", &plain, vec![("private_key", key.as_str())]),
        (
            "tls_client_auth",
            "practice-tls",
            &secure,
            vec![("tls_client_certificate", issued.as_str()), ("certificate_authority", authority.as_str())],
        ),
        (
            "self_signed_tls_client_auth",
            "practice-self-signed",
            &secure,
            vec![("tls_client_certificate", own.as_str()), ("certificate_authority", authority.as_str())],
        ),
    ] {
        let mut settings = vec![("client_id", client_id), ("api_url", api_url.as_str())];
        settings.extend(more);
        let done = practice.run(method, &settings);
        done.assert_success();
        let stages = done.stages();
        assert_eq!(stages[3..], ["token", "userinfo", "api", "refresh", "revoke", "logout"], "{method}");
        assert!(!done.story.contains("PRIVATE KEY") && !done.out.contains("PRIVATE KEY"), "{method}");
    }
}

#[test]
fn a_token_bound_to_a_certificate_opens_the_api_only_with_it() {
    let practice = WithFiles::start();
    let (authority, certificate) = (practice.authority(), practice.certificate("practice-tls"));
    let settings = [
        ("client_id", "practice-tls"),
        ("tls_client_certificate", certificate.as_str()),
        ("certificate_authority", authority.as_str()),
        // Plain HTTP has no handshake to show it in.
        ("api_url", "{issuer}/api/me"),
    ];
    let done = practice.run("tls_client_auth", &settings);
    assert_eq!(done.code, 1);
    assert!(done.story.contains("The server refused the API call: invalid_token"), "{}", done.story);
}

/// Method, settings, exit code, what the story says.
type Bad<'a> = (&'a str, Vec<(&'a str, &'a str)>, i32, &'a [&'a str]);

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn what_is_no_key_no_secret_and_no_certificate_is_named_with_the_next_step() {
    let practice = WithFiles::start();
    let key = practice.file("key.json", PRACTICE_JWT_KEY);
    let stranger = SigningKey::generate("ES256", "practice-jwt-1").expect("a key").private_jwk();
    let stranger = practice.file("stranger.json", stranger.expose());
    let shared = practice.file("oct.jwk", r#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#);
    let empty = practice.file("empty", "\n");
    let short = practice.file("short", "short\n");
    let garbage = practice.file("garbage", "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n");
    let authority = practice.authority();
    let (issued, own) = (practice.certificate("practice-tls"), practice.certificate("practice-self-signed"));
    let public: &str = r#"{"kty":"EC","crv":"P-256","x":"wspkwzycrfw6jfrGK2169C6jSrrAfRWrjRfeEaCAgMU","y":"TfzHXaXQVJrBpuC3lCzfga4nL3LzynJ4FPQIG_Gx-KE"}"#;
    let public = practice.file("public.json", public);
    let jwt = "practice-jwt";
    let bad: Vec<Bad<'_>> = vec![
        (
            "private_key_jwt",
            vec![("client_id", jwt), ("private_key", &key), ("token_endpoint_auth_signing_alg", "RS256")],
            1,
            &[
                "the token request cannot use private_key",
                "RS256 needs an RSA key, this is EC P-256",
                "--set private_key=",
            ],
        ),
        (
            "private_key_jwt",
            vec![("client_id", jwt), ("private_key", &public)],
            1,
            &["the token request cannot use private_key", "this is a public key; the private key is needed"],
        ),
        (
            "private_key_jwt",
            vec![("client_id", jwt), ("private_key", "")],
            1,
            &["private_key_jwt needs a private_key, as JWK or PEM"],
        ),
        ("private_key_jwt", vec![("client_id", jwt), ("private_key", &empty)], 2, &["/empty is empty"]),
        ("private_key_jwt", vec![("client_id", jwt), ("private_key", "@-")], 2, &["standard input is empty or closed"]),
        (
            "private_key_jwt",
            vec![("client_id", jwt), ("private_key", &shared)],
            1,
            &["it is a shared secret (kty oct), and private_key_jwt signs with a private key"],
        ),
        (
            "private_key_jwt",
            vec![("client_id", jwt), ("private_key", &stranger)],
            1,
            &["refused the token request: invalid_client", "try"],
        ),
        ("private_key_jwt", vec![("client_id", jwt), ("private_key", "@/nowhere")], 2, &["there is no file /nowhere"]),
        (
            "client_secret_jwt",
            vec![("client_id", "practice-secret-jwt"), ("client_secret", &short)],
            1,
            &["assertion.secret_length", "32 bytes", "5 bytes", "invalid_client"],
        ),
        (
            "client_secret_jwt",
            vec![("client_id", "practice-secret-jwt"), ("client_secret", "")],
            1,
            &["the token request needs client_secret", "--set client_secret="],
        ),
        (
            "tls_client_auth",
            vec![("client_id", "practice-tls"), ("tls_client_certificate", &garbage)],
            1,
            &["the token request cannot use tls_client_certificate", "--set tls_client_certificate="],
        ),
        (
            "tls_client_auth",
            vec![("client_id", "practice-tls"), ("tls_client_certificate", &authority)],
            1,
            &["the token request cannot use tls_client_certificate", "key"],
        ),
        (
            "tls_client_auth",
            vec![("client_id", "practice-tls"), ("tls_client_certificate", &issued)],
            1,
            &["the token request", "certificate", "try"],
        ),
        (
            "tls_client_auth",
            vec![
                ("client_id", "practice-tls"),
                ("tls_client_certificate", &own),
                ("certificate_authority", &authority),
            ],
            1,
            &["refused the token request: invalid_client", "try"],
        ),
        (
            "tls_client_auth",
            vec![
                ("client_id", "practice-tls"),
                ("tls_client_certificate", &issued),
                ("certificate_authority", &garbage),
            ],
            1,
            &["certificate_authority", "try"],
        ),
        (
            "tls_client_auth",
            vec![("client_id", "practice-tls"), ("certificate_authority", "@/nowhere")],
            2,
            &["there is no file /nowhere"],
        ),
    ];
    for (method, settings, code, says) in bad {
        let done = practice.run(method, &settings);
        assert_eq!(done.code, code, "{settings:?}: {}", done.story);
        for words in says {
            assert!(done.story.contains(words), "{settings:?}: no '{words}' in {}", done.story);
        }
        assert!(!done.story.contains("panicked"), "{}", done.story);
        if code == 1 {
            let json: Json = done.json();
            assert!(matches!(json.text("outcome"), Some("refused" | "failed" | "incomplete")), "{settings:?}");
        }
    }
}

#[test]
fn what_asks_without_settings_trusts_an_authority_that_is_given() {
    let world = WithFiles::start();
    let (origin, authority) = (world.tls_origin(), world.authority());
    let authority = authority.trim_start_matches('@');
    let jwks = format!("{origin}/jwks");
    let verify = ["jwt", "verify", "eyJhbGciOiJFUzI1NiJ9.e30.AA", "--jwks", &jwks];
    for arguments in [&["discover", origin][..], &verify] {
        let asked = |more: &[&str]| crate::run(&[arguments, more].concat());
        let distrusting = asked(&[]);
        assert!(distrusting.story.contains("an authority that is not trusted here"), "{}", distrusting.story);
        let trusting = asked(&["--certificate-authority", authority]);
        assert!(!trusting.story.contains("not trusted here"), "it answers: {}", trusting.story);
        assert_eq!(asked(&["--certificate-authority", "/nowhere"]).code, 2);
    }
}
