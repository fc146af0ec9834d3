//! Key ceremonies: the lot key and round keys, dealt and acknowledged by all holders (protocol 4.2, 5).

use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{PersonId, Role};
use crate::state::{CeremonyState, KeySetting, State};
use record::{Digest, PublicKey};
use sealing::ceremony::{self, Deal};
use sealing::curve::P256;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Instance of the lot key's ceremony.
pub const LOT_KEY: &str = "lot-key";

const MAX_HOLDERS: usize = 16;

/// A holder's place in a ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolderLine {
    /// 1-based index; the x-coordinate of the holder's share.
    pub index: u8,
    /// Pseudonym.
    pub person: PersonId,
    /// Function key.
    pub key: PublicKey,
    /// HPKE key to which sub-shares are encrypted.
    pub encryption_key: PublicKey,
    /// Organisation.
    pub organisation: String,
}

/// Payload of `lot_key.defined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotKeyDefined {
    /// Holders in order.
    pub holders: Vec<HolderLine>,
    /// t.
    pub threshold: u8,
}

/// Payload of `key.dealt`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDealt {
    /// The deal: commitments, proof of possession, encrypted sub-shares.
    pub deal: Deal<P256>,
}

/// Payload of `key.acknowledged`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyAcknowledged {
    /// Digest over all deals in order.
    pub deals: Digest,
}

/// Payload of `key.complained`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyComplained {
    /// Index of the dealer complained of.
    pub dealer: u8,
    /// What is wrong, of the closed list `decrypt`, `share`.
    pub fault: String,
}

/// Payload of `ingest_key.declared`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestKeyDeclared {
    /// HPKE key of the centre's ingest.
    pub key: PublicKey,
    /// Sealed backups, one a custodian.
    pub backups: Vec<Backup>,
}

/// The ingest key, sealed to a custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The custodian.
    pub custodian: PersonId,
    /// HPKE encapsulated key, hex.
    pub enc: String,
    /// HPKE ciphertext, hex.
    pub ct: String,
}

/// Holders as enrolled, t as required: with two holders or more, no organisation reaches t (protocol 3).
pub(crate) fn check_setting(state: &State, holders: &[HolderLine], threshold: u8) -> Result<(), Refusal> {
    let count = holders.len();
    ensure((2..=MAX_HOLDERS).contains(&count), Code::Limit, "2 to 16 holders")?;
    ensure(
        threshold >= 2 && usize::from(threshold) <= count,
        Code::Rule,
        "2 ≤ t ≤ n",
    )?;
    let mut by_organisation: BTreeMap<&str, u8> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for (place, holder) in holders.iter().enumerate() {
        ensure(
            usize::from(holder.index) == place + 1,
            Code::Malformed,
            "holders are numbered from 1",
        )?;
        let party = state.party(&holder.key, &[Role::Holder])?;
        let same = party.person == holder.person
            && party.organisation == holder.organisation
            && party.encryption_key == Some(holder.encryption_key);
        ensure(same, Code::Mismatch, "holder differs from its enrolment")?;
        ensure(keys.insert(holder.key), Code::Rule, "a holder twice")?;
        *by_organisation.entry(&holder.organisation).or_default() += 1;
    }
    let alone = by_organisation.values().any(|&n| n >= threshold);
    ensure(!alone, Code::Rule, "one organisation could open alone")
}

pub(crate) fn new_ceremony(act: &Act<'_>, holders: Vec<HolderLine>, threshold: u8) -> CeremonyState {
    CeremonyState {
        setting: KeySetting {
            context: *act.verified().commitment(),
            holders,
            threshold,
        },
        deals: BTreeMap::new(),
        acknowledged: BTreeSet::new(),
        complaint: None,
        key: None,
    }
}

pub(super) fn lot_key_defined(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let defined: LotKeyDefined = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        act.core().instance == LOT_KEY,
        Code::Malformed,
        "instance lot-key",
    )?;
    ensure(
        !state.ceremonies.contains_key(LOT_KEY),
        Code::AlreadyDone,
        "the lot key is defined",
    )?;
    check_setting(state, &defined.holders, defined.threshold)?;
    state.ceremonies.insert(
        LOT_KEY.to_owned(),
        new_ceremony(act, defined.holders, defined.threshold),
    );
    Ok(())
}

