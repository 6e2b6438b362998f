//! The Server tab: which side of it is open, and the practice server as it was looked at before this frame.

use std::sync::Arc;

use super::{Model, Tab};
use crate::base::time::Timestamp;
use crate::practice::{Client, Entry, Fault, Faults, Session, TokenInForce, User};
use crate::terms::profile::Profile;

/// The sides of the tab. Where there is no room for two columns, the right one of each is a side of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What the practice server was asked, and what is in force there.
    Requests,
    /// What it does wrong on purpose.
    Faults,
    /// What the server of the run says about itself.
    Discovery,
    /// What it supports.
    Support,
}

impl Side {
    /// Whether it is about the practice server.
    pub const fn is_practice(self) -> bool {
        matches!(self, Self::Requests | Self::Faults)
    }
}

/// What the practice server keeps, as tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Holdings {
    /// Tokens in force.
    #[default]
    Tokens,
    /// Registered clients.
    Clients,
    /// Those who may sign in.
    Users,
    /// Who is signed in.
    Sessions,
}

/// One of the practice servers, to choose from.
#[derive(Clone, Debug)]
pub struct ServerPlace {
    /// Its issuer.
    pub issuer: String,
    /// How many requests it has answered.
    pub requests: u64,
    /// How many faults are on.
    pub faults: usize,
}

/// The practice server as it was looked at.
#[derive(Clone, Debug, Default)]
pub struct PracticeView {
    /// What it does wrong on purpose.
    pub faults: Faults,
    /// The profile that it enforces.
    pub profile: Option<Profile>,
    /// How many requests it has answered.
    pub requests: u64,
    /// What was asked and answered, the newest first.
    pub log: Vec<Arc<Entry>>,
    /// Tokens in force, the newest first.
    pub tokens: Vec<TokenInForce>,
    /// Who is signed in.
    pub sessions: Vec<Session>,
    /// Registered clients.
    pub clients: Vec<Client>,
    /// Those who may sign in.
    pub users: Vec<User>,
}

/// The state of the tab.
#[derive(Clone, Debug, Default)]
pub struct ServerModel {
    /// The side that was chosen; `None` shows the one that fits the provider.
    pub side: Option<Side>,
    /// The practice servers: the usual one, and that which takes the grants of an ID-JAG.
    pub servers: Vec<ServerPlace>,
    /// Which of them is shown.
    pub chosen: usize,
    /// The one that is shown; `None` where it does not run.
    pub practice: Option<PracticeView>,
    /// Since when it has been looked at, which is the start of the program.
    pub since: Option<Timestamp>,
    /// The number of the log's entry that is open.
    pub open: Option<u64>,
    /// What is listed below the log.
    pub holdings: Holdings,
    /// The time of `slow_answer` as it is typed; `None` while nobody does.
    pub slow: Option<String>,
    /// Why that is no time.
    pub slow_error: Option<String>,
    /// Which members of the metadata are listed.
    pub search: String,
    /// Whether the metadata is shown as JSON.
    pub as_json: bool,
}

/// One act of the user in the tab.
#[derive(Clone, Debug)]
pub enum ServerAct {
    /// Show this side.
    Show(Side),
    /// Show the server at this place.
    Choose(usize),
    /// Open the entry of this number, or close the one that is open.
    Open(Option<u64>),
    /// List these below the log.
    List(Holdings),
    /// Switch a fault.
    Switch(Fault, bool),
    /// The same, and say so: it is done from elsewhere.
    SwitchByName(Fault, bool),
    /// Switch every fault off.
    AllOff,
    /// Enforce this profile from now on, or none.
    Enforce(Option<Profile>),
    /// Text typed as the time of the slow answer.
    EditSlow(String),
    /// Forget the log.
    ClearLog,
    /// End the token or the session of this id.
    End(String),
    /// End all of them.
    EndAll,
    /// Text typed to search the metadata.
    Search(String),
    /// Show the metadata as JSON, or as a table.
    AsJson(bool),
}

impl Model {
    /// The side of the Server tab that is shown.
    pub fn server_side(&self) -> Side {
        let fitting = if self.is_practice() { Side::Requests } else { Side::Discovery };
        let wanted = self.server.side.unwrap_or(fitting);
        let wanted = if wanted.is_practice() && self.server.practice.is_none() { Side::Discovery } else { wanted };
        match wanted {
            Side::Faults if !self.is_narrow => Side::Requests,
            Side::Support if !self.is_narrow => Side::Discovery,
            side => side,
        }
    }

    /// Whether the time that tokens have left is on the screen.
    pub fn counts_tokens(&self) -> bool {
        let server = &self.server;
        let shows_tokens = self.tab == Tab::Server
            && self.server_side() == Side::Requests
            && matches!(server.holdings, Holdings::Tokens | Holdings::Sessions);
        shows_tokens
            && server.practice.as_ref().is_some_and(|seen| !(seen.tokens.is_empty() && seen.sessions.is_empty()))
    }

    /// The faults that are on, at either server.
    pub fn faults_on(&self) -> usize {
        self.server.servers.iter().map(|server| server.faults).sum()
    }
}
