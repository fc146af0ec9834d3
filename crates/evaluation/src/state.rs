//! What an evaluation is after a list of acts. Rebuilt by folding; never stored as truth.

use crate::acts::ending::EvaluationEnded;
use crate::acts::setup::WitnessLine;
use crate::acts::witnesses::{self, Proposal, WitnessChange};
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, CodeName, PersonId, Role, SiteId};
use record::merkle::Tree;
use record::{ActId, BlobRef, Digest, Millis, Origin, PublicKey, Suite};
use sealing::bid::Wraps;
use sealing::ceremony;
use sealing::curve::P256;
use std::collections::{BTreeMap, BTreeSet};
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
    pub(crate) archived: Option<u64>,
    pub(crate) recoveries: Vec<crate::acts::archive::Recovery>,
}

/// What the first act fixes.
#[derive(Clone, Debug)]
pub struct RecordSetting {
    /// Random id of the record.
    pub origin: Origin,
    /// Suite of the whole record.
    pub suite: Suite,
    /// Procedure version.
    pub procedure: String,
    /// The centre's name and keys.
    pub centre: crate::acts::setup::CentreLine,
    /// The first log witnesses; those now are [`State::log_witnesses`].
    pub witnesses: Vec<crate::acts::setup::WitnessLine>,
    /// How many cosignatures a receipt, close, release or opening needs.
    pub quorum: u8,
    /// Bids are taken until then, centre time.
    pub deadline: Millis,
    /// Rulebook blob.
    pub rulebook: BlobRef,
    /// Tender package manifest blob.
    pub tender: BlobRef,
    /// Keys of this record are development keys.
    pub development: bool,
}

/// A person in a role, known by a pseudonym and a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Pseudonym.
    pub person: PersonId,
    /// Role.
    pub role: Role,
    /// Organisation (O of the certificate).
    pub organisation: String,
    /// Site, where the role is bound to one.
    pub site: Option<SiteId>,
    /// Booth, where the key is the booth PC's device key.
    pub booth: Option<String>,
    /// HPKE key of holders and custodians.
    pub encryption_key: Option<PublicKey>,
    /// Certificate chain, leaf first, DER.
    pub chain: Vec<Vec<u8>>,
    /// The function key.
    pub key: PublicKey,
}

/// An enrolled site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Whether it is the host site (主场).
    pub host: bool,
    /// Organisation that runs it.
    pub organisation: String,
}

/// Who makes a key together, and for what.
#[derive(Clone, Debug)]
pub struct KeySetting {
    /// Commitment of the defining act: the context of every proof of the ceremony.
    pub context: Digest,
    /// Holders in order; index 1 is the first.
    pub holders: Vec<crate::acts::ceremony::HolderLine>,
    /// How many open together.
    pub threshold: u8,
}

/// A key ceremony (lot key or round key).
#[derive(Clone, Debug)]
pub struct CeremonyState {
    /// Setting.
    pub setting: KeySetting,
    /// Deals by dealer index.
    pub deals: BTreeMap<u8, ceremony::Deal<P256>>,
    /// Holders that acknowledged all deals.
    pub acknowledged: BTreeSet<u8>,
    /// A complaint stops the ceremony: (complainer, dealer).
    pub complaint: Option<(u8, u8)>,
    /// The key, once every holder acknowledged.
    pub key: Option<ceremony::RoundKey<P256>>,
}

/// A sealed part of a bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidPart {
    /// Name of the part: `opening`, `qualification`, `commercial`, `technical`, `price`.
    pub name: String,
}

/// One bid's submission (投标文件), known by a random id until it is opened.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Index of the act that counts (the last submit or replace).
    pub index: u64,
    /// Index of the first submit: the order of bids.
    pub first: u64,
    /// One-time submission key.
    pub key: PublicKey,
    /// Sealed parts.
    pub parts: BTreeMap<String, SealedPart>,
    /// Withdrawn bids stay shut.
    pub withdrawn: bool,
    /// Parts for which the bidder gave its half of the key.
    pub unlocked: BTreeSet<String>,
    /// Partial decryptions by part and holder.
    pub partials: BTreeMap<String, BTreeMap<u8, sealing::proofs::Partial<P256>>>,
    /// Outcome by part.
    pub outcomes: BTreeMap<String, PartOutcome>,
    /// Ordinal, once the opening record names one.
    pub bidder: Option<BidderId>,
}

