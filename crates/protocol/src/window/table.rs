//! The table of window commands: name, windows that may call it, arguments, answer.

use super::*;
use serde::Serialize;
use ts_rs::{Config, TS};

/// A window; each has its own capability file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The way in.
    Entry,
    /// Expert.
    Expert,
    /// Clerk.
    Clerk,
    /// The public screen of the opening hall: it may look, and do nothing.
    Hall,
    /// Purchaser.
    Purchaser,
    /// Holder.
    Holder,
    /// Supervisor and witness person.
    Supervisor,
    /// Site operator.
    Operator,
    /// Verifier.
    Verifier,
    /// Editor of rulebooks.
    Rulebook,
}

impl Window {
    /// Every window.
    pub const ALL: [Window; 10] = [
        Window::Entry,
        Window::Expert,
        Window::Clerk,
        Window::Hall,
        Window::Purchaser,
        Window::Holder,
        Window::Supervisor,
        Window::Operator,
        Window::Verifier,
        Window::Rulebook,
    ];

    /// Its label, also the name of its capability file.
    pub fn label(self) -> &'static str {
        match self {
            Window::Entry => "entry",
            Window::Expert => "expert",
            Window::Clerk => "clerk",
            Window::Hall => "hall",
            Window::Purchaser => "purchaser",
            Window::Holder => "holder",
            Window::Supervisor => "supervisor",
            Window::Operator => "operator",
            Window::Verifier => "verifier",
            Window::Rulebook => "rulebook",
        }
    }
}

