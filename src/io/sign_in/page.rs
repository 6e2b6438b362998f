//! Reads the forms of a login page, and chooses the one to submit and how.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::refresh;
use super::words::{COMPLAINTS, CONSENTS, REFUSALS, is_called_code, is_code, reads_like};
use crate::base::params::Params;

/// What matters of a page.
pub struct Page {
    /// Its first heading, or else its title, or else all that can be read on it.
    pub heading: String,
    /// Its first two paragraphs, which say why on a page that ends the way.
    pub reasons: Vec<String>,
    /// What it reports of what was submitted before; empty where nothing looks like a report.
    pub notice: String,
    /// Whether that, or its heading, reads like a refusal.
    pub complains: bool,
    /// In order.
    pub forms: Vec<Form>,
    /// Where it leads by itself.
    pub leads_to: Option<Url>,
    /// Where its links lead.
    pub links: Vec<Url>,
}

/// Links of a page that are looked at.
const LINKS: usize = 50;

/// Where pages tell what was wrong with a form: the roles of accessible pages, and the classes of the usual frameworks.
/// The surer ones come first.
const NOTICES: [&str; 2] = [
    "[role=alert], [aria-live], .alert, .error, .errors, .errorlist, .error-message, .invalid-feedback, .alert-error",
    "div[class*=alert], div[class*=error], div[class*=danger], p[class*=error], p[class*=danger], span[class*=error], \
     span[class*=danger], div[id*=error], p[id*=error], span[id*=error]",
];

/// A form with its values as the page has them.
pub struct Form {
    /// Where it goes.
    pub action: Url,
    is_post: bool,
    fields: Vec<Field>,
    buttons: Vec<Button>,
    /// It says so itself: `autocomplete=new-password`.
    is_new_password: bool,
}

struct Field {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A user name is typed here.
    Text,
    /// A code is typed here, which nobody here knows.
    Code,
    Password,
    /// Sent as it is.
    Fixed,
    /// Sent when it is ticked.
    Box {
        ticked: bool,
    },
    /// Sent when it is the chosen one of its name.
    Choice {
        chosen: bool,
    },
}

/// A button that submits its form.
pub struct Button {
    name: String,
    value: String,
    refuses: bool,
    accepts: bool,
}

/// A form as it is sent.
pub struct Submission {
    /// Otherwise GET.
    pub is_post: bool,
    /// Where it goes.
    pub action: Url,
    /// What it carries.
    pub params: Params,
    /// What of a login is filled in.
    pub fills: Fills,
}

/// What of a login a form is filled in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fills {
    /// It asks for something else.
    Nothing,
    /// Who the user is.
    Name,
    /// That, and what proves it.
    Login,
}

/// What tells one form of a login from another: where it goes, and the names of what it carries.
#[derive(PartialEq, Eq)]
pub struct Shape {
    path: String,
    names: Vec<String>,
}

impl Submission {
    /// Its shape. The query of its address and its values change from one page to the next.
    pub fn shape(&self) -> Shape {
        let names = self.params.iter().map(|(name, _)| name.to_owned()).collect();
        Shape { path: self.action.path().to_owned(), names }
    }
}

/// What a page says beside its heading: lines that name the error, else its first paragraphs.
fn reasons(document: &Html) -> Vec<String> {
    let names = |text: &String| {
        LABELS.iter().any(|label| text.strip_prefix(label).is_some_and(|behind| !behind.trim().is_empty()))
    };
    let lines = selector("li, p, dd, td");
    let named: Vec<String> = document.select(&lines).map(words_of).filter(names).take(2).collect();
    let paragraphs = || document.select(&selector("p")).map(words_of).filter(|text| !text.is_empty()).take(2).collect();
    if named.is_empty() { paragraphs() } else { named }
}

/// How pages for developers name what went wrong.
const LABELS: [&str; 3] = ["Error:", "Description:", "Error description:"];

