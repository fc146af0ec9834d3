//! The rows of a record's SQLite file: written, read, opened. What is sealed is bound to table, row and field.

use std::collections::BTreeMap;

use record::{ActId, Digest, Salt, Signature};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use crate::StoreError;
use crate::at_rest::{Place, Sealer};
use crate::database::{from_sql, to_sql};
use crate::record_store::{StoredAct, StoredCheckpoint, StoredOpening};

pub(crate) fn meta_place(key: &str) -> Place<'_> {
    Place {
        table: "meta",
        row: key,
        field: "value",
        bound: b"",
    }
}

pub(crate) fn length(connection: &Connection) -> Result<u64, StoreError> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(position) FROM act")?
        .query_row([], |row| row.get(0))?;
    match last {
        None => Ok(0),
        Some(last) => Ok(from_sql(last, || format!("act {last}"))?.saturating_add(1)),
    }
}

pub(crate) fn find(connection: &Connection, act_id: &ActId) -> Result<Option<u64>, StoreError> {
    let position: Option<i64> = connection
        .prepare_cached("SELECT position FROM act WHERE act_id = ?1")?
        .query_row([act_id.0.as_slice()], |row| row.get(0))
        .optional()?;
    position
        .map(|position| from_sql(position, || format!("act {position}")))
        .transpose()
}

/// What the sealed salt is bound to: every clear column, and whether there is a body.
fn clear_digest(act: &StoredAct) -> Digest {
    Digest::tagged(
        "conclave stored act v1",
        &[
            &act.index.to_be_bytes(),
            &act.time.to_be_bytes(),
            &act.commitment.0,
            &act.signature.0,
            &act.leaf_hash.0,
            &act.act_id.0,
            &[u8::from(act.body.is_some())],
            &act.header,
        ],
    )
}

pub(crate) fn insert(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    act: &StoredAct,
) -> Result<(), StoreError> {
    if let Some(index) = find(transaction, &act.act_id)? {
        return Err(StoreError::DuplicateAct { index });
    }
    let row = act.index.to_string();
    let clear = clear_digest(act);
    let salt = sealer.seal(&act_place(&row, "salt", &clear.0), &act.salt.0)?;
    let body = act
        .body
        .as_ref()
        .map(|body| sealer.seal(&act_place(&row, "body", b""), body))
        .transpose()?;
    let position = to_sql(act.index)?;
    transaction
        .prepare_cached(
            "INSERT INTO act (position, time, header, commitment, signature, leaf_hash, act_id, salt, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            position,
            to_sql(act.time)?,
            &act.header,
            act.commitment.0.as_slice(),
            act.signature.0.as_slice(),
            act.leaf_hash.0.as_slice(),
            act.act_id.0.as_slice(),
            salt,
            body,
        ))?;
    for (name, opening) in &act.openings {
        let row = opening_row(act.index, name);
        let salt = sealer.seal(&opening_place(&row, "salt"), &opening.salt.0)?;
        let value = sealer.seal(&opening_place(&row, "value"), &opening.value)?;
        transaction
            .prepare_cached("INSERT INTO opening (position, name, salt, value) VALUES (?1, ?2, ?3, ?4)")?
            .execute((position, name, salt, value))?;
    }
    Ok(())
}

fn act_place<'a>(row: &'a str, field: &'a str, bound: &'a [u8]) -> Place<'a> {
    Place {
        table: "act",
        row,
        field,
        bound,
    }
}

fn opening_row(index: u64, name: &str) -> String {
    format!("{index} {name}")
}

fn opening_place<'a>(row: &'a str, field: &'a str) -> Place<'a> {
    Place {
        table: "opening",
        row,
        field,
        bound: b"",
    }
}

