//! The user agent behind `Sign in for me`, against a small server on this machine.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{FORM, HttpRequest, HttpResponse};
use grantscope::flow::callback::Via;
use grantscope::flow::joint::Joint;
use grantscope::io::clock;
use grantscope::io::serve::{Port, Ports, Server};
use grantscope::io::sign_in::{Hop, Jar, SignInError, SignedIn, User, approve, is_named, sign_in, sign_out};
use grantscope::io::transport::{Transport, TransportOptions};
use grantscope::practice::Config;
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn transport() -> Transport {
    Transport::new(TransportOptions::default()).expect("a transport")
}

fn page(html: &str) -> HttpResponse {
    HttpResponse::new(200, "text/html", html)
}

fn redirect(to: &str) -> HttpResponse {
    page("").with_status(302).with_header("Location", to)
}

trait WithStatus {
    fn with_status(self, status: u16) -> Self;
}

impl WithStatus for HttpResponse {
    fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// An authorization server of a few pages: a session cookie, a login form, consent, and three ways back.
fn scripted(request: &HttpRequest) -> HttpResponse {
    let logged_in = request.headers.get("cookie") == Some("session=alice");
    let form = request.form().unwrap_or_default();
    match (request.method.as_str(), request.url.path()) {
        ("GET", "/authorize") if !logged_in => redirect("login?next=1"),
        ("GET", "/login") => page(
            "<h1>Sign in</h1><form method=post action='/login'><input type=hidden name=t value='1&amp;2'>\
             <input type=email name=user><input type=password name=pw><button>Sign in</button></form>",
        ),
        ("POST", "/login") if form.encode() == "t=1%262&user=alice&pw=alice" => {
            redirect("/authorize?again").with_header("Set-Cookie", "session=alice; Path=/; HttpOnly")
        }
        ("POST", "/login") if form.encode() == "t=1%262&user=carol&pw=s3cret" => redirect("/back"),
        ("POST", "/login") => page("<h1>Wrong password</h1><form method=post><input type=password name=pw></form>"),
        ("GET", "/authorize") => page(
            "<form method=post action=/consent><button name=decision value=deny>No</button>\
             <button name=decision value=allow>Yes</button></form>",
        ),
        ("POST", "/consent") if form.get("decision") == Some("allow") => redirect("/back"),
        ("GET", "/back") => redirect("http://127.0.0.1:7/cb?own=1&code=c&state=s"),
        ("GET", "/fragment") => redirect("http://127.0.0.1:7/cb?own=1&code=c&state=s#_=_"),
        ("GET", "/second_mark") => redirect("http://127.0.0.1:7/cb?own=1?code=c&state=s"),
        ("GET", "/entity") => redirect("http://127.0.0.1:7/cb?own=1&code=c&amp;state=s"),
        ("GET", "/in_path") => redirect("http://127.0.0.1:7/cb&code=c&state=s"),
        ("GET", "/other_path") => redirect("http://127.0.0.1:7/other&code=secret"),
        ("GET", "/other_host") => redirect("http://localhost:7/cb?code=secret"),
        ("GET", "/scopes") => page(
            "<form method=post action=/scopes><input type=checkbox name=scope value=read>\
             <input type=checkbox name=scope value=write><button type=submit>Submit Consent</button>\
             <button type=button>Cancel</button></form>",
        ),
        ("POST", "/scopes") if form.encode() == "scope=read&scope=write" => redirect("/back"),
        ("POST", "/scopes") => redirect("http://127.0.0.1:7/cb?own=1&error=access_denied&state=s"),
        ("GET", "/implicit") => redirect("http://127.0.0.1:7/cb?own=1#access_token=t"),
        ("GET", "/form_post") => page(
            "<body onload='document.forms[0].submit()'><form method=post action='http://127.0.0.1:7/cb?own=1'>\
             <input type=hidden name=code value=c><input type=hidden name=state value='a&quot;b'></form>",
        ),
        ("GET", "/users") => page(
            "<form method=post action=/login><button name=username value=alice>A</button>\
             <button name=username value=bob>B</button></form>",
        ),
        ("GET", "/search") => page("<h1>Oops</h1><form><input type=submit value=Search></form>").with_status(500),
        ("GET", "/error") => {
            page("<title>x</title><h1>Refused</h1><p>invalid_client<p></p><p>Unknown client</p><p>Ask.</p>")
                .with_status(400)
        }
        ("GET", "/labelled") => page(
            "<h1>An error</h1><ul><li>Error: invalid_client</li><li>Description: Unknown client</li></ul>\
             <p>You see this page since none is configured.</p>",
        )
        .with_status(500),
        ("GET", "/in_address") => redirect("/failed?error=invalid_request&error_description=No+redirect_uri+fits"),
        ("GET", "/failed") => page("<h1>Portal</h1><p>Made by us</p>"),
        ("GET", "/away") => redirect("https://as.example/login"),
        ("GET", "/script") => page("<h1>Please enable JavaScript</h1>"),
        ("GET", "/nowhere") => page("").with_status(302),
        ("GET" | "POST", "/again") => {
            page("<h1>Connect</h1><p>Unknown ticket<form method=post><input name=ticket></form>")
        }
        ("GET", "/code") => page(
            "<h1>Your phone</h1><p>Enter the code<form method=post><input name=x autocomplete=one-time-code></form>",
        ),
        ("GET", "/bare") => page("<p class=x>Not <b>today</b></p><script>start()</script>"),
        ("GET", "/refresh") => page("<meta http-equiv=refresh content='0;url=/back'><p>One moment</p>"),
        ("GET", "/negotiate") => page("").with_status(401).with_header("WWW-Authenticate", "Negotiate"),
        ("GET", "/json") => HttpResponse::new(400, "application/json", r#"{"error":"invalid_request"}"#),
        ("GET", "/loop") => redirect("/loop"),
        _ => page("<h1>Not here</h1>").with_status(404),
    }
}

async fn scripted_server() -> Server {
    Server::start(Port::Exactly(0), |_| Ok::<_, Infallible>(|request: &HttpRequest, _| scripted(request)))
        .await
        .expect("a port")
}

#[tokio::test]
async fn the_response_is_read_from_the_address_however_the_server_has_made_it() {
    let server = scripted_server().await;
    let stop_at = url("http://127.0.0.1:7/cb?own=1");
    let run = async |path: &str| {
        let start = server.issuer().join(path).expect("a URL");
        sign_in(&transport(), &start, &User::named("alice"), &stop_at).await
    };
    for (path, joint) in [
        ("/fragment", None),
        ("/second_mark", Some(Joint::SecondMark)),
        ("/entity", Some(Joint::Entity)),
        ("/in_path", Some(Joint::NoMark)),
        ("/scopes", None),
    ] {
        let callback = run(path).await.expect("signed in").callback;
        assert_eq!((callback.via, callback.params.encode().as_str()), (Via::Query, "code=c&state=s"), "{path}");
        assert_eq!(callback.joint, joint, "{path}");
    }
    // Where nobody but a browser is answered, at once and without the code.
    for (path, place) in [("/other_path", "http://127.0.0.1:7/other…"), ("/other_host", "http://localhost:7/cb")] {
        let awaited = stop_at.to_string();
        let Err(SignInError::Elsewhere { place: told, awaited: named, .. }) = run(path).await else { panic!("{path}") };
        assert_eq!((told.as_str(), named), (place, awaited), "{path}");
    }
    server.stop().await;
}

/// A server that remembers who has signed in gets each user's cookies from nobody else.
#[tokio::test]
async fn no_sign_in_has_the_cookies_of_another() {
    let configure = |issuer| Ok::<_, Infallible>(Config::practice(issuer));
    let ports = Ports::local(Port::Exactly(0), Port::Exactly(0));
    let server = Server::practice(ports, Entropy::from_seed([3; 32]), transport(), configure, |_| {});
    let server = server.await.expect("a port");
    let redirect_uri = url("http://127.0.0.1:7/callback");
    let request = "authorize?response_type=code&client_id=practice-web&scope=openid&state=s\
                   &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
                   &redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fcallback";
    let start = server.issuer().join(request).expect("a URL");
    for (username, sessions) in [("alice", 1), ("bob", 2), ("alice", 3)] {
        let signed_in = sign_in(&transport(), &start, &User::named(username), &redirect_uri).await.expect("signed in");
        let [first, ..] = &signed_in.hops[..] else { panic!("no hop") };
        assert_eq!(first.request.headers.get("cookie"), None, "{username} brings no cookie");
        let asked = signed_in.hops.iter().any(|hop| hop.request.form().is_some_and(|form| form.contains("username")));
        assert!(asked, "{username} signs in himself");
        let handle = server.handle().expect("a practice server");
        let held = handle.sessions(clock::now());
        assert_eq!(held.len(), sessions, "{username} has a session of his own");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_user_has_a_password_and_trust_of_his_own() {
    let server = scripted_server().await;
    let (stop_at, start) = (url("http://127.0.0.1:7/cb?own=1"), server.issuer().join("/login").expect("a URL"));
    let carol = |password: &str| User { password: Some(password.into()), ..User::named("carol") };
    let refused = sign_in(&transport(), &start, &carol("wrong"), &stop_at).await;
    let page = "Wrong password".to_owned();
    assert_eq!(refused, Err(SignInError::LoginRefused { page, had_password: true }));

    let key = rcgen::KeyPair::generate().expect("a key");
    let pem = rcgen::CertificateParams::new([]).expect("no names").self_signed(&key).expect("signed").pem();
    let carol = carol("s3cret").trusting(&pem);
    let hops = sign_in(&transport(), &start, &carol, &stop_at).await.expect("signed in").hops;
    assert_eq!(hops.len(), 3);
    assert!(hops.iter().all(|hop| hop.request.tls.authorities.as_deref() == Some(pem.trim())));
    server.stop().await;
}

/// A login that begins at this path of the scripted server, and where it ends.
async fn signed_in_at(server: &Server, path: &str, username: &str) -> Result<SignedIn, SignInError> {
    let start = server.issuer().join(path).expect("a URL");
    sign_in(&transport(), &start, &User::named(username), &url(STOP_AT)).await
}

/// Where the scripted logins end.
const STOP_AT: &str = "http://127.0.0.1:7/cb?own=1";

#[tokio::test]
async fn a_user_is_signed_in_without_a_browser() {
    let server = scripted_server().await;
    let run = async |path: &str, username: &str| signed_in_at(&server, path, username).await;

    let signed_in = run("/authorize", "alice").await.expect("signed in");
    assert_eq!((signed_in.callback.via, signed_in.callback.params.encode().as_str()), (Via::Query, "code=c&state=s"));
    assert_eq!(signed_in.callback.redirect_uri, STOP_AT);
    assert_eq!(signed_in.callback.asked_user, Some(true), "a password was typed");
    let way: Vec<_> = signed_in
        .hops
        .iter()
        .map(|hop| format!("{} {} {}", hop.request.method, hop.request.url.path(), hop.status))
        .collect();
    assert_eq!(
        way,
        [
            "GET /authorize 302",
            "GET /login 200",
            "POST /login 302",
            "GET /authorize 200",
            "POST /consent 302",
            "GET /back 302"
        ]
    );
    assert_eq!(signed_in.hops[2].request.headers.get("content-type"), Some(FORM));

    let refreshed = run("/refresh", "alice").await.expect("signed in").callback;
    assert_eq!((refreshed.params.encode().as_str(), refreshed.asked_user), ("code=c&state=s", Some(false)));
    let fragment = run("/implicit", "alice").await.expect("signed in").callback;
    assert_eq!((fragment.via, fragment.params.encode().as_str()), (Via::Fragment, "access_token=t"));
    let form = run("/form_post", "alice").await.expect("signed in").callback;
    assert_eq!((form.via, form.params.encode().as_str()), (Via::FormPost, "code=c&state=a%22b"));
    server.stop().await;
}

#[tokio::test]
async fn what_the_pages_of_a_login_end_with_is_told() {
    let server = scripted_server().await;
    let run = async |path: &str, username: &str| signed_in_at(&server, path, username).await;
    for (path, username, expected) in [
        ("/authorize", "mallory", SignInError::LoginRefused { page: "Wrong password".to_owned(), had_password: false }),
        (
            "/error",
            "alice",
            SignInError::ErrorPage { status: 400, page: "Refused: invalid_client: Unknown client".to_owned() },
        ),
        (
            "/users",
            "mallory",
            SignInError::UnknownUser { username: "mallory".to_owned(), offered: "alice, bob".to_owned() },
        ),
        (
            "/labelled",
            "alice",
            SignInError::ErrorPage {
                status: 500,
                page: "An error: Error: invalid_client: Description: Unknown client".to_owned(),
            },
        ),
        (
            "/in_address",
            "alice",
            SignInError::ErrorPage {
                status: 200,
                page: "invalid_request: No redirect_uri fits: Portal: Made by us".to_owned(),
            },
        ),
        ("/search", "alice", SignInError::ErrorPage { status: 500, page: "Oops".to_owned() }),
        ("/unknown", "alice", SignInError::ErrorPage { status: 404, page: "Not here".to_owned() }),
        ("/negotiate", "alice", SignInError::WantsHttp { scheme: "Negotiate".to_owned() }),
        ("/json", "alice", SignInError::ErrorPage { status: 400, page: "invalid_request".to_owned() }),
        ("/script", "alice", SignInError::NoForm { page: "Please enable JavaScript".to_owned() }),
        ("/away", "alice", SignInError::NotLoopback(Box::new(Url::parse("https://as.example/login").expect("a URL")))),
        ("/nowhere", "alice", SignInError::BadRedirect(302)),
        ("/again", "alice", SignInError::NoProgress { page: "Connect: Unknown ticket".to_owned() }),
        ("/code", "alice", SignInError::WantsCode { page: "Your phone: Enter the code".to_owned() }),
        ("/bare", "alice", SignInError::NoForm { page: "Not today".to_owned() }),
        ("/loop", "alice", SignInError::TooManyHops),
    ] {
        assert_eq!(run(path, username).await, Err(expected), "{path}");
    }
    server.stop().await;
}

/// Pages of logins with several steps, by what was posted before: what is shown then, or where it leads.
fn stepped(request: &HttpRequest) -> HttpResponse {
    let both = "<input name=user><input type=password name=pw>";
    let password = "<h1>Once more</h1><form method=post action=/STEP><input type=hidden name=user value=alice>\
                    <input type=password name=pw></form>";
    let login = |to: &str| page(&format!("<h1>Sign in</h1><form method=post action={to}>{both}</form>"));
    let name = |to: &str| page(&format!("<h1>Who</h1><form method=post action={to}><input name=user></form>"));
    let again = |to: &str, more: &str| page(&format!("{more}{}", password.replace("/STEP", to)));
    match (request.method.as_str(), request.url.path()) {
        ("GET", "/stronger") => login("/stronger/2"),
        ("POST", "/stronger/2") => again("/back", ""),
        ("GET", "/newer") => login("/newer/2"),
        ("POST", "/newer/2") => {
            again("/back", "<div class='x-alert x-info'><b>Please sign in anew: error-prone</b></div>")
        }
        ("GET", "/consent") => login("/consent/2"),
        ("POST", "/consent/2") if request.headers.get("cookie") == Some("asked=1") => redirect("/back"),
        ("POST", "/consent/2") => page("<form method=post action=/consent/3><button name=decision value=allow></form>"),
        ("POST", "/consent/3") => login("/consent/2").with_header("Set-Cookie", "asked=1; Path=/"),
        ("GET" | "POST", "/same") => login("/same"),
        ("GET", "/says") => login("/says/2"),
        ("POST", "/says/2") => again("/back", "<p class=error>No such user</p>"),
        ("GET", "/status") => login("/status/2"),
        ("POST", "/status/2") => WithStatus::with_status(again("/back", ""), 401),
        ("GET", "/endless") => login("/endless/2"),
        ("POST", "/endless/2") => again("/endless/3", ""),
        ("POST", "/endless/3") => again("/endless/4", ""),
        ("GET", "/name") => name("/name/2"),
        ("POST", "/name/2") => again("/back", ""),
        ("GET", "/wrong_password") => name("/wrong_password/2"),
        ("POST", "/wrong_password/2") => again("/wrong_password/2", ""),
        ("GET", "/begins_anew") => name("/begins_anew/2"),
        ("POST", "/begins_anew/2") => again("/begins_anew/3", ""),
        ("POST", "/begins_anew/3") => name("/begins_anew/2"),
        ("GET" | "POST", "/unknown_name") => page(&format!(
            "<div role=alert>Unknown user</div><form method=post><input type=hidden name=t value={}><input name=user></form>",
            request.body.len()
        )),
        ("GET", "/labelled") => login("/labelled/2"),
        ("POST", "/labelled/2") => {
            page("<h1>Second step</h1><form method=post><label>Verification code <input name=answer></label></form>")
        }
        ("GET" | "POST", "/beside") => {
            page(&format!("<h1>Sign in</h1><form method=post action=/beside>{both}<input name=otp></form>"))
        }
        (_, "/back") => redirect("http://127.0.0.1:7/cb?code=c&state=s"),
        _ => page("<h1>Not here</h1>").with_status(404),
    }
}

#[tokio::test]
async fn a_further_password_page_is_answered_once_and_a_refusal_is_told_at_once() {
    let posts = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&posts);
    let handler = move |request: &HttpRequest, _| {
        *counted.lock().expect("a count") += usize::from(request.method == "POST");
        stepped(request)
    };
    let server = Server::start(Port::Exactly(0), |_| Ok::<_, Infallible>(handler)).await.expect("a port");
    let stop_at = url("http://127.0.0.1:7/cb");
    let refused = |page: &str| Err(SignInError::LoginRefused { page: page.to_owned(), had_password: false });
    let code = |page: &str| Err(SignInError::WantsCode { page: page.to_owned() });
    for (path, times, expected) in [
        ("/stronger", 2, Ok(())),
        ("/newer", 2, Ok(())),
        ("/consent", 3, Ok(())),
        ("/name", 2, Ok(())),
        ("/same", 1, refused("Sign in")),
        ("/says", 1, refused("Once more: No such user")),
        ("/status", 1, refused("Once more")),
        ("/endless", 2, refused("Once more")),
        ("/wrong_password", 2, refused("Once more")),
        ("/begins_anew", 2, refused("Who")),
        ("/unknown_name", 1, refused("Unknown user")),
        ("/labelled", 1, code("Second step")),
        ("/beside", 1, code("Sign in")),
    ] {
        *posts.lock().expect("a count") = 0;
        let start = server.issuer().join(path).expect("a URL");
        let came = sign_in(&transport(), &start, &User::named("alice"), &stop_at).await;
        assert_eq!(came.map(drop), expected, "{path}");
        assert_eq!(*posts.lock().expect("a count"), times, "{path}");
    }
    server.stop().await;
}

/// A server that shows what a logout ends only to the browser of its session.
fn remembering(request: &HttpRequest) -> HttpResponse {
    match (request.url.path(), request.headers.get("cookie")) {
        ("/authorize", _) => {
            redirect("http://127.0.0.1:7/cb?code=c&state=s").with_header("Set-Cookie", "sid=s3cret; Path=/")
        }
        ("/end_session", Some("sid=s3cret")) => redirect("http://127.0.0.1:7/out?state=known"),
        ("/end_session", _) => redirect("http://127.0.0.1:7/out?state=unknown"),
        ("/elsewhere", _) => redirect("http://127.0.0.1:7/other"),
        ("/link", _) => {
            page("<h1>Logging out</h1><a href='/'>Home</a><a href='http://127.0.0.1:7/out?state=linked'>Go on</a>")
        }
        ("/app", _) => page("<h1>Signed out</h1><a href='http://127.0.0.1:7/out'>To the app</a>"),
        _ => page("<h1>Signed out</h1>"),
    }
}

/// Where devices are approved: a server without a page for what comes after it, and one that knows no such code.
fn approving(request: &HttpRequest) -> HttpResponse {
    let ask = |to: &str| page(&format!("<h1>Allow?</h1><form method=post action={to}><button>Allow</button></form>"));
    match (request.method.as_str(), request.url.path()) {
        ("GET", "/device") => ask("/device"),
        ("POST", "/device") => redirect("/?success"),
        ("GET", "/unknown") => ask("/unknown"),
        ("POST", "/unknown") => page("<h1>No such code</h1>").with_status(400),
        _ => page("<h1>Not here</h1>").with_status(404),
    }
}

#[tokio::test]
async fn an_approval_is_not_judged_by_the_page_behind_it() {
    let server =
        Server::start(Port::Exactly(0), |_| Ok::<_, Infallible>(|request: &HttpRequest, _| approving(request)));
    let server = server.await.expect("a port");
    for (path, expected) in [
        ("/device", Ok(3)),
        ("/unknown", Err(SignInError::ErrorPage { status: 400, page: "No such code".to_owned() })),
        ("/nothing", Err(SignInError::ErrorPage { status: 404, page: "Not here".to_owned() })),
    ] {
        let page = server.issuer().join(path).expect("a URL");
        let came = approve(&transport(), &page, &User::named("alice")).await;
        assert_eq!(came.map(|hops| hops.len()), expected, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_logout_is_made_in_the_browser_that_signed_in() {
    let server =
        Server::start(Port::Exactly(0), |_| Ok::<_, Infallible>(|request: &HttpRequest, _| remembering(request)));
    let server = server.await.expect("a port");
    let at = |path: &str| server.issuer().join(path).expect("a URL");
    let (transport, alice) = (transport(), User::named("alice"));
    let signed_in = sign_in(&transport, &at("/authorize"), &alice, &url("http://127.0.0.1:7/cb")).await.expect("one");
    assert!(!format!("{:?}", signed_in.cookies).contains("s3cret"));
    let out = url("http://127.0.0.1:7/out");
    for (cookies, state) in [(signed_in.cookies.clone(), "known"), (Jar::default(), "unknown")] {
        let callback = sign_out(&transport, &at("/end_session"), &alice, &out, cookies).await.expect("signed out");
        assert_eq!(callback.params.get("state"), Some(state));
    }
    let led = sign_out(&transport, &at("/elsewhere"), &alice, &out, Jar::default()).await.expect("where it led");
    assert_eq!(led.redirect_uri, "http://127.0.0.1:7/other");
    let linked = sign_out(&transport, &at("/link"), &alice, &out, Jar::default()).await.expect("where the link leads");
    assert_eq!(linked.params.get("state"), Some("linked"));
    for path in ["/page", "/app"] {
        let stays = sign_out(&transport, &at(path), &alice, &out, Jar::default()).await;
        assert_eq!(stays, Err(SignInError::StaysThere { page: "Signed out".to_owned() }), "{path}");
    }
    server.stop().await;
}

#[test]
fn a_user_who_was_asked_for_is_told_apart_from_one_whom_nobody_asked() {
    let hop = |request| Hop { request, status: 200, took: Duration::ZERO };
    let post = |form: &[(&str, &str)]| {
        hop(HttpRequest::post_form(url("http://127.0.0.1/login"), &form.iter().copied().collect()))
    };
    let get = |address: &str| hop(HttpRequest::get(url(address)));
    let alice = User::named("alice");
    let begun = || get("http://127.0.0.1/authorize?client_id=web");
    assert!(is_named(&[begun(), post(&[("username", "alice")])], &alice));
    assert!(is_named(&[get("http://127.0.0.1/authorize?client_id=web&login_hint=alice")], &alice));
    assert!(is_named(&[get("http://127.0.0.1/ciba?request=1"), post(&[("decision", "allow")])], &alice));
    assert!(!is_named(&[begun()], &alice));
    let code = [get("http://127.0.0.1/verify?user_code=RXZN-SHKX"), post(&[("user_code", "RXZN-SHKX")])];
    assert!(!is_named(&code, &alice));
}
