//! The authorization response on its way back: what is awaited at the redirect URI, what
//! arrived, and what is turned away while waiting (RFC 6749 section 4.1.2, RFC 8252 section 8.9).

use url::{Position, Url};

use crate::base::http::{HttpRequest, JSON};
use crate::base::json::{Json, JsonError};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::{elided_between_words, visible};
use crate::base::time::Timestamp;
use crate::terms::error::OAuthError;
use crate::terms::response::ResponseMode;

use super::beside::Beside;
use super::joint::{self, Joint, is_response};

/// How a response reached the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// A GET with the response in the query.
    Query,
    /// Relayed by the fragment page, since browsers keep fragments to themselves.
    Fragment,
    /// A POST of a form.
    FormPost,
    /// A POST of JSON by the server itself (CIBA section 10.2).
    Ping,
    /// The same with the tokens in it (CIBA section 10.3).
    Push,
    /// A redirect URL that the user pasted; the text tells query and fragment apart.
    Pasted(ResponseMode),
}

impl Via {
    /// The response mode that this way amounts to.
    pub const fn response_mode(self) -> ResponseMode {
        match self {
            Self::Query | Self::Ping | Self::Push => ResponseMode::Query,
            Self::Fragment => ResponseMode::Fragment,
            Self::FormPost => ResponseMode::FormPost,
            Self::Pasted(mode) => mode,
        }
    }

    /// The word for it: `query`, `ping`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Push => "push",
            _ => self.response_mode().name(),
        }
    }
}

/// An authorization response, not judged yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// Where it arrived: the redirect URI without the response's parameters.
    pub redirect_uri: String,
    /// How it arrived.
    pub via: Via,
    /// `code`, `state`, `iss`, `error` and whatever else came.
    pub params: Params,
    /// What stood where `?` or `&` belongs, when the server has joined them wrongly.
    pub joint: Option<Joint>,
    /// The body as the server posted it by itself, until it is kept as that of a request.
    pub posted: Vec<u8>,
    /// Whether pages of the server asked the user for something on the way; `None` where nobody saw them.
    pub asked_user: Option<bool>,
}

impl std::fmt::Debug for Callback {
    /// Names of the parameters only: `code` is a credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.params.iter().map(|(name, _)| name).collect();
        f.debug_struct("Callback").field("via", &self.via).field("params", &names).finish()
    }
}

/// Why a pasted text is no authorization response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// Not an absolute URL.
    #[error(
        "this is not a URL; paste the whole address the browser ended at, with everything after ? or #: \
         https://app.example/callback?code=..&state=.."
    )]
    NotUrl,
    /// Neither query nor fragment holds `code`, `error` or a token.
    #[error(
        "this URL carries no code, token or error; copy the address after the sign-in has finished, with everything after ? or #"
    )]
    NoResponse,
    /// The code in it is not there.
    #[error(
        "this URL holds what this program has put in the place of a secret (REDACTED); paste the address that the browser shows"
    )]
    Hidden,
}

