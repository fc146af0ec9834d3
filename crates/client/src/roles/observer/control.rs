//! What a supervisor says in set words, and what a pause touches. The acts `evaluation.suspended`,
//! `evaluation.resumed`, `warning.given` and `mark.set` are made here once the catalogue builds them; until then the
//! window is offered none of them.

use crate::desk::Desk;
use protocol::window::{Phrase, Words};

/// The set phrases of a warning: id, Chinese, English.
const PHRASES: [(&str, &str, &str); 8] = [
    ("discussion", "请勿讨论评分内容", "Do not discuss scores"),
    (
        "influence",
        "请勿影响其他评委的判断",
        "Do not influence other members",
    ),
    (
        "reasons",
        "评审理由不充分，请补充",
        "Reasons are insufficient; add to them",
    ),
    (
        "criteria",
        "请严格按照评标办法评审",
        "Keep to the criteria of the tender",
    ),
    (
        "device",
        "评标仓内不得使用通讯设备",
        "No communication devices in the booth",
    ),
    ("absence", "请返回评标仓", "Return to your booth"),
    ("delay", "请抓紧时间评审", "Go on with the review"),
    (
        "conduct",
        "请遵守评标纪律",
        "Keep to the discipline of the evaluation",
    ),
];

/// Phrases for warnings.
pub fn phrases() -> Vec<Phrase> {
    let phrase = |(id, zh, en): (&str, &str, &str)| Phrase {
        id: id.to_owned(),
        text: Words::new(zh, en),
    };
    PHRASES.into_iter().map(phrase).collect()
}

/// Where a pause would act: sites with their booths and members, what stops, and what goes on.
pub fn pause_effect(desk: &Desk) -> Vec<Words> {
    let state = desk.replica.state();
    let lines = &state.committee().lines;
    let mut words: Vec<Words> = state
        .sites()
        .iter()
        .map(|(id, site)| {
            let names: Vec<&str> = lines
                .iter()
                .filter(|(_, line)| line.site == *id)
                .map(|(name, _)| name.as_str())
                .collect();
            let (count, list) = (names.len(), names.join("、"));
            let organisation = &site.organisation;
            Words::new(
                format!("{id}（{organisation}）：{count} 名评委 {list}"),
                format!("{id} ({organisation}): {count} members {list}"),
            )
        })
        .collect();
    words.push(Words::new(
        "停止：提交、关闭、开启与一切新的决定。",
        "What stops: sealing, closing, opening, and every new decision.",
    ));
    words.push(Words::new(
        "继续：阅读、已写内容的保存与快照、存证和见证。",
        "What goes on: reading, keeping and snapshots of what is written, the record and its witnesses.",
    ));
    words
}
