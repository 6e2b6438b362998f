//! Requests as browsers and documents have them, and the settings of apps.

use grantscope::import::{Filled, ImportError, Imported, import};
use grantscope::terms::grant::Grant;

use super::Case;

pub const CASES: &[Case] = &[
    // Everything a command may name outside of it, short options in one word.
    Case {
        text: "curl -sSLk --cert 'client.pem:canary' -K more.conf --pass canary -n --proxy http://u:canary@proxy.example -T up.bin --resolve as.example:443:127.0.0.1 https://as.example/token -dgrant_type=client_credentials --data-urlencode name@file -b jar.txt",
        what: "a cURL command",
        grant: Some(Grant::ClientCredentials),
        settings: &[("token_endpoint", "https://as.example/token"), ("discovery", "false")],
        notes: &[
            "does not check the server's certificate",
            "names client.pem with --cert",
            "more.conf with -K",
            "secret in --pass",
            "--netrc",
            "names proxy.example with --proxy",
            "up.bin with -T",
            "as.example:443:127.0.0.1 with --resolve",
            "--data-urlencode, file",
            "-b, jar.txt",
        ],
    },
    Case {
        text: "await fetch(\"https://as.example/token\", {\n  \"headers\": {\n    \"content-type\": \"application/x-www-form-urlencoded\",\n    \"sec-fetch-mode\": \"cors\"\n  },\n  \"referrer\": \"https://app.example/\",\n  \"body\": \"grant_type=refresh_token&refresh_token=r&client_id=spa\",\n  \"method\": \"POST\",\n  \"mode\": \"cors\"\n});",
        what: "a fetch call",
        grant: Some(Grant::RefreshToken),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("refresh_token", "r"),
            ("client_id", "spa"),
            ("token_endpoint_auth_method", "none"),
            ("discovery", "false"),
        ],
        notes: &[],
    },
    Case {
        text: "fetch(\"https://api.example/me\", { \"headers\": { \"accept\": \"application/json\", \"authorization\": \"Bearer canary\", \"sec-ch-ua\": \"x\" }, \"body\": null, \"method\": \"GET\" }); ;\nfetch(\"https://api.example/other\");",
        what: "a fetch call",
        grant: None,
        settings: &[("api_url", "https://api.example/me"), ("api_headers.accept", "application/json")],
        notes: &["more calls", "access token", "a browser adds"],
    },
    Case {
        text: "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.UserAgent = \"Browser (a; b)\"\n$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"canary\", \"/\", \"as.example\")))\nInvoke-WebRequest -UseBasicParsing -Uri \"https://as.example/token\" `\n-Method \"POST\" `\n-WebSession $session `\n-Headers @{\n\"method\"=\"POST\"\n  \"Authorization\"=\"Basic YXBwOnNlY3JldA==\"\n} `\n-ContentType \"application/x-www-form-urlencoded\" `\n-Body \"grant_type=client_credentials&scope=a%20b\"",
        what: "a PowerShell command",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "secret"),
            ("scope", "a b"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("discovery", "false"),
        ],
        notes: &[],
    },
    Case {
        text: "# a token\r\n$body = @{ grant_type = 'client_credentials'; client_id = \"app\"; client_secret = $env:SECRET; scope = \"a`tb\" }\r\n$answer = Invoke-RestMethod -Method Post https://as.example/token?x=1 -Body $body -SkipCertificateCheck -InFile other.txt | ConvertTo-Json",
        what: "a PowerShell command",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "$env:SECRET"),
            ("scope", "a\tb"),
            ("token_endpoint_auth_method", "client_secret_post"),
            ("discovery", "false"),
        ],
        notes: &["-SkipCertificateCheck", "other.txt with -InFile", "$env:SECRET stands for"],
    },
    // With the characters of the body as bytes, and a value that is worked out.
    Case {
        text: "Invoke-RestMethod -Uri 'https://as.example/token' -Method POST -Headers @{ Authorization = ('Basic {0}' -f $pair); 'X-Tenant' = 'blue' } -Body ([System.Text.Encoding]::UTF8.GetBytes(\"grant_type=password&username=o'neil&password=canary\"))",
        what: "a PowerShell command",
        grant: Some(Grant::Password),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("username", "o'neil"),
            ("password", "canary"),
            ("discovery", "false"),
        ],
        notes: &[],
    },
    Case {
        text: "POST /token HTTP/1.1\nHost: as.example\nAuthorization: Basic YXBwOnNlY3JldA==\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=authorization_code&code=c\n     &redirect_uri=https%3A%2F%2Fapp.example%2Fcb",
        what: "an HTTP request",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("token_endpoint", "https://as.example/token"),
            ("client_id", "app"),
            ("client_secret", "secret"),
            ("redirect_uri", "https://app.example/cb"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("discovery", "false"),
        ],
        notes: &["http or https: https", "used once"],
    },
    Case {
        text: "GET /authorize?response_type=code&client_id=app\n    &code_challenge=x&scope=openid HTTP/1.1\r\nHost: 127.0.0.1:9400\r\n\r\n",
        what: "an HTTP request",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("authorization_endpoint", "http://127.0.0.1:9400/authorize"),
            ("response_type", "code"),
            ("client_id", "app"),
            ("scope", "openid"),
            ("discovery", "false"),
        ],
        notes: &["http or https: http is", "issuer is not"],
    },
    Case {
        text: "HTTP/1.1 302 Found\nCache-Control: no-store\nLocation: https://app.example/cb?code=canary\n    &state=s",
        what: "an authorization response",
        grant: None,
        settings: &[("redirect_uri", "https://app.example/cb")],
        notes: &["paste it where that run waits"],
    },
    Case {
        text: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"access_token\":\"at\",\"token_type\":\"Bearer\"}",
        what: "a token response",
        grant: None,
        settings: &[("subject_token", "at"), ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")],
        notes: &["what a run begins with"],
    },
    Case {
        text: "<https://as.example/authorize?\n    response_type=code\n    &client_id=app\n    &code_challenge=x\n    &redirect_uri=https%3A%2F%2Fapp.example%2Fcb>",
        what: "an authorization request",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("authorization_endpoint", "https://as.example/authorize"),
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", "https://app.example/cb"),
            ("discovery", "false"),
        ],
        notes: &["issuer is not"],
    },
    Case {
        text: "https://{yourDomain}/authorize?response_type=code&client_id=YOUR_CLIENT_ID&code_challenge=x&redirect_uri=${env}/cb&audience=<api id>&organization={yourDomain}",
        what: "an authorization request",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("authorization_endpoint", "https://{yourDomain}/authorize"),
            ("response_type", "code"),
            ("client_id", "YOUR_CLIENT_ID"),
            ("redirect_uri", "${env}/cb"),
            ("audience", "<api id>"),
            ("extra.organization", "{yourDomain}"),
            ("discovery", "false"),
        ],
        notes: &[
            "issuer is not",
            "{yourDomain} stands for a value of your own: fill it in (authorization_endpoint, extra.organization)",
            "YOUR_CLIENT_ID stands",
            "${env} stands",
            "<api id> stands",
        ],
    },
    // A secret is not told for a dollar in it.
    Case {
        text: "curl https://login.example/<tenant>/token -u \"$CLIENT_ID:$CLIENT_SECRET\" -d grant_type=client_credentials -d password='in$SIDE'",
        what: "a cURL command",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("token_endpoint", "https://login.example/<tenant>/token"),
            ("client_id", "$CLIENT_ID"),
            ("client_secret", "$CLIENT_SECRET"),
            ("password", "in$SIDE"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("discovery", "false"),
        ],
        notes: &["<tenant> stands", "$CLIENT_ID stands", "$CLIENT_SECRET stands"],
    },
    Case {
        text: "{\"clientId\":\"app\",\"secret\":\"s\",\"protocol\":\"openid-connect\",\"publicClient\":false,\"standardFlowEnabled\":true,\"serviceAccountsEnabled\":true,\"clientAuthenticatorType\":\"client-secret\",\"redirectUris\":[\"/relative\",\"http://localhost:3000/*\"],\"attributes\":{\"post.logout.redirect.uris\":\"http://localhost:3000/out##http://localhost:3000/*\",\"pkce.code.challenge.method\":\"S256\"}}",
        what: "a client of Keycloak",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("client_id", "app"),
            ("client_secret", "s"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("redirect_uri", "http://localhost:3000/"),
            ("post_logout_redirect_uri", "http://localhost:3000/out"),
            ("code_challenge_method", "S256"),
        ],
        notes: &["pattern http://localhost:3000/*", "2 addresses", "issuer is not"],
    },
    Case {
        text: "{\"clientId\":\"tv\",\"secret\":\"**********\",\"publicClient\":true,\"standardFlowEnabled\":false,\"attributes\":{\"oauth2.device.authorization.grant.enabled\":\"true\"}}",
        what: "a client of Keycloak",
        grant: Some(Grant::DeviceCode),
        settings: &[("client_id", "tv"), ("token_endpoint_auth_method", "none")],
        notes: &["masked", "issuer is not"],
    },
    Case {
        text: "{\"realm\":\"demo\",\"auth-server-url\":\"http://localhost:8080/\",\"ssl-required\":\"external\",\"resource\":\"app\",\"credentials\":{\"secret\":\"s\"},\"disable-trust-manager\":true,\"truststore\":\"trust.jks\"}",
        what: "a Keycloak adapter's settings",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("issuer", "http://localhost:8080/realms/demo"),
            ("client_id", "app"),
            ("client_secret", "s"),
            ("token_endpoint_auth_method", "client_secret_basic"),
        ],
        notes: &["does not check", "trust.jks"],
    },
    Case {
        text: "{\n/*\nThe settings of \"AzureAd\" come first. {\n*/\n// see https://as.example\n\"Urls\":\"http://a//\\\"b\",\"Logging\":{\"LogLevel\":{\"Default\":\"Information\"}},\"AzureAd\":{\"Instance\":\"https://login.microsoftonline.com/\",\"TenantId\":\"common-tenant\",\"ClientId\":\"app\",\"CallbackPath\":\"/signin-oidc\"}}",
        what: "settings of an ASP.NET application",
        grant: Some(Grant::AuthorizationCode),
        settings: &[("issuer", "https://login.microsoftonline.com/common-tenant/v2.0"), ("client_id", "app")],
        notes: &["user secrets", "/signin-oidc"],
    },
    Case {
        text: "{\"Authentication\":{\"Schemes\":{\"OpenIdConnect\":{\"Authority\":\"http://localhost:8080/\",\"clientId\":\"app\",\"ClientSecret\":\"s\",\"ResponseType\":\"code id_token\",\"Scope\":[\"openid\",\"api\"],\"RequireHttpsMetadata\":false}}},\"Other\":{\"Authority\":\"https://b.example\",\"ClientId\":\"b\"}}",
        what: "settings of an ASP.NET application",
        grant: Some(Grant::Hybrid),
        settings: &[
            ("issuer", "http://localhost:8080"),
            ("client_id", "app"),
            ("client_secret", "s"),
            ("response_type", "code id_token"),
            ("scope", "openid api"),
        ],
        notes: &["RequireHttpsMetadata", "more sections of a login in it: OpenIdConnect"],
    },
    Case {
        text: "# security\nserver.port=8080\nspring.security.oauth2.client.registration.keycloak.client-id=app\nspring.security.oauth2.client.registration.keycloak.clientSecret = ${SECRET:none}\nspring.security.oauth2.client.registration.keycloak.scope=openid, profile\nspring.security.oauth2.client.registration.keycloak.authorization-grant-type=authorization_code\nspring.security.oauth2.client.registration.keycloak.redirect-uri={baseUrl}/login/oauth2/code/{registrationId}\nspring.security.oauth2.client.registration.other.client-id=b\nspring.security.oauth2.client.provider.keycloak.issuer-uri=https://as.example/realms/demo",
        what: "properties of a Spring application",
        grant: Some(Grant::AuthorizationCode),
        settings: &[
            ("client_id", "app"),
            ("client_secret", "${SECRET:none}"),
            ("scope", "openid profile"),
            ("redirect_uri", "{baseUrl}/login/oauth2/code/keycloak"),
            ("issuer", "https://as.example/realms/demo"),
        ],
        notes: &["more registrations", "${SECRET:none} stands", "{baseUrl} stands"],
    },
    Case {
        text: "# security\nserver:\n  port: 8080\nspring:\n  security.oauth2:\n    client:\n      registration:\n        keycloak:\n          clientId: app\n          client-secret: ${SECRET:none}\n          scope: [openid, profile]\n          authorization-grant-type: client_credentials\n      provider:\n        keycloak: &as\n          issuer-uri: https://as.example/realms/demo\n---\nspring.config.activate.on-profile: test\n",
        what: "properties of a Spring application",
        grant: Some(Grant::ClientCredentials),
        settings: &[
            ("client_id", "app"),
            ("client_secret", "${SECRET:none}"),
            ("scope", "openid profile"),
            ("issuer", "https://as.example/realms/demo"),
        ],
        notes: &["${SECRET:none} stands"],
    },
    Case {
        text: "spring.security.oauth2.resourceserver.jwt.issuer-uri=https://as.example",
        what: "properties of a Spring application",
        grant: None,
        settings: &[("issuer", "https://as.example")],
        notes: &[],
    },
];

