//! Where a server stands: the addresses it listens at, and the names by which it may be called.

use core::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

use super::Config;
use crate::base::http::{HttpRequest, is_loopback};

/// Where a server stands. What is not said is as it always was: on this machine alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The address it listens at; `None` is 127.0.0.1.
    pub bind: Option<IpAddr>,
    /// The port of `http`; 0 is any free one.
    pub port: Option<u16>,
    /// The port of `https`; 0 is any free one.
    pub tls_port: Option<u16>,
    /// Names by which it may be called beside the host of its issuer, without ports.
    pub allow_hosts: Vec<String>,
    /// Hosts besides loopback that it may send something to by itself: pings, and logout tokens.
    pub outgoing_hosts: Vec<String>,
    /// The port by which a test controls the server; 0 is any free one. Without it there is none.
    pub control_port: Option<u16>,
    /// The address of that port; `None` is 127.0.0.1.
    pub control_bind: Option<IpAddr>,
    /// Whether what is read there shows secrets.
    pub control_secrets: bool,
    /// A file with the certificate and private key that it shows with TLS, in the place of those it makes.
    pub certificate: Option<String>,
    /// A file that says that it is ready, and what clients need.
    pub ready_file: Option<String>,
    /// Files with private keys to sign with, the one in use first.
    pub keys: Vec<String>,
    /// A file with CSS for the pages.
    pub stylesheet: Option<String>,
    /// A folder for what clients with certificates need.
    pub write_certificates: Option<String>,
}

impl Site {
    /// The address it listens at.
    pub fn address(&self) -> IpAddr {
        self.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// Whether only this machine reaches it.
    pub fn is_local(&self) -> bool {
        self.address().is_loopback()
    }

    /// Where this machine reaches it: `http://127.0.0.1:9400/`, also when it listens at every address.
    ///
    /// # Panics
    /// Never: an address and a port make a URL.
    pub fn origin(&self, scheme: &str, port: u16) -> Url {
        let host = match self.address() {
            address if address.is_unspecified() => Host::Ipv4(Ipv4Addr::LOCALHOST),
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::<String>::Ipv6(address),
        };
        Url::parse(&format!("{scheme}://{host}:{port}/")).expect("an address and a port make a URL")
    }
}

impl Config {
    /// Whether a request may call the server by the host of this URL, on any port. A page of another name that resolves
    /// to this machine must get nothing (DNS rebinding), so an address to listen at allows no name by itself.
    pub fn may_be_called(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| self.may_be_called_by(host)) || self.site.is_local() && is_loopback(url)
    }

    /// Whether this host is the issuer's, or one that is allowed beside it.
    pub fn may_be_called_by(&self, host: &str) -> bool {
        let is_allowed = |name: &str| bare(name).eq_ignore_ascii_case(bare(host));
        self.issuer.host_str().is_some_and(is_allowed) || self.site.allow_hosts.iter().any(|name| is_allowed(name))
    }

    /// The names by which it may be called.
    pub fn names(&self) -> Vec<&str> {
        self.issuer.host_str().into_iter().chain(self.site.allow_hosts.iter().map(String::as_str)).collect()
    }

    /// The options that allow this name too: they take the place of all names that are allowed now.
    pub fn allowing(&self, host: &str) -> String {
        let names = self.site.allow_hosts.iter().map(String::as_str).chain([host]);
        names.map(|name| format!("--allow-host {name}")).collect::<Vec<_>>().join(" ")
    }

    /// Whether the server may send something there by itself: to this machine, and to hosts that its configuration
    /// lists, whoever names the address.
    pub fn may_send_to(&self, url: &Url) -> bool {
        let is_listed = |name: &String| url.host_str().is_some_and(|host| bare(name).eq_ignore_ascii_case(bare(host)));
        is_loopback(url) || self.site.outgoing_hosts.iter().any(is_listed)
    }

    /// One of its own addresses as the sender of a request reaches it: by the name that it came by.
    pub fn url_for(&self, request: &HttpRequest, path: &str) -> String {
        let mut url = Url::parse(&self.url(path)).unwrap_or_else(|_| self.issuer.clone());
        if request.url.host() != self.issuer.host() {
            let own = url.path().to_owned();
            url = request.url.clone();
            url.set_path(&own);
            url.set_query(None);
        }
        url.to_string()
    }

    /// Where it is with TLS when it listens at this port.
    pub fn tls_origin_at(&self, port: u16) -> Url {
        let mut origin = match self.issuer.scheme() {
            // What travels is what the issuer says, wherever it is reached.
            "https" => self.issuer.clone(),
            _ if is_loopback(&self.issuer) => self.site.origin("https", port),
            _ => {
                let host = self.issuer.host_str().unwrap_or_default();
                Url::parse(&format!("https://{host}:{port}/")).unwrap_or_else(|_| self.site.origin("https", port))
            }
        };
        origin.set_path("/");
        origin
    }

