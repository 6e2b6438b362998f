//! The user's trip to the page of the server where a device or a backchannel request is approved (RFC 8628 section 3.3).

use crate::base::spec::Spec;
use crate::flow::callback::Errand;

use super::descriptor::{Descriptor, Lane, Row, Travel, whole};
use super::known::Known;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "verification",
    name: "the user's approval",
    act: "Open the verification page",
    spec: Spec::new("RFC 8628", "3.3"),
    steps: &[whole("User code", "device_code")],
    travel: Travel::Visit,
    rows: |_| vec![Row::front(Lane::You, Lane::Server, "you approve on your device")],
    origin: |_, name| {
        Some(if name == "user_code" { "from the device authorization response" } else { "from the server's link" })
    },
    citation: |name| (name == "user_code").then_some("RFC 8628 §3.3.1"),
    prepare,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if let Some(acknowledged) = &known.session.backchannel {
        return Ok(match &acknowledged.approval_uri {
            Some(uri) => Prepared::browse(known.get("practice_approval_uri", uri)?, Errand::Approval),
            None => Prepared::Skip("the server asks the user on a device of their own"),
        });
    }
    let Some(device) = &known.session.device else {
        return Err(known.missing("verification_uri", "no device authorization response has brought one"));
    };
    let uri = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    Ok(Prepared::browse(known.get("verification_uri", uri)?, Errand::Approval))
}
