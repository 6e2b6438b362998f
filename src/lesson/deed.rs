//! What somebody does in a lesson beside the app, which sends its own requests.

use std::time::Duration;

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The user whom the lesson names.
    User,
    /// The app.
    App,
    /// Somebody who wants what is not his.
    Attacker,
    /// The second server.
    SecondIssuer,
    /// Nobody: time.
    Time,
}

impl Actor {
    /// In a word: `attacker`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Attacker => "attacker",
            Self::SecondIssuer => "second issuer",
            Self::Time => "time",
        }
    }
}

/// Declares the deeds: `Name(parameter) = "name in files", actor, what it is;`
macro_rules! deeds {
    ($($deed:ident $(($kind:ty = $usual:expr))? = $name:literal, $actor:ident, $about:literal;)+) => {
        /// Something that somebody does.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Deed {
            $(#[doc = $about] $deed $(($kind))?,)+
        }

        impl Deed {
            /// All of them, with nothing in their parameters.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$deed $(($usual))?),+]
            }

            /// As a file has it.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$deed { .. } => $name,)+ }
            }

            /// What it is, in a sentence.
            pub const fn about(&self) -> &'static str {
                match self { $(Self::$deed { .. } => $about,)+ }
            }

            /// Who does it.
            pub const fn actor(&self) -> Actor {
                match self { $(Self::$deed { .. } => Actor::$actor,)+ }
            }
        }
    };
}

deeds! {
    AppGoesOn = "app goes on", App,
        "The app does not check: it goes on after an answer that this program would use nothing of.";
    UserRefuses = "user refuses", User,
        "From now on the user says no where a page asks.";
    UserOpensLink = "user opens the attacker's link", User,
        "The next sign-in of the app gets the response that the attacker has kept, in the place of its own.";
    UserOpensChangedLink(Vec<(String, String)> = Vec::new()) = "user opens a changed link", User,
        "The user follows an authorization request of the app that the attacker has changed, and signs in.";
    AttackerReads = "attacker reads the response", Attacker,
        "The next authorization response is read on its way: in a log, the history of a browser, a Referer.";
    AttackerCatches = "attacker catches the response", Attacker,
        "The next authorization response comes to the attacker and not to the app.";
    AttackerSignsIn = "attacker signs in and keeps the response", Attacker,
        "The attacker starts a login of the app, signs in as himself, and stops before the response reaches the app.";
    AttackerStealsCode = "attacker steals a code elsewhere", Attacker,
        "The user signs in to the same app on another device, and the code of that login comes to the attacker.";
    AttackerSwapsCode = "attacker puts in the stolen code", Attacker,
        "In the next authorization response the code is replaced by the stolen one.";
    AttackerRedeems = "attacker redeems the code", Attacker,
        "The attacker sends the code to the token endpoint, in the name of the app, with all that he knows.";
    AttackerRepeats = "attacker sends the token request again", Attacker,
        "The attacker sends the newest token request of the app once more, byte for byte, without its certificate.";
    AttackerReadsTokens = "attacker reads the tokens", Attacker,
        "The newest tokens of the app come to the attacker: from a backup, a log, a script in the page, or his own app.";
    AttackerReadsRequest = "attacker reads the token request", Attacker,
        "The newest token request of the app came to a server of the attacker, with code and verifier.";
    AttackerRefreshes = "attacker refreshes", Attacker,
        "The attacker sends the stolen refresh token to the token endpoint.";
    AttackerCallsApi = "attacker calls the API", Attacker,
        "The attacker sends the access token that he has to the API.";
    AttackerCallsUserInfo = "attacker calls UserInfo", Attacker,
        "The attacker sends the access token that he has to the UserInfo endpoint.";
    AttackerUsesIdToken = "attacker calls the API with the ID token", Attacker,
        "The attacker sends the ID token that he has to the API, as if it were an access token.";
    SecondSendsOn = "second issuer sends the browser on", SecondIssuer,
        "The next authorization request, which came to the second issuer, is sent on to the first one.";
    TimePasses(Duration = Duration::ZERO) = "time passes", Time,
        "The clock of the lesson goes on by this many seconds.";
}

impl Deed {
    /// The deed of this name, with nothing in its parameter.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|deed| deed.name() == name)
    }

    /// Whether it is about what comes next, and sends nothing by itself.
    pub const fn is_ahead(&self) -> bool {
        matches!(
            self,
            Self::UserOpensLink
                | Self::AttackerReads
                | Self::AttackerCatches
                | Self::AttackerSwapsCode
                | Self::SecondSendsOn
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_found_by_its_name() {
        for deed in Deed::all() {
            assert_eq!(Deed::find(deed.name()), Some(deed.clone()));
            assert!(deed.about().ends_with('.'));
        }
        assert_eq!(Deed::find("attacker"), None);
    }
}