impl Callback {
    /// What a server posted to the client by itself: a ping, or pushed tokens (CIBA sections 10.2 and 10.3). Members that are
    /// neither text nor number are in its body alone.
    ///
    /// # Errors
    /// When it is no JSON.
    pub fn notified(redirect_uri: &Url, body: &[u8]) -> Result<Self, JsonError> {
        let json = Json::parse(body)?;
        let text = |value: &Json| value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|it| it.to_string()));
        let members = json.members().iter();
        let params = members.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect();
        let (redirect_uri, posted) = (redirect_uri.to_string(), body.to_vec());
        Ok(Self { redirect_uri, via: Via::Ping, params, joint: None, posted, asked_user: None })
    }

    /// What was posted, as it came; header fields are not kept.
    pub(super) fn take_request(&mut self) -> HttpRequest {
        let url = Url::parse(&self.redirect_uri).unwrap_or_else(|_| Url::parse("http://127.0.0.1/").expect("a URL"));
        let body = std::mem::take(&mut self.posted);
        let request = HttpRequest { method: "POST".to_owned(), body, ..HttpRequest::get(url) };
        request.with_header("Content-Type", JSON)
    }

    /// Reads the URL the browser ended at, as what is awaited. A way back from a logout may carry nothing at all.
    ///
    /// # Errors
    /// When the text is no URL or carries no response.
    pub fn from_pasted_as(awaited: &Awaited, text: &str) -> Result<Self, PasteError> {
        match awaited {
            Awaited::Logout => {}
            Awaited::Nothing => return Self::from_pasted_with(brings_state, text),
            _ => return Self::from_pasted(text),
        }
        let url = Url::parse(text.trim()).map_err(|_| PasteError::NotUrl)?;
        Ok(Self::back_at(url, Via::Pasted(ResponseMode::Query)))
    }

    /// The browser back from a logout, at whatever address.
    pub fn back_at(mut url: Url, via: Via) -> Self {
        let params = Params::parse(url.query().unwrap_or_default().as_bytes());
        url.set_fragment(None);
        url.set_query(None);
        Self { redirect_uri: url.into(), via, params, joint: None, posted: Vec::new(), asked_user: None }
    }

    /// Reads a redirect URL as the browser's address bar shows it.
    ///
    /// # Errors
    /// When the text is no URL or carries no response.
    pub fn from_pasted(text: &str) -> Result<Self, PasteError> {
        Self::from_pasted_with(is_response, text)
    }

    fn from_pasted_with(is_response: fn(&Params) -> bool, text: &str) -> Result<Self, PasteError> {
        let mut url = Url::parse(text.trim()).map_err(|_| PasteError::NotUrl)?;
        let fragment = joint::parse(url.fragment().unwrap_or_default());
        let query = joint::parse(url.query().unwrap_or_default());
        url.set_fragment(None);
        let (mode, (params, joint)) = if is_response(&fragment.0) {
            (ResponseMode::Fragment, fragment)
        } else if is_response(&query.0) {
            url.set_query(None);
            (ResponseMode::Query, query)
        } else {
            return Err(PasteError::NoResponse);
        };
        Ok(Self {
            redirect_uri: url.into(),
            via: Via::Pasted(mode),
            params,
            joint,
            posted: Vec::new(),
            asked_user: None,
        })
    }

    /// The response in an address that a browser is sent to; `None` when it is not that of the redirect URI. A fragment
    /// that holds no response, such as `#_=_`, hides no query.
    pub fn in_url(redirect_uri: &Url, url: &Url) -> Option<Self> {
        if url[..Position::BeforePath] != redirect_uri[..Position::BeforePath] {
            return None;
        }
        let glued = match url.path() == redirect_uri.path() {
            true => None,
            false => Some(joint::in_path(url.path(), redirect_uri.path())?),
        };
        let fragment = joint::parse(url.fragment().unwrap_or_default());
        let (via, (params, joint)) = match is_response(&fragment.0) {
            true => (Via::Fragment, fragment),
            false => (Via::Query, joint::parse(&joint::behind(glued.as_ref(), url.query().unwrap_or_default()))),
        };
        let params = if via == Via::Query { joint::without_own(redirect_uri, params) } else { params };
        let apart = || joint::apart(redirect_uri, url.query().unwrap_or_default()).filter(|_| via == Via::Fragment);
        let joint = glued.map(|(_, joint)| joint).or(joint).or_else(apart);
        Some(Self { redirect_uri: redirect_uri.to_string(), via, params, joint, posted: Vec::new(), asked_user: None })
    }

    /// A pasted address at this redirect URI without the query that the redirect URI itself has.
    pub(super) fn held_to(mut self, redirect_uri: &Url) -> Self {
        let place = &redirect_uri[..Position::AfterPath];
        if self.via == Via::Pasted(ResponseMode::Query) && self.redirect_uri == place && redirect_uri.query().is_some()
        {
            self.params = joint::without_own(redirect_uri, self.params);
            self.redirect_uri = redirect_uri.to_string();
        }
        if self.via == Via::Pasted(ResponseMode::Fragment)
            && let Ok(came_at) = Url::parse(&self.redirect_uri)
            && came_at[..Position::AfterPath] == *place
        {
            let apart = joint::apart(redirect_uri, came_at.query().unwrap_or_default());
            if apart.is_some() {
                self.redirect_uri = redirect_uri.to_string();
            }
            self.joint = self.joint.or(apart);
        }
        self
    }
}

