//! Why an act was refused: a closed list of codes with texts for people.

use std::fmt;

/// Language of a text for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    ZhCn,
    /// English.
    En,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $zh:literal, $en:literal;)*) => {
        /// The closed list of refusal codes. A code is added only when somebody acts on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// Every code, for tables.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// Stable text of the code, read over the phone and written to the log.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$code => $text,)* }
            }

            /// What happened, what is safe, what next.
            pub fn message(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Code::$code, Language::ZhCn) => $zh, (Code::$code, Language::En) => $en,)*
                }
            }
        }
    };
}

codes! {
    /// The act type is not in the catalogue, or is reserved for later work.
    UnknownType = "C-101", "无法识别的操作类型。已存内容不受影响，请升级客户端。",
        "This kind of act is not known here. Nothing was changed; update the client.";
    /// The payload is not what the act type says.
    Malformed = "C-102", "操作内容格式不符，未予接收。已存内容不受影响，请重试；仍然出现时请联系技术值守。",
        "The act is not well formed and was not taken. Nothing was changed; try again, or call the technician.";
    /// Another record, suite or procedure.
    Foreign = "C-103", "该操作不属于本次评标，未予接收。", "The act belongs to another evaluation and was not taken.";
    /// The act id or the commitment is already in the record.
    Replayed = "C-104", "该操作已在存证记录中，不会重复计入。", "The act is in the record already and is not counted twice.";
    /// Past its expiry, or with a life longer than allowed.
    Expired = "C-105", "操作已过有效时间，请重新提交。原内容仍在本机。", "The act has expired. Your work is kept here; submit it anew.";
    /// Made before the latest act that opened, defined or suspended its instance.
    Stale = "C-106", "环节状态已变化，请查看最新状态后重新操作。原内容仍在本机。",
        "The stage has changed since. Your work is kept here; look at the present state and act again.";
    /// Names a checkpoint that this record never had.
    ForkedHistory = "C-107", "本机所见的存证记录与中心不一致，已停止。请立即告知监督人员。",
        "The record seen here differs from the centre's. Everything has stopped; tell the supervisor at once.";
    /// The actor holds no role that may do this here.
    NotAllowed = "C-108", "您的角色在本环节不能执行该操作。", "Your role may not do this in this stage.";
    /// The instance is not at the point where this can be done.
    WrongStage = "C-109", "当前环节还不能执行该操作。", "This can't be done at this point of the stage.";
    /// Something the act names does not exist.
    NotFound = "C-110", "操作所指的对象不存在。", "What the act names does not exist.";
    /// It has been done already.
    AlreadyDone = "C-111", "该事项已经完成，无需重复。", "This has been done already.";
    /// Personal signature missing, wrong, or over another text.
    PersonalSignature = "C-112", "本人签名缺失或与文本不符，未予接收。", "The personal signature is missing or does not fit the text.";
    /// Certificate not of this role, organisation, time or trust.
    Certificate = "C-113", "证书与角色、机构或有效期不符。", "The certificate does not fit role, organisation, time or trust.";
    /// A proof of the ceremony, a wrap or a partial decryption does not verify.
    Proof = "C-114", "密码学证明未通过核验，未予接收。", "A cryptographic proof does not verify.";
    /// An ephemeral key of a wrap was used before under this key.
    EphemeralReused = "C-115", "密文与已有投标重复，未予接收。请重新生成密封文件。",
        "The wrapped key repeats an earlier one. Seal the bid anew.";
    /// After the deadline.
    Late = "C-116", "已过投标截止时间，未予接收。", "The deadline has passed; the submission was not taken.";
    /// Before the deadline or another moment.
    Early = "C-117", "时间未到，暂不能执行。", "It is too early for this.";
    /// Fewer bidders than the regime demands (MIN-1, MIN-2).
    TooFew = "C-118", "有效投标人不足法定数量，程序停止，未解密任何文件。",
        "There are fewer bidders than the law demands. The procedure stops; nothing was decrypted.";
    /// The rule book refuses: committee, weights, order, sheet.
    Rule = "C-119", "不符合评标办法或法定要求。", "This breaks the rulebook or a rule of law.";
    /// A blob that the act names is missing or differs.
    Blob = "C-120", "所需文件尚未就绪，请稍后重试。", "A file that the act names is not there yet; try again.";
    /// A limit of size, number or rate.
    Limit = "C-121", "超出数量或大小限制。", "A limit of size or number is exceeded.";
    /// The result or another computed value differs from the recomputation.
    Mismatch = "C-122", "与重新计算的结果不一致，未予接收。", "It differs from what is recomputed and was not taken.";
    /// The ceremony was stopped by a complaint.
    CeremonyStopped = "C-123", "密钥仪式因异议已停止。", "The key ceremony was stopped by a complaint.";
    /// The record is finished.
    Finished = "C-124", "本次评标已归档，不再接收操作。", "The evaluation is archived; nothing more is taken.";
    /// The evaluation ended without a result; only what archiving needs is taken.
    Ended = "C-126", "本次评标已终止，不再接收操作；未开启的投标文件保持密封。",
        "The evaluation ended without a result; nothing more is taken, and what was not opened stays shut.";
    /// The evaluation is suspended; what advances it is not taken.
    Suspended = "C-127", "评标已由监督人员暂停，该操作未予接收。已存内容和草稿不受影响，草稿继续保存；请等待恢复后重新操作。",
        "The evaluation is paused by the supervisor, and the act was not taken. Your work and drafts are safe and go on being kept; act again when it is resumed.";
    /// Centre time would go back.
    ClockBack = "C-125", "中心时钟异常，已停止接收。", "The centre's clock went back; nothing is taken until it is right.";
}

/// A refusal: code for people and branches, detail for the log. The state is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// Details for the log: act field, expected and found; never a score, a name or a key.
    pub detail: String,
}

impl Refusal {
    /// A refusal with its detail.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.as_str(), self.detail)
    }
}

/// `Ok` when the condition holds, else the refusal.
pub(crate) fn ensure(condition: bool, code: Code, detail: impl Into<String>) -> Result<(), Refusal> {
    if condition {
        Ok(())
    } else {
        Err(Refusal::new(code, detail))
    }
}
