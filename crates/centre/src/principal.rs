//! Who calls: the key of a TLS client certificate, proven by the handshake. What it may do is the record's to say.

use evaluation::{CodeName, Role, State};
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
