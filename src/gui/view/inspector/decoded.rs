//! The tokens and assertions inside a request, taken apart: what they say is no credential, their signature is.

use std::borrow::Cow;

use egui::{CollapsingHeader, Ui};

use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::{visible, visible_lines};
use crate::client::assertion::saml_xml;
use crate::client::dpop::DPOP;
use crate::client::encryption;
use crate::client::endpoint::claim_sources::aggregated;
use crate::client::settings::{ID_JAG, Settings};
use crate::gui::language::t;
use crate::gui::mask::Mask;
use crate::gui::masking;
use crate::gui::theme::{size, text};
use crate::gui::widgets::code::{CodeView, Language};
use crate::jose::jwe;
use crate::jose::jwt::{Decoded, Form, decode};

/// Parameters that hold a token, and whether it is made for this request and so shown at once.
const TOKENS: [(&str, bool); 8] = [
    ("client_assertion", true),
    ("assertion", true),
    ("request", true),
    ("subject_token", false),
    ("actor_token", false),
    ("id_token_hint", false),
    ("login_hint_token", false),
    ("token", false),
];

/// What a part is called, its text, and how that is coloured.
pub type Part = (Cow<'static, str>, String, Language);

/// Header and claims of every JWT among these parameters, and the XML of a SAML assertion.
pub fn show(ui: &mut Ui, mask: Mask<'_>, params: &Params) {
    for (name, open) in TOKENS {
        let Some(value) = params.get(name) else { continue };
        let Some(said) = readable(mask, value) else { continue };
        let title = t!("{name}, decoded", name);
        CollapsingHeader::new(text::small(&title)).id_salt(("decoded", name)).default_open(open).show(ui, |ui| {
            parts(ui, name, &said);
        });
        ui.add_space(size::SPACE);
    }
}

/// The DPoP proof of a request (RFC 9449 section 4.2), which its header fields carry.
pub fn proof(ui: &mut Ui, mask: Mask<'_>, request: &HttpRequest) {
    let Some(said) = request.headers.get(DPOP).and_then(|proof| readable(mask, proof)) else { return };
    CollapsingHeader::new(text::small(t!("DPoP proof, decoded"))).id_salt("DPoP proof").default_open(true).show(
        ui,
        |ui| {
            parts(ui, t!("the DPoP proof"), &said);
        },
    );
    ui.add_space(size::SPACE);
}

/// The parts of an answer that is a JWT as a whole (RFC 9701 section 5, OIDC Core section 5.3.2); of an encrypted one those
/// of what is inside, where a key of the client opens it.
pub fn body(mask: Mask<'_>, text: &str, settings: &Settings) -> Vec<Part> {
    match text.trim() {
        text if !text.contains('.') => Vec::new(),
        text => readable(mask, text).or_else(|| opened(mask, text, settings)).unwrap_or_default(),
    }
}

/// The claims that others vouch for in this answer, or in the ID token that it brings, under their names (OIDC Core section
/// 5.6.2); and what an ID-JAG says.
pub fn sources(mask: Mask<'_>, json: &Json) -> Vec<Part> {
    let of_id_token = json.text("id_token").and_then(|token| decode(token).claims);
    let aggregated = [Some(json), of_id_token.as_ref()].into_iter().flatten().flat_map(aggregated);
    let shown = aggregated.filter_map(|(name, claims)| {
        let (_, said, language) = part(mask, "", Some(Json::Object(claims)))?;
        Some((t!("Aggregated claims of the source {name}", name = visible(&name)).into(), said, language))
    });
    id_jag(mask, json).into_iter().chain(shown).collect()
}

/// The grant for another server that an exchange brought: it is no token of this one, and is looked at here.
fn id_jag(mask: Mask<'_>, json: &Json) -> Vec<Part> {
    let grant = json.text("access_token").filter(|_| json.text("issued_token_type") == Some(ID_JAG));
    grant.and_then(|grant| readable(mask, grant)).unwrap_or_default()
}

fn opened(mask: Mask<'_>, value: &str, settings: &Settings) -> Option<Vec<Part>> {
    let token = jwe::open(decode(value), &encryption::keys(settings));
    let signed = token.signed();
    let is_opened = token.form == Form::Jwe && signed.claims.is_some();
    let inside = signed.header.clone().filter(|_| signed.form != Form::Jwe);
    let said =
        [(t!("Header"), token.header.clone()), (t!("Header inside"), inside), (t!("Claims"), signed.claims.clone())];
    is_opened.then(|| said.into_iter().filter_map(|(name, json)| part(mask, name, json)).collect())
}

fn part(mask: Mask<'_>, name: &'static str, json: Option<Json>) -> Option<Part> {
    json.map(|json| (name.into(), mask.claims(&json), Language::Json))
}

/// Draws them.
pub fn parts(ui: &mut Ui, of: &str, said: &[Part]) {
    for (part, said, language) in said {
        ui.add_space(4.0);
        ui.label(text::note(part.as_ref()));
        CodeView::new(&t!("{part} of {of}", part, of), said, *language).show(ui);
        ui.add_space(4.0);
    }
}

/// The parts of a token with their names; `None` for what cannot be read.
fn readable(mask: Mask<'_>, value: &str) -> Option<Vec<Part>> {
    if let Some(xml) = saml_xml(value) {
        return Some(vec![(
            t!("SAML assertion").into(),
            visible_lines(&masking::saml(&xml)).into_owned(),
            Language::Plain,
        )]);
    }
    let Decoded { form: Form::Jws | Form::UnsecuredJws, header, claims, .. } = decode(value) else { return None };
    Some([part(mask, t!("Header"), header), part(mask, t!("Claims"), claims)].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url;

    #[test]
    fn a_jwt_and_saml_are_readable_and_other_text_is_not() {
        let part = |text: &str| base64url::encode(text.as_bytes());
        let jwt = format!("{}.{}.c2ln", part(r#"{"alg":"ES256"}"#), part(r#"{"sub":"alice"}"#));
        let parts = readable(Mask::OFF, &jwt).expect("readable");
        assert_eq!(parts.iter().map(|(name, ..)| name.as_ref()).collect::<Vec<_>>(), ["Header", "Claims"]);
        assert!(parts[1].1.contains("\"alice\"") && !parts[1].1.contains("c2ln"));
        assert_eq!(
            readable(Mask::OFF, &part("<Assertion/>")).map(|parts| parts[0].0.clone()),
            Some("SAML assertion".into())
        );
        assert!(readable(Mask::OFF, "opaque").is_none());
    }
}