impl Page {
    /// Reads HTML as a browser without JavaScript does.
    pub fn read(html: &str, url: &Url) -> Self {
        let document = Html::parse_document(html);
        let notice = NOTICES.iter().find_map(|notices| {
            let places = selector(notices);
            let mut said = document.select(&places).filter(|place| !holds_form(place));
            said.find_map(|place| Some((place, words_of(place))).filter(|(_, words)| !words.is_empty()))
        });
        let heading = ["h1", "title"].iter().map(|tag| text_of(&document, tag)).find(|text| !text.is_empty());
        let forms = document.select(&selector("form")).filter_map(|form| Form::read(form, url)).collect();
        let reasons = reasons(&document);
        let heading = heading.unwrap_or_else(|| read_on(&document));
        let leads_to = refresh::leads_to(&document, url);
        let is_complaint = |(place, words): &(ElementRef<'_>, String)| complains(*place, words);
        let complains = notice.as_ref().is_some_and(is_complaint) || reads_like(&heading, &COMPLAINTS);
        let notice = notice.map(|(_, words)| words).unwrap_or_default();
        let links = selector("a[href]");
        let links = document.select(&links).filter_map(|link| url.join(link.attr("href")?).ok()).take(LINKS).collect();
        Self { heading, reasons, notice, complains, forms, leads_to, links }
    }

    /// How a user of this name and password would go on here: their own button, consent, or a login form filled in.
    pub fn submission(&self, username: &str, password: &str) -> Option<Submission> {
        self.press("username", username)
            .map(|submission| Submission { fills: Fills::Login, ..submission })
            .or_else(|| self.press("decision", "allow"))
            .or_else(|| self.forms.iter().find_map(|form| form.filled_in(username, password)))
    }

    /// Whether the page asks for a code and for nothing that is known here.
    pub fn wants_code(&self) -> bool {
        let is_typed = |form: &Form| form.fields.iter().any(|field| matches!(field.kind, Kind::Text | Kind::Password));
        !self.forms.iter().any(is_typed) && self.has_code()
    }

    /// Whether it asks for a code at all, if only beside a password.
    pub fn has_code(&self) -> bool {
        let is_open = |field: &Field| field.kind == Kind::Code && field.value.is_empty();
        self.forms.iter().any(|form| form.fields.iter().any(is_open))
    }

    /// Whether the page asks for a new password, which is not the one to sign in with.
    pub fn wants_new_password(&self) -> bool {
        self.forms.iter().any(Form::wants_new_password)
    }

    /// Users that the page has a button for; empty where a name is typed.
    pub fn offered_users(&self) -> Vec<&str> {
        let buttons = self.forms.iter().flat_map(|form| &form.buttons);
        buttons.filter(|button| button.name == "username").map(|button| button.value.as_str()).collect()
    }

    /// The form with a button that agrees, or else the first, agreed to as a whole.
    pub fn agreed(&self) -> Option<Submission> {
        let agrees = |form: &&Form| form.buttons.iter().any(|button| button.accepts && !button.refuses);
        self.forms.iter().find(agrees).or(self.forms.first()).map(Form::agree)
    }

    fn press(&self, name: &str, value: &str) -> Option<Submission> {
        self.forms.iter().find_map(|form| {
            let button = form.buttons.iter().find(|button| button.name == name && button.value == value)?;
            Some(form.submit(form.params(Some(button))))
        })
    }
}

impl Form {
    fn read(form: ElementRef<'_>, url: &Url) -> Option<Self> {
        let action = url.join(form.attr("action").unwrap_or_default()).ok()?;
        let is_post = form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        let (mut fields, mut buttons) = (Vec::new(), Vec::new());
        for control in form.select(&selector("input, button, select, textarea")) {
            if control.attr("disabled").is_some() {
                continue;
            }
            match Control::read(control) {
                Some(Control::Field(field)) => fields.push(field),
                Some(Control::Button(button)) => buttons.push(button),
                None => {}
            }
        }
        let is_new_password = form.select(&selector("input[autocomplete=new-password]")).next().is_some();
        Some(Self { action, is_post, fields, buttons, is_new_password })
    }

    fn wants_new_password(&self) -> bool {
        let passwords = self.fields.iter().filter(|field| field.kind == Kind::Password);
        self.is_new_password || passwords.count() > 1
    }

