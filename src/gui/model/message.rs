//! Which message is shown, and which side of it.

/// The sides of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InspectorTab {
    /// What is sent.
    Request,
    /// What came.
    Response,
    /// The tokens in force.
    Tokens,
    /// The rules applied to it.
    Checks,
    /// The request as a command.
    Curl,
    /// The exact HTTP text.
    Raw,
}

/// Which message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The request that is about to leave, or the wait for the browser.
    Prepared,
    /// The request of this exchange.
    Request(usize),
    /// What the browser does with the request of this exchange: it brings it to the server, where the user signs in.
    Trip(usize),
    /// What came back in this exchange.
    Answer(usize),
    /// The polls that were told to wait, folded into one row.
    Polls,
    /// A step that has not come yet.
    Step(usize),
}
