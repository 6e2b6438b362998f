//! Parameters read as RFC 6749 sections 3.1 and 3.2 want it: one without a value counts as absent, none occurs twice.

use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::terms::error::OAuthError;

/// The parameters that may be repeated (RFC 8707 section 2, RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// Most bytes of parameters that are read, so that what the server keeps of them stays small.
const SIZE_LIMIT: usize = 16 * 1024;

/// The parameters of a request to this server.
#[derive(Clone, Debug)]
pub struct Fields(Params);

impl Fields {
    /// From the query of a GET, or the body of a POST.
    ///
    /// # Errors
    /// `invalid_request` when there is too much of it, or the body of a POST is not a form.
    pub fn of(request: &HttpRequest) -> Result<Self, OAuthError> {
        let size = if request.method == "GET" { request.url.as_str().len() } else { request.body.len() };
        if size > SIZE_LIMIT {
            return Err(invalid_request(format!("the request is longer than {SIZE_LIMIT} bytes")));
        }
        let params = if request.method == "GET" { Some(request.query()) } else { request.form() };
        params.map(Self).ok_or_else(|| invalid_request("the body is not application/x-www-form-urlencoded"))
    }

    /// The value of `name`; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    /// The names of those that are not empty, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name)
    }

    /// All values of `name` that are not empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.all(name).filter(|value| !value.is_empty())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// `invalid_request` when it is absent.
    pub fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| invalid_request(format!("{name} is missing")))
    }

    /// The same with this value under this name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.set(name, value);
        self
    }

    /// The same without these.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        names.iter().for_each(|name| self.0.remove(name));
        self
    }

    /// Whether `name` occurs more than once.
    pub fn repeats(&self, name: &str) -> bool {
        self.0.all(name).count() > 1
    }

    /// Refuses repeated parameters.
    ///
    /// # Errors
    /// `invalid_request` that names them.
    pub fn once(&self) -> Result<(), OAuthError> {
        let mut repeated = self.0.repeated();
        repeated.retain(|name| !REPEATABLE.contains(name));
        if repeated.is_empty() {
            return Ok(());
        }
        Err(invalid_request(format!("sent more than once: {}", repeated.join(", "))))
    }
}

impl From<Params> for Fields {
    /// Parameters that came in another way.
    fn from(params: Params) -> Self {
        Self(params)
    }
}

/// The error of a request that cannot be read (RFC 6749 sections 4.1.2.1 and 5.2).
pub fn invalid_request(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_request", description)
}
