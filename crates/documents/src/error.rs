//! Why a document could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The language of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

/// What was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The document, in bytes.
    DocumentBytes,
    /// The number of pages.
    Pages,
    /// Glyphs on one page.
    PageGlyphs,
    /// Pixels of a picture.
    PicturePixels,
    /// Dots per inch of a picture.
    Resolution,
    /// Width of a picture in pixels.
    PictureWidth,
    /// The answer, in bytes.
    AnswerBytes,
    /// Objects nested in one another; the limit is the stack in bytes.
    Nesting,
}

/// Why a document could not be read. Closed: whoever shows it can show all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "error")]
pub enum DocumentError {
    /// It opens with a password only, or is encrypted by a method the engine does not know.
    Encrypted,
    /// It is no PDF.
    NotPdf,
    /// It is a PDF, but broken beyond repair.
    Damaged {
        /// What the engine said; for technicians.
        detail: String,
    },
    /// It exceeds a limit.
    TooLarge {
        /// What exceeds it.
        what: Quantity,
        /// The limit, in the unit of `what`.
        limit: u64,
    },
    /// It took more time, by the clock or of the processor, than allowed.
    Timeout,
    /// It asked for more memory than allowed.
    OutOfMemory,
    /// The child was killed by a signal that no limit explains.
    ChildKilled {
        /// The number of the signal.
        signal: i32,
    },
    /// A layer of the confinement could not be applied, and the configuration demands all of them.
    Confinement {
        /// The missing layers, by name, each with the reason.
        missing: Vec<String>,
    },
    /// The document has no such page.
    PageOutOfRange {
        /// The page asked for, counted from 1.
        page: u32,
        /// The pages there are.
        pages: u32,
    },
    /// The caller gave up.
    Cancelled,
    /// The document could not be fetched, the child not be started, or its answer not be understood.
    Io {
        /// What the system said; for technicians.
        detail: String,
    },
}

/// Longest detail kept. It may come from a child that parsed hostile bytes.
const DETAIL_CHARACTERS: usize = 200;

impl DocumentError {
    pub(crate) fn damaged(detail: impl fmt::Display) -> Self {
        Self::Damaged {
            detail: printable(&detail.to_string()),
        }
    }

    pub(crate) fn io(detail: impl fmt::Display) -> Self {
        Self::Io {
            detail: printable(&detail.to_string()),
        }
    }

    /// An error as the child reported it, with its texts cut and cleaned.
    pub(crate) fn cleaned(self) -> Self {
        match self {
            Self::Damaged { detail } => Self::damaged(detail),
            Self::Io { detail } => Self::io(detail),
            Self::Confinement { missing } => Self::Confinement {
                missing: missing.iter().take(8).map(|reason| printable(reason)).collect(),
            },
            other => other,
        }
    }

