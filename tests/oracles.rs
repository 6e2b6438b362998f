//! Two clients by others, `oauth2` and `openidconnect`, against the practice server in memory: what they send is taken,
//! and what they verify holds.

#[path = "pair/mod.rs"]
mod pair;

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use chrono::{DateTime, Utc};
use grantscope::base::entropy::Entropy;
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::flow::callback::{Awaited, Awaiting, Errand};
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event};
use grantscope::practice::{Config, Practice, PracticeHandle};
use grantscope::terms::response::ResponseMode;
use oauth2::http;
use url::Url;

use pair::{CALLBACK, ISSUER, Pair, START, TLS_ORIGIN};

/// The other clients' network: the practice server of a pair.
struct Network(RefCell<Pair>);

impl Network {
    fn new() -> Self {
        Self(RefCell::new(Pair::with_tls()))
    }

    /// With tokens that are signed in this way.
    fn signing(alg: &str) -> Self {
        let mut pair = Pair::new();
        let mut config = Config::practice(Url::parse(ISSUER).expect("a URL"));
        alg.clone_into(&mut config.signing_alg);
        let practice = Practice::new(config, Entropy::from_seed([3; 32])).expect("a server");
        pair.practice = PracticeHandle::new(practice);
        Self(RefCell::new(pair))
    }

    /// One request of theirs, in our words, and the answer in theirs.
    fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, Infallible> {
        let (head, body) = request.into_parts();
        let mut asked = HttpRequest::get(Url::parse(&head.uri.to_string()).expect("a URL"));
        asked.method = head.method.to_string();
        for (name, value) in &head.headers {
            asked.headers.push(name.as_str(), value.to_str().expect("text"));
        }
        asked.body = body;
        let pair = self.0.borrow();
        let now = pair.now();
        let answer = pair.practice.handle(&asked, now);
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in answer.headers.iter() {
            response = response.header(name, value);
        }
        Ok(response.body(answer.body).expect("an answer"))
    }

    /// The user of the pair goes there, signs in and consents; what comes back.
    fn browse(&self, url: &Url, redirect_uri: &str) -> Params {
        let mut pair = self.0.borrow_mut();
        pair.perform(&Action::Browse(HttpRequest::get(url.clone()), Errand::Authorization), &mut |_| {});
        let redirect_uri = Url::parse(redirect_uri).expect("a URL");
        let (state, response_mode) = (None, ResponseMode::Query);
        let awaiting =
            Awaiting { redirect_uri, state, response_mode, awaited: Awaited::Authorization, beside: Vec::new() };
        match pair.perform(&Action::Await(awaiting), &mut |_| {}) {
            Event::CalledBack(callback) => callback.params,
            other => panic!("nothing came back: {other:?}"),
        }
    }
}

/// The time at which every test begins, as they have it.
fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(START.seconds(), 0).expect("a time")
}

/// RFC 6749 and its companions, by the crate `oauth2`.
mod by_oauth2 {
    use oauth2::basic::{BasicClient, BasicTokenType};
    use oauth2::{
        AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl, EndpointSet,
        IntrospectionUrl, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
        ResourceOwnerPassword, ResourceOwnerUsername, RevocationUrl, Scope, StandardDeviceAuthorizationResponse,
        StandardRevocableToken, TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
    };

    use super::*;

    type Client = BasicClient<EndpointSet, EndpointSet, EndpointSet, EndpointSet, EndpointSet>;

