//! Words of the field in both languages: parts, act types, standings, rounding.

use super::titles;
use protocol::window::Words;
use rules::{CriterionId, Ground, Rounding, RoundingMode, Standing, Text, VoteResult};

/// A text of the rulebook.
pub fn text(text: &Text) -> Words {
    Words::new(text.zh.clone(), text.en.clone())
}

/// A part of a bid.
pub fn part(name: &str) -> Words {
    let (zh, en) = match name {
        "opening" => ("开标一览表", "opening letter"),
        "qualification" => ("资格文件", "qualification documents"),
        "commercial" => ("商务文件", "commercial part"),
        "technical" => ("技术文件", "technical part"),
        "price" => ("报价文件", "price part"),
        other => return Words::same(other),
    };
    Words::new(zh, en)
}

/// Why a part could not be opened.
pub fn failure(reason: &str) -> Words {
    let (zh, en) = match reason {
        "not_unlocked" => ("投标人未按时解密", "the bidder did not unlock it in time"),
        "key_mismatch" => (
            "解密密钥与密封时承诺的不符",
            "the key is not the one committed to when sealing",
        ),
        "damaged" => ("密封文件已损坏", "the sealed file is damaged"),
        "statement" => (
            "开标信息缺失或格式不符",
            "the statement is missing or not well formed",
        ),
        other => return Words::same(other),
    };
    Words::new(zh, en)
}

/// An act type; the type itself where it is not in the catalogue.
pub fn act(kind: &str) -> Words {
    let zh = evaluation::catalogue::find(kind).map_or(kind, |line| line.zh);
    Words::new(zh, act_en(kind))
}

fn act_en(kind: &str) -> &str {
    match kind {
        "record.created" => "Record created",
        "role.assigned" => "Role assigned",
        "site.enrolled" => "Site enrolled",
        "booth.enrolled" => "Booth enrolled",
        "witness.replacement_proposed" => "Replacement of a log witness proposed",
        "witness.replaced" => "Log witness replaced",
        "rulebook.amended" => "Rulebook amended",
        "lot_key.defined" => "Lot key defined",
        "key.dealt" => "Key shares dealt",
        "key.acknowledged" => "Key shares acknowledged",
        "key.complained" => "Complaint about a key share",
        "key.complaint_answered" => "Complaint answered",
        "ingest_key.declared" => "Ingest key declared",
        "bid.submitted" => "Bid submitted",
        "bid.replaced" => "Bid replaced",
        "bid.withdrawn" => "Bid withdrawn",
        "bid.imported" => "Bid imported from another platform",
        "deadline.reached" => "Deadline reached",
        "opening.allowed" => "Opening allowed",
        "opening.started" => "Opening started",
        "bid.unlocked" => "Bidder unlocked",
        "partial.released" => "Partial decryption released",
        "part.opened" => "Outcome of an opening",
        "opening.recorded" => "Opening record",
        "opening.objected" => "Objection to the opening",
        "member.seated" => "Member seated",
        "member.checked_in" => "Member checked in",
        "draw.opened" => "Draw opened",
        "draw.committed" => "Commitment to the draw",
        "draw.revealed" => "Reveal in the draw",
        "draw.voided" => "Draw void",
        "draw.result" => "Result of the draw",
        "key.bound" => "Evaluation key bound",
        "binding.seen" => "Binding seen",
        "member.key_replaced" => "Evaluation key replaced",
        "member.replaced" => "Member replaced",
        "member.absent" => "Member absent",
        "promise.made" => "Promise made",
        "avoidance.declared" => "Avoidance declared",
        "leader.voted" => "Vote for a leader",
        "stage.opened" => "Stage opened",
        "stage.closed" => "Stage closed",
        "qualification.decided" => "Qualification decided",
        "round.defined" => "Round defined",
        "draft.saved" => "Draft snapshot",
        "note.saved" => "Private note",
        "sheet.sealed" => "Sheet sealed",
        "round.closed" => "Round closed",
        "round.countersigned" => "Close countersigned",
        "share.released" => "Key share released",
        "round.opened" => "Round opened",
        "signatures.checked" => "Personal signatures checked",
        "motion.opened" => "Motion opened",
        "vote.cast" => "Vote cast",
        "clarification.asked" => "Clarification asked",
        "clarification.answered" => "Clarification answered",
        "price.corrected" => "Price corrected",
        "price.entered" => "Price entered",
        "result.computed" => "Result computed",
        "report.made" => "Report made",
        "report.signed" => "Report signed",
        "evaluation.ended" => "Evaluation ended without a result",
        "archived" => "Archived",
        "evaluation.suspended" => "Evaluation paused",
        "evaluation.resumed" => "Evaluation resumed",
        "warning.given" => "Warning given",
        "mark.set" => "Mark set",
        "recovered" => "Recovery stated",
        "register.created" => "Register of the centre created",
        "register.record_created" => "Record entered in the register",
        "register.record_closed" => "Archived record entered in the register",
        "register.account_changed" => "Account changed",
        "observation.refused" => "Refusals noted",
        "observation.health" => "State of the centre",
        "observation.cover" => "Cover leaf",
        "observation.evidence_read" => "Evidence read",
        "observation.recording_head" => "Head of the recording",
        other => other,
    }
}

