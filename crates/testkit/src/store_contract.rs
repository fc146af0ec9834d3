//! The contract of every record store (`storage::RecordStore`). A store's tests give a [`Bench`] and call [`run`]; a
//! store that fails one rule panics with the rule.

use std::collections::BTreeMap;

use record::{ActId, Digest, Salt, Signature};
use storage::{MAX_META, RecordStore, StoreError, StoredAct, StoredOpening};

/// A sealed field of an act, for the rule that damage is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The body.
    Body,
    /// The salt of the body's commitment.
    Salt,
    /// The header, which is stored in clear.
    Header,
}

impl Field {
    /// Its column.
    pub fn name(self) -> &'static str {
        match self {
            Field::Body => "body",
            Field::Salt => "salt",
            Field::Header => "header",
        }
    }
}

/// One disk with one store on it.
pub trait Bench {
    /// The store under test.
    type Store: RecordStore;

    /// Opens the store as a new process would; the first time it is made.
    ///
    /// # Errors
    /// What the store says.
    fn open(&self) -> Result<Self::Store, StoreError>;

    /// Opens with another at-rest key; `None` if the store has none.
    fn open_with_wrong_key(&self) -> Option<Result<Self::Store, StoreError>>;

    /// Changes one bit of what the disk holds of this act, while no store is open.
    fn flip_bit(&self, index: u64, field: Field);
}

/// Holds a store to every rule; `fresh` gives an empty disk each time.
pub fn run<B: Bench>(fresh: impl Fn() -> B) {
    append_follows_the_expected_length(&fresh());
    a_refused_batch_leaves_nothing(&fresh());
    two_writers_never_lose_or_double(&fresh());
    an_act_is_found_by_its_id(&fresh());
    reading_gives_what_was_appended(&fresh());
    reopening_keeps_all(&fresh());
    a_wrong_key_is_refused(&fresh());
    checkpoints_never_contradict(&fresh());
    cosignatures_merge(&fresh());
    a_big_batch_is_one_transaction(&fresh());
    damage_is_found_and_named(&fresh);
    an_opening_is_erased_for_good(&fresh());
    small_values_are_kept_within_their_bound(&fresh());
}

/// A made-up act of this index; the same index gives the same act.
pub fn act(index: u64) -> StoredAct {
    let digest = |tag: &str| Digest::tagged(tag, &[&index.to_be_bytes()]);
    let mut id = [0; 16];
    id.copy_from_slice(&digest("id").0[..16]);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&digest("r").0);
    signature[32..].copy_from_slice(&digest("s").0);
    let opening = StoredOpening {
        salt: Salt(digest("opening").0),
        value: format!("value of {index}").into_bytes(),
    };
    StoredAct {
        index,
        time: 1_700_000_000_000 + index,
        header: format!("header {index}").into_bytes(),
        commitment: digest("commitment"),
        signature: Signature(signature),
        leaf_hash: digest("leaf"),
        act_id: ActId(id),
        salt: Salt(digest("salt").0),
        body: (!index.is_multiple_of(5)).then(|| format!("{{\"n\":{index}}}").into_bytes()),
        openings: BTreeMap::from([("reason".to_owned(), opening)]),
    }
}

/// Acts from `from` up to but not including `until`.
pub fn acts(from: u64, until: u64) -> Vec<StoredAct> {
    (from..until).map(act).collect()
}

fn opened<B: Bench>(bench: &B) -> B::Store {
    bench.open().expect("the store opens")
}

fn filled<B: Bench>(bench: &B, len: u64) -> B::Store {
    let mut store = opened(bench);
    store
        .append(0, &acts(0, len))
        .expect("the store takes a first batch");
    store
}

