//! The window as people use it: by role and label, on a practice server in memory, with a clock that stands still.

#[path = "../pair/mod.rs"]
mod pair;

#[path = "../capture/har.rs"]
#[expect(dead_code, reason = "the tests of recordings need more of it")]
mod har;
#[path = "../capture/logins.rs"]
#[expect(dead_code, reason = "as above")]
mod logins;

mod advised;
mod afterwards;
mod arrows;
mod backend;
mod beside;
mod between;
mod browser;
mod capture;
mod checks;
mod client_authentication;
mod client_document;
mod compare;
mod dpop;
mod edits;
mod encryption;
mod expect;
mod export;
mod first;
mod granted;
mod grants;
mod history;
mod identities;
mod import;
mod jwt;
mod keyboard;
mod keys;
mod language;
mod layouts;
mod lessons;
mod looks;
mod message;
mod palette;
mod presenting;
mod presets;
mod profiles;
mod refusals;
mod registration;
mod run;
mod runs;
mod screens;
mod secrets;
mod server;
mod signed;
mod soak;
mod trust;
mod window;
