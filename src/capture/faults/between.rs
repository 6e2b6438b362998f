//! What a provider refuses because of the recorder: an app signs for the address that it was given, and nobody but the app
//! can sign that anew.

use super::Case;
use crate::base::json::Json;
use crate::capture::exchange::Seen;
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::names::Names;
use crate::capture::rules;
use crate::jose::jwt::decode;

/// What names an address in a request: where it stands, what it is, its claim, and the errors that it is refused with.
const SIGNED: [Signed; 4] = [
    Signed {
        place: "request.header.dpop",
        what: "DPoP proof",
        claim: "htu",
        errors: &["invalid_dpop_proof", "invalid_token"],
    },
    Signed {
        place: "request.form.client_assertion",
        what: "client assertion",
        claim: "aud",
        errors: &["invalid_client", "unauthorized_client", "invalid_grant"],
    },
    Signed { place: "request.form.assertion", what: "assertion", claim: "aud", errors: &["invalid_grant"] },
    Signed {
        place: "request.form.request",
        what: "request object",
        claim: "aud",
        errors: &["invalid_request_object", "invalid_request_uri"],
    },
];

struct Signed {
    place: &'static str,
    what: &'static str,
    claim: &'static str,
    errors: &'static [&'static str],
}

/// A request of the login that is refused for the recorder's address in it.
pub(super) fn named(case: &Case<'_>) -> Option<Found> {
    let names = case.recorder.names.as_ref()?;
    let mut entries = case.login.stages.iter().flat_map(|stage| stage.entries.iter().map(move |at| (stage.name, *at)));
    entries.find_map(|(stage, at)| {
        let (error, description) = refusal(case, stage, at)?;
        let signed = SIGNED.iter().find_map(|signed| signed.refused(case, names, (stage, at), (&error, &description)));
        signed.or_else(|| told(case, names, (stage, at), (&error, &description)))
    })
}

/// The provider itself says the recorder's address of something that is not seen: a request object that it fetched.
fn told(
    case: &Case<'_>,
    names: &Names,
    (stage, at): (StageName, usize),
    (error, description): (&str, &str),
) -> Option<Found> {
    if !description.contains(names.ours()) {
        return None;
    }
    let say = format!(
        "The provider refused the request with {error}: {description}. That is the recorder's address, which \
                       the app was given: the app is not at fault"
    );
    let evidence = vec![Evidence::saying(at, "response", error)];
    let found = case.found(&rules::RECORDER_NAMED, stage, Certainty::Likely, say, evidence);
    Some(Found { next: signed_for(names, "what it signs"), ..found })
}

/// What to do where the app signs for an audience.
fn signed_for(names: &Names, what: &str) -> String {
    format!(
        "Let the app sign for the provider's issuer, at {}, and give it only the endpoints here: then {what} passes. Or \
         {OTHERWISE}",
        names.theirs()
    )
}

/// How else to record it.
const OTHERWISE: &str = "record the login with a proxy that keeps the provider's name, such as mitmproxy, and open its HAR file \
                         with grantscope capture";

/// The error of a request, and what is said with it, unless one of the same stage was answered better later.
fn refusal(case: &Case<'_>, stage: StageName, at: usize) -> Option<(String, String)> {
    let said = |name: &str| case.seen[at].member(name).map(str::to_owned);
    if stage == StageName::AuthorizationRequest {
        let error = case.login.answered("error").map(str::to_owned).or_else(|| said("error"))?;
        let description =
            case.login.answered("error_description").map(str::to_owned).or_else(|| said("error_description"));
        return Some((error, description.unwrap_or_default()));
    }
    let is_refused = |at: usize| case.entry(at).status().is_some_and(|status| status >= 400);
    let is_healed = case.login.entries(stage).any(|later| later > at && !is_refused(later));
    let error = said("error").or_else(|| challenged(&case.seen[at]))?;
    (is_refused(at) && !is_healed).then(|| (error, said("error_description").unwrap_or_default()))
}

/// The error of a challenge (RFC 9449 section 7.1).
fn challenged(seen: &Seen<'_>) -> Option<String> {
    let challenge = seen.it.got("www-authenticate")?;
    Some(challenge.split("error=\"").nth(1)?.split('"').next()?.to_owned())
}

impl Signed {
    fn refused(
        &self,
        case: &Case<'_>,
        names: &Names,
        (stage, at): (StageName, usize),
        (error, description): (&str, &str),
    ) -> Option<Found> {
        let seen = &case.seen[at];
        let text = match self.place.rsplit('.').next()? {
            "dpop" => seen.it.sent("dpop"),
            "request" if case.login.object_at.is_some() => None,
            name => seen.param(name),
        };
        let object = case.login.object_at.map(|at| case.entry(at).text()).filter(|_| self.what == "request object");
        let text = text.or_else(|| object.as_deref().map(str::trim))?;
        let token = decode(text);
        let named = token.claim(self.claim).map(Json::strings).unwrap_or_default();
        let here = named.into_iter().find(|text| names.outward(text).is_some_and(|it| self.means(case, at, &it)))?;
        let is_told = description.contains(names.ours());
        if !is_told && !self.errors.contains(&error) {
            return None;
        }
        let certainty = if is_told { Certainty::Certain } else { Certainty::Likely };
        let said = if description.is_empty() { String::new() } else { format!(": {description}") };
        let say = format!(
            "The provider refused the {} with {error}{said}. It names the recorder, {} {here}, which the app was given: the \
             app is not at fault",
            self.what, self.claim
        );
        let place = match self.place.strip_prefix("request.form.") {
            Some(name) if seen.field(name).is_none() => format!("request.query.{name}"),
            _ => self.place.to_owned(),
        };
        let evidence = vec![case.status(at), Evidence::saying(at, format!("{place} {}", self.claim), here)];
        let found = case.found(&rules::RECORDER_NAMED, stage, certainty, say, evidence);
        Some(Found { next: self.next(names), ..found })
    }

    /// Whether the provider would take this address: the one that is called, for an audience its other names as well.
    fn means(&self, case: &Case<'_>, at: usize, address: &str) -> bool {
        let documents = &case.found.documents.metadata;
        let is_named = documents.iter().any(|document| {
            document.issuer.as_deref() == Some(address) || document.endpoints.iter().any(|endpoint| endpoint == address)
        });
        case.seen[at].place == address || self.claim == "aud" && (is_named || documents.is_empty())
    }

    fn next(&self, names: &Names) -> String {
        match self.claim {
            "htu" => format!("Switch DPoP off in the app for as long as it is recorded here, or {OTHERWISE}"),
            _ => signed_for(names, &format!("the {}", self.what)),
        }
    }
}
