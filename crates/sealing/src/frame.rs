//! How a content lies in its envelope: behind a header that says what it is for, and in front of zeros up to the next of
//! eight sizes.

use crate::{
    hex::Nonce,
    label::{Id, Kind, Label},
};
use std::{
    io::{self, Write},
    str,
};

/// The sizes to which contents are filled up, in bytes: powers of four from 4 KiB to 64 MiB. Eight of them tell at most three
/// bits of a content's size.
pub const BUCKETS: [usize; 8] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20];

/// The most bytes of a header; a sound one has at most 262.
const MAX_HEADER: usize = 512;

/// The most bytes of a content.
pub const MAX_CONTENT: usize = BUCKETS[BUCKETS.len() - 1] - MAX_HEADER;

const FORMAT: &str = "provoco-content-v1";

/// The smallest size that holds this many bytes.
pub(crate) fn bucket(size: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|bucket| *bucket >= size)
}

fn header(label: &Label, nonce: &Nonce, length: usize) -> String {
    let Label { challenge, bidder, version, kind } = label;
    let kind = kind.as_str();
    format!(
        "{FORMAT}\nchallenge {challenge}\nbidder {bidder}\nversion {version}\nkind {kind}\nnonce {nonce}\n\
         length {length}\n\n"
    )
}

/// A content that is to be framed.
pub(crate) struct Frame<'a> {
    header: String,
    content: &'a [u8],
    /// How large it is with everything.
    pub(crate) size: usize,
}

impl<'a> Frame<'a> {
    /// Frames a content; `None` if it is too large.
    pub(crate) fn new(label: &Label, nonce: &Nonce, content: &'a [u8]) -> Option<Self> {
        let header = header(label, nonce, content.len());
        let size = bucket(header.len() + content.len())?;
        Some(Self { header, content, size })
    }

    /// Writes all of it.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.header.as_bytes())?;
        out.write_all(self.content)?;
        let mut missing = self.size - self.header.len() - self.content.len();
        let zeros = [0; 4 << 10];
        while missing > 0 {
            let piece = missing.min(zeros.len());
            out.write_all(&zeros[..piece])?;
            missing -= piece;
        }
        Ok(())
    }
}

/// What a frame holds.
pub(crate) struct Framed {
    pub(crate) label: Label,
    pub(crate) nonce: Nonce,
    /// Where the content begins and ends.
    pub(crate) content: std::ops::Range<usize>,
}

/// Reads a frame, which must be exactly what [`Frame`] writes.
pub(crate) fn parse(frame: &[u8]) -> Option<Framed> {
    let start = &frame[..frame.len().min(MAX_HEADER)];
    let end = start.windows(2).position(|bytes| bytes == b"\n\n")? + 2;
    let text = str::from_utf8(&start[..end]).ok()?;
    let (label, nonce, length) = parse_header(text)?;
    let content = end..end.checked_add(length)?;
    let exact = header(&label, &nonce, length) == text && bucket(content.end) == Some(frame.len());
    let padding = frame.get(content.end..).filter(|_| exact)?;
    padding.iter().all(|byte| *byte == 0).then_some(Framed { label, nonce, content })
}

fn parse_header(text: &str) -> Option<(Label, Nonce, usize)> {
    let mut lines = text.lines();
    (lines.next()? == FORMAT).then_some(())?;
    let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    let challenge = Id::parse(field("challenge")?)?;
    let bidder = Id::parse(field("bidder")?)?;
    let version = field("version")?.parse().ok()?;
    let kind = Kind::parse(field("kind")?)?;
    let nonce = Nonce::parse(field("nonce")?)?;
    let length = field("length")?.parse().ok()?;
    Some((Label { challenge, bidder, version, kind }, nonce, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn framed(content: &[u8]) -> Vec<u8> {
        let id = |text| Id::parse(text).unwrap();
        let label = Label { challenge: id("c-1"), bidder: id("b-1"), version: 1, kind: Kind::Price };
        let nonce = Nonce::parse("00112233445566778899aabbccddeeff").unwrap();
        let mut bytes = Vec::new();
        Frame::new(&label, &nonce, content).unwrap().write(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_frame_is_written_as_the_document_says() {
        let header = "provoco-content-v1\nchallenge c-1\nbidder b-1\nversion 1\nkind price\n\
                      nonce 00112233445566778899aabbccddeeff\nlength 3\n\n";
        let mut expected = [header.as_bytes(), b"EUR"].concat();
        expected.resize(4 << 10, 0);
        assert_eq!(framed(b"EUR"), expected);
        let Framed { label, nonce, content } = parse(&expected).unwrap();
        assert_eq!((label.bidder.as_str(), label.kind, label.version), ("b-1", Kind::Price, 1));
        assert_eq!(nonce.to_string(), "00112233445566778899aabbccddeeff");
        assert_eq!(&expected[content], b"EUR");
    }

    #[test]
    fn there_is_no_second_way_to_write_a_frame() {
        let frame = framed(b"EUR");
        let text = String::from_utf8(frame.clone()).unwrap();
        for (from, to) in [
            ("version 1", "version +1"),
            ("version 1", "version 01"),
            ("length 3", "length 4096"),
            ("length 3", "length 18446744073709551615"),
            ("length 3\n", "length 3\nlength 3\n"),
            ("kind price", "kind  price"),
            ("kind price", "kind PRICE"),
            ("challenge c-1\n", ""),
            ("provoco-content-v1", "provoco-content-v2"),
            ("aabb", "AABB"),
            ("\nbidder", "\r\nbidder"),
        ] {
            let mut other = text.replacen(from, to, 1).into_bytes();
            other.resize(4 << 10, 0);
            assert!(parse(&other).is_none(), "{to}");
        }
        for size in [0, 100, (4 << 10) - 1, (4 << 10) + 1, 16 << 10] {
            let mut other = frame.clone();
            other.resize(size, 0);
            assert!(parse(&other).is_none(), "{size}");
        }
        for at in [120, (4 << 10) - 1] {
            let mut other = frame.clone();
            other[at] = 1;
            assert!(parse(&other).is_none(), "{at}");
        }
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_no_frame(mut bytes in vec(any::<u8>(), 0..600), start in 0_usize..110) {
            prop_assert!(parse(&bytes).is_none());
            bytes.splice(..0, framed(b"EUR")[..start].iter().copied());
            bytes.resize(4 << 10, 0);
            let _ = parse(&bytes);
        }

        #[test]
        fn a_frame_holds_what_was_put_in(content in vec(any::<u8>(), 1..20_000)) {
            let frame = framed(&content);
            prop_assert!(BUCKETS.contains(&frame.len()));
            let found = parse(&frame).unwrap().content;
            prop_assert_eq!(&frame[found], &content);
        }
    }
}
