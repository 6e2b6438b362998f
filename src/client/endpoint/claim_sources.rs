//! Claims that another vouches for (OIDC Core section 5.6.2): aggregated ones come in a JWT within the document,
//! distributed ones are fetched from where they are, with the access token that stands beside the address.

use std::collections::HashSet;

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::{counted, visible};
use crate::base::web_url::web_url;
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::endpoint::resource;
use crate::client::renewal;
use crate::client::rules::claim_sources as rule;
use crate::client::rules::resource::STATUS;
use crate::client::seal::{Carrier, Draft, Seal};
use crate::client::server_signature;
use crate::jose::jwk::JwkSet;
use crate::jose::jwt::{Decoded, Form, decode};

/// Most sources of a document that are looked at: each may have a signature to verify.
const MOST: usize = 20;

/// What the claims of a source are held against. `None` means "not known".
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// The server of this run, which is the only one whose keys are known.
    pub issuer: Option<&'a str>,
    /// Its keys.
    pub jwks: Option<&'a JwkSet>,
    /// The user at this server.
    pub sub: Option<&'a str>,
}

impl Expected<'_> {
    /// Whether the server of this run vouches for these claims.
    pub fn is_own(&self, token: &Decoded) -> bool {
        let iss = token.claim("iss").and_then(Json::as_str);
        iss.is_some() && iss == self.issuer
    }
}

/// A source whose claims have to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distributed {
    /// Its name in `_claim_sources`.
    pub name: String,
    /// What `_claim_names` sends there.
    pub claims: Vec<String>,
    /// Where the claims are.
    pub endpoint: Url,
    /// What opens it, where the server sent that along.
    pub access_token: Option<Secret>,
}

impl Distributed {
    /// Why nothing is sent there: a token and personal data in plain sight.
    pub fn is_unprotected(&self) -> bool {
        self.endpoint.scheme() != "https" && !is_loopback(&self.endpoint)
    }

    /// Whether this request, as it left, asks it.
    pub fn is_asked_by(&self, sent: &HttpRequest) -> bool {
        let bearer = sent.headers.get("authorization").and_then(|field| field.split_once(' ')).map(|(_, token)| token);
        sent.url == self.endpoint && bearer == self.access_token.as_ref().map(Secret::expose)
    }
}

/// Each source of a document and the claims that are there.
fn sources(document: &Json) -> impl Iterator<Item = (&str, &Json, Vec<&str>)> {
    let names = document.get("_claim_names").map(Json::members).unwrap_or_default();
    let sources = document.get("_claim_sources").map(Json::members).unwrap_or_default();
    sources.iter().take(MOST).map(|(name, source)| {
        let sent_there = names.iter().filter(|(_, to)| to.strings().contains(&name.as_str()));
        (name.as_str(), source, sent_there.map(|(claim, _)| claim.as_str()).collect())
    })
}

/// The sources whose claims have to be fetched.
pub fn distributed(document: &Json) -> Vec<Distributed> {
    let read = |(name, source, claims): (&str, &Json, Vec<&str>)| {
        Some(Distributed {
            name: name.to_owned(),
            claims: claims.into_iter().map(str::to_owned).collect(),
            endpoint: source
                .text("endpoint")
                .filter(|_| source.get("JWT").is_none())
                .and_then(|it| web_url(it).ok())?,
            access_token: source.text("access_token").map(Secret::new),
        })
    };
    sources(document).filter_map(read).collect()
}

/// What the JWTs in a document say of the claims that `_claim_names` sends there: each source with names and values.
/// Nothing of it is verified.
pub fn aggregated(document: &Json) -> Vec<(String, Vec<(String, Json)>)> {
    let read = |(name, source, wanted): (&str, &Json, Vec<&str>)| {
        let said = decode(source.text("JWT")?).claims?;
        let of_wanted = said.members().iter().filter(|(claim, _)| wanted.contains(&claim.as_str()));
        Some((name.to_owned(), of_wanted.cloned().collect()))
    };
    sources(document).filter_map(read).collect()
}

/// The JWTs in a document that the server of the run vouches for.
pub fn vouched(document: &Json, expected: Expected<'_>) -> Vec<Decoded> {
    let tokens = sources(document).filter_map(|(_, source, _)| source.text("JWT").map(decode));
    tokens.filter(|token| expected.is_own(token)).collect()
}

