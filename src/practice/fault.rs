//! Faults that can be switched on, so that a client's checks have something to notice. Each breaks one place.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::base::text;

/// Declares the faults: `Name = "name", what it does, "the rule that must notice it";`, with no rule where only those
/// notice it who should be kept out.
macro_rules! faults {
    ($($fault:ident $(($kind:ty = $usual:expr))? = $name:literal, $about:literal, $rule:literal;)+) => {
        /// Something that the server does wrong as long as it is wanted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $(#[doc = $about] $fault $(($kind))?,)+
        }

        impl Fault {
            /// All of them, with the usual parameter where there is one.
            pub const ALL: &'static [Self] = &[$(Self::$fault $(($usual))?),+];

            /// Its name where it is switched: `wrong_iss`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$fault { .. } => $name,)+ }
            }

            /// What it does, in one line.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$fault { .. } => $about,)+ }
            }

            /// The id of the rule that must notice it; none where an honest client meets nothing of it, because the server
            /// lets others in.
            pub const fn rule(self) -> Option<&'static str> {
                let rule = match self { $(Self::$fault { .. } => $rule,)+ };
                if rule.is_empty() { None } else { Some(rule) }
            }
        }
    };
}

faults! {
    WrongIss = "wrong_iss", "ID token names another issuer", "id_token.iss";
    WrongAud = "wrong_aud", "ID token is for another client", "id_token.aud";
    WrongNonce = "wrong_nonce", "nonce of another login", "id_token.nonce";
    AnotherUser = "another_user", "tokens are of another user than claims or id_token_hint names", "id_token.asked_sub";
    ExpiredIdToken = "expired_id_token", "exp lies an hour back", "id_token.exp";
    StaleIdToken = "stale_id_token", "iat lies an hour back", "id_token.age";
    OldLogin = "old_login", "auth_time lies an hour back, whatever prompt and max_age ask for", "id_token.login_anew";
    BadSignature = "bad_signature", "one bit of the signature turned", "id_token.signature";
    UnknownKid = "unknown_kid", "kid that is in no key set", "id_token.kid";
    WrongAtHash = "wrong_at_hash", "at_hash of another access token", "id_token.at_hash";
    WrongCHash = "wrong_c_hash", "c_hash of another code", "id_token.c_hash";
    WrongSHash = "wrong_s_hash", "s_hash of another state", "id_token.s_hash";
    MissingIdToken = "missing_id_token", "no ID token although openid was asked", "token.id_token";
    MissingState = "missing_state", "response without state", "authorization_response.state";
    ForeignState = "foreign_state", "state of another login", "authorization_response.state";
    MissingIss = "missing_iss", "response without iss", "authorization_response.iss";
    ForeignIss = "foreign_iss", "iss of another server in the response", "authorization_response.iss";
    CodeForNone = "code_for_none", "a code although response_type none asks for nothing", "authorization_response.nothing";
    HtmlAnswer = "html_answer", "a page instead of JSON from the token endpoint", "token.content_type";
    NoRotation = "no_rotation", "refresh token of a public client stays the same", "token.rotation";
    CachedTokens = "cached_tokens", "token response without no-store", "token.cache_control";
    WrongUser = "wrong_user", "UserInfo tells of another user", "userinfo.sub";
    MissingClaimSource = "missing_claim_source", "UserInfo refers to a source of claims that is not there", "claims.names";
    ClaimsLeftOut = "claims_left_out", "the JWT of a source lacks the claims it is there for", "claims.contained";
    ForgedClaims = "forged_claims", "one bit of the signature of aggregated and distributed claims turned", "claims.signature";
    PlainClaims = "plain_claims", "distributed claims come as JSON", "claims.jwt";
    WrongIssuer = "wrong_issuer", "metadata names another issuer", "metadata.issuer";
    SignedOtherwise = "signed_otherwise", "signed metadata name another token endpoint", "metadata.signed_values";
    ForgedMetadata = "forged_metadata", "signed metadata with a signature that does not fit", "metadata.signature";
    UnattestedMetadata = "unattested_metadata", "signed metadata without iss", "metadata.signed_by";
    AlgNone = "alg_none", "ID token without a signature, alg none", "id_token.alg";
    PublicKeyAsSecret = "public_key_as_secret", "ID token signed HS256 with the public key as secret", "id_token.signature";
    UnboundToken = "unbound_token", "token of type DPoP or for a certificate without cnf", "dpop.bound";
    WrongJkt = "wrong_jkt", "cnf.jkt of another key", "dpop.bound";
    IgnoredProof = "ignored_proof", "DPoP proof ignored, token of type Bearer", "dpop.token_type";
    EndlessNonce = "endless_nonce", "DPoP nonce asked for again and again", "dpop.nonce_taken";
    MissingNonce = "missing_nonce", "use_dpop_nonce without a nonce", "dpop.nonce_challenge";
    LaxBinding = "lax_binding", "bound tokens taken without their key or certificate", "dpop.enforced";
    AnyKey = "any_key", "bound tokens taken with a proof by any key", "dpop.key_enforced";
    ReplayableProof = "replayable_proof", "a DPoP proof works as often as it comes", "dpop.replay";
    EndlessStepUp = "endless_step_up", "API /api/pay asks for a login that it has been given", "step_up.unmet";
    WrongResource = "wrong_resource", "metadata of the API name another resource", "prm.resource";
    ApiSignedOtherwise = "api_signed_otherwise", "signed metadata of the API name another server", "prm.signed_values";
    ApiForgedMetadata = "api_forged_metadata", "signed metadata of the API with a signature that does not fit", "prm.signature";
    ApiUnattestedMetadata = "api_unattested_metadata", "signed metadata of the API without iss", "prm.signed_by";
    NoChallenge = "no_challenge", "API /mcp answers 401 without WWW-Authenticate", "resource.challenge";
    NoServers = "no_servers", "metadata of /mcp name no authorization server", "mcp.servers";
    ForeignServer = "foreign_server", "metadata of /mcp name another authorization server", "mcp.credentials";
    PkceUnannounced = "pkce_unannounced", "metadata do not announce PKCE", "mcp.pkce";
    EndlessScope = "endless_scope", "API /mcp wants a scope that the token has", "mcp.granted";
    PkceOptional = "pkce_optional", "public clients may leave PKCE out", "";
    ReusableCode = "reusable_code", "a code works as often as it comes", "";
    PrefixRedirect = "prefix_redirect", "redirect URIs are compared by their beginning", "";
    LaxApi = "lax_api", "the API takes whatever token is signed here", "";
    AnySubject = "any_subject", "a workload is taken for another one of the same issuer", "";
    ParStatus = "par_status", "a pushed request is answered with 200", "par.status";
    ParExpiresIn = "par_expires_in", "the lifetime of a pushed request is a text", "par.expires_in";
    GuessableRequestUri = "guessable_request_uri", "pushed requests are numbered", "par.entropy";
    ReusableRequestUri = "reusable_request_uri", "a pushed request works as often as it comes", "par.single_use";
    IgnoredRequestUri = "ignored_request_uri", "what stands beside a request_uri counts, and nothing is fetched", "jar.fetched";
    PushedOptional = "pushed_optional", "pushed requests are demanded, and others taken too", "par.ignored";
    JarmWrongIss = "jarm_wrong_iss", "a signed response names another issuer", "jarm.iss";
    JarmWrongAud = "jarm_wrong_aud", "a signed response is for another client", "jarm.aud";
    JarmExpired = "jarm_expired", "a signed response is over when it comes", "jarm.exp";
    JarmLong = "jarm_long", "a signed response is good for an hour", "jarm.lifetime";
    JarmBadSignature = "jarm_bad_signature", "one bit of the signature of a response turned", "jarm.signature";
    JarmPlain = "jarm_plain", "a plain response where a signed one was asked for", "jarm.asked";
    LogoutTyp = "logout_typ", "a logout token says that it is a plain JWT", "blo.typ";
    LogoutWrongIss = "logout_wrong_iss", "a logout token names another issuer", "blo.iss";
    LogoutWrongAud = "logout_wrong_aud", "a logout token is for another client", "blo.aud";
    LogoutExpired = "logout_expired", "a logout token is over when it comes", "blo.exp";
    LogoutWithoutEvents = "logout_without_events", "a logout token has no events", "blo.events";
    LogoutWithNonce = "logout_with_nonce", "a logout token has a nonce", "blo.nonce";
    LogoutOfNobody = "logout_of_nobody", "a logout token has neither sub nor sid", "blo.subject";
    LogoutBadSignature = "logout_bad_signature", "one bit of the signature of a logout token turned", "blo.signature";
    FrontchannelWrongIss = "frontchannel_wrong_iss", "the frame of a logout names another issuer", "flo.iss";
    FrontchannelWrongSid = "frontchannel_wrong_sid", "the frame of a logout names another session", "flo.sid";
    FrontchannelWithoutSid = "frontchannel_without_sid", "the frame of a logout has iss and no sid", "flo.pair";
    PushWrongRequest = "push_wrong_request", "a pushed ID token names another auth_req_id", "backchannel_push.auth_req_id_claim";
    PushWrongRtHash = "push_wrong_rt_hash", "a pushed ID token has the hash of another refresh token", "backchannel_push.rt_hash";
    RegistrationStatus = "registration_status", "a registration is answered with 200", "dcr.status";
    SecretWithoutExpiry = "secret_without_expiry", "a registered secret comes without client_secret_expires_at", "dcr.expiry";
    ChangedMethod = "changed_method", "another way to authenticate is registered than was asked for", "dcr.effective";
    ChangedClientId = "changed_client_id", "a registration that is changed comes back with another client_id", "dcr.same_client";
    LivingRegistration = "living_registration", "a deleted registration can still be read", "dcr.dead";
    JwePlain = "jwe_plain", "what is to be encrypted is sent signed only", "id_token.encrypted";
    JweAnotherKey = "jwe_another_key", "what is encrypted is encrypted to another key", "encryption.key";
    JweUnsigned = "jwe_unsigned", "what is encrypted is not signed inside", "id_token.format";
    RarNotReturned = "rar_not_returned", "authorization_details are granted and not returned", "rar.returned";
    WidenedDetails = "widened_details", "more is granted in authorization_details than was asked for", "rar.as_asked";
    IgnoredResource = "ignored_resource", "resource ignored, a token for the server's own API instead", "token.resource";
    IntrospectsAnother = "introspects_another", "introspection names another client", "introspection.token";
    JagTyp = "jag_typ", "an ID-JAG says that it is a plain JWT", "id_jag.typ";
    JagWrongAud = "jag_wrong_aud", "an ID-JAG is for another server", "id_jag.aud";
    JagWrongClient = "jag_wrong_client", "an ID-JAG is for another client", "id_jag.client_id";
    JagExpired = "jag_expired", "an ID-JAG is over when it comes", "id_jag.exp";
    JagResource = "jag_resource", "an ID-JAG is for another API", "id_jag.resource";
    JagScope = "jag_scope", "an ID-JAG allows more than was asked", "id_jag.scope";
    JagUnbound = "jag_unbound", "an ID-JAG is bound to no key, though one was proven", "id_jag.cnf";
    JagBearer = "jag_bearer", "an ID-JAG comes as an access token, of type Bearer", "exchange.token_type";
    SlowAnswer(Duration = Duration::from_secs(8)) = "slow_answer", "the token endpoint takes its time", "answer.slow";
    WrongContentType = "wrong_content_type", "JSON that says it is text/html", "token.content_type";
    Status(u16 = 503) = "status", "an answer with this status and nothing else", "";
    Error(&'static str = "server_error") = "error", "an answer with this error of the specifications", "";
    CutConnection = "cut_connection", "the connection ends before an answer", "";
}

/// Errors that can be asked for, and where they are told when no endpoint is named (RFC 6749 sections 4.1.2.1 and 5.2,
/// OIDC Core section 3.1.2.6, RFC 8628 section 3.5, RFC 6750 section 3.1, RFC 8707, RFC 9449).
const ERRORS: [(&str, &str); 22] = [
    ("server_error", "/token"),
    ("access_denied", "/authorize"),
    ("temporarily_unavailable", "/authorize"),
    ("login_required", "/authorize"),
    ("consent_required", "/authorize"),
    ("interaction_required", "/authorize"),
    ("account_selection_required", "/authorize"),
    ("unsupported_response_type", "/authorize"),
    ("invalid_request", "/token"),
    ("invalid_client", "/token"),
    ("invalid_grant", "/token"),
    ("invalid_scope", "/token"),
    ("invalid_target", "/token"),
    ("unauthorized_client", "/token"),
    ("unsupported_grant_type", "/token"),
    ("authorization_pending", "/token"),
    ("slow_down", "/token"),
    ("expired_token", "/token"),
    ("use_dpop_nonce", "/token"),
    ("unsupported_token_type", "/revoke"),
    ("invalid_token", "/userinfo"),
    ("insufficient_scope", "/userinfo"),
];

/// In the place of this server's own.
pub const ANOTHER_ISSUER: &str = "https://another-issuer.example";
/// In the place of the client's `state` or `nonce`.
pub const OF_ANOTHER_LOGIN: &str = "of-another-login-ahNgbEMx3rqK";

/// An hour at most, as [`duration`] reads it.
const MILLISECONDS_OR_SECONDS: &str =
    "(=(([0-2]?[0-9]{1,6}|3[0-5][0-9]{5}|3600000)ms|([0-2]?[0-9]{1,3}|3[0-5][0-9]{2}|3600)s?))?";

/// Why a text names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is none of this name.
    #[error("there is no fault of this name: {0}; {instead}", instead = meant_or_all(.0))]
    Unknown(String),
    /// It takes no parameter.
    #[error("{0} takes no parameter")]
    Superfluous(&'static str),
    /// Its parameter is none that it takes.
    #[error("{0} takes {1}, not: {2}")]
    Parameter(&'static str, String, String),
    /// Its parameter cannot be read.
    #[error("{0} takes a time such as 500ms or 8s, not: {1}")]
    Duration(&'static str, String),
}

fn meant_or_all(typed: &str) -> String {
    text::meant_or_all(Fault::ALL.iter().map(|fault| fault.name()), typed)
}

impl Fault {
    /// Its parameter, where it takes a time.
    pub const fn parameter(self) -> Option<Duration> {
        match self {
            Self::SlowAnswer(time) => Some(time),
            _ => None,
        }
    }

    /// Where it changes answers when no endpoint is named; `None` is everywhere.
    pub fn usual_endpoint(self) -> Option<&'static str> {
        match self {
            Self::SlowAnswer(_) | Self::HtmlAnswer | Self::WrongContentType => Some("/token"),
            Self::Error(code) => ERRORS.iter().find(|(known, _)| *known == code).map(|(_, endpoint)| *endpoint),
            _ => None,
        }
    }

    /// Whether it is one of a whole answer, as a server makes it that is overloaded or in trouble, so that no rule of a
    /// message notices it.
    pub const fn is_outage(self) -> bool {
        matches!(self, Self::Status(_) | Self::Error(_) | Self::CutConnection)
    }

    fn takes(self, what: String, given: &str) -> FaultError {
        FaultError::Parameter(self.name(), what, given.to_owned())
    }

    fn with(self, parameter: &str) -> Result<Self, FaultError> {
        match self {
            Self::SlowAnswer(_) => duration(parameter)
                .map(Self::SlowAnswer)
                .ok_or_else(|| FaultError::Duration(self.name(), parameter.to_owned())),
            Self::Status(_) => {
                let status = parameter.parse().ok().filter(|status| (200..=599).contains(status));
                status.map(Self::Status).ok_or_else(|| self.takes("a status from 200 to 599".to_owned(), parameter))
            }
            Self::Error(_) => {
                let known = ERRORS.iter().find(|(code, _)| *code == parameter);
                let one = || ERRORS.map(|(code, _)| code).join(", ");
                known.map(|(code, _)| Self::Error(code)).ok_or_else(|| self.takes(one(), parameter))
            }
            _ => Err(FaultError::Superfluous(self.name())),
        }
    }
}

/// `500ms`, `8s`, or a number of seconds; an hour at most.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or(text), 1000),
    };
    let time = Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(unit)?);
    Some(time).filter(|time| *time <= Duration::from_secs(3600))
}