/// A part as submitted.
#[derive(Clone, Debug)]
pub struct SealedPart {
    /// The sealed container.
    pub container: BlobRef,
    /// Its wrapped keys.
    pub wraps: Wraps,
}

/// What came of opening a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartOutcome {
    /// Decrypted; digest and size of the plaintext (canonical tar).
    Opened(BlobRef),
    /// Not decrypted, with the reason of the closed list.
    Failed(String),
}

/// A seat of the committee.
#[derive(Clone, Debug)]
pub struct Member {
    /// Expert or tenderer's representative.
    pub role: Role,
}

/// A roster line: a code name with its evaluation key.
#[derive(Clone, Debug)]
pub struct Line {
    /// Ticket of the check-in.
    pub ticket: String,
    /// Role of the member.
    pub role: Role,
    /// Booth.
    pub booth: String,
    /// Site.
    pub site: SiteId,
    /// Binding, once made.
    pub binding: Option<Binding>,
    /// Promise made.
    pub promised: bool,
    /// Avoidance declared without grounds.
    pub clear: Option<bool>,
    /// Vote for the leader.
    pub leader_vote: Option<CodeName>,
}

/// An evaluation key bound to a roster line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The evaluation key now.
    pub key: PublicKey,
    /// The first evaluation key of the line: what round definitions name.
    pub first_key: PublicKey,
    /// Device on which it was made.
    pub device: record::DeviceId,
    /// Index of the act that bound it.
    pub since: u64,
    /// Roles that saw it: witness person of the site and supervisor.
    pub seen: BTreeSet<Role>,
    /// Earlier keys of the line, refused from their replacement on.
    pub retired: Vec<PublicKey>,
}

/// The committee.
#[derive(Clone, Debug, Default)]
pub struct Committee {
    /// How many seats the committee has; 0 before the first is filled.
    pub size: u8,
    /// Seats by number.
    pub seats: BTreeMap<u8, Member>,
    /// Check-ins by ticket: role and site.
    pub tickets: BTreeMap<String, (Role, SiteId)>,
    /// Roster lines by code name.
    pub lines: BTreeMap<CodeName, Line>,
    /// Leader, once more than half of the members voted for one.
    pub leader: Option<CodeName>,
}

impl Committee {
    /// Whether every seat is filled.
    pub fn is_complete(&self) -> bool {
        self.size > 0 && self.seats.len() == usize::from(self.size)
    }
}

/// A draw by commit and reveal.
#[derive(Clone, Debug)]
pub struct DrawState {
    /// What was opened.
    pub setting: crate::acts::draws::DrawOpened,
    /// Centre time of the opening.
    pub opened: Millis,
    /// Commitments by party index.
    pub commitments: BTreeMap<u8, Digest>,
    /// Centre time at which the last commitment came.
    pub committed: Option<Millis>,
    /// Revealed values.
    pub values: BTreeMap<u8, [u8; 32]>,
    /// Void, with the parties that did not reveal.
    pub voided: Option<Vec<u8>>,
    /// Result recorded.
    pub done: bool,
}

/// A sealed round.
#[derive(Clone, Debug)]
pub struct RoundState {
    /// Definition.
    pub setting: crate::acts::rounds::RoundDefined,
    /// Index of the defining act.
    pub index: u64,
    /// Sheets by line, in order of admission: (index, blob, key).
    pub sheets: BTreeMap<CodeName, Vec<(u64, BlobRef, PublicKey)>>,
    /// Lines recorded as absent.
    pub absent: BTreeSet<CodeName>,
    /// The leader's close: (act id, index).
    pub closed: Option<(ActId, u64)>,
    /// Countersigned by clerk or supervisor, at index.
    pub countersigned: Option<u64>,
    /// Shares by holder.
    pub shares: BTreeMap<u8, [u8; 32]>,
    /// Opened.
    pub opened: Option<OpenedRound>,
}

/// A round after its opening.
#[derive(Clone, Debug)]
pub struct OpenedRound {
    /// The round's secret, public from now on.
    pub x: [u8; 32],
    /// Sheets by line; `Err` names the fault that is the expert's own.
    pub sheets: BTreeMap<CodeName, Result<rules::Sheet, String>>,
}