/// What kind of message is awaited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Awaited {
    /// An authorization response.
    #[default]
    Authorization,
    /// An authorization response as one JWT in `response`, which has the `state` in it (JARM section 2).
    Jwt,
    /// An authorization response that brings nothing but the `state`, as `response_type=none` asks (OAuth Response Types
    /// section 4).
    Nothing,
    /// The browser on its way back from a logout.
    Logout,
    /// A ping of the server that shows this token (CIBA section 10.2).
    Ping(Secret),
    /// What is told of a logout that leads nowhere: the logout token of the server (OIDC Back-Channel Logout section 2.5) and
    /// the frame in the browser (OIDC Front-Channel Logout section 3). Nothing comes to the redirect URI. Where nobody ends
    /// the wait, it ends at this time.
    Told(Timestamp),
}

/// What the browser is sent out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To sign in (RFC 6749 section 4.1.1).
    Authorization,
    /// To sign out (OIDC RP-Initiated Logout section 2).
    Logout {
        /// Whether this program listens for what is told of it meanwhile.
        is_heard: bool,
    },
    /// To approve elsewhere, from which nothing comes back (RFC 8628 section 3.3).
    Approval,
}

/// What the loopback listener waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaiting {
    /// The redirect URI as sent, with its real port.
    pub redirect_uri: Url,
    /// The `state` as sent; `None` when none was sent.
    pub state: Option<String>,
    /// How the response was asked to travel.
    pub response_mode: ResponseMode,
    /// What kind of message it is.
    pub awaited: Awaited,
    /// What is offered to servers meanwhile, each at a place of its own.
    pub beside: Vec<Beside>,
}

/// Why a request at the redirect URI is not the awaited response. One such request never ends a login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another transaction's response, or a forged one.
    #[error("state is not the one that was sent")]
    WrongState,
    /// A response without `state` although one was sent.
    #[error("state is missing although one was sent")]
    NoState,
    /// The same of an error, with what it says.
    #[error("state is missing although one was sent, from the error {0}")]
    NoStateInError(String),
    /// Names of a response in other letters, which are other names (RFC 6749 section 3.1).
    #[error("{0}: the names of parameters are case-sensitive")]
    OtherCase(String),
    /// Neither `code` nor `error` nor a token.
    #[error("neither code nor error in it")]
    NoResponse,
    /// `Host` does not name this listener: a foreign page, or DNS rebinding.
    #[error("Host is {}, not this listener", visible(.0))]
    ForeignHost(String),
    /// Another path than that of the redirect URI.
    #[error("the path {} is not that of the redirect URI", visible(.0))]
    OtherPath(String),
    /// Only GET and POST carry a response.
    #[error("the method {} carries no response", visible(.0))]
    OtherMethod(String),
    /// Not HTTP as this listener accepts it.
    #[error("not an acceptable HTTP request: {0}")]
    BadRequest(String),
    /// The redirect URI has `http`.
    #[error("TLS was spoken, and this listener speaks http")]
    SpokeTls,
    /// The redirect URI has `https`.
    #[error("http was spoken, and this listener speaks https")]
    SpokeHttp,
    /// The certificate of an `https` listener is made for it alone.
    #[error("the certificate of this listener was not trusted")]
    Distrusted,
    /// The response was delivered before.
    #[error("the response was delivered before")]
    AlreadyUsed,
    /// A ping without the token of this request.
    #[error("its bearer token is not the client_notification_token of this request")]
    WrongNotificationToken,
    /// As a run says it that was read from a file.
    #[error("{0}")]
    Told(String),
}

impl Awaiting {
    /// Whether these parameters are the awaited response, as far as a listener can tell.
    ///
    /// # Errors
    /// Says why not; the caller keeps waiting.
    pub fn admits(&self, params: &Params) -> Result<(), Refusal> {
        self.holds(params).map_err(|refusal| match (refusal, other_case(params)) {
            (Refusal::NoResponse | Refusal::NoState, Some(names)) => Refusal::OtherCase(names),
            (refusal, _) => refusal,
        })
    }