fn append_follows_the_expected_length<B: Bench>(bench: &B) {
    let mut store = opened(bench);
    assert_eq!(store.is_empty(), Ok(true), "a new store is empty");
    assert_eq!(
        store.append(1, &acts(1, 2)),
        Err(StoreError::Conflict { len: 0 }),
        "ahead of an empty record"
    );
    assert_eq!(store.append(0, &acts(0, 3)), Ok(()));
    assert_eq!(
        store.append(0, &acts(0, 1)),
        Err(StoreError::Conflict { len: 3 }),
        "behind the record"
    );
    assert_eq!(
        store.append(4, &acts(4, 5)),
        Err(StoreError::Conflict { len: 3 }),
        "ahead of the record"
    );
    assert_eq!(store.append(3, &acts(3, 4)), Ok(()));
    assert_eq!(store.len(), Ok(4));

    let mut second = opened(bench);
    assert_eq!(
        second.append(4, &acts(4, 5)),
        Ok(()),
        "a second writer that knows the length"
    );
    assert_eq!(
        store.append(4, &acts(4, 5)),
        Err(StoreError::Conflict { len: 5 }),
        "the first one is told"
    );
}

fn a_refused_batch_leaves_nothing<B: Bench>(bench: &B) {
    let mut store = filled(bench, 2);
    let gap = [act(2), act(4)];
    assert_eq!(
        store.append(2, &gap),
        Err(StoreError::NotConsecutive { position: 1 })
    );
    assert_eq!(
        store.append(2, &[]),
        Err(StoreError::NotConsecutive { position: 0 }),
        "an empty batch"
    );
    let mut again = act(3);
    again.act_id = act(1).act_id;
    assert_eq!(
        store.append(2, &[act(2), again]),
        Err(StoreError::DuplicateAct { index: 1 }),
        "an id that is in the record"
    );
    let mut twice = act(3);
    twice.act_id = act(2).act_id;
    assert_eq!(
        store.append(2, &[act(2), twice]),
        Err(StoreError::DuplicateAct { index: 2 }),
        "an id twice in the batch"
    );
    assert_eq!(store.len(), Ok(2), "none of the refused acts stayed");
    assert_eq!(store.find_act(&act(2).act_id), Ok(None));
    assert_eq!(store.append(2, &acts(2, 4)), Ok(()), "the store still takes acts");
}

fn two_writers_never_lose_or_double<B: Bench>(bench: &B) {
    const EACH: u64 = 60;
    let mut stores = [opened(bench), opened(bench)];
    std::thread::scope(|scope| {
        for store in &mut stores {
            scope.spawn(move || append_against_another(store, EACH));
        }
    });
    assert_eq!(stores[0].read(0, u32::MAX), Ok(acts(0, 2 * EACH)));
}

/// Appends `count` acts; the only refusal a writer meets is that the other one was there first.
fn append_against_another(store: &mut impl RecordStore, count: u64) {
    let mut len = store.len().expect("reads");
    let mut left = count;
    while left > 0 {
        match store.append(len, &[act(len)]) {
            Ok(()) => {
                left -= 1;
                len += 1;
            }
            Err(StoreError::Conflict { len: now }) => len = now,
            Err(other) => panic!("a second writer must wait its turn: {other}"),
        }
    }
}

fn an_act_is_found_by_its_id<B: Bench>(bench: &B) {
    let store = filled(bench, 7);
    for index in 0..7 {
        assert_eq!(store.find_act(&act(index).act_id), Ok(Some(index)));
    }
    assert_eq!(store.find_act(&act(7).act_id), Ok(None));
}

fn reading_gives_what_was_appended<B: Bench>(bench: &B) {
    let store = filled(bench, 12);
    assert_eq!(store.read(0, 100), Ok(acts(0, 12)));
    assert_eq!(store.read(3, 4), Ok(acts(3, 7)), "from and limit");
    assert_eq!(store.read(11, 4), Ok(acts(11, 12)), "over the end");
    assert_eq!(store.read(12, 4), Ok(Vec::new()), "at the end");
    assert_eq!(store.read(u64::MAX, u32::MAX), Ok(Vec::new()), "far beyond it");
    assert_eq!(store.read(0, 0), Ok(Vec::new()), "nothing asked");
}

