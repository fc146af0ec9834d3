//! The record is the one the anchors speak of: log key, log witnesses, quorum, certificates.

use super::list::{Checklist, Stop, Verdict, refuse, wait};
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::certificates::verify_chain;
use evaluation::{RecordSetting, Role, State};
use record::VerifierKey;
use std::collections::BTreeMap;

/// First act against the anchors: another log key, another witness or a smaller quorum is refused. Who came in by a
/// replacement must be anchored too.
pub fn record_checks(replica: &Replica) -> Checklist<'_> {
    Checklist::new()
        .with(
            "log_key",
            "存证记录由本机锚文件所列的日志密钥签署",
            "The record is signed by the log key of this PC's anchors",
            || log_key(replica),
        )
        .with(
            "quorum",
            "要求的见证会签数不少于锚文件",
            "It asks for no fewer cosignatures than the anchors",
            || quorum(replica),
        )
        .with(
            "log_witnesses",
            "每个见证节点都与锚文件一致",
            "Every log witness is anchored as recorded",
            || log_witnesses(replica),
        )
        .with(
            "replaced_witnesses",
            "更换后的见证节点也在锚文件中",
            "Log witnesses that came in later are anchored too",
            || match replica.unknown_witness() {
                Some(name) => Err(Stop::of(
                    true,
                    ClientError::UnknownWitness(name.to_owned()),
                    format!("本机锚文件中没有见证节点 {name}，请管理员安装新的锚文件"),
                )),
                None => Ok(()),
            },
        )
}

/// [`record_checks`], all of them.
///
/// # Errors
/// [`ClientError::Check`]; [`ClientError::UnknownWitness`], which passes when the anchors are installed.
pub fn check_record(replica: &Replica) -> Result<(), ClientError> {
    record_checks(replica).pass()
}

fn setting(replica: &Replica) -> Verdict<&RecordSetting> {
    match replica.state().record() {
        Some(setting) => Ok(setting),
        None => wait("存证记录尚未建立", "the record is not created"),
    }
}

fn log_key(replica: &Replica) -> Verdict {
    let named = setting(replica)?.centre.log_key.parse::<VerifierKey>().ok();
    if named.as_ref() != Some(&replica.anchors().log_key) {
        return refuse(
            "首条记录写的是另一把日志密钥",
            "the first act names another log key",
        );
    }
    Ok(())
}

fn quorum(replica: &Replica) -> Verdict {
    if setting(replica)?.quorum < replica.anchors().witnesses.quorum {
        return refuse(
            "首条记录要求的会签数少于锚文件",
            "the first act asks for fewer cosignatures than the anchors",
        );
    }
    Ok(())
}

fn log_witnesses(replica: &Replica) -> Verdict {
    let anchored: BTreeMap<_, _> = replica
        .anchors()
        .witnesses
        .witnesses
        .iter()
        .map(|w| (w.name.as_str(), w))
        .collect();
    for line in &setting(replica)?.witnesses {
        let known = anchored.get(line.name.as_str());
        let same = known.is_some_and(|w| {
            line.key.parse::<VerifierKey>().is_ok_and(|key| key == w.key)
                && w.outside == line.outside
                && w.organisation == line.organisation
        });
        if !same {
            return refuse(
                format!("见证节点 {} 与锚文件不一致", line.name),
                format!("log witness {} is not anchored so", line.name),
            );
        }
    }
    Ok(())
}

/// Every holder, custodian, clerk and supervisor leads to a local CA root.
pub fn trust_checks<'a>(state: &'a State, roots: &'a [Vec<u8>]) -> Checklist<'a> {
    Checklist::new().with(
        "certificates",
        "持有人、保管人、经办、监督、见证和场所管理员的证书都出自本机信任的CA",
        "Certificates of holders, custodians, clerk, supervisor, witness persons and site operators lead to a CA \
         root of this PC",
        || certificates(state, roots),
    )
}

/// [`trust_checks`], all of them.
///
/// # Errors
/// [`ClientError::Check`] naming the pseudonym.
pub fn check_trust(state: &State, roots: &[Vec<u8>]) -> Result<(), ClientError> {
    trust_checks(state, roots).pass()
}

fn certificates(state: &State, roots: &[Vec<u8>]) -> Verdict {
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
            return refuse(
                format!(
                    "{}（{}）的证书不出自本机信任的CA",
                    party.person,
                    party.role.name()
                ),
                format!(
                    "the certificate of {} {} is not under a local anchor",
                    party.role.name(),
                    party.person
                ),
            );
        }
    }
    Ok(())
}
