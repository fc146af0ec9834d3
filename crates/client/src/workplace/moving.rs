//! A booth's new PC on its way into the place of the old one: asked, confirmed by the site desk, gone back to the newest
//! snapshot, seated. Each step is taken as soon as the record allows it; a PC that is switched off between takes it up
//! again with the same ticket and PIN.

use super::expert::{Booth, Sitting, lock};
use super::seat_file::Token;
use crate::desk::Desk;
use crate::drafts::Pen;
use crate::error::ClientError;
use crate::rehearsal::Identity;
use crate::roles::expert;
use crate::roles::new_pc::{self, PATIENCE, WentBack};
use crate::vault_key;
use evaluation::{Binding, CodeName};
use protocol::ReplacementAsk;
use protocol::window::{ExpertView, NewPc, Offer, StepState, Words};
use record::{Millis, PublicKey};
use sealing::provider::KeyProvider;
use sealing::sign::SigningKeyPair;
use std::path::PathBuf;
use storage::Vault;

/// What the token opens on this PC.
pub(super) struct Opened {
    pub(super) data_key: [u8; 32],
    pub(super) vault: Vault,
    pub(super) key: SigningKeyPair,
}

/// A member whose new PC is on its way.
pub(super) struct Moving {
    name: CodeName,
    /// Opens the snapshot once it may be read; forgotten with the move.
    token: Token,
    data_key: [u8; 32],
    new: PublicKey,
    /// What is asked, and when it was made; `None`: the record has the new key already.
    ask: Option<(ReplacementAsk, Millis)>,
    since: Option<Millis>,
    taken_over: bool,
}

fn binding(desk: &Desk, name: &CodeName) -> Option<Binding> {
    let line = desk.replica.state().committee().lines.get(name)?;
    line.binding.clone()
}

impl Booth {
    fn sitter(&self) -> PathBuf {
        self.folder.join("sitter")
    }

    /// Opens what this PC keeps for whoever brings the token; made at the first use.
    pub(super) fn unlock(&self, desk: &mut Desk, token: &Token) -> Result<Opened, ClientError> {
        let folder = self.sitter();
        std::fs::create_dir_all(&folder).map_err(|e| ClientError::Format(e.to_string()))?;
        let data_key = vault_key::data_key(&folder, &token.vault, &token.personal.pin, &mut *desk.random)?;
        let mut vault = vault_key::vault(&folder, &data_key)?;
        let key = expert::evaluation_key(&mut vault, &mut *desk.random)?;
        Ok(Opened { data_key, vault, key })
    }

    /// The line that a ticket was drawn to, if that is here.
    pub(super) fn line_of_ticket(&self, desk: &Desk, ticket: &str) -> Result<CodeName, ClientError> {
        let drawn = expert::line_of_booth(desk, &self.booth);
        let (name, _) = drawn
            .ok_or_else(|| ClientError::check("这间评标仓尚未抽签", "nobody is drawn to this booth yet"))?;
        let line = desk.replica.state().committee().lines.get(&name);
        if line.is_none_or(|line| line.ticket != ticket.trim()) {
            return Err(ClientError::check(
                "该签到号没有抽到这间评标仓",
                "this ticket was not drawn to this booth",
            ));
        }
        Ok(name)
    }

    /// As a new PC: makes a key and asks the site desk to put it in the old one's place. The data key, where the move is
    /// over already.
    pub(crate) fn ask_replacement(
        &mut self,
        desk: &mut Desk,
        ticket: &str,
        token: Token,
    ) -> Result<Option<[u8; 32]>, ClientError> {
        let name = self.line_of_ticket(desk, ticket)?;
        let bound = binding(desk, &name).ok_or_else(|| {
            ClientError::check(
                "该席位尚无人就座，请直接入仓",
                "nobody has taken this seat yet: take it",
            )
        })?;
        let mut opened = self.unlock(desk, &token)?;
        let mut new = PublicKey(opened.key.public_key());
        if bound.retired.contains(&new) {
            // This PC was replaced itself, and is to come back: by a key that is not refused.
            opened.key = expert::renew_evaluation_key(&mut opened.vault, &mut *desk.random)?;
            new = PublicKey(opened.key.public_key());
        }
        let ask = match bound.key == new {
            true => None,
            false => {
                let ask = new_pc::ask(desk, &name, &opened.key, self.device, &token.personal)?;
                Some((ask, desk.centre_now()))
            }
        };
        self.moving = Some(Moving {
            name,
            token,
            data_key: opened.data_key,
            new,
            ask,
            since: None,
            taken_over: false,
        });
        self.follow(desk)
    }

