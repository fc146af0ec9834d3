//! Errors for people: what happened, what is safe, what next. Codes: D-1xx line, D-2xx checks, D-3xx documents,
//! D-4xx keys and PIN, D-5xx storage, D-6xx files, D-9xx internal; `C-…` are the evaluation's own
//! (`docs/formats/problems.md`).

use crate::error::ClientError;
use evaluation::{Code, Language};
use protocol::window::{Problem, Words};
use protocol::{ErrorBody, ErrorCode};
use sealing::provider::KeyError;
use std::fmt::Write as _;
use storage::StoreError;

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, [$wzh:literal, $wen:literal], [$szh:literal, $sen:literal], [$nzh:literal, $nen:literal];)*) => {
        /// The closed list of the desktop client.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ProblemCode { $($(#[$doc])* $name,)* }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$name,)*];

            /// The code as read over the phone.
            pub fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$name => $code,)* }
            }

            /// Its texts.
            pub fn problem(self) -> Problem {
                match self { $(ProblemCode::$name => Problem {
                    code: $code.to_owned(),
                    what: Words::new($wzh, $wen),
                    safe: Words::new($szh, $sen),
                    next: Words::new($nzh, $nen),
                },)* }
            }
        }
    };
}

problems! {
    /// The line is cut.
    NoLine = "D-101", ["与中心的线路中断。", "The line to the centre is cut."],
        ["已做的工作加密保存在本机，不会丢失。", "What you did is kept here, encrypted; nothing is lost."],
        ["可继续工作，恢复后自动发送；持续中断请联系技术值守。", "Go on working, it is sent when the line is back; if it stays cut, call the technician."];
    /// The driven build at a centre outside development mode.
    DrivenBuild = "D-110", ["本程序为测试用版本，正式运行的中心不予接入。", "This program is the build for tests; a centre outside development mode refuses it."],
        ["没有发送任何内容。", "Nothing was sent."],
        ["请安装正式版本。", "Install the default build."];
    /// Busy.
    Busy = "D-102", ["中心暂时繁忙，未接收。", "The centre is busy and did not take it."],
        ["内容保存在本机。", "It is kept here."],
        ["稍候自动重试，无需操作。", "It is tried again by itself."];
    /// Quota.
    Quota = "D-103", ["发送过多，中心暂不接收。", "Too much was sent; the centre takes no more for now."],
        ["内容保存在本机。", "It is kept here."],
        ["几分钟后重试。", "Try again in a few minutes."];
    /// Waiting.
    Waiting = "D-104", ["中心正在等待见证会签或恢复数据，暂不接收新操作。", "The centre waits for log witnesses, or is being rebuilt, and takes nothing new."],
        ["已入存证记录的内容不受影响；其余保存在本机。", "What is in the record stands; the rest is kept here."],
        ["请等待；超过十分钟请联系技术值守。", "Wait; after ten minutes call the technician."];
    /// Not known.
    Unauthenticated = "D-105", ["中心不认识本机证书。", "The centre does not know this seat's certificate."],
        ["没有发送任何内容。", "Nothing was sent."],
        ["核对插入的密钥和席位文件；仍不行请联系技术值守。", "Check the key and the seat file; else call the technician."];
    /// Forbidden.
    Forbidden = "D-106", ["中心不允许本席位执行该操作。", "The centre does not allow this seat to do that."],
        ["存证记录没有改变。", "The record is unchanged."],
        ["核对角色与环节；有疑问请询问经办人员。", "Check role and stage; ask the clerk if in doubt."];
    /// Not found.
    NotFound = "D-107", ["中心没有所要的内容。", "The centre has no such thing."],
        ["存证记录没有改变。", "The record is unchanged."],
        ["刷新后再试；记录尚未建立时请等待。", "Refresh and try again; wait if the record is not created yet."];
    /// Bad request.
    BadRequest = "D-108", ["中心认为请求格式不符。", "The centre says that the request is not well formed."],
        ["存证记录没有改变，内容保存在本机。", "The record is unchanged; your work is kept here."],
        ["核对软件版本，联系技术值守。", "Check the version of this program; call the technician."];
    /// Internal fault of the centre.
    CentreFault = "D-109", ["中心内部故障。", "The centre has an internal fault."],
        ["内容保存在本机，会自动重试。", "Your work is kept here and is tried again."],
        ["持续出现请联系技术值守。", "If it stays, call the technician."];
    /// The record contradicts itself.
    Unsound = "D-201", ["存证记录前后矛盾，或与本机信任锚不符，本席位已停止。", "The record contradicts itself or the anchors here; this seat has stopped."],
        ["没有签署任何内容；本机保留了所见的全部证据。", "Nothing was signed; what this seat saw is kept as evidence."],
        ["立即告知监督人员，不要重新安装本机。", "Tell the supervisor at once; do not reinstall this PC."];
    /// Own check refused.
    Check = "D-202", ["本机核验未通过，未予执行。", "A check of this program did not hold, so it was not done."],
        ["没有签署、没有发送任何内容。", "Nothing was signed and nothing was sent."],
        ["核对下列原因；有疑问请告知监督人员。", "Look at the reason; tell the supervisor if in doubt."];
    /// Log witness not known.
    UnknownWitness = "D-203", ["存证记录更换了本机未安装的见证节点。", "The record names a log witness that is not installed here."],
        ["在安装之前不密封、不释放、不解密。", "Nothing is sealed, released or decrypted until it is."],
        ["请技术值守更新本机信任锚。", "Have the technician bring the anchors of this PC up to date."];
    /// Another PC took this one's place.
    SeatMoved = "D-204", ["本席位已移到另一台电脑，本机不再参加评标。", "This seat was moved to another PC; this one takes no further part."],
        ["更换前已备份到中心的评分在新电脑上；本机没有再签署或发送任何内容。", "Scores backed up at the centre before are on the new PC; nothing more was signed or sent from here."],
        ["请到新电脑上继续；如非本人要求更换，请立即告知监督人员。", "Go on at the new PC; if you did not ask for the change, tell the supervisor at once."];
    /// Not of its format.
    Format = "D-301", ["文件或答复的格式不符。", "A file or an answer has the wrong format."],
        ["没有改变任何内容。", "Nothing was changed."],
        ["核对文件是否完整、版本是否一致；再次出现请联系技术值守。", "See that the file is whole and of this version; else call the technician."];
    /// Wrong PIN.
    WrongPin = "D-401", ["口令不正确。", "The PIN is wrong."],
        ["没有签署任何内容。", "Nothing was signed."],
        ["重新输入；多次错误会锁定密钥。", "Enter it again; too many wrong PINs block the key."];
    /// Blocked.
    KeyBlocked = "D-402", ["密钥已被锁定。", "The key is blocked."],
        ["没有签署任何内容，已有工作不受影响。", "Nothing was signed; earlier work stands."],
        ["联系发证人员解锁或更换密钥。", "Have the key unblocked or replaced by its issuer."];
    /// Absent.
    KeyAbsent = "D-403", ["没有找到密钥。", "The key is not present."],
        ["没有签署任何内容。", "Nothing was signed."],
        ["插入密钥后重试。", "Insert the key and try again."];
    /// Another use.
    KeyPurpose = "D-404", ["该密钥不能用于此操作。", "The key is not for this use."],
        ["没有签署任何内容。", "Nothing was signed."],
        ["换用本角色的密钥。", "Use the key of this role."];
    /// Damaged.
    KeyDamaged = "D-405", ["密钥文件损坏，或对方的公钥无效。", "The key is damaged, or the other side's key is no point of the curve."],
        ["没有签署任何内容。", "Nothing was signed."],
        ["使用备份密钥，并告知监督人员。", "Use the spare key, and tell the supervisor."];
    /// Full disk.
    DiskFull = "D-501", ["本机磁盘已满，暂时不能保存。", "The disk of this PC is full and takes nothing for now."],
        ["此前保存的内容完好；刚填写的评分留在屏幕和内存中。", "What was kept before is whole; scores just typed stay on the screen and in memory."],
        ["请勿关闭本机，请技术值守清理空间；有空间后评分自动写入，其他操作请重做最后一步。", "Leave this PC on and have space freed; scores are then written by themselves, anything else is done again from its last step."];
    /// Too much waits.
    OutboxFull = "D-502", ["待发送的内容过多。", "Too much waits to be sent."],
        ["已在队列中的内容完好。", "What is in the queue is whole."],
        ["等线路恢复后再继续。", "Wait until the line is back."];
    /// Damaged store.
    StoreDamaged = "D-503", ["本机保存的数据损坏。", "Data kept on this PC is damaged."],
        ["存证记录和已送达中心的内容不受影响。", "The record, and what the centre has, are not touched."],
        ["停止使用本机，由技术值守从备份恢复。", "Stop using this PC; have it restored from its backup."];
    /// In use.
    StoreBusy = "D-504", ["本机数据正被另一个程序使用。", "Another program uses the data of this seat."],
        ["没有改变任何内容。", "Nothing was changed."],
        ["关闭另一个窗口后重试。", "Close the other window and try again."];
    /// Wrong vault key.
    StoreKey = "D-505", ["该密钥打不开本机保存的数据。", "This key does not open the data kept here."],
        ["没有改变任何内容。", "Nothing was changed."],
        ["换用当时入席的密钥。", "Use the key with which the seat was taken."];
    /// Other faults of the store.
    Store = "D-506", ["本机保存数据时出错。", "The store of this PC has a fault."],
        ["此前保存的内容完好。", "What was kept before is whole."],
        ["重试；再次出现请联系技术值守。", "Try again; else call the technician."];
    /// A disk that may be read only, or does not answer.
    DiskUnwritable = "D-507", ["本机磁盘暂时无法写入。", "The disk of this PC can't be written for now."],
        ["此前保存的内容完好；刚填写的评分留在屏幕和内存中。", "What was kept before is whole; scores just typed stay on the screen and in memory."],
        ["请勿关闭本机，请技术值守检查磁盘；恢复后评分自动写入，其他操作请重做最后一步。", "Leave this PC on and have the disk looked at; scores are then written by themselves, anything else is done again from its last step."];
    /// The clock of this PC is off.
    Clock = "D-508", ["本机时钟与中心相差较大。", "The clock of this PC differs from the centre's."],
        ["评标以中心时钟为准；已写内容和时限都不受影响。", "The centre's clock counts; neither what was written nor any time limit is touched."],
        ["请继续工作，并请技术值守校准本机时钟。", "Go on working, and have the technician set this PC's clock."];
    /// A file.
    File = "D-601", ["文件无法读取或写入。", "A file can't be read or written."],
        ["已有文件没有被覆盖。", "No existing file was overwritten."],
        ["核对路径、权限和剩余空间。", "Check the path, the permission and the space left."];
    /// Internal.
    Internal = "D-901", ["程序内部错误。", "An internal fault of this program."],
        ["已保存的内容不受影响。", "What was kept is not touched."],
        ["记下代码，联系技术值守。", "Note the code and call the technician."];
}

