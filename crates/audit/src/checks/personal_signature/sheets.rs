//! The personal signature inside a sheet that counts (protocol 4.4): opened with x, then with a custodian's key.

use super::super::Findings;
use super::trusted;
use crate::context::{Context, Slot};
use evaluation::acts::rounds::SignaturesChecked;
use evaluation::acts::sheets::sheet_context;
use evaluation::certificates::Subject;
use evaluation::{Blobs as _, CodeName, State, personal};
use record::{BlobRef, Body, Digest, PublicKey};
use sealing::ceremony::RoundSecret;
use sealing::sheet::{CustodyFault, OpenedSheet, PersonalSignature, open_custody, open_sheet};
use std::collections::BTreeMap;

/// A sheet that counts in an opened round.
struct Counted {
    instance: String,
    line: CodeName,
    blob: BlobRef,
    key: PublicKey,
    x: [u8; 32],
    size: usize,
}

/// Counted sheets by index of their act.
pub(super) struct Sheets(BTreeMap<u64, Counted>);

impl Sheets {
    pub(super) fn counted(context: &Context<'_>) -> Sheets {
        let Some(folded) = &context.folded else {
            return Sheets(BTreeMap::new());
        };
        let mut sheets = BTreeMap::new();
        for (instance, round) in folded.state.rounds() {
            let Some(opened) = &round.opened else { continue };
            for line in opened.sheets.keys() {
                let Some((index, blob, key)) = round.sheets.get(line).and_then(|sheets| sheets.last()) else {
                    continue;
                };
                let counted = Counted {
                    instance: instance.clone(),
                    line: line.clone(),
                    blob: *blob,
                    key: *key,
                    x: opened.x,
                    size: round.setting.sheet_size as usize,
                };
                sheets.insert(*index, counted);
            }
        }
        Sheets(sheets)
    }

    /// Who signed the sheet personally, or what is wrong with it; `None` where it does not count, stays shut, or a
    /// custodian has said already that it is wrong: a sheet's fault blocks nobody.
    pub(super) fn open(
        &self,
        context: &Context<'_>,
        slot: &Slot,
        body: &Body,
        findings: &mut Findings,
    ) -> Option<Result<Subject, String>> {
        let counted = self.0.get(&slot.index)?;
        let state = &context.folded.as_ref()?.state;
        let sheet = counted.open(context, state)?;
        let Some(signed) = custody(context, slot.index, &sheet) else {
            findings.personal.under_custody += 1;
            return None;
        };
        let signed = signed
            .map_err(|fault| format!("the personal signature inside the sheet: {fault}"))
            .and_then(|personal| counted.holds(context, body, &sheet, &personal));
        let said = said_wrong(context, counted);
        match (&signed, said) {
            (Err(_), Some(_)) => None,
            (Ok(_), Some(index)) => {
                let line = Some(counted.line.to_string());
                findings.note(Some(index), line, "said to be wrong, and holds");
                Some(signed)
            }
            _ => Some(signed),
        }
    }
}

impl Counted {
    /// The sheet; `None` where it does not open, which `round.sheets` says.
    fn open(&self, context: &Context<'_>, state: &State) -> Option<OpenedSheet> {
        let place = sheet_context(state, &self.instance, &self.line, &self.key).ok()?;
        let secret = RoundSecret::from_published(&self.x, &place.y).ok()?;
        let blob = context.package.blob(&self.blob)?;
        open_sheet(&secret, &place, &blob, self.size).ok()
    }

    /// The rendered text, the signature over the content digest, the certificate.
    fn holds(
        &self,
        context: &Context<'_>,
        body: &Body,
        sheet: &OpenedSheet,
        personal: &PersonalSignature,
    ) -> Result<Subject, String> {
        let text = personal::sheet_text(
            &body.core.origin,
            &self.instance,
            self.line.as_str(),
            &sheet.digest,
        );
        if personal.text_digest != Digest::of(text.as_bytes()).0 {
            return Err("the personal signature inside the sheet is over another text".to_owned());
        }
        let subject = Subject::read(&personal.certificate).map_err(|refusal| refusal.to_string())?;
        if !subject.is_valid_at(body.core.time) {
            return Err("the certificate inside the sheet was not valid when it was signed".to_owned());
        }
        trusted(context, std::slice::from_ref(&personal.certificate), body)?;
        match personal.verify(&subject.key.0, &sheet.digest) {
            true => Ok(subject),
            false => Err("the personal signature inside the sheet does not verify".to_owned()),
        }
    }
}

/// With the key of one who was custodian when the sheet at `index` was sealed; `None` without.
fn custody(
    context: &Context<'_>,
    index: u64,
    sheet: &OpenedSheet,
) -> Option<Result<PersonalSignature, CustodyFault>> {
    let key = context.custodian?;
    let custodians = context.folded.as_ref()?.custodians.get(&index)?;
    let place = custodians.iter().position(|(_, known)| known.0 == key.public)?;
    let mut agree = |point: &[u8; 65]| (key.agree)(point);
    match open_custody(&sheet.digest, &sheet.custody, place, &key.public, &mut agree) {
        Err(CustodyFault::Key(_)) => None,
        opened => Some(opened),
    }
}

/// The act by which a custodian said that this line's signature is wrong.
fn said_wrong(context: &Context<'_>, counted: &Counted) -> Option<u64> {
    let said = context.acts::<SignaturesChecked>("signatures.checked");
    said.into_iter()
        .find(|(slot, checked)| {
            let here = slot
                .header()
                .is_some_and(|header| header.instance == counted.instance);
            here && checked.bad.contains(&counted.line)
        })
        .map(|(slot, _)| slot.index)
}
