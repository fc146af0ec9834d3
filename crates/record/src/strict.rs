//! Strict JSON (protocol.md 1): RFC 8259 in the narrower form that has one meaning for every reader.
//!
//! UTF-8 without a byte order mark; no key twice in an object; only integers, |n| <= 2^53 - 1, no fraction,
//! no exponent, no -0; strings in Unicode normalisation form C, no lone surrogate; at most [`MAX_DEPTH`]
//! levels of arrays and objects; at most [`MAX_BODY`] bytes.

use crate::ids::MAX_SAFE_INTEGER;
use serde::de::DeserializeOwned;
use std::{borrow::Cow, collections::BTreeSet};
use unicode_normalization::is_nfc;

/// Greatest length of a strict JSON text, in bytes: 64 KiB.
pub const MAX_BODY: usize = 64 * 1024;

/// Greatest number of arrays and objects inside one another.
pub const MAX_DEPTH: usize = 32;

/// What is wrong, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("strict JSON, byte {offset}: {fault}")]
pub struct StrictError {
    /// Byte offset from the beginning of the text.
    pub offset: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What makes a text not strict JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than allowed.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Begins with U+FEFF.
    #[error("byte order mark")]
    ByteOrderMark,
    /// The text ends inside a value.
    #[error("ends inside a value")]
    UnexpectedEnd,
    /// A byte the grammar has no place for.
    #[error("expected {0}")]
    Expected(&'static str),
    /// Something after the value.
    #[error("bytes after the value")]
    TrailingBytes,
    /// More than [`MAX_DEPTH`] levels.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The same key twice in one object, compared after unescaping.
    #[error("key {0:?} occurs twice")]
    DuplicateKey(String),
    /// Fraction or exponent.
    #[error("number with a fraction or an exponent")]
    NotInteger,
    /// -0.
    #[error("negative zero")]
    NegativeZero,
    /// 0 followed by a digit.
    #[error("number with a leading zero")]
    LeadingZero,
    /// |n| > 2^53 - 1.
    #[error("integer beyond 2^53 - 1")]
    OutOfRange,
    /// A string that is not in normalisation form C.
    #[error("string not in Unicode normalisation form C")]
    NotNfc,
    /// Half of a surrogate pair.
    #[error("lone surrogate")]
    LoneSurrogate,
    /// An unescaped character below U+0020.
    #[error("unescaped control character")]
    ControlCharacter,
    /// An escape JSON does not have.
    #[error("unknown escape")]
    UnknownEscape,
    /// Strict JSON, but not the expected members or types.
    #[error("{0}")]
    Shape(String),
}

/// Reads a strict JSON text of at most [`MAX_BODY`] bytes.
pub fn parse(bytes: &[u8]) -> Result<serde_json::Value, StrictError> {
    from_slice(bytes)
}

/// Reads `T` from a strict JSON text of at most [`MAX_BODY`] bytes.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StrictError> {
    from_slice_within(bytes, MAX_BODY)
}

/// As [`from_slice`], for a text that may have up to `max` bytes (a page of entries, a file of an archive
/// package).
pub fn from_slice_within<T: DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, StrictError> {
    check(bytes, max)?;
    serde_json::from_slice(bytes).map_err(|error| shape_error(bytes, &error))
}

