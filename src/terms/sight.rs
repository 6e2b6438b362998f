//! Who can see a message on its way, by kind of message, from `assets/sight.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Who sees what of one kind of message, each in a sentence or two.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sight {
    /// The kind of message.
    pub title: String,
    /// What the browser remembers.
    pub browser_history: String,
    /// What logs of servers and proxies have.
    pub logs: String,
    /// What `Referer` tells to others.
    pub referrer: String,
    /// Other apps on the same device.
    pub other_apps: String,
    /// Who ends TLS in front of a server.
    pub tls_terminator: String,
    /// An attacker, and what protects against one.
    pub attacker: String,
}

impl Sight {
    /// Who, and what they see.
    pub fn viewers(&self) -> [(&'static str, &str); 6] {
        [
            ("Browser history", &self.browser_history),
            ("Logs of servers", &self.logs),
            ("Referer", &self.referrer),
            ("Other apps on the phone", &self.other_apps),
            ("Who ends TLS", &self.tls_terminator),
            ("An attacker", &self.attacker),
        ]
    }
}

static KINDS: LazyLock<BTreeMap<String, Sight>> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/sight.toml")).expect("a test reads what is shipped"));

/// The kind of message of this name.
pub fn of(kind: &str) -> Option<&'static Sight> {
    KINDS.get(kind)
}

/// The names of all kinds.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.keys().map(String::as_str)
}