    fn client(client_id: &str, secret: Option<&str>) -> Client {
        let at = |path: &str| format!("{ISSUER}{path}");
        let client = BasicClient::new(ClientId::new(client_id.to_owned()))
            .set_auth_uri(AuthUrl::new(at("/authorize")).expect("a URL"))
            .set_token_uri(TokenUrl::new(at("/token")).expect("a URL"))
            .set_device_authorization_url(DeviceAuthorizationUrl::new(at("/device")).expect("a URL"))
            .set_introspection_url(IntrospectionUrl::new(at("/introspect")).expect("a URL"))
            // It revokes nowhere but over TLS.
            .set_revocation_url(RevocationUrl::new(format!("{TLS_ORIGIN}/revoke")).expect("a URL"))
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("a URL"));
        match secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.to_owned())),
            None => client,
        }
    }

    fn web() -> Client {
        client("practice-web", Some("practice-secret"))
    }

    fn scopes(words: &str) -> Vec<Scope> {
        words.split(' ').map(|word| Scope::new(word.to_owned())).collect()
    }

    /// A code, and the verifier that belongs to it.
    fn login(network: &Network, client: &Client, scope: &str) -> (AuthorizationCode, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(CsrfToken::new_random).add_scopes(scopes(scope));
        let (url, state) = request.set_pkce_challenge(challenge).url();
        let came = network.browse(&url, CALLBACK);
        assert_eq!(came.get("state"), Some(state.secret().as_str()));
        assert_eq!(came.get("iss"), Some(ISSUER));
        (AuthorizationCode::new(came.get("code").expect("a code").to_owned()), verifier)
    }

    /// The error code of a refusal.
    fn refusal<E, T>(answer: Result<E, RequestTokenError<Infallible, T>>) -> String
    where
        T: oauth2::ErrorResponse + std::fmt::Display,
    {
        match answer {
            Err(RequestTokenError::ServerResponse(error)) => error.to_string(),
            Err(other) => panic!("no refusal: {other}"),
            Ok(_) => panic!("not refused"),
        }
    }

    #[test]
    fn a_code_with_pkce_becomes_tokens_for_public_and_confidential_clients() {
        for (client_id, secret, auth_type) in [
            ("practice-native", None, AuthType::RequestBody),
            ("practice-web", Some("practice-secret"), AuthType::BasicAuth),
            ("practice-web", Some("practice-secret"), AuthType::RequestBody),
        ] {
            let network = Network::new();
            let client = client(client_id, secret).set_auth_type(auth_type);
            let (code, verifier) = login(&network, &client, "profile offline_access");
            let tokens =
                client.exchange_code(code).set_pkce_verifier(verifier).request(&|it| network.send(it)).expect("tokens");
            assert_eq!(tokens.token_type(), &BasicTokenType::Bearer);
            assert_eq!(tokens.expires_in(), Some(Duration::from_secs(600)));
            assert!(tokens.refresh_token().is_some());
        }
    }

    #[test]
    fn a_code_is_bound_to_its_verifier_and_works_once() {
        let network = Network::new();
        let client = web();
        let http = |it| network.send(it);
        let (code, _) = login(&network, &client, "profile");
        let other = PkceCodeVerifier::new("x".repeat(43));
        let answer = client.exchange_code(code).set_pkce_verifier(other).request(&http);
        assert!(refusal(answer).starts_with("invalid_grant"));

        let (code, verifier) = login(&network, &client, "profile");
        let again = PkceCodeVerifier::new(verifier.secret().clone());
        let first = client.exchange_code(code.clone()).set_pkce_verifier(verifier).request(&http).expect("tokens");
        let second = client.exchange_code(code).set_pkce_verifier(again).request(&http);
        assert!(refusal(second).starts_with("invalid_grant"));
        let asked = client.introspect(first.access_token()).request(&http).expect("an answer");
        assert!(!asked.active(), "a reused code ends its tokens");
    }

    #[test]
    fn client_credentials_and_password_bring_a_token() {
        let network = Network::new();
        let client = web();
        let http = |it| network.send(it);
        let own = client.exchange_client_credentials().add_scopes(scopes("profile")).request(&http).expect("a token");
        assert!(own.refresh_token().is_none(), "RFC 6749 section 4.4.3");
        let (username, password) =
            (ResourceOwnerUsername::new("bob".to_owned()), ResourceOwnerPassword::new("practice".to_owned()));
        let of_user = client.exchange_password(&username, &password).add_scopes(scopes("profile")).request(&http);
        let asked = client.introspect(of_user.expect("a token").access_token()).request(&http).expect("an answer");
        assert_eq!((asked.active(), asked.sub()), (true, Some("bob")));
        let wrong = ResourceOwnerPassword::new("wrong".to_owned());
        let answer = client.exchange_password(&username, &wrong).request(&http);
        assert!(refusal(answer).starts_with("invalid_grant"));
    }

    #[test]
    fn a_refresh_token_is_rotated_and_its_first_one_refused() {
        let network = Network::new();
        let client = web();
        let http = |it| network.send(it);
        let (code, verifier) = login(&network, &client, "profile offline_access");
        let first = client.exchange_code(code).set_pkce_verifier(verifier).request(&http).expect("tokens");
        let old: RefreshToken = first.refresh_token().expect("a refresh token").clone();
        let second = client.exchange_refresh_token(&old).request(&http).expect("tokens");
        let new = second.refresh_token().expect("a new one");
        assert_ne!(new.secret(), old.secret());
        assert!(refusal(client.exchange_refresh_token(&old).request(&http)).starts_with("invalid_grant"));
        let family = client.exchange_refresh_token(new).request(&http);
        assert!(refusal(family).starts_with("invalid_grant"), "the family is over");
    }

    #[test]
    fn a_device_waits_for_its_user_as_the_server_says() {
        let network = Network::new();
        let client = client("practice-device", None).set_auth_type(AuthType::RequestBody);
        let http = |it| network.send(it);
        let device: StandardDeviceAuthorizationResponse =
            client.exchange_device_code().add_scopes(scopes("profile")).request(&http).expect("a device code");
        assert_eq!(device.verification_uri().as_str(), format!("{ISSUER}/verify"));
        assert_eq!(device.interval(), Duration::from_secs(5));
        let page = device.verification_uri_complete().expect("a complete URI").secret().clone();
        let polls = RefCell::new(0);
        // It sleeps between two polls; the user approves while it does so for the second time.
        let sleep = |time| {
            *polls.borrow_mut() += 1;
            let mut pair = network.0.borrow_mut();
            pair.wait(time);
            if *polls.borrow() == 2 {
                pair.approve(&page);
            }
        };
        let asking = client.exchange_device_access_token(&device).set_time_fn(start);
        let tokens = asking.request(&http, sleep, None).expect("tokens");
        assert_eq!((*polls.borrow(), tokens.token_type()), (2, &BasicTokenType::Bearer));
    }

    #[test]
    fn a_user_who_denies_ends_the_waiting_of_a_device() {
        let network = Network::new();
        network.0.borrow_mut().decision = "deny";
        let client = client("practice-device", None).set_auth_type(AuthType::RequestBody);
        let http = |it| network.send(it);
        let device: StandardDeviceAuthorizationResponse =
            client.exchange_device_code().request(&http).expect("a device code");
        let page = device.verification_uri_complete().expect("a complete URI").secret().clone();
        network.0.borrow_mut().approve(&page);
        let sleep = |time| network.0.borrow_mut().wait(time);
        let answer = client.exchange_device_access_token(&device).set_time_fn(start).request(&http, sleep, None);
        assert!(refusal(answer).starts_with("access_denied"));
    }

    #[test]
    fn a_revoked_token_is_not_active_any_more() {
        for revokes_refresh_token in [false, true] {
            let network = Network::new();
            let client = web();
            let http = |it| network.send(it);
            let (code, verifier) = login(&network, &client, "profile offline_access");
            let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request(&http).expect("tokens");
            let asked = client.introspect(tokens.access_token()).request(&http).expect("an answer");
            assert!(asked.active());
            assert_eq!(asked.client_id().map(|id| id.as_str()), Some("practice-web"));
            assert_eq!(asked.sub(), Some("alice"));
            assert_eq!(asked.scopes(), Some(&scopes("profile offline_access")));
            assert_eq!(asked.exp().map(|exp| exp.timestamp() >= START.seconds() + 600), Some(true));
            let token: StandardRevocableToken = match tokens.refresh_token().filter(|_| revokes_refresh_token) {
                Some(refresh_token) => refresh_token.into(),
                None => tokens.access_token().into(),
            };
            client.revoke_token(token).expect("a secure URL").request(&http).expect("revoked");
            let asked = client.introspect(tokens.access_token()).request(&http).expect("an answer");
            assert!(!asked.active(), "{revokes_refresh_token}");
        }
    }

    #[test]
    fn refusals_are_read_as_what_they_are() {
        let network = Network::new();
        let http = |it| network.send(it);
        let stranger = client("practice-web", Some("wrong"));
        assert!(refusal(stranger.exchange_client_credentials().request(&http)).starts_with("invalid_client"));
        let scope = web().exchange_client_credentials().add_scopes(scopes("everything")).request(&http);
        assert!(refusal(scope).starts_with("invalid_scope"));
        let native = client("practice-native", None).set_auth_type(AuthType::RequestBody);
        let grant = native.exchange_client_credentials().request(&http);
        assert!(refusal(grant).starts_with("unauthorized_client"));
    }
}

