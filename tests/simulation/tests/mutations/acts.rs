//! Changes of acts: what they say, what they name, who signs.

use crate::mutations::change::{Change, Pick, Power};
use crate::mutations::parcel::{Parcel, body, kind, set_body, signature};
use evaluation::acts::observations::COVER;
use record::{Body, Core, Digest, Entry, PublicKey, Seen};
use sealing::sign::SigningKeyPair;
use serde_json::{Value, json};

/// An index of an act whose body is inside.
fn disclosed(parcel: &Parcel, pick: &mut Pick<'_>) -> Option<u64> {
    pick.of(&parcel.which(|entry| entry.disclosed.is_some()))
}

/// Changes the core of an act: header and commitment follow, the signature where the attacker has the key.
fn change_core(
    mut parcel: Parcel,
    pick: &Pick<'_>,
    index: u64,
    change: impl FnOnce(&mut Core) -> Option<()>,
) -> Option<Change> {
    let mut old = body(parcel.entry(index))?;
    change(&mut old.core)?;
    let new = Body::new(old.core, old.attachments).ok()?;
    (new.bytes != old.bytes).then_some(())?;
    set_body(parcel.entry(index), &new);
    pick.resign(&mut parcel, index);
    Some(Change::acts(parcel, [index]))
}

/// Every place in a payload that a predicate takes, as a pointer.
fn pointers(value: &Value, at: &str, takes: &dyn Fn(&Value) -> bool, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), takes, found));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, value)| pointers(value, &format!("{at}/{n}"), takes, found));
        }
        _ if takes(value) => found.push(at.to_owned()),
        _ => {}
    }
}

fn one<'v>(
    payload: &'v mut Value,
    pick: &mut Pick<'_>,
    takes: &dyn Fn(&Value) -> bool,
) -> Option<&'v mut Value> {
    let mut found = Vec::new();
    pointers(payload, "", takes, &mut found);
    let pointer = pick.of(&found)?;
    payload.pointer_mut(&pointer)
}

pub(crate) fn number(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    let mut payload = body(&parcel.entries[usize::try_from(index).ok()?])?.core.payload;
    let value = one(&mut payload, pick, &Value::is_u64)?;
    *value = json!(value.as_u64()? + 1 + pick.below(3));
    change_core(parcel, pick, index, |core| {
        core.payload = payload;
        Some(())
    })
}

pub(crate) fn string(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    let mut payload = body(&parcel.entries[usize::try_from(index).ok()?])?.core.payload;
    let value = one(&mut payload, pick, &|value| {
        value.as_str().is_some_and(|text| !text.is_empty())
    })?;
    let mut letters: Vec<char> = value.as_str()?.chars().collect();
    let place = usize::try_from(pick.below(letters.len() as u64)).ok()?;
    letters[place] = if letters[place] == '1' { '2' } else { '1' };
    *value = json!(letters.into_iter().collect::<String>());
    change_core(parcel, pick, index, |core| {
        core.payload = payload;
        Some(())
    })
}

pub(crate) fn instance(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    change_core(parcel, pick, index, |core| {
        core.instance = format!("{}x", core.instance);
        Some(())
    })
}

pub(crate) fn claimed_time(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (index, expires) = (disclosed(&parcel, pick)?, pick.coin());
    change_core(parcel, pick, index, |core| {
        if expires {
            core.expires -= 1
        } else {
            core.time -= 1
        }
        Some(())
    })
}

pub(crate) fn identity(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (index, device) = (disclosed(&parcel, pick)?, pick.coin());
    change_core(parcel, pick, index, |core| {
        if device {
            core.device.0[3] ^= 1
        } else {
            core.id.0[3] ^= 1
        }
        Some(())
    })
}

pub(crate) fn kind_of_act(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    let other = kind(&pick.of(&parcel.entries)?).to_owned();
    change_core(parcel, pick, index, |core| {
        core.kind = other;
        Some(())
    })
}

pub(crate) fn actor(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    let actors: Vec<PublicKey> = pick.bench.keys.actors.keys().copied().collect();
    let other = pick.of(&actors)?;
    change_core(parcel, pick, index, |core| {
        core.actor = other;
        Some(())
    })
}

/// A key that nobody knows signs in place of the actor.
pub(crate) fn stranger(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    let key = SigningKeyPair::generate(&mut pick.random);
    let mut change = change_core(parcel, pick, index, |core| {
        core.actor = PublicKey(key.public_key());
        Some(())
    })?;
    let entry = change.parcel.entry(index);
    if let record::Leaf::Header {
        header,
        commitment,
        signature,
    } = &mut entry.leaf
    {
        signature.0 = key.sign(&record::signing_input(header, commitment));
    }
    Some(change)
}

pub(crate) fn seen(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (index, root) = (disclosed(&parcel, pick)?, pick.coin());
    change_core(parcel, pick, index, |core| {
        if root {
            core.seen.root.0[0] ^= 1
        } else {
            core.seen = Seen {
                size: core.seen.size.checked_sub(1)?,
                ..core.seen
            }
        }
        Some(())
    })
}

pub(crate) fn attachment(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let with = parcel.which(|entry| body(entry).is_some_and(|body| !body.attachments.is_empty()));
    let index = pick.of(&with)?;
    let mut parcel = parcel;
    let mut old = body(parcel.entry(index))?;
    old.attachments.values_mut().next()?.0[0] ^= 1;
    let new = Body::new(old.core, old.attachments).ok()?;
    set_body(parcel.entry(index), &new);
    pick.resign(&mut parcel, index);
    Some(Change::acts(parcel, [index]))
}

