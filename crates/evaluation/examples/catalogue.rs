//! Writes the catalogue of act types to standard output:
//! `cargo run -p conclave-evaluation --example catalogue > docs/formats/catalogue.md`
//!
//! The table comes from [`CATALOGUE`]. What the fields of a payload mean is written here; that they are the fields of
//! the Rust type is held by `tests/catalogue_docs.rs`.

use conclave_evaluation::acts::{
    archive, bids, binding, ceremony, committee, draws, ending, observations, opening, prices, result,
    review, rounds, setup, sheets, supervision, suspension, witnesses,
};
use conclave_evaluation::catalogue::{ActType, CATALOGUE, Class, Status};
use conclave_evaluation::draw;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::fmt::{self, Write as _};

/// Fields of a payload as the Rust type has them, in its order.
type Shape = fn() -> Option<&'static [&'static str]>;

/// What one act type says.
pub(crate) struct Payload {
    /// The act type.
    pub(crate) kind: &'static str,
    /// Who signs it.
    by: &'static str,
    /// Its instance.
    instance: &'static str,
    /// The fields of the Rust type; `None` where this crate has no type for it.
    pub(crate) shape: Option<Shape>,
    /// Field and meaning, in order.
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// Attachments beside `personal`, with their values.
    attachments: &'static [(&'static str, &'static str)],
}

/// A value that stands inside payloads.
pub(crate) struct Value {
    pub(crate) name: &'static str,
    /// Fields of the Rust type.
    #[allow(dead_code, reason = "tests/catalogue_docs.rs reads it")]
    pub(crate) shape: Shape,
    pub(crate) fields: &'static [(&'static str, &'static str)],
}

/// The names of fields or variants of a type, in its order: what its strict reader says it expects when it is given
/// something else. `None` for a type that takes unknown fields.
pub(crate) fn names<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let object = MapDeserializer::<_, Expected>::new([("?", 0u8)].into_iter());
    let variant = IntoDeserializer::<Expected>::into_deserializer("?");
    let expected = |read: Result<T, Expected>| read.err().and_then(|Expected(names)| names);
    expected(T::deserialize(object)).or_else(|| expected(T::deserialize(variant)))
}

/// A reader's error that keeps what was expected.
#[derive(Debug)]
struct Expected(Option<&'static [&'static str]>);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {:?}", self.0)
    }
}

impl std::error::Error for Expected {}

impl serde::de::Error for Expected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self(Some(expected))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(Some(expected))
    }
}

