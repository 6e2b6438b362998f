//! What is sent to the token endpoint and with what it brought: token requests, pushed requests, devices, APIs.

use super::{Beside, NEAR, Phase, Recogniser, origin_of};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::capture::exchange::Seen;
use crate::capture::login::StageName;
use crate::capture::placeholder;
use crate::client::pkce;
use crate::terms::grant::Grant;

/// Ends of paths that claims of the user are at.
const USERINFO: [&str; 4] = ["userinfo", "/me", "user_info", "/user"];

impl Recogniser<'_> {
    /// A token request: a grant type that is known, or one that is answered like it.
    pub(super) fn token(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let Some(grant) = self.grant_type(entry) else { return false };
        let known = grant.and_then(|grant| self.login_of_token(entry, grant));
        let login = known.unwrap_or_else(|| self.open_at_token(at, entry, grant));
        let is_refresh = grant == Some(Grant::RefreshToken);
        let stage = if is_refresh { StageName::Refresh } else { StageName::Token };
        for name in ["code_verifier", "refresh_token", "code", "device_code", "client_assertion", "assertion"] {
            if let Some(value) = entry.field(name) {
                self.keep(login, value);
            }
        }
        let text = |name: &str| entry.member(name).map(str::to_owned);
        self.tie_tokens(login, &[text("access_token"), text("refresh_token"), text("id_token")]);
        let known = &mut self.found.logins[login];
        known.client_id = known.client_id.take().or_else(|| entry.client_id());
        if !is_refresh {
            self.tracks[login].tokens_at = Some(entry.origin.clone());
        }
        self.put(login, stage, at);
        true
    }

    /// The grant of a token request, without a name where it is somebody's own. `None` where it is no token request.
    fn grant_type(&self, entry: &Seen<'_>) -> Option<Option<Grant>> {
        if !entry.is_post() {
            return None;
        }
        let is_answered = entry.member("access_token").is_some() || entry.member("error").is_some();
        let has_client = entry.client_id().is_some() || entry.field("client_assertion").is_some();
        let is_code = || entry.field("code").is_some_and(|code| self.ties.by_code.contains_key(code));
        match entry.param("grant_type") {
            Some(named) => {
                let grant = Grant::ALL.into_iter().filter(|grant| *grant != Grant::Hybrid);
                let mut grant = grant.filter(|grant| *grant != Grant::Implicit);
                // A grant of somebody's own, where the endpoint or the answer says so.
                let is_own = || self.endpoints.is_token(&entry.place) || is_answered && has_client;
                let grant = grant.find(|grant| grant.grant_type() == named);
                (grant.is_some() || is_own()).then_some(grant)
            }
            // Servers that came before the standard ask for none.
            None => {
                let is_asked = is_answered || entry.field("client_secret").is_some();
                (is_code() && entry.field("client_id").is_some() && is_asked).then_some(Some(Grant::AuthorizationCode))
            }
        }
    }

    fn login_of_token(&self, entry: &Seen<'_>, grant: Grant) -> Option<usize> {
        let find = |name: &str, ties: &std::collections::HashMap<String, usize>| {
            entry.field(name).filter(|value| placeholder::is_key(value)).and_then(|value| ties.get(value).copied())
        };
        let challenged = || {
            let verifier = entry.field("code_verifier")?;
            self.ties.by_challenge.get(&pkce::challenge("S256", verifier).unwrap_or_default()).copied()
        };
        match grant {
            Grant::AuthorizationCode | Grant::Hybrid => {
                find("code", &self.ties.by_code).or_else(challenged).or_else(|| self.waiting(entry))
            }
            Grant::RefreshToken => find("refresh_token", &self.ties.by_refresh).or_else(|| {
                let client = entry.client_id()?;
                let near = self.ties.by_client.get(&client)?;
                let is_alone = near.len() == 1 && self.has_token_stage(near[0]);
                near.first().copied().filter(|_| is_alone)
            }),
            Grant::DeviceCode => find("device_code", &self.ties.by_poll),
            Grant::Ciba => find("auth_req_id", &self.ties.by_poll),
            _ => None,
        }
    }

    pub(super) fn has_token_stage(&self, login: usize) -> bool {
        self.tracks[login].tokens_at.is_some()
    }

    /// The login of this client and redirect URI that is back without a token request.
    fn waiting(&self, entry: &Seen<'_>) -> Option<usize> {
        let place =
            || entry.field("redirect_uri").and_then(|uri| url::Url::parse(uri).ok()).map(|uri| super::place(&uri));
        let near = match entry.client_id() {
            Some(client_id) => self.ties.by_client.get(&client_id)?,
            // What names the client was taken out.
            None => self.ties.by_target.get(&place()?)?,
        };
        let fits = |login: &&usize| {
            let known = &self.found.logins[**login];
            let has_other =
                [known.answered("code"), entry.field("code")].iter().all(|code| code.is_some_and(placeholder::is_key));
            let is_back = self.tracks[**login].phase == Phase::Returned && !self.has_token_stage(**login);
            is_back && !has_other && known.redirect_uri() == entry.field("redirect_uri")
        };
        near.iter().rev().take(NEAR).find(fits).copied()
    }

    fn open_at_token(&mut self, at: usize, entry: &Seen<'_>, grant: Option<Grant>) -> usize {
        let known = ["scope", "redirect_uri", "resource", "audience"];
        let mut request: Params =
            known.iter().filter_map(|name| Some(((*name).to_owned(), entry.field(name)?.to_owned()))).collect();
        if let Some(client_id) = entry.client_id() {
            request.push("client_id", client_id);
        }
        let login = self.open(grant, request, at);
        if let Some(code) = entry.field("code") {
            self.returned_before(login, code);
            self.ties.by_code.insert(code.to_owned(), login);
        }
        if let Some(token) = entry.field("refresh_token") {
            self.ties.by_refresh.insert(token.to_owned(), login);
        }
        self.tracks[login].phase = Phase::Returned;
        login
    }

    /// Notes tokens: access, refresh, ID.
    pub(super) fn tie_tokens(&mut self, login: usize, tokens: &[Option<String>; 3]) {
        let [access, refresh, id] = tokens;
        for token in tokens.iter().flatten() {
            self.keep(login, token);
        }
        self.ties.by_token.extend(access.iter().map(|token| (token.clone(), login)));
        self.ties.by_refresh.extend(refresh.iter().map(|token| (token.clone(), login)));
        // Where tokens were taken out, a hint is the mark that stands for the signature.
        let marks = id.iter().filter_map(|token| token.rsplit('.').next()).filter(|mark| mark.starts_with("REDACTED-"));
        self.ties.by_id_token.extend(id.iter().map(String::as_str).chain(marks).map(|token| (token.to_owned(), login)));
    }

    /// Keeps a credential of a login, for those who must not show it.
    pub(super) fn keep(&mut self, login: usize, value: &str) {
        self.found.logins[login].secrets.push(Secret::new(value));
    }

    /// A pushed authorization request (RFC 9126).
    pub(super) fn pushed(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let is_endpoint = self.endpoints.is("pushed_authorization_request_endpoint", &entry.place);
        let asks = entry.field("response_type").is_some() || entry.field("request").is_some_and(super::kind::may_ask);
        let is_answered = entry.member("request_uri").is_some() || entry.member("error").is_some();
        // A backchannel request may be signed as well (CIBA section 7.1.1).
        let is_backchannel = self.endpoints.is("backchannel_authentication_endpoint", &entry.place);
        if is_backchannel
            || !entry.is_post()
            || !asks
            || !(is_endpoint || is_answered)
            || entry.it.is_page() && !entry.it.answers_json()
        {
            return false;
        }
        let mut params = entry.form.clone();
        if let (Some(client_id), None) = (entry.client_id(), params.get("client_id")) {
            params.push("client_id", client_id);
        }
        super::object::open_request_object(&mut params);
        let login = self.refused_before(&params).unwrap_or_else(|| {
            let login = self.open(super::grant_of(&params), params, at);
            self.tie_request(login);
            login
        });
        if let Some(uri) = entry.member("request_uri") {
            self.keep(login, uri);
            self.ties.by_request_uri.insert(uri.to_owned(), login);
        }
        self.put(login, StageName::PushedAuthorizationRequest, at);
        true
    }

    /// The login whose request this is once more, since the server did not take it at first: it wants a nonce in the proof
    /// (RFC 9449 section 8), or another authentication.
    fn refused_before(&self, params: &Params) -> Option<usize> {
        let challenged = params.get("code_challenge").and_then(|it| self.ties.by_challenge.get(it)).copied();
        let near = || params.get("state").and_then(|state| self.ties.by_state.get(state)?.last().copied());
        let login = challenged.or_else(near)?;
        let known = &self.found.logins[login];
        let mut pushed = known.entries(StageName::PushedAuthorizationRequest).peekable();
        pushed.peek()?;
        let is_refused = pushed.all(|at| self.seen[at].member("request_uri").is_none());
        let is_same = |name: &str| known.asked(name) == params.get(name).filter(|value| !value.is_empty());
        let is_same = ["client_id", "state", "nonce", "code_challenge"].into_iter().all(is_same);
        (is_refused && is_same && known.requested_at.is_none()).then_some(login)
    }

    /// What begins a login on another device (RFC 8628, CIBA).
    pub(super) fn asked_elsewhere(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        if !entry.is_post() {
            return false;
        }
        let is_device = entry.member("device_code").is_some() && entry.member("user_code").is_some()
            || is_refused_device(entry)
            || self.endpoints.is("device_authorization_endpoint", &entry.place);
        let is_ciba = entry.member("auth_req_id").is_some()
            || self.endpoints.is("backchannel_authentication_endpoint", &entry.place);
        let (grant, stage, key) = match (is_device, is_ciba) {
            (true, _) => (Grant::DeviceCode, StageName::DeviceAuthorization, "device_code"),
            (_, true) => (Grant::Ciba, StageName::BackchannelAuthentication, "auth_req_id"),
            _ => return false,
        };
        let mut params = entry.form.clone();
        if let (Some(client_id), None) = (entry.client_id(), params.get("client_id")) {
            params.push("client_id", client_id);
        }
        let login = self.open(Some(grant), params, at);
        for name in [key, "user_code"] {
            if let Some(value) = entry.member(name) {
                self.keep(login, value);
            }
        }
        if let Some(value) = entry.member(key) {
            self.ties.by_poll.insert(value.to_owned(), login);
        }
        let origin = entry.member("verification_uri").and_then(origin_of).unwrap_or_else(|| entry.origin.clone());
        self.tracks[login].enter(&origin);
        self.ties.by_origin.entry(origin).or_default().push(login);
        self.put(login, stage, at);
        true
    }

    /// Introspection, revocation and registration.
    pub(super) fn managed(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        if !entry.is_post() {
            return false;
        }
        if self.registration(at, entry) {
            return true;
        }
        let Some(token) = entry.field("token") else { return false };
        let login = [&self.ties.by_token, &self.ties.by_refresh, &self.ties.by_id_token];
        let login = login.into_iter().find_map(|ties| ties.get(token).copied());
        let is_active = entry.json.as_ref().and_then(|json| json.get("active")).and_then(Json::as_bool).is_some();
        let asks = is_active || self.endpoints.is("introspection_endpoint", &entry.place);
        let ends = self.endpoints.is("revocation_endpoint", &entry.place)
            || (login.is_some() || entry.field("token_type_hint").is_some()) && !asks;
        let stage = match (asks, ends) {
            (true, _) => StageName::Introspection,
            (_, true) => StageName::Revocation,
            _ => return false,
        };
        match login {
            Some(login) => self.put(login, stage, at),
            None => self.found.beside[at] = Some(Beside::Untied),
        }
        true
    }

    /// A request that presents a token of a login, or that asks for one by how it is refused.
    pub(super) fn bearer(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let token = entry.bearer().or_else(|| entry.param("access_token"));
        // An app may send the ID token in its place, or the text of a variable that has no value.
        let known =
            token.and_then(|token| self.ties.by_token.get(token).or_else(|| self.ties.by_id_token.get(token)).copied());
        let is_nothing = token.is_some_and(is_nothing) && matches!(entry.it.status(), Some(401 | 403));
        let known = known.or_else(|| self.newest_with_token(entry).filter(|_| is_nothing && !entry.it.is_page()));
        let is_userinfo = self.endpoints.is_userinfo(&entry.place);
        let path = entry.it.request.url.path().trim_end_matches('/');
        let ends = USERINFO.iter().any(|end| path.ends_with(end));
        let login = known.or_else(|| {
            // What a browser did not let through is recorded without what it would have sent.
            let is_stripped = !self.recorder.keeps_authorization || entry.it.status().is_none();
            let is_hidden = token.is_none() && is_stripped;
            let challenge = entry.it.got("www-authenticate").unwrap_or_default().to_ascii_lowercase();
            let is_asked = challenge.starts_with("bearer") || challenge.starts_with("dpop");
            let is_allowed = self.asked_authorization.contains(&entry.place);
            if !is_hidden || entry.it.is_page() {
                return None;
            }
            let newest = self.newest_with_token(entry)?;
            let is_claims = ends && self.is_of_provider(newest, entry);
            (is_userinfo || is_asked || is_allowed || is_claims).then_some(newest)
        });
        let Some(login) = login else { return false };
        let is_here = self.is_of_provider(login, entry);
        let has_sub = entry.member("sub").is_some();
        // A token of the client itself is nobody's.
        let is_of_user = self.found.logins[login].grant != Some(Grant::ClientCredentials);
        let looks_so = is_of_user && is_here && (has_sub || ends) && !self.endpoints.has_userinfo_at(&entry.origin);
        let stage = if is_userinfo || looks_so { StageName::UserInfo } else { StageName::ApiRequest };
        self.put(login, stage, at);
        true
    }

    /// Whether the entry goes to where the token came from.
    fn is_of_provider(&self, login: usize, entry: &Seen<'_>) -> bool {
        let here = self.tracks[login].tokens_at.as_ref().map(|origin| *origin == entry.origin);
        here.unwrap_or_else(|| self.tracks[login].origins.contains(&entry.origin))
    }

    /// The login that has a token and was last at work, in the tab of the entry where tabs are told.
    fn newest_with_token(&self, entry: &Seen<'_>) -> Option<usize> {
        let near = self.found.logins.iter().enumerate().rev().take(NEAR).map(|(login, _)| login);
        let with_token: Vec<usize> = near.filter(|login| self.has_token_stage(*login)).collect();
        let on_page = with_token.iter().copied().find(|login| self.is_on_page(*login, entry));
        on_page.or_else(|| with_token.into_iter().max_by_key(|login| self.tracks[*login].last))
    }
}

/// Whether this stands where a token was to be: what a script makes of a variable without a value.
pub fn is_nothing(token: &str) -> bool {
    matches!(token, "" | "undefined" | "null" | "None" | "[object Object]")
}

/// A device that is refused (RFC 8628 section 3.1 and RFC 6749 section 5.2): its address alone tells what it asked for.
fn is_refused_device(entry: &Seen<'_>) -> bool {
    let is_named = entry.it.request.url.path().to_ascii_lowercase().contains("device");
    let is_refused = entry.it.status().is_some_and(|status| status >= 400) && entry.member("error").is_some();
    let asks_more = ["grant_type", "token", "user_code"].iter().any(|name| entry.field(name).is_some());
    is_named && is_refused && entry.client_id().is_some() && !asks_more && entry.it.answers_json()
}
