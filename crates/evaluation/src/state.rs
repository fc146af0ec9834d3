//! What an evaluation is after a list of acts. Rebuilt by folding; never stored as truth.

mod parts;
mod views;

pub use parts::{
    BidPart, Binding, CeremonyState, Committee, DrawState, KeySetting, Line, Member, OpenedRound,
    PartOutcome, Party, RecordSetting, ResultState, RoundState, Site, Submission,
};
pub(crate) use parts::{Price, SealedPart};

use crate::acts::ending::EvaluationEnded;
use crate::acts::supervision::{Attendance, Attendee, Warning};
use crate::acts::suspension::Suspension;
use crate::acts::witnesses::{Proposal, WitnessChange};
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, CodeName, Role, SiteId};
use record::merkle::Tree;
use record::{ActId, BlobRef, Digest, Millis, PublicKey};
use sealing::ceremony;
use sealing::curve::P256;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The state of one evaluation. Fields are read through methods; `apply` alone changes them.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) tree: Tree,
    pub(crate) ids: BTreeSet<ActId>,
    pub(crate) commitments: BTreeSet<Digest>,
    pub(crate) last_time: Millis,
    pub(crate) withheld: u64,
    pub(crate) record: Option<RecordSetting>,
    pub(crate) rulebook: Option<Arc<rules::Rulebook>>,
    pub(crate) replacement: Option<Proposal>,
    pub(crate) witness_changes: Vec<WitnessChange>,
    pub(crate) people: BTreeMap<PublicKey, Vec<Party>>,
    pub(crate) sites: BTreeMap<SiteId, Site>,
    pub(crate) control: BTreeMap<String, u64>,
    pub(crate) ceremonies: BTreeMap<String, CeremonyState>,
    pub(crate) ingest: Option<PublicKey>,
    pub(crate) submissions: BTreeMap<String, Submission>,
    pub(crate) ephemerals: BTreeSet<[u8; 32]>,
    pub(crate) deadline_reached: Option<u64>,
    pub(crate) opening_allowed: BTreeSet<Role>,
    pub(crate) openings: BTreeMap<String, Vec<BidPart>>,
    pub(crate) bidders: BTreeMap<BidderId, String>,
    pub(crate) opening_recorded: bool,
    pub(crate) distinct: Option<u32>,
    pub(crate) committee: Committee,
    pub(crate) draws: BTreeMap<String, DrawState>,
    pub(crate) stages_open: BTreeSet<String>,
    pub(crate) stages_closed: BTreeSet<String>,
    pub(crate) qualification: BTreeMap<BidderId, BTreeMap<String, Option<String>>>,
    pub(crate) rounds: BTreeMap<String, RoundState>,
    pub(crate) prices: BTreeMap<BidderId, Price>,
    pub(crate) result: Option<ResultState>,
    pub(crate) report: Option<BlobRef>,
    pub(crate) signed: BTreeMap<CodeName, Option<String>>,
    pub(crate) ending: BTreeSet<Role>,
    pub(crate) ended: Option<EvaluationEnded>,
    pub(crate) suspension: Option<Suspension>,
    /// Index of the latest suspension, lasting or over.
    pub(crate) last_suspended: Option<u64>,
    pub(crate) warnings: VecDeque<Warning>,
    pub(crate) presence: BTreeMap<Attendee, Attendance>,
    pub(crate) archived: Option<u64>,
    pub(crate) recoveries: Vec<crate::acts::archive::Recovery>,
}

impl State {
    pub(crate) fn setting(&self) -> Result<&RecordSetting, Refusal> {
        self.record
            .as_ref()
            .ok_or_else(|| Refusal::new(Code::WrongStage, "the record is not created"))
    }

    pub(crate) fn book(&self) -> Result<Arc<rules::Rulebook>, Refusal> {
        self.rulebook
            .clone()
            .ok_or_else(|| Refusal::new(Code::WrongStage, "the record is not created"))
    }

    /// The party of a key in one of the roles.
    pub(crate) fn party(&self, key: &PublicKey, roles: &[Role]) -> Result<&Party, Refusal> {
        self.parties(key)
            .iter()
            .find(|party| roles.contains(&party.role))
            .ok_or_else(|| Refusal::new(Code::NotAllowed, format!("needs one of {roles:?}")))
    }

    pub(crate) fn line(&self, key: &PublicKey) -> Result<(CodeName, Line), Refusal> {
        self.line_of(key)
            .map(|(name, line)| (name.clone(), line.clone()))
            .ok_or_else(|| Refusal::new(Code::NotAllowed, "not the evaluation key of a roster line"))
    }

    pub(crate) fn submission(&self, id: &str) -> Result<&Submission, Refusal> {
        self.submissions
            .get(id)
            .ok_or_else(|| Refusal::new(Code::NotFound, "no such submission"))
    }

    pub(crate) fn ceremony_key(&self, instance: &str) -> Result<&ceremony::RoundKey<P256>, Refusal> {
        let ceremony = self
            .ceremonies
            .get(instance)
            .ok_or_else(|| Refusal::new(Code::WrongStage, "no ceremony here"))?;
        ensure(
            ceremony.complaint.is_none(),
            Code::CeremonyStopped,
            "stopped by a complaint",
        )?;
        ceremony
            .key
            .as_ref()
            .ok_or_else(|| Refusal::new(Code::WrongStage, "the ceremony is not complete"))
    }

    /// The holder's index in a ceremony.
    pub(crate) fn holder(&self, instance: &str, key: &PublicKey) -> Result<u8, Refusal> {
        let ceremony = self
            .ceremonies
            .get(instance)
            .ok_or_else(|| Refusal::new(Code::WrongStage, "no ceremony here"))?;
        ceremony
            .setting
            .holders
            .iter()
            .find(|line| line.key == *key)
            .map(|line| line.index)
            .ok_or_else(|| Refusal::new(Code::NotAllowed, "not a holder of this key"))
    }
}
