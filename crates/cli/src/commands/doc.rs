//! `conclave doc info|text|render`: the parsing is done in a confined child process.

use super::{Fault, write};
use clap::Subcommand;
use documents::{Limits, Reader};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Doc {
    /// Pages, sizes, digest.
    Info {
        /// The document.
        file: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Text of a page or of all.
    Text {
        /// The document.
        file: PathBuf,
        /// Page, from 1.
        #[arg(long)]
        page: Option<u32>,
        /// With positions, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// A page as PNG.
    Render {
        /// The document.
        file: PathBuf,
        /// Page, from 1.
        #[arg(long)]
        page: u32,
        /// Dots an inch.
        #[arg(long, default_value_t = 96)]
        dpi: u16,
        /// Output file.
        #[arg(short)]
        output: PathBuf,
    },
}

fn refuse(error: &documents::DocumentError) -> Fault {
    Fault::Other(error.message(documents::Language::En))
}

fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Fault> {
    println!(
        "{}",
        serde_json::to_string_pretty(value).map_err(|e| Fault::Other(e.to_string()))?
    );
    Ok(())
}

impl Doc {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let reader = Reader::this_program(Limits::default());
        match self {
            Doc::Info { file, json } => {
                let info = reader.info(&file).map_err(|e| refuse(&e))?;
                if json {
                    print_json(&info)?;
                } else {
                    println!("{} pages, sha256 {}", info.pages.len(), info.document_sha256);
                }
            }
            Doc::Text { file, page, json } => {
                let pages = match page {
                    Some(page) => page..=page,
                    None => {
                        1..=u32::try_from(reader.info(&file).map_err(|e| refuse(&e))?.pages.len())
                            .unwrap_or(u32::MAX)
                    }
                };
                for page in pages {
                    let text = reader.text(&file, page).map_err(|e| refuse(&e))?;
                    if json {
                        print_json(&text)?
                    } else {
                        println!("{}", text.plain())
                    }
                }
            }
            Doc::Render {
                file,
                page,
                dpi,
                output,
            } => {
                let picture = reader.render(&file, page, dpi).map_err(|e| refuse(&e))?;
                write(&output, &picture.png)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
