//! Personal signatures: the numbered zh-CN texts and their verification (protocol 1).
//!
//! The signed message is tag ‖ digest of the act's core ‖ SHA-256 of the text. The text is rendered from the
//! core alone, so the audit renders it again. A seal's personal signature covers the content digest instead
//! and travels inside the seal (protocol 4.4): [`sheet_text`].

use crate::certificates::Subject;
use crate::refusal::{Code, Refusal, ensure};
use record::{Core, Digest, PublicKey, Signature};
use serde::{Deserialize, Serialize};

/// Name of the attachment that holds a personal signature.
pub const ATTACHMENT: &str = "personal";

/// Value of a personal-signature attachment (JSON).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalSignature {
    /// `conclave.personal/1`.
    pub format: String,
    /// Template and its number, e.g. `promise.made/1`.
    pub template: String,
    /// Certificate chain of the personal key, leaf first, base64 DER.
    pub certificate: Vec<String>,
    /// Signature over [`message`].
    pub signature: Signature,
}

impl PersonalSignature {
    /// Format name.
    pub const FORMAT: &'static str = "conclave.personal/1";

    /// Chain as DER.
    ///
    /// # Errors
    /// [`Code::Certificate`] when a certificate is not base64.
    pub fn chain(&self) -> Result<Vec<Vec<u8>>, Refusal> {
        crate::acts::decode_chain(&self.certificate)
    }
}

/// A personal signature that was checked against core, text and certified key.
#[derive(Clone, Debug)]
pub struct VerifiedPersonal {
    subject: Subject,
    chain: Vec<Vec<u8>>,
}

impl VerifiedPersonal {
    /// Who signed.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The chain, for verification against anchors.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
}

/// The message that the personal key signs.
pub fn message(core_digest: &Digest, text: &str) -> Vec<u8> {
    [
        b"conclave/personal/v1\0".as_slice(),
        &core_digest.0,
        &Digest::of(text.as_bytes()).0,
    ]
    .concat()
}

/// Checks a personal signature over an act's core.
///
/// # Errors
/// [`Code::PersonalSignature`] or [`Code::Certificate`].
pub fn verify(core: &Core, core_digest: &Digest, value: &[u8]) -> Result<VerifiedPersonal, Refusal> {
    let text = text(core).ok_or_else(|| {
        Refusal::new(
            Code::PersonalSignature,
            format!("{} has no personal text", core.kind),
        )
    })?;
    let signed: PersonalSignature = record::strict::from_slice(value)
        .map_err(|e| Refusal::new(Code::PersonalSignature, e.to_string()))?;
    ensure(
        signed.format == PersonalSignature::FORMAT,
        Code::PersonalSignature,
        "format",
    )?;
    ensure(
        signed.template == template(&core.kind),
        Code::PersonalSignature,
        "template",
    )?;
    let chain = signed.chain()?;
    let first = chain
        .first()
        .ok_or_else(|| Refusal::new(Code::Certificate, "empty chain"))?;
    let subject = Subject::read(first)?;
    ensure(
        subject.is_valid_at(core.time),
        Code::Certificate,
        "not valid when signed",
    )?;
    let valid = sealing::sign::verify(&subject.key.0, &message(core_digest, &text), &signed.signature.0);
    ensure(valid, Code::PersonalSignature, "signature does not verify")?;
    Ok(VerifiedPersonal { subject, chain })
}

/// Template name of an act type; the number rises when the text changes.
pub fn template(kind: &str) -> String {
    format!("{kind}/1")
}

fn field<'a>(core: &'a Core, name: &str) -> &'a str {
    core.payload
        .get(name)
        .and_then(serde_json::Value::as_str)
        .unwrap_or("")
}

/// The zh-CN text of an act that needs a personal signature, rendered from its core; `None` for other types.
pub fn text(core: &Core) -> Option<String> {
    let origin = core.origin;
    let instance = &core.instance;
    let body = match core.kind.as_str() {
        "promise.made" => {
            "本人承诺：独立、客观、公正评审，对个人评审意见承担法律责任；评审期间不与他人私下联系，\
            不泄露评审情况，不复制、不带走任何评审资料；发现违法行为及时报告。"
                .to_owned()
        }
        "avoidance.declared" => {
            let grounds = core
                .payload
                .get("grounds")
                .and_then(|v| v.as_array())
                .map_or(0, Vec::len);
            let bidders = field(core, "bidders");
            if grounds == 0 {
                format!("本人已阅读全部投标人名单（名单摘要 {bidders}），与其均不存在依法应当回避的情形。")
            } else {
                format!(
                    "本人已阅读全部投标人名单（名单摘要 {bidders}），存在应当回避的情形 {grounds} 项，申请回避。"
                )
            }
        }
        "key.bound" => format!(
            "本人以签到号 {} 在评标仓 {} 启用评标密钥，仅用于本次评标。",
            field(core, "ticket"),
            field(core, "booth")
        ),
        "member.checked_in" => format!(
            "本人到 {} 签到，签到号 {}。",
            field(core, "site"),
            field(core, "ticket")
        ),
        "member.key_replaced" => format!("本人因更换设备启用新的评标密钥，代号 {}。", field(core, "line")),
        "key.dealt" => format!("本人作为密钥持有人，为“{instance}”分发密钥份额。"),
        "share.released" => format!("本人已核对存证记录，同意为“{instance}”释放密钥份额。"),
        "partial.released" => {
            format!(
                "本人已核对截止时间与存证记录，同意为“{instance}”解密投标 {}。",
                field(core, "submission")
            )
        }
        "round.closed" => format!("本人作为评标委员会组长，确认“{instance}”的评审意见已齐，关闭本轮。"),
        "round.countersigned" => format!(
            "本人复核并同意关闭“{instance}”（关闭操作 {}）。",
            field(core, "closed")
        ),
        "report.signed" => match core.payload.get("dissent").and_then(|v| v.as_str()) {
            None => format!(
                "本人已阅读评标报告（摘要 {}），同意其内容并签署。",
                field(core, "report")
            ),
            Some(reason) => {
                format!(
                    "本人已阅读评标报告（摘要 {}），对结果有不同意见：{reason}",
                    field(core, "report")
                )
            }
        },
        _ => return None,
    };
    Some(format!("【{}】存证记录 {origin}。{body}", template(&core.kind)))
}

/// The text that an expert signs when sealing a sheet; `d` is the content digest.
pub fn sheet_text(origin: &record::Origin, instance: &str, line: &str, d: &[u8; 32]) -> String {
    let digest = hex::encode(d);
    format!(
        "【sheet.sealed/1】存证记录 {origin}。本人（代号 {line}）对“{instance}”的评分表（摘要 {digest}）负责，\
         密封后在依法开启前任何人不能查看，本人可在关闭前重新密封。"
    )
}

/// Whether two personal signatures come from the same certified key.
pub fn same_person(a: &VerifiedPersonal, key: &PublicKey) -> bool {
    a.subject.key == *key
}
