//! Single claims that are asked for (OIDC Core section 5.5), and those that came.

use super::{said, short};
use crate::base::check::Check;
use crate::base::json::Json;
use crate::client::rules::rar as rule;

/// Where claims can be asked for (section 5.5).
pub const PLACES: [&str; 2] = ["userinfo", "id_token"];

/// What of the value of such a claim is judged by a rule of its own.
const JUDGED_ELSEWHERE: [&str; 2] = ["sub", "acr"];

/// What is wrong with the form of a `claims` parameter, in words.
pub fn fault(claims: &Json) -> Option<String> {
    if !claims.is_object() {
        return Some(claims.described());
    }
    let places: Vec<(&str, &Json)> = PLACES.into_iter().filter_map(|place| Some((place, claims.get(place)?))).collect();
    if places.is_empty() {
        return Some(format!("an object with {}", names(claims)));
    }
    places.into_iter().find_map(|(place, asked)| match asked {
        Json::Object(members) => {
            members.iter().find_map(|(name, wanted)| Some(format!("{place}.{} {}", short(name), fault_of_one(wanted)?)))
        }
        other => Some(format!("{place} is {}", other.a_kind())),
    })
}

/// What is wrong with how one claim is asked for (section 5.5.1).
fn fault_of_one(wanted: &Json) -> Option<String> {
    let essential = wanted.get("essential");
    match wanted {
        Json::Null => None,
        Json::Object(_) if essential.is_some_and(|it| it.as_bool().is_none()) => {
            Some(format!("has an essential that is {}", essential.map_or("absent", Json::a_kind)))
        }
        Json::Object(_) => {
            let values = wanted.get("values").filter(|values| !matches!(values, Json::Array(_)));
            values.map(|values| format!("has values that are {}", values.a_kind()))
        }
        other => Some(format!("is {}, not null or an object", other.a_kind())),
    }
}

fn names(json: &Json) -> String {
    let names: Vec<&str> = json.members().iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() { "nothing in it".to_owned() } else { short(&names.join(", ")) }
}

/// Whether a claim came: under its name, in a language of the server's choice (section 5.2), or from a source that stands
/// for it (section 5.6.2).
fn came<'a>(name: &str, claims: &'a Json) -> Option<Came<'a>> {
    let plain = name.split_once('#').map_or(name, |(plain, _)| plain);
    let of_language = || {
        let in_language = |other: &str| other.split_once('#').is_some_and(|(before, _)| before == plain);
        claims.members().iter().find(|(other, _)| other == plain || in_language(other)).map(|(_, value)| value)
    };
    let vouched = || claims.get("_claim_names")?.get(plain).map(|_| Came::ByReference);
    claims.get(name).or_else(of_language).map(Came::Value).or_else(vouched)
}

enum Came<'a> {
    Value(&'a Json),
    ByReference,
}

/// Says which claims that were asked for in this place came in it; nothing where none was. A claim that is missing is no
/// error, not even an essential one (section 5.5.1).
pub fn delivered(claims: &str, place: &str, came_there: &Json) -> Option<Check> {
    let asked = Json::parse_text(claims).ok()?;
    let asked = asked.get(place)?.members();
    let place = if place == "id_token" { "the ID token" } else { "UserInfo" };
    let (mut there, mut voluntary, mut essential, mut other) = (vec![], vec![], vec![], vec![]);
    for (name, wanted) in asked {
        match came(name, came_there) {
            Some(Came::Value(value)) if !is_wanted(name, wanted, value) => {
                other.push(format!("{} is {}, asked for {}", short(name), said(value), wanted_values(wanted)));
            }
            Some(_) => there.push(short(name)),
            None if wanted.get("essential").and_then(Json::as_bool) == Some(true) => essential.push(short(name)),
            None => voluntary.push(short(name)),
        }
    }
    if asked.is_empty() {
        return None;
    }
    let is_short = !essential.is_empty() || !other.is_empty();
    let listed = |names: &[String]| Some(short(&names.join(", "))).filter(|names| !names.is_empty());
    let parts = [
        listed(&there).map(|names| format!("in {place}: {names}")),
        listed(&essential).map(|names| format!("not in {place} though essential: {names}")),
        listed(&voluntary).map(|names| format!("not in {place}, as is allowed: {names}")),
        listed(&other).map(|claims| format!("otherwise than asked: {claims}")),
    ];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    Some(if is_short {
        rule::DELIVERED.broken("what is essential, with the values asked for", words)
    } else {
        rule::DELIVERED.pass(words)
    })
}

/// Whether a value is one of those that were asked for (section 5.5.1).
fn is_wanted(name: &str, wanted: &Json, value: &Json) -> bool {
    if JUDGED_ELSEWHERE.contains(&name) {
        return true;
    }
    let is_value = wanted.get("value").is_none_or(|one| one == value);
    is_value && wanted.get("values").is_none_or(|values| values.elements().contains(value))
}

fn wanted_values(wanted: &Json) -> String {
    wanted.get("value").or_else(|| wanted.get("values")).map(said).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    #[test]
    fn each_claim_is_null_or_an_object_of_what_is_wanted() {
        for (claims, what) in [
            (r#"{"id_token":{"email":null}}"#, None),
            (r#"{"userinfo":{}}"#, None),
            (r#"{"id_token":{"email":{"essential":true},"acr":{"values":["a"]},"sub":{"value":7}},"more":1}"#, None),
            (r#"{"id_token":{"email":5}}"#, Some("id_token.email is a number, not null or an object")),
            (r#"{"userinfo":{"email":true}}"#, Some("userinfo.email is")),
            (r#"{"userinfo":{"email":{"essential":"yes"}}}"#, Some("essential that is a string")),
            (r#"{"userinfo":{"acr":{"values":"gold"}}}"#, Some("values that are a string")),
            (r#"{"userinfo":null}"#, Some("userinfo is")),
            (r#"{"userinfo":{},"id_token":[]}"#, Some("id_token is an array")),
            (r#"{"email":null}"#, Some("an object with email")),
            ("{}", Some("nothing in it")),
            ("[]", Some("array")),
        ] {
            let found = fault(&Json::parse_text(claims).expect("JSON"));
            assert_eq!(found.is_some(), what.is_some(), "{claims}: {found:?}");
            assert!(found.clone().unwrap_or_default().contains(what.unwrap_or_default()), "{claims}: {found:?}");
        }
    }

    #[test]
    fn what_came_of_the_claims_is_told_by_place() {
        let claims = r#"{"userinfo":{"email":{"essential":true},"name":null,"locale":{"value":"de"}},"id_token":{}}"#;
        for (came, verdict, saw) in [
            (r#"{"email":"a@b","name#en":"A","locale":"de"}"#, Verdict::Pass, "in UserInfo: email, name, locale"),
            (r#"{"email":"a@b","locale":"de"}"#, Verdict::Pass, "not in UserInfo, as is allowed: name"),
            (r#"{"_claim_names":{"email":"s"},"locale":"de"}"#, Verdict::Pass, "in UserInfo: email"),
            (r#"{"name":"A","locale":"de"}"#, Verdict::Note, "not in UserInfo though essential: email"),
            (r#"{"email":"a@b","locale":"en"}"#, Verdict::Note, "locale is en, asked for de"),
        ] {
            let check = delivered(claims, "userinfo", &Json::parse_text(came).expect("JSON")).expect("a check");
            assert_eq!(check.verdict, verdict, "{came}");
            assert!(check.actual.as_deref().unwrap_or_default().contains(saw), "{came}: {:?}", check.actual);
        }
        assert_eq!(delivered(claims, "id_token", &Json::Null), None);
    }
}