pub(super) fn key_dealt(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let dealt: KeyDealt = act.payload()?;
    let instance = &act.core().instance;
    let index = state.holder(instance, &act.core().actor)?;
    let ceremony = running(state, instance)?;
    ensure(
        dealt.deal.dealer == index,
        Code::NotAllowed,
        "deals as another holder",
    )?;
    ensure(
        !ceremony.deals.contains_key(&index),
        Code::AlreadyDone,
        "has dealt",
    )?;
    let setting = &ceremony.setting;
    ceremony::check_deal(&setting.context.0, &dealt.deal, setting.quorum()?)
        .map_err(|fault| Refusal::new(Code::Proof, fault.to_string()))?;
    running_mut(state, instance)?.deals.insert(index, dealt.deal);
    Ok(())
}

pub(super) fn key_acknowledged(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let acknowledged: KeyAcknowledged = act.payload()?;
    let instance = &act.core().instance;
    let index = state.holder(instance, &act.core().actor)?;
    let ceremony = running(state, instance)?;
    let count = ceremony.setting.holders.len();
    ensure(
        ceremony.deals.len() == count,
        Code::WrongStage,
        "not all holders have dealt",
    )?;
    ensure(
        !ceremony.acknowledged.contains(&index),
        Code::AlreadyDone,
        "has acknowledged",
    )?;
    let deals: Vec<Deal<P256>> = ceremony.deals.values().cloned().collect();
    let digest = Digest(ceremony::deals_digest(&deals));
    ensure(
        acknowledged.deals == digest,
        Code::Mismatch,
        "digest of the deals differs",
    )?;
    let last = ceremony.acknowledged.len() + 1 == count;
    let setting = &ceremony.setting;
    let key = last
        .then(|| {
            ceremony::outcome(&setting.context.0, &deals, setting.quorum()?).map_err(|fault| proof(&fault))
        })
        .transpose()?;
    let ceremony = running_mut(state, instance)?;
    ceremony.acknowledged.insert(index);
    if key.is_some() {
        ceremony.key = key;
    }
    Ok(())
}

pub(super) fn key_complained(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let complained: KeyComplained = act.payload()?;
    let instance = &act.core().instance;
    let index = state.holder(instance, &act.core().actor)?;
    let ceremony = running(state, instance)?;
    ensure(
        ceremony.deals.contains_key(&complained.dealer),
        Code::NotFound,
        "no deal of that holder",
    )?;
    ensure(
        ["decrypt", "share"].contains(&complained.fault.as_str()),
        Code::Malformed,
        "fault",
    )?;
    running_mut(state, instance)?.complaint = Some((index, complained.dealer));
    Ok(())
}

pub(super) fn ingest_key_declared(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let declared: IngestKeyDeclared = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        act.core().instance == LOT_KEY,
        Code::Malformed,
        "instance lot-key",
    )?;
    state.ceremony_key(LOT_KEY)?;
    ensure(
        state.ingest.is_none(),
        Code::AlreadyDone,
        "the ingest key is declared",
    )?;
    let custodians: BTreeSet<&PersonId> = state
        .with_role(Role::Custodian)
        .map(|party| &party.person)
        .collect();
    let backed: BTreeSet<&PersonId> = declared.backups.iter().map(|backup| &backup.custodian).collect();
    ensure(
        !custodians.is_empty() && custodians == backed,
        Code::Rule,
        "a sealed backup for every custodian",
    )?;
    state.ingest = Some(declared.key);
    Ok(())
}

impl KeySetting {
    /// n and t as the sealing crate takes them.
    ///
    /// # Errors
    /// [`Code::Rule`] unless 2 ≤ t ≤ n ≤ 255.
    pub fn quorum(&self) -> Result<ceremony::Quorum, Refusal> {
        u8::try_from(self.holders.len())
            .ok()
            .and_then(|n| ceremony::Quorum::new(n, self.threshold))
            .ok_or_else(|| Refusal::new(Code::Rule, "2 ≤ t ≤ n"))
    }
}

fn proof(fault: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(Code::Proof, fault.to_string())
}

fn running<'a>(state: &'a State, instance: &str) -> Result<&'a CeremonyState, Refusal> {
    let ceremony = state
        .ceremonies
        .get(instance)
        .ok_or_else(|| Refusal::new(Code::WrongStage, "no ceremony"))?;
    ensure(
        ceremony.complaint.is_none(),
        Code::CeremonyStopped,
        "stopped by a complaint",
    )?;
    ensure(
        ceremony.key.is_none(),
        Code::AlreadyDone,
        "the ceremony is complete",
    )?;
    Ok(ceremony)
}

fn running_mut<'a>(state: &'a mut State, instance: &str) -> Result<&'a mut CeremonyState, Refusal> {
    state
        .ceremonies
        .get_mut(instance)
        .ok_or_else(|| Refusal::new(Code::WrongStage, "no ceremony"))
}