const fn payload<T: DeserializeOwned>(
    kind: &'static str,
    by: &'static str,
    instance: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Payload {
    let shape: Shape = names::<T>;
    Payload {
        kind,
        by,
        instance,
        shape: Some(shape),
        fields,
        attachments: &[],
    }
}

impl Payload {
    const fn with(self, attachments: &'static [(&'static str, &'static str)]) -> Self {
        Self { attachments, ..self }
    }
}

/// A payload for which this crate has no type.
const fn untyped(
    kind: &'static str,
    instance: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Payload {
    Payload {
        kind,
        by: "centre",
        instance,
        shape: None,
        fields,
        attachments: &[],
    }
}

const fn value<T: DeserializeOwned>(
    name: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Value {
    let shape: Shape = names::<T>;
    Value { name, shape, fields }
}

const LINE: (&str, &str) = ("line", "own code name");
const PERSONAL_OF_MEMBER: &[(&str, &str)] = &[(
    "personal",
    "the member's own signature; encrypted at rest, opened to observers",
)];

/// Every built act type, in the order of the catalogue.
#[rustfmt::skip] // a table: a line a field
pub(crate) const PAYLOADS: &[Payload] = &[
    payload::<setup::RecordCreated>("record.created", "clerk", "empty", &[
        ("procedure", "procedure version, `conclave.procedure/1`"),
        ("clerk", "`Role` of the clerk who signs"),
        ("centre", "`Centre`"),
        ("witnesses", "list of `LogWitness`: 3 to 15, names and keys differ, one at least outside"),
        ("quorum", "w, more than half of them, at most all"),
        ("rulebook", "blob, `conclave.rulebook/1`"),
        ("tender", "blob, `conclave.tender/1`"),
        ("documents", "list of `Document`: the published documents of the tender, at most 256, names differ; absent where there are none"),
        ("deadline", "bids are taken while the centre's time is below this"),
        ("development", "whether keys of the record are development keys"),
    ]),
    payload::<setup::RoleAssigned>("role.assigned", "clerk", "empty", &[
        ("person", "pseudonym, CN of the certificate"),
        ("role", "role, OU of the certificate"),
        ("organisation", "O of the certificate"),
        ("site", "site of a site operator, witness person or technician, else null"),
        ("key", "function key: signs acts and opens TLS"),
        ("encryption_key", "HPKE key of a holder or custodian, else null"),
        ("certificate", "chain, leaf first, base64 of DER"),
    ]),
    payload::<setup::SiteEnrolled>("site.enrolled", "clerk", "empty", &[
        ("site", "site, up to 32 bytes"),
        ("host", "whether it is the host site; one at most"),
        ("organisation", "who runs it"),
    ]),
    payload::<setup::BoothEnrolled>("booth.enrolled", "clerk", "empty", &[
        ("booth", "booth, unique in the evaluation"),
        ("site", "its site"),
        ("key", "device key of the booth PC"),
        ("certificate", "chain of the device certificate: CN the booth, O the site's organisation, OU `booth`"),
    ]),
    payload::<witnesses::ReplacementProposed>("witness.replacement_proposed", "supervisor", "empty", &[
        ("replaced", "key name of the log witness that can't be reached"),
        ("by", "`LogWitness` that takes its place; name and key are no log witness's now"),
        ("reason", "not empty, at most 2,000 bytes"),
    ]),
    payload::<witnesses::WitnessReplaced>("witness.replaced", "supervisor, witness person, clerk or site operator of another organisation than the proposing supervisor's", "empty", &[
        ("proposal", "id of the newest `witness.replacement_proposed`"),
        ("replaced", "as proposed"),
        ("by", "as proposed; counts for checkpoints over this act, once w of the rest cosigned one"),
    ]),
    payload::<ceremony::LotKeyDefined>("lot_key.defined", "clerk", "`lot-key`", &[
        ("holders", "list of `Holder`, 2 to 16"),
        ("threshold", "t, from 2 to their number; no organisation has t of them"),
    ]),
    payload::<ceremony::KeyDealt>("key.dealt", "holder", "`lot-key` or a round", &[
        ("deal", "commitments, proof of possession, encrypted sub-shares: sealing.md, 4"),
    ]),
    payload::<ceremony::KeyAcknowledged>("key.acknowledged", "holder", "`lot-key` or a round", &[
        ("deals", "digest over all deals: sealing.md, 4"),
    ]),
    payload::<ceremony::KeyComplained>("key.complained", "holder", "`lot-key` or a round", &[
        ("dealer", "index of the holder complained of; the ceremony stops"),
        ("fault", "`decrypt` or `share`"),
    ]),
    payload::<ceremony::IngestKeyDeclared>("ingest_key.declared", "clerk", "`lot-key`", &[
        ("key", "HPKE key of the centre's ingest"),
        ("backups", "list of `Backup`, one for every custodian"),
    ]),
    payload::<bids::BidSubmitted>("bid.submitted", "one-time submission key", "`bids`", &[
        ("submission", "random id, 32 hex digits"),
        ("parts", "list of `Part`: exactly the parts of the rulebook"),
    ]),
    payload::<bids::BidSubmitted>("bid.replaced", "the same submission key", "`bids`", &[
        ("submission", "the submission; it keeps its place in the order of bids"),
        ("parts", "as above, with fresh ephemeral keys"),
    ]),
    payload::<bids::BidWithdrawn>("bid.withdrawn", "the same submission key", "`bids`", &[
        ("submission", "the submission; it stays shut"),
    ]),
    payload::<bids::DeadlineReached>("deadline.reached", "centre", "`bids`", &[
        ("deadline", "as the first act fixed it"),
    ]),
    payload::<opening::OpeningAllowed>("opening.allowed", "clerk, supervisor", "`opening`", &[
        ("reason", "why the opening goes on although the deadline was cosigned late; needed of both"),
    ]),
    payload::<opening::OpeningStarted>("opening.started", "clerk", "`opening` or the stage that opens parts", &[
        ("parts", "the parts that the rulebook opens here, in its order"),
    ]),
    payload::<opening::BidUnlocked>("bid.unlocked", "submission key", "as `opening.started`", &[
        ("submission", "the submission"),
        ("parts", "parts whose half of the key is given"),
    ]).with(&[("key_<part>", "K_b of the part, 32 bytes")]),
    payload::<opening::PartialReleased>("partial.released", "holder", "as `opening.started`", &[
        ("submission", "the submission"),
        ("partials", "list of `PartPartial`"),
    ]),
    payload::<opening::PartOpened>("part.opened", "clerk", "as `opening.started`", &[
        ("submission", "the submission"),
        ("part", "the part"),
        ("outcome", "`Outcome`"),
    ]).with(&[
        ("key", "file key K, 32 bytes, when it was opened"),
        ("identity", "who bids, JSON from `statement.json`, with the part `opening`"),
    ]),
    payload::<opening::OpeningRecorded>("opening.recorded", "clerk", "`opening`", &[
        ("bids", "list of `RecordedBid`: every standing submission, in order of first submission"),
        ("distinct", "how many distinct bidders the opened identities show (MIN-1)"),
    ]),
    payload::<committee::MemberSeated>("member.seated", "clerk", "`committee`", &[
        ("seat", "from 1, without a gap, 31 at most"),
        ("of", "size of the committee, the same in every seat's act"),
        ("role", "`expert` or `tenderer_representative`"),
        ("specialty", "specialty code of the draw"),
    ]).with(&[("identity", "who it is")]),
    payload::<committee::MemberCheckedIn>("member.checked_in", "site operator of the site", "`committee`", &[
        ("site", "where the person checks in"),
        ("ticket", "random, 32 hex digits"),
        ("role", "`expert` or `tenderer_representative`"),
    ]).with(PERSONAL_OF_MEMBER),
    payload::<draws::DrawOpened>("draw.opened", "clerk", "`draw/<n>`, n from 1", &[
        ("parties", "three keys: host-site operator, a guest-site operator, supervisor; three organisations"),
        ("code_names", "distinct code names, at least one a member, 64 at most"),
    ]),
    payload::<draws::DrawCommitted>("draw.committed", "party of the draw", "`draw/<n>`", &[
        ("commitment", "docs/adr/0004-draws.md"),
    ]),
    payload::<draws::DrawRevealed>("draw.revealed", "party of the draw", "`draw/<n>`", &[
        ("value", "the 32 bytes, after all three have committed"),
    ]),
    payload::<draws::DrawVoided>("draw.voided", "centre", "`draw/<n>`", &[
        ("missing", "parties, counted from 0, that were silent for 5 minutes"),
    ]),
    payload::<draws::DrawResult>("draw.result", "centre", "`draw/<n>`", &[
        ("assigned", "list of `Assigned`, recomputed from the reveals"),
    ]),
    payload::<binding::KeyBound>("key.bound", "the new evaluation key", "`committee`", &[
        ("ticket", "of the check-in"),
        ("line", "drawn code name"),
        ("booth", "drawn booth"),
    ]).with(PERSONAL_OF_MEMBER),
    payload::<binding::BindingSeen>("binding.seen", "site's witness person, supervisor", "`committee`", &[
        ("line", "code name"),
        ("key", "the evaluation key that was checked"),
    ]),
    payload::<binding::KeyReplaced>("member.key_replaced", "site operator of the site", "`committee`", &[
        ("line", "code name"),
        ("old", "key that is refused from here on"),
        ("new", "new evaluation key"),
        ("device", "the new PC"),
        ("possession", "signature of the new key over record, line, old and new key"),
    ]).with(PERSONAL_OF_MEMBER),
    payload::<rounds::MemberAbsent>("member.absent", "supervisor", "the round", &[
        ("line", "code name on the roster that has sealed nothing"),
        ("reason", "why"),
    ]),
    payload::<committee::PromiseMade>("promise.made", "member", "`committee`", &[LINE]),
    payload::<committee::AvoidanceDeclared>("avoidance.declared", "member", "`committee`", &[
        LINE,
        ("bidders", "digest of the bidder list that was shown"),
        ("grounds", "list of `Ground`; empty: none"),
    ]),
    payload::<committee::LeaderVoted>("leader.voted", "member", "`committee`", &[
        LINE,
        ("leader", "code name voted for; more than half of the lines decide"),
    ]),
    payload::<review::StageControl>("stage.opened", "clerk", "the stage", &[]),
    payload::<review::StageControl>("stage.closed", "clerk", "the stage", &[]),
    payload::<review::QualificationDecided>("qualification.decided", "purchaser", "the stage", &[
        ("bidder", "ordinal: `B1`, `B2`, …"),
        ("items", "list of `QualificationItem`: the criteria of the stage, in order, no other"),
    ]),
    payload::<rounds::RoundDefined>("round.defined", "clerk", "the stage, which becomes the round", &[
        ("rulebook", "digest of the rulebook"),
        ("criteria", "criteria of the stage, in order"),
        ("bidders", "bidders still in play"),
        ("roster", "list of `RosterLine`, in order of code names"),
        ("holders", "list of `Holder`"),
        ("threshold", "t"),
        ("planned_close", "tells people, forces nothing"),
        ("sheet_size", "padded bytes of every sheet"),
        ("superseded", "`void`"),
    ]),
    payload::<sheets::DraftSaved>("draft.saved", "member", "the round", &[
        LINE,
        ("snapshot", "blob: constant size, encrypted to the vault key"),
        ("number", "rising"),
        ("filled", "cells of the round with something in them: five digits; missing in acts of earlier versions"),
    ]),
    payload::<sheets::SheetSealed>("sheet.sealed", "member", "the round", &[
        LINE,
        ("sheet", "blob: sealing.md, 6. The personal signature is inside the seal"),
    ]),
    payload::<rounds::RoundClosed>("round.closed", "leader", "the round", &[
        ("lines", "list of `ClosedLine`: every roster line"),
    ]),
    payload::<rounds::RoundCountersigned>("round.countersigned", "clerk or supervisor", "the round", &[
        ("closed", "act id of the close"),
    ]),
    payload::<rounds::ShareReleased>("share.released", "holder", "the round", &[
        ("share", "the share, public from here on"),
    ]),
    payload::<rounds::RoundOpened>("round.opened", "clerk", "the round", &[("secret", "x, with x·G = Y")]),
    payload::<rounds::SignaturesChecked>("signatures.checked", "custodian", "the round", &[
        ("good", "lines whose personal signature holds"),
        ("bad", "lines whose personal signature does not"),
    ]),
    payload::<prices::PriceEntered>("price.entered", "purchaser or clerk", "the stage of price points", &[
        ("bidder", "ordinal"),
        ("amount", "decimal string, in the currency of the rulebook"),
        ("attributes", "attributes for policy deductions"),
        ("source", "`PriceSource`"),
    ]),
    payload::<result::ResultComputed>("result.computed", "clerk", "the summary stage", &[
        ("outcome", "blob: the canonical outcome, equal to what everybody recomputes"),
        ("extract", "digest and size of its public extract (`archive.md` 6), recomputed; no blob"),
    ]),
    payload::<result::ReportMade>("report.made", "clerk", "`report`", &[
        ("report", "blob, up to 64 MiB"),
    ]),
    payload::<result::ReportSigned>("report.signed", "member", "`report`", &[
        LINE,
        ("report", "digest of the report"),
        ("dissent", "null, or the reason, up to 4,096 bytes (VOTE-1)"),
    ]),
    payload::<ending::EvaluationEnded>("evaluation.ended", "clerk, then supervisor", "`ending`", &[
        ("ground", "`too_few_submissions`, `too_few_bidders`, `too_few_qualified`, `too_few_conforming`, `all_rejected` or `none_reaches_minimum`: the one that the record gives"),
        ("count", "how many there are"),
        ("minimum", "the least number that would have gone on"),
        ("rule", "`MIN-1`, `MIN-2`, `MIN-5` as the regime has it, or the rulebook's `minimum_bidders`, `minimum`"),
    ]),
    payload::<archive::Archived>("archived", "clerk", "`archive`", &[
        ("head", "size and root before this act"),
        ("manifest", "digest of the external manifest: every blob that the record names"),
    ]),
    payload::<suspension::EvaluationSuspended>("evaluation.suspended", "supervisor", "`suspension`", &[
        ("reason", "1 to 500 bytes, no control characters"),
    ]),
    payload::<suspension::EvaluationResumed>("evaluation.resumed", "supervisor", "`suspension`", &[
        ("reason", "as above"),
    ]),
    payload::<supervision::WarningGiven>("warning.given", "supervisor", "`supervision`", &[
        ("line", "code name, or null for the whole committee"),
        ("phrase", "`leave_topic`, `contact`, `device`, `silence_please`, `on_time` or `procedure`"),
        ("reason", "as above"),
    ]),
    payload::<supervision::MarkSet>("mark.set", "supervisor, witness person, site operator or technician", "`supervision`", &[
        ("line", "code name, or null; null beside a presence"),
        ("note", "as a reason; beside a presence it may be empty"),
        ("presence", "null, or `PresenceMark`, by a site operator"),
    ]),
    payload::<archive::Recovered>("recovered", "centre", "empty", &[
        ("head", "size and root that were reached again, at least the highest cosigned checkpoint shown"),
        ("rebuilt", "how many leaves came back from clients"),
        ("lost", "openings nobody had any more, `<index>/<name>`, 1,024 at most"),
        ("lost_leaves", "may be absent: `from` (size of `head`) and `to` of leaves that had been given out and that nobody gave back"),
    ]),
    untyped("register.created", "empty", &[
        ("origin", "the register's own record id"),
        ("log_key", "verifier key of its checkpoints"),
        ("act_key", "key of its acts"),
    ]),
    untyped("register.record_created", "empty", &[
        ("origin", "the record"),
        ("first_leaf", "hash of its first leaf"),
    ]),
    untyped("register.record_closed", "empty", &[
        ("origin", "the record"),
        ("size", "leaves at the end"),
        ("root", "root over them"),
    ]),
    payload::<observations::Refused>("observation.refused", "centre", "`observations`", &[
        ("actor", "key of the author"),
        ("kind", "type of the refused acts"),
        ("code", "refusal code"),
        ("count", "how many since the last observation of these"),
    ]),
    payload::<observations::Health>("observation.health", "centre", "`observations`", &[
        ("event", "`started`: the centre was started on this record"),
        ("version", "of the centre's software"),
    ]),
    payload::<observations::Cover>("observation.cover", "centre", "`observations`", &[]),
];

/// Values inside payloads, in order of their first use.
#[rustfmt::skip] // as above
pub(crate) const VALUES: &[Value] = &[
    value::<setup::RoleAssigned>("Role", &[
        ("person", "as in `role.assigned`"),
        ("role", ""),
        ("organisation", ""),
        ("site", ""),
        ("key", ""),
        ("encryption_key", ""),
        ("certificate", ""),
    ]),
    value::<setup::CentreLine>("Centre", &[
        ("name", "key name of its checkpoints"),
        ("log_key", "C2SP key of its checkpoints: record.md, 2"),
        ("act_key", "key of centre acts and observations"),
    ]),
    value::<setup::WitnessLine>("LogWitness", &[
        ("name", "key name"),
        ("key", "C2SP key, cosignature/v1"),
        ("organisation", "who runs it"),
        ("outside", "whether it runs outside the centre"),
    ]),
    value::<setup::DocumentRef>("Document", &[
        ("file", "name in the tender package: 1 to 100 ASCII letters, digits, `._-`, in parts separated by `/`"),
        ("blob", "the file, not empty"),
    ]),
    value::<ceremony::HolderLine>("Holder", &[
        ("index", "from 1; the x-coordinate of the share"),
        ("person", "pseudonym"),
        ("key", "function key"),
        ("encryption_key", "HPKE key to which sub-shares go"),
        ("organisation", "as enrolled"),
    ]),
    value::<ceremony::Backup>("Backup", &[
        ("custodian", "pseudonym"),
        ("enc", "HPKE encapsulated key, hex"),
        ("ct", "HPKE ciphertext of the ingest key, hex"),
    ]),
    value::<bids::PartSubmitted>("Part", &[
        ("part", "`opening`, `qualification`, `commercial`, `technical` or `price`"),
        ("container", "blob: sealing.md, 7"),
        ("wraps", "wrapped keys with the proof of the ephemeral: sealing.md, 7"),
    ]),
    value::<opening::PartPartial>("PartPartial", &[
        ("part", "the part"),
        ("partial", "partial decryption with its proof: sealing.md, 5"),
    ]),
    value::<opening::Outcome>("Outcome", &[
        ("opened", "either this: digest and size of the plaintext tar"),
        ("failed", "or this: `not_unlocked`, `key_mismatch`, `damaged` or `statement`"),
    ]),
    value::<opening::RecordedBid>("RecordedBid", &[
        ("submission", "the submission"),
        ("bidder", "`B1`, `B2`, … over those without a failed part; else null"),
    ]),
    value::<draw::Assigned>("Assigned", &[
        ("ticket", "of the check-in"),
        ("line", "drawn code name"),
        ("booth", "drawn booth of the same site"),
    ]),
    value::<committee::Ground>("Ground", &[
        ("bidder", "ordinal"),
        ("kind", "`kinship`, `employment`, `shareholding`, `supervision` or `interest`"),
    ]),
    value::<review::QualificationItem>("QualificationItem", &[
        ("criterion", "criterion id"),
        ("fail", "null passes; a fail gives its reason"),
    ]),
    value::<rounds::RosterLine>("RosterLine", &[("line", "code name"), ("key", "first evaluation key of the line")]),
    value::<rounds::ClosedLine>("ClosedLine", &[
        ("line", "code name"),
        ("sheet", "index of the sheet that counts; null for a recorded absence"),
    ]),
    value::<supervision::PresenceMark>("PresenceMark", &[
        ("member", "`{\"ticket\":…}` of a check-in at the own site, or `{\"seat\":…}` while a member of its role is still due"),
        ("presence", "`due`, `late`, `in_seat`, `break`, `meal`, `overnight`, `ill` or `absent`"),
    ]),
    value::<prices::PriceSource>("PriceSource", &[
        ("part", "digest of the opened part's plaintext"),
        ("file", "file in the part"),
        ("page", "page, or null for the statement file"),
    ]),
];

const HEAD: &str = "\
# Catalogue of act types

Generated from `crates/evaluation/src/catalogue.rs` and `crates/evaluation/examples/catalogue.rs`; do not edit. Renew with
`cargo run -p conclave-evaluation --example catalogue > docs/formats/catalogue.md`.

The bytes of an act are in [acts.md](acts.md), who may know what in [access.md](access.md).

- **Class**: who makes acts of the type. Centre acts can be recomputed from earlier acts; observations are signed by the
  centre and never read by the fold.
- **Personal**: the act also carries a personal signature (acts.md, 9).
- **Offline**: may be made with the line cut; expires only with the close of its round.
- **Control**: round-control; a client refuses to go on if a leaf of this type and round is not opened to it.
- **Defines**: opens, defines or suspends its instance; an act of the instance that had not yet seen it is stale.
- **Reserved**: name and place are kept for later work; refused until then.

";

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| type | 中文 | class | personal | offline | control | defines | status |\n");
    page.push_str("|---|---|---|---|---|---|---|---|\n");
    for line in CATALOGUE {
        page.push_str(&row(line));
    }
    page.push_str("\n## Payloads\n\n");
    page.push_str(
        "Every field is there, no other is; times are milliseconds, digests and keys hex, a blob is\n",
    );
    page.push_str(
        "`{\"digest\",\"size\"}` (acts.md, 1). Names with a capital are values of the last section.\n",
    );
    for payload in PAYLOADS {
        page.push_str(&section(payload));
    }
    page.push_str("\n## Values\n");
    for value in VALUES {
        let _ = write!(page, "\n### {}\n\n{}", value.name, fields(value.fields));
    }
    page
}

fn row(line: &ActType) -> String {
    let mark = |set: bool| if set { "yes" } else { "" };
    let class = match line.class {
        Class::Person => "person",
        Class::Centre => "centre",
        Class::Observation => "observation",
    };
    let status = match line.status {
        Status::Built => "built",
        Status::Reserved => "reserved",
    };
    format!(
        "| `{}` | {} | {class} | {} | {} | {} | {} | {status} |\n",
        line.name,
        line.zh,
        mark(line.personal),
        mark(line.offline),
        mark(line.control),
        mark(line.defines),
    )
}

fn section(payload: &Payload) -> String {
    let mut text = format!(
        "\n### `{}`\n\nBy: {}. Instance: {}.\n",
        payload.kind, payload.by, payload.instance
    );
    if payload.fields.is_empty() {
        let nothing = match payload.shape {
            Some(_) => "\nNo field.\n",
            None => "\nNo payload is fixed; this version makes none.\n",
        };
        text.push_str(nothing);
    } else {
        let _ = write!(text, "\n{}", fields(payload.fields));
    }
    for (name, what) in payload.attachments {
        let _ = write!(text, "\nAttachment `{name}`: {what}.\n");
    }
    text
}

fn fields(fields: &[(&str, &str)]) -> String {
    let mut table = "| field | value |\n|---|---|\n".to_owned();
    for (name, what) in fields {
        let _ = writeln!(table, "| `{name}` | {what} |");
    }
    table
}

fn main() {
    print!("{}", page());
}
