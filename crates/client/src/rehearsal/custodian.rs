//! A custodian checks the personal signatures inside opened sheets right after the opening, and says so (protocol 4.4).

use super::{Part, Progress, act};
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::rounds::SignaturesChecked;
use evaluation::acts::sheets::sheet_context;
use evaluation::certificates::{Subject, verify_chain};
use evaluation::personal;
use evaluation::{Code, CodeName};
use record::Digest;
use sealing::ceremony::RoundSecret;
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};
use sealing::sheet::{open_custody, open_sheet};

/// A custodian.
pub struct CustodianPart {
    /// HPKE key.
    pub encryption: KeyFileProvider,
    /// Its PIN.
    pub pin: Pin,
}

impl Part for CustodianPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        if desk.replica.state().archived().is_some() {
            return Ok(Progress::Done);
        }
        let me = desk.author.public();
        let rounds = desk.replica.state().rounds();
        let waiting = rounds.iter().find_map(|(instance, round)| {
            let open =
                round.opened.is_some() && desk.replica.find("signatures.checked", instance, &me).is_none();
            open.then(|| instance.clone())
        });
        if let Some(instance) = waiting {
            let payload = self.check(desk, &instance)?;
            return match act(desk, "signatures.checked", &instance, &payload) {
                // Another custodian was enough, and the record was archived meanwhile.
                Err(ClientError::Centre(body))
                    if body.refusal.as_deref() == Some(Code::Finished.as_str()) =>
                {
                    Ok(Progress::Done)
                }
                other => other,
            };
        }
        Ok(Progress::Waiting)
    }
}

impl CustodianPart {
    fn check(&self, desk: &Desk, instance: &str) -> Result<SignaturesChecked, ClientError> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let round = desk.replica.state().round(instance);
        let opened = round.and_then(|round| round.opened.as_ref());
        for line in opened
            .map(|o| o.sheets.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
        {
            match self.holds(desk, instance, &line)? {
                true => good.push(line),
                false => bad.push(line),
            }
        }
        Ok(SignaturesChecked { good, bad })
    }

    /// Opens this custodian's copy and checks certificate, text and signature over the content digest.
    fn holds(&self, desk: &Desk, instance: &str, line: &CodeName) -> Result<bool, ClientError> {
        let state = desk.replica.state();
        let found = state.round(instance).and_then(|round| {
            let opened = round.opened.as_ref()?;
            let (_, blob, key) = round.sheets.get(line)?.last()?;
            Some((opened.x, *blob, *key, round.setting.sheet_size as usize))
        });
        let Some((x, blob, key, size)) = found else {
            return Ok(false);
        };
        let y = state
            .ceremony(instance)
            .and_then(|c| c.key.as_ref())
            .map(|key| key.y);
        let Some(secret) = y.and_then(|y| RoundSecret::from_published(&x, &y).ok()) else {
            return Ok(false);
        };
        let context = sheet_context(state, instance, line, &key)?;
        let bytes = desk.replica.blob(&*desk.link, &blob)?;
        let Ok(sheet) = open_sheet(&secret, &context, &bytes, size) else {
            return Ok(false);
        };
        let public = self.encryption.public_key();
        let place = state.custodian_keys().iter().position(|known| known.0 == public);
        let Some(place) = place else { return Ok(false) };
        let mut agree = |point: &[u8; 65]| self.encryption.agree(&self.pin, point);
        let Ok(signature) = open_custody(&sheet.digest, &sheet.custody, place, &public, &mut agree) else {
            return Ok(false);
        };
        let text = personal::sheet_text(&desk.replica.origin(), instance, line.as_str(), &sheet.digest);
        let Ok(subject) = Subject::read(&signature.certificate) else {
            return Ok(false);
        };
        let chain = vec![signature.certificate.clone()];
        let trusted = verify_chain(&chain, &desk.replica.anchors().ca_roots, state.last_time()).is_ok();
        let right_text = signature.text_digest == Digest::of(text.as_bytes()).0;
        Ok(trusted && right_text && signature.verify(&subject.key.0, &sheet.digest))
    }
}