fn reopening_keeps_all<B: Bench>(bench: &B) {
    {
        let mut store = filled(bench, 9);
        store
            .put_checkpoint(9, &Digest([9; 32]), "note")
            .expect("covers committed acts");
        store
            .merge_cosignature(9, "w1", "line")
            .expect("the checkpoint is there");
        store.put_meta("position", b"state").expect("small");
    }
    let store = opened(bench);
    assert_eq!(store.read(0, 100), Ok(acts(0, 9)));
    assert_eq!(store.find_act(&act(8).act_id), Ok(Some(8)));
    let newest = store.latest_checkpoint().expect("reads").expect("one was put");
    assert_eq!(
        (newest.size, newest.root, newest.note.as_str()),
        (9, Digest([9; 32]), "note")
    );
    assert_eq!(store.cosignatures(9).expect("reads").len(), 1);
    assert_eq!(store.get_meta("position"), Ok(Some(b"state".to_vec())));
}

fn a_wrong_key_is_refused<B: Bench>(bench: &B) {
    drop(filled(bench, 2));
    if let Some(answer) = bench.open_with_wrong_key() {
        assert_eq!(answer.err(), Some(StoreError::WrongKey));
        assert_eq!(
            opened(bench).read(0, 9),
            Ok(acts(0, 2)),
            "the refused attempt harmed nothing"
        );
    }
}

fn checkpoints_never_contradict<B: Bench>(bench: &B) {
    let mut store = filled(bench, 6);
    let root = |n: u8| Digest([n; 32]);
    assert_eq!(store.latest_checkpoint(), Ok(None));
    assert_eq!(
        store.put_checkpoint(7, &root(7), "n7"),
        Err(StoreError::CheckpointAhead { size: 7, len: 6 }),
        "only over committed acts"
    );
    assert_eq!(store.put_checkpoint(2, &root(2), "n2"), Ok(()));
    assert_eq!(store.put_checkpoint(5, &root(5), "n5"), Ok(()));
    assert_eq!(
        store.put_checkpoint(5, &root(6), "x"),
        Err(StoreError::TwoRoots { size: 5 })
    );
    assert_eq!(
        store.put_checkpoint(2, &root(6), "x"),
        Err(StoreError::TwoRoots { size: 2 }),
        "an old size too"
    );
    assert_eq!(
        store.put_checkpoint(3, &root(3), "n3"),
        Err(StoreError::CheckpointBehind { size: 3, newest: 5 })
    );
    assert_eq!(
        store.put_checkpoint(5, &root(5), "later"),
        Ok(()),
        "the same again"
    );
    assert_eq!(
        store.put_checkpoint(2, &root(2), "later"),
        Ok(()),
        "an old one again"
    );
    assert_eq!(store.put_checkpoint(6, &root(6), "n6"), Ok(()));
    let sizes = |from, limit| -> Vec<(u64, String)> {
        let found = store.checkpoints(from, limit).expect("reads");
        found
            .into_iter()
            .map(|checkpoint| (checkpoint.size, checkpoint.note))
            .collect()
    };
    let kept = |size: u64| (size, format!("n{size}"));
    assert_eq!(
        sizes(0, 9),
        [kept(2), kept(5), kept(6)],
        "the first note of each stays"
    );
    assert_eq!(sizes(3, 1), [kept(5)]);
    assert_eq!(
        store.checkpoint_at(5).expect("reads").map(|found| found.root),
        Some(root(5))
    );
    assert_eq!(store.checkpoint_at(4), Ok(None));
}

