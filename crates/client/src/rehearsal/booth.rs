//! An expert in a booth: evaluation key, promise, avoidance, leader, drafts, seal, close as leader, report.

use super::seat::{Sitter, open_vault, personal as personal_key};
use super::{Part, Progress, settle};
use crate::author::{Author, PersonalKey};
use crate::checks::{check_key, check_not_suspended};
use crate::desk::Desk;
use crate::drafts::{self, Cadence, DEFAULT_CADENCE};
use crate::error::ClientError;
use crate::link::Link;
use crate::roles::expert;
use evaluation::{BidderId, CodeName, Role};
use record::{DeviceId, Millis};
use rules::{Cell, SheetCell};
use sealing::provider::KeyProvider;
use sealing::sign::SigningKeyPair;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What this expert would write: by stage, identity code of the bidder, criterion -> (value, reason).
pub type SheetScript = BTreeMap<String, BTreeMap<String, BTreeMap<String, (String, String)>>>;

/// How a virtual expert goes about a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Cadence of the draft snapshots, milliseconds.
    pub cadence: Millis,
    /// Multiples of the cadence that pass before the sheet is sealed, that of the acceptance included; at least 1.
    pub seal_after: u64,
}

impl Default for Pace {
    /// The procedure's cadence; sealed as soon as the drafts are safe.
    fn default() -> Self {
        Self {
            cadence: DEFAULT_CADENCE,
            seal_after: 1,
        }
    }
}

/// Switches the link to the evaluation key: the booth's own device key serves only until the binding.
pub type Reconnect = Box<dyn Fn(&SigningKeyPair) -> Box<dyn Link> + Send>;

/// A booth and whoever the draw sends there.
pub struct BoothPart {
    booth: String,
    device: DeviceId,
    sitters: Vec<Sitter>,
    pace: Pace,
    folder: PathBuf,
    reconnect: Reconnect,
    seated: Option<Seated>,
}

/// The member who sits in the booth, with the evaluation key bound.
struct Seated {
    personal: PersonalKey,
    vault_key: [u8; 65],
    script: SheetScript,
    dissent: Option<String>,
    bound: bool,
}

impl BoothPart {
    /// A booth PC. `folder` holds the sitter's vault, opened with the key that the sitter brings.
    pub fn new(
        booth: String,
        device: DeviceId,
        sitters: Vec<Sitter>,
        pace: Pace,
        folder: PathBuf,
        reconnect: Reconnect,
    ) -> Self {
        Self {
            booth,
            device,
            sitters,
            pace,
            folder,
            reconnect,
            seated: None,
        }
    }

    fn sitting(&self) -> Result<&Seated, ClientError> {
        self.seated
            .as_ref()
            .ok_or_else(|| ClientError::check("本机无人就座", "nobody sits here"))
    }
}

impl Part for BoothPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let Some((name, bound)) = expert::line_of_booth(desk, &self.booth) else {
            return Ok(Progress::Waiting);
        };
        if self.seated.is_none() {
            self.sit_down(desk, &name)?;
        }
        if !self.sitting()?.bound {
            return self.bind(desk, &name, bound);
        }
        if let Some(step) = self.declarations(desk, &name)? {
            return Ok(step);
        }
        if let Some(step) = self.rounds(desk, &name)? {
            return Ok(step);
        }
        let state = desk.replica.state();
        if state.report().is_some() && !state.signed().contains_key(&name) {
            let sitting = self.sitting()?;
            let dissent = sitting.dissent.clone();
            return settle(expert::sign_report(desk, &name, dissent, &sitting.personal)?);
        }
        let finished = state.archived().is_some();
        Ok(if finished {
            Progress::Done
        } else {
            Progress::Waiting
        })
    }

    /// Drafts go on being kept, at the same moments.
    fn while_suspended(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let Some((name, _)) = expert::line_of_booth(desk, &self.booth) else {
            return Ok(Progress::Waiting);
        };
        let Some(vault_key) = self.seated.as_ref().filter(|s| s.bound).map(|s| s.vault_key) else {
            return Ok(Progress::Waiting);
        };
        let cadence = Cadence::new(self.pace.cadence);
        let rounds = desk.replica.state().rounds().iter();
        let open = rounds.filter(|(_, round)| round.closed.is_none());
        let open: Vec<String> = open.map(|(instance, _)| instance.clone()).collect();
        for instance in open {
            if cadence.is_accepted(&desk.vault, &instance)?
                && let Some(sent) = cadence.keep(desk, &name, &instance, &vault_key)?
            {
                return settle(sent);
            }
        }
        Ok(Progress::Waiting)
    }
}

impl BoothPart {
    /// The member whose ticket was drawn here opens the vault with the key brought along.
    fn sit_down(&mut self, desk: &mut Desk, name: &CodeName) -> Result<(), ClientError> {
        let line = desk.replica.state().committee().lines.get(name);
        let ticket = line.map(|line| line.ticket.clone()).unwrap_or_default();
        let sitter = self.sitters.iter().find(|sitter| sitter.member.ticket == ticket);
        let sitter = sitter.ok_or_else(|| ClientError::technical("nobody here has the drawn ticket"))?;
        let folder = self.folder.join("sitter");
        std::fs::create_dir_all(&folder).map_err(|e| ClientError::Format(e.to_string()))?;
        desk.vault = open_vault(&folder, &sitter.vault, &mut *desk.random)?;
        self.seated = Some(Seated {
            personal: personal_key(&sitter.member)?,
            vault_key: sitter.vault.provider()?.public_key(),
            script: sitter.script.clone(),
            dissent: sitter.dissent.clone(),
            bound: false,
        });
        Ok(())
    }

