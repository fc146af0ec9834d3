//! The personal signature of a sheet, encrypted to the custodians alone: the record names no
//! person, and yet a person stands for every sheet.

use crate::Random;
use crate::bytes::{Reader, sha256};
use crate::hpke::{self, HpkeError};
use crate::provider::{Agree, KeyError};
use crate::sign;

const CUSTODY: &[u8] = b"conclave/custody/v1\0";
/// Length of the padded plaintext.
const PLAINTEXT: usize = 4096;
/// Length of one custodian's copy.
pub(super) const COPY: usize = 65 + PLAINTEXT + hpke::TAG;
/// The longest certificate there is room for.
pub const MAX_CERTIFICATE: usize = PLAINTEXT - 2 - 64 - 32;

/// A personal signature with what is needed to check it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalSignature {
    /// The personal certificate, DER, at most [`MAX_CERTIFICATE`] bytes.
    pub certificate: Vec<u8>,
    /// The signature over [`super::personal_message`].
    pub signature: [u8; 64],
    /// The digest of the text that was shown.
    pub text_digest: [u8; 32],
}

impl PersonalSignature {
    /// Whether the signature is that of `public_key` (the certificate's, which the caller has
    /// taken from it and checked) over the content digest.
    pub fn verify(&self, public_key: &[u8], digest: &[u8; 32]) -> bool {
        let message = super::personal_message(digest, &self.text_digest);
        sign::verify(public_key, &message, &self.signature)
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let length = u16::try_from(self.certificate.len()).ok()?;
        if self.certificate.len() > MAX_CERTIFICATE {
            return None;
        }
        let mut out = Vec::with_capacity(PLAINTEXT);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&self.certificate);
        out.extend_from_slice(&self.signature);
        out.extend_from_slice(&self.text_digest);
        out.resize(PLAINTEXT, 0);
        Some(out)
    }

    fn decode(plaintext: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(plaintext);
        let length = reader.u16()?;
        let personal = PersonalSignature {
            certificate: reader.take(length.into())?.to_vec(),
            signature: reader.array()?,
            text_digest: reader.array()?,
        };
        let padding = reader.rest();
        (plaintext.len() == PLAINTEXT && padding.iter().all(|b| *b == 0)).then_some(personal)
    }
}

impl std::fmt::Debug for PersonalSignature {
    // The certificate names a person; logs must not.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonalSignature([secret])")
    }
}

/// Why a custodian can't read a personal signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustodyFault {
    /// The custody bytes are not a list of copies.
    #[error("not a list of custody copies")]
    Layout,
    /// The list has no copy at this place.
    #[error("no copy for this custodian")]
    Custodian,
    /// The copy doesn't open with the custodian's key.
    #[error("the copy does not open")]
    Decryption,
    /// The opened copy is not a personal signature.
    #[error("the copy holds no personal signature")]
    Content,
    /// The custodian's own key did not do its part.
    #[error(transparent)]
    Key(KeyError),
}

/// Encrypts a personal signature over content digest `digest` to each custodian, in their order.
/// The result is as long for any certificate.
///
/// # Errors
/// `None` inside: the certificate is too long or there are no custodians or more than 255;
/// [`HpkeError`]: a custodian's key is not a point.
pub fn seal_custody(
    digest: &[u8; 32],
    personal: &PersonalSignature,
    custodians: &[[u8; 65]],
    random: &mut dyn Random,
) -> Result<Vec<u8>, Option<HpkeError>> {
    let plaintext = personal.encode().ok_or(None)?;
    let count = u8::try_from(custodians.len()).map_err(|_| None)?;
    if count == 0 {
        return Err(None);
    }
    let info = info(digest);
    let mut out = vec![count];
    for custodian in custodians {
        let sealed = hpke::seal(custodian, &info, b"", &plaintext, random).map_err(Some)?;
        out.extend_from_slice(&sealed.to_bytes());
    }
    Ok(out)
}

/// Opens the copy of the custodian at `place` (from zero) in the list of custodians.
///
/// # Errors
/// [`CustodyFault`].
pub fn open_custody(
    digest: &[u8; 32],
    custody: &[u8],
    place: usize,
    public: &[u8; 65],
    agree: &mut Agree<'_>,
) -> Result<PersonalSignature, CustodyFault> {
    let copies = copies(custody).ok_or(CustodyFault::Layout)?;
    let copy = copies
        .chunks_exact(COPY)
        .nth(place)
        .ok_or(CustodyFault::Custodian)?;
    let (enc, ct) = copy.split_first_chunk::<65>().ok_or(CustodyFault::Custodian)?;
    let shared = agree(enc).map_err(CustodyFault::Key)?;
    let plaintext = hpke::open_with_shared(&shared, public, enc, &info(digest), b"", ct)
        .map_err(|_| CustodyFault::Decryption)?;
    PersonalSignature::decode(&plaintext).ok_or(CustodyFault::Content)
}

/// The copies within custody bytes of the right form.
fn copies(custody: &[u8]) -> Option<&[u8]> {
    let (count, copies) = custody.split_first()?;
    (*count > 0 && copies.len() == usize::from(*count) * COPY).then_some(copies)
}

pub(super) fn well_formed(custody: &[u8]) -> bool {
    copies(custody).is_some()
}

/// The commitment c of custody bytes.
pub(super) fn commitment(custody: &[u8]) -> [u8; 32] {
    sha256(&[CUSTODY, custody])
}

fn info(digest: &[u8; 32]) -> Vec<u8> {
    [CUSTODY, &digest[..]].concat()
}
