//! A token of a workload (GitHub Actions, Kubernetes, SPIFFE) held against the policy by which a cloud trusts it: compared
//! as that cloud compares, the first difference marked, its error named. Nothing is sent.

mod aws;
mod compare;
mod entra;
mod expression;
mod google;
mod policy;

use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::rules::workload as rule;
use crate::jose::jwt::Decoded;

pub use self::compare::{Difference, Kind};
pub use self::policy::{Cloud, Condition, How, NoPolicy, Policy};

/// One condition of a policy and what the token has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// What was compared.
    pub condition: Condition,
    /// What the token has: each of several audiences.
    pub saw: Vec<String>,
    /// Where the nearest value of the policy differs first.
    pub difference: Option<Difference>,
    /// What came of it.
    pub check: Check,
    /// What the cloud answers where it does not hold.
    pub error: Option<&'static str>,
}

/// What became of a token at a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whose policy it is.
    pub cloud: Cloud,
    /// Each condition.
    pub compared: Vec<Compared>,
    /// What is to be said of the policy as such.
    pub notes: Vec<Check>,
}

impl Judged {
    /// Every verdict.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.compared.iter().map(|compared| &compared.check).chain(&self.notes)
    }

    /// Whether the cloud would take the token; `None` where a condition could not be judged.
    pub fn is_taken(&self) -> Option<bool> {
        let verdicts = || self.compared.iter().map(|compared| compared.check.verdict);
        match verdicts().any(|verdict| verdict == Verdict::Fail) {
            true => Some(false),
            false => verdicts().all(|verdict| verdict != Verdict::Skipped).then_some(true),
        }
    }

    /// What the cloud answers first.
    pub fn error(&self) -> Option<&'static str> {
        self.compared.iter().find_map(|compared| compared.error)
    }
}

impl Policy {
    /// Reads a policy as the cloud's own tools print it.
    ///
    /// # Errors
    /// When it is no JSON, or none of these policies.
    pub fn parse(text: &str) -> Result<Self, NoPolicy> {
        let json = Json::parse_text(text).map_err(|error| NoPolicy(format!("no JSON: {error}")))?;
        let read = entra::read(&json).or_else(|| aws::read(&json)).or_else(|| google::read(&json));
        read.ok_or_else(|| {
            NoPolicy(
                "neither a federated identity credential of Entra (issuer, subject, audiences), nor a trust policy of an AWS \
                 role (Statement with sts:AssumeRoleWithWebIdentity), nor a workload identity provider of Google (oidc.issuerUri)"
                    .to_owned(),
            )
        })
    }
}

/// Holds a token against a policy. Of several alternatives the one that comes nearest is told.
pub fn judge(token: &Decoded, policy: &Policy) -> Judged {
    let ways = policy.ways.iter().map(|way| {
        way.iter().map(|condition| compare(token, policy.cloud, compare::resolved(condition, token))).collect()
    });
    let failed = |way: &Vec<Compared>| way.iter().filter(|compared| compared.check.verdict == Verdict::Fail).count();
    let mut compared: Vec<Compared> = ways.min_by_key(failed).unwrap_or_default();
    let notes = notes(policy, &compared);
    compared.extend(policy.denials.iter().filter_map(|denial| denied(token, policy.cloud, denial)));
    Judged { cloud: policy.cloud, compared, notes }
}

/// Whether a statement denies the token: all its conditions hold. What is told is the condition that decides.
fn denied(token: &Decoded, cloud: Cloud, denial: &[Condition]) -> Option<Compared> {
    let denial: Vec<Condition> = denial.iter().map(|condition| compare::resolved(condition, token)).collect();
    let saw = |condition: &Condition| compare::values(token, &condition.claim);
    let holds = |condition: &Condition| compare::holds(condition, &saw(condition));
    let fails = denial.iter().find(|condition| holds(condition) == Some(false));
    let decides = fails.or_else(|| denial.iter().find(|condition| holds(condition).is_none())).or(denial.last())?;
    let (wanted, saw) = (visible(&decides.says()).into_owned(), saw(decides));
    let (check, error) = match holds(decides) {
        Some(false) => (rule::DENIED.pass(found(decides, &saw)), None),
        Some(true) => {
            let check = rule::DENIED.broken(format!("no Deny for {wanted}"), found(decides, &saw));
            (check, error(cloud, decides, None))
        }
        None => (rule::DENIED.skipped(format!("Deny of {wanted} is not judged here")), None),
    };
    Some(Compared { condition: decides.clone(), saw, difference: None, check, error })
}

/// What the token has where a condition looks.
fn found(condition: &Condition, saw: &[String]) -> String {
    match saw {
        _ if condition.how == How::Never => "whatever it has".to_owned(),
        [] if condition.of_all => format!("no {}, which ForAllValues takes", visible(&condition.claim)),
        [] => format!("no {}", visible(&condition.claim)),
        saw => visible(&saw.join(", ")).into_owned(),
    }
}

