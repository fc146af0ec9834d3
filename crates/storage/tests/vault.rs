//! The vault of a client and its outbox.

use std::path::{Path, PathBuf};

use conclave_storage::{
    Change, MAX_VALUE, OUTBOX_BOUND, OutboxItem, OutboxState, StoreError, Vault, VaultRow,
};
use proptest::prelude::*;

const KEY: [u8; 32] = [3; 32];

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("temporary folder"),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("vault.sqlite")
    }

    fn open(&self) -> Vault {
        Vault::open(&self.path(), &KEY).expect("opens")
    }
}

fn raw(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("an SQLite file")
}

fn damaged_row(answer: Result<impl Sized, StoreError>) -> String {
    match answer {
        Err(StoreError::Damaged { row }) => row,
        Err(other) => panic!("expected damage, got {other}"),
        Ok(_) => panic!("expected damage"),
    }
}

fn row(key: &str, sequence: u64, value: &[u8]) -> VaultRow {
    VaultRow {
        key: key.to_owned(),
        sequence,
        value: value.to_vec(),
    }
}

#[test]
fn rows_are_kept_over_reopening() {
    let place = Place::new();
    {
        let mut vault = place.open();
        assert_eq!(vault.sequence(), Ok(0));
        assert_eq!(vault.put("sheet/2", b"b"), Ok(1));
        assert_eq!(vault.put("sheet/1", b"a"), Ok(2));
        assert_eq!(vault.put("sheet/2", b"c"), Ok(3));
        assert_eq!(vault.put("note/1", b""), Ok(4));
        assert_eq!(vault.put("sheet\u{10ffff}", b"x"), Ok(5));
        assert_eq!(vault.remove("note/2"), Ok(6));
    }
    let mut vault = place.open();
    assert_eq!(vault.sequence(), Ok(6));
    assert_eq!(vault.get("sheet/2"), Ok(Some(b"c".to_vec())));
    assert_eq!(vault.get("note/1"), Ok(Some(Vec::new())));
    assert_eq!(vault.get("sheet"), Ok(None));
    assert_eq!(
        vault.list("sheet/"),
        Ok(vec![row("sheet/1", 2, b"a"), row("sheet/2", 3, b"c")])
    );
    assert_eq!(vault.list("").expect("reads").len(), 4);
    assert_eq!(vault.list("x"), Ok(Vec::new()));
    assert_eq!(vault.remove("sheet/1"), Ok(7));
    assert_eq!(vault.get("sheet/1"), Ok(None));
}

#[test]
fn changes_are_made_together_or_not_at_all() {
    let place = Place::new();
    let mut vault = place.open();
    let put = |key: &str, length: usize| Change::Put {
        key: key.to_owned(),
        value: vec![1; length],
    };
    let enqueue = Change::Enqueue {
        item: b"act".to_vec(),
    };
    assert_eq!(
        vault.apply(&[put("a", 1), enqueue.clone(), put("b", MAX_VALUE)]),
        Ok(vec![1, 2, 3])
    );
    let answer = vault.apply(&[put("c", 1), enqueue, put("d", MAX_VALUE + 1)]);
    assert_eq!(
        answer,
        Err(StoreError::TooLarge {
            what: "the vault value",
            limit: MAX_VALUE as u64
        })
    );
    assert!(matches!(
        vault.put(&"k".repeat(1_025), b""),
        Err(StoreError::TooLarge { .. })
    ));
    assert_eq!(vault.get("c"), Ok(None));
    assert_eq!(vault.sequence(), Ok(3));
    assert_eq!(vault.outbox().waiting_count(), Ok(1));
    assert_eq!(
        vault.get("b").expect("reads").map(|value| value.len()),
        Some(MAX_VALUE)
    );
}

#[test]
fn a_wrong_data_key_is_refused() {
    let place = Place::new();
    place.open().put("k", b"v").expect("puts");
    assert_eq!(
        Vault::open(&place.path(), &[4; 32]).err(),
        Some(StoreError::WrongKey)
    );
    assert_eq!(place.open().get("k"), Ok(Some(b"v".to_vec())));
}

