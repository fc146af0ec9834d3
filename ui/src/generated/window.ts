// Generated from crates/protocol/src/window; do not edit. Renew with
// `cargo run -q -p conclave-protocol --example window > ui/src/generated/window.ts`.

export type Words = { 
/**
 * Chinese.
 */
zh: string, 
/**
 * English.
 */
en: string, };
export type Problem = { 
/**
 * Closed list: `C-…` of the centre and the evaluation, `D-…` of the desktop client.
 */
code: string, 
/**
 * What happened.
 */
what: Words, 
/**
 * What is safe.
 */
safe: Words, 
/**
 * What to do next.
 */
next: Words, };
export type Build = "default" | "driven";
export type About = { 
/**
 * Version.
 */
version: string, 
/**
 * Build.
 */
build: Build, 
/**
 * Isolation: the window covers the whole screen and nothing else can be reached.
 */
booth: boolean, };
export type Language = "zh-CN" | "en";
export type Theme = "light" | "dark";
export type TextSize = "base" | "comfortable" | "large";
export type Preferences = { 
/**
 * Language.
 */
language: Language, 
/**
 * Theme.
 */
theme: Theme, 
/**
 * Text size.
 */
text: TextSize, };
export type Offer = { 
/**
 * Name of the action: the command that does it, with its subject after a colon where there are several.
 */
action: string, 
/**
 * Why not now; `null`: it may be done.
 */
why_not: Words | null, 
/**
 * What it will do, where it can't be undone.
 */
consequence: Words | null, };
export type Line = { "state": "starting" } | { "state": "connected" } | { "state": "cut", 
/**
 * Since when.
 */
since: number, } | { "state": "stopped", 
/**
 * Why.
 */
why: Problem, };
export type Kept = "here" | "at_centre" | "witnessed";
export type Safety = { 
/**
 * The least safe of what is not yet forgotten.
 */
kept: Kept, 
/**
 * Acts that wait to be sent.
 */
waiting: number, 
/**
 * Scores and reasons written since the last snapshot left.
 */
unsaved: number, 
/**
 * Scores and reasons that the disk does not take now: on the screen and in memory alone.
 */
unwritten: number, 
/**
 * When the last snapshot of the drafts left for the centre.
 */
snapshot: number | null, 
/**
 * Seconds between snapshots: what a broken PC can lose at most.
 */
cadence: number, };
export type ClockFace = { 
/**
 * Centre time when this was made.
 */
centre: number, 
/**
 * Minutes east of UTC of the centre's zone.
 */
zone: number, 
/**
 * How far this PC's own clock is ahead of the centre's, milliseconds; shown when it matters.
 */
skew: number, };
export type Me = { 
/**
 * Role of the closed list, e.g. `expert`.
 */
role: string, 
/**
 * Its name.
 */
title: Words, 
/**
 * Code name in the evaluation, once drawn.
 */
code_name: string | null, 
/**
 * Site.
 */
site: Words | null, 
/**
 * Booth.
 */
booth: string | null, 
/**
 * Organisation, for those who sit outside booths.
 */
organisation: string | null, };
export type RecordingState = "acts_only";
export type Status = { 
/**
 * Grows with every change of what this seat shows.
 */
revision: number, 
/**
 * Record id, hex.
 */
origin: string, 
/**
 * Project and lot; `null` before the record is known.
 */
lot: Words | null, 
/**
 * Marked in record and certificates: a rehearsal.
 */
development: boolean, 
/**
 * The stage instance now, e.g. `scored/1`.
 */
stage: string | null, 
/**
 * Its name.
 */
stage_title: Words, 
/**
 * What is asked of this person now; a sentence.
 */
asked: Words, 
/**
 * Whether it is this person's turn.
 */
my_turn: boolean, 
/**
 * Suspended since then, with the reason.
 */
suspended: Suspended | null, 
/**
 * Recording.
 */
recording: RecordingState, 
/**
 * Line.
 */
line: Line, 
/**
 * Where the work is.
 */
safety: Safety, 
/**
 * Clock.
 */
clock: ClockFace, 
/**
 * Who sits here.
 */
me: Me, 
/**
 * Warnings addressed to this seat, newest first, at most 16.
 */
warnings: Array<Warning>, 
/**
 * Trouble of this PC that whoever sits here should know, gravest first, at most 8.
 */
notices: Array<Notice>, };
export type Notice = { 
/**
 * Centre time since when it is known.
 */
since: number, 
/**
 * What happened, what is safe, what next.
 */
problem: Problem, };
export type Suspended = { 
/**
 * Centre time.
 */
since: number, 
/**
 * Reason, as written.
 */
reason: string, 
/**
 * Who, by role.
 */
by: Words, };
export type Warning = { 
/**
 * Index in the record.
 */
index: number, 
/**
 * Centre time.
 */
time: number, 
/**
 * Whom it concerns.
 */
line: string | null, 
/**
 * The set phrase.
 */
phrase: Words, 
/**
 * The reason, as written.
 */
reason: string, };
export type Seen = "body" | "header" | "hash";
export type ActLine = { 
/**
 * Index in the record.
 */
index: number, 
/**
 * Centre time; 0 where only the hash is known.
 */
time: number, 
/**
 * Type, e.g. `sheet.sealed`; empty where only the hash is known.
 */
kind: string, 
/**
 * Its name.
 */
title: Words, 
/**
 * Who: role, code name or organisation, never a person.
 */
actor: Words, 
/**
 * Stage instance.
 */
instance: string, 
/**
 * How much is seen.
 */
seen: Seen, 
/**
 * Covered by a cosigned checkpoint.
 */
witnessed: boolean, 
/**
 * In one line, what it says, where the body is seen.
 */
summary: Words, };
export type Timeline = { 
/**
 * Leaves of the record.
 */
total: number, 
/**
 * Leaves that fit the filter.
 */
matching: number, 
/**
 * The page asked for, oldest first.
 */
acts: Array<ActLine>, };
export type TimelineQuery = { 
/**
 * Number of matching acts to skip.
 */
from: number, 
/**
 * At most so many, 500 at most.
 */
count: number, 
/**
 * Words in type, title, actor or instance; empty: all.
 */
words: string, 
/**
 * Leave out cover leaves and observations.
 */
acts_only: boolean, };
export type Field = { 
/**
 * Name.
 */
name: Words, 
/**
 * Value, as text.
 */
value: string, };
export type CheckLine = { 
/**
 * What was checked, in plain words.
 */
what: Words, 
/**
 * Result.
 */
state: CheckState, 
/**
 * What was found; empty where nothing is to say.
 */
detail: Words, };
export type CheckState = "passed" | "failed" | "waiting" | "not_applicable";
export type ActDetail = { 
/**
 * The line.
 */
line: ActLine, 
/**
 * Payload, as recorded.
 */
fields: Array<Field>, 
/**
 * Actor key, device, act id, leaf hash, signature: as hex.
 */
proof: Array<Field>, 
/**
 * What this program checked of it.
 */
checks: Array<CheckLine>, };
export type Desk = "expert" | "clerk" | "purchaser" | "holder" | "supervisor" | "operator" | "verifier" | "rulebook";
export type SeatLine = { 
/**
 * Name of the seat on this PC.
 */
seat: string, 
/**
 * Its window.
 */
desk: Desk, 
/**
 * Role, site or booth, in words.
 */
title: Words, 
/**
 * Organisation or site.
 */
place: Words, 
/**
 * Whether a PIN opens it; a booth's PC key opens without.
 */
needs_pin: boolean, };
export type Workplace = { 
/**
 * Seats, at most 64.
 */
seats: Array<SeatLine>, 
/**
 * The centre's address, for the phone.
 */
centre: string, 
/**
 * Keys are encrypted files, for rehearsals only.
 */
development: boolean, };
export type StepState = "done" | "now" | "waiting" | "later" | "stopped";
export type Step = { 
/**
 * Stable id.
 */
id: string, 
/**
 * Name.
 */
title: Words, 
/**
 * State.
 */
state: StepState, 
/**
 * What it waits for, or what came of it.
 */
note: Words, };
export type ExpertView = { 
/**
 * Check-in, promise, leader, avoidance, each round, report.
 * Ids: `check_in`, `promise`, `leader`, `avoidance`, the instance of each round, `report`.
 */
steps: Array<Step>, 
/**
 * Code name, once drawn to this booth.
 */
code_name: string | null, 
/**
 * Whether this member leads the committee.
 */
leads: boolean, 
/**
 * The committee under code names.
 */
committee: Array<MemberLine>, 
/**
 * Bidders, once the opening record stands.
 */
bidders: Array<BidderLine>, 
/**
 * Rounds of the stage plan, in order.
 */
rounds: Array<RoundLine>, 
/**
 * The text of the promise (承诺书) that is signed.
 */
promise: Words, 
/**
 * The report, once made.
 */
report: ReportView | null, 
/**
 * This PC stands where another one was, or is to.
 */
new_pc: NewPc | null, 
/**
 * What may be done now. Actions: `check_in`, `ask_replacement`, `promise`, `vote_leader:NAME`,
 * `declare_avoidance`, `seal:INSTANCE`, `close_round:INSTANCE`, `sign_report`.
 */
offers: Array<Offer>, };
export type NewPc = { "state": "offered" } | { "state": "asked", 
/**
 * Centre time since when; `null` until the centre has heard it.
 */
since: number | null, } | { "state": "restoring" } | { "state": "restored", 
/**
 * Centre time of the snapshot: what was written later on the old PC is not here. `null`: there was none.
 */
to: number | null, 
/**
 * Cells restored.
 */
cells: number, };
export type MemberLine = { 
/**
 * Code name.
 */
code_name: string, 
/**
 * Expert or tenderer's representative.
 */
role: Words, 
/**
 * This is me.
 */
me: boolean, 
/**
 * Leads the committee.
 */
leads: boolean, 
/**
 * Has promised and is free of conflicts: may score.
 */
ready: boolean, };
export type BidderLine = { 
/**
 * Ordinal, e.g. `B1`.
 */
bidder: string, 
/**
 * Name from the opened identity; empty where it is hidden.
 */
name: string, 
/**
 * No longer in play, and why.
 */
rejected: Words | null, };
export type RoundState = "later" | "key_pending" | "open" | "sealed" | "closed" | "opened";
export type RoundLine = { 
/**
 * Stage instance.
 */
instance: string, 
/**
 * Name.
 */
title: Words, 
/**
 * Pass or fail, no points.
 */
review: boolean, 
/**
 * State.
 */
state: RoundState, 
/**
 * What it waits for.
 */
note: Words, 
/**
 * Own cells filled.
 */
filled: number, 
/**
 * Own cells.
 */
of: number, 
/**
 * Members who sealed.
 */
sealed: number, 
/**
 * Members.
 */
members: number, 
/**
 * Planned close, centre time.
 */
close: number | null, 
/**
 * Receipt of the counted sheet.
 */
receipt: ReceiptView | null, };
export type ReceiptView = { 
/**
 * Content-free number.
 */
number: string, 
/**
 * Centre time.
 */
time: number, 
/**
 * Index in the record.
 */
index: number, 
/**
 * Covered by a checkpoint with enough cosignatures.
 */
witnessed: boolean, 
/**
 * Cosignatures so far.
 */
cosignatures: number, 
/**
 * Cosignatures needed.
 */
quorum: number, };
export type ReportView = { 
/**
 * Its text.
 */
text: string, 
/**
 * SHA-256, hex.
 */
digest: string, 
/**
 * Code names that signed.
 */
signed: Array<string>, 
/**
 * Code names that signed with a dissent (不同意见).
 */
dissents: Array<string>, 
/**
 * Signed by me.
 */
mine: boolean, };
export type CriterionKind = { "kind": "pass_fail" } | { "kind": "range", 
/**
 * Least, decimal.
 */
min: string, 
/**
 * Greatest, decimal.
 */
max: string, 
/**
 * Step, decimal.
 */
step: string, } | { "kind": "fixed", 
/**
 * Decimals, ascending.
 */
values: Array<string>, } | { "kind": "tiers", 
/**
 * The ranges, as the rulebook has them.
 */
tiers: Array<TierLine>, 
/**
 * Step, decimal.
 */
step: string, 
/**
 * The score where the bid has nothing to say on it, decimal; `None`: not given.
 */
missing: string | null, };
export type TierLine = { 
/**
 * Its name.
 */
name: Words, 
/**
 * Least, decimal.
 */
min: string, 
/**
 * Greatest, decimal.
 */
max: string, };
export type Clause = { 
/**
 * Clause number.
 */
clause: string, 
/**
 * Page of the tender document.
 */
page: number, 
/**
 * Quoted text.
 */
quote: string, };
export type CriterionLine = { 
/**
 * Id.
 */
id: string, 
/**
 * Title of its group.
 */
group: Words, 
/**
 * Title.
 */
title: Words, 
/**
 * What may be written.
 */
kind: CriterionKind, 
/**
 * A reason is needed with every score.
 */
reason_required: boolean, 
/**
 * Objective: members may not differ.
 */
objective: boolean, 
/**
 * Source.
 */
clause: Clause | null, };
export type CellView = { 
/**
 * Bidder.
 */
bidder: string, 
/**
 * Criterion.
 */
criterion: string, 
/**
 * `pass`, `fail`, a decimal, or `null` while nothing is chosen.
 */
value: string | null, 
/**
 * Reason; may stand before the value.
 */
reason: string, };
export type Gap = { 
/**
 * Bidder.
 */
bidder: string, 
/**
 * Criterion.
 */
criterion: string, 
/**
 * What is missing.
 */
what: Words, };
export type NamedPage = { 
/**
 * Bidder.
 */
bidder: string, 
/**
 * Criterion.
 */
criterion: string, 
/**
 * Document id.
 */
document: string, 
/**
 * Page, from 1.
 */
page: number, };
export type SheetView = { 
/**
 * Stage instance.
 */
instance: string, 
/**
 * Name.
 */
title: Words, 
/**
 * Bids in play, in order.
 */
bidders: Array<BidderLine>, 
/**
 * Criteria, in order.
 */
criteria: Array<CriterionLine>, 
/**
 * Cells with something in them.
 */
cells: Array<CellView>, 
/**
 * What is missing.
 */
gaps: Array<Gap>, 
/**
 * Pages that bids name.
 */
pages: Array<NamedPage>, 
/**
 * Why nothing can be written; `null`: it can.
 */
locked: Words | null, 
/**
 * Most bytes of a reason, UTF-8.
 */
reason_max: number, };
export type CellInput = { 
/**
 * Stage instance.
 */
instance: string, 
/**
 * Bidder.
 */
bidder: string, 
/**
 * Criterion.
 */
criterion: string, 
/**
 * As in [`CellView`].
 */
value: string | null, 
/**
 * Reason.
 */
reason: string, };
export type CellSaved = { 
/**
 * As kept.
 */
cell: CellView, 
/**
 * On the disk of this PC. Else it is in memory, and is written as soon as the disk takes it.
 */
durable: boolean, 
/**
 * What is still missing in it.
 */
gap: Words | null, 
/**
 * Own cells filled in the round.
 */
filled: number, 
/**
 * Own cells in the round.
 */
of: number, };
export type SealReview = { 
/**
 * The sheet.
 */
sheet: SheetView, 
/**
 * What this client checked of the round key, by itself.
 */
checks: Array<CheckLine>, 
/**
 * Whether it can be sealed.
 */
ready: boolean, 
/**
 * Why not now; `null`: it can.
 */
why_not: Words | null, 
/**
 * What sealing means.
 */
consequence: Words, 
/**
 * Own totals by bidder, decimal; empty for pass-or-fail rounds.
 */
totals: Array<[string, string]>, };
export type DocumentState = { "state": "waiting" } | { "state": "fetching" } | { "state": "ready" } | { "state": "unreadable", 
/**
 * Why.
 */
problem: Problem, };
export type DocumentLine = { 
/**
 * Id within this seat.
 */
id: string, 
/**
 * Bidder; `null` for the tender.
 */
bidder: string | null, 
/**
 * Part of the bid, e.g. `technical`.
 */
part: string | null, 
/**
 * Title.
 */
title: Words, 
/**
 * File name.
 */
file: string, 
/**
 * SHA-256 of the file, hex.
 */
digest: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Pages; 0 until read.
 */
pages: number, 
/**
 * State.
 */
state: DocumentState, };
export type Library = { 
/**
 * The tender first, then bids in order.
 */
documents: Array<DocumentLine>, };
export type OutlineLine = { 
/**
 * Title.
 */
title: string, 
/**
 * Page, from 1.
 */
page: number, 
/**
 * Depth, from 0.
 */
level: number, };
export type DocumentView = { 
/**
 * Id.
 */
id: string, 
/**
 * Width and height of each page, points.
 */
pages: Array<[number, number]>, 
/**
 * Outline; empty where the file has none.
 */
outline: Array<OutlineLine>, };
export type TextBox = { 
/**
 * Text.
 */
text: string, 
/**
 * Left, top, width, height as parts of the page, 0 to 1.
 */
place: [number, number, number, number], };
export type PageText = { 
/**
 * Lines in reading order.
 */
lines: Array<TextBox>, };
export type FindQuery = { 
/**
 * Words.
 */
words: string, 
/**
 * In this document only; `null`: in all.
 */
document: string | null, };
export type Hit = { 
/**
 * Document.
 */
document: string, 
/**
 * Page, from 1.
 */
page: number, 
/**
 * Text before the hit on its line.
 */
before: string, 
/**
 * The hit.
 */
hit: string, 
/**
 * Text after it.
 */
after: string, 
/**
 * Place, as in [`TextBox`].
 */
place: [number, number, number, number], };
export type Found = { 
/**
 * Hits by document, then page.
 */
hits: Array<Hit>, 
/**
 * There are more.
 */
more: boolean, 
/**
 * Documents that are not read yet and were not searched.
 */
unread: number, };
export type PackageFinding = { 
/**
 * It can't be used with this.
 */
error: boolean, 
/**
 * File.
 */
file: string, 
/**
 * Place in it.
 */
at: string, 
/**
 * What is wrong and what to do.
 */
text: Words, };
export type PackageView = { 
/**
 * Folder.
 */
folder: string, 
/**
 * Title; empty where it can't be read.
 */
title: Words, 
/**
 * Regime, e.g. `procurement`.
 */
regime: string, 
/**
 * SHA-256 of the rulebook, hex.
 */
rulebook: string, 
/**
 * Documents: title, pages or bytes.
 */
documents: Array<Words>, 
/**
 * Stages in order: instance, name.
 */
stages: Array<[string, Words]>, 
/**
 * Sites with booths.
 */
sites: Array<SiteLine>, 
/**
 * Findings.
 */
findings: Array<PackageFinding>, 
/**
 * Whether it can be used.
 */
usable: boolean, };
export type SiteLine = { 
/**
 * Id.
 */
site: string, 
/**
 * Host site (主场).
 */
host: boolean, 
/**
 * Organisation.
 */
organisation: string, 
/**
 * Booths: name, enrolled in the record.
 */
booths: Array<[string, boolean]>, 
/**
 * Enrolled in the record.
 */
enrolled: boolean, };
export type PersonLine = { 
/**
 * Pseudonym.
 */
person: string, 
/**
 * Role.
 */
role: Words, 
/**
 * Organisation.
 */
organisation: string, 
/**
 * Site.
 */
site: string | null, 
/**
 * In the record.
 */
assigned: boolean, };
export type CommitteeSeat = { 
/**
 * Seat number.
 */
seat: number, 
/**
 * Role.
 */
role: Words, 
/**
 * Specialty of the draw.
 */
specialty: string, };
export type CommitteeLine = { 
/**
 * Code name.
 */
code_name: string, 
/**
 * Role.
 */
role: Words, 
/**
 * Site.
 */
site: string, 
/**
 * Booth.
 */
booth: string, 
/**
 * Key bound.
 */
bound: boolean, 
/**
 * Binding seen by witness person and supervisor.
 */
seen: boolean, 
/**
 * Promise made.
 */
promised: boolean, 
/**
 * Free of conflicts; `null`: not declared.
 */
clear: boolean | null, 
/**
 * Leads.
 */
leads: boolean, };
export type CommitteeBoard = { 
/**
 * Seats.
 */
seats: Array<CommitteeSeat>, 
/**
 * Seats the committee has.
 */
size: number, 
/**
 * Checked in.
 */
checked_in: number, 
/**
 * Draw: opened, commitments, revealed, of.
 */
draw: DrawLine | null, 
/**
 * Lines after the draw.
 */
lines: Array<CommitteeLine>, };
export type DrawLine = { 
/**
 * Instance.
 */
instance: string, 
/**
 * Parties.
 */
parties: number, 
/**
 * Committed.
 */
committed: number, 
/**
 * Revealed.
 */
revealed: number, 
/**
 * Done.
 */
done: boolean, 
/**
 * Void.
 */
voided: boolean, };
export type RoundBoard = { 
/**
 * Instance.
 */
instance: string, 
/**
 * Name.
 */
title: Words, 
/**
 * Defined.
 */
defined: boolean, 
/**
 * Holders who dealt, acknowledged, of.
 */
ceremony: [number, number, number], 
/**
 * Key made.
 */
key: boolean, 
/**
 * Lines: code name, cells filled as last told by the centre, of, sealed.
 */
lines: Array<[string, number, number, boolean]>, 
/**
 * Closed by the leader.
 */
closed: boolean, 
/**
 * Countersigned.
 */
countersigned: boolean, 
/**
 * Shares released, needed.
 */
shares: [number, number], 
/**
 * Opened.
 */
opened: boolean, };
export type ClerkView = { 
/**
 * The path.
 */
steps: Array<Step>, 
/**
 * Sites.
 */
sites: Array<SiteLine>, 
/**
 * People.
 */
people: Array<PersonLine>, 
/**
 * Lot key: holders dealt, acknowledged, of; and whether the ingest key is declared.
 */
lot_key: [number, number, number], 
/**
 * Ingest key declared.
 */
ingest_key: boolean, 
/**
 * Deadline, centre time.
 */
deadline: number | null, 
/**
 * Committee.
 */
committee: CommitteeBoard, 
/**
 * Stage now.
 */
stage: string | null, 
/**
 * Bidders under qualification: decided, of.
 */
qualification: [number, number], 
/**
 * Rounds.
 */
rounds: Array<RoundBoard>, 
/**
 * Report.
 */
report: ReportView | null, 
/**
 * Archived at this index.
 */
archived: number | null, 
/**
 * Ended without a result: the ground.
 */
ended: Words | null, 
/**
 * What may be done now. Actions: `create_record`, `set_up`, `define_lot_key`, `declare_ingest_key`,
 * `seat_members`, `open_draw`, `start_opening`, `open_next`, `record_opening`, `allow_late_opening`,
 * `open_stage`, `close_stage`, `define_round:INSTANCE`, `open_round:INSTANCE`, `enter_prices`,
 * `compute_result`, `make_report`, `archive`, `end_evaluation`, `save_package`.
 */
offers: Array<Offer>, };
export type HallBid = { 
/**
 * Order of receipt.
 */
number: number, 
/**
 * Name; empty until its identity is opened.
 */
name: string, 
/**
 * Received, centre time.
 */
received: number, 
/**
 * Digest of the sealed container, hex.
 */
digest: string, 
/**
 * Holders' partial decryptions, needed.
 */
partials: [number, number], 
/**
 * The bidder gave its half.
 */
unlocked: boolean, 
/**
 * Opened; `Some(reason)` when it failed.
 */
opened: boolean, 
/**
 * Why it could not be opened.
 */
failed: Words | null, 
/**
 * What is read out: label, value.
 */
readout: Array<[Words, string]>, 
/**
 * Withdrawn: it stays shut.
 */
withdrawn: boolean, };
export type HallState = "before" | "deadline" | "opening" | "recorded" | "stopped";
export type HallView = { 
/**
 * State.
 */
state: HallState, 
/**
 * Project and lot.
 */
title: Words, 
/**
 * Deadline, centre time.
 */
deadline: number, 
/**
 * Bids; empty before the deadline.
 */
bids: Array<HallBid>, 
/**
 * A sentence on what happens now.
 */
now: Words, 
/**
 * Why it stopped.
 */
stopped: Words | null, };
export type FigureView = { 
/**
 * As shown.
 */
shown: string, 
/**
 * Node of the derivation.
 */
node: string, };
export type ResultRow = { 
/**
 * Bidder.
 */
bidder: string, 
/**
 * Name.
 */
name: string, 
/**
 * Standing.
 */
standing: Words, 
/**
 * Out of play.
 */
out: boolean, 
/**
 * Rank among the ranked.
 */
rank: number | null, 
/**
 * Criterion -> figure, in the order of `criteria`.
 */
criteria: Array<FigureView | null>, 
/**
 * Technical score.
 */
technical: FigureView | null, 
/**
 * Evaluated price.
 */
price: FigureView | null, 
/**
 * Price points.
 */
price_points: FigureView | null, 
/**
 * Total.
 */
total: FigureView | null, };
export type ResultView = { 
/**
 * Criteria: id, title.
 */
criteria: Array<[string, Words]>, 
/**
 * Rows, ranked first.
 */
rows: Array<ResultRow>, 
/**
 * Candidates: rank, bidder, name; without rank where they are named without an order.
 */
candidates: Array<[number | null, string, string]>, 
/**
 * Base of the price points.
 */
price_base: FigureView | null, 
/**
 * Why there is no result.
 */
stop: Words | null, 
/**
 * Findings by vote: bidder, criterion, passed, failed.
 */
votes: Array<VoteRow>, 
/**
 * Remarks with rule ids.
 */
remarks: Array<Words>, 
/**
 * Currency.
 */
currency: string, 
/**
 * SHA-256 of the outcome, hex.
 */
digest: string, };
export type VoteRow = { 
/**
 * Bidder.
 */
bidder: string, 
/**
 * Criterion.
 */
criterion: Words, 
/**
 * Members for pass.
 */
pass: number, 
/**
 * Code names for fail.
 */
fail: Array<string>, 
/**
 * Result.
 */
result: Words, 
/**
 * Rule id.
 */
rule: string, };
export type DerivationInput = { 
/**
 * What it is.
 */
label: Words, 
/**
 * As shown.
 */
value: string, 
/**
 * It is derived itself: its node.
 */
node: string | null, 
/**
 * It stands in the record: index of the act.
 */
act: number | null, };
export type Derivation = { 
/**
 * Node.
 */
node: string, 
/**
 * What it is.
 */
label: Words, 
/**
 * The formula.
 */
formula: string, 
/**
 * Inputs.
 */
inputs: Array<DerivationInput>, 
/**
 * Exact value before rounding, a fraction or decimal.
 */
exact: string, 
/**
 * Rounding, in words; empty: none.
 */
rounding: Words, 
/**
 * As shown.
 */
shown: string, };
export type ItemDecision = { 
/**
 * Criterion.
 */
criterion: string, 
/**
 * `null`: passed; else why not.
 */
fail: string | null, };
export type BidderReview = { 
/**
 * Bidder.
 */
bidder: BidderLine, 
/**
 * Decided items; empty: not decided yet.
 */
decided: Array<ItemDecision>, 
/**
 * What was typed and is not sent yet: kept on this PC.
 */
draft: Array<ItemDecision>, };
export type PurchaserView = { 
/**
 * Stage instance of the qualification.
 */
instance: string | null, 
/**
 * Whether decisions are taken now; else why not.
 */
why_not: Words | null, 
/**
 * Criteria.
 */
criteria: Array<CriterionLine>, 
/**
 * Bidders.
 */
bidders: Array<BidderReview>, 
/**
 * Pages that bids name.
 */
pages: Array<NamedPage>, 
/**
 * Actions: `decide:BIDDER`.
 */
offers: Array<Offer>, };
export type DutyKind = "deal" | "acknowledge" | "decrypt" | "release";
export type HolderDuty = { 
/**
 * `KIND:INSTANCE[:SUBMISSION]`, to be named when doing it.
 */
id: string, 
/**
 * Kind.
 */
kind: DutyKind, 
/**
 * Title.
 */
title: Words, 
/**
 * What my client checked, in plain words.
 */
checks: Array<CheckLine>, 
/**
 * Every check holds.
 */
ready: boolean, 
/**
 * What it does.
 */
consequence: Words, };
export type HolderDone = { 
/**
 * Title.
 */
title: Words, 
/**
 * Centre time.
 */
time: number, 
/**
 * Index in the record.
 */
index: number, };
export type HolderView = { 
/**
 * This holder's number, of how many, how many are needed.
 */
place: [number, number, number] | null, 
/**
 * Duties.
 */
duties: Array<HolderDuty>, 
/**
 * Done, newest first, at most 100.
 */
done: Array<HolderDone>, };
export type SeatLink = { "state": "never" } | { "state": "connected" } | { "state": "lost", 
/**
 * Centre time.
 */
since: number, } | { "state": "unknown" };
export type BoothTile = { 
/**
 * Site.
 */
site: string, 
/**
 * Site's organisation.
 */
organisation: string, 
/**
 * Booth.
 */
booth: string, 
/**
 * Code name of who sits there; `null`: nobody drawn.
 */
code_name: string | null, 
/**
 * Link.
 */
link: SeatLink, 
/**
 * What the member is at.
 */
stage: Words, 
/**
 * Cells filled, of: never values.
 */
progress: [number, number] | null, 
/**
 * When that was told.
 */
told: number | null, 
/**
 * Sealed in the round now.
 */
sealed: boolean, 
/**
 * Highest alert.
 */
alert: Rank | null, };
export type Rank = "note" | "attention" | "danger";
export type Alert = { 
/**
 * Stable id.
 */
id: string, 
/**
 * Rank.
 */
rank: Rank, 
/**
 * What.
 */
what: Words, 
/**
 * Where.
 */
place: Words, 
/**
 * Since, centre time.
 */
since: number, 
/**
 * What may be done.
 */
next: Words, };
export type ObserverDuty = { 
/**
 * To be named when doing it: `see_binding:LINE`, `countersign:INSTANCE`, `draw`, `allow_late_opening`, `end`.
 */
id: string, 
/**
 * Title.
 */
title: Words, 
/**
 * What my client checked.
 */
checks: Array<CheckLine>, 
/**
 * It may be done.
 */
ready: boolean, 
/**
 * A PIN is asked.
 */
needs_pin: boolean, 
/**
 * What it does.
 */
consequence: Words, };
export type BoardRow = { 
/**
 * Instance.
 */
instance: string, 
/**
 * Name.
 */
title: Words, 
/**
 * Done.
 */
done: boolean, 
/**
 * Now.
 */
now: boolean, 
/**
 * Code name, filled, of, sealed.
 */
cells: Array<[string, number, number, boolean]>, };
export type Phrase = { 
/**
 * Id.
 */
id: string, 
/**
 * Text.
 */
text: Words, };
export type SupervisorView = { 
/**
 * Booths, worst first.
 */
booths: Array<BoothTile>, 
/**
 * Alerts, worst first, at most 200.
 */
alerts: Array<Alert>, 
/**
 * Stage board.
 */
board: Array<BoardRow>, 
/**
 * Duties.
 */
duties: Array<ObserverDuty>, 
/**
 * Phrases for warnings.
 */
phrases: Array<Phrase>, 
/**
 * Where a pause will act: sites and members, in words.
 */
pause_effect: Array<Words>, 
/**
 * Actions: `warn`, `mark`, `pause`, `resume`.
 */
offers: Array<Offer>, };
export type Presence = "due" | "late" | "in_seat" | "break" | "meal" | "overnight" | "ill" | "absent";
export type DueMember = { 
/**
 * Seat of the committee.
 */
seat: number, 
/**
 * Name, from the identity opened to the site.
 */
name: string, 
/**
 * Role.
 */
role: Words, 
/**
 * Ticket, once checked in here.
 */
ticket: string | null, 
/**
 * Booth, once drawn.
 */
booth: string | null, 
/**
 * Presence as last marked.
 */
presence: Presence, };
export type BoothHealth = { 
/**
 * Booth.
 */
booth: string, 
/**
 * Enrolled.
 */
enrolled: boolean, 
/**
 * Taken by a drawn line: no name, no code name.
 */
taken: boolean, 
/**
 * Key bound.
 */
bound: boolean, 
/**
 * Link.
 */
link: SeatLink, 
/**
 * A new PC in this booth that asks to take the old one's place.
 */
replacement: BoothReplacement | null, };
export type BoothReplacement = { 
/**
 * Centre time since when it asks.
 */
since: number, 
/**
 * Seat of the member who signed for it, where everything this desk checks of it holds.
 */
seat: number | null, 
/**
 * Name of that member.
 */
name: string | null, };
export type OperatorView = { 
/**
 * Site.
 */
site: string, 
/**
 * Its organisation.
 */
organisation: string, 
/**
 * Host site.
 */
host: boolean, 
/**
 * Members due here.
 */
members: Array<DueMember>, 
/**
 * Booths.
 */
booths: Array<BoothHealth>, 
/**
 * Duty in a draw, if any.
 */
duties: Array<ObserverDuty>, 
/**
 * Actions: `check_in_member:SEAT`, `mark_presence`.
 */
offers: Array<Offer>, };
export type VerdictKind = "sound" | "not_sound" | "unusable" | "no_anchors" | "unfinished";
export type AuditCheck = { 
/**
 * Name.
 */
name: string, 
/**
 * Purpose.
 */
purpose: Words, 
/**
 * Outcome.
 */
state: CheckState, 
/**
 * Findings it has made, notes included.
 */
found: number, 
/**
 * Acts concerned, at most 200.
 */
entries: Array<number>, };
export type AuditFinding = { 
/**
 * Check.
 */
check: string, 
/**
 * An error makes the package unsound; a note does not.
 */
error: boolean, 
/**
 * Act.
 */
index: number | null, 
/**
 * Object.
 */
object: string | null, 
/**
 * What the check holds, which did not hold here or about which there is a note.
 */
purpose: Words, 
/**
 * Detail in English, as the audit says it.
 */
detail: string, };
export type PackageReport = { 
/**
 * File.
 */
path: string, 
/**
 * Anchors file used; `null`: none.
 */
anchors: string | null, 
/**
 * Verdict.
 */
verdict: VerdictKind, 
/**
 * Exit code of the same verdict on the command line.
 */
code: number, 
/**
 * The verdict in a sentence.
 */
sentence: Words, 
/**
 * Project and lot.
 */
lot: Words | null, 
/**
 * `full` or `public`.
 */
profile: string | null, 
/**
 * Record id, hex.
 */
origin: string | null, 
/**
 * Acts.
 */
entries: number, 
/**
 * Rehearsal.
 */
development: boolean, 
/**
 * Ended without a result: the ground.
 */
ended: Words | null, 
/**
 * Personal signatures: verified, under custody, lost.
 */
personal: [number, number, number], 
/**
 * Checks.
 */
checks: Array<AuditCheck>, 
/**
 * Findings, errors first, at most 1,000.
 */
findings: Array<AuditFinding>, 
/**
 * Whether a result can be shown.
 */
has_result: boolean, 
/**
 * Bytes of the file.
 */
size: number, 
/**
 * SHA-256 of the file, hex.
 */
digest: string, };
export type PresetLine = { 
/**
 * Its name.
 */
name: string, 
/**
 * Where it is used.
 */
title: Words, 
/**
 * How prices become points, in a line.
 */
what: Words, };
export type RulebookFile = { 
/**
 * The file.
 */
path: string, 
/**
 * Its text.
 */
text: string, 
/**
 * SHA-256 of its bytes, hex.
 */
digest: string, };
export type RulebookSaved = { 
/**
 * The file.
 */
path: string, 
/**
 * Whether it was written; else another file stands there, of which nothing was touched.
 */
written: boolean, 
/**
 * SHA-256 of the bytes that stand there now, hex.
 */
digest: string, };
export type RulebookDraft = { 
/**
 * The text.
 */
text: string, 
/**
 * The file it came from.
 */
path: string | null, 
/**
 * SHA-256 of that file when it was read or saved last, hex.
 */
saved: string | null, };
export type TextProblem = { 
/**
 * Line, from 1.
 */
line: number, 
/**
 * Column in bytes, from 1.
 */
column: number, 
/**
 * JSON path; empty where there is none.
 */
at: string, 
/**
 * What is wrong.
 */
what: Words, 
/**
 * The field or value meant.
 */
name: string | null, 
/**
 * As the reader says it, in English.
 */
detail: string, };
export type RulebookFinding = { 
/**
 * An error keeps the rulebook from being used; a warning is for a person.
 */
error: boolean, 
/**
 * Rule.
 */
rule: string, 
/**
 * What is wrong, and so what to change.
 */
what: Words, 
/**
 * JSON path.
 */
at: string, 
/**
 * Line of that place, from 1.
 */
line: number, };
export type FieldKind = "choice" | "decimal" | "count" | "text" | "expression";
export type FieldGroup = "lot" | "price" | "aggregation" | "result";
export type FieldLine = { 
/**
 * JSON pointer.
 */
pointer: string, 
/**
 * Part of the form.
 */
group: FieldGroup, 
/**
 * What it is.
 */
label: Words, 
/**
 * How it is filled in.
 */
kind: FieldKind, 
/**
 * Its value; empty where it is left out.
 */
value: string, 
/**
 * Options of a choice.
 */
options: Array<[string, Words]>, 
/**
 * It may be left out.
 */
optional: boolean, };
export type CriterionCell = { 
/**
 * JSON pointer; `null` where it can only be changed in the text, or has no meaning.
 */
pointer: string | null, 
/**
 * Its value; empty where there is none.
 */
value: string, };
export type CriterionRow = { 
/**
 * JSON pointer.
 */
pointer: string, 
/**
 * How deep it hangs; top nodes 0.
 */
depth: number, 
/**
 * Id.
 */
id: string, 
/**
 * Title.
 */
title: Words, 
/**
 * Title in each language, to be changed.
 */
titles: [CriterionCell, CriterionCell], 
/**
 * What it is, with its scale.
 */
kind: Words, 
/**
 * Points are added below it: a group.
 */
group: boolean, 
/**
 * Most points, in its own scale.
 */
most: CriterionCell, 
/**
 * Weight.
 */
weight: CriterionCell, 
/**
 * Points below which a bid is rejected.
 */
minimum: CriterionCell, 
/**
 * Objective: `true`, `false`, or empty where it has no meaning.
 */
objective: CriterionCell, 
/**
 * Clause of the tender document.
 */
clause: CriterionCell, 
/**
 * The most it adds to the total.
 */
adds: string, };
export type AskedScore = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its title.
 */