    /// What the form carries when this button is pressed.
    pub fn params(&self, pressed: Option<&Button>) -> Params {
        self.params_where(pressed, |field| {
            matches!(
                field.kind,
                Kind::Text
                    | Kind::Code
                    | Kind::Password
                    | Kind::Fixed
                    | Kind::Box { ticked: true }
                    | Kind::Choice { chosen: true }
            )
        })
    }

    fn params_where(&self, pressed: Option<&Button>, is_sent: impl Fn(&Field) -> bool) -> Params {
        let sent = self.fields.iter().filter(|field| is_sent(field));
        let fields = sent.map(|field| (field.name.clone(), field.value.clone()));
        let pressed = pressed.filter(|button| !button.name.is_empty());
        fields.chain(pressed.map(|button| (button.name.clone(), button.value.clone()))).collect()
    }

    fn submit(&self, params: Params) -> Submission {
        Submission { is_post: self.is_post, action: self.action.clone(), params, fills: Fills::Nothing }
    }

    /// The first button that does not read like a refusal.
    fn willing(&self) -> Option<&Button> {
        self.buttons.iter().find(|button| !button.refuses).or(self.buttons.first())
    }

    /// The button that reads like consent, or else one that does not read like a refusal.
    fn agreeing(&self) -> Option<&Button> {
        self.buttons.iter().find(|button| button.accepts && !button.refuses).or_else(|| self.willing())
    }

    /// With everything that is offered: all boxes ticked, and of each choice one that does not read like a refusal.
    fn agree(&self) -> Submission {
        self.submit(self.params_where(self.agreeing(), |field| match field.kind {
            Kind::Choice { .. } => self.choice(&field.name).is_some_and(|chosen| std::ptr::eq(chosen, field)),
            Kind::Box { ticked } => ticked || !reads_like(&field.label(), &REFUSALS),
            Kind::Text | Kind::Code | Kind::Password | Kind::Fixed => true,
        }))
    }

    fn choice(&self, name: &str) -> Option<&Field> {
        let of_name = |field: &&Field| matches!(field.kind, Kind::Choice { .. }) && field.name == name;
        let mut choices = self.fields.iter().filter(of_name);
        let mut willing = choices.clone().filter(|field| !reads_like(&field.label(), &REFUSALS));
        let chosen = willing.clone().find(|field| field.kind == Kind::Choice { chosen: true });
        chosen.or(willing.next()).or(choices.next())
    }

