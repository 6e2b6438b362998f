//! What is in a SAML assertion (SAML Core 2.0 section 2): elements and attributes by name.

use roxmltree::{Document, Node, ParsingOptions};

use super::item::Item;
use super::nature::Nature;

/// Most elements, attributes and texts that are read.
const NODES: u32 = 10_000;

/// Every text and attribute; nothing when it is no assertion that can be read.
pub(super) fn items(text: &str) -> Option<Vec<Item>> {
    if !text.trim_start().starts_with('<') {
        return None;
    }
    let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).ok()?;
    if document.root_element().tag_name().name() != "Assertion" {
        return None;
    }
    let elements = document.descendants().filter(Node::is_element);
    Some(elements.flat_map(|element| of_element(&element)).collect())
}

fn of_element(element: &Node<'_, '_>) -> Vec<Item> {
    let tag = element.tag_name().name();
    let item = |name: String, of: &str, value: &str| Item { nature: nature(of), ..Item::text(&name, value) };
    let attribute = |it: roxmltree::Attribute<'_, '_>| item(format!("{tag} {}", it.name()), it.name(), it.value());
    let text = element.text().map(str::trim).filter(|text| !text.is_empty());
    element.attributes().map(attribute).chain(text.map(|text| item(tag.to_owned(), tag, text))).collect()
}

/// Names of SAML Core 2.0 and of XML Signature.
fn nature(name: &str) -> Nature {
    match name {
        "ID" | "AssertionID" | "InResponseTo" | "SessionIndex" | "URI" | "SignatureValue" | "DigestValue" => {
            Nature::Random
        }
        "IssueInstant" | "NotBefore" | "NotOnOrAfter" | "AuthnInstant" | "SessionNotOnOrAfter" => Nature::Time,
        "X509Certificate" | "Modulus" => Nature::Key,
        _ => Nature::Fixed,
    }
}
