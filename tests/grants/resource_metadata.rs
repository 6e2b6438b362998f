//! What an API says of itself (RFC 9728): it is found where its challenge says, and at the well-known paths.

use grantscope::base::http::HttpResponse;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Next, ProblemKind};
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[test]
fn it_is_read_and_names_the_server_of_the_run() {
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::ResourceMetadata);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert!(flow.checks().any(|check| check.rule.id == "prm.servers"));
    let said = flow.session.resource_metadata.expect("metadata");
    assert_eq!(said.text("resource"), Some("http://127.0.0.1:9400/api/me"));
}

#[test]
fn the_next_place_is_tried_and_the_last_one_is_told() {
    let mut pair = Pair::new();
    pair.faults
        .insert("/.well-known/oauth-protected-resource/api/me", |_| Ok(HttpResponse::new(404, "text/plain", "")));
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::ResourceMetadata);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is found") };
    assert_eq!((problem.stage, problem.kind), (Stage::ResourceMetadata, ProblemKind::Failed));
    let asked = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::ResourceMetadata);
    let paths: Vec<String> = asked.map(|exchange| exchange.request.url.path().to_owned()).collect();
    assert_eq!(paths, [format!("{WELL_KNOWN}/api/me"), WELL_KNOWN.to_owned()]);
}