/// Rules for the sources of a document; none where all claims are in it.
pub fn judge(document: &Json, expected: Expected<'_>) -> Vec<Check> {
    let is_there = |name| document.get(name).is_some();
    if !is_there("_claim_names") && !is_there("_claim_sources") {
        return Vec::new();
    }
    let mut checks = vec![names(document), source(document)];
    checks.extend(elsewhere(document));
    checks.extend(other_user(document));
    for (name, source, claims) in sources(document) {
        if let Some(token) = source.get("JWT") {
            let token = decode(token.as_str().unwrap_or_default());
            checks.extend(of_token(name, &token, &claims, expected));
            checks.extend(token.claims.is_some().then(|| contained(name, &token, &claims, true)));
        }
    }
    checks
}

/// Names that lead nowhere. One name may have several sources.
fn names(document: &Json) -> Check {
    let sources = document.get("_claim_sources").map(Json::members).unwrap_or_default();
    let known: HashSet<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
    let names = document.get("_claim_names").map(Json::members).unwrap_or_default();
    let wrong = names.iter().filter_map(|(claim, to)| match to.strings().as_slice() {
        [] => Some(format!("{claim} is {}, no name of a source", to.a_kind())),
        to => {
            let missing = to.iter().find(|name| !known.contains(*name))?;
            Some(format!("{claim} refers to {missing}, which is not there"))
        }
    });
    let wrong: Vec<String> = wrong.take(MOST).collect();
    match wrong.is_empty() {
        true => rule::NAMES.pass(format!("{} of claims", names.len())),
        false => rule::NAMES.broken("members of _claim_sources", visible(&wrong.join("; "))),
    }
}

/// A source with both is one whose claims are here.
fn source(document: &Json) -> Check {
    let wrong = sources(document).filter_map(|(name, source, _)| {
        let wrong = match (source.get("JWT"), source.get("endpoint").map(|endpoint| endpoint.as_str().map(web_url))) {
            (Some(_), _) | (None, Some(Some(Ok(_)))) => return None,
            (None, Some(Some(Err(why)))) => format!("has an endpoint that cannot be used: {why}"),
            (None, Some(None)) => "has an endpoint that is no text".to_owned(),
            (None, None) => "has neither".to_owned(),
        };
        Some(format!("{name} {wrong}"))
    });
    let wrong: Vec<String> = wrong.collect();
    match wrong.is_empty() {
        true => rule::SOURCE.pass(counted(sources(document).count(), "source", "sources")),
        false => rule::SOURCE.broken("a JWT or an endpoint", visible(&wrong.join("; "))),
    }
}

fn elsewhere(document: &Json) -> Option<Check> {
    let names: Vec<String> = distributed(document).into_iter().map(|source| source.name).collect();
    (!names.is_empty())
        .then(|| rule::ELSEWHERE.note(format!("more are at the endpoint of {}", visible(&names.join(", ")))))
}

/// The rules of a JWT that came from a source: what it is and who vouches for it.
fn of_token(name: &str, token: &Decoded, claims: &[&str], expected: Expected<'_>) -> Vec<Check> {
    let name = visible(name);
    match token.form {
        Form::Jwe => vec![
            rule::JWT.pass(format!("{name}: an encrypted JWT")),
            rule::CONTAINED.skipped(format!("not judged: the JWT of {name} is encrypted")),
        ],
        Form::Jws | Form::UnsecuredJws if token.claims.is_some() => vec![
            rule::JWT.pass(format!("{name}: {}", visible(&claims.join(", ")))),
            iss(&name, token),
            signature(&name, token, expected),
            sub(&name, token, expected),
        ],
        _ => vec![rule::JWT.broken("a JWT", format!("{name}: no JWT whose claims can be read"))],
    }
}

/// Of an aggregated source all of them have to come; of a distributed one it is no error that some do not.
fn contained(name: &str, token: &Decoded, claims: &[&str], is_aggregated: bool) -> Check {
    let name = visible(name);
    let missing: Vec<&str> = claims.iter().filter(|claim| token.claim(claim).is_none()).copied().collect();
    let said = visible(&missing.join(", ")).into_owned();
    match (missing.is_empty(), is_aggregated) {
        (true, _) => rule::CONTAINED.pass(format!("{name}: {}", visible(&claims.join(", ")))),
        (false, true) => rule::CONTAINED.broken(visible(&claims.join(", ")), format!("{name} has no {said}")),
        (false, false) => rule::CONTAINED.note(format!("{name} did not bring {said}, which is no error")),
    }
}

fn iss(name: &str, token: &Decoded) -> Check {
    match token.claim("iss").and_then(Json::as_str) {
        Some(iss) => rule::ISS.pass(format!("{name}: {}", visible(iss))),
        None => rule::ISS.broken("who vouches for the claims", format!("{name} has no iss")),
    }
}

