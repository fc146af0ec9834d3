//! Who is told that a record grew: live channels wait here.

use record::Origin;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// One watch a record, and one for all.
pub(crate) struct Watches {
    records: Mutex<BTreeMap<Origin, watch::Sender<()>>>,
    heads: watch::Sender<()>,
}

impl Watches {
    pub(crate) fn new() -> Self {
        Self {
            records: Mutex::new(BTreeMap::new()),
            heads: watch::Sender::new(()),
        }
    }

    /// Notices of one record. Only for records that exist: the watch stays.
    pub(crate) fn record(&self, origin: Origin) -> watch::Receiver<()> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records
            .entry(origin)
            .or_insert_with(|| watch::Sender::new(()))
            .subscribe()
    }

    /// Notices of new heads of any record.
    pub(crate) fn heads(&self) -> watch::Receiver<()> {
        self.heads.subscribe()
    }

    /// The record has new leaves, and with them a new head.
    pub(crate) fn grew(&self, origin: &Origin) {
        self.cosigned(origin);
        self.heads.send_replace(());
    }

    /// The record's newest checkpoints have new cosignatures.
    pub(crate) fn cosigned(&self, origin: &Origin) {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = records.get(origin) {
            record.send_replace(());
        }
    }

    /// Some records grew, it is not known which.
    pub(crate) fn any_grew(&self) {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.values().for_each(|record| {
            record.send_replace(());
        });
        self.heads.send_replace(());
    }
}
