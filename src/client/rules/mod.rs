//! The catalogue: every rule the client's side applies, with why it matters and what to do.
//!
//! One file per message; those about keys and tokens as such are beside their code in [`jose`]. A rule is applied
//! where the message is built or read; here it is only told.

pub mod answer;
pub mod assertion;
pub mod backchannel;
pub mod backchannel_logout;
pub mod cimd;
pub mod claim_sources;
pub mod dcr;
pub mod device;
pub mod dpop;
pub mod encryption;
pub mod exchange;
pub mod frontchannel_logout;
pub mod id_jag;
pub mod id_token;
pub mod jar;
pub mod jarm;
pub mod jwks;
pub mod logout;
pub mod management;
pub mod mcp;
pub mod metadata;
pub mod par;
pub mod prm;
pub mod profile;
pub mod rar;
pub mod request;
pub mod resource;
pub mod response;
pub mod settings;
pub mod step_up;
pub mod target;
pub mod token;
pub mod workload;

use crate::base::check::Rule;
use crate::jose;

/// Every rule there is: of the client's messages, and of keys and tokens as such.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    [
        answer::ALL,
        settings::ALL,
        metadata::ALL,
        jwks::ALL,
        request::ALL,
        par::ALL,
        jar::ALL,
        jarm::ALL,
        rar::ALL,
        target::ALL,
        response::ALL,
        device::ALL,
        dpop::ALL,
        token::ALL,
        id_token::ALL,
        resource::ALL,
        claim_sources::ALL,
        encryption::ALL,
        management::ALL,
        prm::ALL,
        mcp::ALL,
        step_up::ALL,
        assertion::ALL,
        exchange::ALL,
        id_jag::ALL,
        backchannel::ALL,
        cimd::ALL,
        dcr::ALL,
        logout::ALL,
        backchannel_logout::ALL,
        frontchannel_logout::ALL,
        profile::ALL,
        workload::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(jose::rules())
}

/// Declares rules and the list of them: `NAME = "id", Level, "document" "section", title, why, fix;`, and `, rejects
/// "what a client must do";` at the end of those that end a run.
macro_rules! rules {
    ($($name:ident = $id:literal, $level:ident, $document:literal $section:literal, $title:literal, $why:literal, $fix:literal $(, rejects $rejects:literal)?;)+) => {
        $(
            #[doc = $title]
            pub static $name: $crate::base::check::Rule = $crate::base::check::Rule {
                id: $id,
                title: $title,
                why: $why,
                fix: $fix,
                level: $crate::base::check::Level::$level,
                spec: $crate::base::spec::Spec::new($document, $section),
                rejects: $crate::client::rules::rejection!($($rejects)?),
            };
        )+
        /// All rules of this file.
        pub static ALL: &[&$crate::base::check::Rule] = &[$(&$name),+];
    };
}
pub(crate) use rules;

/// What a client must do with what breaks a rule, where the document says so.
macro_rules! rejection {
    () => {
        None
    };
    ($rejects:literal) => {
        Some($rejects)
    };
}
pub(crate) use rejection;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_every_text_is_there() {
        let mut ids = BTreeSet::new();
        for rule in super::catalogue() {
            assert!(ids.insert(rule.id), "{} twice", rule.id);
            for text in [rule.title, rule.why, rule.fix] {
                assert!(text.len() >= 10, "{}: '{text}'", rule.id);
            }
            assert!(rule.spec.url().is_some(), "{} cites {}, which has no address", rule.id, rule.spec);
        }
    }
}
