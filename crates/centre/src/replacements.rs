//! New PCs that ask a site desk to put their key in the place of the old one's (protocol 3). Kept in memory, one a
//! booth, until the desk's act stands in the record or the asking has expired; a PC that still waits asks again.

use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::principal::Principal;
use evaluation::acts::binding::KeyReplaced;
use evaluation::{Role, State};
use protocol::{MAX_PROPOSALS, ReplacementAsk, ReplacementAsked, ReplacementTaken, Replacements};
use record::{Body, Millis, Origin, PublicKey};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// Largest body and personal signature of a proposal, bytes: acts of this type are a few hundred.
const MAX_PROPOSAL: usize = 32 * 1024;

/// What booths ask, with the time since when.
pub(crate) type Asked = BTreeMap<(Origin, String), (Millis, ReplacementAsk)>;

impl Centre {
    /// Keeps what a booth's new PC asks, in place of what it asked before.
    ///
    /// # Errors
    /// [`CentreError::Forbidden`] to all but the PC of that booth, [`CentreError::NotFound`] while no key is bound
    /// there; a request that is too large.
    pub fn replacement_ask(
        &self,
        principal: &Principal,
        origin: &Origin,
        ask: &ReplacementAsk,
    ) -> Result<ReplacementTaken, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        let (key, _) = Self::known(&core, principal)?;
        let own = core
            .state
            .parties(&key)
            .iter()
            .any(|party| party.role == Role::Booth && party.booth.as_deref() == Some(ask.booth.as_str()));
        if !own {
            return Err(CentreError::Forbidden("only the PC of the booth asks for it"));
        }
        if bound_key(&core.state, &ask.booth).is_none() {
            return Err(CentreError::NotFound("a bound key in this booth"));
        }
        let large = |proposal: &protocol::ReplacementProposal| {
            proposal.body.len() + proposal.personal.value.len() > MAX_PROPOSAL
        };
        if ask.proposals.len() > MAX_PROPOSALS || ask.proposals.iter().any(large) {
            return Err(CentreError::BadRequest("too large".to_owned()));
        }
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (*origin, ask.booth.clone());
        let before = asked.get(&place).filter(|(_, before)| before == ask);
        let since = before.map_or_else(|| self.now(), |(since, _)| *since);
        asked.insert(place, (since, ask.clone()));
        Ok(ReplacementTaken { since })
    }

    /// New PCs that wait for the calling site desk.
    ///
    /// # Errors
    /// [`CentreError::Forbidden`] to every other role.
    pub fn replacement_list(
        &self,
        principal: &Principal,
        origin: &Origin,
    ) -> Result<Replacements, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        let (key, _) = Self::known(&core, principal)?;
        let desk = core.state.parties(&key);
        let site = desk.iter().find(|party| party.role == Role::SiteOperator);
        let site = site.and_then(|party| party.site.clone());
        let site = site.ok_or(CentreError::Forbidden("only a site desk replaces PCs"))?;
        let here = |booth: &str| {
            let mut booths = core.state.with_role(Role::Booth);
            booths.any(|party| party.booth.as_deref() == Some(booth) && party.site.as_ref() == Some(&site))
        };
        let now = self.now();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|(of, booth), (_, ask)| of != origin || waits(&core.state, booth, ask, now));
        let own = asked
            .iter()
            .filter(|((of, booth), _)| of == origin && here(booth));
        let own = own.filter_map(|((_, booth), (since, ask))| {
            let proposal = ask.proposals.iter().find(|proposal| proposal.desk == key)?;
            Some(ReplacementAsked {
                booth: booth.clone(),
                since: *since,
                proposal: proposal.clone(),
            })
        });
        Ok(Replacements { asked: own.collect() })
    }
}

/// The evaluation key bound to the line of a booth.
fn bound_key(state: &State, booth: &str) -> Option<PublicKey> {
    let line = state
        .committee()
        .lines
        .values()
        .find(|line| line.booth == booth)?;
    line.binding.as_ref().map(|binding| binding.key)
}

/// Whether the desk could still sign it: the key that it replaces is the one that is bound, and it is in time.
fn waits(state: &State, booth: &str, ask: &ReplacementAsk, now: Millis) -> bool {
    let Some(body) = ask
        .proposals
        .first()
        .and_then(|first| Body::parse(first.body.as_bytes()).ok())
    else {
        return false;
    };
    let replaced = serde_json::from_value::<KeyReplaced>(body.core.payload);
    let old = replaced.ok().map(|replaced| replaced.old);
    body.core.expires >= now && old.is_some() && old == bound_key(state, booth)
}
