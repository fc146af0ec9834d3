//! Why a document cannot be shown, for people: codes D-301 to D-309.

use documents::DocumentError;
use protocol::window::{Problem, Words};

fn problem(code: &str, what: (&str, &str), next: (&str, &str)) -> Problem {
    Problem {
        code: code.to_owned(),
        what: Words::new(what.0, what.1),
        safe: Words::new(
            "原文件保持原样，其摘要和长度已在存证记录中；其他文件和已录入的内容不受影响。",
            "The original file is unchanged, its digest and size are in the record; other documents and what you \
             entered are not affected.",
        ),
        next: Words::new(next.0, next.1),
    }
}

/// The closed list for files that cannot be read.
pub fn of_document(error: &DocumentError) -> Problem {
    let ask = (
        "请告知组长和经办人员：依招标文件处理，必要时发起澄清。",
        "Tell the leader and the clerk: the tender says what follows; a clarification may be asked for.",
    );
    let call = ("请联系技术值守人员。", "Call the duty technician.");
    match error {
        DocumentError::Encrypted => problem(
            "D-301",
            (
                "文件设有密码，无法显示。",
                "The file is encrypted and can't be shown.",
            ),
            ask,
        ),
        DocumentError::NotPdf => problem(
            "D-302",
            (
                "文件不是 PDF，无法显示。",
                "The file is no PDF and can't be shown.",
            ),
            ask,
        ),
        DocumentError::Damaged { .. } => problem(
            "D-303",
            (
                "文件已损坏，无法显示。",
                "The file is damaged and can't be shown.",
            ),
            ask,
        ),
        DocumentError::TooLarge { .. } | DocumentError::Timeout | DocumentError::OutOfMemory => problem(
            "D-304",
            (
                "文件过大或过于复杂，超出安全限制，未予显示。",
                "The file is too large or too complex for the safety limits and is not shown.",
            ),
            ask,
        ),
        DocumentError::ChildKilled { .. } => problem(
            "D-305",
            (
                "读取文件的隔离进程异常结束，未予显示。",
                "The confined process that reads the file ended abnormally; the file is not shown.",
            ),
            call,
        ),
        DocumentError::Confinement { .. } => problem(
            "D-306",
            (
                "本机无法完整隔离读取进程，文件未打开。",
                "This PC can't fully confine the process that reads documents; the file was not opened.",
            ),
            call,
        ),
        DocumentError::PageOutOfRange { .. } | DocumentError::Cancelled | DocumentError::Io { .. } => {
            problem(
                "D-307",
                ("文件未能读取。", "The file could not be read."),
                (
                    "请重新打开本软件；若仍如此，请联系技术值守人员。",
                    "Start the program again; if it stays so, call the duty technician.",
                ),
            )
        }
    }
}

/// The content of an opened part is no package of files.
pub(super) fn broken_part() -> Problem {
    problem(
        "D-308",
        (
            "该部分的内容不是规定格式的文件包，无法显示。",
            "The content of this part is not a package of files and can't be shown.",
        ),
        (
            "请告知组长和经办人员：依招标文件处理。",
            "Tell the leader and the clerk: the tender says what follows.",
        ),
    )
}

/// This seat has no room for it.
pub(super) fn no_room() -> Problem {
    problem(
        "D-309",
        (
            "本机存储空间不足，文件未能取回。",
            "There is no room on this PC for the file; it was not fetched.",
        ),
        (
            "请联系技术值守人员清理空间；随后会自动继续。",
            "Call the duty technician to make room; fetching then goes on by itself.",
        ),
    )
}
