//! The record is the one the anchors speak of: log key, log witnesses, quorum, certificates.

use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::certificates::verify_chain;
use evaluation::{Role, State};
use record::VerifierKey;
use std::collections::BTreeMap;

fn refuse<T>(what: impl Into<String>) -> Result<T, ClientError> {
    Err(ClientError::Check(what.into()))
}

/// First act against the anchors: another log key, another witness or a smaller quorum is refused. Who came in by a
/// replacement must be anchored too.
///
/// # Errors
/// [`ClientError::Check`]; [`ClientError::UnknownWitness`], which passes when the anchors are installed.
pub fn check_record(replica: &Replica) -> Result<(), ClientError> {
    let anchors = replica.anchors();
    let Some(setting) = replica.state().record() else {
        return refuse("the record is not created");
    };
    if setting.centre.log_key.parse::<VerifierKey>().ok().as_ref() != Some(&anchors.log_key) {
        return refuse("the first act names another log key");
    }
    if setting.quorum < anchors.witnesses.quorum {
        return refuse("the first act asks for fewer cosignatures than the anchors");
    }
    let anchored: BTreeMap<_, _> = anchors
        .witnesses
        .witnesses
        .iter()
        .map(|w| (w.name.as_str(), w))
        .collect();
    for line in &setting.witnesses {
        let known = anchored.get(line.name.as_str());
        let same = known.is_some_and(|w| {
            line.key.parse::<VerifierKey>().is_ok_and(|key| key == w.key)
                && w.outside == line.outside
                && w.organisation == line.organisation
        });
        if !same {
            return refuse(format!("log witness {} is not anchored so", line.name));
        }
    }
    match replica.unknown_witness() {
        Some(name) => Err(ClientError::UnknownWitness(name.to_owned())),
        None => Ok(()),
    }
}

/// Every holder, custodian, clerk and supervisor leads to a local CA root.
///
/// # Errors
/// [`ClientError::Check`] naming the pseudonym.
pub fn check_trust(state: &State, roots: &[Vec<u8>]) -> Result<(), ClientError> {
    let roles = [
        Role::Holder,
        Role::Custodian,
        Role::Clerk,
        Role::Supervisor,
        Role::WitnessPerson,
        Role::SiteOperator,
    ];
    let time = state.last_time();
    for party in roles.into_iter().flat_map(|role| state.with_role(role)) {
        if verify_chain(&party.chain, roots, time).is_err() {
            return refuse(format!(
                "the certificate of {} {} is not under a local anchor",
                party.role.name(),
                party.person
            ));
        }
    }
    Ok(())
}
