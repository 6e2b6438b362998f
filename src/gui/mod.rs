//! The window: views read the model and push commands, one `update` writes, a backend does what waits.

pub mod acts;
pub mod app;
pub mod backend;
pub mod between;
pub mod checks;
pub mod client_document;
pub mod command;
pub mod compared;
pub mod diagram;
pub mod document;
pub mod draft;
pub mod entries;
pub mod expect_key;
pub mod handed;
pub mod kept;
pub mod language;
pub mod lessons;
pub mod mask;
pub mod masking;
mod material;
pub mod model;
pub mod notes;
mod open_for;
pub mod opened;
mod reading;
pub mod remember;
mod search;
pub mod shown;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;
pub mod worker;

use std::panic::resume_unwind;
use std::thread;

use eframe::{NativeOptions, Renderer};
use egui::ViewportBuilder;

use crate::base::time::Timestamp;
use crate::io::{locale, motion};

use app::App;
use remember::Remembered;
use worker::Worker;

/// The program's name as windows and `.desktop` files know it.
const APP_ID: &str = "grantscope";

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display, or something the window stands on cannot be set up.
pub fn open() -> Result<(), String> {
    // Making keys for the practice server takes its time, and so do the libraries of the system that the window loads.
    let starting = thread::spawn(Worker::start);
    let remembered = worker::remembered().map(|text| Remembered::read(&text)).unwrap_or_default();
    let remembered = remembered.or_in(&locale::language());
    let viewport = ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Grantscope")
        .with_inner_size(remembered.size)
        .with_min_inner_size([960.0, 600.0]);
    let options = NativeOptions { viewport, renderer: Renderer::Glow, ..NativeOptions::default() };
    let mut following = None;
    let follows = &mut following;
    let create: eframe::AppCreator<'_> = Box::new(move |cc| {
        let worker = starting.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        // A screen reader asks while the first frame is made, and need not wait until that is painted and the next made.
        cc.egui_ctx.enable_accesskit();
        worker.wake_with(cc.egui_ctx.clone());
        let mut app = App::new(&cc.egui_ctx, worker);
        app.recall(&cc.egui_ctx, &remembered);
        theme::system_fonts::install(&cc.egui_ctx);
        let ctx = cc.egui_ctx.clone();
        *follows = Some(motion::follow(move |is_reduced| theme::still(&ctx, is_reduced)));
        Ok(Box::new(app))
    });
    eframe::run_native(APP_ID, options, create).map_err(|error| match error {
        eframe::Error::AppCreation(error) => error.to_string(),
        error => error.to_string(),
    })
}

/// The time of day here: `11:30:00`.
fn clock_time(at: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at.seconds()) else { return at.to_utc() };
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// The day here: `2026-11-28`.
fn calendar_day(at: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at.seconds()) else { return at.to_utc() };
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d").to_string()
}