    fn holds(&self, params: &Params) -> Result<(), Refusal> {
        match self.awaited {
            Awaited::Jwt if !is_response(params) => return Err(Refusal::NoResponse),
            // A JWT that nobody asked for is none.
            Awaited::Authorization if !is_response(&without_jwt(params)) => return Err(Refusal::NoResponse),
            // Where a state was sent it is all that comes.
            Awaited::Nothing if self.state.is_some() && !brings_state(params) => return Err(Refusal::NoResponse),
            Awaited::Ping(_) if !params.contains("auth_req_id") => return Err(Refusal::NoResponse),
            _ => {}
        }
        // An empty one is none.
        match (self.state.as_deref(), params.get("state").filter(|state| !state.is_empty())) {
            (None, _) => Ok(()),
            (Some(_), None) if self.awaited == Awaited::Logout => Ok(()),
            (Some(_), None) if self.awaited == Awaited::Jwt && params.contains("response") => Ok(()),
            (Some(_), None) => Err(OAuthError::from_params(params).map_or(Refusal::NoState, |error| {
                Refusal::NoStateInError(elided_between_words(&error.to_string(), 200).into_owned())
            })),
            (Some(sent), Some(came)) if sent == came => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::WrongState),
        }
    }
}

fn brings_state(params: &Params) -> bool {
    is_response(params) || params.contains("state")
}

/// Names of a response that are written in other letters: `Code in place of code`.
pub(super) fn other_case(params: &Params) -> Option<String> {
    let known = |name: &str| {
        let known = ["code", "state", "error", "access_token", "id_token"];
        known.into_iter().find(|known| name.eq_ignore_ascii_case(known) && name != *known)
    };
    let written = params.iter().filter_map(|(name, _)| Some(format!("{name} in place of {}", known(name)?)));
    let written: Vec<String> = written.take(3).collect();
    (!written.is_empty()).then(|| written.join(", "))
}

fn without_jwt(params: &Params) -> Params {
    params.iter().filter(|(name, _)| *name != "response").collect()
}

