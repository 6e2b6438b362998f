//! What `--help` says behind the options: examples, and how each command ends.

macro_rules! exit_codes {
    () => {
        "\
The story is told on standard error; the result is JSON on standard output, unless that is a terminal.
Exit code: 0 success, 1 a server refused, something failed or a rule is broken, 2 wrong usage,
130 interrupted."
    };
}

pub(super) const PROGRAM: &str = concat!(
    "\
Examples:
  grantscope run authorization-code --sign-in alice
  grantscope discover https://login.example.com
  grantscope jwt decode -

",
    exit_codes!()
);
pub(super) const RUN: &str = concat!(
    "\
Examples:
  grantscope run authorization-code --sign-in alice --then refresh,revoke,proof
  grantscope run authorization-code --set issuer=https://login.example.com --set client_id=my-client
  grantscope run client-credentials --preset staging.toml --set client_secret=env:SECRET
  grantscope run client-credentials --set token_request.extra.tenant=blue --curl -
  grantscope run token-exchange --sign-in alice --set requested_token_type=urn:ietf:params:oauth:token-type:id-jag
  grantscope run authorization-code --sign-in alice --markdown ticket.md --html run.html
  grantscope run client-credentials --expect expected.toml --junit junit.xml --fail-on warn

With --expect the exit code is 0 when every expectation is met and no rule fails the run, as --fail-on says.
",
    exit_codes!()
);
pub(super) const SUITE: &str = "\
Examples:
  grantscope suite logins.toml
  grantscope suite logins.toml --only code --jobs 4 --report out

One line a run is told on standard error; the report is JSON on standard output, unless that is a terminal, and in
report.json. Runs on the practice server share one. Secrets come from the environment: client_secret = \"env:NAME\".
A run with profile = \"fapi2\", or a list of profiles, fails where it does not pass them.
Exit code: 0 every run is as it was expected, 1 one is not or a report cannot be written, 2 wrong usage or a file that
cannot be read, and nothing was sent, 130 interrupted.";
pub(super) const SHOW: &str = "\
Examples:
  grantscope show nightly.json
  grantscope show nightly.json --html nightly.html
  grantscope show nightly.json --expect expected.toml
  grantscope show --json -";
pub(super) const CAPTURE: &str = "\
Examples:
  grantscope capture login.har
  grantscope capture login.har --html login.html --junit login.xml
  grantscope capture --json -

Nothing is fetched, and nothing in the file is followed. Cookies, passwords and client secrets are not kept, codes and
tokens are not shown.
Exit code: 0 no finding, 1 a finding stands or the file cannot be read, 2 wrong usage.";
pub(super) const IMPORT: &str = "\
Examples:
  grantscope import request.txt
  grantscope import - --preset staging.toml

What is in the text is recognised by its form: a request as a cURL or PowerShell command, as a call of fetch or as raw
HTTP, an authorization request or the address of a server, metadata, a registered client, a token response, a Postman
collection or environment, a client or adapter of Keycloak, appsettings.json, application.properties or
application.yml. Nothing is fetched, and no file that it names is read. Placeholders as {tenant} are kept and told.
Secrets are not shown, and a preset asks for them.
Exit code: 0 taken in, 1 nothing that is known or cannot be read, 2 wrong usage.";
pub(super) const DIFF: &str = "\
Examples:
  grantscope diff yesterday.json today.json
  grantscope diff good.json bad.json --json
  grantscope diff login.har#1 login.har#2
  grantscope run authorization-code --sign-in alice --save alice.json
  grantscope run authorization-code --sign-in bob --save bob.json
  grantscope diff alice.json bob.json
  grantscope diff old-token.txt -

Runs as two users differ in what the server says of each: no run has cookies of another.
Both are run files, JSON results of runs, recordings of logins, JSON Web Tokens, metadata documents or key sets, which is
seen from what is in them. Of a recording with several logins FILE#2 is the second. Codes, tokens, state, times and other values that have to differ are counted and not shown.
Exit code: 0 nothing that matters differs, 1 something does, 2 wrong usage, unreadable or not comparable.";
pub(super) const DISCOVER: &str = "\
Examples:
  grantscope discover https://login.example.com
  grantscope discover http://127.0.0.1:9400 --json
  grantscope discover https://localhost:8443 --certificate-authority cert.pem";
