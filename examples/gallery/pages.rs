//! The pages of the gallery: the mock-ups' screens, drawn with the real widgets and made-up data.

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Sides, Stroke, Ui, vec2};
use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::gui::theme::{TokensExt as _, icons, size, text};
use grantscope::gui::widgets::*;

/// One screen of the gallery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    #[default]
    Flow,
    Device,
    Jwt,
    Checks,
    Parts,
}

/// What the widgets of the gallery edit.
pub struct Gallery {
    pub page: Page,
    client_id: String,
    client_secret: Secret,
    method: String,
    redirect_uri: String,
    scope: String,
    prompt: String,
    extra: Vec<(String, String)>,
    switches: [bool; 7],
    selected: usize,
    stage: usize,
    check: usize,
    pub inspector: &'static str,
    token: String,
    request: Vec<(String, String)>,
    json: Json,
    dialog: bool,
    filter: String,
}

impl Default for Gallery {
    fn default() -> Self {
        let body = r#"{"access_token":"eyJh••••••••x7Qk","token_type":"Bearer","expires_in":3600,"scope":["openid","profile"],"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},"active":true,"x":null}"#;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            page: Page::Flow,
            client_id: "practice-web".into(),
            client_secret: Secret::new("practice-secret"),
            method: "client_secret_basic".into(),
            redirect_uri: "http://127.0.0.1:8912/callback".into(),
            scope: "openid profile email offline_access".into(),
            prompt: String::new(),
            extra: vec![pair("audience", "https://api.example")],
            switches: [true, true, true, false, false, false, false],
            selected: 4,
            stage: 3,
            check: 0,
            inspector: "Request",
            token: TOKEN.into(),
            request: vec![pair("grant_type", "authorization_code"), pair("code", "SplxlOBeZQQYbYS6WxSbIA")],
            json: Json::parse_text(body).expect("JSON"),
            dialog: false,
            filter: String::new(),
        }
    }
}

const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InByYWN0aWNlLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjk0MDAiLCJzdWIiOiJhbGljZSIsImF1ZCI6InByYWN0aWNlLXdlYiIsImV4cCI6MTc5NTM5NzgwMCwiaWF0IjoxNzk1Mzk0MjAwLCJub25jZSI6Im4tMFM2X1d6QTJNaiIsImF0X2hhc2giOiI3N1FtVVB0alBmeld0RjJBbnBLOVJRIn0.Nq6hgHvKp0mPkHX3nMh8VfQxqGkK3zqV1w1Ck0w3v1S2dJ2Oq0C9m3bT3l4yHqYJm1xjY0mK8C4mQh0oN3wY0m9cW8bG2n1sQf7a5R6tU9vX1yZ3bC5dE7fG9hI1jK3lM5nO7pQ9rS1tU3vW5xY7z";

const LESSON: &str = "**Why this step?** The code travelled through the browser, where others can see it. The client now trades it, over a direct TLS connection, for tokens, and proves with `code_verifier` that it is the one that began the flow.

**What to look at.** A second use of the same code must fail with `invalid_grant`.

- the code is **single use** and short-lived
- `redirect_uri` must equal the one of stage 1

[RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3) · [RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.5)";

