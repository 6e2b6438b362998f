//! The metadata of the resource authorization server, which an ID-JAG is for: from here on the run is at that server
//! (draft-ietf-oauth-identity-assertion-authz-grant section 4.4, RFC 8414 section 3).

use crate::base::spec::Spec;

use super::descriptor::{Descriptor, Label, Lane, Row, Travel, whole};
use super::{Prepared, discovery};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "resource_server_discovery",
    name: "discovery of the resource authorization server",
    act: "Fetch its metadata",
    spec: Spec::new("RFC 8414", "3"),
    steps: &[whole("Resource server", "resource_server_discovery")],
    travel: Travel::Direct(Lane::ResourceServer),
    rows: |_| vec![Row::direct(Lane::Client, Lane::ResourceServer, "GET metadata")],
    label: Label::Fixed("metadata"),
    prepare: |known| match &known.session.id_jag {
        Some(_) => discovery::prepare(known),
        None => Ok(Prepared::Skip("no ID-JAG came")),
    },
    left: discovery::left,
    read: discovery::read,
    unanswered: discovery::unanswered,
    ..Descriptor::DIRECT
};
