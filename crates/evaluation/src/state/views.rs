//! What may be read of the state.

use super::{
    BidPart, CeremonyState, Committee, DrawState, Line, Party, Price, RecordSetting, ResultState, RoundState,
    Site, State, Submission,
};
use crate::acts::ending::EvaluationEnded;
use crate::acts::setup::WitnessLine;
use crate::acts::supervision::{Attendance, Attendee, Warning};
use crate::acts::suspension::Suspension;
use crate::acts::witnesses::{self, Proposal, WitnessChange};
use crate::role::{BidderId, CodeName, Role, SiteId};
use record::merkle::Tree;
use record::{BlobRef, Digest, Millis, PublicKey};
use std::collections::{BTreeMap, BTreeSet};
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

    /// Every key with a role now: people, booths, and evaluation keys of roster lines.
    pub fn keys(&self) -> BTreeSet<PublicKey> {
        let lines = self.committee.lines.values();
        let bound = lines.filter_map(|line| line.binding.as_ref().map(|binding| binding.key));
        self.people.keys().copied().chain(bound).collect()
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

    /// The suspension that lasts; `None` too once the evaluation ended.
    pub fn suspended(&self) -> Option<&Suspension> {
        self.suspension.as_ref().filter(|_| self.ended.is_none())
    }

    /// Index of the latest suspension, lasting or over.
    pub fn last_suspended(&self) -> Option<u64> {
        self.last_suspended
    }

    /// The last 64 warnings, oldest first, as far as their bodies are delivered here.
    pub fn warnings(&self) -> impl DoubleEndedIterator<Item = &Warning> {
        self.warnings.iter()
    }

    /// The newest presence of each member that has one, as far as marks are delivered here.
    pub fn presence(&self) -> &BTreeMap<Attendee, Attendance> {
        &self.presence
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
}
