//! Whether a server may have changed its keys since they were fetched (OpenID Connect Core section 10.1.1).

use crate::jose::base64url;
use crate::jose::jwk::JwkSet;
use crate::jose::jwt::{Decoded, Form};
use crate::jose::verify::{Attempt, NotVerified, verify};

/// Whether no key is known for this token, so that fetching the set may help: keys rotate (OIDC Core section 10.1.1).
pub fn may_need_new_key(token: &Decoded, jwks: Option<&JwkSet>) -> bool {
    if token.form != Form::Jws || token.is_mac() {
        return false;
    }
    let Some(jwks) = jwks else { return true };
    match token.kid() {
        Some(kid) => {
            let unread = jwks.unread();
            let kids = jwks.keys.iter().map(|key| &key.kid).chain(unread.iter().map(|key| &key.kid));
            !kids.flatten().any(|known| known == kid)
        }
        None => verify(token, &jwks.keys).verified().is_none(),
    }
}

/// Whether it names a key that is not known, so that nothing can be said of its signature.
pub fn names_unknown_key(token: &Decoded, jwks: Option<&JwkSet>) -> bool {
    token.kid().is_some() && may_need_new_key(token, jwks)
}

/// Whether a key has the name in this token and did not sign it: the server may have another one under that name by now.
pub fn may_have_changed_key(token: &Decoded, jwks: Option<&JwkSet>) -> bool {
    let (Form::Jws, false, Some(jwks), Some(kid)) = (token.form, token.is_mac(), jwks, token.kid()) else {
        return false;
    };
    let is_signed =
        token.parts.get(2).and_then(|part| base64url::decode(&part.text).ok()).is_some_and(|it| !it.is_empty());
    let report = verify(token, &jwks.keys);
    let is_named = |attempt: &&Attempt| jwks.keys.get(attempt.index).is_some_and(|key| key.kid.as_deref() == Some(kid));
    let is_another = |attempt: &Attempt| {
        use NotVerified::{AlgDiffers, BadSignature, Malformed, WrongKeyType};

        matches!(
            attempt.outcome,
            Err(BadSignature | WrongKeyType { .. } | AlgDiffers { fits: false, .. } | Malformed(_))
        )
    };
    is_signed && report.verified().is_none() && report.attempts.iter().filter(is_named).any(is_another)
}