#[test]
fn what_looks_like_a_form_and_cannot_be_read_says_why() {
    for (text, what, why) in [
        ("fetch(url, { method: 'POST' })", "a fetch call", "double quotation marks"),
        ("fetch(\"https://as.example\", { method: 'POST' })", "a fetch call", "no JSON"),
        ("Invoke-WebRequest -Uri \"https://as.example", "a PowerShell command", "quotation mark is open"),
        ("Invoke-RestMethod -Body @{ a = 1", "a PowerShell command", "table is open"),
        ("Invoke-RestMethod -Method Post", "a PowerShell command", "no address"),
        ("POST /token HTTP/1.1\n\na=b", "an HTTP request", "no Host"),
        ("spring:\n  security:\n    oauth2:\n\tclient:\n", "a Spring configuration in YAML", "line 4 column 2"),
    ] {
        match import(text) {
            Err(ImportError::Unreadable(is, because)) => {
                assert_eq!(is, what, "{text}");
                assert!(because.contains(why), "{text}: {because}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in
        ["https://a.example/x\nhttps://b.example/y", "HTTP/1.1 204 No Content", "POST /token", "Invoke-Command x"]
    {
        assert_eq!(import(text), Err(ImportError::Unknown), "{text}");
    }
}

#[test]
fn the_server_is_told_by_its_issuer_or_an_endpoint_and_a_response_by_what_it_is() {
    let filled = |text: &str| match import(text) {
        Ok(Imported::Settings(filled)) => filled,
        other => panic!("{other:?}"),
    };
    let server = |filled: &Filled| filled.server().map(|url| url.host_str().unwrap_or_default().to_owned());
    let token = filled("curl https://as.example/token -d grant_type=client_credentials");
    assert_eq!((server(&token).as_deref(), token.is_response()), (Some("as.example"), false));
    let api = filled("curl https://api.example/me");
    assert_eq!(server(&api), None, "an API is no authorization server");
    assert!(filled("https://app.example/cb?code=c&state=s").is_response());
}

/// In time that grows with the text alone: these are as long as a text may be.
#[test]
fn texts_without_end_are_read_once() {
    let long = |piece: &str| piece.repeat(200_000 / piece.len());
    for text in [
        format!("Invoke-RestMethod {}", long("(")),
        format!("Invoke-RestMethod {}", long("@{")),
        format!("Invoke-RestMethod {}", long("$a = 1 ")),
        format!("fetch({}", long("fetch(")),
        format!("fetch(\"https://as.example\", {}", long("{\"a\":")),
        format!("POST {} HTTP/1.1", long("/a\n")),
        format!("HTTP/1.1 200 OK\nA: b\n{}", long(" c\n")),
        format!("https://as.example/authorize?{}", long("{a}&<b>")),
        format!("curl https://as.example/token -d grant_type=x {}", long("-d '{a}' ")),
        format!("https://as.example/?client_id=zqheldq&request={}", long("{a}zqheldq0z")),
        format!(
            "{{\"name\":\"n\",\"values\":[{{\"key\":\"v\",\"value\":\"{}\"}},{{\"key\":\"scope\",\"value\":\"{}\"}}]}}",
            long("v"),
            long("{{v}}")
        ),
        format!("{{ // {}", long("/* ")),
        long("spring.security.oauth2.client.registration.a.client-id=b\n"),
    ] {
        let _ = import(&text);
    }
}