/// Longest reason that is shown, characters.
const MOST: usize = 300;

/// An error for people.
pub fn problem_of(error: &ClientError) -> Problem {
    match error {
        ClientError::Line(_) => ProblemCode::NoLine.problem(),
        ClientError::Centre(body) => of_centre(body),
        ClientError::Unsound(why) => detailed(ProblemCode::Unsound, why),
        ClientError::UnknownWitness(name) => detailed(ProblemCode::UnknownWitness, name),
        ClientError::Check(why) => reasoned(ProblemCode::Check, why),
        ClientError::Declined(why) => declined(why),
        ClientError::SeatMoved => ProblemCode::SeatMoved.problem(),
        ClientError::Refused(refusal) => of_code(refusal.code),
        ClientError::Key(error) => of_key(error).problem(),
        ClientError::Vault(error) => of_store(error).problem(),
        ClientError::Document(error) => crate::library::document_problem(error),
        ClientError::File(why) => detailed(ProblemCode::File, why),
        ClientError::Format(why) => detailed(ProblemCode::Format, why),
    }
}

/// A technical sentence goes after the text: it says which, not more.
fn detailed(code: ProblemCode, why: &str) -> Problem {
    reasoned(code, &Words::new(why, why))
}

/// The reason goes after the text.
fn reasoned(code: ProblemCode, why: &Words) -> Problem {
    let mut problem = code.problem();
    let short = |text: &str| text.chars().take(MOST).collect::<String>();
    let _ = write!(problem.what.zh, "（{}）", short(&why.zh));
    let _ = write!(problem.what.en, " ({})", short(&why.en));
    problem
}

