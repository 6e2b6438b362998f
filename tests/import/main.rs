//! What other programs write, taken in: recognised by its form, with every value where it belongs, nothing fetched, and
//! nothing that is hidden told.

use grantscope::import::{Filled, ImportError, Imported, import};
use grantscope::terms::grant::Grant;
use proptest::prelude::*;

mod formats;

struct Case {
    text: &'static str,
    what: &'static str,
    grant: Option<Grant>,
    /// All of them, in order.
    settings: &'static [(&'static str, &'static str)],
    /// A part of each warning, of each thing that is not followed, and of each note.
    notes: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        text: "curl -X POST 'https://as.example/token' \\\n  -u 'app:pa%ss+word' -d grant_type=client_credentials -d 'scope=read write' -d tenant=blue",
        what: "a cURL command",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "pa%ss+word"),
            ("scope", "read write"),
            ("token_request.extra.tenant", "blue"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("discovery", "false"),
        ],
        notes: &[],
    },
    // Form-encoded, as RFC 6749 section 2.3.1 has it: a secret with a colon and a space.
    Case {
        text: "curl https://as.example/token -u 'app:a%3Ab+c' --data-raw 'grant_type=refresh_token&refresh_token=r'",
        what: "a cURL command",
        grant: Some(Grant::RefreshToken),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "a:b c"),
            ("refresh_token", "r"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("discovery", "false"),
        ],
        notes: &[],
    },
    Case {
        text: "curl 'https://as.example/token' --data 'grant_type=authorization_code&code=c&code_verifier=v&client_id=spa&redirect_uri=http%3A%2F%2Flocalhost%2Fcb' --insecure --cert client.pem",
        what: "a cURL command",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "spa"),
            ("redirect_uri", "http://localhost/cb"),
            ("token_endpoint_auth_method", "none"),
            ("discovery", "false"),
        ],
        notes: &["used once", "does not check", "--cert"],
    },
    Case {
        text: "curl https://as.example/token -H 'Content-Type: application/json' -d '{\"grant_type\":\"client_credentials\",\"client_id\":\"m2m\",\"client_secret\":\"s\",\"audience\":\"https://api.example\"}'",
        what: "a cURL command",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "m2m"),
            ("client_secret", "s"),
            ("audience", "https://api.example"),
            ("token_endpoint_auth_method", "client_secret_post"),
            ("discovery", "false"),
        ],
        notes: &[],
    },
    Case {
        text: "curl http://as.example/token -d grant_type=client_credentials -d client_id=a -d client_assertion=e30.e30. -d @more.txt",
        what: "a cURL command",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("token_endpoint", "http://as.example/token"),
            ("client_id", "a"),
            ("token_endpoint_auth_method", "private_key_jwt"),
            ("discovery", "false"),
        ],
        notes: &["assertion is made anew", "reads a file", "unencrypted"],
    },
    Case {
        text: "# a device\n$ curl --url https://as.example/device/code --data client_id=tv --data 'scope=openid' --data audience=api",
        what: "a cURL command",
        grant: Some(Grant::DeviceCode),
        settings: &[
            ("device_authorization_endpoint", "https://as.example/device/code"),
            ("client_id", "tv"),
            ("scope", "openid"),
            ("audience", "api"),
            ("discovery", "false"),
        ],
        notes: &["token endpoint is not"],
    },
    Case {
        text: "# the token request\ncurl --request 'POST' 'https://as.example/token' \\\n  --data-raw 'grant_type=client_credentials'\n\n# the API call\ncurl 'https://api.example/me'\n",
        what: "a cURL command",
        grant: Some(Grant::ClientCredentials),
        settings: &[("token_endpoint", "https://as.example/token"), ("discovery", "false")],
        notes: &["more commands"],
    },
    Case {
        text: "curl 'https://api.example/orders?limit=1' -H 'Authorization: Bearer secret-token' -H 'Cookie: sid=1' -H 'X-Tenant: blue'",
        what: "a cURL command",
        grant: None,
        settings: &[("api_url", "https://api.example/orders?limit=1"), ("api_headers.X-Tenant", "blue")],
        notes: &["access token", "cookies"],
    },
    Case {
        text: "https://as.example/authorize?client_id=app&response_type=code+id_token&redirect_uri=http%3A%2F%2Flocalhost%2Fcb&scope=openid&state=s&nonce=n&resource=a&resource=b&tenant=blue#top",
        what: "an authorization request",
        grant: Some(Grant::Hybrid),
        settings: &[
            ("authorization_endpoint", "https://as.example/authorize"),
            ("client_id", "app"),
            ("response_type", "code id_token"),
            ("redirect_uri", "http://localhost/cb"),
            ("scope", "openid"),
            ("resource", "a b"),
            ("extra.tenant", "blue"),
            ("discovery", "false"),
        ],
        notes: &["no code_challenge", "issuer is not"],
    },
    Case {
        text: "http://localhost:3000/cb#access_token=secret&token_type=Bearer&iss=https%3A%2F%2Fas.example",
        what: "an authorization response",
        grant: None,
        settings: &[("redirect_uri", "http://localhost:3000/cb"), ("issuer", "https://as.example")],
        notes: &["paste it where that run waits"],
    },
    Case {
        text: "https://as.example/a/.well-known/openid-configuration",
        what: "the address of a server",
        grant: None,
        settings: &[("issuer", "https://as.example/a")],
        notes: &["taken off"],
    },
    Case {
        text: "\u{feff}{\"issuer\":\"https://as.example\",\"token_endpoint\":\"https://as.example/token\"}",
        what: "server metadata",
        grant: None,
        settings: &[("issuer", "https://as.example")],
        notes: &["fetched anew"],
    },
    Case {
        text: "{\"client_id\":\"c\",\"client_secret\":\"s\",\"redirect_uris\":[\"http://127.0.0.1/cb\",\"http://127.0.0.1/other\"],\"grant_types\":[\"authorization_code\"],\"default_max_age\":300,\"registration_access_token\":\"secret\"}",
        what: "a registered client",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("client_id", "c"),
            ("client_secret", "s"),
            ("max_age", "300"),
            ("redirect_uri", "http://127.0.0.1/cb"),
            ("token_endpoint_auth_method", "client_secret_basic"),
        ],
        notes: &["2 addresses", "manages the registration"],
    },
    Case {
        text: "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"refresh_token\":\"rt\",\"id_token\":\"e30.e30.\",\"scope\":\"openid\"}",
        what: "a token response",
        grant: Some(Grant::RefreshToken),
        settings: &[
            ("refresh_token", "rt"),
            ("id_token_hint", "e30.e30."),
            ("subject_token", "at"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("scope", "openid"),
        ],
        notes: &["what a run begins with"],
    },
    Case {
        text: "{\"info\":{\"name\":\"n\"},\"item\":[{\"item\":[{\"request\":{\"auth\":{\"type\":\"oauth2\",\"oauth2\":[{\"key\":\"grant_type\",\"value\":\"authorization_code_with_pkce\"},{\"key\":\"authUrl\",\"value\":\"{{base}}/authorize\"},{\"key\":\"accessTokenUrl\",\"value\":\"{{base}}/token\"},{\"key\":\"clientId\",\"value\":\"app\"},{\"key\":\"clientSecret\",\"value\":\"{{secret}}\"},{\"key\":\"client_authentication\",\"value\":\"body\"},{\"key\":\"challengeAlgorithm\",\"value\":\"SHA-256\"},{\"key\":\"tokenRequestParams\",\"value\":[{\"key\":\"aud\",\"value\":\"api\",\"enabled\":true},{\"key\":\"off\",\"value\":\"x\",\"enabled\":false}]}]}}}]}],\"variable\":[{\"key\":\"base\",\"value\":\"https://as.example\"}]}",
        what: "a Postman collection",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("authorization_endpoint", "https://as.example/authorize"),
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "{{secret}}"),
            ("code_challenge_method", "S256"),
            ("token_endpoint_auth_method", "client_secret_post"),
            ("token_request.extra.aud", "api"),
            ("discovery", "false"),
        ],
        notes: &["{{secret}} stands for a value of your own: fill it in (client_secret)"],
    },
    Case {
        text: "{\"name\":\"staging\",\"values\":[{\"key\":\"Token URL\",\"value\":\"https://{{host}}/token\",\"enabled\":true},{\"key\":\"client-id\",\"value\":\"app\"},{\"key\":\"CLIENT_SECRET\",\"value\":\"s\"},{\"key\":\"host\",\"value\":\"as.example\"},{\"key\":\"color\",\"value\":\"blue\"},{\"key\":\"scope\",\"value\":\"no\",\"enabled\":false}],\"_postman_variable_scope\":\"environment\"}",
        what: "a Postman environment",
        grant: None,
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "s"),
            ("discovery", "false"),
        ],
        notes: &["host, color"],
    },
];

