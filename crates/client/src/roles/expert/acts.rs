//! What a member does: binding, promise, vote, avoidance, seal, close as leader, signature of the report.

use crate::author::{Author, Draft, PersonalKey};
use crate::checks::{KeyPermit, check_key};
use crate::desk::{Desk, Sent};
use crate::drafts;
use crate::error::ClientError;
use crate::link::Link;
use evaluation::acts::binding::KeyBound;
use evaluation::acts::committee::{
    AvoidanceDeclared, COMMITTEE, Ground, LeaderVoted, PromiseMade, bidder_list_digest,
};
use evaluation::acts::result::{REPORT, ReportSigned};
use evaluation::acts::rounds::{RoundClosed, closing_lines};
use evaluation::acts::sheets::{SheetSealed, sheet_context};
use evaluation::{CodeName, personal};
use protocol::window::Words;
use record::{DeviceId, Digest};
use sealing::Random;
use sealing::sheet::{
    Block, BlockCommitment, FORMAT, PersonalSignature, SheetHead, SheetParts, content_digest, seal_sheet,
};
use sealing::sign::SigningKeyPair;
use storage::Vault;

/// What sealing means, in two sentences (shown before the PIN is asked).
pub const SEAL_CONSEQUENCE: [&str; 2] = [
    "密封提交后，任何人（包括中心）在法定人数的密钥持有人开启本轮之前都无法读取您填写的内容。本轮关闭前您可以重新密封，以最后一份为准。",
    "Once sealed, nobody, the centre included, can read what you filled in before a quorum of holders opens the round. Until \
     the round is closed you may seal again; the last one counts.",
];

/// The line drawn to a booth, and whether its key is bound.
pub fn line_of_booth(desk: &Desk, booth: &str) -> Option<(CodeName, bool)> {
    let lines = &desk.replica.state().committee().lines;
    let found = lines.iter().find(|(_, line)| line.booth == booth);
    found.map(|(name, line)| (name.clone(), line.binding.is_some()))
}

/// The evaluation key of this PC: made once, kept in the vault of who sits here.
///
/// # Errors
/// The vault.
pub fn evaluation_key(vault: &mut Vault, random: &mut dyn Random) -> Result<SigningKeyPair, ClientError> {
    let kept = vault.get("evaluation-key")?;
    if let Some(bytes) = kept.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
        let secret = sealing::curve::SecretScalar::from_bytes(&bytes)
            .map_err(|e| ClientError::Format(e.to_string()))?;
        return Ok(SigningKeyPair::from_secret(secret));
    }
    renew_evaluation_key(vault, random)
}

/// Another evaluation key in place of the one that this PC had: its own was refused since another PC took its place.
///
/// # Errors
/// The vault.
pub fn renew_evaluation_key(
    vault: &mut Vault,
    random: &mut dyn Random,
) -> Result<SigningKeyPair, ClientError> {
    let key = SigningKeyPair::generate(random);
    vault.put("evaluation-key", key.secret().to_secret_bytes().expose())?;
    Ok(key)
}

/// Binds an evaluation key to the line drawn to this booth (protocol 3). The act is the new key's own.
///
/// # Errors
/// As [`Desk::send`]; a wrong PIN.
pub fn bind(
    desk: &mut Desk,
    author: &Author,
    booth: &str,
    name: &CodeName,
    personal: &PersonalKey,
) -> Result<Sent, ClientError> {
    let line = desk.replica.state().committee().lines.get(name);
    let payload = KeyBound {
        ticket: line.map(|line| line.ticket.clone()).unwrap_or_default(),
        line: name.clone(),
        booth: booth.to_owned(),
    };
    let draft = Draft {
        kind: "key.bound",
        instance: COMMITTEE,
        payload: &payload,
        attachments: Vec::new(),
        personal: Some(personal),
    };
    let now = desk.centre_now();
    let (origin, seen) = (desk.replica.origin(), desk.replica.seen());
    let act = author.compose(origin, draft, seen, now, &mut *desk.random)?;
    desk.send(&act)
}

/// From the binding on the desk speaks as the evaluation key; a cursor belongs to one key, so the feed starts anew.
pub fn take_over(desk: &mut Desk, key: SigningKeyPair, device: DeviceId, link: Box<dyn Link>) {
    desk.author = Author::new(key, device);
    desk.link = link;
    desk.replica.restart();
}

fn signed<T: serde::Serialize>(
    desk: &mut Desk,
    kind: &str,
    instance: &str,
    payload: &T,
    personal: Option<&PersonalKey>,
) -> Result<Sent, ClientError> {
    desk.act(Draft {
        kind,
        instance,
        payload,
        attachments: Vec::new(),
        personal,
    })
}

/// The promise (承诺书).
///
/// # Errors
/// As [`Desk::act`].
pub fn promise(desk: &mut Desk, name: &CodeName, personal: &PersonalKey) -> Result<Sent, ClientError> {
    signed(
        desk,
        "promise.made",
        COMMITTEE,
        &PromiseMade { line: name.clone() },
        Some(personal),
    )
}

/// A vote for the leader.
///
/// # Errors
/// As [`Desk::act`].
pub fn vote_leader(desk: &mut Desk, name: &CodeName, leader: &CodeName) -> Result<Sent, ClientError> {
    let payload = LeaderVoted {
        line: name.clone(),
        leader: leader.clone(),
    };
    signed(desk, "leader.voted", COMMITTEE, &payload, None)
}

