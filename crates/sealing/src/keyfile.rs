//! The key file: a private key encrypted under a PIN, for development (docs/formats/keyfile.md).

use std::num::NonZeroU32;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Random;
use crate::bytes::{hex_array, put_lp};
use crate::curve::{Point, SecretScalar};
use crate::ed25519::Ed25519Key;
use crate::provider::{KeyError, KeyProvider, Marking};
use crate::secret::{Pin, SecretBytes, SharedPoint};
use crate::sign::SigningKeyPair;

const FORMAT: &str = "conclave.keyfile/1";
const KDF: &str = "pbkdf2-hmac-sha256";
const MAX_ITERATIONS: u32 = 10_000_000;

/// What a key is for. A key serves one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Personal signatures. Signs.
    Personal,
    /// A holder's sub-shares. Agrees.
    Holder,
    /// A custodian's archive key. Agrees.
    Custodian,
    /// An expert's vault. Agrees.
    Vault,
    /// A bidder. Signs and agrees.
    Bidder,
    /// A function of the system: TLS, the ingest key. Signs and agrees.
    Function,
    /// The log key of a centre. Ed25519; signs.
    Log,
    /// A log witness. Ed25519; signs.
    Witness,
}

impl Purpose {
    /// The algorithm of keys of this purpose.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Purpose::Log | Purpose::Witness => Algorithm::Ed25519,
            _ => Algorithm::P256,
        }
    }

    /// Whether keys of this purpose sign.
    pub fn signs(self) -> bool {
        !matches!(self, Purpose::Holder | Purpose::Custodian | Purpose::Vault)
    }

    /// Whether keys of this purpose do ECDH.
    pub fn agrees(self) -> bool {
        !matches!(self, Purpose::Personal | Purpose::Log | Purpose::Witness)
    }

    fn name(self) -> &'static str {
        match self {
            Purpose::Personal => "personal",
            Purpose::Holder => "holder",
            Purpose::Custodian => "custodian",
            Purpose::Vault => "vault",
            Purpose::Bidder => "bidder",
            Purpose::Function => "function",
            Purpose::Log => "log",
            Purpose::Witness => "witness",
        }
    }
}

/// The algorithm of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// ECDSA and ECDH on P-256.
    P256,
    /// Ed25519.
    Ed25519,
}

/// A parsed key file. Holds no secret until unlocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    purpose: Purpose,
    public: Public,
    iterations: NonZeroU32,
    salt: [u8; 16],
    nonce: [u8; 12],
    ciphertext: [u8; 48],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

/// Why bytes are not a key file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not the JSON of the format.
    #[error("not a key file: {0}")]
    Json(String),
    /// A field has a value the format does not allow.
    #[error("not a key file: field {0}")]
    Field(&'static str),
}

/// The private key of a file, for processes that use it as long as they run (TLS, log, witness)
/// and for one command. For a person's key take the [`KeyProvider`] of the file instead: it asks
/// for the PIN at every use.
#[derive(Debug)]
pub enum Unlocked {
    /// A P-256 key.
    P256(SigningKeyPair),
    /// An Ed25519 key.
    Ed25519(Ed25519Key),
}

impl Unlocked {
    /// The P-256 key.
    ///
    /// # Errors
    /// [`KeyError::Purpose`] when it is an Ed25519 key.
    pub fn p256(self) -> Result<SigningKeyPair, KeyError> {
        match self {
            Unlocked::P256(key) => Ok(key),
            Unlocked::Ed25519(_) => Err(KeyError::Purpose),
        }
    }

