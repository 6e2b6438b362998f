//! Rules for any answer to a direct request.

super::rules! {
    ENCODING = "answer.encoding", Must, "RFC 8259" "8.1",
        "The answer is one JSON object",
        "Most clients read nothing else. A byte order mark, a form, or JSON inside a text stops them.",
        "Write the object as JSON in UTF-8, once, and send Content-Type: application/json.";
    SUCCESS = "answer.success", Must, "RFC 9110" "15.3",
        "A success holds what was asked for",
        "Clients look at the status first. What is refused or failed under a success they take for an answer.",
        "Answer a refusal with its status (RFC 6749 section 5.2: 400), and a success with what was asked for.";
    SLOW = "answer.slow", Advice, "RFC 9110" "15.6.5",
        "The answer came soon",
        "Clients and proxies give up after some seconds and ask again. What worked once, like a code, is used up by then.",
        "Look at the server for what it waits for. At the client, set a limit that is longer than this answer took.";
}