pub(crate) fn read_acts(
    connection: &Connection,
    sealer: &Sealer,
    from: u64,
    until: u64,
) -> Result<Vec<StoredAct>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, time, header, commitment, signature, leaf_hash, act_id, salt, body
         FROM act WHERE position >= ?1 AND position < ?2 ORDER BY position",
    )?;
    let mut rows = statement.query((to_sql(from)?, to_sql(until)?))?;
    let mut acts = Vec::new();
    for index in from..until {
        let missing = || StoreError::damaged(format!("act {index} (missing)"));
        let row = rows.next()?.ok_or_else(missing)?;
        if row.get::<_, i64>(0)? != to_sql(index)? {
            return Err(missing());
        }
        acts.push(open_act(row, sealer, index)?);
    }
    Ok(acts)
}

fn open_act(row: &Row<'_>, sealer: &Sealer, index: u64) -> Result<StoredAct, StoreError> {
    let name = index.to_string();
    let sealed_salt: Vec<u8> = row.get(7)?;
    let sealed_body: Option<Vec<u8>> = row.get(8)?;
    let body = sealed_body
        .map(|sealed| sealer.open_value(&act_place(&name, "body", b""), &sealed))
        .transpose()?;
    let mut act = StoredAct {
        index,
        time: from_sql(row.get(1)?, || format!("act {index} time"))?,
        header: row.get(2)?,
        commitment: Digest(array(row, 3, || format!("act {index} commitment"))?),
        signature: Signature(array(row, 4, || format!("act {index} signature"))?),
        leaf_hash: Digest(array(row, 5, || format!("act {index} leaf_hash"))?),
        act_id: ActId(array(row, 6, || format!("act {index} act_id"))?),
        salt: Salt([0; 32]),
        body,
        openings: BTreeMap::new(),
    };
    let clear = clear_digest(&act);
    act.salt = Salt(sealer.open_array(&act_place(&name, "salt", &clear.0), &sealed_salt)?);
    Ok(act)
}

pub(crate) fn read_openings(
    connection: &Connection,
    sealer: &Sealer,
    from: u64,
    until: u64,
    acts: &mut [StoredAct],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, name, salt, value FROM opening WHERE position >= ?1 AND position < ?2",
    )?;
    let mut rows = statement.query((to_sql(from)?, to_sql(until)?))?;
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(0)?;
        let index = from_sql(position, || format!("opening {position}"))?;
        let name: String = row.get(1)?;
        let place = opening_row(index, &name);
        let salt = Salt(sealer.open_array(&opening_place(&place, "salt"), &row.get::<_, Vec<u8>>(2)?)?);
        let value = sealer.open_value(&opening_place(&place, "value"), &row.get::<_, Vec<u8>>(3)?)?;
        let act = index
            .checked_sub(from)
            .and_then(|offset| acts.get_mut(usize::try_from(offset).ok()?))
            .ok_or_else(|| StoreError::damaged(format!("opening {place}")))?;
        act.openings.insert(name, StoredOpening { salt, value });
    }
    Ok(())
}

fn array<const N: usize>(
    row: &Row<'_>,
    column: usize,
    name: impl FnOnce() -> String,
) -> Result<[u8; N], StoreError> {
    let bytes: Vec<u8> = row.get(column)?;
    <[u8; N]>::try_from(bytes).map_err(|_| StoreError::Damaged { row: name() })
}

pub(crate) fn checkpoint(row: &Row<'_>) -> Result<StoredCheckpoint, StoreError> {
    let size: i64 = row.get(0)?;
    let name = || format!("checkpoint {size}");
    Ok(StoredCheckpoint {
        size: from_sql(size, name)?,
        root: Digest(array(row, 1, name)?),
        note: row.get(2)?,
    })
}

pub(crate) fn latest_checkpoint(connection: &Connection) -> Result<Option<StoredCheckpoint>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1")?;
    let mut rows = statement.query([])?;
    rows.next()?.map(checkpoint).transpose()
}

pub(crate) fn checkpoint_at(
    connection: &Connection,
    size: u64,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT size, root, note FROM checkpoint WHERE size = ?1")?;
    let mut rows = statement.query([to_sql(size)?])?;
    rows.next()?.map(checkpoint).transpose()
}