#[test]
fn damage_names_its_row() {
    let place = Place::new();
    {
        let mut vault = place.open();
        vault.put("a", b"1").expect("puts");
        vault.put("b", b"2").expect("puts");
        vault.outbox().enqueue(b"act").expect("enqueues");
        vault.outbox().enqueue(b"act").expect("enqueues");
    }
    let change = |sql: &str| assert_eq!(raw(&place.path()).execute(sql, []), Ok(1), "{sql}");
    change("UPDATE value SET sealed = (SELECT sealed FROM value WHERE key = 'a') WHERE key = 'b'");
    change("UPDATE outbox SET acknowledged = 7 WHERE position = 4");
    let mut vault = place.open();
    assert_eq!(damaged_row(vault.get("b")), "vault row b value");
    assert_eq!(damaged_row(vault.list("")), "vault row b value");
    assert_eq!(damaged_row(vault.export()), "vault row b value");
    assert_eq!(vault.get("a"), Ok(Some(b"1".to_vec())));
    assert_eq!(damaged_row(vault.outbox().state(4)), "outbox item 4 bytes");
    assert_eq!(vault.outbox().state(3), Ok(Some(OutboxState::Waiting)));
    drop(vault);
    change("UPDATE value SET sequence = 3 WHERE key = 'a'");
    assert_eq!(damaged_row(place.open().get("a")), "vault row a value");
    change("UPDATE counter SET sequence = 1");
    assert_eq!(
        damaged_row(Vault::open(&place.path(), &KEY)),
        "vault counter (behind its rows)"
    );
}

#[test]
fn short_values_do_not_show_their_length() {
    let place = Place::new();
    let mut vault = place.open();
    vault.put("a", b"9").expect("puts");
    vault.put("b", b"10.55").expect("puts");
    let lengths: i64 = raw(&place.path())
        .query_row("SELECT count(DISTINCT length(sealed)) FROM value", [], |row| {
            row.get(0)
        })
        .expect("counts");
    assert_eq!(lengths, 1);
}

#[test]
fn an_export_is_one_for_one_content_and_brings_it_back() {
    let (one, two) = (Place::new(), Place::new());
    let fill = |vault: &mut Vault| {
        vault.put("b", b"2").expect("puts");
        vault.put("a", b"1").expect("puts");
        let position = vault.outbox().enqueue(b"first").expect("enqueues");
        vault.outbox().enqueue(b"second").expect("enqueues");
        vault.outbox().acknowledge(position, 9).expect("acknowledges");
        vault.export().expect("exports")
    };
    let bytes = fill(&mut one.open());
    assert_eq!(
        bytes,
        fill(&mut two.open()),
        "another file, another sealing, the same bytes"
    );

    let replacement = Place::new();
    let mut vault = replacement.open();
    vault.put("to be replaced", b"x").expect("puts");
    vault.import(&bytes).expect("newer than what is here");
    assert_eq!(vault.export(), Ok(bytes.clone()));
    assert_eq!(vault.sequence(), Ok(5));
    assert_eq!(vault.list(""), Ok(vec![row("a", 2, b"1"), row("b", 1, b"2")]));
    assert_eq!(
        vault.outbox().state(3),
        Ok(Some(OutboxState::Acknowledged { index: 9 }))
    );
    assert_eq!(vault.import(&bytes), Ok(()), "the same again");
    assert_eq!(vault.put("c", b"3"), Ok(6), "numbers go on");
    assert_eq!(vault.import(&bytes), Err(StoreError::Older { found: 5, have: 6 }));
    assert_eq!(
        vault.get("c"),
        Ok(Some(b"3".to_vec())),
        "a refused import changes nothing"
    );
}

#[test]
fn every_change_shows_in_the_sequence() {
    let place = Place::new();
    let mut vault = place.open();
    let position = vault.outbox().enqueue(b"act").expect("enqueues");
    let before = vault.sequence().expect("reads");
    vault.outbox().acknowledge(position, 1).expect("acknowledges");
    assert_eq!(vault.sequence(), Ok(before + 1));
    vault.outbox().acknowledge(position, 1).expect("the same again");
    assert_eq!(vault.sequence(), Ok(before + 1), "nothing changed");
    vault.outbox().forget_acknowledged(position).expect("forgets");
    assert_eq!(vault.sequence(), Ok(before + 2));
}

#[test]
fn the_outbox_keeps_order_and_state() {
    let place = Place::new();
    let bytes = |items: Vec<OutboxItem>| items.into_iter().map(|item| item.bytes).collect::<Vec<_>>();
    {
        let mut vault = place.open();
        for item in [b"one", b"two", b"six"] {
            vault.outbox().enqueue(item).expect("enqueues");
        }
        vault.put("between", b"").expect("puts");
        vault.outbox().enqueue(b"ten").expect("enqueues");
        vault.outbox().acknowledge(2, 40).expect("acknowledges");
    }
    let mut vault = place.open();
    let mut outbox = vault.outbox();
    assert_eq!(bytes(outbox.waiting(9).expect("reads")), [b"one", b"six", b"ten"]);
    assert_eq!(bytes(outbox.waiting(2).expect("reads")), [b"one", b"six"]);
    assert_eq!(bytes(outbox.items(2, 2).expect("reads")), [b"two", b"six"]);
    assert_eq!(outbox.state(2), Ok(Some(OutboxState::Acknowledged { index: 40 })));
    assert_eq!(outbox.state(4), Ok(None), "the put took this number");
    assert_eq!(outbox.acknowledge(2, 40), Ok(()), "the same again");
    assert_eq!(
        outbox.acknowledge(2, 41),
        Err(StoreError::Acknowledged { index: 40 })
    );
    assert!(matches!(
        outbox.acknowledge(4, 1),
        Err(StoreError::Missing { .. })
    ));
    assert_eq!(outbox.forget_acknowledged(3), Ok(1), "waiting ones stay");
    assert_eq!(outbox.waiting_count(), Ok(3));
}