fn cosignatures_merge<B: Bench>(bench: &B) {
    let mut store = filled(bench, 3);
    assert_eq!(
        store.merge_cosignature(3, "b", "1"),
        Err(StoreError::NoCheckpoint { size: 3 })
    );
    store
        .put_checkpoint(2, &Digest([2; 32]), "n2")
        .expect("covers committed acts");
    store
        .put_checkpoint(3, &Digest([3; 32]), "n3")
        .expect("covers committed acts");
    assert_eq!(store.merge_cosignature(3, "b", "1"), Ok(true));
    assert_eq!(store.merge_cosignature(3, "a", "2"), Ok(true));
    assert_eq!(store.merge_cosignature(3, "b", "1"), Ok(false), "the same again");
    assert_eq!(
        store.merge_cosignature(3, "b", "later"),
        Ok(false),
        "a witness's first line stays"
    );
    assert_eq!(
        store.merge_cosignature(2, "b", "0"),
        Ok(true),
        "an older checkpoint may still get one"
    );
    let lines: Vec<(String, String)> = store
        .cosignatures(3)
        .expect("reads")
        .into_iter()
        .map(|found| (found.witness, found.line))
        .collect();
    assert_eq!(
        lines,
        [("a".to_owned(), "2".to_owned()), ("b".to_owned(), "1".to_owned())]
    );
    assert_eq!(store.cosignatures(1), Ok(Vec::new()));
}

fn a_big_batch_is_one_transaction<B: Bench>(bench: &B) {
    const MANY: u64 = 4_096;
    let mut batch = acts(0, MANY);
    let last = batch.len() - 1;
    let id = batch[last].act_id;
    batch[last].act_id = batch[0].act_id;
    let mut store = opened(bench);
    assert_eq!(
        store.append(0, &batch),
        Err(StoreError::DuplicateAct { index: 0 }),
        "the last act is refused"
    );
    assert_eq!(store.len(), Ok(0), "and with it all");
    batch[last].act_id = id;
    assert_eq!(store.append(0, &batch), Ok(()));
    assert_eq!(store.len(), Ok(MANY));
    assert_eq!(store.read(MANY - 2, 10), Ok(acts(MANY - 2, MANY)));
}

fn damage_is_found_and_named<B: Bench>(fresh: &impl Fn() -> B) {
    for field in [Field::Body, Field::Salt, Field::Header] {
        let bench = fresh();
        drop(filled(&bench, 8));
        bench.flip_bit(6, field);
        let store = opened(&bench);
        let error = store.read(0, 8).expect_err("a damaged act is not given out");
        // A changed clear column shows at the salt it is bound to.
        let named = matches!(&error, StoreError::Damaged { row } if row.starts_with("act 6 "));
        assert!(named, "{field:?}: {error}");
        assert_eq!(store.read(0, 6), Ok(acts(0, 6)), "the other rows stay readable");
        assert_eq!(store.read(7, 1), Ok(acts(7, 8)));
    }
}

fn an_opening_is_erased_for_good<B: Bench>(bench: &B) {
    {
        let mut store = filled(bench, 3);
        assert_eq!(store.erase_opening(1, "reason"), Ok(true));
        assert_eq!(
            store.erase_opening(1, "reason"),
            Ok(false),
            "erasing twice is no error"
        );
        assert_eq!(store.erase_opening(1, "other"), Ok(false));
        assert_eq!(store.erase_opening(9, "reason"), Ok(false));
    }
    let read = opened(bench).read(0, 3).expect("reads");
    let mut erased = act(1);
    erased.openings.clear();
    assert_eq!(read, [act(0), erased, act(2)], "everything else is as it was");
}

fn small_values_are_kept_within_their_bound<B: Bench>(bench: &B) {
    let mut store = opened(bench);
    assert_eq!(store.get_meta("k"), Ok(None));
    store.put_meta("k", b"one").expect("small");
    store.put_meta("k", b"two").expect("small");
    assert_eq!(store.get_meta("k"), Ok(Some(b"two".to_vec())));
    assert_eq!(store.put_meta("full", &vec![1; MAX_META]), Ok(()));
    assert!(matches!(
        store.put_meta("k", &vec![1; MAX_META + 1]),
        Err(StoreError::TooLarge { .. })
    ));
    assert!(matches!(
        store.put_meta(&"k".repeat(257), b""),
        Err(StoreError::TooLarge { .. })
    ));
    assert_eq!(
        store.get_meta("k"),
        Ok(Some(b"two".to_vec())),
        "a refused value changes nothing"
    );
}
