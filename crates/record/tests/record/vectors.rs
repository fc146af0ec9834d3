//! The fixed vectors of `tests/vectors/record`, byte for byte. With CONCLAVE_WRITE_VECTORS set they are
//! written anew.

use crate::{
    fixture::{
        ACTOR_SECRET, BODY_SALT, CENTRE_TIME, LOG_SEED, PERSON_SECRET, WITNESS_SEED, core, log_key, openings,
        public_key, sign, submission, witness_key,
    },
    merkle::{REFERENCE_LEAVES, reference_tree},
};
use conclave_record::{
    Body, Checkpoint, Core, Digest, Entry, Header, Salt, SignedCheckpoint, Submission, Tree, VerifierKey,
    leaf_hash, origin_line, personal_signing_input, sign_checkpoint, signing_input, strict, tar,
    verify_entry, verify_inclusion, verify_submission,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

const PERSONAL_SALT: Salt = Salt([0x66; 32]);
const PERSONAL_TEXT: &str = "本人承诺:独立、客观、公正地评审。";

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors/record")
        .join(name)
}

/// Compares a vector with its file, and gives what the file says.
fn fixed(name: &str, computed: &Value) -> Value {
    if std::env::var_os("CONCLAVE_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(computed).expect("JSON") + "\n";
        std::fs::create_dir_all(path("")).expect("the directory of the vectors");
        std::fs::write(path(name), text).expect("the vector is written");
    }
    let text = std::fs::read(path(name)).expect("the vector is there");
    // Bytes stand in the vector as hex, base64 or strings, so equal values are equal bytes.
    let stored: Value = strict::parse(&text).expect("a vector is strict JSON");
    assert_eq!(&stored, computed, "{name} differs from what the code makes");
    stored
}

fn read<T: serde::de::DeserializeOwned>(vector: &Value, pointer: &str) -> T {
    let value = vector.pointer(pointer).expect(pointer).clone();
    serde_json::from_value(value).expect(pointer)
}

fn bytes(vector: &Value, pointer: &str) -> Vec<u8> {
    hex::decode(read::<String>(vector, pointer)).expect(pointer)
}

/// The core of the fixture as act of the vectors: one person, one promise.
fn promise() -> Core {
    Core {
        kind: "promise.signed".into(),
        instance: "promise/1".into(),
        payload: json!({ "template": 1 }),
        ..core()
    }
}

fn act_vector() -> Value {
    // Attachments are not in the core, so its digest is known before the personal signature is.
    let core_digest = Body::new(promise(), BTreeMap::new())
        .expect("an allowed core")
        .core_digest();
    let personal_input = personal_signing_input(&core_digest, PERSONAL_TEXT);
    let personal = sign(PERSON_SECRET, &personal_input);
    let submission = submission(promise(), openings(&[("personal", PERSONAL_SALT, &personal.0)]));
    let act = verify_submission(&submission).expect("signed");
    let full = act.entry(0, CENTRE_TIME);
    let signing_input = signing_input(act.header(), act.commitment());
    json!({
        "actor_secret": hex::encode(ACTOR_SECRET),
        "actor": public_key(ACTOR_SECRET),
        "person_secret": hex::encode(PERSON_SECRET),
        "person": public_key(PERSON_SECRET),
        "body": String::from_utf8(submission.body.clone()).expect("UTF-8"),
        "core_digest": core_digest,
        "salt": BODY_SALT,
        "commitment": act.commitment(),
        "header": hex::encode(act.header().encode()),
        "signing_input": hex::encode(&signing_input),
        "signing_input_sha256": Digest::of(&signing_input),
        "signature": act.signature(),
        "centre_time": CENTRE_TIME,
        "leaf_data": hex::encode(act.leaf_data(CENTRE_TIME)),
        "leaf_hash": act.leaf_hash(CENTRE_TIME),
        "personal": {
            "text": PERSONAL_TEXT,
            "text_sha256": Digest::of(PERSONAL_TEXT.as_bytes()),
            "signing_input": hex::encode(&personal_input),
            "signature": personal,
            "salt": PERSONAL_SALT,
            "commitment": act.body().attachments["personal"],
        },
        "submission": submission,
        "entry": full,
        "entry_withheld": full.withheld(),
        "entry_hash": full.hash_only(),
    })
}

#[test]
fn act() {
    let vector = fixed("act.json", &act_vector());
    let submission: Submission = read(&vector, "/submission");
    assert_eq!(
        String::from_utf8(submission.body.clone()).expect("UTF-8"),
        read::<String>(&vector, "/body")
    );
    let act = verify_submission(&submission).expect("the vector holds");
    assert_eq!(
        Header::decode(&bytes(&vector, "/header")).as_ref(),
        Ok(act.header())
    );
    assert_eq!(
        leaf_hash(&bytes(&vector, "/leaf_data")),
        read::<Digest>(&vector, "/leaf_hash")
    );
    for entry in ["/entry", "/entry_withheld", "/entry_hash"] {
        let entry: Entry = read(&vector, entry);
        let leaf = verify_entry(&entry).expect("the vector holds");
        assert_eq!(leaf.leaf_hash(), read::<Digest>(&vector, "/leaf_hash"));
    }
}