/// A price that counts in the evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Decimal string.
    pub amount: String,
    /// Attributes for policy deductions.
    pub attributes: Vec<String>,
}

/// The computed result.
#[derive(Clone, Debug)]
pub struct ResultState {
    /// The canonical outcome.
    pub blob: BlobRef,
    /// The outcome itself.
    pub outcome: rules::Outcome,
}

impl State {
    /// A state before the first act.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves folded.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Root over all leaves folded.
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The tree of leaf hashes.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Centre time of the last leaf folded that binds one.
    pub fn last_time(&self) -> Millis {
        self.last_time
    }

    /// How many leaves were passed over because their body is withheld.
    pub fn withheld(&self) -> u64 {
        self.withheld
    }

    /// What the first act fixed.
    pub fn record(&self) -> Option<&RecordSetting> {
        self.record.as_ref()
    }

    /// Replacements of log witnesses, in order.
    pub fn witness_changes(&self) -> &[WitnessChange] {
        &self.witness_changes
    }

    /// A replacement of a log witness that is proposed and not confirmed.
    pub fn witness_proposal(&self) -> Option<&Proposal> {
        self.replacement.as_ref()
    }

    /// The log witnesses that the record names now; empty before the first act.
    pub fn log_witnesses(&self) -> Vec<WitnessLine> {
        let first = self.record.as_ref().map(|setting| setting.witnesses.clone());
        let changes = self.witness_changes.iter();
        changes.fold(first.unwrap_or_default(), |lines, change| {
            witnesses::changed(&lines, &change.replaced, &change.by)
        })
    }

    /// The rulebook, once the record is created.
    pub fn rulebook(&self) -> Option<&rules::Rulebook> {
        self.rulebook.as_deref()
    }

    /// The roles of a key.
    pub fn parties(&self, key: &PublicKey) -> &[Party] {
        self.people.get(key).map_or(&[], Vec::as_slice)
    }