    /// Makes the evaluation key on this PC, or takes it from the vault after a restart, and binds it.
    fn bind(&mut self, desk: &mut Desk, name: &CodeName, bound: bool) -> Result<Progress, ClientError> {
        let key = expert::evaluation_key(&mut desk.vault, &mut *desk.random)?;
        if bound {
            let link = (self.reconnect)(&key);
            expert::take_over(desk, key, self.device, link);
            if let Some(seated) = &mut self.seated {
                seated.bound = true;
            }
            return Ok(Progress::Acted);
        }
        let author = Author::new(key, self.device);
        settle(expert::bind(
            desk,
            &author,
            &self.booth,
            name,
            &self.sitting()?.personal,
        )?)
    }

    fn declarations(&self, desk: &mut Desk, name: &CodeName) -> Result<Option<Progress>, ClientError> {
        let state = desk.replica.state();
        let Some(line) = state.committee().lines.get(name) else {
            return Ok(Some(Progress::Waiting));
        };
        if !line.promised {
            return settle(expert::promise(desk, name, &self.sitting()?.personal)?).map(Some);
        }
        if line.leader_vote.is_none() {
            let mut lines = state.committee().lines.iter();
            let Some((leader, _)) = lines.find(|(_, line)| line.role == Role::Expert) else {
                return Ok(Some(Progress::Waiting));
            };
            let leader = leader.clone();
            return settle(expert::vote_leader(desk, name, &leader)?).map(Some);
        }
        if line.clear.is_none() {
            if !state.opening_recorded() {
                return Ok(Some(Progress::Waiting));
            }
            let personal = &self.sitting()?.personal;
            return settle(expert::declare_avoidance(desk, name, Vec::new(), personal)?).map(Some);
        }
        Ok(None)
    }

    fn rounds(&self, desk: &mut Desk, name: &CodeName) -> Result<Option<Progress>, ClientError> {
        let cadence = Cadence::new(self.pace.cadence);
        let instances: Vec<String> = desk.replica.state().rounds().keys().cloned().collect();
        for instance in instances {
            let Some(round) = desk.replica.state().round(&instance) else {
                continue;
            };
            if round.closed.is_some() {
                continue;
            }
            let sealed = round.sheets.contains_key(name);
            if !cadence.is_accepted(&desk.vault, &instance)? && !self.accept(desk, cadence, &instance)? {
                continue;
            }
            let vault_key = self.sitting()?.vault_key;
            if let Some(sent) = cadence.keep(desk, name, &instance, &vault_key)? {
                return settle(sent).map(Some);
            }
            if !sealed && cadence.passed(&desk.vault, &instance)? >= self.pace.seal_after {
                // Sealed only under a key that is checked now.
                let going_on = check_not_suspended(&desk.replica);
                let Ok(permit) = going_on.and_then(|()| check_key(&desk.replica, &instance)) else {
                    continue;
                };
                return settle(expert::seal(desk, &permit, name, &self.sitting()?.personal)?).map(Some);
            }
            if let Some(sent) = expert::close_round(desk, &instance, name, &self.sitting()?.personal)? {
                return settle(sent).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether the round's key stands every check. If so the script is written down, and the cadence begins.
    fn accept(&self, desk: &mut Desk, cadence: Cadence, instance: &str) -> Result<bool, ClientError> {
        // Ceremony, cosignatures or observers may still be missing.
        let Ok(_permit) = check_key(&desk.replica, instance) else {
            return Ok(false);
        };
        let accepted = desk.centre_now();
        self.draft(desk, instance)?;
        cadence.accept(&mut desk.vault, instance, accepted)?;
        Ok(true)
    }

    /// Writes every cell of the script into the vault, one by one, as a person would.
    fn draft(&self, desk: &mut Desk, instance: &str) -> Result<(), ClientError> {
        let state = desk.replica.state();
        let (Some(round), Some(book)) = (state.round(instance), state.rulebook()) else {
            return Ok(());
        };
        let (bidders, criteria) = (round.setting.bidders.clone(), round.setting.criteria.clone());
        let reason_max = book.limits.reason_max_bytes;
        for bidder in &bidders {
            for criterion in &criteria {
                let cell = self.cell(desk, instance, bidder, criterion)?;
                drafts::put(&mut desk.vault, instance, bidder, &cell, reason_max)?;
            }
        }
        Ok(())
    }

    fn cell(
        &self,
        desk: &Desk,
        instance: &str,
        bidder: &BidderId,
        criterion: &str,
    ) -> Result<SheetCell, ClientError> {
        let format = |e: &dyn std::fmt::Display| ClientError::Format(e.to_string());
        let code = super::purchaser::identity_of(desk, bidder);
        let code = code.ok_or_else(|| ClientError::technical("identity is not opened"))?;
        let written = self
            .sitting()?
            .script
            .get(instance)
            .and_then(|stage| stage.get(&code))
            .and_then(|bid| bid.get(criterion));
        let (value, reason) = written
            .cloned()
            .ok_or_else(|| ClientError::technical(format_args!("nothing written for {code} {criterion}")))?;
        let cell = match value.as_str() {
            "pass" => Cell::Pass,
            "fail" => Cell::Fail { reason },
            number => Cell::Score {
                value: number.parse().map_err(|e: rules::DecimalError| format(&e))?,
                reason,
            },
        };
        Ok(SheetCell {
            criterion: rules::CriterionId::new(criterion).map_err(|e| format(&e))?,
            cell,
        })
    }
}