#[test]
fn the_outbox_is_bounded() {
    let place = Place::new();
    let mut vault = place.open();
    let many = vec![
        Change::Enqueue {
            item: b"act".to_vec()
        };
        OUTBOX_BOUND as usize
    ];
    let full = Err(StoreError::OutboxFull { limit: OUTBOX_BOUND });
    let one_more = [many.as_slice(), &many[..1]].concat();
    assert_eq!(vault.apply(&one_more), full);
    assert_eq!(vault.outbox().waiting_count(), Ok(0));
    vault.apply(&many).expect("just fits");
    assert_eq!(vault.outbox().enqueue(b"act").err(), full.err());
    assert!(vault.put("k", b"v").is_ok(), "typing goes on");
    vault.outbox().acknowledge(1, 0).expect("acknowledges");
    assert!(vault.outbox().enqueue(b"act").is_ok());
}

#[test]
fn a_backup_brings_the_vault_back() {
    let place = Place::new();
    let backup = place.folder.path().join("backup");
    let mut vault = place.open();
    vault.put("k", b"v").expect("puts");
    vault.backup_to(&backup).expect("copies");
    let restored = place.folder.path().join("restored");
    assert_eq!(
        Vault::restore(&backup, &restored, &[9; 32]).err(),
        Some(StoreError::WrongKey)
    );
    let restored = Vault::restore(&backup, &restored, &KEY).expect("restores");
    assert_eq!(restored.export(), vault.export());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// No changed, cut or grown export is taken, and none panics.
    #[test]
    fn a_damaged_export_is_refused(place in 0usize..10_000, change in 1u8.., cut: bool) {
        let folder = Place::new();
        let mut vault = folder.open();
        vault.put("a", b"1").expect("puts");
        vault.outbox().enqueue(b"act").expect("enqueues");
        let mut bytes = vault.export().expect("exports");
        let place = place % bytes.len();
        if cut { bytes.truncate(place) } else { bytes[place] ^= change }
        prop_assert_eq!(damaged_row(vault.import(&bytes)), "vault export");
        prop_assert_eq!(vault.get("a"), Ok(Some(b"1".to_vec())));
    }

    /// What was put last is there after reopening, whatever came between.
    #[test]
    fn the_vault_is_a_map(steps in prop::collection::vec((0u8..6, prop::option::of(prop::collection::vec(any::<u8>(), 0..600))), 1..25)) {
        let folder = Place::new();
        let mut expected = std::collections::BTreeMap::new();
        let mut vault = folder.open();
        for (key, value) in &steps {
            let key = format!("k{key}");
            match value {
                Some(value) => { vault.put(&key, value).expect("puts"); expected.insert(key, value.clone()); }
                None => { vault.remove(&key).expect("removes"); expected.remove(&key); }
            }
        }
        drop(vault);
        let rows = folder.open().list("").expect("reads");
        let found: std::collections::BTreeMap<_, _> = rows.into_iter().map(|row| (row.key, row.value)).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_disk_in_trouble_refuses_as_such_is_read_and_takes_the_same_again_afterwards() {
    use conclave_storage::disk_faults::{DiskFault, plan};
    let place = Place::new();
    let mut vault = place.open();
    vault.put("a", b"before").expect("the disk is well");
    for fault in [DiskFault::Full, DiskFault::ReadOnly, DiskFault::Broken] {
        plan(place.folder.path(), Some(fault));
        let refused = vault.put("a", b"lost").expect_err("nothing is stored");
        assert!(refused.is_of_the_disk(), "{refused}");
        assert_eq!(refused == StoreError::Full, fault == DiskFault::Full);
        assert_eq!(refused == StoreError::ReadOnly, fault == DiskFault::ReadOnly);
        assert_eq!(vault.get("a"), Ok(Some(b"before".to_vec())), "it can be read");
        plan(place.folder.path(), None);
        if fault == DiskFault::Broken {
            let unknown = vault.put("a", b"x").expect_err("the outcome is unknown");
            assert!(unknown.is_of_the_disk(), "{unknown}");
        }
        vault.reopen().expect("the file is whole");
        assert_eq!(vault.get("a"), Ok(Some(b"before".to_vec())));
        vault.put("a", b"after").expect("the disk is well again");
        vault.put("a", b"before").expect("and stays so");
    }
}
