//! Changes of what the package keeps for the custodians.

use crate::mutations::change::{Change, Pick};
use crate::mutations::parcel::Parcel;
use evaluation::custody::Custody;

fn kept(parcel: &Parcel, index: u64) -> Custody {
    Custody::parse(&parcel.custody[&index]).expect("a custody file")
}

fn any(parcel: &Parcel, pick: &mut Pick<'_>) -> Option<u64> {
    let indexes: Vec<u64> = parcel.custody.keys().copied().collect();
    pick.of(&indexes)
}

/// A personal signature is neither opened nor kept: anybody sees it.
pub(crate) fn dropped(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = any(&parcel, pick)?;
    parcel.custody.remove(&index)?;
    Some(Change::beside(parcel, [index]))
}

/// Two are exchanged as they are, which anybody sees, or with their index written anew, which a custodian sees.
pub(crate) fn exchanged(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (first, second) = (any(&parcel, pick)?, any(&parcel, pick)?);
    (first != second).then_some(())?;
    let (mut of_first, mut of_second) = (kept(&parcel, first), kept(&parcel, second));
    let custodian = pick.coin();
    if custodian {
        (of_first.index, of_second.index) = (second, first);
    }
    parcel.custody.insert(first, of_second.to_json_bytes());
    parcel.custody.insert(second, of_first.to_json_bytes());
    Some(Change {
        custodian,
        ..Change::beside(parcel, [first, second])
    })
}

/// A copy is gone, another custodian's, or does not open; or the file is moved to an act without a signature.
pub(crate) fn altered(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = any(&parcel, pick)?;
    let mut custody = kept(&parcel, index);
    let way = pick.below(4);
    match way {
        0 => {
            custody.copies.pop()?;
        }
        1 => custody.copies.reverse(),
        2 => {
            for copy in &mut custody.copies {
                *copy.sealed.ct.last_mut()? ^= 1;
            }
        }
        _ => {
            let unsigned = *parcel.of_kind("stage.opened").first()?;
            custody.index = unsigned;
            parcel.custody.insert(unsigned, custody.to_json_bytes());
            return Some(Change::beside(parcel, [unsigned]));
        }
    }
    parcel.custody.insert(index, custody.to_json_bytes());
    Some(Change {
        custodian: way == 2,
        ..Change::beside(parcel, [index])
    })
}