fn filled(text: &str) -> Filled {
    match import(text) {
        Ok(Imported::Settings(filled)) => filled,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn each_form_is_recognised_and_fills_in_what_it_says() {
    for case in CASES.iter().chain(formats::CASES) {
        let filled = filled(case.text);
        let values: Vec<_> = filled.values.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!((filled.what, filled.grant), (case.what, case.grant), "{}", case.text);
        assert_eq!(values, case.settings, "{}", case.text);
        let said: Vec<&String> = filled.warnings.iter().chain(&filled.not_followed).chain(&filled.notes).collect();
        assert_eq!(said.len(), case.notes.len(), "{}: {said:?}", case.text);
        for part in case.notes {
            assert!(said.iter().any(|note| note.contains(part)), "{part} in {said:?}");
        }
        filled.settings().expect("settings");
    }
}

/// Every one of them has the word `canary` in a secret.
#[test]
fn secrets_are_known_wherever_they_stand() {
    for text in [
        "curl https://as.example/token --json '{\"client_secret\":\"canary\"}'",
        "curl https://as.example/token -d password=canary",
        "curl 'https://api.example/me?access_token=canary'",
        "curl https://api.example/me -H 'X-Api-Key: canary'",
        "curl https://as.example/token -d grant_type=client_credentials -d api_key=canary",
        "https://as.example/authorize?client_id=a&response_type=code&client_secret=canary",
    ] {
        let filled = filled(text);
        let holding: Vec<_> = filled.values.iter().filter(|(_, value)| value.expose().contains("canary")).collect();
        assert_eq!(holding.len(), 1, "{text}");
        let (name, value) = holding[0];
        assert!(Filled::hides(name, value.expose()), "{text}: {name}");
        assert_eq!(filled.loose(), [name.as_str()], "{text}: no preset holds it");
    }
    for text in [
        "curl https://u:canary@as.example/token -d grant_type=client_credentials",
        "https://u:canary@as.example/authorize?client_id=a&response_type=code",
        "curl https://api.example/me -H 'Authorization: Bearer canary' -H 'Cookie: sid=canary'",
    ] {
        let filled = filled(text);
        assert!(filled.values.iter().all(|(_, value)| !value.expose().contains("canary")), "{text}");
    }
}

/// Names and passwords in addresses are taken out by every reader, with a note; `canary` is in each.
#[test]
fn no_address_keeps_its_name_and_password() {
    for text in [
        "https://u:canary@as.example/authorize?client_id=a&response_type=code",
        "https://u:canary@as.example/",
        "https://as.example/authorize?client_id=a&response_type=code&redirect_uri=https%3A%2F%2Fu%3Acanary%40app.example%2F",
        "https://as.example/authorize?client_id=a&response_type=code&extra=https%3Au%3Acanary%40app.example",
        "{\"issuer\":\"https://u:canary@as.example\",\"jwks_uri\":\"https://as.example/jwks\"}",
        "{\"issuer\":\"\",\"token_endpoint\":\"https://u:canary@as.example/token\"}",
        "{\"client_id\":\"c\",\"redirect_uris\":[\"https://u:canary@app.example/\"]}",
        "{\"realm\":\"r\",\"auth-server-url\":\"https://u:canary@as.example/\",\"resource\":\"c\"}",
        "{\"AzureAd\":{\"ClientId\":\"c\",\"Authority\":\"https://u:canary@as.example\"}}",
        "spring.security.oauth2.client.registration.a.client-id=c\nspring.security.oauth2.client.provider.a.issuer-uri=https://u:canary@as.example",
        "{\"name\":\"e\",\"values\":[{\"key\":\"tokenUrl\",\"value\":\"https://{{user}}:canary@as.example\"}]}",
    ] {
        let filled = filled(text);
        assert!(filled.values.iter().all(|(_, value)| !value.expose().contains("canary")), "{text}");
        let is_told = filled.notes.iter().any(|note| note.contains("Name and password in the address"));
        assert!(is_told, "{text}: {:?}", filled.notes);
    }
    for text in [
        "curl -x http://bob:canary@p:1 --proxy-user u:canary https://as.example/me",
        "curl --preproxy bob:canary@p:1 -U u:canary --cacert https://u:canary@h/ca.pem https://as.example/me",
        "curl --proxy-header 'Proxy-Authorization: canary' --doh-url https://u:canary@dns.example https://as.example/me",
        "irm https://as.example/me -Proxy http://bob:canary@p:1 -Credential bob:canary",
        "irm https://as.example/me -Proxy bob:canary@p:1",
    ] {
        let filled = filled(text);
        assert_eq!(filled.get("api_url"), Some("https://as.example/me"), "{text}");
        assert!(!filled.not_followed.is_empty(), "{text}");
        let said = filled.warnings.iter().chain(&filled.not_followed).chain(&filled.notes);
        assert!(said.into_iter().all(|said| !said.contains("canary")), "{text}: {:?}", filled.not_followed);
    }
}

#[test]
fn what_is_a_credential_by_its_shape_is_hidden_under_any_name() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU";
    let opaque = "b3BhcXVlLWxvbmctdmFsdWUtMDEyMzQ1";
    for value in [token, opaque] {
        for text in [
            format!("https://as.example/authorize?client_id=a&response_type=code&x={value}"),
            format!("curl https://as.example/token -d grant_type=client_credentials -d x={value}"),
            format!("curl https://api.example/me?x={value}"),
            format!("curl https://api.example/me --json '{{\"a\":[{{\"x\":\"{value}\"}}]}}'"),
            format!("curl https://api.example/me -H 'X-Own: {value}'"),
        ] {
            let filled = filled(&text);
            let holds = |one: &&(String, _)| -> bool { filled.get(&one.0).is_some_and(|it| it.contains(value)) };
            let (name, held) = filled.values.iter().find(holds).expect("it is there");
            assert!(Filled::hides(name, held.expose()), "{text}: {name}");
            assert_eq!(filled.loose(), [name.as_str()], "{text}: no preset holds it");
        }
    }
    assert!(!Filled::hides("extra.tenant_id", opaque) && !Filled::hides("extra.ui_locales", "de en"));
    assert!(!Filled::hides("api_url", "https://api.example/v1/Users/0123456789abcdefABCDEF?page=2"));
}

#[test]
fn every_option_of_curl_that_takes_a_value_has_it() {
    for option in [
        "--proxy-user",
        "-U",
        "-D",
        "-C",
        "-Q",
        "-t",
        "-y",
        "-Y",
        "-z",
        "-P",
        "--limit-rate",
        "--noproxy",
        "--range",
        "--proto",
        "--cert-type",
        "--key-type",
        "--pinnedpubkey",
        "--doh-url",
        "--unix-socket",
        "--retry-delay",
        "--proxy-header",
        "--tlsuser",
        "--stderr",
        "--trace",
        "--libcurl",
        "--aws-sigv4",
        "--url-query",
    ] {
        let filled = filled(&format!("curl {option} value https://as.example/me"));
        assert_eq!(filled.get("api_url"), Some("https://as.example/me"), "{option}");
    }
}

/// What grows with the square of a text would take minutes here.
#[test]
fn long_texts_are_read_in_linear_time_and_little_is_said_of_them() {
    let many = 20_000;
    let start = "https://as.example/authorize?client_id=a&response_type=code";
    for text in [
        format!("{start}{}", "&resource=r".repeat(many)),
        format!("{start}{}", "&request=r&a=b".repeat(many)),
        format!("{start}&x={}", "YOUR_".repeat(many)),
        format!("{start}&x={}", "YOUR_A".repeat(many)),
        format!("{start}&x={}", "YOUR_A.".repeat(many)),
        format!("curl https://as.example/{}", "{a".repeat(many)),
        format!("curl https://as.example/token {}", "-d a=b ".repeat(many)),
        format!("curl https://as.example/token {}", "-F a=b -x p ".repeat(many)),
        format!("curl https://as.example/{}", "://u@".repeat(many)),
        format!("GET /?{} HTTP/1.1\nHost: x.example\n\n", "a=b&".repeat(many)),
        format!("GET / HTTP/1.1\nHost: x.example\n{}\n", "Cookie: a\n".repeat(many)),
        format!("$h = @{{a=\"{}\"}}\nirm https://x.example {}", "b".repeat(many), "-Headers $h ".repeat(many)),
        format!("irm https://x.example {}", "-Proxy x ".repeat(many)),
        format!("irm https://x.example/{}?{}", "a".repeat(many), "=".repeat(many)),
        format!(
            "{{\"name\":\"e\",\"values\":[{}]}}",
            (0..many).map(|at| format!("{{\"key\":\"k{at}\",\"value\":\"v\"}}")).collect::<Vec<_>>().join(",")
        ),
    ] {
        let filled = filled(&text);
        let said: Vec<_> = filled.warnings.iter().chain(&filled.not_followed).chain(&filled.notes).collect();
        assert!(said.len() <= 210 && said.iter().all(|said| said.len() < 2000), "{}", &text[..80]);
    }
}

#[test]
fn a_text_without_end_fills_in_no_more_than_a_person_would() {
    let many: String = (0..20_000).map(|at| format!(" -d n{at}=v")).collect();
    let filled = filled(&format!("curl https://as.example/token -d grant_type=client_credentials{many}"));
    assert!(filled.values.len() <= 500 && filled.notes.iter().any(|note| note.contains("left out")));
}

#[test]
fn what_is_read_elsewhere_is_told_apart() {
    for (text, is) in [
        ("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", Imported::Recording),
        ("{\"requests\":[],\"timestamp\":1}", Imported::Recording),
        ("{\"version\":1,\"grant\":\"authorization_code\",\"exchanges\":[]}", Imported::Run),
        ("# mine\nversion = 1\nname = \"Staging\"\n", Imported::Preset),
    ] {
        assert_eq!(import(text), Ok(is), "{text}");
    }
    for text in ["hello", "{}", "[]", "<html></html>", "ftp://as.example", "{\"values\":1}", "mailto:a@b.example"] {
        assert_eq!(import(text), Err(ImportError::Unknown), "{text}");
    }
    assert_eq!(import(" \n"), Err(ImportError::Empty));
    assert!(matches!(import("{\"a\":"), Err(ImportError::Unreadable("JSON", _))));
    for text in ["curl -é https://as.example", "curl -", "curl -d", "curl '", "curl -dé=1 https://as.example"] {
        let _ = import(text);
    }
    assert!(matches!(import("curl -d x"), Err(ImportError::Unreadable("a cURL command", _))));
}

#[test]
fn what_is_secret_is_known_by_its_name() {
    let filled = filled("{\"client_id\":\"c\",\"client_secret\":\"new-secret\",\"redirect_uris\":[]}");
    assert!(Filled::is_secret("client_secret") && Filled::is_secret("token_request.extra.api_key"));
    assert!(!Filled::is_secret("client_id") && !Filled::is_secret("extra.tenant"));
    assert!(!format!("{filled:?}").contains("new-secret"));
}

proptest! {
    #[test]
    fn nothing_that_is_pasted_panics(text in "(curl |\\{|https://a/|\\[|version = 1\nname|Invoke-RestMethod |\\$b = @|fetch\\(|POST /t HTTP/1.1\n|HTTP/1.1 302\n|spring.security.oauth2.client.)?(\\PC|[-\n`@\"'{}()<>$=:; ]){0,80}") {
        let _ = import(&text);
    }
}