    /// Everyone in a role, in key order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Party> {
        self.people
            .values()
            .flatten()
            .filter(move |party| party.role == role)
    }

    /// Enrolled sites.
    pub fn sites(&self) -> &BTreeMap<SiteId, Site> {
        &self.sites
    }

    /// A ceremony by instance (`lot-key` or a round).
    pub fn ceremony(&self, instance: &str) -> Option<&CeremonyState> {
        self.ceremonies.get(instance)
    }

    /// Ingest key of the lot.
    pub fn ingest_key(&self) -> Option<PublicKey> {
        self.ingest
    }

    /// Submissions by id.
    pub fn submissions(&self) -> &BTreeMap<String, Submission> {
        &self.submissions
    }

    /// Submissions that are not withdrawn, in order of their first submission.
    pub fn standing(&self) -> Vec<(&String, &Submission)> {
        let mut standing: Vec<_> = self.submissions.iter().filter(|(_, s)| !s.withdrawn).collect();
        standing.sort_by_key(|(_, s)| s.first);
        standing
    }

    /// Index of `deadline.reached`, once recorded.
    pub fn deadline_reached(&self) -> Option<u64> {
        self.deadline_reached
    }

    /// Roles that allowed the opening although its checkpoint came late.
    pub fn opening_allowed(&self) -> &BTreeSet<Role> {
        &self.opening_allowed
    }

    /// Whether parts are being opened at this instance, and which.
    pub fn opening(&self, instance: &str) -> Option<&[BidPart]> {
        self.openings.get(instance).map(Vec::as_slice)
    }

    /// Bidders by ordinal, with their submission.
    pub fn bidders(&self) -> &BTreeMap<BidderId, String> {
        &self.bidders
    }

    /// Whether the opening record stands.
    pub fn opening_recorded(&self) -> bool {
        self.opening_recorded
    }

    /// How many distinct bidders the opening record states; `None` before it.
    pub fn distinct_bidders(&self) -> Option<u32> {
        self.distinct
    }

    /// The committee.
    pub fn committee(&self) -> &Committee {
        &self.committee
    }

    /// A draw by instance.
    pub fn draw(&self, instance: &str) -> Option<&DrawState> {
        self.draws.get(instance)
    }

    /// Openings of parts by instance.
    pub fn openings(&self) -> &BTreeMap<String, Vec<BidPart>> {
        &self.openings
    }

    /// Ceremonies by instance.
    pub fn ceremonies(&self) -> &BTreeMap<String, CeremonyState> {
        &self.ceremonies
    }

    /// Rounds by instance.
    pub fn rounds(&self) -> &BTreeMap<String, RoundState> {
        &self.rounds
    }

    /// HPKE keys of the custodians, in the order in which personal signatures are sealed to them.
    pub fn custodian_keys(&self) -> Vec<PublicKey> {
        self.with_role(Role::Custodian)
            .filter_map(|party| party.encryption_key)
            .collect()
    }

    /// Ephemerals of all wraps admitted under the lot key but this one.
    pub fn other_ephemerals(&self, own: &[u8; 32]) -> BTreeSet<[u8; 32]> {
        self.ephemerals
            .iter()
            .filter(|known| *known != own)
            .copied()
            .collect()
    }

    /// How many draws were opened.
    pub fn draws_count(&self) -> usize {
        self.draws.len()
    }

    /// Whether this was the evaluation key of a line before its replacement.
    pub fn is_retired(&self, key: &PublicKey) -> bool {
        self.committee
            .lines
            .values()
            .any(|line| line.binding.as_ref().is_some_and(|b| b.retired.contains(key)))
    }

    /// Recoveries after a restore, in order (protocol 2, Restore).
    pub fn recoveries(&self) -> &[crate::acts::archive::Recovery] {
        &self.recoveries
    }

    /// How many keys have a place in the record: parties and roster lines.
    pub fn known_keys(&self) -> usize {
        self.people.len() + self.committee.lines.len()
    }

    /// A round by instance.
    pub fn round(&self, instance: &str) -> Option<&RoundState> {
        self.rounds.get(instance)
    }

    /// Qualification decisions: per bidder, criterion -> reason of a failure.
    pub fn qualification(&self) -> &BTreeMap<BidderId, BTreeMap<String, Option<String>>> {
        &self.qualification
    }

    /// Entered prices.
    pub fn prices(&self) -> &BTreeMap<BidderId, Price> {
        &self.prices
    }

    /// The result.
    pub fn result(&self) -> Option<&ResultState> {
        self.result.as_ref()
    }

    /// The report.
    pub fn report(&self) -> Option<&BlobRef> {
        self.report.as_ref()
    }

    /// Report signatures by line; `Some` holds the dissent.
    pub fn signed(&self) -> &BTreeMap<CodeName, Option<String>> {
        &self.signed
    }

    /// Roles that have signed an ending without a result.
    pub fn ending(&self) -> &BTreeSet<Role> {
        &self.ending
    }

    /// The ground on which the evaluation ended without a result, once clerk and supervisor have signed it.
    pub fn ended(&self) -> Option<&EvaluationEnded> {
        self.ended.as_ref()
    }

    /// Index of the `archived` act.
    pub fn archived(&self) -> Option<u64> {
        self.archived
    }

    /// Whether a stage without a sealed round is open.
    pub fn stage_open(&self, instance: &str) -> bool {
        self.stages_open.contains(instance) && !self.stages_closed.contains(instance)
    }

    /// Whether a stage was closed.
    pub fn stage_closed(&self, instance: &str) -> bool {
        self.stages_closed.contains(instance)
    }

    /// Index of the latest act that opened, defined or suspended an instance.
    pub fn control_index(&self, instance: &str) -> Option<u64> {
        self.control.get(instance).copied()
    }

    /// The roster line whose evaluation key this is now.
    pub fn line_of(&self, key: &PublicKey) -> Option<(&CodeName, &Line)> {
        self.committee
            .lines
            .iter()
            .find(|(_, line)| line.binding.as_ref().is_some_and(|b| b.key == *key))
    }

    /// Whether a line may take part in rounds: bound, seen by both observers, promised, no ground to avoid.
    pub fn line_ready(&self, line: &Line) -> bool {
        let seen = line
            .binding
            .as_ref()
            .is_some_and(|b| b.seen.contains(&Role::WitnessPerson) && b.seen.contains(&Role::Supervisor));
        seen && line.promised && line.clear == Some(true)
    }

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