    /// What happened and what to do next, for the person in front of the screen.
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::Zh => self.message_zh(),
            Language::En => self.message_en(),
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Encrypted => "文件已加密，无法打开。请提交未设密码的文件。".into(),
            Self::NotPdf => "文件不是 PDF。请检查所选文件。".into(),
            Self::Damaged { detail } => {
                format!("文件已损坏，无法读取。请用原软件重新导出后再提交。（{detail}）")
            }
            Self::TooLarge { what, limit } => {
                format!(
                    "文件超出限制：{}，上限 {limit}。请拆分或精简文件。",
                    what.name_zh()
                )
            }
            Self::Timeout => "文件处理超时，已停止处理，未保存任何结果。请精简文件或重新导出。".into(),
            Self::OutOfMemory => "文件所需内存超出限制，已停止处理。请精简文件或重新导出。".into(),
            Self::ChildKilled { signal } => {
                format!("文件处理进程异常结束（信号 {signal}），其他数据不受影响。请重新导出文件后再试。")
            }
            Self::Confinement { missing } => {
                format!(
                    "本机无法完整隔离文件处理进程，未打开文件。请联系技术人员。（{}）",
                    missing.join("；")
                )
            }
            Self::PageOutOfRange { page, pages } => {
                format!("没有第 {page} 页，文件共 {pages} 页。")
            }
            Self::Cancelled => "已取消，未保存任何结果。".into(),
            Self::Io { detail } => format!("文件未能读取，请重试；若仍失败请联系技术人员。（{detail}）"),
        }
    }

    fn message_en(&self) -> String {
        match self {
            Self::Encrypted => "The document is encrypted. Submit it without a password.".into(),
            Self::NotPdf => "The file is no PDF. Check which file was chosen.".into(),
            Self::Damaged { detail } => {
                format!("The document is damaged. Export it again from the program that made it. ({detail})")
            }
            Self::TooLarge { what, limit } => {
                format!("The document exceeds a limit: {}, at most {limit}. Split or slim it.", what.name_en())
            }
            Self::Timeout => {
                "The document took too long; work on it was stopped and nothing was kept. Slim it or export it \
                 again."
                    .into()
            }
            Self::OutOfMemory => {
                "The document needs more memory than allowed; work on it was stopped. Slim it or export it again."
                    .into()
            }
            Self::ChildKilled { signal } => format!(
                "The process that read the document ended by signal {signal}; other data is safe. Export the \
                 document again and retry."
            ),
            Self::Confinement { missing } => format!(
                "This machine cannot fully confine the process that reads documents, so the document was not \
                 opened. Call a technician. ({})",
                missing.join("; ")
            ),
            Self::PageOutOfRange { page, pages } => {
                format!("There is no page {page}; the document has {pages}.")
            }
            Self::Cancelled => "Cancelled; nothing was kept.".into(),
            Self::Io { detail } => {
                format!("The document could not be fetched. Retry; if it fails again, call a technician. ({detail})")
            }
        }
    }
}

impl Quantity {
    fn name_zh(self) -> &'static str {
        match self {
            Self::DocumentBytes => "文件大小（字节）",
            Self::Pages => "页数",
            Self::PageGlyphs => "单页字符数",
            Self::PicturePixels => "页面图像像素数",
            Self::Resolution => "图像分辨率（dpi）",
            Self::PictureWidth => "图像宽度（像素）",
            Self::AnswerBytes => "提取结果大小（字节）",
            Self::Nesting => "嵌套层次（栈字节数）",
        }
    }

    fn name_en(self) -> &'static str {
        match self {
            Self::DocumentBytes => "size in bytes",
            Self::Pages => "number of pages",
            Self::PageGlyphs => "glyphs on one page",
            Self::PicturePixels => "pixels of a page's picture",
            Self::Resolution => "resolution in dpi",
            Self::PictureWidth => "width of a picture in pixels",
            Self::AnswerBytes => "bytes of extracted data",
            Self::Nesting => "nesting (bytes of stack)",
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message_en())
    }
}

impl std::error::Error for DocumentError {}

/// One line without control characters, cut to [`DETAIL_CHARACTERS`].
fn printable(text: &str) -> String {
    text.trim()
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(DETAIL_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_from_the_child_is_one_short_line() {
        let hostile = DocumentError::Damaged {
            detail: format!("\u{1b}[31m\n{}", "x".repeat(5_000)),
        };
        let DocumentError::Damaged { detail } = hostile.cleaned() else {
            panic!("still damaged")
        };
        assert_eq!(detail.chars().count(), DETAIL_CHARACTERS);
        assert!(!detail.contains(['\u{1b}', '\n']), "{detail:?}");
    }

    #[test]
    fn errors_survive_the_pipe() {
        let errors = [
            DocumentError::Encrypted,
            DocumentError::TooLarge {
                what: Quantity::Pages,
                limit: 7,
            },
            DocumentError::PageOutOfRange { page: 3, pages: 2 },
            DocumentError::Confinement {
                missing: vec!["landlock: not in this kernel".into()],
            },
        ];
        for error in errors {
            let wire = serde_json::to_vec(&error).expect("an error is plain data");
            assert_eq!(
                serde_json::from_slice::<DocumentError>(&wire).expect("it was just written"),
                error
            );
            assert_ne!(error.message(Language::Zh), error.message(Language::En));
        }
    }
}