impl Gallery {
    /// Draws the whole window.
    pub fn ui(&mut self, ui: &mut Ui) {
        let tokens = ui.tokens();
        let bar = Frame::new().fill(tokens.panel);
        Panel::top("top").exact_size(size::TOP_BAR).frame(bar.inner_margin(Margin::symmetric(14, 0))).show(ui, top_bar);
        Panel::top("tabs")
            .exact_size(size::TAB_ROW)
            .frame(bar.inner_margin(Margin::symmetric(8, 0)))
            .show(ui, |ui| self.tabs(ui));
        match self.page {
            Page::Flow | Page::Device => self.flow(ui),
            Page::Jwt => self.jwt(ui),
            Page::Checks => self.checks(ui),
            Page::Parts => self.parts(ui),
        }
        if self.dialog {
            let shown = Dialog::new("Paste the redirect URL").show(ui.ctx(), |ui| {
                ui.label(text::dim("The address the browser shows after the login, with all its parameters."));
                Field::new("redirect URL").placeholder("https://...").show(ui, &mut self.filter);
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    if ui.add(Button::primary("Use this URL")).clicked()
                        || ui.add(Button::secondary("Cancel")).clicked()
                    {
                        ui.close();
                    }
                });
            });
            self.dialog = !shown.closed;
        }
        finish_frame(ui.ctx());
    }

    fn tabs(&mut self, ui: &mut Ui) {
        let tab = |page, title| Tab::new(page, title);
        let main = [
            tab(Some(Page::Flow), "Authorization code"),
            tab(Some(Page::Device), "Device"),
            tab(None, "Client credentials"),
            tab(None, "Refresh"),
            tab(None, "Token exchange"),
            tab(None, "JWT bearer"),
            tab(None, "CIBA"),
        ];
        let quiet = [tab(None, "Implicit").tooltip("removed in OAuth 2.1"), tab(None, "Hybrid"), tab(None, "Password")];
        let right = [
            tab(Some(Page::Jwt), "JWT"),
            tab(None, "Server"),
            tab(Some(Page::Checks), "Checks"),
            tab(Some(Page::Parts), "History"),
        ];
        if let Some(Some(page)) = TabRow::new("Grants", &main).quiet(&quiet).right(&right).show(ui, Some(self.page)) {
            self.page = page;
        }
    }

    fn settings(&mut self, ui: &mut Ui) {
        group_head_with(ui, "Client", |ui| head_action(ui, "Clear"));
        let caption = Caption::new("client_id").help("Names the client; the server gives it out.", "RFC 6749 §2.2");
        Field::new(caption).show(ui, &mut self.client_id);
        SecretField::new("client_secret").show(ui, &mut self.client_secret);
        let methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
        Picker::new("token_endpoint_auth_method", &methods).show(ui, &mut self.method);
        Field::new("redirect_uri").with_copy().show(ui, &mut self.redirect_uri);
        ui.add_space(6.0);
        group_head(ui, "Request");
        Chips::new("scope").suggestions(&["address", "phone"]).show(ui, &mut self.scope);
        let caption = Caption::new("prompt").note(Tone::Warn, "not in prompt_values_supported");
        Picker::new(caption, &["none", "login", "consent"]).unset("(not sent)").or_typed().show(ui, &mut self.prompt);
        ui.label(text::note("Extra parameters"));
        Pairs::new("extra parameter").show(ui, &mut self.extra);
        ui.add_space(6.0);
        group_head(ui, "Protection");
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let labels = ["PKCE", "state", "nonce", "Pushed request (PAR)", "Signed request (JAR)", "DPoP", "mTLS"];
            for (label, on) in labels.into_iter().zip(&mut self.switches) {
                Toggle::new(label).hint(if label == "PKCE" { "S256" } else { "" }).show(ui, on);
            }
        });
        ui.add_space(6.0);
        group_head_with(ui, "Endpoints", |ui| head_action(ui, "From discovery"));
        Field::new("authorization_endpoint").show(ui, &mut "http://127.0.0.1:9400/authorize".to_owned());
        Field::new("token_endpoint").show(ui, &mut "http://127.0.0.1:9400/token".to_owned());
    }

    fn flow(&mut self, ui: &mut Ui) {
        let tokens = ui.tokens();
        let frame = Frame::new().fill(tokens.panel).inner_margin(Margin { left: 14, right: 8, top: 10, bottom: 0 });
        Panel::left("settings").exact_size(size::SETTINGS_PANEL).frame(frame).show(ui, |ui| {
            ScrollArea::vertical()
                .auto_shrink(false)
                .content_margin(Margin { right: 6, bottom: 12, ..Margin::ZERO })
                .show(ui, |ui| self.settings(ui));
        });
        let frame = Frame::new().fill(tokens.panel).inner_margin(Margin::symmetric(16, 11));
        Panel::bottom("actions").exact_size(size::ACTION_BAR).frame(frame).show(ui, |ui| self.actions(ui));
        let frame = Frame::new().fill(tokens.window).inner_margin(Margin { left: 16, right: 16, top: 8, bottom: 10 });
        CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            self.rail(ui);
            if self.page == Page::Device {
                device(ui);
            }
            card_frame(ui).inner_margin(0).show(ui, |ui| {
                let (lanes, arrows) = if self.page == Page::Device { device_run() } else { run() };
                let sequence = Sequence::new(&lanes, &arrows, Some(self.selected));
                ui.set_height(sequence.full_height().min(330.0));
                if let Some(SequenceAction::Select(id)) = sequence.show(ui) {
                    self.selected = id;
                }
            });
            self.inspector(ui);
        });
    }

    fn actions(&mut self, ui: &mut Ui) {
        Sides::new().shrink_left().show(
            ui,
            |ui| {
                ui.add(Button::secondary("Start over").icon(icons::ARROW_COUNTER_CLOCKWISE));
                ui.add(Button::secondary("Back").icon(icons::CARET_LEFT));
                if self.page == Page::Device {
                    ui.add(Button::danger("Stop waiting").icon(icons::STOP));
                } else {
                    ui.add(Button::primary("Send the token request").icon(icons::PLAY).shortcut("Ctrl+Enter"));
                    if ui.add(Button::secondary("Run to end").icon(icons::SKIP_FORWARD)).clicked() {
                        self.dialog = true;
                    }
                }
            },
            |ui| {
                ui.add(Button::secondary("Export").trailing(icons::CARET_DOWN));
                ui.label(text::dim("6 checks passed, 1 note"));
            },
        );
    }

    fn rail(&mut self, ui: &mut Ui) {
        let titles = ["Request", "Redirect", "Code", "Exchange", "Tokens", "Call API"];
        let stages = titles.map(|title| RailStage { title, state: StageState::Locked, note: String::new(), rule: "" });
        let mut stages = stages;
        for (index, stage) in stages.iter_mut().enumerate() {
            stage.state = match index {
                0..3 => StageState::Done,
                3 => StageState::Ready,
                _ => StageState::Locked,
            };
        }
        if let Some(stage) = Rail::new(&stages, self.stage).show(ui) {
            self.stage = stage;
        }
    }

    fn inspector(&mut self, ui: &mut Ui) {
        card_frame(ui).inner_margin(0).show(ui, |ui| {
            let tabs = ["Request", "Response", "Tokens", "Checks", "cURL", "Raw"].map(|title| {
                let tab = Tab::new(title, title);
                if title == "Checks" { tab.badge(Tone::Warn, "1") } else { tab }
            });
            ui.spacing_mut().item_spacing.y = 0.0;
            Frame::new().inner_margin(Margin::symmetric(6, 0)).show(ui, |ui| {
                if let Some(title) = TabRow::new("Inspector", &tabs).compact().show(ui, self.inspector) {
                    self.inspector = title;
                }
            });
            separator(ui);
            let rect = ui.available_rect_before_wrap();
            let split = rect.left() + rect.width() * 0.57;
            ui.painter().vline(split, rect.y_range(), Stroke::new(1.0, ui.tokens().line));
            let pane = |rect: egui::Rect| egui::UiBuilder::new().max_rect(rect.shrink2(vec2(14.0, 10.0)));
            ui.scope_builder(pane(rect.with_max_x(split)), |ui| self.message(ui));
            ui.scope_builder(pane(rect.with_min_x(split)), |ui| {
                markup(ui, LESSON);
                ui.add_space(6.0);
                Banner::new(Tone::Warn, "http:// token endpoint")
                    .text("accepted on loopback only (RFC 6749 §3.2)")
                    .show(ui);
            });
            ui.advance_cursor_after_rect(rect);
        });
    }

    fn message(&mut self, ui: &mut Ui) {
        match self.inspector {
            "Response" => drop(JsonTree::new("response body", &self.json).show(ui)),
            "Tokens" => drop(EmptyState::new(icons::KEY, "No tokens yet").text("They appear here when the token endpoint answers").show(ui)),
            "cURL" => drop(CodeView::new("cURL", "curl -X POST http://127.0.0.1:9400/token \\\n  -H 'Content-Type: application/x-www-form-urlencoded' \\\n  --data 'grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA'", Language::Shell).show(ui)),
            "Raw" => drop(CodeView::new("raw request", "POST /token HTTP/1.1\nHost: 127.0.0.1:9400\nAuthorization: Basic cHJhY••••••\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=http%3A%2F%2F127.0.0.1%3A8912%2Fcallback", Language::Http).show(ui)),
            "Checks" => drop(Pairs::new("parameter").message(&|name| format!("what {name} is"), &|_, _| None).show(ui, &mut self.request)),
            _ => request(ui),
        }
    }

    fn jwt(&mut self, ui: &mut Ui) {
        let tokens = ui.tokens();
        let frame = Frame::new().fill(tokens.window).inner_margin(Margin::symmetric(16, 12));
        Panel::left("token").exact_size(560.0).frame(frame).show(ui, |ui| {
            group_head_with(ui, "Token", |ui| head_action(ui, "Open file"));
            code_edit(ui, "token", &mut self.token, Language::Jwt, 20);
            ui.add_space(8.0);
            group_head(ui, "Key");
            card(ui, |ui| {
                Toggle::new("jwks_uri").hint("http://127.0.0.1:9400/jwks").show(ui, &mut self.switches[0]);
                ui.label(text::dim("kid practice-1 · RSA 2048 · use sig · thumbprint NzbLs…"));
            });
        });
        CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            Banner::new(Tone::Ok, "Signature verified")
                .text("RS256 with key `practice-1` from the issuer's JWKS. ID token checks: 11 passed, 0 failed.")
                .show(ui);
            card(ui, |ui| {
                group_head(ui, "Header");
                let rows = [
                    Param::new("alg", "RS256", "RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3)"),
                    Param::new("kid", "practice-1", "which key of the issuer signed it"),
                    Param::new("typ", "JWT", "media type (RFC 7519 §5.1)"),
                ];
                ParamsTable::new(&rows).show(ui);
            });
            card(ui, |ui| {
                group_head_with(ui, "Claims", |ui| head_action(ui, "Diff with…"));
                Countdown::new("lifetime", 0.82)
                    .texts(["issued 10:30:00", "10 min 48 s used · expires in 49 min 12 s", "11:30:00"])
                    .show(ui);
                let rows = [
                    Param::new("iss", "http://127.0.0.1:9400", "equals the issuer that was asked").mark(Tone::Ok),
                    Param::new("sub", "alice", "who signed in, stable at this issuer"),
                    Param::new("aud", "practice-web", "is this client_id").mark(Tone::Ok),
                    Param::new("exp", "1795397800", "23 Nov 2026 11:30:00 UTC, in 49 min").mark(Tone::Ok),
                    Param::new("nonce", "n-0S6_WzA2Mj", "not the nonce of the request (OIDC Core §3.1.3.7)")
                        .mark(Tone::Error),
                    Param::new("at_hash", "77QmUPtjPfzWtF2AnpK9RQ", "left half of SHA-256 of the access token")
                        .mark(Tone::Ok),
                ];
                ParamsTable::new(&rows).show(ui);
            });
        });
    }

    fn checks(&mut self, ui: &mut Ui) {
        let frame = Frame::new().fill(ui.tokens().window).inner_margin(Margin::symmetric(16, 14));
        CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            ui.horizontal(|ui| {
                for (tone, word) in [
                    (Tone::Error, "1 fail"),
                    (Tone::Warn, "1 warn"),
                    (Tone::Note, "1 note"),
                    (Tone::Ok, "31 pass"),
                    (Tone::Neutral, "4 skipped"),
                ] {
                    badge(ui, tone, word);
                }
                ui.add(Button::secondary("Pin as expectations").icon(icons::PUSH_PIN));
                ui.add(Button::quiet("Quiet"));
                ui.add_enabled(false, Button::primary("Disabled"));
            });
            let checks = [
                (Verdict::Fail, "id_token.nonce", "The nonce is not the one that was sent"),
                (Verdict::Warn, "token.cache_control", "The answer may be cached"),
                (Verdict::Note, "settings.loopback_port", "A fixed loopback port"),
                (Verdict::Pass, "authorization_response.state", "state came back unchanged"),
                (Verdict::Skipped, "id_token.azp", "Only one audience"),
            ];
            card_frame(ui).inner_margin(1).show(ui, |ui| {
                let rows = RowList::new("checks", checks.len(), Some(self.check));
                let label = |index: usize| format!("{}: {}", checks[index].0.word(), checks[index].2);
                let clicked = rows.show(ui, label, |ui, index| {
                    let (verdict, id, title) = checks[index];
                    verdict_badge(ui, verdict);
                    let id = egui::Label::new(text::mono(id).weak()).truncate().halign(egui::Align::Min);
                    ui.scope(|ui| {
                        ui.set_width(220.0);
                        ui.add(id);
                    });
                    ui.label(text::strong(title));
                    ui.label(text::dim("expected n-0S6_WzA2Mj"));
                });
                self.check = clicked.unwrap_or(self.check);
            });
            Banner::new(Tone::Note, "Practice server:")
                .text("fault `wrong-nonce` is on.")
                .action("Turn it off")
                .show(ui);
            Banner::new(Tone::Error, "The server refused the request")
                .text("`invalid_grant`: the code was used before")
                .show(ui);
        });
    }

    fn parts(&mut self, ui: &mut Ui) {
        let frame = Frame::new().fill(ui.tokens().window).inner_margin(Margin::symmetric(16, 14));
        CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            let states = [
                StageState::Done,
                StageState::Stale,
                StageState::Refused,
                StageState::Running,
                StageState::Ready,
                StageState::Skipped,
                StageState::Locked,
            ];
            let stages = states.map(|state| {
                let title = state.word().split(',').next().unwrap_or_default();
                RailStage { title, state, note: String::new(), rule: "" }
            });
            Rail::new(&stages, 3).show(ui);
            ui.columns(3, |columns| {
                card(&mut columns[0], |ui| {
                    for (name, left) in [("fresh", 0.8), ("soon over", 0.12), ("over", 0.0)] {
                        Countdown::new(name, left).texts(["10:30", name, "11:30"]).show(ui);
                    }
                    ui.horizontal(|ui| {
                        countdown_ring(ui, "next poll", 0.6, "3 s");
                        ui.add(IconButton::new(icons::COPY, "Copy"));
                        ui.add(IconButton::new(icons::QUESTION, "Help").framed());
                    });
                });
                card(&mut columns[1], |ui| {
                    EmptyState::new(icons::MAGNIFYING_GLASS, "Nothing found")
                        .text("No check fits this filter")
                        .action("Show all")
                        .show(ui);
                });
                card(&mut columns[2], |ui| {
                    let caption = Caption::new("filter").note(Tone::Error, "no check has this name");
                    Field::new(caption).placeholder("Filter…").show(ui, &mut self.filter);
                    ui.add(Button::secondary("Practice server").dot(Tone::Ok).trailing(icons::CARET_DOWN));
                });
            });
            ui.horizontal_wrapped(|ui| {
                for icon in icons::ALL {
                    ui.label(icon.text(20.0));
                }
            });
            card_frame(ui).inner_margin(0).show(ui, |ui| {
                let (lanes, arrows) = odd_run();
                Sequence::new(&lanes, &arrows, Some(2)).show(ui);
            });
        });
    }
}

