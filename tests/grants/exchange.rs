//! Token exchange: impersonation, delegation, every type of token, and what is refused.

use grantscope::base::secret::Secret;
use grantscope::client::endpoint::token_exchange::{TOKEN_TYPE, act_chain};
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Flow, Next};
use grantscope::jose::jwt::decode;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, refused, stages};

fn typed(kind: &str) -> String {
    format!("{TOKEN_TYPE}{kind}")
}

fn exchanged(flow: &Flow) -> &Secret {
    let tokens = flow.session.tokens.last().expect("tokens");
    assert_eq!(tokens.stage, Stage::Exchange);
    tokens.response.access_token.as_ref().expect("a token")
}

#[test]
fn every_token_of_a_login_is_a_subject() {
    for kind in ["access_token", "refresh_token", "id_token", "jwt"] {
        let mut flow = flow(Grant::TokenExchange, |settings| settings.request.subject_token_type = typed(kind));
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{kind}");
        assert_eq!(failed(&flow), Vec::<&str>::new(), "{kind}");
        assert_eq!(act_chain(&decode(exchanged(&flow).expose())), None, "{kind}: nobody else acts");
    }
}

#[test]
fn an_actor_is_got_by_client_credentials_and_named_in_the_token() {
    let mut flow = flow(Grant::TokenExchange, |settings| settings.request.actor_token_type = typed("access_token"));
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert!(stages(&flow).contains(&Stage::ActorToken));
    assert_eq!(failed(&flow), Vec::<&str>::new());
    let chain = act_chain(&decode(exchanged(&flow).expose()));
    assert_eq!(chain, Some(vec!["practice-web".to_owned(), "alice".to_owned()]));
}

#[test]
fn no_token_is_sent_under_the_type_of_another() {
    for (name, kind, has_login) in [
        ("actor_token", "refresh_token", true),
        ("actor_token", "id_token", true),
        ("actor_token", "saml2", true),
        ("subject_token", "saml1", false),
        ("subject_token", "saml2", false),
        ("actor_token", "of-my-own", true),
        ("subject_token", "of-my-own", false),
    ] {
        let mut flow = flow(Grant::TokenExchange, |settings| match name {
            "actor_token" => settings.request.actor_token_type = typed(kind),
            _ => settings.request.subject_token_type = typed(kind),
        });
        let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing: {kind}") };
        assert_eq!((missing.stage, missing.field), (Stage::Exchange, name), "{kind}");
        assert!(missing.hint.contains(&format!("{name}_type")), "{}", missing.hint);
        assert_eq!(stages(&flow).contains(&Stage::Authorization), has_login);
        assert!(!stages(&flow).contains(&Stage::ActorToken));
        match name {
            "actor_token" => flow.settings.request.actor_token = "PHg-".into(),
            _ => flow.settings.request.subject_token = "PHg-".into(),
        }
        flow.reprepare();
        let Next::Do(Action::Send(request)) = flow.poll(Pair::new().now()) else { panic!("not sent") };
        assert_eq!(request.form().and_then(|form| form.get(name).map(str::to_owned)).as_deref(), Some("PHg-"));
    }
}

#[test]
fn a_chain_grows_with_each_exchange() {
    let mut pair = Pair::new();
    let with_actor = |settings: &mut Settings| settings.request.actor_token_type = typed("access_token");
    let mut first = flow(Grant::TokenExchange, with_actor);
    assert_eq!(pair.run(&mut first), Next::Finished);
    let token = exchanged(&first).clone();
    let mut second = flow(Grant::TokenExchange, |settings| {
        with_actor(settings);
        settings.request.subject_token = token;
    });
    assert_eq!(pair.run(&mut second), Next::Finished);
    assert!(!stages(&second).contains(&Stage::Authorization), "a pasted token needs no login");
    assert_eq!(act_chain(&decode(exchanged(&second).expose())).map(|chain| chain.len()), Some(3));
}

#[test]
fn an_id_token_is_asked_for_and_never_sent_to_an_api() {
    let mut flow = flow(Grant::TokenExchange, |settings| settings.request.requested_token_type = typed("id_token"));
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert!(!stages(&flow).contains(&Stage::Resource));
    assert_eq!(flow.session.tokens.last().and_then(|tokens| tokens.response.token_type.as_deref()), Some("N_A"));
}

#[test]
fn target_and_scope_go_into_the_exchange_and_not_into_the_login() {
    let mut flow = flow(Grant::TokenExchange, |settings| {
        "https://orders.example/".clone_into(&mut settings.request.resource);
        settings.request.api_url.clear();
        "profile".clone_into(&mut settings.request.exchange_scope);
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let login = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Authorization).expect("a login");
    assert!(!login.request.query().contains("resource"));
    let form = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Exchange);
    let form = form.and_then(|exchange| exchange.request.form()).expect("an exchange");
    assert_eq!((form.get("resource"), form.get("scope")), (Some("https://orders.example/"), Some("profile")));
    assert_eq!(flow.session.tokens.last().expect("tokens").scope, "profile");
}

#[test]
fn what_the_server_does_not_exchange_is_refused_at_the_exchange() {
    type Change = fn(&mut Settings);
    let junk: Change = |settings| settings.request.subject_token = "junk".into();
    let saml: Change = |settings| {
        settings.request.subject_token = "PHg-".into();
        settings.request.subject_token_type = typed("saml2");
    };
    let unknown: Change = |settings| settings.request.requested_token_type = "urn:x".to_owned();
    let wider: Change = |settings| "admin".clone_into(&mut settings.request.exchange_scope);
    for (change, error) in
        [(junk, "invalid_request"), (saml, "invalid_request"), (unknown, "invalid_request"), (wider, "invalid_scope")]
    {
        let mut flow = flow(Grant::TokenExchange, change);
        assert_eq!(refused(&mut flow, &mut Pair::new()).0, error);
        assert_eq!(flow.stage(), Some(Stage::Exchange));
    }
}

#[test]
fn a_login_that_brings_no_such_token_is_named() {
    let mut flow = flow(Grant::TokenExchange, |settings| {
        "profile".clone_into(&mut settings.request.scope);
        settings.request.subject_token_type = typed("id_token");
    });
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Exchange, "subject_token"));
}
