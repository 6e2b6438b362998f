//! Which kind of message an arrow is, as far as it matters who can see it.

use super::callback::Via;
use super::ladder::Message;
use super::stage::{Stage, Travel};
use super::trace::Answer;
use crate::terms::response::ResponseMode;
use crate::terms::sight::{self, Sight};

/// Who can see this message of a stage. Of one that has not come yet there is no answer.
pub fn of(stage: Stage, message: Message, answer: Option<&Answer>) -> Option<&'static Sight> {
    sight::of(kind(stage, message, answer))
}

fn kind(stage: Stage, message: Message, answer: Option<&Answer>) -> &'static str {
    let is_answer = message == Message::Answer;
    match (stage.descriptor().travel, stage) {
        (
            _,
            Stage::Challenge
            | Stage::ResourceMetadata
            | Stage::Discovery
            | Stage::ResourceServerDiscovery
            | Stage::Jwks,
        ) => "document",
        (Travel::RoundTrip(_), Stage::Logout) => "logout",
        (Travel::RoundTrip(_), _) if message == Message::Between => "login",
        (Travel::RoundTrip(_), _) if is_answer => came_by(answer),
        (Travel::RoundTrip(_), _) => "authorization_request",
        (Travel::Visit, _) => "user_code",
        (Travel::Ping, Stage::Push) => "push",
        (Travel::Ping, _) => "ping",
        (Travel::Direct(_), Stage::UserInfo | Stage::Claims | Stage::Resource | Stage::RevocationProof) => {
            match is_answer {
                true => "api_response",
                false => "api_request",
            }
        }
        (Travel::Direct(_), Stage::Token | Stage::Refresh | Stage::Exchange | Stage::IdJag | Stage::ActorToken)
            if is_answer =>
        {
            "token_response"
        }
        (Travel::Direct(_), _) if is_answer => "client_response",
        (Travel::Direct(_), _) => "client_request",
    }
}

fn came_by(answer: Option<&Answer>) -> &'static str {
    match answer {
        Some(Answer::Callback(callback)) => match callback.via {
            Via::Fragment | Via::Pasted(ResponseMode::Fragment) => "fragment_response",
            Via::FormPost => "form_post_response",
            _ => "code_response",
        },
        _ => "code_response",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_of_every_stage_says_who_can_see_it_and_every_text_is_used() {
        let messages = [Message::Request, Message::Between, Message::Answer, Message::Polls];
        let mut used: Vec<&str> = vec!["fragment_response", "form_post_response"];
        for (stage, message) in Stage::ALL.into_iter().flat_map(|stage| messages.map(|message| (stage, message))) {
            let kind = kind(stage, message, None);
            let sight = of(stage, message, None).unwrap_or_else(|| panic!("{stage:?} {message:?}: {kind}"));
            assert!(sight.viewers().iter().all(|(_, text)| text.ends_with('.')), "{kind}");
            used.push(kind);
        }
        for kind in sight::kinds() {
            assert!(used.contains(&kind), "{kind} is no kind of message");
        }
    }
}