fn top_bar(ui: &mut Ui) {
    ui.add_space(0.0);
    ui.horizontal_centered(|ui| {
        Sides::new().shrink_left().height(size::TOP_BAR).show(
            ui,
            |ui| {
                ui.label(icons::SHIELD_CHECK.text(18.0).color(ui.tokens().link));
                ui.label(text::strong("Grantscope").color(ui.tokens().strong));
                ui.label(text::dim("Provider"));
                ui.add(Button::secondary("Practice server").dot(Tone::Ok).trailing(icons::CARET_DOWN));
                ui.add(Button::secondary("Discover…"));
                ui.add(Button::secondary("Open…"));
                ui.add(Button::secondary("Save"));
            },
            |ui| {
                ui.add(IconButton::new(icons::QUESTION, "Help").framed());
                ui.add(Button::secondary("100 %"));
                ui.add(IconButton::new(icons::CIRCLE_HALF, "Theme").framed());
                ui.add(Button::secondary("Present"));
            },
        );
    });
}

fn request(ui: &mut Ui) {
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.spacing_mut().interact_size.y = 18.0;
    ui.horizontal(|ui| {
        ui.label(text::mono("POST").color(ui.tokens().syntax_name));
        ui.label(text::mono("http://127.0.0.1:9400/token"));
        ui.label(text::note("editable: change anything before it is sent"));
    });
    for (name, value) in
        [("Authorization:", "Basic cHJhY3RpY2Ut••••••"), ("Content-Type:", "application/x-www-form-urlencoded")]
    {
        ui.horizontal(|ui| {
            ui.label(text::mono(name).weak());
            ui.label(text::mono(value));
        });
    }
    ui.add_space(10.0);
    let rows = [
        Param::new("grant_type", "authorization_code", "RFC 6749 §4.1.3"),
        Param::new("code", "SplxlOBeZQQYbYS6WxSbIA", "from stage 3, single use"),
        Param::new("redirect_uri", "http://127.0.0.1:8912/callback", "must equal stage 1"),
        Param::new("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "SHA-256 → challenge of stage 1"),
    ];
    ParamsTable::new(&rows).show(ui);
}

fn device(ui: &mut Ui) {
    card(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - 180.0);
                ui.label(text::dim("On another device, open"));
                ui.hyperlink("http://127.0.0.1:9400/verify");
                ui.label(text::dim("and type"));
                ui.label(text::large_code("WDJB-MJHT"));
                ui.horizontal(|ui| {
                    for label in ["Copy code", "Copy link", "Open here", "Sign in for me as alice"] {
                        ui.add(Button::secondary(label));
                    }
                });
            });
            qr(ui, "http://127.0.0.1:9400/verify?user_code=WDJB-MJHT", 150.0, "QR code of 127.0.0.1:9400/verify");
        });
    });
}

