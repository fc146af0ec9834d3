//! Frames on the pipes between parent and child: one byte of kind, the length (32 bits, big-endian), the
//! payload.

use std::io::{self, Read, Write};

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// To the child: the request, JSON.
    Request = 1,
    /// To the child: a fallback font, its bytes.
    Font = 2,
    /// To the child: the document, its bytes.
    Document = 3,
    /// To the child that stays: the next task, JSON.
    Ask = 4,
    /// From the child: the confinement in force, JSON. Always first.
    Confinement = 16,
    /// From the child: page sizes, JSON.
    Info = 17,
    /// From the child: the text of one page, JSON.
    Page = 18,
    /// From the child: a picture, PNG.
    Picture = 19,
    /// From the child: what the probe saw, JSON.
    Probe = 20,
    /// From the child: the answer is complete; findings, JSON.
    End = 21,
    /// From the child: there is no answer; the error, JSON.
    Refused = 22,
    /// From the child: the outline, JSON.
    Outline = 23,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Request,
            2 => Self::Font,
            3 => Self::Document,
            4 => Self::Ask,
            16 => Self::Confinement,
            17 => Self::Info,
            18 => Self::Page,
            19 => Self::Picture,
            20 => Self::Probe,
            21 => Self::End,
            22 => Self::Refused,
            23 => Self::Outline,
            _ => return None,
        })
    }
}

/// A frame, read whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
}

/// Why no frame could be read.
#[derive(Debug)]
pub(crate) enum FrameError {
    /// The pipe ended between two frames.
    Ended,
    /// The pipe ended or broke inside a frame.
    Broken(io::Error),
    /// The kind is none of ours.
    UnknownKind(u8),
    /// The stated length exceeds the bound.
    TooLong,
}

/// Bytes before a payload.
pub(crate) const HEADER_BYTES: usize = 5;

/// The head of a frame of `length` bytes.
pub(crate) fn header(kind: Kind, length: u32) -> [u8; HEADER_BYTES] {
    let [a, b, c, d] = length.to_be_bytes();
    [kind as u8, a, b, c, d]
}

/// Writes one frame.
pub(crate) fn write(output: &mut impl Write, kind: Kind, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "longer than a frame can be"))?;
    output.write_all(&header(kind, length))?;
    output.write_all(payload)
}

/// Reads one frame of at most `bound` bytes. Memory grows with the bytes that really come, never with the
/// length that was merely stated.
pub(crate) fn read(input: &mut impl Read, bound: u64) -> Result<Frame, FrameError> {
    let mut head = [0; HEADER_BYTES];
    let first = loop {
        match input.read(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other.map_err(FrameError::Broken)?,
        }
    };
    if first == 0 {
        return Err(FrameError::Ended);
    }
    input.read_exact(&mut head[first..]).map_err(FrameError::Broken)?;
    let kind = Kind::from_byte(head[0]).ok_or(FrameError::UnknownKind(head[0]))?;
    let length = u64::from(u32::from_be_bytes([head[1], head[2], head[3], head[4]]));
    if length > bound {
        return Err(FrameError::TooLong);
    }
    let mut payload = Vec::new();
    input
        .take(length)
        .read_to_end(&mut payload)
        .map_err(FrameError::Broken)?;
    if payload.len() as u64 != length {
        return Err(FrameError::Broken(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(Frame { kind, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let mut pipe = Vec::new();
        write(&mut pipe, Kind::Page, b"first").expect("a vector takes all");
        write(&mut pipe, Kind::End, b"").expect("a vector takes all");
        assert_eq!(&pipe[..HEADER_BYTES], [18, 0, 0, 0, 5]);
        let mut input = pipe.as_slice();
        let first = read(&mut input, 5).expect("whole");
        assert_eq!(
            first,
            Frame {
                kind: Kind::Page,
                payload: b"first".to_vec()
            }
        );
        assert_eq!(read(&mut input, 5).expect("whole").kind, Kind::End);
        assert!(matches!(read(&mut input, 5), Err(FrameError::Ended)));
    }

    #[test]
    fn a_frame_that_breaks_the_rules_is_refused() {
        let long = [18, 0, 0, 0, 6, b'a', b'b', b'c', b'd', b'e', b'f'];
        assert!(matches!(read(&mut long.as_slice(), 5), Err(FrameError::TooLong)));
        assert!(matches!(
            read(&mut [99, 0, 0, 0, 0].as_slice(), 5),
            Err(FrameError::UnknownKind(99))
        ));
        assert!(matches!(
            read(&mut [18, 0, 0].as_slice(), 5),
            Err(FrameError::Broken(_))
        ));
        assert!(matches!(
            read(&mut [18, 0, 0, 0, 2, 1].as_slice(), 5),
            Err(FrameError::Broken(_))
        ));
    }
}