title: Words, 
/**
 * Most points.
 */
most: string, };
export type AskedAttribute = { 
/**
 * Its name in the rulebook.
 */
attribute: string, 
/**
 * What it is called.
 */
title: Words, 
/**
 * Percentage.
 */
percent: string, };
export type DrawnParameter = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is.
 */
label: Words, 
/**
 * The lowest.
 */
from: string, 
/**
 * The highest.
 */
to: string, 
/**
 * The step.
 */
step: string, 
/**
 * Its value while nobody says otherwise.
 */
middle: string, };
export type WhatIfAsked = { 
/**
 * Most technical points; `null` where nothing is scored.
 */
technical: string | null, 
/**
 * Blocks whose scores are asked by themselves; empty where their sum is enough.
 */
blocks: Array<AskedScore>, 
/**
 * Attributes that give deductions.
 */
attributes: Array<AskedAttribute>, 
/**
 * Facts.
 */
facts: Array<string>, 
/**
 * Drawn parameters.
 */
drawn: Array<DrawnParameter>, 
/**
 * Bids to begin with.
 */
bids: Array<MadeUpBid>, };
export type RulebookLook = { 
/**
 * SHA-256 of its bytes, hex: what is published with the tender.
 */
digest: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Why it is not a rulebook.
 */
problem: TextProblem | null, 
/**
 * What the checks found, errors first.
 */
findings: Array<RulebookFinding>, 
/**
 * Fields of the form; none while the text does not read.
 */
fields: Array<FieldLine>, 
/**
 * The criteria, as they hang.
 */
criteria: Array<CriterionRow>, 
/**
 * Sum of the most points.
 */
points: string, 
/**
 * What they must sum to.
 */
full_marks: string, 
/**
 * Currency.
 */
currency: string, 
/**
 * What is asked of made-up bids; `null` while the text does not read.
 */
asked: WhatIfAsked | null, };
export type MadeUpBid = { 
/**
 * Price.
 */
price: string, 
/**
 * Technical score.
 */
technical: string, 
/**
 * Scores of blocks, by id.
 */
blocks: Array<[string, string]>, 
/**
 * Attributes.
 */
attributes: Array<string>, 
/**
 * Facts, by name.
 */
facts: Array<[string, string]>, };
export type TriedBid = { 
/**
 * Price after deductions.
 */
evaluated: string | null, 
/**
 * Points of the price.
 */
points: string | null, 
/**
 * Total.
 */
total: string | null, 
/**
 * Rank.
 */
rank: number | null, 
/**
 * Why it has none.
 */
falls: Words | null, 
/**
 * What keeps this line from being tried: it is left out.
 */
problem: Words | null, };
export type CurveMeasure = "points" | "total" | "none";
export type CurveSample = { 
/**
 * Price.
 */
price: string, 
/**
 * Points or total; `null` where the bid falls.
 */
value: string | null, 
/**
 * Rank.
 */
rank: number | null, 
/**
 * Why it falls.
 */
falls: Words | null, };
export type PriceCurve = { 
/**
 * The line of the bid, from 0.
 */
bid: number, 
/**
 * What is shown.
 */
measure: CurveMeasure, 
/**
 * By ascending price.
 */
samples: Array<CurveSample>, 
/**
 * Base with the bid's own price.
 */
base: string | null, 
/**
 * Ceiling.
 */
ceiling: string | null, 
/**
 * Budget.
 */
budget: string | null, 
/**
 * Its own price.
 */
own: string, 
/**
 * The others: line from 0, and price.
 */
others: Array<[number, string]>, };
export type RulebookTried = { 
/**
 * By line.
 */
bids: Array<TriedBid>, 
/**
 * Base of the prices.
 */
base: string | null, 
/**
 * What people must look at.
 */
notes: Array<Words>, 
/**
 * Why nothing could be computed.
 */
problem: Words | null, 
/**
 * Findings that keep it from being computed.
 */
blocking: Array<RulebookFinding>, 
/**
 * The curve of the bid that was asked for.
 */
curve: PriceCurve | null, };