/// An act of a type, its payload changed.
fn of_type(
    parcel: Parcel,
    pick: &mut Pick<'_>,
    wanted: &str,
    change: impl FnOnce(&mut Value) -> Option<()>,
) -> Option<Change> {
    let with = parcel.which(|entry| kind(entry) == wanted && entry.disclosed.is_some());
    let index = pick.of(&with)?;
    change_core(parcel, pick, index, |core| change(&mut core.payload))
}

pub(crate) fn price(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    of_type(parcel, pick, "price.entered", |payload| {
        payload["amount"] = json!("5000000.00");
        Some(())
    })
}

/// The secret of a round is the next number.
pub(crate) fn secret(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    of_type(parcel, pick, "round.opened", |payload| {
        let mut bytes = hex::decode(payload["secret"].as_str()?).ok()?;
        *bytes.last_mut()? ^= 1;
        payload["secret"] = json!(hex::encode(bytes));
        Some(())
    })
}

pub(crate) fn qualification(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    of_type(parcel, pick, "qualification.decided", |payload| {
        let fail = payload.pointer_mut("/items/0/fail")?;
        *fail = if fail.is_null() {
            json!("不合格")
        } else {
            Value::Null
        };
        Some(())
    })
}

pub(crate) fn malleated(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.below(parcel.len());
    let signature = signature(parcel.entry(index));
    negate(signature.0.last_chunk_mut()?);
    Some(Change::beside(parcel, [index]))
}

/// n - s for the order n of P-256.
fn negate(s: &mut [u8; 32]) {
    let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").expect("hex");
    let mut borrow = 0;
    for (digit, own) in order.iter().zip(s).rev() {
        let difference = i32::from(*digit) - i32::from(*own) - borrow;
        borrow = i32::from(difference < 0);
        *own = u8::try_from(difference.rem_euclid(256)).expect("a byte");
    }
}

pub(crate) fn signature_replaced(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (index, other) = (pick.below(parcel.len()), pick.below(parcel.len()));
    (index != other).then_some(())?;
    let taken = *signature(parcel.entry(other));
    *signature(parcel.entry(index)) = taken;
    Some(Change::beside(parcel, [index]))
}

pub(crate) fn body_withheld(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = disclosed(&parcel, pick)?;
    let entry = parcel.entry(index);
    *entry = entry.withheld();
    Some(Change::beside(parcel, [index]))
}

/// The blob that an act names is other bytes, and the act says so.
pub(crate) fn blob_rewritten(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let inside: Vec<Digest> = parcel.blobs.keys().copied().collect();
    rewrite_blob(parcel, pick, &inside)
}

pub(crate) fn report_replaced(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let made = parcel.of_kind("report.made").first().copied()?;
    let blobs = audit::named_blobs(&body(&parcel.entries[usize::try_from(made).ok()?])?.core);
    rewrite_blob(parcel, pick, &[blobs.first()?.digest])
}

fn rewrite_blob(mut parcel: Parcel, pick: &mut Pick<'_>, inside: &[Digest]) -> Option<Change> {
    let digest = pick.of(inside)?;
    let naming = |entry: &Entry| {
        body(entry).is_some_and(|b| audit::named_blobs(&b.core).iter().any(|n| n.digest == digest))
    };
    let index = *parcel.which(naming).first()?;
    let mut bytes = parcel.blobs.remove(&digest)?;
    let place = usize::try_from(pick.below(bytes.len() as u64)).ok()?;
    bytes[place] ^= 0x20;
    let new = Digest::of(&bytes);
    parcel.blobs.insert(new, bytes);
    let old_text = digest.to_string();
    change_core(parcel, pick, index, |core| {
        let text = core.payload.to_string().replace(&old_text, &new.to_string());
        core.payload = serde_json::from_str(&text).ok()?;
        Some(())
    })
}

/// Two sealed sheets change their acts.
pub(crate) fn sheets_exchanged(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let sealed = parcel.which(|entry| kind(entry) == "sheet.sealed" && entry.disclosed.is_some());
    let (first, second) = (pick.of(&sealed)?, pick.of(&sealed)?);
    let sheet = |parcel: &Parcel, index: u64| {
        Some(body(&parcel.entries[usize::try_from(index).ok()?])?.core.payload["sheet"].clone())
    };
    let (of_first, of_second) = (sheet(&parcel, first)?, sheet(&parcel, second)?);
    let change = change_core(parcel, pick, first, |core| {
        core.payload["sheet"] = of_second;
        Some(())
    })?;
    let change = change_core(change.parcel, pick, second, |core| {
        core.payload["sheet"] = of_first;
        Some(())
    })?;
    Some(Change::acts(change.parcel, [first, second]))
}

/// The centre's own act says something else, signed with its key.
pub(crate) fn centre_act(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let centre = pick.bench.keys.centre;
    // Cover says nothing that could be changed.
    let own = parcel
        .which(|entry| body(entry).is_some_and(|body| body.core.actor == centre && body.core.kind != COVER));
    let index = pick.of(&own).filter(|_| pick.power == Power::Centre)?;
    let mut payload = body(&parcel.entries[usize::try_from(index).ok()?])?.core.payload;
    let value = one(&mut payload, pick, &|value| {
        value.as_str().is_some_and(|text| text.len() > 1)
    })?;
    let mut text: Vec<char> = value.as_str()?.chars().collect();
    *text.last_mut()? = if text.last() == Some(&'0') { '1' } else { '0' };
    *value = json!(text.into_iter().collect::<String>());
    change_core(parcel, pick, index, |core| {
        core.payload = payload;
        Some(())
    })
}