/// A request at the redirect URI that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// When it came.
    pub at: Timestamp,
    /// Method and path, escaped, without query: `GET /favicon.ico`.
    pub what: String,
    /// Why it is not the awaited response.
    pub why: Refusal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_url_tells_query_and_fragment_apart() {
        let query = Callback::from_pasted(" https://app.example/cb?code=a&state=b ").expect("a response");
        assert_eq!(
            (query.via, query.redirect_uri.as_str()),
            (Via::Pasted(ResponseMode::Query), "https://app.example/cb")
        );
        let fragment = Callback::from_pasted("https://app.example/cb?x=1#access_token=a").expect("a response");
        assert_eq!(fragment.via, Via::Pasted(ResponseMode::Fragment));
        for (text, state) in [("http://127.0.0.1:1/signed-out?state=a", Some("a")), ("https://app.example/bye", None)] {
            let signed_out = Callback::from_pasted_as(&Awaited::Logout, text).expect("a way back");
            assert_eq!(signed_out.params.get("state"), state);
        }
        assert_eq!(Callback::from_pasted("https://app.example/cb?state=a"), Err(PasteError::NoResponse));
        let request = "https://as.example/authorize?client_id=a&state=b";
        assert_eq!(Callback::from_pasted(request), Err(PasteError::NoResponse));
        assert_eq!(Callback::from_pasted("code=a"), Err(PasteError::NotUrl));
        assert_eq!(Callback::from_pasted("https://app.example/cb"), Err(PasteError::NoResponse));
    }

    #[test]
    fn a_response_is_read_from_the_address_that_a_browser_is_sent_to() {
        let own = Url::parse("http://127.0.0.1:8912/cb?tenant=x").expect("a URL");
        for (at, expected) in [
            ("/cb?tenant=x&code=a&state=b", Some((Via::Query, "code=a&state=b", None))),
            ("/cb?tenant=x&code=a&state=b#_=_", Some((Via::Query, "code=a&state=b", None))),
            ("/cb?tenant=x#code=a&state=b", Some((Via::Fragment, "code=a&state=b", None))),
            ("/cb?tenant=x&iss=c#code=a&state=b", Some((Via::Fragment, "code=a&state=b", Some(Joint::Apart)))),
            ("/cb?tenant=x?code=a&state=b", Some((Via::Query, "code=a&state=b", Some(Joint::SecondMark)))),
            ("/cb&code=a&state=b", Some((Via::Query, "code=a&state=b", Some(Joint::NoMark)))),
            ("/cb%3Fcode=a&state=b", Some((Via::Query, "code=a&state=b", Some(Joint::EncodedMark)))),
            ("/cb?tenant=x", Some((Via::Query, "", None))),
            ("/other?code=a&state=b", None),
        ] {
            let url = own.join(at).expect("a URL");
            let read = Callback::in_url(&own, &url).map(|it| (it.via, it.params.encode(), it.joint));
            assert_eq!(read, expected.map(|(via, params, joint)| (via, params.to_owned(), joint)), "{at}");
        }
        let elsewhere = Url::parse("http://127.0.0.1:8913/cb?code=a").expect("a URL");
        assert_eq!(Callback::in_url(&own, &elsewhere), None);
        let pasted = Callback::from_pasted("http://127.0.0.1:8912/cb?tenant=x&code=a&state=b").expect("a response");
        let pasted = pasted.held_to(&own);
        assert_eq!((pasted.redirect_uri, pasted.params.encode()), (own.to_string(), "code=a&state=b".to_owned()));
    }

    #[test]
    fn only_the_awaited_response_is_admitted() {
        let awaiting = Awaiting {
            redirect_uri: Url::parse("http://127.0.0.1:8912/callback").expect("a URL"),
            state: Some("sent".to_owned()),
            response_mode: ResponseMode::Query,
            awaited: Awaited::Authorization,
            beside: Vec::new(),
        };
        let jarm = Awaiting { awaited: Awaited::Jwt, ..awaiting.clone() };
        assert_eq!(jarm.admits(&Params::parse(b"response=a.b.c")), Ok(()));
        for (encoded, expected) in [
            ("code=a&state=sent", Ok(())),
            ("error=access_denied&state=sent", Ok(())),
            ("code=a&state=other", Err(Refusal::WrongState)),
            ("code=a", Err(Refusal::NoState)),
            ("error=access_denied", Err(Refusal::NoStateInError("access_denied".to_owned()))),
            ("error=access_denied&state=", Err(Refusal::NoStateInError("access_denied".to_owned()))),
            ("code=a&state=", Err(Refusal::NoState)),
            ("Code=a&State=sent", Err(Refusal::OtherCase("Code in place of code, State in place of state".to_owned()))),
            ("code=a&STATE=sent", Err(Refusal::OtherCase("STATE in place of state".to_owned()))),
            ("state=sent", Err(Refusal::NoResponse)),
            ("response=a.b.c", Err(Refusal::NoResponse)),
            ("response=a.b.c&state=sent", Err(Refusal::NoResponse)),
            ("", Err(Refusal::NoResponse)),
        ] {
            assert_eq!(awaiting.admits(&Params::parse(encoded.as_bytes())), expected, "{encoded}");
        }
        let nothing = Awaiting { awaited: Awaited::Nothing, ..awaiting };
        let stateless = Awaiting { state: None, ..nothing.clone() };
        for (awaiting, encoded, expected) in [
            (&nothing, "state=sent&iss=a", Ok(())),
            (&nothing, "error=access_denied&state=sent", Ok(())),
            (&nothing, "state=other", Err(Refusal::WrongState)),
            (&nothing, "iss=a", Err(Refusal::NoResponse)),
            (&nothing, "", Err(Refusal::NoResponse)),
            (&stateless, "", Ok(())),
        ] {
            assert_eq!(awaiting.admits(&Params::parse(encoded.as_bytes())), expected, "nothing: {encoded}");
        }
        let pasted = |awaited: &Awaited| Callback::from_pasted_as(awaited, "http://127.0.0.1:8912/callback?state=sent");
        assert_eq!(pasted(&Awaited::Nothing).expect("a response").params.encode(), "state=sent");
        assert_eq!(pasted(&Awaited::Authorization), Err(PasteError::NoResponse));
    }
}