fn lane(title: &str) -> Lane {
    Lane { title: title.to_owned() }
}

fn arrow(id: usize, ends: (usize, usize), label: &str, time: &str, style: ArrowStyle, state: ArrowState) -> Arrow {
    let (label, time) = (label.to_owned(), time.to_owned());
    Arrow {
        id,
        from: ends.0,
        to: ends.1,
        label,
        time,
        style,
        state,
        mark: None,
        rule: String::new(),
        fold: None,
        is_attack: false,
    }
}

fn run() -> (Vec<Lane>, Vec<Arrow>) {
    use ArrowState::{Done, Future, Ready};
    use ArrowStyle::{Direct, FrontChannel};
    let lanes = ["You", "Browser", "Client (this app)", "Authorization server"].map(lane).to_vec();
    let mut arrows = vec![
        arrow(0, (2, 1), "1 open /authorize?response_type=code&client_id=practice-web", "0 ms", FrontChannel, Done),
        arrow(1, (1, 3), "2 GET /authorize", "+41 ms", FrontChannel, Done),
        arrow(2, (0, 3), "alice signs in and consents", "+6.2 s", FrontChannel, Done),
        arrow(3, (3, 2), "3 302 /callback?code=…&state=…", "+6.3 s", FrontChannel, Done),
        arrow(4, (2, 3), "4 POST /token  code + code_verifier", "ready", Direct, Ready),
        arrow(5, (3, 2), "5 access_token, id_token, refresh_token", "", Direct, Future),
    ];
    arrows[3].mark = Some(Tone::Ok);
    (lanes, arrows)
}

