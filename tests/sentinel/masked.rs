//! What an export hides is masked in the window and in what is copied from it, and what is no credential stays readable.

use grantscope::base::entropy::Entropy;
use grantscope::gui::mask::Mask;
use grantscope::gui::masking;
use grantscope::terms::grant::Grant;

use super::pair::{BOUND, demo_settings};
use super::*;

/// What the window shows of each message, and what can be copied of it.
fn shown(flow: &Flow, known: &Redactor) -> String {
    let mask = Mask::of(known);
    let one = |exchange: &Arc<Exchange>| {
        let request = mask.request(&exchange.request);
        let answer = match &exchange.answer {
            Answer::Response(response) => raw::response(&mask.response(response)),
            Answer::Callback(callback) => {
                let param = |(name, value)| mask.value(masking::param, name, value);
                callback.params.iter().map(param).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        };
        format!("{}\n{}\n{answer}", curl::command(&request), raw::request(&request))
    };
    flow.trace.exchanges.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_has_the_name_of_a_credential_is_masked_in_every_place() {
    let mut read = Vec::new();
    for (turn, name) in credential::names().filter(|name| *name != credential::USER_CODE).enumerate() {
        let mut bed = Bed::default();
        bed.plant(turn, name);
        let (flow, planted) = bed.flow();
        let text = shown(&flow, &Redactor::default());
        read.extend(readable(&text, &planted, 0).into_iter().map(str::to_owned));
    }
    assert_eq!(read, Vec::<String>::new());
}

#[test]
fn what_no_list_names_is_masked() {
    let mut bed = Bed::default();
    bed.plant_unlisted();
    let (flow, planted) = bed.flow();
    assert_eq!(readable(&shown(&flow, &redactor(&flow)), &planted, 0), Vec::<&str>::new());
}

#[test]
fn what_is_repeated_is_masked_by_its_value() {
    for encoding in (0..encodings("").len()).step_by(3) {
        let mut bed = Bed::default();
        bed.plant(encoding, FEW[encoding % FEW.len()]);
        bed.repeat(encoding);
        let (flow, planted) = bed.flow();
        let text = shown(&flow, &redactor(&flow));
        assert_eq!(readable(&text, &planted, encoding), Vec::<&str>::new(), "{}", encodings("")[encoding].0);
    }
}

/// Names of members whose strings are not shown as they came.
fn masked(name: &str, came: &Json, shown: &Json, found: &mut Vec<String>) {
    match (came, shown) {
        (Json::Object(came), Json::Object(shown)) => {
            came.iter().zip(shown).for_each(|((name, came), (_, shown))| masked(name, came, shown, found));
        }
        (Json::Array(came), Json::Array(shown)) => {
            came.iter().zip(shown).for_each(|(came, shown)| masked(name, came, shown, found));
        }
        _ if came != shown => found.push(name.to_owned()),
        _ => {}
    }
}

#[test]
fn of_healthy_answers_credentials_alone_are_masked() {
    let mut found = Vec::new();
    for grant in Grant::ALL {
        for method in ["", "private_key_jwt", BOUND] {
            let mut settings = demo_settings(grant, method);
            settings.registration.dynamic_client_registration = method.is_empty();
            let mut flow = Flow::new(grant, settings, Entropy::from_seed([7; 32]));
            Stage::appendable().for_each(|slug| flow.append(Stage::find(slug).expect("a stage")));
            let mut pair = Pair::new();
            while let Next::Stopped(_) = pair.run(&mut flow) {
                flow.go_on_anyway();
            }
            let known = redactor(&flow);
            for exchange in &flow.trace.exchanges {
                let Answer::Response(response) = &exchange.answer else { continue };
                let Ok(came) = Json::parse(&response.body) else { continue };
                let shown = Json::parse(&Mask::of(&known).response(response).body).expect("JSON");
                masked("", &came, &shown, &mut found);
            }
        }
    }
    assert!(found.len() > 50, "{found:?}");
    // The practice server tells where a request that it calls by its auth_req_id can be approved.
    found.retain(|name| !credential::is_credential(name) && name != "practice_approval_uri");
    assert_eq!(found, Vec::<String>::new());
}