    /// The Ed25519 key.
    ///
    /// # Errors
    /// [`KeyError::Purpose`] when it is a P-256 key.
    pub fn ed25519(self) -> Result<Ed25519Key, KeyError> {
        match self {
            Unlocked::Ed25519(key) => Ok(key),
            Unlocked::P256(_) => Err(KeyError::Purpose),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    development: bool,
    purpose: Purpose,
    algorithm: Algorithm,
    public: String,
    kdf: StoredKdf,
    #[serde(with = "hex_array")]
    nonce: [u8; 12],
    #[serde(with = "hex_array")]
    ciphertext: [u8; 48],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKdf {
    name: String,
    iterations: u32,
    #[serde(with = "hex_array")]
    salt: [u8; 16],
}

impl KeyFile {
    /// Makes a new key of the purpose's algorithm and encrypts it. `iterations` is the count of
    /// PBKDF2, capped at 10 million.
    pub fn create(purpose: Purpose, pin: &Pin, iterations: NonZeroU32, random: &mut dyn Random) -> Self {
        let (secret, public) = match purpose.algorithm() {
            Algorithm::P256 => {
                let secret = SecretScalar::<crate::curve::P256>::random(random);
                let public = Public::P256(secret.public().to_bytes());
                (secret.to_secret_bytes(), public)
            }
            Algorithm::Ed25519 => {
                let key = Ed25519Key::generate(random);
                let public = Public::Ed25519(key.public());
                (SecretBytes::new(*key.seed().expose()), public)
            }
        };
        let mut file = KeyFile {
            purpose,
            public,
            iterations: iterations.min(NonZeroU32::new(MAX_ITERATIONS).expect("not zero")),
            salt: [0; 16],
            nonce: [0; 12],
            ciphertext: [0; 48],
        };
        random.fill(&mut file.salt);
        random.fill(&mut file.nonce);
        let mut sealed = Zeroizing::new(secret.expose().to_vec());
        file.key(pin)
            .seal_in_place_append_tag(file.aead_nonce(), Aad::from(file.header()), &mut *sealed)
            .expect("32 bytes are below the limit of AES-GCM");
        file.ciphertext.copy_from_slice(&sealed);
        file
    }

    /// Reads a key file, strictly: known fields only, each once, in their one form.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|e| KeyFileError::Json(e.to_string()))?;
        let field = |ok: bool, name| ok.then_some(()).ok_or(KeyFileError::Field(name));
        field(stored.format == FORMAT, "format")?;
        field(stored.development, "development")?;
        field(stored.algorithm == stored.purpose.algorithm(), "algorithm")?;
        field(stored.kdf.name == KDF, "kdf.name")?;
        let iterations = NonZeroU32::new(stored.kdf.iterations)
            .filter(|i| i.get() <= MAX_ITERATIONS)
            .ok_or(KeyFileError::Field("kdf.iterations"))?;
        let public = Public::parse(stored.algorithm, &stored.public).ok_or(KeyFileError::Field("public"))?;
        Ok(KeyFile {
            purpose: stored.purpose,
            public,
            iterations,
            salt: stored.kdf.salt,
            nonce: stored.nonce,
            ciphertext: stored.ciphertext,
        })
    }

    /// The file's bytes: JSON, indented, with a final line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let stored = Stored {
            format: FORMAT.to_owned(),
            development: true,
            purpose: self.purpose,
            algorithm: self.purpose.algorithm(),
            public: hex::encode(self.public.bytes()),
            kdf: StoredKdf {
                name: KDF.to_owned(),
                iterations: self.iterations.get(),
                salt: self.salt,
            },
            nonce: self.nonce,
            ciphertext: self.ciphertext,
        };
        let mut out = serde_json::to_vec_pretty(&stored).expect("a struct of strings has a JSON");
        out.push(b'\n');
        out
    }

    /// What the key is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The public key: 65 bytes (P-256, SEC1 uncompressed) or 32 (Ed25519).
    pub fn public_bytes(&self) -> &[u8] {
        self.public.bytes()
    }

