//! Every name that is sent, received or judged has its short text.

mod pair;

use std::collections::BTreeSet;

use grantscope::base::entropy::Entropy;
use grantscope::base::json::Json;
use grantscope::client::settings::{FIELDS, meaning};
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Answer;
use grantscope::flow::{Flow, Next};
use grantscope::jose::jwt::decode;
use grantscope::terms::glossary;
use grantscope::terms::grant::Grant;
use grantscope::terms::metadata::Endpoint;
use pair::{BOUND, Pair, demo_settings};

/// What runs of all grants say, by kind of name.
#[derive(Default)]
struct Names {
    parameters: BTreeSet<String>,
    fields: BTreeSet<String>,
    metadata: BTreeSet<String>,
    keys: BTreeSet<String>,
    members: BTreeSet<String>,
    claims: BTreeSet<String>,
    header: BTreeSet<String>,
}

fn names_of(json: &Json) -> impl Iterator<Item = String> {
    json.members().iter().map(|(name, _)| name.clone())
}

impl Names {
    fn take(&mut self, flow: &Flow) {
        // Where the demo has its assertions from is its own.
        for exchange in flow.trace.exchanges.iter().filter(|exchange| exchange.stage != Stage::Assertion) {
            let request = &exchange.request;
            let form = request.form().unwrap_or_default();
            for (name, value) in request.query().iter().chain(form.iter()) {
                self.parameters.insert(name.to_owned());
                self.token(value);
            }
            self.fields.extend(request.headers.iter().map(|(name, _)| name.to_owned()));
            match &exchange.answer {
                Answer::Callback(callback) => {
                    self.parameters.extend(callback.params.iter().map(|(name, _)| name.to_owned()));
                }
                Answer::Response(response) => {
                    self.fields.extend(response.headers.iter().map(|(name, _)| name.to_owned()));
                    self.body(exchange.stage, &response.text());
                }
                _ => {}
            }
        }
    }

    fn body(&mut self, stage: Stage, text: &str) {
        self.token(text);
        let Ok(json) = Json::parse(text.as_bytes()) else { return };
        match stage {
            Stage::Discovery | Stage::ResourceMetadata => self.metadata.extend(names_of(&json)),
            Stage::Jwks => {
                let keys = json.get("keys").map(|keys| keys.elements().to_vec()).unwrap_or_default();
                self.keys.extend(keys.iter().flat_map(names_of));
            }
            // What an API answers is its own.
            Stage::Resource | Stage::RevocationProof => {}
            _ => {
                self.members.extend(names_of(&json));
                json.members().iter().filter_map(|(_, value)| value.as_str()).for_each(|value| self.token(value));
            }
        }
    }

    fn token(&mut self, text: &str) {
        if text.matches('.').count() == 2 {
            let token = decode(text);
            self.header.extend(token.header.iter().flat_map(names_of));
            self.claims.extend(token.claims.iter().flat_map(names_of));
        }
    }
}

/// The codes of RFC 6749, 6750, 7009, 7591, 8628, 8707, 9101, 9396, 9449 and 9470, OIDC Core, Registration and CIBA.
const CODES: &str = "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type \
    invalid_scope access_denied unsupported_response_type server_error temporarily_unavailable invalid_token \
    insufficient_scope unsupported_token_type invalid_redirect_uri invalid_client_metadata invalid_software_statement \
    unapproved_software_statement authorization_pending slow_down expired_token invalid_target invalid_request_uri \
    invalid_request_object request_not_supported request_uri_not_supported invalid_authorization_details \
    invalid_dpop_proof use_dpop_nonce insufficient_user_authentication interaction_required login_required \
    account_selection_required consent_required registration_not_supported unmet_authentication_requirements \
    expired_login_hint_token unknown_user_id missing_user_code invalid_user_code invalid_binding_message \
    transaction_failed";

#[test]
fn nothing_that_is_sent_received_or_judged_is_without_its_text() {
    let mut names = Names::default();
    for grant in Grant::ALL {
        for method in ["", "client_secret_post", "private_key_jwt", BOUND] {
            let mut settings = demo_settings(grant, method);
            settings.registration.dynamic_client_registration = method == "client_secret_post";
            let mut flow = Flow::new(grant, settings, Entropy::from_seed([3; 32]));
            for slug in Stage::appendable() {
                flow.append(Stage::find(slug).expect("a stage"));
            }
            let mut pair = Pair::new();
            while matches!(pair.run(&mut flow), Next::Stopped(_)) {
                flow.go_on_anyway();
            }
            names.take(&flow);
        }
    }
    let settings = FIELDS.iter().map(|field| field.name).chain(Endpoint::ALL.map(Endpoint::name));
    let mut missing: Vec<String> = Vec::new();
    let mut miss = |kind: &str, name: &str, is_there: bool| {
        // What the practice server adds to a message has its prefix.
        if !is_there && !name.starts_with("practice_") {
            missing.push(format!("{kind} {name}"));
        }
    };
    settings.for_each(|name| miss("setting", name, meaning(name).is_some()));
    for name in &names.parameters {
        miss("parameter", name, glossary::parameter(name).is_some());
    }
    for name in &names.fields {
        miss("header field", name, glossary::field(name).is_some());
    }
    for name in &names.metadata {
        miss("metadata", name, glossary::metadata(name).is_some());
    }
    for name in &names.keys {
        miss("key", name, glossary::jwk(name).is_some());
    }
    for name in &names.members {
        miss("member", name, glossary::parameter(name).or_else(|| glossary::claim(name)).is_some());
    }
    for name in &names.claims {
        miss("claim", name, glossary::claim(name).is_some());
    }
    for name in &names.header {
        miss("JOSE header", name, glossary::header(name).is_some());
    }
    for code in CODES.split_whitespace() {
        miss("error", code, glossary::error(code).is_some());
    }
    assert!(missing.is_empty(), "without a text: {missing:#?}");
    assert!(names.fields.len() > 5 && names.claims.len() > 10 && names.parameters.len() > 30, "runs said something");
}

#[test]
fn every_member_of_metadata_that_is_read_has_its_text() {
    for name in grantscope::terms::metadata::members() {
        assert!(glossary::metadata(name).is_some(), "{name}");
    }
}
