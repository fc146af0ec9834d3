//! Planned faults of the store in memory do what their names say.

use conclave_storage::{Fault, FaultPlan, MemoryRecordStore, RecordStore, StoreError};
use testkit::store_contract::{act, acts};

fn failed(answer: Result<(), StoreError>) -> bool {
    matches!(answer, Err(StoreError::Io { .. }))
}

#[test]
fn an_error_before_the_store_leaves_nothing() {
    let mut store = MemoryRecordStore::with_faults(FaultPlan::none().at(2, Fault::FailBeforeStore));
    assert_eq!(store.append(0, &acts(0, 2)), Ok(()));
    assert!(failed(store.append(2, &acts(2, 4))));
    assert!(
        failed(store.append(2, &acts(2, 4))),
        "the outcome is unknown until the store is reopened"
    );
    let mut store = store.reopen();
    assert_eq!(store.len(), Ok(2));
    assert_eq!(store.find_act(&act(2).act_id), Ok(None));
    assert_eq!(store.append(2, &acts(2, 4)), Ok(()));
}

#[test]
fn an_error_after_the_store_left_everything() {
    let mut store = MemoryRecordStore::with_faults(FaultPlan::none().at(1, Fault::FailAfterStore));
    assert!(failed(store.append(0, &acts(0, 3))));
    let mut store = store.reopen();
    assert_eq!(store.read(0, 9), Ok(acts(0, 3)));
    assert_eq!(
        store.find_act(&act(2).act_id),
        Ok(Some(2)),
        "so a repeat is recognised"
    );
    assert_eq!(store.append(3, &acts(3, 4)), Ok(()));
}

#[test]
fn a_torn_batch_is_thrown_away_whole() {
    let mut store = MemoryRecordStore::with_faults(FaultPlan::none().at(2, Fault::Torn));
    assert_eq!(store.append(0, &acts(0, 1)), Ok(()));
    assert!(failed(store.append(1, &acts(1, 6))));
    let mut store = store.reopen();
    assert_eq!(store.read(0, 9), Ok(acts(0, 1)));
    assert_eq!(store.append(1, &acts(1, 6)), Ok(()));
    assert_eq!(store.read(0, 9), Ok(acts(0, 6)));
}

#[test]
fn a_full_disk_is_said_and_passes() {
    let mut store = MemoryRecordStore::with_faults(FaultPlan::none().at(1, Fault::Full));
    assert_eq!(store.append(0, &acts(0, 2)), Err(StoreError::Full));
    assert_eq!(store.len(), Ok(0));
    assert_eq!(store.append(0, &acts(0, 2)), Ok(()), "there is room again");
}

#[test]
fn every_kind_of_write_counts() {
    let mut store = MemoryRecordStore::new();
    store.append(0, &acts(0, 2)).expect("no fault");
    store.plan_faults(FaultPlan::none().at(2, Fault::FailAfterStore));
    assert!(failed(store.put_checkpoint(1, &record::Digest([1; 32]), "n")));
    let store = store.reopen();
    assert_eq!(
        store.latest_checkpoint().expect("reads").map(|found| found.size),
        Some(1)
    );
    assert_eq!(store.writes(), 2);
}
