//! What an app signed for the address that the recorder gave it. The address is the recorder's doing, so what is compared
//! with the provider is compared with the name that the app has for it.

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::capture::exchange::place;
use crate::capture::names::Names;
use crate::flow::trace::Exchange;
use crate::jose::jwt::decode;

/// A check as it is for an app that knows the provider by the recorder's address.
pub(super) fn as_given(names: &Names, exchange: &Exchange, check: Check) -> Check {
    if check.verdict > Verdict::Warn {
        return check;
    }
    let Some((signed, claim)) = signed(&exchange.request, check.rule.id) else { return check };
    let token = decode(&signed);
    let said = token.claim(claim).map(Json::strings).unwrap_or_default();
    let expected = check.expected.as_deref().unwrap_or_default();
    let here = place(&exchange.request.url);
    let is_meant = |there: &str| there == here || expected.split(" or ").any(|expected| expected == there);
    let is_right = !said.is_empty() && said.iter().all(|text| names.outward(text).is_some_and(|it| is_meant(&it)));
    if !is_right {
        return check;
    }
    check.rule.pass(format!("{}, the address that the recorder gave it", visible(&said.join(", "))))
}

/// What a rule looks into: a JWT of the request, and its claim that names an address.
fn signed(request: &HttpRequest, rule: &str) -> Option<(String, &'static str)> {
    let form = request.form().unwrap_or_default();
    let field = |name: &str| form.get(name).map(str::to_owned);
    Some(match rule {
        "dpop_proof.htu" => (request.headers.get("dpop")?.to_owned(), "htu"),
        "assertion.audience" => (field("client_assertion").or_else(|| field("assertion"))?, "aud"),
        "jar_request.aud" => {
            let object = request.referred.as_deref().map(str::to_owned).or_else(|| field("request"));
            (object.or_else(|| request.query().get("request").map(str::to_owned))?, "aud")
        }
        _ => return None,
    })
}