/// A refusal of the centre that came through the outbox keeps its code.
fn declined(why: &str) -> Problem {
    let code = why.split_whitespace().next().and_then(known);
    code.map_or_else(|| detailed(ProblemCode::Check, why), of_code)
}

fn known(text: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.as_str() == text)
}

fn of_code(code: Code) -> Problem {
    Problem {
        code: code.as_str().to_owned(),
        what: Words::new(code.message(Language::ZhCn), code.message(Language::En)),
        safe: Words::new(
            "存证记录没有因此改变，本机内容保留。",
            "The record was not changed by it; your work is kept here.",
        ),
        next: Words::new(
            "查看最新状态后再决定；有疑问请报此代码。",
            "Look at the present state and decide anew; if in doubt, read out this code.",
        ),
    }
}

fn of_centre(body: &ErrorBody) -> Problem {
    if let Some(code) = body.refusal.as_deref().and_then(known) {
        return of_code(code);
    }
    let code = match body.error {
        ErrorCode::Unauthenticated => ProblemCode::Unauthenticated,
        ErrorCode::Forbidden => ProblemCode::Forbidden,
        ErrorCode::NotFound => ProblemCode::NotFound,
        ErrorCode::BadRequest => ProblemCode::BadRequest,
        ErrorCode::Refused => return detailed(ProblemCode::Check, &body.detail),
        ErrorCode::Busy => ProblemCode::Busy,
        ErrorCode::Quota => ProblemCode::Quota,
        ErrorCode::Waiting => ProblemCode::Waiting,
        ErrorCode::Internal => ProblemCode::CentreFault,
        ErrorCode::DrivenBuild => ProblemCode::DrivenBuild,
    };
    code.problem()
}