/// OpenID Connect, by the crate `openidconnect`.
mod by_openidconnect {
    use oauth2::TokenResponse as _;
    use openidconnect::core::{
        CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm,
        CoreResponseType, CoreTokenResponse, CoreUserInfoClaims,
    };
    use openidconnect::{
        AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
        CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, PkceCodeChallenge,
        PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse as _,
    };

    use super::*;

    type Client =
        CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

    fn metadata(network: &Network) -> ProviderMetadataWithLogout {
        let issuer = IssuerUrl::new(ISSUER.to_owned()).expect("a URL");
        ProviderMetadataWithLogout::discover(&issuer, &|it| network.send(it)).expect("metadata and keys")
    }

    fn client(network: &Network) -> Client {
        let (id, secret) = (ClientId::new("practice-web".to_owned()), ClientSecret::new("practice-secret".to_owned()));
        CoreClient::from_provider_metadata(metadata(network), id, Some(secret))
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("a URL"))
    }

    /// A login to the end: the tokens, and the nonce that was sent.
    fn login(network: &Network, client: &Client) -> (CoreTokenResponse, Nonce) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in ["profile", "email"] {
            request = request.add_scope(Scope::new(scope.to_owned()));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let came = network.browse(&url, CALLBACK);
        assert_eq!(came.get("state"), Some(state.secret().as_str()));
        let code = AuthorizationCode::new(came.get("code").expect("a code").to_owned());
        let exchange = client.exchange_code(code).expect("a token endpoint").set_pkce_verifier(verifier);
        (exchange.request(&|it| network.send(it)).expect("tokens"), nonce)
    }

    fn verifier(client: &Client) -> CoreIdTokenVerifier<'_> {
        client.id_token_verifier().set_time_fn(start)
    }

    #[test]
    fn the_metadata_is_read_as_a_whole() {
        let metadata = metadata(&Network::new());
        assert_eq!(metadata.issuer().as_str(), ISSUER);
        assert_eq!(metadata.authorization_endpoint().as_str(), format!("{ISSUER}/authorize"));
        assert_eq!(metadata.jwks().keys().len(), 1);
        assert!(metadata.userinfo_endpoint().is_some());
        assert!(metadata.additional_metadata().end_session_endpoint.is_some());
        assert_eq!(metadata.id_token_signing_alg_values_supported(), &[CoreJwsSigningAlgorithm::EcdsaP256Sha256]);
    }

    #[test]
    fn an_issuer_of_another_name_is_not_taken() {
        let network = Network::new();
        let issuer = IssuerUrl::new("http://localhost:9400".to_owned()).expect("a URL");
        assert!(ProviderMetadataWithLogout::discover(&issuer, &|it| network.send(it)).is_err());
    }

    #[test]
    fn an_id_token_passes_every_check_of_theirs_with_every_signing_algorithm() {
        for alg in ["ES256", "RS256", "PS256", "EdDSA"] {
            let network = Network::signing(alg);
            let client = client(&network);
            let (tokens, nonce) = login(&network, &client);
            let verifier = verifier(&client);
            let id_token: &CoreIdToken = tokens.id_token().expect("an ID token");
            let claims = id_token.claims(&verifier, &nonce).unwrap_or_else(|error| panic!("{alg}: {error}"));
            assert_eq!((claims.subject().as_str(), claims.issuer().as_str()), ("alice", ISSUER));
            assert_eq!(claims.audiences().iter().map(|aud| aud.as_str()).collect::<Vec<_>>(), ["practice-web"]);
            assert_eq!(claims.auth_time().map(|at| at.timestamp()), Some(START.seconds()));
            let key = id_token.signing_key(&verifier).expect("a key");
            let made = AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg().expect("an alg"), key);
            assert_eq!(claims.access_token_hash(), Some(&made.expect("a hash")), "{alg}");
        }
    }

    #[test]
    fn what_does_not_belong_to_the_login_is_refused() {
        let network = Network::new();
        let client = client(&network);
        let (tokens, nonce) = login(&network, &client);
        let id_token = tokens.id_token().expect("an ID token");
        let other = Nonce::new("another".to_owned());
        let refused = id_token.claims(&verifier(&client), &other).expect_err("another login");
        assert!(matches!(refused, ClaimsVerificationError::InvalidNonce(_)), "{refused}");
        let later = || start() + Duration::from_secs(601);
        let refused = id_token.claims(&client.id_token_verifier().set_time_fn(later), &nonce).expect_err("late");
        assert!(matches!(refused, ClaimsVerificationError::Expired(_)), "{refused}");

        let stranger = self::client(&Network::signing("ES256"));
        let refused = id_token.claims(&verifier(&stranger), &nonce).expect_err("another server's keys");
        assert!(matches!(refused, ClaimsVerificationError::SignatureVerification(_)), "{refused}");
    }

    #[test]
    fn userinfo_is_of_the_user_of_the_id_token() {
        let network = Network::new();
        let client = client(&network);
        let (tokens, nonce) = login(&network, &client);
        let verifier = verifier(&client);
        let claims = tokens.id_token().expect("an ID token").claims(&verifier, &nonce).expect("valid");
        let subject = Some(claims.subject().clone());
        let asking = client.user_info(tokens.access_token().clone(), subject).expect("an endpoint");
        let userinfo: CoreUserInfoClaims = asking.request(&|it| network.send(it)).expect("claims");
        assert_eq!(userinfo.email().map(|email| email.as_str()), Some("alice@example.com"));
        assert_eq!(userinfo.email_verified(), Some(true));
        assert_eq!(userinfo.preferred_username().map(|name| name.as_str()), Some("alice"));
    }

    #[test]
    fn a_hybrid_response_is_verified_before_the_code_is_used() {
        let network = Network::new();
        let client = client(&network);
        let types = vec![CoreResponseType::Code, CoreResponseType::IdToken];
        let flow: AuthenticationFlow<CoreResponseType> = AuthenticationFlow::Hybrid(types);
        let (url, _, nonce) = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).url();
        let came = network.browse(&url, CALLBACK);
        let id_token: CoreIdToken = came.get("id_token").expect("an ID token").parse().expect("a JWT");
        let verifier = verifier(&client);
        let claims = id_token.claims(&verifier, &nonce).expect("valid");
        let code = AuthorizationCode::new(came.get("code").expect("a code").to_owned());
        let (alg, key) = (id_token.signing_alg().expect("an alg"), id_token.signing_key(&verifier).expect("a key"));
        let made = openidconnect::AuthorizationCodeHash::from_code(&code, alg, key).expect("a hash");
        assert_eq!(claims.code_hash(), Some(&made));
    }

    #[test]
    fn a_refreshed_id_token_is_of_the_same_user() {
        let network = Network::new();
        let client = client(&network);
        let (challenge, verifier_of_code) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let request = request.add_scope(Scope::new("offline_access".to_owned())).set_pkce_challenge(challenge);
        let came = network.browse(&request.url().0, CALLBACK);
        let code = AuthorizationCode::new(came.get("code").expect("a code").to_owned());
        let http = |it| network.send(it);
        let exchange = client.exchange_code(code).expect("an endpoint").set_pkce_verifier(verifier_of_code);
        let first = exchange.request(&http).expect("tokens");
        let refresh = client.exchange_refresh_token(first.refresh_token().expect("a refresh token"));
        let second = refresh.expect("an endpoint").request(&http).expect("tokens");
        // A refreshed ID token has no nonce, or the first one (OIDC Core section 12.2).
        let verifier = verifier(&client);
        let claims = second.id_token().expect("an ID token").claims(&verifier, |_: Option<&Nonce>| Ok(()));
        assert_eq!(claims.expect("valid").subject().as_str(), "alice");
    }

    #[test]
    fn their_logout_url_signs_out_and_comes_back() {
        const SIGNED_OUT: &str = "http://127.0.0.1:8912/signed-out";

        let network = Network::new();
        let client = client(&network);
        let (tokens, _) = login(&network, &client);
        let endpoint = metadata(&network).additional_metadata().end_session_endpoint.clone().expect("an endpoint");
        let state = CsrfToken::new("a state".to_owned());
        let url = LogoutRequest::from(endpoint)
            .set_id_token_hint(tokens.id_token().expect("an ID token"))
            .set_client_id(ClientId::new("practice-web".to_owned()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(SIGNED_OUT.to_owned()).expect("a URL"))
            .set_state(state)
            .http_get_url();
        assert_eq!(network.browse(&url, SIGNED_OUT).get("state"), Some("a state"));
    }
}
