//! Why a text is not a rulebook: place and words.

use protocol::window::{TextProblem, Words};
use rules::{MAX_RULEBOOK_BYTES, RulebookError};

/// A text of which nothing more can be said.
pub(super) fn unclear() -> TextProblem {
    TextProblem {
        line: 1,
        column: 1,
        at: String::new(),
        what: Words::new("文本无法读取。", "The text can't be read."),
        name: None,
        detail: String::new(),
    }
}

/// What the reader said, with its place in the text.
pub(super) fn problem(error: &RulebookError, text: &str) -> TextProblem {
    let (at, message) = match error {
        RulebookError::TooLong => {
            return TextProblem {
                what: Words::new(
                    format!("文本超过 {MAX_RULEBOOK_BYTES} 字节。"),
                    format!("The text is longer than {MAX_RULEBOOK_BYTES} bytes."),
                ),
                ..unclear()
            };
        }
        RulebookError::Shape { at, message } => (at, message),
    };
    let (detail, place) = match message.rsplit_once(" at line ") {
        Some((detail, place)) => (detail, place.split_once(" column ")),
        None => (message.as_str(), None),
    };
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let (line, column) = place
        .and_then(|(line, column)| Some((number(line)?, number(column)?)))
        .unwrap_or((1, 1));
    // The reader tells the end of a text that ends too early as a column of nought.
    let last = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
    TextProblem {
        line: line.clamp(1, last),
        column: column.max(1),
        at: if [".", "?"].contains(&at.as_str()) {
            String::new()
        } else {
            at.clone()
        },
        what: what(detail),
        name: detail
            .split('`')
            .nth(1)
            .filter(|_| names(detail))
            .map(str::to_owned),
        detail: detail.to_owned(),
    }
}

/// Whether what stands first between backticks is the field or value meant, not what was expected.
fn names(detail: &str) -> bool {
    [
        "unknown field",
        "missing field",
        "duplicate field",
        "unknown variant",
    ]
    .iter()
    .any(|head| detail.starts_with(head))
}

fn what(detail: &str) -> Words {
    let said: [(&str, &str, &str); 14] = [
        ("unknown field", "有不认识的字段。", "A field is not known."),
        ("missing field", "缺少字段。", "A field is missing."),
        ("duplicate field", "字段重复。", "A field stands there twice."),
        ("unknown variant", "没有这个选项。", "There is no such choice."),
        (
            "invalid type",
            "值的类型不对。",
            "The value is of the wrong type.",
        ),
        (
            "invalid length",
            "项数不对。",
            "It has the wrong number of items.",
        ),
        ("EOF", "文本不完整，在结束前中断。", "The text ends too early."),
        (
            "trailing characters",
            "正文之后还有多余内容。",
            "Something follows the end.",
        ),
        ("trailing comma", "多了一个逗号。", "There is a comma too many."),
        (
            "expected `,`",
            "缺少逗号或右括号。",
            "A comma or a closing bracket is missing.",
        ),
        ("expected `:`", "缺少冒号。", "A colon is missing."),
        (
            "key must be a string",
            "字段名须加引号。",
            "The name of a field stands in quotes.",
        ),
        ("expected value", "此处应有一个值。", "A value should stand here."),
        (
            "control character",
            "引号内有换行或控制字符。",
            "There is a line break or control character in quotes.",
        ),
    ];
    let found = said.iter().find(|(head, ..)| detail.starts_with(head));
    found.map_or_else(
        || Words::new("值不符合格式。", "The value does not have the right form."),
        |(_, zh, en)| Words::new(*zh, *en),
    )
}
