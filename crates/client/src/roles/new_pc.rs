//! A booth's PC is replaced (protocol 3, 4): the new one makes an evaluation key and lays out the act that puts it in
//! the old one's place, the member signs it personally, the site desk checks and signs it, and the new PC goes back to
//! the newest snapshot of the drafts.

use super::site_desk::{own, seat_of_ticket};
use crate::acting::{Progress, settle};
use crate::author::{Actor, Draft, PersonalKey, device_of, lay_out};
use crate::desk::Desk;
use crate::drafts;
use crate::error::ClientError;
use evaluation::acts::binding::{KeyReplaced, possession};
use evaluation::acts::committee::COMMITTEE;
use evaluation::{CodeName, Role, personal};
use protocol::{MAX_PROPOSALS, ReplacementAsk, ReplacementAsked, ReplacementProposal};
use record::{Body, DeviceId, Millis, PublicKey, Signature};
use sealing::provider::{KeyFileProvider, Pin};
use sealing::sign::SigningKeyPair;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::Vault;

const KIND: &str = "member.key_replaced";
/// How long the site desk has to confirm, milliseconds. Afterwards the member asks again.
pub const PATIENCE: Millis = 2 * 3_600_000;

/// Lays out the act for every desk of the site, signed personally by the member who stands behind it.
///
/// # Errors
/// A wrong PIN; [`ClientError::Check`] where no key is bound to the line, or the site has no desk.
pub fn ask(
    desk: &mut Desk,
    line: &CodeName,
    new: &SigningKeyPair,
    device: DeviceId,
    personal: &PersonalKey,
) -> Result<ReplacementAsk, ClientError> {
    let state = desk.replica.state();
    let drawn = state
        .committee()
        .lines
        .get(line)
        .ok_or_else(|| ClientError::check("没有这个代号", "no such line"))?;
    let old = drawn.binding.as_ref().map(|binding| binding.key);
    let old = old.ok_or_else(|| ClientError::check("该代号没有绑定密钥", "no key is bound to this line"))?;
    let origin = desk.replica.origin();
    let key = PublicKey(new.public_key());
    let payload = KeyReplaced {
        line: line.clone(),
        old,
        new: key,
        device,
        possession: Signature(new.sign(&possession(&origin, line, &old, &key))),
    };
    let booth = drawn.booth.clone();
    let operators = state.with_role(Role::SiteOperator);
    let desks = operators.filter(|party| party.site.as_ref() == Some(&drawn.site));
    let desks: Vec<PublicKey> = desks.map(|party| party.key).take(MAX_PROPOSALS).collect();
    if desks.is_empty() {
        return Err(ClientError::check("该场所没有管理席位", "the site has no desk"));
    }
    let (seen, now) = (desk.replica.seen(), desk.centre_now());
    let mut proposals = Vec::new();
    for key in desks {
        let by = Actor {
            key,
            device: device_of(&key),
        };
        let draft = Draft {
            kind: KIND,
            instance: COMMITTEE,
            payload: &payload,
            attachments: Vec::new(),
            personal: Some(personal),
        };
        let (body, mut openings) = lay_out(by, origin, draft, seen, (now, PATIENCE), &mut *desk.random)?;
        let opening = openings.remove(personal::ATTACHMENT);
        proposals.push(ReplacementProposal {
            desk: key,
            body: String::from_utf8(body.bytes).map_err(|e| ClientError::Format(e.to_string()))?,
            personal: opening.ok_or_else(|| ClientError::check("缺少本人签名", "no personal signature"))?,
        });
    }
    Ok(ReplacementAsk { booth, proposals })
}

/// What a site desk finds in what a new PC asks: everything that it would sign, checked.
pub(super) struct Checked {
    body: Body,
    /// Seat of the committee whose member asks.
    pub(super) seat: u32,
}