    /// As a new PC that the site desk confirmed, and that has not gone back to its snapshot yet.
    pub(super) fn resume(
        &mut self,
        desk: &mut Desk,
        name: CodeName,
        data_key: [u8; 32],
        new: PublicKey,
        token: Token,
    ) -> Result<Option<[u8; 32]>, ClientError> {
        self.moving = Some(Moving {
            name,
            token,
            data_key,
            new,
            ask: None,
            since: None,
            taken_over: false,
        });
        self.follow(desk)
    }

    /// Takes the next steps that the record allows. The data key, once the member sits here.
    pub(super) fn follow(&mut self, desk: &mut Desk) -> Result<Option<[u8; 32]>, ClientError> {
        let Some(mut moving) = self.moving.take() else {
            return Ok(None);
        };
        let moved = self.step(desk, &mut moving);
        let lapsed = moving
            .ask
            .as_ref()
            .is_some_and(|(_, made)| !moving.taken_over && desk.centre_now() > made + PATIENCE);
        match moved {
            Ok(Some(back)) => {
                let data_key = moving.data_key;
                let vault_key = moving.token.vault.public_key();
                self.sit(moving.name, data_key, vault_key, Some(back))?;
                Ok(Some(data_key))
            }
            Ok(None) => {
                self.moving = (!lapsed).then_some(moving);
                Ok(None)
            }
            Err(error) => {
                self.moving = (!lapsed).then_some(moving);
                Err(error)
            }
        }
    }

    fn step(&self, desk: &mut Desk, moving: &mut Moving) -> Result<Option<WentBack>, ClientError> {
        if !moving.taken_over {
            if binding(desk, &moving.name).is_none_or(|binding| binding.key != moving.new) {
                if let Some((ask, _)) = &moving.ask {
                    // Said again and again: the centre keeps it in memory alone.
                    moving.since = Some(desk.link.replacement_ask(&desk.replica.origin(), ask)?.since);
                }
                return Ok(None);
            }
            let mut vault = vault_key::vault(&self.sitter(), &moving.data_key)?;
            let key = expert::evaluation_key(&mut vault, &mut *desk.random)?;
            let link = self.links.link(Identity::Key(&key, None));
            desk.vault = vault;
            expert::take_over(desk, key, self.device, link);
            moving.taken_over = true;
            desk.sync()?;
        }
        let token = &moving.token;
        new_pc::go_back(desk, &moving.name, &token.vault, &token.personal.pin)
    }

    /// The member sits here from now on.
    pub(super) fn sit(
        &mut self,
        name: CodeName,
        data_key: [u8; 32],
        vault_key: [u8; 65],
        back: Option<WentBack>,
    ) -> Result<(), ClientError> {
        let vault = vault_key::vault(&self.sitter(), &data_key)?;
        *lock(&self.hands) = Some(Pen::new(vault));
        self.sitting = Some(Sitting { name, vault_key });
        self.back = back;
        self.look_anew();
        Ok(())
    }

    /// Whether the seat was taken at another PC: here nothing was ever kept, or it was found to be another's.
    fn is_elsewhere(&self) -> bool {
        self.foreign || !vault_key::exists(&self.sitter())
    }

    /// How far the move is, for the window; and what is offered meanwhile.
    pub(super) fn show_move(&self, bound: bool, view: &mut ExpertView) {
        let back = self.back.as_ref().filter(|_| self.sitting.is_some());
        let state = match (&self.moving, back) {
            (Some(moving), _) if moving.ask.is_some() && !moving.taken_over => {
                NewPc::Asked { since: moving.since }
            }
            (Some(_), _) => NewPc::Restoring,
            (None, Some(back)) => NewPc::Restored {
                to: back.to,
                cells: back.cells,
            },
            (None, None) if bound && self.sitting.is_none() && self.is_elsewhere() => NewPc::Offered,
            (None, None) => return,
        };
        match state {
            NewPc::Offered => {
                view.offers = vec![Offer {
                    action: "ask_replacement".to_owned(),
                    why_not: None,
                    consequence: None,
                }];
            }
            NewPc::Asked { .. } => waits(
                view,
                "等待场所管理员确认",
                "Waiting for the site desk to confirm the new PC",
            ),
            NewPc::Restoring => waits(view, "正在取回备份", "Fetching the backup"),
            NewPc::Restored { .. } => {}
        }
        view.new_pc = Some(state);
    }
}

/// Nothing is asked of the member until somebody else, or this program, has gone on.
fn waits(view: &mut ExpertView, zh: &str, en: &str) {
    view.offers.clear();
    for step in view.steps.iter_mut().filter(|step| step.state == StepState::Now) {
        step.state = StepState::Waiting;
        step.note = Words::new(zh, en);
    }
}
