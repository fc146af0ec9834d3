//! What every window shows: status strip, errors, offers, the record's time line.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds since 1970, UTC.
pub type Millis = u64;

/// One text in both languages of the product. Texts of people (reasons, names) stand in both alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Both texts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// What is the same in every language: a name, a number, what a person wrote.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            zh: text.clone(),
            en: text,
        }
    }
}

/// Why something was not done, for people: what happened, what is safe, what next, and a code to read over the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// Closed list: `C-…` of the centre and the evaluation, `D-…` of the desktop client.
    pub code: String,
    /// What happened.
    pub what: Words,
    /// What is safe.
    pub safe: Words,
    /// What to do next.
    pub next: Words,
}

/// Which build this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Build {
    /// For booths and desks.
    Default,
    /// WebDriver may drive it: for tests, refused by a centre outside development mode.
    Driven,
}

/// The program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct About {
    /// Version.
    pub version: String,
    /// Build.
    pub build: Build,
    /// Isolation: the window covers the whole screen and nothing else can be reached.
    pub booth: bool,
}

/// Language of the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// Theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Light.
    Light,
    /// Dark, for dim booths.
    Dark,
}

/// Size of the text: 14, 16 or 18 px.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    /// 14 px.
    Base,
    /// 16 px.
    Comfortable,
    /// 18 px.
    Large,
}

/// Remembered per person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Preferences {
    /// Language.
    pub language: Language,
    /// Theme.
    pub theme: Theme,
    /// Text size.
    pub text: TextSize,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: Language::Chinese,
            theme: Theme::Light,
            text: TextSize::Comfortable,
        }
    }
}

/// Something a person may or may not do now. What is not offered is not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Offer {
    /// Name of the action: the command that does it, with its subject after a colon where there are several.
    pub action: String,
    /// Why not now; `null`: it may be done.
    pub why_not: Option<Words>,
    /// What it will do, where it can't be undone.
    pub consequence: Option<Words>,
}

/// State of the line to the centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Line {
    /// Not tried yet.
    Starting,
    /// The centre answers.
    Connected,
    /// No answer since then; work goes on, what waits is sent later.
    Cut {
        /// Since when.
        since: Millis,
    },
    /// The record contradicts itself or the anchors: this seat has stopped for good.
    Stopped {
        /// Why.
        why: Problem,
    },
}

/// Where this seat's work is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// On this PC, encrypted.
    Here,
    /// Durable at the centre too.
    AtCentre,
    /// And covered by a checkpoint that enough log witnesses cosigned.
    Witnessed,
}

/// How safe the work is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Safety {
    /// The least safe of what is not yet forgotten.
    pub kept: Kept,
    /// Acts that wait to be sent.
    pub waiting: u32,
    /// Scores and reasons written since the last snapshot left.
    pub unsaved: u32,
    /// Scores and reasons that the disk does not take now: on the screen and in memory alone.
    pub unwritten: u32,
    /// When the last snapshot of the drafts left for the centre.
    pub snapshot: Option<Millis>,
    /// Seconds between snapshots: what a broken PC can lose at most.
    pub cadence: u32,
}

/// The centre's clock as this seat knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClockFace {
    /// Centre time when this was made.
    pub centre: Millis,
    /// Minutes east of UTC of the centre's zone.
    pub zone: i32,
    /// How far this PC's own clock is ahead of the centre's, milliseconds; shown when it matters.
    pub skew: i64,
}

/// Who sits here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Me {
    /// Role of the closed list, e.g. `expert`.
    pub role: String,
    /// Its name.
    pub title: Words,
    /// Code name in the evaluation, once drawn.
    pub code_name: Option<String>,
    /// Site.
    pub site: Option<Words>,
    /// Booth.
    pub booth: Option<String>,
    /// Organisation, for those who sit outside booths.
    pub organisation: Option<String>,
}

/// What is recorded of this seat now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// Acts only: no camera, microphone or screen recorder is part of this build.
    ActsOnly,
}

