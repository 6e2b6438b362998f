//! The Capture tab: a recording of logins that others made, or what passes while the program stands between, and which
//! login is looked at.

use super::between::BetweenModel;
use super::run::RunId;
use super::taken::Taken;

/// What is done in the tab.
#[derive(Clone, Debug)]
pub enum CaptureCommand {
    /// Look at this half of the tab.
    Side(CaptureSide),
    /// Look at a login, by its place in the recording.
    Show(usize),
    /// Look at entries as they were recorded, by their places; none goes back to the login.
    Entries(Vec<usize>),
    /// What is typed or pasted to be read.
    Edit(String),
    /// Read it.
    Read,
}

/// The halves of the tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaptureSide {
    /// What is in a file.
    #[default]
    Recording,
    /// What passes here.
    Between,
}

/// What the tab shows.
#[derive(Clone, Default)]
pub struct CaptureModel {
    /// Which half.
    pub side: CaptureSide,
    /// Why the last file cannot be read.
    pub error: Option<String>,
    /// What is typed or pasted to be read.
    pub text: String,
    /// The recording that was read last.
    pub file: Taken,
    /// Standing between.
    pub between: BetweenModel,
}

impl CaptureModel {
    /// What is looked at.
    pub const fn taken(&self) -> &Taken {
        match self.side {
            CaptureSide::Recording => &self.file,
            CaptureSide::Between => &self.between.taken,
        }
    }

    /// The same, to change it.
    pub const fn taken_mut(&mut self) -> &mut Taken {
        match self.side {
            CaptureSide::Recording => &mut self.file,
            CaptureSide::Between => &mut self.between.taken,
        }
    }

    /// The run of the login that is looked at, once it was made.
    pub fn run(&self) -> Option<RunId> {
        self.taken().run()
    }
}
