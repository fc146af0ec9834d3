//! Blobs, files and packages of the tests.

use crate::signer::Identity;
use conclave_audit::{Checks, named_blobs};
use evaluation::Blobs;
use record::{BlobRef, Body, Digest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Store(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl Store {
    pub(crate) fn put(&mut self, bytes: Vec<u8>) -> BlobRef {
        let blob = BlobRef::of(&bytes);
        self.0.insert(blob.digest, bytes);
        blob
    }
}

impl Blobs for Store {
    fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        self.0.get(&blob.digest).cloned()
    }
}

pub(crate) fn role(identity: &Identity, role: &str, site: Option<&str>) -> Value {
    json!({"person": identity.person, "role": role, "organisation": identity.organisation, "site": site,
        "key": identity.public(), "encryption_key": null, "certificate": identity.certificate})
}

pub(crate) fn kind_of(entry: &record::Entry) -> String {
    match &entry.leaf {
        record::Leaf::Header { header, .. } => header.kind.clone(),
        record::Leaf::Hash(_) => String::new(),
    }
}

pub(crate) fn blobs_of(entry: &record::Entry) -> Vec<BlobRef> {
    let body = Body::parse(&entry.disclosed.as_ref().expect("disclosed").body).expect("a body");
    named_blobs(&body.core)
}

/// All checks but `replay`.
pub(crate) fn without_replay() -> Checks {
    Checks::without("replay").expect("a check")
}

/// The files of a package.
pub(crate) fn files(package: &[u8]) -> BTreeMap<String, Vec<u8>> {
    record::tar::decode(package, u64::MAX, usize::MAX).expect("canonical")
}

/// A package of these files, its manifest naming them.
pub(crate) fn reseal(mut files: BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let manifest = files.remove("manifest.json").expect("a manifest");
    let mut manifest: conclave_audit::package::Manifest = serde_json::from_slice(&manifest).expect("JSON");
    let line = |(name, bytes): (&String, &Vec<u8>)| conclave_audit::package::FileLine {
        name: name.clone(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    };
    manifest.files = files.iter().map(line).collect();
    files.insert("manifest.json".to_owned(), manifest.to_json_bytes());
    record::tar::encode(&files).expect("a tar")
}
