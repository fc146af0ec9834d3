//! Who calls: the key of a TLS client certificate, proven by the handshake. What it may do is the record's to say.

use crate::error::CentreError;
use evaluation::{CodeName, Role, State};
use protocol::Access;
use record::PublicKey;

/// The caller as the transport proved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// No client certificate.
    Anonymous,
    /// A P-256 key.
    Key(PublicKey),
    /// An Ed25519 key: a log witness.
    Witness([u8; 32]),
}

/// Whether the command table admits a caller at all, before anything of the request is read. `clerk`: the
/// certificate chain leads to the centre's anchors and certifies a clerk. What an admitted caller may do is decided
/// behind it, by the record.
///
/// # Errors
/// [`CentreError::Unauthenticated`] and [`CentreError::Forbidden`].
pub fn admitted(access: Access, principal: &Principal, clerk: bool) -> Result<(), CentreError> {
    match (access, principal) {
        (Access::Open | Access::Operator, _) => Ok(()),
        (Access::LogWitness, Principal::Witness(_)) | (Access::Known, Principal::Key(_)) => Ok(()),
        (Access::LogWitness, Principal::Key(_)) => Err(CentreError::Forbidden("not a log witness")),
        (Access::Clerk, Principal::Key(_)) if clerk => Ok(()),
        (Access::Clerk, Principal::Key(_)) => {
            Err(CentreError::Forbidden("not an anchored clerk's certificate"))
        }
        _ => Err(CentreError::Unauthenticated),
    }
}

/// What a key is in a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub(crate) roles: Vec<Role>,
    pub(crate) line: Option<CodeName>,
}

impl Standing {
    /// Roles, booth and roster line of a key. A retired evaluation key has none.
    pub(crate) fn of(state: &State, key: &PublicKey) -> Self {
        let mut roles: Vec<Role> = state.parties(key).iter().map(|party| party.role).collect();
        let line = state.line_of(key);
        roles.extend(line.map(|(_, line)| line.role));
        Self {
            roles,
            line: line.map(|(name, _)| name.clone()),
        }
    }

    pub(crate) fn is_known(&self) -> bool {
        !self.roles.is_empty()
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