/// Grounds to avoid, or none, against the list of bidders as recorded.
///
/// # Errors
/// As [`Desk::act`].
pub fn declare_avoidance(
    desk: &mut Desk,
    name: &CodeName,
    grounds: Vec<Ground>,
    personal: &PersonalKey,
) -> Result<Sent, ClientError> {
    let bidders = bidder_list_digest(desk.replica.state());
    let payload = AvoidanceDeclared {
        line: name.clone(),
        bidders,
        grounds,
    };
    signed(desk, "avoidance.declared", COMMITTEE, &payload, Some(personal))
}

/// The leader closes a round in which every line has sealed or is recorded as absent; `None` while one is missing.
///
/// # Errors
/// As [`Desk::act`].
pub fn close_round(
    desk: &mut Desk,
    instance: &str,
    name: &CodeName,
    personal: &PersonalKey,
) -> Result<Option<Sent>, ClientError> {
    let state = desk.replica.state();
    let leads = state.committee().leader.as_ref() == Some(name);
    let round = state.round(instance).filter(|_| leads);
    let Some(lines) = round.and_then(closing_lines) else {
        return Ok(None);
    };
    signed(
        desk,
        "round.closed",
        instance,
        &RoundClosed { lines },
        Some(personal),
    )
    .map(Some)
}

/// Signs the report, or signs with a dissent (VOTE-1).
///
/// # Errors
/// [`ClientError::Check`] before there is a report; as [`Desk::act`].
pub fn sign_report(
    desk: &mut Desk,
    name: &CodeName,
    dissent: Option<String>,
    personal: &PersonalKey,
) -> Result<Sent, ClientError> {
    let report = desk
        .replica
        .state()
        .report()
        .ok_or_else(|| ClientError::check("还没有评标报告", "there is no report yet"))?;
    let payload = ReportSigned {
        line: name.clone(),
        report: report.digest,
        dissent,
    };
    signed(desk, "report.signed", REPORT, &payload, Some(personal))
}

/// The deliberate moment: blocks from the vault, head, personal signature for the custodians, seal, act. The round's
/// key was checked by this client just before: that is what the permit says.
///
/// # Errors
/// As [`Desk::act`]; a wrong PIN.
pub fn seal(
    desk: &mut Desk,
    permit: &KeyPermit,
    name: &CodeName,
    personal: &PersonalKey,
) -> Result<Sent, ClientError> {
    let instance = permit.instance().to_owned();
    let state = desk.replica.state();
    let round = state
        .round(&instance)
        .ok_or_else(|| ClientError::check("没有这一轮", "no such round"))?;
    let setting = round.setting.clone();
    let mut blocks = Vec::new();
    for bidder in &setting.bidders {
        let block = drafts::block(&desk.vault, &instance, bidder, &setting.criteria)?;
        let bytes = serde_json::to_vec(&block).map_err(|e| ClientError::Format(e.to_string()))?;
        blocks.push(Block::new(bidder.as_str().to_owned(), bytes, &mut *desk.random));
    }
    let commitments = blocks.iter().map(|block| BlockCommitment {
        bidder: block.bidder.clone(),
        commitment: block.commitment(),
    });
    let head = SheetHead {
        format: FORMAT.to_owned(),
        rulebook: setting.rulebook.0,
        instance: instance.clone(),
        criteria: setting.criteria.clone(),
        supersedes: None,
        blocks: commitments.collect(),
    };
    let head = head.to_bytes();
    let digest = content_digest(&head);
    let text = personal::sheet_text(&desk.replica.origin(), &instance, name.as_str(), &digest);
    let text_digest = Digest::of(text.as_bytes()).0;
    let message = sealing::sheet::personal_message(&digest, &text_digest);
    let certificate = personal.chain.first().cloned();
    let signature = PersonalSignature {
        certificate: certificate
            .ok_or_else(|| ClientError::check("没有个人证书", "no personal certificate"))?,
        signature: personal.sign(&message)?,
        text_digest,
    };
    let custodians: Vec<[u8; 65]> = state.custodian_keys().iter().map(|key| key.0).collect();
    let context = sheet_context(state, &instance, name, &desk.author.public())?;
    let parts = SheetParts {
        head: &head,
        blocks: &blocks,
        personal: &signature,
        custodians: &custodians,
        sheet_size: setting.sheet_size as usize,
    };
    let sealed =
        seal_sheet(&context, &parts, desk.author.key(), &mut *desk.random).map_err(ClientError::technical)?;
    let sheet = desk.blob(&sealed.blob)?;
    signed(
        desk,
        "sheet.sealed",
        &instance,
        &SheetSealed {
            line: name.clone(),
            sheet,
        },
        None,
    )
}

/// Whether the round's key stands every check of this client now.
pub(super) fn key_permit(desk: &Desk, instance: &str) -> Result<KeyPermit, ClientError> {
    check_key(&desk.replica, instance)
}

/// The consequence of sealing, in both languages.
pub(super) fn seal_consequence() -> Words {
    Words::new(SEAL_CONSEQUENCE[0], SEAL_CONSEQUENCE[1])
}
