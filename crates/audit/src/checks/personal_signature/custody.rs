//! Personal signatures of acts in custody: each that an act must carry is opened in the package, in custody, or stated
//! lost by a restore; with a custodian's key it opens to what the act commits to.

use super::super::Findings;
use crate::context::{Context, Slot};
use crate::package::{CUSTODY, custody_file};
use evaluation::acts::archive::Recovered;
use evaluation::custody::{Custody, CustodyFault};
use evaluation::{catalogue, personal};
use record::{Body, Opening};
use std::collections::{BTreeMap, BTreeSet};

/// The custody files of a package, by index of the act.
pub(super) struct Kept {
    /// `None` where the file can't be read; that is said already.
    files: BTreeMap<u64, Option<Custody>>,
    /// Acts whose personal signature a restore stated to be lost.
    lost: BTreeSet<u64>,
}

impl Kept {
    pub(super) fn read(context: &Context<'_>, findings: &mut Findings) -> Kept {
        let mut files = BTreeMap::new();
        for (file, bytes) in context.package.directory(CUSTODY).filter(|_| context.is_full()) {
            let Some(index) = index(file) else {
                findings.object(file, "is not named by the index of an act");
                continue;
            };
            let declares = |slot: &Slot| {
                slot.index == index
                    && slot
                        .body()
                        .is_some_and(|body| body.attachments.contains_key(personal::ATTACHMENT))
            };
            if !context.slots.iter().any(declares) {
                findings.both(index, file, "no such act has a personal signature");
            }
            let custody = match Custody::parse(bytes) {
                Ok(custody) if custody.index == index => Some(custody),
                Ok(custody) => {
                    findings.both(index, file, format!("is of act {}", custody.index));
                    None
                }
                Err(fault) => {
                    findings.both(index, file, fault.to_string());
                    None
                }
            };
            files.insert(index, custody);
        }
        Kept {
            files,
            lost: lost(context),
        }
    }

    pub(super) fn any(&self) -> bool {
        !self.files.is_empty()
    }

    /// The value of an act's personal signature, where a key of custody is given and it opens.
    pub(super) fn open(
        &self,
        context: &Context<'_>,
        slot: &Slot,
        body: &Body,
        findings: &mut Findings,
    ) -> Option<Vec<u8>> {
        let commitment = body.attachments.get(personal::ATTACHMENT)?;
        let Some(custody) = self.files.get(&slot.index) else {
            self.missing(context, slot, findings);
            return None;
        };
        let custody = custody.as_ref()?;
        let file = custody_file(slot.index);
        let folded = context.folded.as_ref()?;
        let custodians = folded.custodians.get(&slot.index)?;
        if !custody.is_for(custodians) {
            findings.both(slot.index, &file, "is not sealed to the custodians of that time");
            return None;
        }
        match self.opening(context, slot.index, custody) {
            None => {
                findings.personal.under_custody += u64::from(slot.opening(personal::ATTACHMENT).is_none());
                None
            }
            Some(Err(CustodyFault::Key(own))) => {
                findings.note(
                    Some(slot.index),
                    Some(file),
                    format!("the custodian's key: {own}"),
                );
                findings.personal.under_custody += 1;
                None
            }
            Some(Err(fault)) => {
                findings.both(slot.index, file, fault.to_string());
                None
            }
            Some(Ok(Opening { salt, value })) => {
                let holds = record::commit_attachment(personal::ATTACHMENT, &salt, &value) == *commitment;
                if !holds {
                    findings.both(slot.index, file, "does not match the commitment of the act");
                }
                holds.then_some(value)
            }
        }
    }

    /// With the key of one who was custodian then; `None` without.
    fn opening(
        &self,
        context: &Context<'_>,
        index: u64,
        custody: &Custody,
    ) -> Option<Result<Opening, CustodyFault>> {
        let key = context.custodian?;
        let folded = context.folded.as_ref()?;
        let custodians = folded.custodians.get(&index)?;
        let (person, _) = custodians.iter().find(|(_, known)| known.0 == key.public)?;
        let origin = &folded.state.record()?.origin;
        let mut agree = |point: &[u8; 65]| (key.agree)(point);
        Some(custody.open(origin, index, person, &key.public, &mut agree))
    }

    fn missing(&self, context: &Context<'_>, slot: &Slot, findings: &mut Findings) {
        let opened = slot.opening(personal::ATTACHMENT).is_some();
        if !context.is_full() || opened || !kept_from(slot.kind()) {
            return;
        }
        if self.lost.contains(&slot.index) {
            findings.personal.lost += 1;
            findings.note(
                Some(slot.index),
                None,
                "its personal signature was lost in a restore that the record states",
            );
            return;
        }
        findings.both(
            slot.index,
            custody_file(slot.index),
            "the personal signature is neither opened nor in custody",
        );
    }
}

/// Act types whose personal signature is an attachment that goes into custody; a sheet's travels inside the sheet.
fn kept_from(kind: &str) -> bool {
    kind != "sheet.sealed" && catalogue::find(kind).is_some_and(|line| line.personal)
}

fn index(file: &str) -> Option<u64> {
    let digits = file.strip_prefix(CUSTODY)?.strip_suffix(".json")?;
    let index = digits.parse().ok()?;
    (custody_file(index) == file).then_some(index)
}

/// What `recovered` acts name among the leaves that came back.
fn lost(context: &Context<'_>) -> BTreeSet<u64> {
    let mut lost = BTreeSet::new();
    for (_, recovered) in context.acts::<Recovered>("recovered") {
        let from = recovered.head.size.saturating_sub(recovered.rebuilt);
        let rebuilt = from..recovered.head.size;
        let named = recovered.lost.iter().filter_map(|name| {
            let (index, attachment) = name.split_once('/')?;
            (attachment == personal::ATTACHMENT)
                .then(|| index.parse().ok())
                .flatten()
        });
        lost.extend(named.filter(|index| rebuilt.contains(index)));
    }
    lost
}