/// A command that a window may call.
pub struct WindowCommand {
    /// Name.
    pub name: &'static str,
    /// Windows that may call it.
    pub windows: &'static [Window],
    /// What it does.
    pub what: &'static str,
    /// Arguments: name and TypeScript type.
    pub arguments: fn(&Config) -> Vec<(&'static str, String)>,
    /// TypeScript type of the answer.
    pub answer: fn(&Config) -> String,
}

macro_rules! window_commands {
    ($($(#[doc = $what:literal])+ $name:ident [$($window:ident)+] ($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        /// Every command of every window.
        pub const WINDOW_COMMANDS: &[WindowCommand] = &[$(
            WindowCommand {
                name: stringify!($name),
                windows: &[$(Window::$window),+],
                what: concat!($($what),+),
                arguments: |_config| vec![$((stringify!($argument), <$type as TS>::name(_config))),*],
                answer: |config| <$answer as TS>::name(config),
            },
        )*];
    };
}

window_commands! {
    /// The program: version and build.
    about [Entry Expert Clerk Hall Purchaser Holder Supervisor Operator Verifier Rulebook] () -> About;
    /// Remembered language, theme and text size.
    preferences [Entry Expert Clerk Hall Purchaser Holder Supervisor Operator Verifier Rulebook] () -> Preferences;
    /// Remembers them.
    set_preferences [Entry Expert Clerk Purchaser Holder Supervisor Operator Verifier Rulebook] (preferences: Preferences) -> Preferences;
    /// What this PC is set up for.
    workplace [Entry] () -> Workplace;
    /// Opens a seat and its window.
    take_seat [Entry] (seat: String, pin: String) -> ();
    /// The status strip.
    status [Expert Clerk Hall Purchaser Holder Supervisor Operator] () -> Status;
    /// A page of the record's time line.
    timeline [Clerk Supervisor Holder Verifier] (query: TimelineQuery) -> Timeline;
    /// One act, down to its signatures.
    act_detail [Clerk Supervisor Holder Verifier] (index: u64) -> ActDetail;

    /// The expert's desk.
    expert_view [Expert] () -> ExpertView;
    /// Takes the seat in the booth with ticket, personal key and PIN.
    check_in [Expert] (ticket: String, pin: String) -> ();
    /// At a new PC, with nothing of the seat on it: asks the site desk to put it in the old one's place.
    ask_replacement [Expert] (ticket: String, pin: String) -> ();
    /// Signs the promise.
    promise [Expert] (pin: String) -> ();
    /// Votes for a leader.
    vote_leader [Expert] (line: String) -> ();
    /// Declares grounds to avoid, per bidder; none: free of conflicts.
    declare_avoidance [Expert] (grounds: Vec<(String, String)>, pin: String) -> ();
    /// The sheet of a round.
    sheet [Expert] (instance: String) -> SheetView;
    /// Keeps a cell; the answer tells whether it is durable already.
    put_cell [Expert] (cell: CellInput) -> CellSaved;
    /// What is reviewed before sealing.
    seal_review [Expert] (instance: String) -> SealReview;
    /// Seals the sheet.
    seal [Expert] (instance: String, pin: String) -> ();
    /// As leader, closes a round in which everybody sealed.
    close_round [Expert] (instance: String, pin: String) -> ();
    /// Signs the report, with a dissent or without.
    sign_report [Expert] (dissent: Option<String>, pin: String) -> ();

    /// Documents that may be read now.
    library [Expert Purchaser Clerk Supervisor] () -> Library;
    /// Page sizes and outline.
    document [Expert Purchaser Clerk Supervisor] (id: String) -> DocumentView;
    /// Text of a page, with positions.
    page_text [Expert Purchaser Clerk Supervisor] (id: String, page: u32) -> PageText;
    /// Looks for words.
    find [Expert Purchaser Clerk Supervisor] (query: FindQuery) -> Found;

    /// The clerk's desk.
    clerk_view [Clerk] () -> ClerkView;
    /// Lets the clerk choose a folder.
    choose_package [Clerk] () -> Option<String>;
    /// Reads a tender package and tells what is wrong with it.
    check_package [Clerk] (folder: String) -> PackageView;
    /// Takes the clerk's next step of the path, named as offered.
    clerk_step [Clerk] (action: String) -> ();
    /// The opening hall.
    hall [Clerk Hall] () -> HallView;
    /// Opens the public screen as a second window.
    open_public_screen [Clerk] () -> ();
    /// Opens the editor of rulebooks as a window of its own.
    open_rulebook_editor [Clerk] () -> ();
    /// The result.
    result [Clerk Expert Supervisor Verifier] () -> ResultView;
    /// How a number of the result came about.
    derivation [Clerk Expert Supervisor Verifier] (node: String) -> Derivation;
    /// Saves the archive package, full or public; the path.
    save_package [Clerk] (profile: String) -> String;

    /// The purchaser's desk.
    purchaser_view [Purchaser] () -> PurchaserView;
    /// Keeps what was typed on one bidder.
    put_decision [Purchaser] (bidder: String, items: Vec<ItemDecision>) -> ();
    /// Decides on one bidder.
    decide [Purchaser] (bidder: String, items: Vec<ItemDecision>) -> ();

    /// The holder's desk.
    holder_view [Holder] () -> HolderView;
    /// Does a duty, after this client's own checks and the PIN.
    holder_do [Holder] (duty: String, pin: String) -> ();

    /// The supervisor's desk.
    supervisor_view [Supervisor] () -> SupervisorView;
    /// Does a duty of an observer.
    observer_do [Supervisor Operator] (duty: String, pin: String) -> ();
    /// Warns a member or all.
    warn [Supervisor] (line: Option<String>, phrase: String, reason: String) -> ();
    /// Sets a mark in the record.
    mark [Supervisor] (line: Option<String>, note: String) -> ();
    /// Suspends the evaluation.
    pause [Supervisor] (reason: String, pin: String) -> ();
    /// Lets it go on.
    resume [Supervisor] (reason: String, pin: String) -> ();

    /// The site operator's desk.
    operator_view [Operator] () -> OperatorView;
    /// Checks a member in: personal key and PIN at the desk; the ticket.
    check_in_member [Operator] (seat: u32, pin: String) -> String;
    /// Confirms that the new PC in a booth takes the old one's place.
    confirm_replacement [Operator] (booth: String) -> ();
    /// Marks a member's presence.
    mark_presence [Operator] (seat: u32, presence: Presence, note: String) -> ();

    /// Lets the verifier choose a package or an anchors file.
    choose_file [Verifier] (purpose: String) -> Option<String>;
    /// Opens and verifies a package; needs no centre.
    open_package [Verifier] (path: String, anchors: Option<String>) -> PackageReport;

    /// Rulebooks to begin with.
    rulebook_presets [Rulebook] () -> Vec<PresetLine>;
    /// The text of one of them.
    rulebook_preset [Rulebook] (name: String) -> String;
    /// Lets the clerk choose a file, to be opened or to be saved to.
    choose_rulebook [Rulebook] (save: bool) -> Option<String>;
    /// Opens a file as text.
    open_rulebook [Rulebook] (path: String) -> RulebookFile;
    /// Saves the text; over a file that stands there only if its digest is `over`.
    save_rulebook [Rulebook] (path: String, text: String, over: Option<String>) -> RulebookSaved;
    /// What was not saved when the window was last closed.
    rulebook_draft [Rulebook] () -> Option<RulebookDraft>;
    /// Keeps what is not saved; nothing once everything is.
    keep_rulebook_draft [Rulebook] (draft: Option<RulebookDraft>) -> ();
    /// Whether the text reads, what the checks find, and what can be changed in a form.
    look_rulebook [Rulebook] (text: String) -> RulebookLook;
    /// The text with one value changed.
    set_rulebook [Rulebook] (text: String, pointer: String, value: String) -> String;
    /// The text with a criterion more.
    add_criterion [Rulebook] (text: String, pointer: String, kind: String) -> String;
    /// The text without a criterion.
    remove_criterion [Rulebook] (text: String, pointer: String) -> String;
    /// What made-up bids would get, and the curve of one of them.
    try_rulebook [Rulebook] (text: String, bids: Vec<MadeUpBid>, parameters: Vec<(String, String)>, at: u32) -> RulebookTried;
}

/// The whole TypeScript file: types, then the table.
pub fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let files = [
        common::declarations(&config),
        entry::declarations(&config),
        expert::declarations(&config),
        reading::declarations(&config),
        clerk::declarations(&config),
        offices::declarations(&config),
        verifier::declarations(&config),
        rulebook::declarations(&config),
    ];
    let mut text = String::from(
        "// Generated from crates/protocol/src/window; do not edit. Renew with\n\
         // `cargo run -q -p conclave-protocol --example window > ui/src/generated/window.ts`.\n\n",
    );
    for declaration in files.into_iter().flatten() {
        text.push_str("export ");
        text.push_str(&declaration);
        text.push('\n');
    }
    text.push_str("\nexport interface Commands {\n");
    for command in WINDOW_COMMANDS {
        let arguments: Vec<String> = (command.arguments)(&config)
            .iter()
            .map(|(name, of)| format!("{name}: {of}"))
            .collect();
        let answer = (command.answer)(&config);
        text.push_str(&format!(
            "  /** {} */\n  {}: {{ arguments: {{ {} }}; answer: {} }};\n",
            command.what.trim(),
            command.name,
            arguments.join("; "),
            answer
        ));
    }
    text.push_str("}\n");
    text
}

/// The capability file of a window: its commands, events, and nothing of the toolkit.
pub fn capability(window: Window) -> String {
    let commands = WINDOW_COMMANDS
        .iter()
        .filter(|command| command.windows.contains(&window));
    let permissions: Vec<String> = [
        "core:event:allow-listen".to_owned(),
        "core:event:allow-unlisten".to_owned(),
    ]
    .into_iter()
    .chain(commands.map(|command| format!("allow-{}", command.name.replace('_', "-"))))
    .collect();
    let value = serde_json::json!({
        "identifier": window.label(),
        "description": "Generated from the table of window commands; do not edit.",
        "local": true,
        "windows": [window.label()],
        "permissions": permissions,
    });
    let mut text = serde_json::to_string_pretty(&value).expect("plain JSON");
    text.push('\n');
    text
}
