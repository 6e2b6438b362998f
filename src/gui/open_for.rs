//! What a file or a text is opened for, which decides what it is taken for where it could be more than one thing.

use super::compared::Half;
use super::opened::{As, Opened};

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFor {
    /// For what it is.
    Use,
    /// The same, and nobody was asked before whether unsaved settings may be lost: a preset asks then.
    Unasked,
    /// The same of a text that was pasted.
    Pasted,
    /// As unasked, where logins that others made are read: a command is one.
    Recording,
    /// For what runs are expected to be.
    Expect,
    /// The same, because of where it is: nothing is said where there is no such file.
    Beside,
    /// For what a presenter has noted.
    Notes,
    /// For the lesson or the course in it.
    Lesson,
    /// For the lessons in it: it is a folder.
    LessonFolder,
    /// To be compared, on this side.
    Compare(Half),
}

impl OpenFor {
    /// Reads a file as what it was wanted for, or as what it is.
    pub fn read(self, bytes: &[u8], key: [u8; 32]) -> Opened {
        match self {
            Self::Notes => Opened::notes(bytes),
            _ => Opened::of(bytes, self.takes(), key),
        }
    }

    /// Whether a folder is opened for the lessons in it, if there are some.
    pub const fn takes_folder(self) -> bool {
        matches!(self, Self::Use | Self::Unasked | Self::Lesson | Self::LessonFolder)
    }

    /// What a text is taken for that could be more than one thing.
    pub const fn takes(self) -> As {
        match self {
            Self::Use
            | Self::Unasked
            | Self::Pasted
            | Self::Expect
            | Self::Beside
            | Self::Notes
            | Self::Lesson
            | Self::LessonFolder => As::Settings,
            Self::Recording | Self::Compare(_) => As::Messages,
        }
    }
}