    /// The names of a certificate for it: those of this machine, of its issuer, and those it may be called by.
    pub fn certificate_names(&self) -> Vec<String> {
        let own = ["127.0.0.1", "localhost", "::1"].map(str::to_owned);
        let issuer = self.issuer.host_str().map(|host| bare(host).to_owned());
        let bound = Some(self.site.address()).filter(|address| !address.is_unspecified()).map(|it| it.to_string());
        let mut names: Vec<String> = Vec::new();
        for name in own.into_iter().chain(issuer).chain(bound).chain(self.site.allow_hosts.iter().cloned()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Moves the server and those beside it to this origin; each keeps its path.
    pub(super) fn move_to(&mut self, origin: &Url) {
        for one in std::iter::once(&mut self.issuer).chain(self.further.iter_mut().map(|one| &mut one.issuer)) {
            let path = one.path().to_owned();
            *one = origin.clone();
            one.set_path(&path);
        }
    }
}

/// A host without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// A host as it stands in `Host`, without a port: a DNS name or an address.
///
/// # Errors
/// For anything else, in words.
pub(super) fn host(text: &str) -> Result<String, String> {
    let parsed = Host::parse(text).or_else(|_| Host::parse(&format!("[{text}]")));
    match parsed {
        Ok(host) if !text.contains('*') => Ok(bare(&host.to_string()).to_owned()),
        _ => Err(format!("{text} is no host: a name or an address without scheme, port and path belongs there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn only_names_that_are_allowed_call_the_server() {
        /// Where it listens, its issuer, what is allowed beside, the URL that is called, and whether it answers.
        type Case = (Option<&'static str>, &'static str, &'static [&'static str], &'static str, bool);
        let cases: [Case; 13] = [
            (None, "http://127.0.0.1:9400", &[], "http://127.0.0.1:9400/", true),
            (None, "http://127.0.0.1:9400", &[], "http://localhost:1/", true),
            (None, "http://127.0.0.1:9400", &[], "http://[::1]:9400/", true),
            (None, "http://127.0.0.1:9400", &[], "http://evil.example:9400/", false),
            (None, "https://idp.test/a", &[], "http://idp.test:9400/", true),
            (None, "https://idp.test", &["idp"], "http://IDP:9400/", true),
            (None, "https://idp.test", &["idp"], "http://idp.evil:9400/", false),
            (None, "http://127.0.0.1:9400", &["fd00::1"], "http://[fd00::1]:9400/", true),
            (Some("0.0.0.0"), "http://127.0.0.1:9400", &[], "http://127.0.0.1:9400/", true),
            (Some("0.0.0.0"), "http://127.0.0.1:9400", &[], "http://localhost:9400/", false),
            (Some("0.0.0.0"), "http://127.0.0.1:9400", &[], "http://0.0.0.0:9400/", false),
            (Some("0.0.0.0"), "http://127.0.0.1:9400", &[], "http://192.168.0.2:9400/", false),
            (Some("0.0.0.0"), "https://idp.test", &["localhost"], "http://localhost:9400/", true),
        ];
        for (bind, issuer, allowed, called, expected) in cases {
            let mut config = Config::practice(url(issuer));
            config.site.bind = bind.map(|bind| bind.parse().expect("an address"));
            config.site.allow_hosts = allowed.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(config.may_be_called(&url(called)), expected, "{bind:?} {issuer} {allowed:?} {called}");
        }
    }

    #[test]
    fn a_host_has_no_scheme_no_port_and_no_star() {
        for (text, expected) in [
            ("idp", Some("idp")),
            ("IDP.test", Some("idp.test")),
            ("10.0.0.7", Some("10.0.0.7")),
            ("fd00::1", Some("fd00::1")),
            ("[fd00::1]", Some("fd00::1")),
            ("idp:9400", None),
            ("http://idp", None),
            ("*.idp.test", None),
            ("", None),
            ("a b", None),
        ] {
            assert_eq!(host(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_travels_with_tls_is_what_the_issuer_says() {
        for (bind, issuer, expected) in [
            (None, "http://127.0.0.1:9400", "https://127.0.0.1:9443/"),
            (None, "http://idp.test:9400/a", "https://idp.test:9443/"),
            (Some("0.0.0.0"), "https://idp.test/a", "https://idp.test/"),
            (Some("0.0.0.0"), "http://127.0.0.1:9400", "https://127.0.0.1:9443/"),
        ] {
            let mut config = Config::practice(url(issuer));
            config.site.bind = bind.map(|bind: &str| bind.parse().expect("an address"));
            assert_eq!(config.tls_origin_at(9443).as_str(), expected, "{issuer}");
        }
    }
}
