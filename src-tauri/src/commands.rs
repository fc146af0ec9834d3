//! One-line adapters: every line of the table of window commands to the function that answers it.

use crate::files::{self, Wanted};
use crate::windows;
use client::ClientError;
use client::roles::problem::problem_of;
use client::roles::rulebook;
use client::workplace::Workplace;
use protocol::window::*;
use std::sync::Arc;
use tauri::ipc::Invoke;
use tauri::{AppHandle, Manager, State};

/// What commands work on.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) workplace: Arc<Workplace>,
    pub(crate) booth: bool,
}

/// Runs off the window's thread; an error becomes a problem for people.
async fn off<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClientError> + Send + 'static,
) -> Result<T, Box<Problem>> {
    let done = tauri::async_runtime::spawn_blocking(work).await;
    let done = done.unwrap_or_else(|error| Err(ClientError::Format(error.to_string())));
    done.map_err(|error| Box::new(problem_of(&error)))
}

macro_rules! adapters {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty = |$place:ident| $call:expr;)*) => {
        $(
            #[tauri::command]
            async fn $name(app: State<'_, App>, $($argument: $type),*) -> Result<$answer, Box<Problem>> {
                let $place = app.workplace.clone();
                off(move || $call).await
            }
        )*
        /// Dispatches calls of windows; who may call what is in the capability files.
        pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![
                about, take_seat, choose_package, choose_file, choose_rulebook, open_public_screen,
                open_rulebook_editor, $($name),*
            ]
        }
    };
}

adapters! {
    preferences() -> Preferences = |place| Ok(place.preferences());
    set_preferences(preferences: Preferences) -> Preferences = |place| place.set_preferences(preferences);
    workplace() -> protocol::window::Workplace = |place| place.listing();
    status() -> Status = |place| place.seat()?.status();
    timeline(query: TimelineQuery) -> Timeline = |place| place.seat()?.timeline(query);
    act_detail(index: u64) -> ActDetail = |place| place.seat()?.act_detail(index);
    library() -> Library = |place| place.seat()?.documents();
    document(id: String) -> DocumentView = |place| place.seat()?.document(&id);
    page_text(id: String, page: u32) -> PageText = |place| place.seat()?.page_text(&id, page);
    find(query: FindQuery) -> Found = |place| place.seat()?.find(&query);
    expert_view() -> ExpertView = |place| place.seat()?.expert_view();
    check_in(ticket: String, pin: String) -> () = |place| place.seat()?.check_in(ticket, &pin);
    ask_replacement(ticket: String, pin: String) -> () = |place| place.seat()?.ask_replacement(ticket, &pin);
    promise(pin: String) -> () = |place| place.seat()?.promise(&pin);
    vote_leader(line: String) -> () = |place| place.seat()?.vote_leader(&line);
    declare_avoidance(grounds: Vec<(String, String)>, pin: String) -> () = |place| place.seat()?.declare_avoidance(grounds, &pin);
    sheet(instance: String) -> SheetView = |place| place.seat()?.sheet(&instance);
    put_cell(cell: CellInput) -> CellSaved = |place| place.seat()?.put_cell(&cell);
    seal_review(instance: String) -> SealReview = |place| place.seat()?.seal_review(&instance);
    seal(instance: String, pin: String) -> () = |place| place.seat()?.seal(instance, &pin);
    close_round(instance: String, pin: String) -> () = |place| place.seat()?.close_round(instance, &pin);
    sign_report(dissent: Option<String>, pin: String) -> () = |place| place.seat()?.sign_report(dissent, &pin);
    clerk_view() -> ClerkView = |place| place.seat()?.clerk_view();
    check_package(folder: String) -> PackageView = |place| place.seat()?.check_package(folder);
    clerk_step(action: String) -> () = |place| place.seat()?.clerk_step(action);
    hall() -> HallView = |place| place.seat()?.hall();
    result() -> ResultView = |place| place.seat()?.result();
    derivation(node: String) -> Derivation = |place| place.seat()?.derivation(node);
    save_package(profile: String) -> String = |place| place.seat()?.save_package(profile);
    purchaser_view() -> PurchaserView = |place| place.seat()?.purchaser_view();
    put_decision(bidder: String, items: Vec<ItemDecision>) -> () = |place| place.seat()?.put_decision(bidder, items);
    decide(bidder: String, items: Vec<ItemDecision>) -> () = |place| place.seat()?.decide(bidder, items);
    holder_view() -> HolderView = |place| place.seat()?.holder_view();
    holder_do(duty: String, pin: String) -> () = |place| place.seat()?.holder_do(duty, &pin);
    supervisor_view() -> SupervisorView = |place| place.seat()?.supervisor_view();
    observer_do(duty: String, pin: String) -> () = |place| place.seat()?.observer_do(duty, &pin);
    warn(line: Option<String>, phrase: String, reason: String) -> () = |place| place.seat()?.warn(line, phrase, reason);
    mark(line: Option<String>, note: String) -> () = |place| place.seat()?.mark(line, note);
    pause(reason: String, pin: String) -> () = |place| place.seat()?.pause(reason, &pin);
    resume(reason: String, pin: String) -> () = |place| place.seat()?.resume(reason, &pin);
    mark_presence(seat: u32, presence: Presence, note: String) -> () = |place| place.seat()?.mark_presence(seat, presence, note);
    operator_view() -> OperatorView = |place| place.seat()?.operator_view();
    check_in_member(seat: u32, pin: String) -> String = |place| place.seat()?.check_in_member(seat, &pin);
    confirm_replacement(booth: String) -> () = |place| place.seat()?.confirm_replacement(booth);
    open_package(path: String, anchors: Option<String>) -> PackageReport = |place| place.seat()?.open_package(&path, anchors);
    rulebook_presets() -> Vec<PresetLine> = |_place| Ok(rulebook::presets());
    rulebook_preset(name: String) -> String = |_place| rulebook::preset(&name);
    open_rulebook(path: String) -> RulebookFile = |_place| rulebook::open(&path);
    save_rulebook(path: String, text: String, over: Option<String>) -> RulebookSaved = |_place| rulebook::save(&path, &text, over.as_deref());
    rulebook_draft() -> Option<RulebookDraft> = |place| place.rulebook_draft();
    keep_rulebook_draft(draft: Option<RulebookDraft>) -> () = |place| place.keep_rulebook_draft(draft.as_ref());
    look_rulebook(text: String) -> RulebookLook = |_place| Ok(rulebook::look(&text));
    set_rulebook(text: String, pointer: String, value: String) -> String = |_place| rulebook::set(&text, &pointer, &value);
    add_criterion(text: String, pointer: String, kind: String) -> String = |_place| rulebook::add_criterion(&text, &pointer, &kind);
    remove_criterion(text: String, pointer: String) -> String = |_place| rulebook::remove_criterion(&text, &pointer);
    try_rulebook(text: String, bids: Vec<MadeUpBid>, parameters: Vec<(String, String)>, at: u32) -> RulebookTried = |_place| Ok(rulebook::try_out(&text, &bids, &parameters, at));
}