/// The status strip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Status {
    /// Grows with every change of what this seat shows.
    pub revision: u64,
    /// Record id, hex.
    pub origin: String,
    /// Project and lot; `null` before the record is known.
    pub lot: Option<Words>,
    /// Marked in record and certificates: a rehearsal.
    pub development: bool,
    /// The stage instance now, e.g. `scored/1`.
    pub stage: Option<String>,
    /// Its name.
    pub stage_title: Words,
    /// What is asked of this person now; a sentence.
    pub asked: Words,
    /// Whether it is this person's turn.
    pub my_turn: bool,
    /// Suspended since then, with the reason.
    pub suspended: Option<Suspended>,
    /// Recording.
    pub recording: RecordingState,
    /// Line.
    pub line: Line,
    /// Where the work is.
    pub safety: Safety,
    /// Clock.
    pub clock: ClockFace,
    /// Who sits here.
    pub me: Me,
    /// Warnings addressed to this seat, newest first, at most 16.
    pub warnings: Vec<Warning>,
    /// Trouble of this PC that whoever sits here should know, gravest first, at most 8.
    pub notices: Vec<Notice>,
}

/// Trouble that goes on while work does: said calmly, until it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// Centre time since when it is known.
    pub since: Millis,
    /// What happened, what is safe, what next.
    pub problem: Problem,
}

/// An evaluation that stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Suspended {
    /// Centre time.
    pub since: Millis,
    /// Reason, as written.
    pub reason: String,
    /// Who, by role.
    pub by: Words,
}

/// A warning given by the supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Warning {
    /// Index in the record.
    pub index: u64,
    /// Centre time.
    pub time: Millis,
    /// Whom it concerns.
    pub line: Option<String>,
    /// The set phrase.
    pub phrase: Words,
    /// The reason, as written.
    pub reason: String,
}

/// How much of a leaf this seat received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Header and body.
    Body,
    /// Header, commitment and signature.
    Header,
    /// Its hash alone.
    Hash,
}

/// One act in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActLine {
    /// Index in the record.
    pub index: u64,
    /// Centre time; 0 where only the hash is known.
    pub time: Millis,
    /// Type, e.g. `sheet.sealed`; empty where only the hash is known.
    pub kind: String,
    /// Its name.
    pub title: Words,
    /// Who: role, code name or organisation, never a person.
    pub actor: Words,
    /// Stage instance.
    pub instance: String,
    /// How much is seen.
    pub seen: Seen,
    /// Covered by a cosigned checkpoint.
    pub witnessed: bool,
    /// In one line, what it says, where the body is seen.
    pub summary: Words,
}

/// A page of the record's time line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Timeline {
    /// Leaves of the record.
    pub total: u64,
    /// Leaves that fit the filter.
    pub matching: u64,
    /// The page asked for, oldest first.
    pub acts: Vec<ActLine>,
}

/// Which acts a time line shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimelineQuery {
    /// Number of matching acts to skip.
    pub from: u64,
    /// At most so many, 500 at most.
    pub count: u32,
    /// Words in type, title, actor or instance; empty: all.
    pub words: String,
    /// Leave out cover leaves and observations.
    pub acts_only: bool,
}

/// A field of an act, as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Field {
    /// Name.
    pub name: Words,
    /// Value, as text.
    pub value: String,
}

/// One check with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CheckLine {
    /// What was checked, in plain words.
    pub what: Words,
    /// Result.
    pub state: CheckState,
    /// What was found; empty where nothing is to say.
    pub detail: Words,
}

/// Result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Holds.
    Passed,
    /// Does not hold.
    Failed,
    /// Can't be said yet.
    Waiting,
    /// Does not apply here.
    NotApplicable,
}

/// One act, down to its signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActDetail {
    /// The line.
    pub line: ActLine,
    /// Payload, as recorded.
    pub fields: Vec<Field>,
    /// Actor key, device, act id, leaf hash, signature: as hex.
    pub proof: Vec<Field>,
    /// What this program checked of it.
    pub checks: Vec<CheckLine>,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(
        config,
        Words,
        Problem,
        Build,
        About,
        Language,
        Theme,
        TextSize,
        Preferences,
        Offer,
        Line,
        Kept,
        Safety,
        ClockFace,
        Me,
        RecordingState,
        Status,
        Notice,
        Suspended,
        Warning,
        Seen,
        ActLine,
        Timeline,
        TimelineQuery,
        Field,
        CheckLine,
        CheckState,
        ActDetail
    )
}
