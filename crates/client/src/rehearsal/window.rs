//! Seats of a rehearsal that a person takes in a window: the same keys, without the script.

use super::SheetScript;
use super::cast::Cast;
use super::seat::{Post, Seat};
use crate::error::ClientError;
use crate::workplace::{self, SEAT_FORMAT, SeatFile, TOKEN_FORMAT, TokenFile};
use evaluation::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A workplace folder's content: file -> JSON, and what the person must know by heart.
#[derive(Clone, Debug, Default)]
pub struct Furnishing {
    /// Files, relative to the workplace folder.
    pub files: BTreeMap<String, String>,
    /// PINs by what they open; told to the newcomer, never written into the folder.
    pub pins: BTreeMap<String, String>,
    /// What each who may sit down in a booth means to write.
    pub papers: Vec<Paper>,
}

/// An expert's own paper: ticket, PIN, and what the expert found in the bids.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Ticket of the check-in.
    pub ticket: String,
    /// PIN of the token.
    pub pin: String,
    /// Findings and scores, by identity code of the bidder.
    pub sheets: SheetScript,
    /// Dissent from the report.
    pub dissent: Option<String>,
}

impl Furnishing {
    /// Writes the files.
    ///
    /// # Errors
    /// The disk.
    pub fn write(&self, folder: &Path) -> Result<(), ClientError> {
        let io = |e: std::io::Error| ClientError::File(format!("{}: {e}", folder.display()));
        for (name, text) in &self.files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(io)?;
            }
            std::fs::write(&path, text).map_err(io)?;
        }
        Ok(())
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, ClientError> {
    serde_json::to_string_pretty(value).map_err(|e| ClientError::Format(e.to_string()))
}

impl Cast {
    /// The member with a certificate chain, as a site desk lists them: `seat 2 name`.
    fn who(&self, chain: &[String]) -> Result<String, ClientError> {
        let seats = self.seats.iter();
        let plans = seats.filter_map(|seat| match &seat.post {
            Post::Clerk(plan) => Some(&plan.members),
            _ => None,
        });
        for member in plans.flatten() {
            let identity: serde_json::Value =
                serde_json::from_slice(&member.identity).map_err(|e| ClientError::Format(e.to_string()))?;
            if identity["certificate"] == serde_json::json!(chain) {
                let name = identity["name"].as_str().unwrap_or_default();
                return Ok(format!("seat {} {name}", member.seated.seat));
            }
        }
        Err(ClientError::Format("a member of a desk has no seat".to_owned()))
    }

    /// What a PC needs for one of the seats to be taken by a person; `None` for log witnesses, custodians and bidders,
    /// who have no window.
    ///
    /// # Errors
    /// A seat that can't be written as JSON.
    pub fn furnish(&self, name: &str) -> Result<Option<Furnishing>, ClientError> {
        let Some(seat) = self.seat(name) else {
            return Ok(None);
        };
        let mut made = Furnishing::default();
        let (post, organisation) = match &seat.post {
            Post::Clerk(plan) => (
                workplace::Post::Clerk(plan.clone()),
                plan.created.clerk.organisation.clone(),
            ),
            Post::Holder(encryption) => (workplace::Post::Holder(encryption.file.clone()), String::new()),
            Post::SiteDesk { site, members } => {
                for (place, member) in members.iter().enumerate() {
                    // At the desk a member shows the personal key; the vault key is not asked for.
                    let token = TokenFile {
                        format: TOKEN_FORMAT.to_owned(),
                        personal: member.key.file.clone(),
                        chain: member.chain.clone(),
                        vault: member.key.file.clone(),
                        ticket: Some(member.ticket.clone()),
                    };
                    made.files
                        .insert(format!("tokens/member-{}.json", place + 1), json(&token)?);
                    made.pins.insert(self.who(&member.chain)?, member.key.pin.clone());
                }
                (workplace::Post::SiteDesk(site.clone()), site.to_string())
            }
            Post::Observer { role, .. } => (workplace::Post::Observer(*role), observer_place(seat, *role)),
            Post::Purchaser { .. } => (workplace::Post::Purchaser, String::new()),
            Post::Booth {
                booth,
                device,
                sitters,
                pace,
            } => {
                for (place, sitter) in sitters.iter().enumerate() {
                    let token = TokenFile {
                        format: TOKEN_FORMAT.to_owned(),
                        personal: sitter.member.key.file.clone(),
                        chain: sitter.member.chain.clone(),
                        vault: sitter.vault.file.clone(),
                        ticket: None,
                    };
                    made.files
                        .insert(format!("tokens/member-{}.json", place + 1), json(&token)?);
                    made.pins.insert(
                        format!("ticket {}", sitter.member.ticket),
                        sitter.member.key.pin.clone(),
                    );
                    made.papers.push(Paper {
                        ticket: sitter.member.ticket.clone(),
                        pin: sitter.member.key.pin.clone(),
                        sheets: sitter.script.clone(),
                        dissent: sitter.dissent.clone(),
                    });
                }
                let post = workplace::Post::Booth {
                    booth: booth.clone(),
                    device: *device,
                    cadence: pace.cadence,
                };
                (post, String::new())
            }
            Post::Custodian(_) | Post::Bidder { .. } | Post::LogWitness { .. } => return Ok(None),
        };
        let device_pin = matches!(seat.post, Post::Booth { .. }).then(|| seat.key.pin.clone());
        if device_pin.is_none() {
            made.pins.insert(seat.name.clone(), seat.key.pin.clone());
        }
        let file = SeatFile {
            format: SEAT_FORMAT.to_owned(),
            seat: seat.name.clone(),
            origin: seat.origin,
            centre: seat.centre.clone(),
            anchors: seat.anchors.clone(),
            key: seat.key.file.clone(),
            device_pin,
            chain: seat.chain.clone(),
            organisation,
            post,
        };
        made.files.insert(format!("seats/{name}.json"), json(&file)?);
        Ok(Some(made))
    }
}

fn observer_place(seat: &Seat, role: Role) -> String {
    match role {
        Role::WitnessPerson => seat.name.trim_start_matches("witness-person-").to_owned(),
        _ => String::new(),
    }
}
