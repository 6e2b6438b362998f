//! Nonces: a server that wants one refuses the proof without it, and the client answers once for each value (sections 8
//! and 9).

use super::{DPOP, NONCE, bound_token, proof};
use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::answer::{refusal_in, status};
use crate::client::challenge::{Challenge, challenges};
use crate::client::rules::dpop as rule;

/// The error of section 8.
const USE_NONCE: &str = "use_dpop_nonce";
/// So many challenges in a row are answered; each with another nonce.
const IN_A_ROW: u32 = 3;

/// Whether an answer asks for a nonce, and what that means for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenged {
    /// It does not.
    No,
    /// The request is made once more, with the nonce that came.
    Again(Vec<Check>),
    /// It does, and nothing is gained by answering.
    InVain(Vec<Check>),
}

/// Reads a challenge to a request with a proof. `answered` is how many were answered in a row before.
pub fn challenged(sent: &HttpRequest, response: &HttpResponse, answered: u32) -> Challenged {
    let Some(proof) = proof(sent).filter(|_| asks(response)) else { return Challenged::No };
    let mut checks = vec![form(sent, response)];
    let Some(given) = response.headers.get(NONCE) else { return Challenged::InVain(checks) };
    if !is_nonce(given) {
        checks.push(rule::NONCE_FORM.broken("characters of NQCHAR", visible(given)));
    }
    let used = proof.claim("nonce").and_then(Json::as_str);
    let taken = &rule::NONCE_TAKEN;
    if used == Some(given) {
        // Why one that is none is not taken has been said.
        if is_nonce(given) {
            checks.push(taken.broken("the nonce is taken", "refused, and the same one given again"));
        }
        return Challenged::InVain(checks);
    }
    if answered >= IN_A_ROW {
        checks.push(taken.broken("the nonce is taken", format!("{} refused, one after the other", answered + 1)));
        return Challenged::InVain(checks);
    }
    Challenged::Again(checks)
}

/// `1*NQCHAR` (section 8.1).
pub fn is_nonce(given: &str) -> bool {
    !given.is_empty() && given.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn asks(response: &HttpResponse) -> bool {
    let in_challenge = challenges(response).iter().any(names_nonce);
    let in_body = || refusal_in(response).is_some_and(|error| error.error == USE_NONCE);
    !response.is_success() && (in_challenge || in_body())
}

fn names_nonce(challenge: &Challenge) -> bool {
    challenge.get("error").as_deref() == Some(USE_NONCE)
}

/// A token endpoint answers in JSON, an API by a challenge; both give one nonce.
fn form(sent: &HttpRequest, response: &HttpResponse) -> Check {
    let is_api = bound_token(sent).is_some();
    let says = match is_api {
        true => challenges(response).iter().any(|it| it.scheme.eq_ignore_ascii_case(DPOP) && names_nonce(it)),
        false => refusal_in(response).is_some_and(|error| error.error == USE_NONCE),
    };
    let (wanted, expected) = match is_api {
        true => (401, "401, a challenge of the scheme DPoP, one DPoP-Nonce"),
        false => (400, "400, the error in JSON, one DPoP-Nonce"),
    };
    let given = response.headers.all(NONCE).count();
    let saw = match (response.status == wanted, says, given) {
        (true, true, 1) => return rule::NONCE_CHALLENGE.pass(format!("{} and a nonce", status(response))),
        (false, ..) => format!("status {}", status(response)),
        (true, false, _) if is_api => "no challenge of the scheme DPoP with this error".to_owned(),
        (true, false, _) => "no error in JSON".to_owned(),
        (true, true, 0) => "no DPoP-Nonce".to_owned(),
        (true, true, several) => format!("{several} DPoP-Nonce header fields"),
    };
    rule::NONCE_CHALLENGE.broken(expected, saw)
}

/// How a bound token is refused (section 7.1); nothing is said of another answer.
pub fn refused(sent: &HttpRequest, response: &HttpResponse) -> Option<Check> {
    bound_token(sent).filter(|_| response.status == 401)?;
    let named: Vec<String> = challenges(response).into_iter().map(|challenge| challenge.scheme).collect();
    let names_it = named.iter().any(|scheme| scheme.eq_ignore_ascii_case(DPOP));
    let saw = if named.is_empty() { "no challenge".to_owned() } else { named.join(", ") };
    Some(rule::CHALLENGE.holds(names_it, "the scheme DPoP", visible(&saw)))
}