/// The only keys that are known are those of the server of this run.
fn signature(name: &str, token: &Decoded, expected: Expected<'_>) -> Check {
    let iss = token.claim("iss").and_then(Json::as_str);
    match (iss, expected.issuer) {
        _ if token.form == Form::UnsecuredJws => {
            rule::SIGNATURE.warn("a signature", format!("{name} is not signed: nobody vouches for its claims"))
        }
        (None, _) => rule::SIGNATURE.skipped(format!("not judged: {name} does not say whose key it is signed with")),
        (Some(iss), Some(issuer)) if iss == issuer => {
            if renewal::names_unknown_key(token, expected.jwks) {
                return rule::SIGNATURE.skipped(format!("not judged: the key that {name} names is not known"));
            }
            server_signature::judge(&rule::SIGNATURE, token, None, expected.jwks)
        }
        (Some(iss), _) => rule::SIGNATURE.skipped(format!("not judged: key of {} is not known", visible(iss))),
    }
}

/// That another server has the same `sub` may be chance, so it is no more than noted.
fn sub(name: &str, token: &Decoded, expected: Expected<'_>) -> Check {
    match token.claim("sub").and_then(Json::as_str) {
        None => rule::SUB.pass(format!("{name} has none")),
        Some(sub) if Some(sub) == expected.sub && !expected.is_own(token) => {
            rule::SUB.note(format!("{name} has {}, the sub at this server", visible(sub)))
        }
        Some(sub) if expected.is_own(token) && expected.sub.is_some_and(|user| user != sub) => {
            let user = expected.sub.unwrap_or_default();
            rule::SUB.broken(format!("no sub, or {}", visible(user)), format!("{name} has {}", visible(sub)))
        }
        Some(sub) => rule::SUB.pass(format!("{name}: {}", visible(sub))),
    }
}

/// Who the user is at this server is said by this server alone: every other claim is looked up by it.
fn other_user(document: &Json) -> Option<Check> {
    let to = document.get("_claim_names")?.get("sub")?;
    Some(
        rule::SUB
            .broken("sub of the document itself", format!("_claim_names sends sub to {}", visible(&to.to_string()))),
    )
}

/// Asks a source for its claims (RFC 6750 section 2.1). Without a token of its own it is asked without one: that of the
/// login is for somebody else.
pub fn request(source: &Distributed) -> Draft {
    let draft = Draft::of(HttpRequest::get(source.endpoint.clone()).with_header("Accept", "application/jwt"));
    match &source.access_token {
        Some(token) => draft.sealed_with(Seal::AccessToken { token: token.clone(), carrier: Carrier::Header }),
        None => draft,
    }
}

/// Reads the claims that came from a source.
pub fn accept(response: &HttpResponse, source: Option<&Distributed>, expected: Expected<'_>) -> Accepted<Json> {
    if !response.is_success() {
        return resource::refused(response);
    }
    let token = decode(response.text().trim());
    let name = source.map_or("the source", |source| source.name.as_str());
    let claims: Vec<&str> = source.into_iter().flat_map(|source| source.claims.iter().map(String::as_str)).collect();
    let mut checks = vec![STATUS.pass(status(response))];
    checks.extend(of_token(name, &token, &claims, expected));
    checks.extend(token.claims.is_some().then(|| contained(name, &token, &claims, false)));
    // Whatever came, the run may go on: a client does without what it cannot use.
    Accepted { outcome: Outcome::Success(token.claims.unwrap_or(Json::Null)), checks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::seal::left;
    use crate::client::settings::Settings;

    #[test]
    fn a_source_is_asked_with_its_own_token_or_with_none_and_never_in_the_open() {
        let source = |endpoint: &str, access_token: Option<&str>| Distributed {
            name: "b".to_owned(),
            claims: Vec::new(),
            endpoint: endpoint.parse().expect("a URL"),
            access_token: access_token.map(Into::into),
        };
        let [own, bare] = [Some("t0k3n"), None].map(|token| source("https://claims.example/c", token));
        let [with_own, without] = [&own, &bare].map(|source| left(&request(source), &Settings::default()));
        assert_eq!(with_own.headers.get("authorization"), Some("Bearer t0k3n"));
        assert_eq!(without.headers.get("authorization"), None);
        assert!(own.is_asked_by(&with_own) && bare.is_asked_by(&without) && !bare.is_asked_by(&with_own));
        assert!(!format!("{own:?}").contains("t0k3n"));
        for (endpoint, is_open) in
            [("https://claims.example/", false), ("http://127.0.0.1:1/", false), ("http://claims.example/", true)]
        {
            assert_eq!(source(endpoint, None).is_unprotected(), is_open, "{endpoint}");
        }
    }
}
