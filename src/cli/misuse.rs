//! What is said of arguments that cannot be taken.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::typed::without_secrets;
use crate::base::text::{is_nearly, visible};
use crate::client::settings::FIELDS;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

/// The program's own words on arguments, with what was hardly meant named.
pub(super) fn told(error: clap::Error) -> clap::Error {
    legible(meaning_a_setting(meaning_a_grant(error)))
}

/// A grant that was typed as a command is one of `run`; one that is called otherwise here is named as it is called.
fn meaning_a_grant(mut told: clap::Error) -> clap::Error {
    let typed = |kind| match told.get(kind) {
        Some(ContextValue::String(typed)) => Some(typed.as_str()),
        _ => None,
    };
    let takes_grant = typed(ContextKind::InvalidArg).is_some_and(|argument| argument.contains("GRANT"));
    let command = typed(ContextKind::InvalidSubcommand).and_then(grant);
    let value = typed(ContextKind::InvalidValue).filter(|_| takes_grant).and_then(grant);
    if let Some(grant) = command {
        let instead = ContextValue::Strings(vec![format!("run {}", grant.slug())]);
        told.insert(ContextKind::SuggestedSubcommand, instead);
    }
    if let Some(grant) = value {
        told.insert(ContextKind::SuggestedValue, ContextValue::String(grant.slug().to_owned()));
    }
    told
}

/// A setting that was typed as an option, or without one: `--scope openid`, `scope=openid`.
fn meaning_a_setting(mut told: clap::Error) -> clap::Error {
    let is_unknown = told.kind() == ErrorKind::UnknownArgument;
    let of_run = |usage: &str| ["grantscope run", "client-document"].iter().any(|command| usage.contains(command));
    let takes_settings = told.get(ContextKind::Usage).is_some_and(|usage| of_run(&usage.to_string()));
    let Some(ContextValue::String(typed)) = told.get(ContextKind::InvalidArg) else { return told };
    let name = typed.trim_start_matches('-').split('=').next().unwrap_or_default();
    let known = FIELDS.iter().map(|field| field.name).chain(Endpoint::ALL.map(Endpoint::name));
    let meant = known.into_iter().find(|known| *known == name || is_nearly(known, name));
    if let Some(name) = meant.filter(|_| is_unknown && takes_settings) {
        let tip = format!("a setting is given with --set {name}=...");
        told.remove(ContextKind::SuggestedArg);
        told.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    told
}

/// The grant that a word means, by what it is called here, in preset files and on the wire, or what a server answers it
/// with: `code`.
fn grant(typed: &str) -> Option<Grant> {
    let is_it = |name: &str| name == typed || is_nearly(name, typed);
    // Every other word is nearly none.
    let is_some = |name: &&&str| **name != "none";
    let names = |grant: &Grant| [grant.slug(), grant.key(), grant.grant_type()];
    let by_name = Grant::ALL.into_iter().find(|grant| names(grant).into_iter().any(is_it));
    by_name.or_else(|| {
        Grant::ALL.into_iter().find(|grant| grant.response_types().iter().filter(is_some).copied().any(is_it))
    })
}

/// With what was typed as visible text: it may hold line ends and escapes of a terminal.
fn legible(mut told: clap::Error) -> clap::Error {
    // The usage alone is of several lines, and of the program's own words.
    let typed = told.context().filter(|(kind, _)| *kind != ContextKind::Usage);
    let shown: Vec<_> = typed.filter_map(|(kind, value)| Some((kind, escaped(value)?))).collect();
    for (kind, value) in shown {
        told.insert(kind, value);
    }
    told
}

/// `None` where nothing is to be escaped.
fn escaped(value: &ContextValue) -> Option<ContextValue> {
    let escape = |text: &str| without_secrets(&visible(text));
    let needs_it = |text: &str| escape(text) != text;
    match value {
        ContextValue::String(text) if needs_it(text) => Some(ContextValue::String(escape(text))),
        ContextValue::Strings(list) if list.iter().any(|text| needs_it(text)) => {
            Some(ContextValue::Strings(list.iter().map(|text| escape(text)).collect()))
        }
        // Without the colours of the program, which cannot be told from those that were typed.
        ContextValue::StyledStrs(list) if list.iter().any(|text| needs_it(&text.to_string())) => {
            Some(ContextValue::StyledStrs(list.iter().map(|text| escape(&text.to_string()).into()).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::args::Args;
    use crate::terms::grant::Grant;

    #[test]
    fn a_grant_that_is_typed_as_a_command_is_one_of_run() {
        let tip = |typed: &str| {
            let told = Args::try_parse_from(["grantscope", typed]).expect_err("no command");
            super::told(told).to_string()
        };
        for grant in Grant::ALL {
            for typed in [grant.slug(), grant.key()] {
                assert!(tip(typed).contains(&format!("'run {}'", grant.slug())), "{}", tip(typed));
            }
        }
        for (typed, slug) in [
            ("code", "authorization-code"),
            ("id_token", "implicit"),
            ("code token", "hybrid"),
            ("deviceCode", "device"),
            ("urn:ietf:params:oauth:grant-type:jwt-bearer", "jwt-bearer"),
        ] {
            assert!(tip(typed).contains(&format!("'run {slug}'")), "{}", tip(typed));
            let told = Args::try_parse_from(["grantscope", "run", typed]).expect_err("no grant");
            let told = super::told(told).to_string();
            assert!(told.contains(&format!("a similar value exists: '{slug}'")), "{told}");
        }
        assert!(!tip("nope").contains("run"), "{}", tip("nope"));
        assert!(tip("client-credential").contains("'run client-credentials'"));
        assert!(tip("servee").contains("'serve'") && !tip("magic").contains("run"));
    }
}