fn checkpoint_vector() -> Value {
    let (log, witness) = (log_key(), witness_key());
    let leaf: Digest = read(&act_vector(), "/leaf_hash");
    let second = leaf_hash(b"a second leaf");
    let mut tree = Tree::new();
    tree.push(leaf);
    tree.push(second);
    let checkpoint = Checkpoint {
        origin: origin_line(&core().origin),
        size: tree.size(),
        root: tree.root(),
    };
    let mut note = sign_checkpoint(&checkpoint, &log.key, |message| log.sign(message)).expect("a log key");
    let signed = note.format();
    let seconds = CENTRE_TIME / 1000 + 1;
    note.cosign(&witness.key, seconds, |message| witness.sign(message))
        .expect("a witness key");
    json!({
        "log_seed": hex::encode(LOG_SEED),
        "log_key": log.key,
        "witness_seed": hex::encode(WITNESS_SEED),
        "witness_key": witness.key,
        "leaf_hashes": [leaf, second],
        "size": checkpoint.size,
        "root": checkpoint.root,
        "inclusion_of_leaf_0": tree.inclusion(0, 2).expect("in range"),
        "signed": signed,
        "cosigned_at": seconds,
        "cosigned_message": format!("cosignature/v1\ntime {seconds}\n{}", note.text()),
        "cosigned": note,
    })
}

#[test]
fn checkpoint() {
    let vector = fixed("checkpoint.json", &checkpoint_vector());
    let note: SignedCheckpoint = read(&vector, "/cosigned");
    let checkpoint = note
        .verify_log(&read::<VerifierKey>(&vector, "/log_key"))
        .expect("the vector holds");
    let seconds = note.verify_cosignature(&read(&vector, "/witness_key"));
    assert_eq!(seconds, Ok(read(&vector, "/cosigned_at")));
    let proof: Vec<Digest> = read(&vector, "/inclusion_of_leaf_0");
    let leaf = read(&vector, "/leaf_hashes/0");
    assert_eq!(
        verify_inclusion(&leaf, 0, checkpoint.size, &proof, &checkpoint.root),
        Ok(())
    );
    let signed: SignedCheckpoint = read(&vector, "/signed");
    assert_eq!(signed.checkpoint(), checkpoint);
}

#[test]
fn merkle() {
    let tree = reference_tree();
    let roots: Vec<Digest> = (0..=8)
        .map(|size| tree.root_at(size).expect("in range"))
        .collect();
    let inclusion = [(0, 1), (0, 8), (5, 8), (2, 3), (1, 5), (6, 7)].map(|(index, size)| {
        json!({ "index": index, "size": size, "proof": tree.inclusion(index, size).expect("in range") })
    });
    let consistency = [(0, 8), (1, 1), (1, 8), (6, 8), (2, 5), (4, 7), (3, 7)].map(|(old, new)| {
        json!({ "old": old, "new": new, "proof": tree.consistency(old, new).expect("in range") })
    });
    let leaves = REFERENCE_LEAVES;
    fixed(
        "merkle.json",
        &json!({ "leaves": leaves, "roots": roots, "inclusion": inclusion, "consistency": consistency }),
    );
}

#[test]
fn archive() {
    let files = BTreeMap::from([
        ("manifest.json".to_owned(), b"{}".to_vec()),
        ("record/0.json".to_owned(), vec![b'x'; 600]),
    ]);
    let bytes = tar::encode(&files).expect("allowed names");
    let vector = json!({
        "files": files.iter().map(|(name, content)| (name, hex::encode(content))).collect::<BTreeMap<_, _>>(),
        "length": bytes.len(),
        "first_header": hex::encode(&bytes[..512]),
        "sha256": Digest::of(&bytes),
    });
    fixed("tar.json", &vector);
    assert_eq!(tar::decode(&bytes, 1 << 20, 10), Ok(files));
}

/// The worked examples of the documentation are the vectors.
#[test]
fn documents_quote_the_vectors() {
    let document = |name: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/formats")
            .join(name);
        let text = std::fs::read_to_string(path).expect("the document is there");
        // Long values are broken over lines.
        (text.split_whitespace().collect::<String>(), text)
    };
    let vector = |name: &str| -> Value {
        strict::parse(&std::fs::read(path(name)).expect("the vector is there")).expect("strict JSON")
    };
    let (joined, _) = document("acts.md");
    let act = vector("act.json");
    let quoted = [
        "/commitment",
        "/signing_input_sha256",
        "/signature",
        "/leaf_hash",
        "/core_digest",
        "/personal/text",
        "/personal/text_sha256",
        "/personal/signing_input",
        "/personal/signature",
        "/personal/commitment",
        "/actor",
    ];
    for pointer in quoted {
        assert!(
            joined.contains(&read::<String>(&act, pointer)),
            "acts.md: {pointer}"
        );
    }
    let (joined, text) = document("record.md");
    let checkpoint = vector("checkpoint.json");
    for pointer in ["/cosigned", "/cosigned_message", "/log_key", "/witness_key"] {
        assert!(
            text.contains(&read::<String>(&checkpoint, pointer)),
            "record.md: {pointer}"
        );
    }
    let merkle = vector("merkle.json");
    let mut digests: Vec<String> = read(&merkle, "/consistency/6/proof");
    digests.extend(read::<Vec<String>>(&merkle, "/inclusion/3/proof"));
    digests.extend([
        read(&merkle, "/roots/3"),
        read(&merkle, "/roots/0"),
        read(&vector("tar.json"), "/sha256"),
    ]);
    for digest in digests {
        assert!(joined.contains(&digest), "record.md: {digest}");
    }
}
