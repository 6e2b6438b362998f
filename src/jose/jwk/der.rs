//! As much of DER (X.690 section 10.1) as the numbers of a key need: elements side by side.
//!
//! The libraries at hand recurse into everything and overflow the stack on nested input; this one
//! looks only where it is sent.

/// Tags that occur in keys.
pub(in crate::jose) const INTEGER: u8 = 2;
pub(in crate::jose) const BIT_STRING: u8 = 3;
pub(in crate::jose) const OCTET_STRING: u8 = 4;
pub(in crate::jose) const SEQUENCE: u8 = 0x30;

/// One element: its tag, what is in it, and both with the length between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jose) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub whole: &'a [u8],
}

/// All elements of `input` in order; `None` when a length does not fit.
pub(in crate::jose) fn elements(mut input: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        let element = first(input)?;
        input = &input[element.whole.len()..];
        found.push(element);
    }
    Some(found)
}

/// The elements inside the sequence that `input` is.
pub(in crate::jose) fn sequence(input: &[u8]) -> Option<Vec<Element<'_>>> {
    let outer = first(input)?;
    if outer.tag == SEQUENCE { elements(outer.content) } else { None }
}

fn first(input: &[u8]) -> Option<Element<'_>> {
    let (&tag, rest) = input.split_first()?;
    let (&length, rest) = rest.split_first()?;
    // From 0x80 on the byte says how many bytes the length has.
    let bytes = if length < 0x80 { 0 } else { usize::from(length - 0x80) };
    let (long, rest) = rest.split_at_checked(bytes)?;
    let length = match long {
        [] if length < 0x80 => usize::from(length),
        [a] => usize::from(*a),
        [a, b] => usize::from(u16::from_be_bytes([*a, *b])),
        _ => return None,
    };
    let content = rest.get(..length)?;
    Some(Element { tag, content, whole: &input[..2 + bytes + length] })
}

/// Sequences in sequences, as deep as this many bytes can be.
#[cfg(test)]
pub(in crate::jose) fn nested(limit: usize) -> Vec<u8> {
    let mut der = vec![SEQUENCE, 0];
    while der.len() + 4 < limit {
        let length = u16::try_from(der.len()).expect("small").to_be_bytes();
        der = [&[SEQUENCE, 0x82][..], &length, &der].concat();
    }
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_side_by_side() {
        let der = [0x30, 8, INTEGER, 1, 7, OCTET_STRING, 0x81, 2, 1, 2];
        let parts = sequence(&der).expect("a sequence");
        assert_eq!(
            parts.iter().map(|part| (part.tag, part.content)).collect::<Vec<_>>(),
            [(2, &[7][..]), (4, &[1, 2])]
        );
        assert_eq!(parts[1].whole, &der[5..]);
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x80],
            &[0x30, 0x81],
            &[0x30, 0x82, 1],
            &[0x30, 0x83, 0, 0, 0],
            &[2, 1, 7],
        ] {
            assert_eq!(sequence(der), None, "{der:?}");
        }
    }
}
