//! What a trust policy says, whichever cloud wrote it.

use std::fmt;

/// Who compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// Microsoft Entra: a federated identity credential.
    Entra,
    /// AWS: the trust policy of a role.
    Aws,
    /// Google Cloud: a provider of a workload identity pool.
    Google,
    /// Whoever wants these values exactly.
    Exact,
}

/// How a value of a claim has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// One of the values, character by character.
    Equals,
    /// The same without upper and lower case.
    EqualsIgnoringCase,
    /// With `*` for any characters and `?` for one.
    Like,
    /// Begins with one of them.
    StartsWith,
    /// Ends with one of them.
    EndsWith,
    /// Has one of them somewhere.
    Contains,
    /// There is a value at all; the policy's value says what for.
    Present,
    /// Never, whatever the token has; the value says why.
    Never,
    /// Something that is not judged here; the value is its text.
    Unknown,
}

/// What a policy wants of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The claim.
    pub claim: String,
    /// How it is compared.
    pub how: How,
    /// One of these.
    pub values: Vec<String>,
    /// Whether every value of the token has to be so, and none at all is as good: `ForAllValues` of AWS.
    pub of_all: bool,
    /// Whether it holds as well where the claim is not there.
    pub if_exists: bool,
}

/// A policy, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who wrote it.
    pub cloud: Cloud,
    /// Alternatives: all conditions of one have to hold.
    pub ways: Vec<Vec<Condition>>,
    /// Who is refused although one of the ways lets him in: where all conditions of one of these hold.
    pub denials: Vec<Vec<Condition>>,
    /// What else is to be said of it.
    pub notes: Vec<String>,
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPolicy(pub String);

impl fmt::Display for NoPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Cloud {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra",
            Self::Aws => "AWS",
            Self::Google => "Google Cloud",
            Self::Exact => "the values given",
        }
    }
}

impl Condition {
    pub(super) fn new(claim: impl Into<String>, how: How, values: Vec<String>) -> Self {
        Self { claim: claim.into(), how, values, of_all: false, if_exists: false }
    }

    /// In words: `repo:octo/app:*`, `a or b`.
    pub fn says(&self) -> String {
        let said = self.values.join(" or ");
        match self.how {
            How::StartsWith => format!("{said}..."),
            How::EndsWith => format!("...{said}"),
            How::Contains => format!("...{said}..."),
            _ => said,
        }
    }

    /// Whether it holds for what is not of one owner: a pattern whose first words are already free.
    pub(super) fn is_broad(&self) -> bool {
        let is_free = |value: &String| {
            let fixed = value.split(['*', '?']).next().unwrap_or_default();
            // `repo:octo/` names an owner, `repo:` and `system:serviceaccount:` do not.
            let owner = fixed.trim_start_matches("system:serviceaccount:").trim_start_matches("repo:");
            fixed.len() < value.len() && !owner.contains(['/', ':'])
        };
        self.how == How::Like && self.values.iter().any(is_free)
    }
}

impl Policy {
    /// One that lets in by these ways and says nothing else.
    pub(super) const fn new(cloud: Cloud, ways: Vec<Vec<Condition>>) -> Self {
        Self { cloud, ways, denials: Vec::new(), notes: Vec::new() }
    }

    /// These values, exactly: `None` is not compared.
    pub fn exact(iss: Option<&str>, sub: Option<&str>, aud: Option<&str>) -> Self {
        let given = [("iss", iss), ("sub", sub), ("aud", aud)];
        let condition =
            |(claim, value): (&str, Option<&str>)| Some(Condition::new(claim, How::Equals, vec![value?.to_owned()]));
        Self::new(Cloud::Exact, vec![given.into_iter().filter_map(condition).collect()])
    }
}
