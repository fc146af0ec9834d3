//! Who is played by a process of its own, and who is left to a person in a window.

use super::super::process::{Kills, Process};
use super::super::{Fault, make_folder, write};
use client::rehearsal::{Cast, Post, Seat};
use evaluation::{CodeName, Line, Role};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

/// The window seat whose booth the draw decides.
const EXPERT: &str = "expert";

/// How fast virtual people go about their acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Pace {
    /// As soon as an act is due.
    Quick,
    /// With a few seconds of thought before each act, so that somebody can follow.
    Human,
}

impl Pace {
    /// Thought after each act, milliseconds.
    fn think(self) -> u64 {
        match self {
            Pace::Quick => 0,
            Pace::Human => 2_500,
        }
    }
}

/// Seats of the cast that wait to be started or furnished.
pub(super) struct Casting<'a> {
    cast: &'a Cast,
    out: &'a Path,
    windows: &'a [String],
    pace: Pace,
    /// Booths wait for the draw when one of them is for whoever sits in the window `expert`.
    booths_wait: bool,
}

impl<'a> Casting<'a> {
    /// # Errors
    /// A window for a seat that there is not.
    pub(super) fn new(
        cast: &'a Cast,
        out: &'a Path,
        windows: &'a [String],
        pace: Pace,
    ) -> Result<Self, Fault> {
        let unknown = |name: &&String| *name != EXPERT && cast.seat(name).is_none();
        if let Some(name) = windows.iter().find(unknown) {
            return Err(Fault::Other(format!("no seat {name}")));
        }
        Ok(Self {
            cast,
            out,
            windows,
            pace,
            booths_wait: windows.iter().any(|name| name == EXPERT),
        })
    }

    /// Whether every seat has been started or furnished.
    pub(super) fn is_complete(&self) -> bool {
        !self.booths_wait
    }

    /// Starts and furnishes everybody who need not wait for the draw.
    pub(super) fn start(&self, kills: &mut Kills) -> Result<Vec<Process>, Fault> {
        let mut people = Vec::new();
        for seat in &self.cast.seats {
            let waits = self.booths_wait && matches!(seat.post, Post::Booth { .. });
            if waits {
                continue;
            }
            if self.windows.contains(&seat.name) {
                self.furnish(&seat.name, &seat.name, None)?;
            } else {
                people.push(self.process(seat, kills)?);
            }
        }
        Ok(people)
    }

    /// Once lines are drawn to booths: the first expert's is the person's, the others are played.
    pub(super) fn after_draw(
        &mut self,
        lines: &BTreeMap<CodeName, Line>,
        kills: &mut Kills,
    ) -> Result<Vec<Process>, Fault> {
        let mut drawn = lines.values();
        let Some(first) = drawn.find(|line| line.role == Role::Expert) else {
            return Ok(Vec::new());
        };
        let mut people = Vec::new();
        for seat in &self.cast.seats {
            let Post::Booth { booth, .. } = &seat.post else {
                continue;
            };
            if *booth == first.booth {
                self.furnish(&seat.name, EXPERT, Some(&first.ticket))?;
            } else if self.windows.contains(&seat.name) {
                self.furnish(&seat.name, &seat.name, None)?;
            } else {
                people.push(self.process(seat, kills)?);
            }
        }
        self.booths_wait = false;
        Ok(people)
    }

    /// What a person needs to take a seat in a window. PINs, and what an expert means to write, lie beside the workplace,
    /// as on paper.
    fn furnish(&self, seat: &str, window: &str, drawn: Option<&str>) -> Result<(), Fault> {
        let made = self.cast.furnish(seat).map_err(Fault::Client)?;
        let mut made = made.ok_or_else(|| Fault::Other(format!("{seat} has no window")))?;
        if let Some(ticket) = drawn {
            made.papers.retain(|paper| paper.ticket == ticket);
        }
        let workplaces = self.out.join("workplaces");
        let pins: String = made
            .pins
            .iter()
            .map(|(what, pin)| format!("{what}\t{pin}\n"))
            .collect();
        make_folder(&workplaces)?;
        write(&workplaces.join(format!("{window}.pins")), pins.as_bytes())?;
        if !made.papers.is_empty() {
            let papers = serde_json::to_vec_pretty(&made.papers).map_err(|e| Fault::Other(e.to_string()))?;
            write(&workplaces.join(format!("{window}.papers.json")), &papers)?;
        }
        // The folder comes last, under its name only when it is whole: whoever waits for it finds everything.
        let (new, folder) = (workplaces.join(format!("{window}.new")), workplaces.join(window));
        make_folder(&new)?;
        made.write(&new).map_err(Fault::Client)?;
        std::fs::rename(&new, &folder).map_err(|e| Fault::File(folder.display().to_string(), e))?;
        println!("left to a person: {window}");
        Ok(())
    }

    fn process(&self, seat: &Seat, kills: &mut Kills) -> Result<Process, Fault> {
        let program = std::env::current_exe().map_err(|e| Fault::File("this program".to_owned(), e))?;
        let folder = self.out.join("seats").join(&seat.name);
        make_folder(&folder)?;
        let file = folder.join("seat.json");
        write(
            &file,
            &serde_json::to_vec(seat).map_err(|e| Fault::Other(e.to_string()))?,
        )?;
        let role = match seat.post {
            Post::LogWitness { .. } => "witness",
            _ => "person",
        };
        let mut arguments = vec![
            role.into(),
            "--seat".into(),
            file.into_os_string(),
            "--folder".into(),
            folder.clone().into_os_string(),
        ];
        let thinks = !matches!(seat.post, Post::LogWitness { .. } | Post::Bidder { .. });
        if thinks && self.pace.think() > 0 {
            arguments.extend(["--think".into(), self.pace.think().to_string().into()]);
        }
        Process::start(&seat.name, program, arguments, folder.join("log"), kills)
    }
}

/// Hears when somebody pressed Enter or the input ended.
pub(super) fn told_to_end() -> Receiver<()> {
    let (told, hears) = sync_channel(1);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_line(&mut String::new());
        // Nobody hears it when the rehearsal ended by itself.
        let _ = told.send(());
    });
    hears
}