#[tauri::command]
fn about(app: State<'_, App>) -> About {
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: if cfg!(feature = "driven") {
            Build::Driven
        } else {
            Build::Default
        },
        booth: app.booth,
    }
}

/// Takes the seat, opens its window, and closes the way in.
#[tauri::command]
async fn take_seat(
    handle: AppHandle,
    app: State<'_, App>,
    seat: String,
    pin: String,
) -> Result<(), Box<Problem>> {
    let App { workplace, booth } = app.inner().clone();
    let desk = off(move || workplace.take_seat(&seat, &pin)).await?;
    let label = match desk {
        Desk::Expert => "expert",
        Desk::Clerk => "clerk",
        Desk::Purchaser => "purchaser",
        Desk::Holder => "holder",
        Desk::Supervisor => "supervisor",
        Desk::Operator => "operator",
        Desk::Verifier => "verifier",
        Desk::Rulebook => "rulebook",
    };
    show(&handle, label, booth)?;
    if let Some(entry) = handle.get_webview_window("entry") {
        // It has done its work; where it can't be closed the new window covers it.
        let _ = entry.destroy();
    }
    Ok(())
}

/// A fault of the window system.
fn fault(error: &dyn std::fmt::Display) -> Box<Problem> {
    Box::new(problem_of(&ClientError::Format(error.to_string())))
}

fn show(handle: &AppHandle, label: &str, booth: bool) -> Result<(), Box<Problem>> {
    let opened = windows::open(handle, label, booth);
    opened.map(|_| ()).map_err(|error| fault(&error))
}

#[tauri::command]
async fn open_public_screen(handle: AppHandle) -> Result<(), Box<Problem>> {
    show(&handle, "hall", false)
}

#[tauri::command]
async fn choose_package(handle: AppHandle) -> Result<Option<String>, Box<Problem>> {
    choose(handle, Wanted::Folder).await
}

#[tauri::command]
async fn choose_file(handle: AppHandle, purpose: String) -> Result<Option<String>, Box<Problem>> {
    // Package and anchors are both files; the window says which one it asks for.
    drop(purpose);
    choose(handle, Wanted::File).await
}

#[tauri::command]
async fn choose_rulebook(handle: AppHandle, save: bool) -> Result<Option<String>, Box<Problem>> {
    let wanted = if save { Wanted::NewFile } else { Wanted::File };
    choose(handle, wanted).await
}

#[tauri::command]
async fn open_rulebook_editor(handle: AppHandle) -> Result<(), Box<Problem>> {
    show(&handle, "rulebook", false)
}

async fn choose(handle: AppHandle, wanted: Wanted) -> Result<Option<String>, Box<Problem>> {
    let asked = tauri::async_runtime::spawn_blocking(move || files::choose(&handle, wanted)).await;
    asked.unwrap_or_else(|error| Err(fault(&error)))
}
