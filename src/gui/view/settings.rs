//! The settings panel: every field by its specification name, grouped, built from the settings table.

use egui::{Frame, Margin, ScrollArea, Ui};

use super::{Commands, client_document, key, run_picker};
use crate::client::authentication;
use crate::client::endpoint::id_jag;
use crate::client::settings::{
    FIELDS, Field as Setting, Group, Kind, NotShaped, Settings, Shape, Slot, is_fit, is_used,
};
use crate::flow::Next;
use crate::flow::stage::Stage;
use crate::gui::command::Command;
use crate::gui::language::{said, sentence, t, words};
use crate::gui::model::Model;
use crate::gui::theme::{size, text};
use crate::gui::widgets::{
    Banner, Caption, Chips, Field, Language, Pairs, Picker, SecretField, Toggle, Tone, code_field, group_head,
};
use crate::io::browser;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::{Endpoint, ServerMetadata};

const GROUPS: [(Group, &str); 6] = [
    (Group::Client, words!("Client")),
    (Group::Request, words!("Request")),
    (Group::Protection, words!("Protection")),
    (Group::Api, words!("Use of the tokens")),
    (Group::Endpoints, words!("Endpoints")),
    (Group::Advanced, words!("Advanced")),
];

/// The endpoints this grant uses.
pub const ENDPOINTS: [Endpoint; 11] = [
    Endpoint::Authorization,
    Endpoint::PushedAuthorizationRequest,
    Endpoint::DeviceAuthorization,
    Endpoint::Token,
    Endpoint::UserInfo,
    Endpoint::Jwks,
    Endpoint::Introspection,
    Endpoint::Revocation,
    Endpoint::BackchannelAuthentication,
    Endpoint::EndSession,
    Endpoint::Registration,
];

/// What is known of the run and its server.
#[derive(Clone, Copy)]
struct Known<'a> {
    settings: &'a Settings,
    metadata: Option<&'a ServerMetadata>,
    lacks_demo_client: bool,
    /// The setting without which the run cannot go on, and why.
    lacks: Option<&'a (&'static str, String)>,
    grant: Grant,
}

/// The panel.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut settings = model.run.flow.settings.clone();
    let metadata = model.run.flow.session.metadata.as_ref();
    let lacks = lacks(model);
    let known = Known {
        settings: &model.run.flow.settings,
        metadata,
        lacks_demo_client: model.lacks_demo_client(),
        lacks: lacks.as_ref(),
        grant: model.run.flow.grant,
    };
    ScrollArea::vertical().id_salt("settings").auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin::symmetric(14, 14)).show(ui, |ui| {
            run_picker::show(ui, model, out);
            notes(ui, model);
            let (grant, shown) = (model.run.flow.grant, settings.clone());
            let has_fields = |group| FIELDS.iter().any(|s| s.group == group && is_used(s.name, grant, &shown));
            for (group, title) in GROUPS.into_iter().filter(|(group, _)| has_fields(*group)) {
                group_head(ui, said(title));
                for setting in FIELDS.iter().filter(|s| s.group == group && is_used(s.name, grant, &shown)) {
                    field(ui, setting, &mut settings, known);
                    if setting.name == "client_id" {
                        client_document::beside(ui, model, out);
                    }
                    if setting.kind == Kind::Key
                        && let Slot::Secret(secret) = (setting.slot)(&mut settings)
                    {
                        let value = secret.clone();
                        key::show(ui, setting.name, value.expose(), &settings, out);
                    }
                    ui.add_space(size::SPACE);
                }
                match group {
                    Group::Endpoints => endpoints(ui, &mut settings, metadata),
                    Group::Advanced => additions(ui, grant, &mut settings),
                    Group::Client => keep_secret(ui, model, out),
                    Group::Api => headers(ui, &mut settings),
                    Group::Request | Group::Protection => {}
                }
                ui.add_space(size::SPACE);
            }
        });
    });
    if settings != model.run.flow.settings {
        out.push(Command::EditSettings(Box::new(settings)));
    }
}

/// What the preset says a user needs to know.
fn notes(ui: &mut Ui, model: &Model) {
    for warning in &model.preset.warnings {
        Banner::new(Tone::Warn, t!("Preset")).text(warning).show(ui);
        ui.add_space(size::SPACE);
    }
    if model.preset.preset.notes.is_empty() {
        return;
    }
    let title = t!("About {name}", name = model.preset.preset.name);
    egui::CollapsingHeader::new(text::small(title)).id_salt("preset notes").default_open(!model.is_practice()).show(
        ui,
        |ui| {
            for note in &model.preset.preset.notes {
                ui.label(text::note(note));
                ui.add_space(4.0);
            }
            let page = &model.preset.preset.documentation;
            if browser::guard(page).is_ok() {
                ui.hyperlink_to(text::small(t!("Register a client")), page);
            }
        },
    );
    ui.add_space(size::SPACE);
}