fn compare(token: &Decoded, cloud: Cloud, condition: Condition) -> Compared {
    let saw = compare::values(token, &condition.claim);
    let rule = match condition.claim.as_str() {
        _ if condition.how == How::Never => &rule::IN_FORCE,
        "iss" => &rule::ISSUER,
        "sub" => &rule::SUBJECT,
        "aud" => &rule::AUDIENCE,
        _ => &rule::CLAIM,
    };
    let wanted = || visible(&condition.says()).into_owned();
    let found = found(&condition, &saw);
    let check = match compare::holds(&condition, &saw) {
        None => rule.skipped(format!("{} is not judged here", wanted())),
        Some(true) => rule.pass(found),
        Some(false) => rule.broken(wanted(), found),
    };
    let difference = (check.verdict == Verdict::Fail).then(|| compare::nearest(&condition, &saw)).flatten();
    let error = (check.verdict == Verdict::Fail).then(|| error(cloud, &condition, difference.as_ref())).flatten();
    Compared { condition, saw, difference, check, error }
}

/// What a cloud answers to a token whose claim does not fit there.
fn error(cloud: Cloud, condition: &Condition, difference: Option<&Difference>) -> Option<&'static str> {
    let is_case = difference.is_some_and(|difference| difference.kind == Kind::Case);
    match (cloud, condition.claim.as_str()) {
        (Cloud::Entra, "iss") => Some("AADSTS700211"),
        (Cloud::Entra, "aud") => Some("AADSTS700212"),
        (Cloud::Entra, "sub") if is_case => Some("AADSTS7002138"),
        (Cloud::Entra, _) => Some("AADSTS700213"),
        // AWS says the same whatever does not hold.
        (Cloud::Aws, _) => Some("AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        (Cloud::Google, _) if condition.how == How::Never => Some(
            "invalid_target: The target service indicated by the \"audience\" parameters is invalid. This might either be because \
             the pool or provider is disabled or deleted or because it doesn't exist.",
        ),
        (Cloud::Google, _) if condition.how == How::Present => {
            Some("unauthorized_client: Could not obtain a value for google.subject from the given credential.")
        }
        (Cloud::Google, "iss" | "aud") => Some("invalid_grant"),
        (Cloud::Google, _) => Some("unauthorized_client: The given credential is rejected by the attribute condition."),
        (Cloud::Exact, _) => None,
    }
}

/// Whom the policy lets in beside this workload.
fn notes(policy: &Policy, compared: &[Compared]) -> Vec<Check> {
    // A subject in a claim of its own narrows as well as `sub` does.
    let narrows = |compared: &&Compared| {
        let is_value = !matches!(compared.condition.how, How::Present | How::Never);
        is_value && !["iss", "aud"].contains(&compared.condition.claim.as_str())
    };
    let narrowing: Vec<&Compared> = compared.iter().filter(narrows).collect();
    let open = narrowing.iter().find(|compared| compared.condition.is_broad());
    let is_closed = compared.iter().any(|compared| compared.condition.how == How::Never);
    let broad = match open {
        _ if is_closed => rule::BROAD.skipped("nobody is let in"),
        _ if narrowing.is_empty() => {
            rule::BROAD.broken("a condition on sub", "every workload of the issuer is let in.")
        }
        Some(open) if narrowing.iter().all(|compared| compared.condition.is_broad()) => {
            rule::BROAD.broken("one workload", visible(&open.condition.says()).into_owned())
        }
        _ => rule::BROAD
            .pass(narrowing.iter().map(|compared| compared.condition.claim.as_str()).collect::<Vec<_>>().join(", ")),
    };
    let mut notes = vec![broad, mutable(&narrowing)];
    if !is_closed {
        notes.push(rule::IN_FORCE.pass(policy.cloud.name()));
    }
    notes.extend(policy.notes.iter().map(|note| rule::CLAIM.note(note.clone())));
    notes
}

/// A GitHub subject by names alone. Numbers cannot be registered anew.
fn mutable(narrowing: &[&Compared]) -> Check {
    let names = |compared: &&&Compared| {
        compared.condition.claim == "sub" && compared.condition.values.iter().any(|value| value.starts_with("repo:"))
    };
    let has_id = narrowing.iter().any(|compared| compared.condition.claim.ends_with("_id"));
    match narrowing.iter().find(names) {
        None => rule::MUTABLE.skipped("no subject of GitHub Actions"),
        Some(named) if has_id || named.condition.values.iter().all(|value| compare::has_ids(value)) => {
            rule::MUTABLE.pass("held by number")
        }
        Some(named) => {
            rule::MUTABLE.broken("numbers of owner and repository", visible(&named.condition.says()).into_owned())
        }
    }
}
