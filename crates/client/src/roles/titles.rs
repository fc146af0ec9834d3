//! Names of stages, keys and roles for people: one name each, at every desk and in the record.

use evaluation::acts::ceremony::LOT_KEY;
use evaluation::{Role, State};
use protocol::window::Words;
use rules::Regime;

/// A stage instance, or another instance at which acts stand. The second and later of a kind carry their number.
pub fn stage(instance: &str) -> Words {
    let (kind, number) = instance.split_once('/').unwrap_or((instance, "1"));
    let (zh, en) = match kind {
        "opening" => ("开标", "Opening"),
        "qualification" => ("资格审查", "Qualification review"),
        "conformity" => ("符合性审查", "Conformity review"),
        "scored" => ("评分", "Scoring"),
        "price_opening" => ("报价开启", "Price opening"),
        "negotiation" => ("磋商谈判", "Talks"),
        "final_offers" => ("最后报价", "Final offers"),
        "price_correction" => ("价格修正", "Price correction"),
        "abnormal_price" => ("异常低价审查", "Abnormal prices"),
        "price_points" => ("价格分计算", "Price points"),
        "summary" => ("汇总", "Result"),
        "committee" => ("评标委员会", "Committee"),
        "lot-key" => ("标段密钥", "Lot key"),
        "draw" => ("抽签", "Draw"),
        "report" => ("评标报告", "Report"),
        "ending" => ("终止评标", "Ending"),
        "archive" => ("归档", "Archive"),
        "" => ("", ""),
        other => return Words::same(other),
    };
    match number {
        "1" => Words::new(zh, en),
        number => Words::new(format!("{zh}（{number}）"), format!("{en} {number}")),
    }
}

/// Name of a key by the instance of its ceremony.
pub fn key(instance: &str) -> Words {
    if instance == LOT_KEY {
        return Words::new("标段密钥", "the lot key");
    }
    let stage = stage(instance);
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

/// Name of a member's role in this evaluation: who sits for the tenderer is called as the regime's law does.
pub fn member(state: &State, of: Role) -> Words {
    let bidding = state
        .rulebook()
        .is_some_and(|book| book.regime == Regime::Bidding);
    match of {
        Role::TendererRepresentative if !bidding => Words::new("采购人代表", "Purchaser's representative"),
        of => role(of),
    }
}

/// Where nothing is asked of somebody.
pub fn nothing() -> Words {
    Words::new("目前无须操作", "Nothing to do now")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_role_has_a_name_of_its_own() {
        let roles = Role::ALL.map(|of| role(of).en);
        assert_eq!(BTreeSet::from(roles).len(), Role::ALL.len());
    }

    #[test]
    fn the_second_of_a_kind_carries_its_number() {
        assert_eq!(stage("scored/1").en, "Scoring");
        assert_eq!(stage("scored/2").zh, "评分（2）");
        assert_eq!(key("scored/2").en, "the round key of \"Scoring 2\"");
    }
}
