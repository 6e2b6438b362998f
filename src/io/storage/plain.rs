//! The plain bytes of a file that was packed or written in another encoding: what is gzip is unpacked (RFC 1952), and
//! UTF-16 with its byte order mark becomes UTF-8, as the redirection of Windows PowerShell writes it.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Of an archive with files in it (APPNOTE section 4.3.7).
const ZIP: [u8; 4] = *b"PK\x03\x04";

/// Why there are none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackedError {
    /// An archive may hold several files.
    #[error("is a ZIP archive: unpack it, and open what is in it")]
    Zip,
    /// More than may be read, once it is unpacked.
    #[error("is gzip, and larger than {0} MiB when it is unpacked")]
    TooLarge(u64),
    /// In the words of who unpacks it.
    #[error("is gzip, and cannot be unpacked: {0}")]
    Broken(String),
    /// A half of a character is missing.
    #[error("is UTF-16, and no text: a part of a character is missing")]
    NotUtf16,
}

/// The bytes as they are read: at most `limit` of them, however small they are packed.
///
/// # Errors
/// What cannot be unpacked within the limit, or is no text in the encoding that it names.
pub fn plain(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, PackedError> {
    if bytes.starts_with(&ZIP) {
        return Err(PackedError::Zip);
    }
    let bytes = if bytes.starts_with(&GZIP) { unpacked(&bytes, limit)? } else { bytes };
    match *bytes {
        [0xff, 0xfe, ref pairs @ ..] => utf_8(pairs, u16::from_le_bytes),
        [0xfe, 0xff, ref pairs @ ..] => utf_8(pairs, u16::from_be_bytes),
        _ => Ok(bytes),
    }
}

fn unpacked(packed: &[u8], limit: u64) -> Result<Vec<u8>, PackedError> {
    let mut bytes = Vec::new();
    let read = MultiGzDecoder::new(packed).take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| PackedError::Broken(error.to_string()))?;
    match bytes.len() as u64 > limit {
        true => Err(PackedError::TooLarge(limit / super::FILE_LIMIT)),
        false => Ok(bytes),
    }
}

fn utf_8(pairs: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<Vec<u8>, PackedError> {
    let (units, []) = pairs.as_chunks::<2>() else { return Err(PackedError::NotUtf16) };
    let text: Result<String, _> = char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect();
    text.map(String::into_bytes).map_err(|_| PackedError::NotUtf16)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const LIMIT: u64 = 1024 * 1024;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("packed");
        encoder.finish().expect("packed")
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn what_is_packed_or_written_otherwise_is_read() {
        let text = "{\"log\": \"grüße 😀\"}\r\n";
        for bytes in [
            text.as_bytes().to_vec(),
            packed(text.as_bytes()),
            [packed(&text.as_bytes()[..5]), packed(&text.as_bytes()[5..])].concat(),
            utf_16(text, u16::to_le_bytes),
            utf_16(text, u16::to_be_bytes),
            packed(&utf_16(text, u16::to_le_bytes)),
        ] {
            assert_eq!(plain(bytes, LIMIT).as_deref(), Ok(text.as_bytes()));
        }
        assert_eq!(plain(Vec::new(), LIMIT), Ok(Vec::new()));
    }

    #[test]
    fn a_bomb_an_archive_and_what_is_cut_off_are_refused() {
        let limit = usize::try_from(LIMIT).expect("it fits");
        assert!(plain(packed(&vec![b'a'; limit]), LIMIT).is_ok());
        assert_eq!(plain(packed(&vec![b'a'; 40 * limit]), LIMIT), Err(PackedError::TooLarge(1)));
        assert_eq!(plain(b"PK\x03\x04rest".to_vec(), LIMIT), Err(PackedError::Zip));
        let whole = packed(b"a text that is cut off");
        assert!(matches!(plain(whole[..whole.len() - 9].to_vec(), LIMIT), Err(PackedError::Broken(_))));
        for half in [&b"\xff\xfea"[..], b"\xff\xfe\x3d\xd8", b"\xfe\xff\xd8\x3d"] {
            assert_eq!(plain(half.to_vec(), LIMIT), Err(PackedError::NotUtf16), "{half:?}");
        }
    }
}