fn keep_secret(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.run.flow.settings.client.client_secret.is_empty() {
        return;
    }
    let mut keep = model.preset.keep_secret;
    if Toggle::new(t!("Save the secret in clear")).show(ui, &mut keep).changed() {
        out.push(Command::KeepSecretInFile(keep));
    }
    ui.add_space(size::SPACE);
}

fn caption<'a>(setting: &'static Setting, settings: &mut Settings, known: Known<'_>) -> Caption<'a> {
    let caption = explained(setting.name);
    if let Some((_, why)) = known.lacks.filter(|(name, _)| *name == setting.name) {
        return caption.note(Tone::Warn, why);
    }
    match not_advertised(setting, settings, known.metadata) {
        Some(note) => caption.note(Tone::Note, note),
        None if known.lacks_demo_client && setting.name == "token_endpoint_auth_method" => {
            caption.note(Tone::Note, t!("No practice client may use this grant in this way"))
        }
        None => match (meant(setting, settings), fault(setting, settings)) {
            (Some(meant), _) => caption.note(Tone::Warn, t!("Did you mean {meant}?", meant)),
            (None, Some(fault)) => caption.note(Tone::Error, fault),
            (None, None) => caption,
        },
    }
}

/// What the run waits for, or will be missing once a client authenticates. A client that registers itself has nothing yet.
fn lacks(model: &Model) -> Option<(&'static str, String)> {
    let flow = &model.run.flow;
    let asked_for = || Some(("client_secret", model.preset.lacks_secret(&flow.settings)?));
    if let Next::Missing(missing) = &model.run.next {
        let is_asked_for = missing.field == "client_secret";
        let why = || (missing.field, sentence(&missing.hint).into_owned());
        return asked_for().filter(|_| is_asked_for).or_else(|| Some(why()));
    }
    if let Some(lacking) = asked_for() {
        return Some(lacking);
    }
    let comes_later = flow.grant == Grant::Mcp || flow.stages().contains(&Stage::Registration);
    let field = authentication::lacking(&flow.settings).filter(|_| !comes_later && !flow.is_recorded())?.field();
    let method = flow.settings.auth_method().map_or("", ClientAuthMethod::name);
    Some((field, t!("{method} needs {field}: fill it in, or choose another method", method, field)))
}

/// The choice that a typed value nearly is.
fn meant(setting: &'static Setting, settings: &mut Settings) -> Option<&'static str> {
    let Slot::Text(value) = (setting.slot)(settings) else { return None };
    setting.meant(value)
}

/// Why a value is not the JSON that it has to be. It can be sent all the same.
fn fault(setting: &'static Setting, settings: &mut Settings) -> Option<String> {
    let Slot::Text(value) = (setting.slot)(settings) else { return None };
    Some(match setting.fault(value)? {
        NotShaped::NotJson(error) => t!("not JSON: {error}", error),
        NotShaped::Another { wanted: Shape::Array, .. } => t!("must be an array").to_owned(),
        NotShaped::Another { wanted: Shape::Object, .. } => t!("must be an object").to_owned(),
    })
}

fn explained<'a>(name: &'static str) -> Caption<'a> {
    Caption { explained: super::explained::setting(name), ..Caption::new(name) }
}

fn published_as(endpoint: Endpoint) -> Caption<'static> {
    Caption { explained: super::explained::metadata(endpoint.name()), ..Caption::new(endpoint.name()) }
}

/// A quiet word beside a value that the server does not list. Never a block.
fn not_advertised(
    setting: &'static Setting,
    settings: &mut Settings,
    metadata: Option<&ServerMetadata>,
) -> Option<String> {
    let (Kind::Choice(_, Some(member)) | Kind::Words(Some(member))) = setting.kind else { return None };
    let Slot::Text(value) = (setting.slot)(settings) else { return None };
    let metadata = metadata?;
    let is_words = matches!(setting.kind, Kind::Words(_));
    let missing: Vec<&str> = if is_words {
        value.split(' ').filter(|word| !word.is_empty() && metadata.leaves_out(member, word)).collect()
    } else {
        Some(value.as_str())
            .filter(|value| !matches!(*value, "" | "off") && metadata.leaves_out(member, value))
            .into_iter()
            .collect()
    };
    (!missing.is_empty()).then(|| t!("The server does not list {missing}", missing = missing.join(", ")))
}