/// Where a bid stands at the end; `title` names a criterion.
pub fn standing(standing: &Standing, title: &dyn Fn(&CriterionId) -> Words) -> Words {
    match standing {
        Standing::Ranked(rank) => Words::new(format!("第 {rank} 名"), format!("rank {rank}")),
        Standing::Rejected(reason) => ground(reason, title),
        Standing::Stopped => Words::new("程序停止时仍在评审", "still in when the procedure stopped"),
    }
}

/// Why a bid is rejected.
fn ground(ground: &Ground, title: &dyn Fn(&CriterionId) -> Words) -> Words {
    match ground {
        Ground::Recorded { stage, reason } => {
            let stage = titles::stage(stage.as_str());
            Words::new(
                format!("{}不合格：{reason}", stage.zh),
                format!("{}: failed: {reason}", stage.en),
            )
        }
        Ground::Vote { stage, criteria } => {
            let stage = titles::stage(stage.as_str());
            let (zh, en): (Vec<String>, Vec<String>) = criteria
                .iter()
                .map(title)
                .map(|title| (title.zh, title.en))
                .unzip();
            Words::new(
                format!("{}不通过：{}（超过半数成员认定）", stage.zh, zh.join("、")),
                format!(
                    "{}: {} failed by more than half of the members",
                    stage.en,
                    en.join(", ")
                ),
            )
        }
        other => {
            let Text { zh, en } = other.text();
            Words::new(zh, en)
        }
    }
}

/// A finding by vote.
pub fn vote(result: VoteResult) -> Words {
    let (zh, en) = match result {
        VoteResult::Passed => ("通过", "Passed"),
        VoteResult::Failed => ("不通过", "Failed"),
        VoteResult::NoMajority => ("未形成多数，不否决", "No majority: not rejected"),
    };
    Words::new(zh, en)
}

/// A rounding; empty where nothing is rounded.
pub fn rounding(rounding: Option<Rounding>) -> Words {
    let Some(Rounding { mode, places }) = rounding else {
        return Words::default();
    };
    let (zh, en) = match mode {
        RoundingMode::None => return Words::default(),
        RoundingMode::HalfUp => ("四舍五入", "half away from zero"),
        RoundingMode::HalfEven => ("四舍六入五成双", "half to even"),
        RoundingMode::Truncate => ("截尾", "truncated"),
        RoundingMode::Up => ("向上取", "up"),
        RoundingMode::Down => ("向下取", "down"),
    };
    Words::new(
        format!("{zh}，保留 {places} 位小数"),
        format!("{en}, {places} decimal places"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bid_that_is_voted_out_says_on_which_criterion() {
        let ground = Ground::Vote {
            stage: rules::StageId::new("conformity/1").expect("a stage"),
            criteria: vec![CriterionId::new("c5").expect("a criterion")],
        };
        let said = standing(&Standing::Rejected(ground), &|_| {
            Words::new("交付期", "Delivery period")
        });
        assert_eq!(said.zh, "符合性审查不通过：交付期（超过半数成员认定）");
        assert_eq!(
            said.en,
            "Conformity review: Delivery period failed by more than half of the members"
        );
    }

    #[test]
    fn every_act_type_has_words_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for line in evaluation::catalogue::CATALOGUE {
            let words = act(line.name);
            assert_ne!(words.en, line.name, "{} has no English title", line.name);
            assert!(seen.insert(words.en), "{} shares a title", line.name);
        }
    }
}