/// Checks what a new PC asks against this desk's own record and slips: the act is this desk's, of this site, replaces
/// the key that is bound now, is proven by the new key, and is signed personally by the member who was handed the
/// ticket here.
///
/// # Errors
/// [`ClientError::Check`] with what does not hold.
pub(super) fn checked(desk: &Desk, asked: &ReplacementAsked) -> Result<Checked, ClientError> {
    let body = Body::parse(asked.proposal.body.as_bytes()).map_err(|e| ClientError::Format(e.to_string()))?;
    let core = &body.core;
    let me = desk.author.public();
    let ours = core.kind == KIND
        && core.instance == COMMITTEE
        && core.origin == desk.replica.origin()
        && core.actor == me
        && core.device == desk.author.device();
    if !ours {
        return Err(ClientError::check(
            "这不是本席位应签的内容",
            "this is not an act of this desk",
        ));
    }
    let replaced: KeyReplaced =
        serde_json::from_value(core.payload.clone()).map_err(|e| ClientError::Format(e.to_string()))?;
    let state = desk.replica.state();
    let line = state.committee().lines.get(&replaced.line);
    let line = line.ok_or_else(|| ClientError::check("没有这个代号", "no such line"))?;
    let here = own(desk).is_some_and(|(_, site)| *site == line.site);
    if !here || line.booth != asked.booth {
        return Err(ClientError::check("这是另一间评标仓", "this is another booth"));
    }
    if line.binding.as_ref().map(|binding| binding.key) != Some(replaced.old) {
        return Err(ClientError::check(
            "现已绑定另一把密钥",
            "another key is bound by now",
        ));
    }
    let message = possession(&core.origin, &replaced.line, &replaced.old, &replaced.new);
    if !sealing::sign::verify(&replaced.new.0, &message, &replaced.possession.0) {
        return Err(ClientError::check(
            "新电脑未能证明其密钥",
            "the new PC does not prove its key",
        ));
    }
    let (seat, certificate) = seat_of_ticket(desk, &line.ticket)?.ok_or_else(|| {
        ClientError::check("该签到号不是在本席位发出的", "the ticket was not handed out here")
    })?;
    let signed = personal::verify(core, &body.core_digest(), &asked.proposal.personal.value)?;
    let leaf = evaluation::acts::decode_chain(&[certificate])?;
    if signed.chain().first() != leaf.first() {
        return Err(ClientError::check(
            "签名人不是在该席位就座的人",
            "it is signed by another person than sits there",
        ));
    }
    Ok(Checked { body, seat })
}

/// Confirms at the site desk that the member's new PC takes the old one's place.
///
/// # Errors
/// [`ClientError::Check`] when nothing is asked for this booth, or what is asked does not hold; the line.
pub fn confirm(desk: &mut Desk, asked: &[ReplacementAsked], booth: &str) -> Result<Progress, ClientError> {
    let found = asked.iter().find(|asked| asked.booth == booth);
    let found = found
        .ok_or_else(|| ClientError::check("没有新电脑请求接替这间评标仓", "no new PC asks for this booth"))?;
    let body = checked(desk, found)?.body;
    let openings = BTreeMap::from([(personal::ATTACHMENT.to_owned(), found.proposal.personal.clone())]);
    let submission = desk.author.sign(&body, openings, &mut *desk.random);
    settle(desk.send(&submission)?)
}

/// What a new PC went back to; kept in its vault, so that it goes back once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WentBack {
    /// Centre time of the snapshot; what was written later on the old PC is not here. `None`: there was no snapshot.
    pub to: Option<Millis>,
    /// Cells restored.
    pub cells: u32,
}

fn row(key: &PublicKey) -> String {
    format!("went-back/{}", hex::encode(key.0))
}

/// What this PC went back to when its key took another's place; `None`: it did not yet, or never had to.
///
/// # Errors
/// A damaged vault.
pub fn went_back(vault: &Vault, key: &PublicKey) -> Result<Option<WentBack>, ClientError> {
    let kept = vault.get(&row(key))?;
    kept.map(|bytes| serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string())))
        .transpose()
}

/// Restores the newest snapshot of the line into the vault of this PC. `None`: no cosigned checkpoint covers all of
/// them yet, and none is passed over for an older one.
///
/// # Errors
/// The line; a centre that offers another snapshot; a wrong PIN.
pub fn go_back(
    desk: &mut Desk,
    line: &CodeName,
    vault_key: &KeyFileProvider,
    pin: &Pin,
) -> Result<Option<WentBack>, ClientError> {
    if !is_cosigned(desk, line) {
        return Ok(None);
    }
    let restored = drafts::restore(desk, line, vault_key, pin)?;
    let back = WentBack {
        to: restored.as_ref().map(|restored| restored.kept_at),
        cells: restored.map_or(0, |restored| u32::try_from(restored.cells).unwrap_or(u32::MAX)),
    };
    let bytes = serde_json::to_vec(&back).map_err(|e| ClientError::Format(e.to_string()))?;
    desk.vault.put(&row(&desk.author.public()), &bytes)?;
    Ok(Some(back))
}

/// Whether a cosigned checkpoint covers the act that put this PC's key in the old one's place: then it covers every
/// snapshot of the old PC too, which can keep none after it.
fn is_cosigned(desk: &Desk, line: &CodeName) -> bool {
    let line = desk.replica.state().committee().lines.get(line);
    let since = line
        .and_then(|line| line.binding.as_ref())
        .map(|binding| binding.since);
    since.is_some_and(|since| since < desk.replica.cosigned_size())
}