fn device_run() -> (Vec<Lane>, Vec<Arrow>) {
    use ArrowState::{Done, Running};
    use ArrowStyle::{Direct, FrontChannel};
    let lanes = ["You, on a phone", "Client (this app)", "Authorization server"].map(lane).to_vec();
    let mut arrows = vec![
        arrow(1, (1, 2), "1 POST /device", "0 ms", Direct, Done),
        arrow(2, (2, 1), "device_code, user_code, interval 5", "+12 ms", Direct, Done),
        arrow(4, (0, 2), "2 you type WDJB-MJHT and approve", "waiting", FrontChannel, Running),
        arrow(5, (1, 2), "3 POST /token  4 polls, pending", "+20 s", Direct, Done),
    ];
    arrows[3].fold = Some(Fold::Closed);
    (lanes, arrows)
}

fn odd_run() -> (Vec<Lane>, Vec<Arrow>) {
    use ArrowState::{Done, Failed, Running};
    use ArrowStyle::{Direct, FrontChannel, Note};
    let lanes = ["You", "Browser", "Client (this app)", "Authorization server", "API"].map(lane).to_vec();
    let mut arrows = vec![
        arrow(0, (2, 2), "draws state, nonce and code_verifier", "0 ms", Direct, Done),
        arrow(1, (0, 1), "types her password", "+2 s", Note, Done),
        arrow(2, (2, 4), "7 GET /api/me with the access token", "+3 s", Direct, Running),
        arrow(3, (4, 2), "401 invalid_token", "+3 s", Direct, Failed),
        arrow(4, (3, 2), "302 /callback?error=access_denied", "+4 s", FrontChannel, Failed),
    ];
    arrows[3].mark = Some(Tone::Error);
    (lanes, arrows)
}
