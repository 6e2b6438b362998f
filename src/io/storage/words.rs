//! Why the system refuses a file or an address, in words: its own are of its language, and end in a number.

use std::borrow::Cow;
use std::io;

/// Why something cannot be read, written or listened at. What is met seldom is in the system's words.
pub fn why(error: &io::Error) -> Cow<'static, str> {
    use io::ErrorKind as Kind;

    // What was made here has words of its own.
    if error.get_ref().is_some() {
        return Cow::Owned(error.to_string());
    }
    Cow::Borrowed(match error.kind() {
        Kind::NotFound => "there is no such folder; make it, or name another",
        Kind::PermissionDenied => "the user of this program may not; look whose it is, and who may use it",
        Kind::AlreadyExists => "it is there already",
        Kind::IsADirectory => "it is a folder; name a file in it",
        Kind::NotADirectory => "a part of its path is a file, and no folder",
        Kind::InvalidFilename => "its name is too long, or not one that the system takes",
        Kind::ReadOnlyFilesystem => "what it is on can only be read; name another place",
        Kind::StorageFull => "there is no room left where it is; make some, or name another place",
        Kind::QuotaExceeded => "this user may keep no more there; make room, or name another place",
        Kind::FileTooLarge => "it is larger than a file may be there",
        Kind::InvalidData => "it is not UTF-8 text",
        Kind::AddrInUse => "another program listens there",
        Kind::AddrNotAvailable => "it is no address of this machine",
        _ => return Cow::Owned(without_number(&error.to_string())),
    })
}

/// `Too many levels of symbolic links (os error 40)`, for the middle of a sentence.
fn without_number(words: &str) -> String {
    let words = words.rsplit_once(" (os error ").map_or(words, |(words, _)| words);
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_the_system_is_left() {
        for number in 1..=130 {
            let words = why(&io::Error::from_raw_os_error(number));
            assert!(!words.is_empty() && !words.contains("os error"), "{number}: {words}");
        }
        assert_eq!(why(&io::Error::other("as it was said here")), "as it was said here");
        assert_eq!(without_number("Too many links (os error 31)"), "too many links");
        assert_eq!(without_number("odd"), "odd");
        assert_eq!(without_number(""), "");
    }
}
