//! The main job: one evaluation from the tender package to a verified archive, its clerk, supervisor, one expert and a
//! verifier in real windows, everybody else a process of their own. At most three windows are open at once.

use crate::Language;
use crate::desks::{Clerk, Expert, Supervisor, Trouble, Verdict, codes, seat_of, verify};
use crate::rehearsal::Rehearsal;
use crate::window::{Fault, Opening, Patience, Window};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;

/// Seats left to windows.
const WINDOWS: [&str; 3] = ["clerk", "supervisor", "expert"];

/// What is played with.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `conclave`.
    pub conclave: PathBuf,
    /// The desktop client that a driver may attach to.
    pub desktop: PathBuf,
    /// Folder of the sample.
    pub sample: PathBuf,
}

impl Programs {
    /// How windows of a play are opened, by name and workplace.
    pub(crate) fn opening(
        &self,
        language: Language,
        (out, pictures): (&Path, &Path),
        patience: Patience,
    ) -> impl Fn(&str, PathBuf) -> Opening {
        move |name, workplace| Opening {
            program: self.desktop.clone(),
            workplace,
            scratch: out.join("scratch").join(name),
            pictures: pictures.join(language.id()),
            name: name.to_owned(),
            patience,
        }
    }
}

/// What the windows and the rehearsal told in the end.
pub struct Told {
    /// The result as the clerk saw it.
    pub result: String,
    /// The verifier on the full package.
    pub full: Verdict,
    /// The verifier on the public package.
    pub public: Verdict,
    /// What the rehearsal said, its own verdict last.
    pub rehearsal: String,
}

/// Plays it in one language. `out` is for the rehearsal, `pictures` for what the screens looked like.
///
/// # Errors
/// What was not seen in time, or was refused.
pub async fn main_job(
    programs: &Programs,
    language: Language,
    trouble: Trouble,
    (out, pictures): (&Path, &Path),
    patience: Patience,
) -> Result<Told, Fault> {
    let mut rehearsal = Rehearsal::start(
        &programs.conclave,
        &programs.sample,
        out,
        (60, &WINDOWS),
        patience,
    )?;
    let opening = programs.opening(language, (out, pictures), patience);
    let clerk_window = take(&mut rehearsal, &opening, language, "clerk").await?;
    let reason = match language {
        Language::Chinese => "按采购文件办理。",
        Language::English => "As the tender documents say.",
    };
    let clerk = Clerk::new(&clerk_window, reason);
    clerk.prepare(&programs.sample.join("tender")).await?;
    let supervisor_window = take(&mut rehearsal, &opening, language, "supervisor").await?;

    let archived = Cell::new(false);
    let (scoring, seen) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let pin = rehearsal.pin("supervisor")?;
    let supervisor = Supervisor {
        window: &supervisor_window,
        pin: &pin,
        reason,
        scoring: scoring.clone(),
        seen: seen.clone(),
        archived: &archived,
    };
    // A whole evaluation takes several times as long as anything in it.
    let day = Patience(patience.0 * 6);
    let expert = async {
        let workplace = rehearsal.workplace("expert").await?;
        let expert = Expert {
            opening: opening("expert", workplace.clone()),
            language,
            paper: rehearsal.paper()?,
            codes: codes(&programs.sample)?,
            seat: seat_of(&workplace)?,
            trouble,
            scoring,
            seen,
            rehearsal: &rehearsal,
        };
        expert.work().await?.close().await
    };
    let office = async {
        let done = clerk.until_archived(day).await;
        archived.set(true);
        done
    };
    let played = tokio::try_join!(office, supervisor.until_archived(day), expert);
    if let Err(fault) = played {
        // What the others looked at tells where it stood still.
        clerk_window.picture("stood-still").await?;
        supervisor_window.picture("stood-still").await?;
        return Err(fault);
    }

    let result = clerk.result().await?;
    clerk_window.press("#step-archive").await?;
    let [full, public] = clerk.save().await?;
    clerk_window.close().await?;
    supervisor_window.picture("archived").await?;
    supervisor_window.close().await?;
    rehearsal.until_archived().await?;
    let anchors = rehearsal.anchors();
    let said = rehearsal.end().await?;
    // No centre runs any more.
    let verifier = |name: &str| opening(name, out.join("workplaces").join(name));
    let full = verify(verifier("verifier"), language, &full, &anchors).await?;
    let public = verify(verifier("verifier-public"), language, &public, &anchors).await?;
    Ok(Told {
        result,
        full,
        public,
        rehearsal: said,
    })
}

/// Opens a window for a seat with one person and takes the seat.
async fn take(
    rehearsal: &mut Rehearsal,
    opening: &impl Fn(&str, PathBuf) -> Opening,
    language: Language,
    seat: &str,
) -> Result<Window, Fault> {
    let workplace = rehearsal.workplace(seat).await?;
    let window = Window::open(opening(seat, workplace)).await?;
    let pin = rehearsal.pin(seat)?;
    window.take_seat(language, seat, Some(&pin), seat).await?;
    Ok(window)
}
