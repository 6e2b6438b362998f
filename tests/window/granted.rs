//! What a token was asked for beside what was granted, on its card: permissions, services, and where they differ.

use egui::{Key, Modifiers, Role};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::flow::Next;
use grantscope::practice::Fault;

use crate::backend::FakeBackend;
use crate::window::{Row, Window};

const TABLE: &str = "asked and granted of access_token";
const PAYMENT: &str =
    r#"[{"type":"payment_initiation","instructedAmount":{"currency":"EUR","amount":"12.50"},"creditorName":"Shop"}]"#;

/// The card of a token that was asked for so, with this fault of the server.
fn card(asked: &[(&str, &str)], fault: Option<Fault>) -> Window {
    let mut window = Window::open_with([1280.0, 2000.0], FakeBackend::new());
    // The practice server's own API refuses a token for another one.
    window.fill("api_url", "");
    for (field, value) in asked {
        match *field {
            "resource" => {
                window.press("Add to resource");
                window.fill("New resource", value);
                window.key(Modifiers::NONE, Key::Enter);
            }
            field => window.fill(field, value),
        }
    }
    if let Some(fault) = fault {
        window.backend().pair.practice.set(fault, true);
    }
    window.press("Run to end");
    assert!(matches!(window.model().run.next, Next::Finished), "{:?}", window.model().run.next);
    window.go_to("Tokens");
    window.tab(Row::Inspector, "Tokens");
    window
}

/// The rows of the table, as a screen reader says them.
fn rows(window: &Window) -> Vec<String> {
    let is_table = |list: &Node<'_>| list.accesskit_node().label().is_some_and(|label| label.starts_with(TABLE));
    let table = window.harness.query_all_by_role(Role::List).find(is_table);
    let rows = table.into_iter().flat_map(|table| table.children_recursive().collect::<Vec<_>>());
    let rows = rows.filter(|row| row.accesskit_node().role() == Role::ListItem);
    rows.filter_map(|row| row.accesskit_node().label()).collect()
}

/// Whether a row begins so, and goes on with these words somewhere.
#[track_caller]
fn assert_row(rows: &[String], begin: &str, words: &[&str]) {
    let row = rows.iter().find(|row| row.starts_with(begin));
    let row = row.unwrap_or_else(|| panic!("no row begins with {begin}: {rows:#?}"));
    for word in words {
        assert!(row.contains(word), "{word} is not in {row}");
    }
}

#[test]
fn what_was_granted_as_asked_is_said_of_each_permission_and_of_the_service() {
    let window = card(&[("authorization_details", PAYMENT), ("resource", "https://api.example.com/orders")], None);
    let rows = rows(&window);
    assert_eq!(rows.len(), 2, "{rows:#?}");
    assert_row(&rows, "payment_initiation: ", &["EUR", "passed", "as asked"]);
    assert_row(&rows, "aud: https://api.example.com/orders", &["passed", "token.resource", "asked for"]);
}

#[test]
fn what_goes_beyond_stands_under_its_permission_with_what_was_asked_for() {
    let rows = rows(&card(&[("authorization_details", PAYMENT)], Some(Fault::WidenedDetails)));
    assert_row(&rows, "payment_initiation: ", &["beyond", "more or something else than was asked for"]);
    assert_row(&rows, "  instructedAmount.amount: ", &["1000000.00", "wider", "asked for", "12.50"]);
    let other = card(&[("authorization_details", r#"[{"type":"payment_initiation"}]"#)], Some(Fault::WidenedDetails));
    let rows = self::rows(&other);
    assert_row(&rows, "payment_initiation: ", &["passed", "as asked"]);
    assert_row(&rows, "account_information: ", &["beyond", "nobody asked for it"]);
}

#[test]
fn a_token_for_another_service_and_permissions_that_are_not_told_are_no_pass() {
    let rows = rows(&card(&[("resource", "https://api.example.com/orders")], Some(Fault::IgnoredResource)));
    assert_row(&rows, "aud: ", &["/api", "warned", "token.resource", "asked for https://api.example.com/orders"]);
    let rows = self::rows(&card(&[("authorization_details", PAYMENT)], Some(Fault::RarNotReturned)));
    assert_row(&rows, "authorization_details: absent", &["failed", r#"asked for [{"type": "payment_initiation", "#]);
}

#[test]
fn there_is_no_table_where_nothing_of_the_kind_was_asked_for() {
    let window = card(&[], None);
    assert_eq!(rows(&window), Vec::<String>::new());
    window.assert_silent(TABLE);
}

/// An ID token that stands for another access token says so where the access token is (OIDC Core section 3.1.3.8).
#[test]
fn the_card_of_an_access_token_names_the_at_hash_that_does_not_fit() {
    const VERDICT: &str = "verdict of id_token on access_token";
    let mut window = Window::open_with([1280.0, 2000.0], FakeBackend::new());
    window.backend().pair.practice.set(Fault::WrongAtHash, true);
    window.press("Run to end");
    window.tab(Row::Inspector, "Tokens");
    let table = window
        .harness
        .root()
        .children_recursive()
        .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(VERDICT)));
    assert!(table.is_some(), "{:?}", window.texts());
    assert_eq!(window.harness.query_all_by_role_and_label(Role::Label, "Do not use").count(), 2);
    let good = card(&[], None);
    assert!(!good.says(VERDICT) && !good.has(Role::Label, "Do not use"));
}