    /// With user name and password in their fields. What a page has filled in beside no password, such as a user code,
    /// stays.
    fn filled_in(&self, username: &str, password: &str) -> Option<Submission> {
        let find = |kind| self.fields.iter().find(|field| field.kind == kind);
        let proof = find(Kind::Password);
        let login = find(Kind::Text).filter(|field| proof.is_some() || field.value.is_empty());
        login.or(proof)?;
        let mut submission = self.submit(self.params(self.willing()));
        for (field, value) in [(login, username), (proof, password)] {
            if let Some(field) = field {
                submission.params.set(&field.name, value);
            }
        }
        submission.fills = if proof.is_some() { Fills::Login } else { Fills::Name };
        Some(submission)
    }
}

impl Field {
    /// What can be read of it.
    fn label(&self) -> String {
        format!("{} {}", self.name, self.value)
    }
}

enum Control {
    Field(Field),
    Button(Button),
}

impl Control {
    /// `None` for what a browser would not send.
    fn read(element: ElementRef<'_>) -> Option<Self> {
        let name = element.attr("name").unwrap_or_default().to_owned();
        let value = element.attr("value").unwrap_or_default().to_owned();
        let type_ = element.attr("type").unwrap_or_default().to_ascii_lowercase();
        let autocomplete = element.attr("autocomplete").unwrap_or_default();
        let field = |kind, value| (!name.is_empty()).then_some(Self::Field(Field { name: name.clone(), value, kind }));
        match (element.value().name(), type_.as_str()) {
            ("button", "" | "submit") | ("input", "submit" | "image") => {
                let label = format!("{name} {value} {}", element.text().collect::<String>());
                let (refuses, accepts) = (reads_like(&label, &REFUSALS), reads_like(&label, &CONSENTS));
                Some(Self::Button(Button { name, value, refuses, accepts }))
            }
            ("button", _) | ("input", "button" | "reset" | "file") => None,
            ("input", kind @ ("checkbox" | "radio")) => {
                let (is_box, ticked) = (kind == "checkbox", element.attr("checked").is_some());
                let kind = if is_box { Kind::Box { ticked } } else { Kind::Choice { chosen: ticked } };
                field(kind, element.attr("value").unwrap_or("on").to_owned())
            }
            ("input", "" | "text" | "tel" | "number") if is_code(&name, autocomplete) || is_labelled_code(element) => {
                field(Kind::Code, value)
            }
            ("input", "password") if is_code("", autocomplete) => field(Kind::Code, value),
            ("input", "" | "text") if is_password(&name, autocomplete) => field(Kind::Password, value),
            ("input", "" | "text" | "email" | "tel") => field(Kind::Text, value),
            ("input", "password") => field(Kind::Password, value),
            ("select", _) => field(Kind::Fixed, selected(element)?),
            ("textarea", _) => field(Kind::Fixed, element.text().collect()),
            _ => field(Kind::Fixed, value),
        }
    }
}

/// Whether a field in clear is for a password: pages of examples leave `type` out.
fn is_password(name: &str, autocomplete: &str) -> bool {
    autocomplete == "current-password"
        || ["password", "passwd", "pwd"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn selected(element: ElementRef<'_>) -> Option<String> {
    let options = selector("option");
    let chosen = element.select(&options).find(|option| option.attr("selected").is_some());
    let option = chosen.or_else(|| element.select(&options).next())?;
    Some(option.attr("value").map_or_else(|| option.text().collect(), str::to_owned))
}

fn text_of(document: &Html, tag: &'static str) -> String {
    document.select(&selector(tag)).next().map(words_of).unwrap_or_default()
}

/// Whether what a page reports is a refusal: by the class that it has, or else by its words.
fn complains(place: ElementRef<'_>, words: &str) -> bool {
    let looks = format!("{} {}", place.attr("class").unwrap_or_default(), place.attr("id").unwrap_or_default());
    let looks = looks.to_ascii_lowercase();
    let is = |marks: &[&str]| marks.iter().any(|mark| looks.contains(mark));
    is(&["error", "danger", "invalid"]) || !is(&["info", "success"]) && reads_like(words, &COMPLAINTS)
}

/// Whether what stands in or at a field asks for a code.
fn is_labelled_code(field: ElementRef<'_>) -> bool {
    let said = ["placeholder", "aria-label", "title"].into_iter().filter_map(|name| field.attr(name));
    let around = field.ancestors().filter_map(ElementRef::wrap).find(|element| element.value().name() == "label");
    said.map(str::to_owned).chain(around.map(words_of)).any(|label| is_called_code(&label))
}

/// What holds a form is a part of the page and no report.
fn holds_form(element: &ElementRef<'_>) -> bool {
    element.select(&selector("form, input")).next().is_some()
}

/// What people read on a page.
fn read_on(document: &Html) -> String {
    let unseen = selector("script, style, title");
    let unseen: HashSet<_> =
        document.select(&unseen).flat_map(|element| element.children().map(|node| node.id())).collect();
    let nodes = document.tree.nodes().filter(|node| !unseen.contains(&node.id()));
    let words = nodes.filter_map(|node| node.value().as_text()).flat_map(|text| text.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

fn words_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn selector(css: &'static str) -> Selector {
    Selector::parse(css).expect("the selectors of this file are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submission(html: &str) -> Option<(bool, String, String)> {
        let url = Url::parse("http://127.0.0.1:1/in/here?x=1").expect("a URL");
        let submission = {
            let page = Page::read(html, &url);
            page.submission("alice", "s3cret").or_else(|| page.agreed())?
        };
        Some((submission.is_post, submission.action.to_string(), submission.params.encode()))
    }

    #[test]
    fn the_right_form_and_button_are_chosen() {
        for (html, is_post, action, params) in [
            (
                "<form method=post action=/login><input type=hidden name=t value=1>\
                 <button name=username value=bob>Bob</button><button name=username value=alice>Alice</button></form>",
                true,
                "http://127.0.0.1:1/login",
                "t=1&username=alice",
            ),
            (
                "<form method=POST><button name=decision value=deny></button><button name=decision value=allow></button></form>",
                true,
                "http://127.0.0.1:1/in/here?x=1",
                "decision=allow",
            ),
            // Pages of examples show the password as it is typed.
            (
                "<form method=post action=go><input name=username><input name=password></form>",
                true,
                "http://127.0.0.1:1/in/go",
                "username=alice&password=s3cret",
            ),
            (
                "<form method=post action=go><input name=login><input type=password name=password>\
                 <input type=checkbox name=keep><input type=checkbox name=terms checked><input disabled name=no value=1>\
                 <select name=lang><option value=de><option value=en selected></select><button type=submit>Go</button></form>",
                true,
                "http://127.0.0.1:1/in/go",
                "login=alice&password=s3cret&terms=on&lang=en",
            ),
            (
                "<form action='?step=2'><button name=deny>No, thanks</button><input type=submit name=ok value=Continue></form>",
                false,
                "http://127.0.0.1:1/in/here?step=2",
                "ok=Continue",
            ),
            // All that is offered is taken, whatever the page has ticked.
            (
                "<form method=post><input type=hidden name=client_id value=a><input type=checkbox name=scope value=read>\
                 <input type=checkbox name=scope value=write><input type=checkbox name=decline value=1>\
                 <button type=submit>Submit Consent</button><button type=button>Cancel</button></form>",
                true,
                "http://127.0.0.1:1/in/here?x=1",
                "client_id=a&scope=read&scope=write",
            ),
            (
                "<form><input type=radio name=scope.read value=false checked><input type=radio name=scope.read value=true>\
                 <input type=radio name=for value=once><input type=radio name=for value=ever checked></form>",
                false,
                "http://127.0.0.1:1/in/here?x=1",
                "scope.read=true&for=ever",
            ),
            (
                "<form action=out><button>Sign out</button></form>\
                 <form action=go><button name=switch>Another user</button><button name=ok>Authorize app</button></form>",
                false,
                "http://127.0.0.1:1/in/go",
                "ok=",
            ),
            // What a page has filled in without asking for a password is no user name.
            (
                "<form action=go><input name=user_code value=WDJB-MJHT></form>",
                false,
                "http://127.0.0.1:1/in/go",
                "user_code=WDJB-MJHT",
            ),
        ] {
            assert_eq!(submission(html), Some((is_post, action.to_owned(), params.to_owned())), "{html}");
        }
        assert!(submission("<h1>Sorry</h1>").is_none());
    }

    #[test]
    fn the_heading_speaks_before_the_title() {
        let url = Url::parse("http://127.0.0.1/").expect("a URL");
        for (html, heading) in [
            ("<title>a</title><h1> b\n <b>c</b></h1>", "b c"),
            ("<title>a</title>", "a"),
            ("<p class=error>No\n such user</p><form><input name=user><script>run()</script></form>", "No such user"),
            ("<div id=app></div><script>start()</script><style>p {}</style>", ""),
            ("", ""),
        ] {
            assert_eq!(Page::read(html, &url).heading, heading);
        }
    }

    #[test]
    fn what_a_page_reports_is_found_by_its_role_or_class() {
        let url = Url::parse("http://127.0.0.1:1/login").expect("a URL");
        for (html, notice) in [
            (
                "<h1>Sign in</h1><span id=x aria-live=polite>Invalid username\n or password.</span>",
                "Invalid username or password.",
            ),
            ("<div role=alert></div><p class='error'>Wrong</p>", "Wrong"),
            ("<ul class=errorlist><li>No such user</li></ul>", "No such user"),
            (
                "<div class=page-error><h1>Sign in</h1><div class='x-c-alert x-m-danger'><span class=icon></span>\
                 <span class=text>Account is disabled.</span></div><form><input name=user></form></div>",
                "Account is disabled.",
            ),
            (
                "<div id=login-error class=box>Invalid Email Address and password.</div>",
                "Invalid Email Address and password.",
            ),
            ("<h1>Sign in</h1><p>Welcome</p>", ""),
        ] {
            assert_eq!(Page::read(html, &url).notice, notice, "{html}");
        }
    }
}
