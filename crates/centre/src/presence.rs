//! Who is connected: what the shell's live channels show, beside what the record knows of seats. Never in the record.

use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::principal::Principal;
use evaluation::{Role, SiteId, State};
use protocol::{Connections, SeatConnection};
use record::{Millis, Origin, PublicKey};

/// What a shell knows of a key's live channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Whether one is open.
    pub connected: bool,
    /// Since when it is, or is not.
    pub since: Millis,
}

/// Who is told of every seat.
const TOLD_ALL: [Role; 3] = [Role::Supervisor, Role::WitnessPerson, Role::Clerk];

impl Centre {
    /// The seats of a record with their connection, for who watches over them; a site operator is told of the own site,
    /// and no code name. `connection` says what the shell knows of a key.
    ///
    /// # Errors
    /// [`CentreError::Forbidden`] to every other role, members of the committee before all.
    pub fn presence(
        &self,
        principal: &Principal,
        origin: &Origin,
        connection: &dyn Fn(&PublicKey) -> Option<Connection>,
    ) -> Result<Connections, CentreError> {
        let core = self.core(origin)?;
        let core = lock(&core);
        let (key, standing) = Self::known(&core, principal)?;
        let own = own_site(&core.state, &key);
        let all = TOLD_ALL.iter().any(|role| standing.has(*role));
        if !all && own.is_none() {
            return Err(CentreError::Forbidden(
                "who is connected is not told to this role",
            ));
        }
        let unheard = Connection {
            connected: false,
            since: self.opened,
        };
        let mut seats = seats(&core.state, |key| connection(key).unwrap_or(unheard), unheard);
        if !all {
            seats.retain(|seat| seat.site == own);
            seats.iter_mut().for_each(|seat| seat.line = None);
        }
        Ok(Connections { seats })
    }
}

/// Site of the desk that a key keeps.
fn own_site(state: &State, key: &PublicKey) -> Option<SiteId> {
    let desk = state
        .parties(key)
        .iter()
        .find(|party| party.role == Role::SiteOperator);
    desk.and_then(|party| party.site.clone())
}

/// People and booth PCs in the order of the roles, then lines in the order of code names.
fn seats(state: &State, of: impl Fn(&PublicKey) -> Connection, unheard: Connection) -> Vec<SeatConnection> {
    let parties = Role::ALL.into_iter().flat_map(|role| state.with_role(role));
    let parties = parties.map(|party| {
        let connection = of(&party.key);
        SeatConnection {
            key: Some(party.key),
            booth: party.booth.clone(),
            line: None,
            site: party.site.clone(),
            role: party.role,
            connected: connection.connected,
            since: connection.since,
        }
    });
    let lines = state.committee().lines.iter().map(|(name, line)| {
        let key = line.binding.as_ref().map(|binding| binding.key);
        let connection = key.as_ref().map_or(unheard, &of);
        SeatConnection {
            key,
            booth: Some(line.booth.clone()),
            line: Some(name.clone()),
            site: Some(line.site.clone()),
            role: line.role,
            connected: connection.connected,
            since: connection.since,
        }
    });
    parties.chain(lines).collect()
}
