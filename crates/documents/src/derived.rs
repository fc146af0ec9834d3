//! The digest of derived data: what an auditor compares after repeating an ingest.

use ring::digest::{Context, SHA256};

use crate::engine::Engine;
use crate::text::PageText;

/// Separates this use of SHA-256 from all others.
const DOMAIN: &[u8] = b"conclave/documents/derived/1\0";

/// SHA-256 over engine and pages, as they come.
pub struct DerivedDigest(Context);

impl DerivedDigest {
    /// Of no page yet.
    pub fn new(engine: &Engine) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(DOMAIN);
        add(&mut context, engine.id().as_bytes());
        Self(context)
    }

    /// Takes the next page.
    pub fn page(&mut self, page: &PageText) {
        let json = serde_json::to_vec(page).expect("a page is plain data with finite numbers");
        add(&mut self.0, &json);
    }

    /// The digest, lower-case hexadecimal.
    pub fn finish(self) -> String {
        hex::encode(self.0.finish())
    }
}

/// SHA-256 over the domain, the engine's id, and the JSON of each page in order, each with its length (64
/// bits, big-endian) before it.
pub fn derived_digest(engine: &Engine, pages: &[PageText]) -> String {
    let mut digest = DerivedDigest::new(engine);
    for page in pages {
        digest.page(page);
    }
    digest.finish()
}

fn add(context: &mut Context, part: &[u8]) {
    context.update(&(part.len() as u64).to_be_bytes());
    context.update(part);
}
