//! Changes of where and when acts stand, and how far the record goes.

use crate::mutations::change::{Change, Must, Pick};
use crate::mutations::parcel::{Parcel, body, kind};
use record::{BlobRef, Entry};

pub(crate) fn dropped(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.below(parcel.len() - 1);
    parcel.entries.remove(usize::try_from(index).ok()?);
    Some(Change::acts(parcel, [index]))
}

/// The record is cut at a checkpoint that was kept: true as far as it goes.
pub(crate) fn cut_at_a_checkpoint(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let sizes: Vec<u64> = parcel.history.keys().copied().collect();
    let size = pick.of(&sizes)?;
    parcel.checkpoint = parcel.history.remove(&size)?;
    parcel.history.retain(|kept, _| *kept < size);
    parcel.entries.truncate(usize::try_from(size).ok()?);
    parcel.register.entries.truncate(1);
    parcel.custody.retain(|index, _| *index < size);
    parcel.outcome = parcel.outcome.filter(|_| {
        parcel
            .entries
            .iter()
            .any(|entry| kind(entry) == "result.computed")
    });
    let named: Vec<BlobRef> = parcel
        .entries
        .iter()
        .filter_map(body)
        .flat_map(|b| audit::named_blobs(&b.core))
        .collect();
    parcel
        .blobs
        .retain(|digest, _| named.iter().any(|blob| blob.digest == *digest));
    parcel.manifest.external.retain(|blob| named.contains(blob));
    Some(Change {
        must: Must::Unfinished,
        ..Change::beside(parcel, [])
    })
}

/// The record is cut anywhere: nobody cosigned that head.
pub(crate) fn cut(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let size = 1 + pick.below(parcel.len() - 1);
    parcel.entries.truncate(usize::try_from(size).ok()?);
    if pick.coin() {
        parcel.register.entries.truncate(1);
    }
    Some(Change {
        objects: vec!["checkpoint.note".to_owned()],
        ..Change::acts(parcel, [size])
    })
}

pub(crate) fn swapped(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let first = pick.below(parcel.len() - 1);
    let second = if pick.coin() {
        first + 1
    } else {
        pick.below(parcel.len())
    };
    (first != second).then_some(())?;
    parcel
        .entries
        .swap(usize::try_from(first).ok()?, usize::try_from(second).ok()?);
    Some(Change::acts(parcel, [first, second]))
}

pub(crate) fn duplicated(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.below(parcel.len());
    let copy = parcel.entry(index).clone();
    parcel.entries.insert(usize::try_from(index + 1).ok()?, copy);
    Some(Change::acts(parcel, [index, index + 1]))
}

/// The act at the same place of another record.
fn of_another(parcel: &Parcel, pick: &Pick<'_>, index: u64) -> Option<Entry> {
    let other = if parcel.is_full() {
        &pick.bench.foreign.full
    } else {
        &pick.bench.foreign.public
    };
    other.entries.get(usize::try_from(index).ok()?).cloned()
}

pub(crate) fn inserted(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.below(parcel.len());
    let entry = of_another(&parcel, pick, index)?;
    parcel.entries.insert(usize::try_from(index).ok()?, entry);
    Some(Change::acts(parcel, [index]))
}

pub(crate) fn replaced(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.below(parcel.len());
    *parcel.entry(index) = of_another(&parcel, pick, index)?;
    Some(Change::acts(parcel, [index]))
}

pub(crate) fn centre_time(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (index, by) = (pick.below(parcel.len()), 1 + pick.below(100_000));
    let back = pick.coin();
    let entry = parcel.entry(index);
    entry.time = if back { entry.time - by } else { entry.time + by };
    Some(Change::acts(parcel, [index]))
}