/// What an empty choice means.
fn unset(name: &str, grant: Grant, wants_id_jag: bool) -> &'static str {
    match name {
        "subject_token_type" if wants_id_jag => t!("(default: id_token)"),
        "mcp_revision" => t!("(default: the newest)"),
        "api_method" if grant == Grant::Mcp => t!("(default: POST)"),
        "token_endpoint_auth_method" => t!("(as the secret suggests)"),
        "token_endpoint_auth_signing_alg" => t!("(as the key suggests)"),
        "client_assertion_audience" => t!("(the issuer)"),
        "subject_token_type" => t!("(default: access_token)"),
        "backchannel_token_delivery_mode" => t!("(default: poll)"),
        "api_method" | "userinfo_method" => t!("(default: GET)"),
        "introspection_signed_response_alg" | "introspection_accept" | "userinfo_signed_response_alg" => "(JSON)",
        "id_token_signed_response_alg"
        | "authorization_signed_response_alg"
        | "id_token_encrypted_response_alg"
        | "userinfo_encrypted_response_alg"
        | "authorization_encrypted_response_alg" => t!("(not known)"),
        "id_token_encrypted_response_enc"
        | "userinfo_encrypted_response_enc"
        | "authorization_encrypted_response_enc" => "(A128CBC-HS256)",
        "request_object_signing_alg" | "backchannel_authentication_request_signing_alg" => t!("(no request object)"),
        "request_uris" => t!("(sent as it is)"),
        "backchannel_logout_uri" | "frontchannel_logout_uri" => t!("(nobody listens)"),
        _ => t!("(not sent)"),
    }
}

fn field(ui: &mut Ui, setting: &'static Setting, settings: &mut Settings, known: Known<'_>) {
    let caption = caption(setting, settings, known);
    let metadata = known.metadata;
    match (setting.kind, (setting.slot)(settings)) {
        (Kind::Key, Slot::Secret(secret)) => {
            SecretField::new(caption).lines().show(ui, secret);
        }
        (Kind::Lines, Slot::Text(value)) => {
            Field::new(caption).lines().show(ui, value);
        }
        (Kind::Json(_), Slot::Text(value)) => {
            code_field(ui, &caption, value, Language::Json);
        }
        (_, Slot::Secret(secret)) => {
            SecretField::new(caption).show(ui, secret);
        }
        (_, Slot::Switch(switch)) => {
            Toggle::new(setting.name).explained(caption.explained).show(ui, switch);
        }
        (Kind::Choice(options, member), Slot::Text(value)) => {
            let listed = member.and_then(|member| metadata?.supported(member)).unwrap_or_default();
            let mut choices: Vec<&str> = options.to_vec();
            choices.extend(listed.into_iter().filter(|word| !options.contains(word)));
            choices.retain(|choice| is_fit(setting.name, choice, known.grant, known.settings));
            Picker::new(caption, &choices)
                .unset(unset(setting.name, known.grant, id_jag::is_wanted(known.settings)))
                .or_typed()
                .show(ui, value);
        }
        (Kind::Words(member), Slot::Text(value)) => {
            let listed = member.and_then(|member| metadata?.supported(member)).unwrap_or_default();
            Chips::new(caption).suggestions(&listed).show(ui, value);
        }
        (_, Slot::Text(value)) => {
            Field::new(caption).show(ui, value);
        }
    }
}

fn endpoints(ui: &mut Ui, settings: &mut Settings, metadata: Option<&ServerMetadata>) {
    for endpoint in ENDPOINTS {
        let published = metadata.and_then(|metadata| metadata.endpoint(endpoint)).unwrap_or_default();
        let mut value = settings.server.endpoints.get(&endpoint).cloned().unwrap_or_default();
        let hint = if published.is_empty() { t!("from discovery") } else { published };
        Field::new(published_as(endpoint)).placeholder(hint).show(ui, &mut value);
        if value.is_empty() {
            settings.server.endpoints.remove(&endpoint);
        } else {
            settings.server.endpoints.insert(endpoint, value);
        }
        ui.add_space(size::SPACE);
    }
}

fn headers(ui: &mut Ui, settings: &mut Settings) {
    ui.label(text::note(t!("API header fields")));
    ui.push_id("api header", |ui| Pairs::new(t!("API header field")).show(ui, &mut settings.request.api_headers.0));
    ui.add_space(size::SPACE);
}

fn additions(ui: &mut Ui, grant: Grant, settings: &mut Settings) {
    let of_request = match grant {
        Grant::DeviceCode => t!("Extra device request parameters"),
        Grant::Ciba => t!("Extra backchannel request parameters"),
        _ if grant.has_authorization_request() => t!("Extra authorization parameters"),
        _ => "",
    };
    for (title, name, pairs) in [
        (of_request, t!("extra parameter"), &mut settings.request.extra),
        (t!("Extra token request parameters"), t!("extra token parameter"), &mut settings.token_request.extra),
        (t!("Token request headers"), t!("token request header"), &mut settings.token_request.headers),
    ]
    .into_iter()
    .filter(|(title, ..)| !title.is_empty())
    {
        ui.label(text::note(title));
        ui.push_id(name, |ui| Pairs::new(name).show(ui, &mut pairs.0));
        ui.add_space(size::SPACE);
    }
}