pub(super) const DOCUMENT_CHECK: &str = "\
Examples:
  grantscope client-document check https://app.example.com/oauth/client.json
  grantscope client-document check client.json --url https://app.example.com/oauth/client.json

Exit code: 0 no rule that a server must keep is broken, 1 one is, or nothing came, 2 wrong usage.";
pub(super) const DOCUMENT_MAKE: &str = "\
Examples:
  grantscope client-document make --url https://app.example.com/oauth/client.json
  grantscope client-document make device --url https://app.example.com/cli.json --set scope=openid";
pub(super) const DOCUMENT_SERVE: &str = "\
Examples:
  grantscope client-document serve
  grantscope client-document serve --port 8000 --set redirect_uri=http://127.0.0.1/callback

No server on the internet reaches it; the practice server on this machine does.";
pub(super) const SERVE: &str = "\
Examples:
  grantscope serve --port 9400
  grantscope serve --fault wrong_iss
  grantscope serve --write-config practice.toml
  grantscope serve --config practice.toml
  grantscope serve --login auto --any-client --cors *
  grantscope serve --bind 0.0.0.0 --issuer http://idp.test:9400 --allow-host idp
  grantscope serve --port 0 --control-port 0 --ready-file ready.json
  grantscope serve --sign claims.json --key signing.pem --header typ=at+jwt
  grantscope serve --like github --key signing.pem
  grantscope serve --profile fapi2
  grantscope serve --convert config.json

Every key of a configuration file that is no table is an environment variable too: GRANTSCOPE_SERVE_ISSUER for issuer,
lists separated by commas. An option comes before its variable, and that before the file. The lists of an option, a
variable and the file take each other's place; faults add up.
Exit code: 0 stopped, 1 it cannot listen or be made, 2 wrong usage or a setting that cannot work.";
pub(super) const JWT: &str = "\
Examples:
  grantscope jwt decode -
  grantscope jwt verify @token.txt --jwks https://login.example.com/jwks
  grantscope jwt trust @token.txt --policy federated-credential.json

Nothing but the keys of --jwks is fetched, and no token is sent.";
pub(super) const CLIENT_DOCUMENT: &str = "\
Examples:
  grantscope client-document make --url https://app.example.com/oauth/client.json
  grantscope client-document check https://app.example.com/oauth/client.json
  grantscope client-document serve";
pub(super) const PRESETS: &str = "\
Examples:
  grantscope presets list
  grantscope presets show keycloak
  grantscope presets check staging.toml";
pub(super) const DECODE: &str = "\
Examples:
  grantscope jwt decode -
  grantscope jwt decode eyJhbGciOiJub25lIn0.e30. --json";
pub(super) const TRUST: &str = "\
Examples:
  grantscope jwt trust @token.txt --policy federated-credential.json
  grantscope jwt trust - --iss https://token.actions.githubusercontent.com --sub repo:octo/app:environment:prod

Nothing is sent, and the signature is not judged. Exit code: 0 the cloud takes the token, 1 it does not or a condition
cannot be judged here, 2 wrong usage.";
pub(super) const VERIFY: &str = "\
Examples:
  grantscope jwt verify - --jwks https://login.example.com/jwks
  grantscope jwt verify - --key public.pem
  grantscope jwt verify - --secret-file secret.bin";
pub(super) const SETTINGS: &str = "\
Examples:
  grantscope settings
  grantscope settings client-credentials --json

A secret is typed as env:NAME, @FILE or @-, a file or lines as @FILE, words with spaces between. Where values are
listed, any other text can be typed too. Defaults are those of a run where only the server is named.";
pub(super) const PRESETS_LIST: &str = "\
Examples:
  grantscope presets list
  grantscope presets list --json";
pub(super) const PRESETS_SHOW: &str = "\
Examples:
  grantscope presets show keycloak";
pub(super) const PRESETS_CHECK: &str = "\
Examples:
  grantscope presets check staging.toml";
pub(super) const COMPLETIONS: &str = "\
Examples:
  grantscope completions bash
  grantscope completions fish";
pub(super) const MAN: &str = "\
Examples:
  grantscope man
  grantscope man run
  grantscope man jwt decode";
