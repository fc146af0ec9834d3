//! The record is the one the centre's register (中心登记簿) knows: its first leaf from the beginning, its head at the
//! end. Another evaluation of the same lot can't be swapped in (protocol 2).

use super::{Applied, Findings};
use crate::context::Context;
use crate::package::{REGISTER, Register, RegisterClosed, RegisterCreated, RegisterLine};
use record::{Core, Origin, VerifiedLeaf};
use serde::de::DeserializeOwned;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let register = match context.package.register() {
        Ok(register) => register,
        Err(fault) => {
            findings.object(REGISTER, fault);
            return Applied::Done;
        }
    };
    if context.package.file(REGISTER) != Some(register.to_json_bytes().as_slice()) {
        findings.object(REGISTER, "not canonical");
    }
    let key = match context.anchors {
        Some(anchors) => Some(anchors.register_key.clone()),
        // Without anchors nothing but the record itself names a key.
        None => context.log_key(),
    };
    match key {
        Some(key) => {
            if let Err(fault) = register.checkpoint.verify_log(&key) {
                findings.object(REGISTER, format!("checkpoint: {fault}"));
            }
        }
        None => findings.object(REGISTER, "no register key is known"),
    }
    let mut created = 0_u32;
    let mut closed = 0_u32;
    for (place, line) in register.entries.iter().enumerate() {
        match judge(context, &register, line) {
            Ok(Line::Created) => created += 1,
            Ok(Line::Closed) => closed += 1,
            Err(fault) => findings.object(format!("{REGISTER} entries[{place}]"), fault),
        }
    }
    if created != 1 {
        findings.object(
            REGISTER,
            format!("{created} lines create this record, one is needed"),
        );
    }
    let wanted = u32::from(context.finished());
    if closed != wanted {
        findings.object(
            REGISTER,
            format!("{closed} lines close this record, {wanted} needed"),
        );
    }
    Applied::Done
}

enum Line {
    Created,
    Closed,
}

fn payload<T: DeserializeOwned>(core: &Core) -> Result<T, String> {
    serde_json::from_value(core.payload.clone()).map_err(|e| e.to_string())
}

fn judge(context: &Context<'_>, register: &Register, line: &RegisterLine) -> Result<Line, String> {
    let leaf = record::verify_entry(&line.entry).map_err(|e| e.to_string())?;
    let VerifiedLeaf::Full(act, index, _) = &leaf else {
        return Err("the body is withheld".to_owned());
    };
    let checkpoint = register.checkpoint.checkpoint();
    record::verify_inclusion(
        &leaf.leaf_hash(),
        *index,
        checkpoint.size,
        &line.inclusion,
        &checkpoint.root,
    )
    .map_err(|e| e.to_string())?;
    let core = act.core();
    if checkpoint.origin != record::origin_line(&core.origin) {
        return Err("is of another log than the register's checkpoint".to_owned());
    }
    if context
        .created
        .as_ref()
        .is_some_and(|created| created.centre.act_key != core.actor)
    {
        return Err("is not an act of the centre".to_owned());
    }
    let own = context.package.manifest().origin;
    let of_this = |origin: Origin| {
        if origin == own {
            Ok(())
        } else {
            Err("is about another record".to_owned())
        }
    };
    match core.kind.as_str() {
        "register.record_created" => {
            let created: RegisterCreated = payload(core)?;
            of_this(created.origin)?;
            match context.first_leaf() == Some(created.first_leaf) {
                true => Ok(Line::Created),
                false => Err("names another first leaf".to_owned()),
            }
        }
        "register.record_closed" => {
            let closed: RegisterClosed = payload(core)?;
            of_this(closed.origin)?;
            let head = context.checkpoint.as_ref().ok().map(|note| note.checkpoint());
            match head.is_some_and(|head| (head.size, head.root) == (closed.size, closed.root)) {
                true => Ok(Line::Closed),
                false => Err("names another head than checkpoint.note".to_owned()),
            }
        }
        other => Err(format!("{other} has no place here")),
    }
}
