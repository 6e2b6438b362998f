//! A token that is looked at by itself, held to the rules of what its `typ` says it is (RFC 8725 section 3.11): a logout
//! token, or an ID-JAG. Whom it is for and what it answers is not known then, and its signature is judged elsewhere.

use crate::base::check::Check;
use crate::base::time::Timestamp;
use crate::client::endpoint::{backchannel_logout, id_jag};
use crate::jose::claims::time_claims;
use crate::jose::jwt::Decoded;

/// Holds the claims of a token against the time, and against what its kind demands.
pub fn judge_claims(token: &Decoded, now: Timestamp) -> Vec<Check> {
    let mut checks = time_claims(token, now);
    if token.claims.is_some() {
        if backchannel_logout::is_logout_token(token) {
            checks.extend(backchannel_logout::judge_claims(token, now));
        } else if id_jag::is_grant(token) {
            checks.extend(id_jag::judge_claims(token, now));
        }
    }
    checks
}
