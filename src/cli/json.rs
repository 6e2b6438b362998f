//! The parts of results.

use crate::base::check::Check;
use crate::base::json::Json;
use crate::record::members_of_check;

pub(super) use crate::base::json::{number, object, optional, text};

/// Each check as `{ rule, verdict, expected, actual, spec }`.
pub(super) fn checks<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Json {
    Json::Array(checks.into_iter().map(|check| Json::Object(members_of_check(check))).collect())
}