/// Checks that `bytes` are strict JSON of at most `max` bytes, without building a value.
pub fn check(bytes: &[u8], max: usize) -> Result<(), StrictError> {
    if bytes.len() > max {
        return Err(StrictError {
            offset: max,
            fault: Fault::TooLong(max),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| StrictError {
        offset: error.valid_up_to(),
        fault: Fault::NotUtf8,
    })?;
    if text.starts_with('\u{feff}') {
        return Err(StrictError {
            offset: 0,
            fault: Fault::ByteOrderMark,
        });
    }
    let mut scanner = Scanner {
        text,
        bytes,
        at: 0,
        depth: 0,
    };
    scanner.value()?;
    scanner.skip_space();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(scanner.fault(Fault::TrailingBytes)),
    }
}

pub(crate) fn shape_error(bytes: &[u8], error: &serde_json::Error) -> StrictError {
    // serde_json gives line and column, both from 1; the formats speak of bytes.
    let line_start: usize = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let offset = (line_start + error.column().saturating_sub(1)).min(bytes.len());
    StrictError {
        offset,
        fault: Fault::Shape(error.to_string()),
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    fn fault(&self, fault: Fault) -> StrictError {
        StrictError {
            offset: self.at,
            fault,
        }
    }

    fn expected(&self, what: &'static str) -> StrictError {
        self.fault(if self.at >= self.bytes.len() {
            Fault::UnexpectedEnd
        } else {
            Fault::Expected(what)
        })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<(), StrictError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.expected("a value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<(), StrictError>) -> Result<(), StrictError> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(Fault::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self) -> Result<(), StrictError> {
        let mut keys = BTreeSet::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.skip_space();
            let offset = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key"));
            }
            let key = self.string()?;
            if keys.contains(&key) {
                return Err(StrictError {
                    offset,
                    fault: Fault::DuplicateKey(key.into_owned()),
                });
            }
            keys.insert(key);
            self.skip_space();
            if !self.take(b':') {
                return Err(self.expected("':'"));
            }
            self.value()?;
            self.skip_space();
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.expected("',' or '}'"));
            }
        }
    }

    fn array(&mut self) -> Result<(), StrictError> {
        self.skip_space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value()?;
            self.skip_space();
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.expected("',' or ']'"));
            }
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), StrictError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.fault(Fault::Expected("true, false or null")));
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), StrictError> {
        let offset = self.at;
        let negative = self.take(b'-');
        let digits_from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = &self.text[digits_from..self.at];
        let fault = match (digits, self.peek()) {
            ("", _) => return Err(self.expected("a digit")),
            (_, Some(b'.' | b'e' | b'E')) => Fault::NotInteger,
            ("0", _) if negative => Fault::NegativeZero,
            (digits, _) if digits.len() > 1 && digits.starts_with('0') => Fault::LeadingZero,
            (digits, _) => match digits.parse::<u64>() {
                Ok(magnitude) if magnitude <= MAX_SAFE_INTEGER => return Ok(()),
                _ => Fault::OutOfRange,
            },
        };
        Err(StrictError { offset, fault })
    }

    /// Reads a string and gives it unescaped.
    fn string(&mut self) -> Result<Cow<'a, str>, StrictError> {
        let offset = self.at;
        self.at += 1;
        let mut decoded: Cow<'a, str> = Cow::Borrowed("");
        loop {
            let run_from = self.at;
            while matches!(self.peek(), Some(byte) if byte >= 0x20 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            decoded += &self.text[run_from..self.at];
            match self.peek() {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => decoded.to_mut().push(self.escape()?),
                Some(_) => return Err(self.fault(Fault::ControlCharacter)),
                None => return Err(self.fault(Fault::UnexpectedEnd)),
            }
        }
        if !decoded.is_ascii() && !is_nfc(&decoded) {
            return Err(StrictError {
                offset,
                fault: Fault::NotNfc,
            });
        }
        Ok(decoded)
    }

    fn escape(&mut self) -> Result<char, StrictError> {
        let offset = self.at;
        let letter = self
            .bytes
            .get(offset + 1)
            .ok_or_else(|| self.fault(Fault::UnexpectedEnd))?;
        self.at += 2;
        match letter {
            b'"' => Ok('"'),
            b'\\' => Ok('\\'),
            b'/' => Ok('/'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => self.unicode_escape(offset),
            _ => Err(StrictError {
                offset,
                fault: Fault::UnknownEscape,
            }),
        }
    }

    fn unicode_escape(&mut self, offset: usize) -> Result<char, StrictError> {
        let lone = StrictError {
            offset,
            fault: Fault::LoneSurrogate,
        };
        let first = self.four_hex_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(lone);
        }
        if !(self.take(b'\\') && self.take(b'u')) {
            return Err(lone);
        }
        let second = self.four_hex_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(lone);
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(lone)
    }

    fn four_hex_digits(&mut self) -> Result<u32, StrictError> {
        let mut number = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            number = number * 16 + digit.ok_or_else(|| self.expected("four hex digits"))?;
            self.at += 1;
        }
        Ok(number)
    }
}
