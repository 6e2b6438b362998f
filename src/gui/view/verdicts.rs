//! What the run's checks say of a token, as the JWT tab and the card of the ID token show it.

use crate::base::check::{Check, Verdict};
use crate::gui::language::{said, saw, sentence, t};
use crate::gui::widgets::Judged;

/// What a client must have judged of every ID token before it uses it (OpenID Connect Core section 3.1.3.7).
pub const RELIED_ON: [&str; 4] = ["iss", "aud", "nonce", "exp"];

/// What came of the rule about a claim; `None` is a claim that no check of the run is about.
pub fn judged(check: Option<&Check>) -> Judged {
    let Some(check) = check else {
        let why = t!("no check of this run is about it").to_owned();
        return Judged { tone: Verdict::Skipped.into(), word: t!("not judged"), rule: "", why };
    };
    let word = match check.verdict {
        Verdict::Fail => t!("failed"),
        Verdict::Warn => t!("warned"),
        Verdict::Note => t!("noted"),
        Verdict::Pass => t!("passed"),
        Verdict::Skipped => t!("not judged"),
    };
    let why = match check.verdict {
        Verdict::Fail | Verdict::Warn => sentence(&check.seen()).into_owned(),
        Verdict::Note | Verdict::Skipped => saw(check).into_owned(),
        Verdict::Pass => said(check.rule.title).to_owned(),
    };
    Judged { tone: check.verdict.into(), word, rule: check.rule.id, why }
}