    /// Decrypts the private key.
    ///
    /// # Errors
    /// [`KeyError::WrongPin`], [`KeyError::Damaged`].
    pub fn unlock(&self, pin: &Pin) -> Result<Unlocked, KeyError> {
        let mut buffer = Zeroizing::new(self.ciphertext);
        let plaintext = self
            .key(pin)
            .open_in_place(self.aead_nonce(), Aad::from(self.header()), &mut buffer[..])
            .map_err(|_| KeyError::WrongPin)?;
        let secret = <[u8; 32]>::try_from(&*plaintext).map_err(|_| KeyError::Damaged)?;
        let secret = SecretBytes::new(secret);
        let (unlocked, public) = match &self.public {
            Public::P256(_) => {
                let secret = SecretScalar::from_bytes(secret.expose()).map_err(|_| KeyError::Damaged)?;
                let key = SigningKeyPair::from_secret(secret);
                let public = Public::P256(key.public_key());
                (Unlocked::P256(key), public)
            }
            Public::Ed25519(_) => {
                let key = Ed25519Key::from_seed(secret);
                let public = Public::Ed25519(key.public());
                (Unlocked::Ed25519(key), public)
            }
        };
        (public == self.public)
            .then_some(unlocked)
            .ok_or(KeyError::Damaged)
    }

    /// The provider of a P-256 key file; the PIN is asked for at every use.
    ///
    /// # Errors
    /// [`KeyError::Purpose`] for an Ed25519 key file.
    pub fn provider(self) -> Result<KeyFileProvider, KeyError> {
        match self.public {
            Public::P256(public) => Ok(KeyFileProvider { file: self, public }),
            Public::Ed25519(_) => Err(KeyError::Purpose),
        }
    }

    fn key(&self, pin: &Pin) -> LessSafeKey {
        let mut key = Zeroizing::new([0; 32]);
        derive(
            PBKDF2_HMAC_SHA256,
            self.iterations,
            &self.salt,
            pin.expose(),
            &mut key[..],
        );
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key[..]).expect("32 bytes"))
    }

    fn aead_nonce(&self) -> Nonce {
        Nonce::assume_unique_for_key(self.nonce)
    }

    /// What the ciphertext is bound to: everything else in the file.
    fn header(&self) -> Vec<u8> {
        let mut out = b"conclave/keyfile/v1\0".to_vec();
        put_lp(&mut out, self.purpose.name().as_bytes());
        put_lp(&mut out, self.public.bytes());
        out.extend_from_slice(&self.iterations.get().to_be_bytes());
        out.extend_from_slice(&self.salt);
        out
    }
}

impl Public {
    fn parse(algorithm: Algorithm, text: &str) -> Option<Self> {
        match algorithm {
            Algorithm::P256 => {
                let bytes = crate::bytes::hex_to_array(text)?;
                Point::<crate::curve::P256>::from_bytes(&bytes).ok()?;
                Some(Public::P256(bytes))
            }
            Algorithm::Ed25519 => crate::bytes::hex_to_array(text).map(Public::Ed25519),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Public::P256(bytes) => bytes,
            Public::Ed25519(bytes) => bytes,
        }
    }
}

/// A P-256 key file as a [`KeyProvider`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFileProvider {
    file: KeyFile,
    public: [u8; 65],
}

impl KeyFileProvider {
    /// The file.
    pub fn file(&self) -> &KeyFile {
        &self.file
    }
}

impl KeyProvider for KeyFileProvider {
    fn public_key(&self) -> [u8; 65] {
        self.public
    }

    fn marking(&self) -> Marking {
        Marking::Development
    }

    fn sign(&self, pin: &Pin, message: &[u8]) -> Result<[u8; 64], KeyError> {
        if !self.file.purpose.signs() {
            return Err(KeyError::Purpose);
        }
        Ok(self.file.unlock(pin)?.p256()?.sign(message))
    }

    fn agree(&self, pin: &Pin, their_point: &[u8; 65]) -> Result<SharedPoint, KeyError> {
        if !self.file.purpose.agrees() {
            return Err(KeyError::Purpose);
        }
        let point = Point::from_bytes(their_point).map_err(|_| KeyError::Point)?;
        Ok(self.file.unlock(pin)?.p256()?.secret().agree(&point))
    }
}
