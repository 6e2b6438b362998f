//! Client ID metadata documents: one that is made and served here, and one that is fetched and judged.

use super::{Dialog, Model};
use crate::base::json::Json;
use crate::client::endpoint::registration::MetadataError;
use crate::client::settings::Settings;
use crate::gui::client_document::Looked;
use crate::gui::language::words;

/// The act and the dialog.
pub const CLIENT_DOCUMENT: &str = words!("Client ID metadata document");

/// The button that leads from the dialog to the run.
pub const TO_THE_RUN: &str = words!("Go to the run");

/// What is done with documents.
#[derive(Clone, Debug)]
pub enum DocumentCommand {
    /// Open the dialog.
    Ask,
    /// Show this side of it.
    Show(DocumentSide),
    /// Show the document as members, or as the text that it is.
    ShowMembers(bool),
    /// What is typed.
    Edit(TypedDocument),
    /// Make it anew from the settings.
    Anew,
    /// Serve it here, and run as the client that it describes.
    Serve,
    /// Serve it no more, and be the client before.
    Stop,
    /// Run as the client of what is written, which lies at its address.
    Use,
    /// Ask where to save it.
    Save,
    /// The address of one to fetch, as it is typed.
    Type(String),
    /// Fetch that one and judge it.
    Check,
    /// Wait for it no more.
    Leave,
    /// Run as the client of the one that was fetched.
    UseChecked,
}

/// The sides of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentSide {
    /// Make one.
    Make,
    /// Look at one that is published.
    Check,
}

/// What is typed of the document that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedDocument {
    /// Where it will be, which is the client_id.
    pub address: String,
    /// How the client proves itself.
    pub method: String,
    /// The document.
    pub text: String,
}

/// The dialog.
#[derive(Clone, Debug)]
pub struct DocumentDialog {
    /// Which side is shown.
    pub side: DocumentSide,
    /// What is typed.
    pub typed: TypedDocument,
    /// The document as the settings made it last.
    pub made: Option<Json>,
    /// Why they make none.
    pub fault: Option<MetadataError>,
    /// What is written, judged.
    pub looked: Looked,
    /// Whether it is shown as members.
    pub shows_members: bool,
    /// Why it is not served.
    pub trouble: Option<String>,
    /// The one that is looked at.
    pub check: CheckedDocument,
}

impl DocumentDialog {
    /// Whether somebody has written into the document that was made.
    pub fn is_written(&self) -> bool {
        self.made.as_ref().is_some_and(|made| made.pretty() != self.typed.text)
    }
}

/// One that is published somewhere.
#[derive(Clone, Debug, Default)]
pub struct CheckedDocument {
    /// Its address, as typed.
    pub url: String,
    /// The number of what is under way.
    pub asked: Option<u64>,
    /// What came, or why nothing did.
    pub came: Option<Result<Looked, String>>,
}

/// What is served, also while the dialog is closed.
#[derive(Clone, Debug, Default)]
pub struct DocumentModel {
    /// The number of what is under way.
    pub generation: u64,
    /// Whether it is about to be served.
    pub is_starting: bool,
    /// What is served.
    pub served: Option<ServedHere>,
    /// Where the one before it was served.
    pub ended: Option<String>,
}

/// A document that is served here.
#[derive(Clone, Debug)]
pub struct ServedHere {
    /// Where, which is the client_id.
    pub url: String,
    /// The document.
    pub document: String,
    /// The settings of the client before.
    pub before: Box<Settings>,
}

impl Model {
    /// The dialog, where it is the one that is open.
    pub fn document_dialog(&mut self) -> Option<&mut DocumentDialog> {
        match &mut self.dialog {
            Some(Dialog::ClientDocument(dialog)) => Some(dialog),
            _ => None,
        }
    }
}
