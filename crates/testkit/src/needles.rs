//! A search for texts that must not be somewhere, not put off by how they are written or packed.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::io::Read;

/// Most bytes that are looked at of what something unpacks to.
const MOST_UNPACKED: u64 = 16 << 20;
/// Least bytes that count as unpacked: less comes out of anything.
const LEAST_UNPACKED: usize = 16;

/// Texts to look for, each in every writing.
#[derive(Debug)]
pub struct Needles {
    automaton: AhoCorasick,
    /// Which needle a pattern writes, and how.
    patterns: Vec<(usize, &'static str)>,
    longest: usize,
}

/// A needle that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Place among the needles.
    pub needle: usize,
    /// How it is written there.
    pub how: &'static str,
}

impl Needles {
    /// A search for these.
    ///
    /// # Panics
    /// For a needle of less than three bytes: it is found anywhere.
    pub fn new<T: AsRef<[u8]>>(needles: impl IntoIterator<Item = T>) -> Self {
        let mut written = Vec::new();
        let mut patterns = Vec::new();
        for (place, needle) in needles.into_iter().enumerate() {
            let needle = needle.as_ref();
            assert!(needle.len() >= 3, "a needle that short is found anywhere");
            for (how, writing) in writings(needle) {
                patterns.push((place, how));
                written.push(writing);
            }
        }
        let longest = written.iter().map(Vec::len).max().unwrap_or(0);
        Self {
            automaton: AhoCorasick::new(&written).expect("some thousand short patterns fit an automaton"),
            patterns,
            longest,
        }
    }

    /// The first needle in these bytes.
    pub fn find(&self, bytes: &[u8]) -> Option<Found> {
        let found = self.automaton.find(bytes)?;
        let (needle, how) = self.patterns[found.pattern().as_usize()];
        Some(Found { needle, how })
    }

    /// The first needle in these bytes, or in what is packed within them.
    pub fn find_unpacked(&self, bytes: &[u8]) -> Option<Found> {
        self.find(bytes)
            .or_else(|| unpacked(bytes).iter().find_map(|inner| self.find(inner)))
    }

    /// Bytes of the longest writing: what two pieces of a stream must share so that nothing is missed.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// How a needle may be written.
fn writings(needle: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut writings = vec![
        ("as it is", needle.to_vec()),
        ("hex", hex::encode(needle).into_bytes()),
        ("HEX", hex::encode_upper(needle).into_bytes()),
    ];
    if let Ok(text) = std::str::from_utf8(needle) {
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        writings.push(("UTF-16LE", wide(u16::to_le_bytes)));
        writings.push(("UTF-16BE", wide(u16::to_be_bytes)));
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        writings.push(("JSON escapes", escaped.into_bytes()));
    }
    for (shift, how) in ["base64", "base64 shifted by one", "base64 shifted by two"]
        .into_iter()
        .enumerate()
    {
        // Only the characters that depend on the needle alone.
        let padded = [vec![0; shift], needle.to_vec()].concat();
        let text = STANDARD.encode(&padded);
        let from = [0, 2, 3][shift];
        let until = padded.len() * 8 / 6;
        writings.push((how, text.as_bytes()[from..until].to_vec()));
    }
    writings
}

/// What is packed within: gzip and zlib streams wherever one begins, deflate from the first byte on.
pub fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut streams = Vec::new();
    let mut keep = |reader: &mut dyn Read| {
        let mut inner = Vec::new();
        // A stream that is damaged or cut counts up to there.
        let _ = reader.take(MOST_UNPACKED).read_to_end(&mut inner);
        if inner.len() >= LEAST_UNPACKED {
            streams.push(inner);
        }
    };
    keep(&mut DeflateDecoder::new(bytes));
    for at in 0..bytes.len() {
        match &bytes[at..] {
            [0x1f, 0x8b, 0x08, ..] => keep(&mut GzDecoder::new(&bytes[at..])),
            // CMF of deflate with a window of 32 KiB, and FLG that makes both a multiple of 31 (RFC 1950, 2.2).
            [0x78, flags, ..] if (0x7800 + u32::from(*flags)) % 31 == 0 => {
                keep(&mut ZlibDecoder::new(&bytes[at..]));
            }
            _ => {}
        }
    }
    streams
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    const NEEDLE: &str = "评委示例甲";

    #[test]
    fn every_writing_is_found_at_every_alignment() {
        let needles = Needles::new(["3.271828183", NEEDLE]);
        for before in 0..3 {
            let bytes = [vec![b'x'; before], NEEDLE.as_bytes().to_vec(), b"yz".to_vec()].concat();
            for written in [
                bytes.clone(),
                hex::encode(&bytes).into_bytes(),
                hex::encode_upper(&bytes).into_bytes(),
                STANDARD.encode(&bytes).into_bytes(),
            ] {
                assert_eq!(needles.find(&written).map(|found| found.needle), Some(1));
            }
        }
        let wide: Vec<u8> = NEEDLE.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(
            needles.find(&wide),
            Some(Found {
                needle: 1,
                how: "UTF-16BE"
            })
        );
        let escaped = serde_json::to_vec("3.271828183").expect("JSON");
        assert_eq!(needles.find(&escaped).map(|found| found.how), Some("as it is"));
        assert_eq!(needles.find("评委示例乙 3.271828182".as_bytes()), None);
    }

    #[test]
    fn what_is_packed_is_found() {
        let needles = Needles::new([NEEDLE]);
        let text = format!("score sheet of somebody: {NEEDLE}, {NEEDLE}");
        let write = |encoder: &mut dyn std::io::Write| encoder.write_all(text.as_bytes()).expect("memory");
        let (mut gzip, mut zlib, mut deflate) = (
            GzEncoder::new(Vec::new(), Compression::best()),
            ZlibEncoder::new(Vec::new(), Compression::best()),
            DeflateEncoder::new(Vec::new(), Compression::best()),
        );
        write(&mut gzip);
        write(&mut zlib);
        write(&mut deflate);
        for packed in [gzip.finish(), zlib.finish()] {
            let bytes = [
                b"anything before".to_vec(),
                packed.expect("memory"),
                b"after".to_vec(),
            ]
            .concat();
            assert_eq!(needles.find(&bytes), None);
            assert!(needles.find_unpacked(&bytes).is_some());
        }
        assert!(
            needles
                .find_unpacked(&deflate.finish().expect("memory"))
                .is_some()
        );
    }
}
