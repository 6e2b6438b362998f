//! A quiz for a class: the practice server does one thing wrong, drawn at random, and the class says from the messages what
//! it is. What the checks say of the run is told afterwards.

use super::play::{Played, played};
use super::{Lesson, Part, Side};
use crate::base::entropy::Entropy;
use crate::practice::Fault;
use crate::terms::grant::Grant;

/// So many answers are offered.
pub const CHOICES: usize = 4;

/// What can be seen in the messages, and the grant that shows it. A signature that is off by a bit is not among them:
/// nobody sees it without a key.
const SEEN: [(Fault, Grant); 17] = [
    (Fault::WrongIss, Grant::AuthorizationCode),
    (Fault::WrongAud, Grant::AuthorizationCode),
    (Fault::WrongNonce, Grant::AuthorizationCode),
    (Fault::ExpiredIdToken, Grant::AuthorizationCode),
    (Fault::UnknownKid, Grant::AuthorizationCode),
    (Fault::MissingIdToken, Grant::AuthorizationCode),
    (Fault::MissingState, Grant::AuthorizationCode),
    (Fault::ForeignState, Grant::AuthorizationCode),
    (Fault::MissingIss, Grant::AuthorizationCode),
    (Fault::ForeignIss, Grant::AuthorizationCode),
    (Fault::HtmlAnswer, Grant::AuthorizationCode),
    (Fault::NoRotation, Grant::RefreshToken),
    (Fault::CachedTokens, Grant::AuthorizationCode),
    (Fault::WrongUser, Grant::AuthorizationCode),
    (Fault::WrongIssuer, Grant::AuthorizationCode),
    (Fault::AlgNone, Grant::AuthorizationCode),
    (Fault::PublicKeyAsSecret, Grant::AuthorizationCode),
];

/// What is wrong, and what is offered as an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    /// What the practice server does wrong.
    pub fault: Fault,
    /// What may be said, in the order in which it is offered.
    pub choices: Vec<Fault>,
    grant: Grant,
}

impl Quiz {
    /// Draws what is wrong and what is offered beside it.
    pub fn draw(entropy: &mut Entropy) -> Self {
        let mut left = SEEN.to_vec();
        let mut drawn: Vec<(Fault, Grant)> =
            (0..CHOICES).map(|_| left.swap_remove(below(entropy, left.len()))).collect();
        let (fault, grant) = drawn.swap_remove(below(entropy, CHOICES));
        let mut choices: Vec<Fault> = drawn.into_iter().map(|(fault, _)| fault).collect();
        choices.insert(below(entropy, CHOICES), fault);
        Self { fault, choices, grant }
    }

    /// The run with the fault, to its end.
    ///
    /// # Errors
    /// When the practice server cannot be made, in words.
    pub fn played(&self) -> Result<Played, String> {
        // The demo client that is public gets refresh tokens that change.
        let client = if self.fault == Fault::NoRotation { "practice-native" } else { "" };
        let settings = [("client_id", client)].into_iter().filter(|(_, value)| !value.is_empty());
        let lesson = Lesson {
            title: "Quiz".to_owned(),
            intention: String::new(),
            minutes: 0,
            before: Vec::new(),
            read_on: Vec::new(),
            grant: self.grant,
            user: "alice".to_owned(),
            settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            broken: Side { faults: vec![self.fault], ..Side::default() },
            mended: Side::default(),
            questions: Vec::new(),
            text: String::new(),
        };
        played(&lesson, Part::Broken)
    }
}

/// A number below `count`, each as likely as makes no difference.
fn below(entropy: &mut Entropy, count: usize) -> usize {
    let drawn = u64::from_le_bytes(entropy.bytes()) % count.max(1) as u64;
    usize::try_from(drawn).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    #[test]
    fn every_fault_that_is_asked_for_is_noticed_by_its_rule() {
        for (fault, grant) in SEEN {
            let quiz = Quiz { fault, choices: vec![fault], grant };
            let played = quiz.played().expect("a server");
            let rule = fault.rule().expect("who looks at the messages is a client");
            let noticed = played
                .flow
                .checks()
                .any(|check| check.rule.id == rule && matches!(check.verdict, Verdict::Fail | Verdict::Warn));
            assert!(noticed, "{fault}");
            assert_eq!(played.stuck, None, "{fault}");
        }
    }

    #[test]
    fn the_answers_are_different_and_the_right_one_is_among_them_anywhere() {
        let mut places = [0; CHOICES];
        for seed in 0..80 {
            let quiz = Quiz::draw(&mut Entropy::from_seed([seed; 32]));
            assert_eq!(quiz.choices.len(), CHOICES);
            let again = |at: usize| quiz.choices[..at].contains(&quiz.choices[at]);
            assert!(!(0..CHOICES).any(again), "{quiz:?}");
            places[quiz.choices.iter().position(|choice| *choice == quiz.fault).expect("among them")] += 1;
        }
        assert!(places.iter().all(|count| *count > 5), "{places:?}");
    }
}
