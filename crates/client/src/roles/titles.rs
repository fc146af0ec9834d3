//! Names of stages, keys and roles for people.

use evaluation::acts::ceremony::LOT_KEY;
use evaluation::plan::OPENING;
use evaluation::{Role, State};
use protocol::window::Words;

/// Name of a stage instance, with its number where the plan has several of the kind.
pub fn stage(state: &State, instance: &str) -> Words {
    if instance == OPENING {
        return Words::new("开标", "Bid opening");
    }
    let (kind, number) = instance.split_once('/').unwrap_or((instance, "1"));
    let (zh, en) = match kind {
        "qualification" => ("资格审查", "Qualification"),
        "conformity" => ("符合性审查", "Conformity review"),
        "scored" => ("评分", "Scoring"),
        "price_opening" => ("报价开启", "Price opening"),
        "price_points" => ("价格分计算", "Price points"),
        "summary" => ("汇总", "Summary"),
        _ => return Words::same(instance),
    };
    let several = state.rulebook().is_some_and(|book| {
        let of_kind = book.stages.iter().filter(|stage| stage.kind.as_str() == kind);
        of_kind.count() > 1
    });
    if several {
        Words::new(format!("{zh}（第{number}轮）"), format!("{en} {number}"))
    } else {
        Words::new(zh, en)
    }
}

/// Name of a key by the instance of its ceremony.
pub fn key(state: &State, instance: &str) -> Words {
    if instance == LOT_KEY {
        return Words::new("标段密钥", "the lot key");
    }
    let stage = stage(state, instance);
    Words::new(
        format!("“{}”的轮次密钥", stage.zh),
        format!("the round key of \"{}\"", stage.en),
    )
}

/// Name of a role.
pub fn role(role: Role) -> Words {
    let (zh, en) = match role {
        Role::Expert => ("评标专家", "Expert"),
        Role::TendererRepresentative => ("招标人代表", "Tenderer's representative"),
        Role::Supervisor => ("监督人员", "Supervisor"),
        Role::WitnessPerson => ("见证人员", "Witness person"),
        Role::Clerk => ("经办人员", "Clerk"),
        Role::Purchaser => ("采购人", "Purchaser"),
        Role::SiteOperator => ("场所管理员", "Site operator"),
        Role::Technician => ("技术值守", "Technician"),
        Role::Holder => ("密钥持有人", "Holder"),
        Role::Custodian => ("归档密钥保管人", "Custodian"),
        Role::Verifier => ("核验人员", "Verifier"),
        Role::Bidder => ("投标人", "Bidder"),
        Role::System => ("系统管理员", "System administrator"),
        Role::Security => ("安全管理员", "Security administrator"),
        Role::Audit => ("审计管理员", "Audit administrator"),
        Role::Booth => ("评标仓", "Booth"),
    };
    Words::new(zh, en)
}