impl Fault {
    /// What is read as a fault, as a regular expression (ECMA-262).
    pub fn pattern() -> String {
        let parameter = |fault: &Self| match fault {
            Self::SlowAnswer(_) => MILLISECONDS_OR_SECONDS.to_owned(),
            Self::Status(_) => "(=[2-5][0-9][0-9])?".to_owned(),
            Self::Error(_) => format!("(=({}))?", ERRORS.map(|(code, _)| code).join("|")),
            _ => String::new(),
        };
        let each: Vec<_> = Self::ALL.iter().map(|fault| format!("{}{}", fault.name(), parameter(fault))).collect();
        format!("({})", each.join("|"))
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    /// `wrong_iss`, `slow_answer=500ms`
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, parameter) = match text.split_once('=') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (text, None),
        };
        let known = Self::ALL.iter().find(|fault| fault.name() == name.trim());
        let fault = *known.ok_or_else(|| FaultError::Unknown(name.to_owned()))?;
        parameter.map_or(Ok(fault), |parameter| fault.with(parameter.trim()))
    }
}

impl fmt::Display for Fault {
    /// As [`FromStr`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SlowAnswer(time) => write!(f, "{}={}ms", self.name(), time.as_millis()),
            Self::Status(status) => write!(f, "{}={status}", self.name()),
            Self::Error(code) => write!(f, "{}={code}", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn pattern() -> Regex {
        Regex::new(&format!("^{}$", Fault::pattern())).expect("a pattern")
    }

    #[test]
    fn a_fault_is_read_with_its_parameter_and_written_as_it_is_read() {
        let slow = |millis| Ok(Fault::SlowAnswer(Duration::from_millis(millis)));
        for (text, expected) in [
            ("wrong_iss", Ok(Fault::WrongIss)),
            ("slow_answer", slow(8000)),
            ("slow_answer=500ms", slow(500)),
            ("slow_answer=2s", slow(2000)),
            ("slow_answer=3", slow(3000)),
            ("status=429", Ok(Fault::Status(429))),
            ("error=slow_down", Ok(Fault::Error("slow_down"))),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
            assert!(pattern().is_match(text), "{text}");
        }
        let pattern = pattern();
        for fault in Fault::ALL {
            assert_eq!(fault.to_string().parse(), Ok(*fault));
            assert!(pattern.is_match(&fault.to_string()) && pattern.is_match(fault.name()), "{fault}");
        }
    }

    #[test]
    fn what_is_no_fault_is_told_with_those_there_are() {
        for (text, says) in [
            ("nonsense", "wrong_iss, wrong_aud"),
            ("wrong_iss=1s", "wrong_iss takes no parameter"),
            ("slow_answer=soon", "not: soon"),
            ("status=99", "a status from 200 to 599, not: 99"),
            ("status=teapot", "not: teapot"),
            ("error=nonsense", "invalid_grant"),
            ("slow_answer=-1s", "not: -1s"),
            ("slow_answer=2days", "not: 2days"),
            ("slow_answer=4000s", "not: 4000s"),
            ("slow_answer=99999999999999999999", "not: 999"),
        ] {
            assert!(!pattern().is_match(text), "{text}");
            let error = text.parse::<Fault>().expect_err(text).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