export interface Commands {
  /** The program: version and build. */
  about: { arguments: {  }; answer: About };
  /** Remembered language, theme and text size. */
  preferences: { arguments: {  }; answer: Preferences };
  /** Remembers them. */
  set_preferences: { arguments: { preferences: Preferences }; answer: Preferences };
  /** What this PC is set up for. */
  workplace: { arguments: {  }; answer: Workplace };
  /** Opens a seat and its window. */
  take_seat: { arguments: { seat: string; pin: string }; answer: null };
  /** The status strip. */
  status: { arguments: {  }; answer: Status };
  /** A page of the record's time line. */
  timeline: { arguments: { query: TimelineQuery }; answer: Timeline };
  /** One act, down to its signatures. */
  act_detail: { arguments: { index: number }; answer: ActDetail };
  /** The expert's desk. */
  expert_view: { arguments: {  }; answer: ExpertView };
  /** Takes the seat in the booth with ticket, personal key and PIN. */
  check_in: { arguments: { ticket: string; pin: string }; answer: null };
  /** At a new PC, with nothing of the seat on it: asks the site desk to put it in the old one's place. */
  ask_replacement: { arguments: { ticket: string; pin: string }; answer: null };
  /** Signs the promise. */
  promise: { arguments: { pin: string }; answer: null };
  /** Votes for a leader. */
  vote_leader: { arguments: { line: string }; answer: null };
  /** Declares grounds to avoid, per bidder; none: free of conflicts. */
  declare_avoidance: { arguments: { grounds: Array<[string, string]>; pin: string }; answer: null };
  /** The sheet of a round. */
  sheet: { arguments: { instance: string }; answer: SheetView };
  /** Keeps a cell; the answer tells whether it is durable already. */
  put_cell: { arguments: { cell: CellInput }; answer: CellSaved };
  /** What is reviewed before sealing. */
  seal_review: { arguments: { instance: string }; answer: SealReview };
  /** Seals the sheet. */
  seal: { arguments: { instance: string; pin: string }; answer: null };
  /** As leader, closes a round in which everybody sealed. */
  close_round: { arguments: { instance: string; pin: string }; answer: null };
  /** Signs the report, with a dissent or without. */
  sign_report: { arguments: { dissent: string | null; pin: string }; answer: null };
  /** Documents that may be read now. */
  library: { arguments: {  }; answer: Library };
  /** Page sizes and outline. */
  document: { arguments: { id: string }; answer: DocumentView };
  /** Text of a page, with positions. */
  page_text: { arguments: { id: string; page: number }; answer: PageText };
  /** Looks for words. */
  find: { arguments: { query: FindQuery }; answer: Found };
  /** The clerk's desk. */
  clerk_view: { arguments: {  }; answer: ClerkView };
  /** Lets the clerk choose a folder. */
  choose_package: { arguments: {  }; answer: string | null };
  /** Reads a tender package and tells what is wrong with it. */
  check_package: { arguments: { folder: string }; answer: PackageView };
  /** Takes the clerk's next step of the path, named as offered. */
  clerk_step: { arguments: { action: string }; answer: null };
  /** The opening hall. */
  hall: { arguments: {  }; answer: HallView };
  /** Opens the public screen as a second window. */
  open_public_screen: { arguments: {  }; answer: null };
  /** Opens the editor of rulebooks as a window of its own. */
  open_rulebook_editor: { arguments: {  }; answer: null };
  /** The result. */
  result: { arguments: {  }; answer: ResultView };
  /** How a number of the result came about. */
  derivation: { arguments: { node: string }; answer: Derivation };
  /** Saves the archive package, full or public; the path. */
  save_package: { arguments: { profile: string }; answer: string };
  /** The purchaser's desk. */
  purchaser_view: { arguments: {  }; answer: PurchaserView };
  /** Keeps what was typed on one bidder. */
  put_decision: { arguments: { bidder: string; items: Array<ItemDecision> }; answer: null };
  /** Decides on one bidder. */
  decide: { arguments: { bidder: string; items: Array<ItemDecision> }; answer: null };
  /** The holder's desk. */
  holder_view: { arguments: {  }; answer: HolderView };
  /** Does a duty, after this client's own checks and the PIN. */
  holder_do: { arguments: { duty: string; pin: string }; answer: null };
  /** The supervisor's desk. */
  supervisor_view: { arguments: {  }; answer: SupervisorView };
  /** Does a duty of an observer. */
  observer_do: { arguments: { duty: string; pin: string }; answer: null };
  /** Warns a member or all. */
  warn: { arguments: { line: string | null; phrase: string; reason: string }; answer: null };
  /** Sets a mark in the record. */
  mark: { arguments: { line: string | null; note: string }; answer: null };
  /** Suspends the evaluation. */
  pause: { arguments: { reason: string; pin: string }; answer: null };
  /** Lets it go on. */
  resume: { arguments: { reason: string; pin: string }; answer: null };
  /** The site operator's desk. */
  operator_view: { arguments: {  }; answer: OperatorView };
  /** Checks a member in: personal key and PIN at the desk; the ticket. */
  check_in_member: { arguments: { seat: number; pin: string }; answer: string };
  /** Confirms that the new PC in a booth takes the old one's place. */
  confirm_replacement: { arguments: { booth: string }; answer: null };
  /** Marks a member's presence. */
  mark_presence: { arguments: { seat: number; presence: Presence; note: string }; answer: null };
  /** Lets the verifier choose a package or an anchors file. */
  choose_file: { arguments: { purpose: string }; answer: string | null };
  /** Opens and verifies a package; needs no centre. */
  open_package: { arguments: { path: string; anchors: string | null }; answer: PackageReport };
  /** Rulebooks to begin with. */
  rulebook_presets: { arguments: {  }; answer: Array<PresetLine> };
  /** The text of one of them. */
  rulebook_preset: { arguments: { name: string }; answer: string };
  /** Lets the clerk choose a file, to be opened or to be saved to. */
  choose_rulebook: { arguments: { save: boolean }; answer: string | null };
  /** Opens a file as text. */
  open_rulebook: { arguments: { path: string }; answer: RulebookFile };
  /** Saves the text; over a file that stands there only if its digest is `over`. */
  save_rulebook: { arguments: { path: string; text: string; over: string | null }; answer: RulebookSaved };
  /** What was not saved when the window was last closed. */
  rulebook_draft: { arguments: {  }; answer: RulebookDraft | null };
  /** Keeps what is not saved; nothing once everything is. */
  keep_rulebook_draft: { arguments: { draft: RulebookDraft | null }; answer: null };
  /** Whether the text reads, what the checks find, and what can be changed in a form. */
  look_rulebook: { arguments: { text: string }; answer: RulebookLook };
  /** The text with one value changed. */
  set_rulebook: { arguments: { text: string; pointer: string; value: string }; answer: string };
  /** The text with a criterion more. */
  add_criterion: { arguments: { text: string; pointer: string; kind: string }; answer: string };
  /** The text without a criterion. */
  remove_criterion: { arguments: { text: string; pointer: string }; answer: string };
  /** What made-up bids would get, and the curve of one of them. */
  try_rulebook: { arguments: { text: string; bids: Array<MadeUpBid>; parameters: Array<[string, string]>; at: number }; answer: RulebookTried };
}