fn of_key(error: &KeyError) -> ProblemCode {
    match error {
        KeyError::WrongPin => ProblemCode::WrongPin,
        KeyError::Blocked => ProblemCode::KeyBlocked,
        KeyError::Absent => ProblemCode::KeyAbsent,
        KeyError::Purpose => ProblemCode::KeyPurpose,
        KeyError::Point | KeyError::Damaged => ProblemCode::KeyDamaged,
    }
}

/// The code of what a store answered.
pub(crate) fn of_store(error: &StoreError) -> ProblemCode {
    match error {
        StoreError::Full => ProblemCode::DiskFull,
        StoreError::ReadOnly | StoreError::Io { .. } => ProblemCode::DiskUnwritable,
        StoreError::OutboxFull { .. } => ProblemCode::OutboxFull,
        StoreError::Damaged { .. } => ProblemCode::StoreDamaged,
        StoreError::Busy => ProblemCode::StoreBusy,
        StoreError::WrongKey => ProblemCode::StoreKey,
        _ => ProblemCode::Store,
    }
}

/// The page `docs/formats/problems.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# Problems\n\nWhat a window says when something was not done. `D-…` are the desktop client's, in the table; `C-…` are\n\
         refusals of the evaluation (`evaluation::refusal`) and keep their texts. Generated; renew with\n\
         `cargo run -q -p conclave-client --example problems > docs/formats/problems.md`.\n\n\
         | Code | What happened | What is safe | What next |\n|---|---|---|---|\n",
    );
    for code in ProblemCode::ALL {
        let Problem {
            code,
            what,
            safe,
            next,
        } = code.problem();
        let _ = writeln!(
            page,
            "| `{code}` | {} {} | {} {} | {} {} |",
            what.zh, what.en, safe.zh, safe.en, next.zh, next.en
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_that_of_the_code() {
        let written = include_str!("../../../../docs/formats/problems.md");
        assert_eq!(written, page());
    }

    #[test]
    fn a_refusal_keeps_its_code_and_a_wrong_pin_has_its_own() {
        let refused = ClientError::Declined("C-118 too few".to_owned());
        assert_eq!(problem_of(&refused).code, "C-118");
        assert_eq!(problem_of(&KeyError::WrongPin.into()).code, "D-401");
        assert_eq!(problem_of(&StoreError::Full.into()).code, "D-501");
        assert_eq!(problem_of(&StoreError::ReadOnly.into()).code, "D-507");
        assert_eq!(problem_of(&ClientError::Line(String::new())).code, "D-101");
    }
}
