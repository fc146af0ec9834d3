//! `conclave key create`: an encrypted key file, marked as a development key.

use super::{Fault, read, write};
use clap::{Subcommand, ValueEnum};
use client::ports::SystemRandom;
use sealing::provider::{KeyFile, Pin, Purpose};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

/// PBKDF2-HMAC-SHA256 rounds of new key files.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).expect("600,000 is not zero");

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum KeyPurpose {
    Personal,
    Holder,
    Custodian,
    Vault,
    Bidder,
    Function,
    Log,
    Witness,
}

#[derive(Subcommand)]
pub(crate) enum Key {
    /// Makes a key file.
    Create {
        /// What the key is for.
        #[arg(long, value_enum)]
        purpose: KeyPurpose,
        /// File that holds the PIN; one final line feed is not part of it.
        #[arg(long)]
        pin_file: PathBuf,
        /// Output file.
        #[arg(short)]
        output: PathBuf,
    },
}

/// The PIN of a file.
pub(crate) fn pin(path: &std::path::Path) -> Result<Pin, Fault> {
    let text = String::from_utf8(read(path)?).map_err(|e| Fault::Other(e.to_string()))?;
    Ok(Pin::new(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
}

impl Key {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let Key::Create {
            purpose,
            pin_file,
            output,
        } = self;
        let purpose = match purpose {
            KeyPurpose::Personal => Purpose::Personal,
            KeyPurpose::Holder => Purpose::Holder,
            KeyPurpose::Custodian => Purpose::Custodian,
            KeyPurpose::Vault => Purpose::Vault,
            KeyPurpose::Bidder => Purpose::Bidder,
            KeyPurpose::Function => Purpose::Function,
            KeyPurpose::Log => Purpose::Log,
            KeyPurpose::Witness => Purpose::Witness,
        };
        let file = KeyFile::create(purpose, &pin(&pin_file)?, ITERATIONS, &mut SystemRandom);
        write(&output, &file.to_bytes())?;
        println!("DEVELOPMENT key, public {}", hex::encode(file.public_bytes()));
        Ok(ExitCode::SUCCESS)
    }
}
