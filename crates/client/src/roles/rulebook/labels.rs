//! What fields and options of a rulebook are called.

use protocol::window::Words;
use rules::{template, template_text, templates};

use super::spans::Spans;

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident { $($id:literal: $zh:literal, $en:literal;)+ })+) => {
        $($(#[$doc])* pub(super) fn $name() -> Vec<(String, Words)> {
            vec![$(($id.to_owned(), Words::new($zh, $en))),+]
        })+
    };
}

options! {
    /// Laws.
    regimes {
        "bidding": "招标投标法", "Bidding law";
        "procurement": "政府采购法", "Government procurement law";
        "small": "限额以下", "Below the threshold";
        "worldbank": "世界银行", "World Bank";
        "eu": "欧盟", "EU";
        "other": "其他", "Other";
    }
    /// What is bought.
    subjects {
        "goods": "货物", "Goods";
        "services": "服务", "Services";
        "works": "工程", "Works";
    }
    /// Yes or no.
    yes_no {
        "true": "是", "Yes";
        "false": "否", "No";
    }
    /// Roundings.
    modes {
        "half_up": "四舍五入", "Half up";
        "half_even": "四舍六入五成双", "Half to even";
        "truncate": "截断", "Truncated";
        "up": "向上取", "Up";
        "down": "向下取", "Down";
    }
    /// Rows of a table.
    between {
        "row_below": "取较低一档", "The row at or below";
        "row_above": "取较高一档", "The row at or above";
        "line": "按直线内插", "On the line between";
    }
    /// Deductions together.
    combinations {
        "largest": "只取最大一项", "Only the largest";
        "sum": "各项相加", "All added";
    }
    /// Over members.
    statistics {
        "mean": "算术平均", "Mean";
        "median": "中位数", "Median";
        "sum": "合计", "Sum";
    }
    /// What is averaged.
    over {
        "criterion": "逐项汇总", "Each criterion";
        "member_total": "按成员总分汇总", "Each member's total";
    }
    /// Scores left out.
    drops {
        "none": "不去掉", "None";
        "one_high_one_low": "去掉一个最高、一个最低", "One highest, one lowest";
    }
    /// What breaks the last tie.
    unbroken {
        "tied": "并列", "They share the rank";
        "draw": "随机抽取", "A recorded draw";
    }
}

/// A price method as an option.
pub(super) struct Method {
    pub(super) id: String,
    pub(super) words: Words,
    pub(super) json: String,
}

/// Every price method that a preset has, with the settings of that preset, and the one without a price.
pub(super) fn methods() -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    for (name, _) in templates() {
        let (Some(text), Some(book)) = (template_text(name), template(name)) else {
            continue;
        };
        let Some(spans) = Spans::of(text) else { continue };
        let Some(node) = spans.at("/price/method") else {
            continue;
        };
        let tag = spans.members(node).next().map(|(tag, _)| tag.to_owned());
        let id = tag.unwrap_or_else(|| spans.plain(node));
        if methods.iter().any(|method| method.id == id) {
            continue;
        }
        let named = book.formula().name;
        methods.push(Method {
            words: Words::new(named.zh, named.en),
            // Its lines begin where they begin in the preset: two levels in.
            json: spans.raw(node).replace("\n    ", "\n"),
            id,
        });
    }
    methods
}

/// A field by its name in the text.
pub(super) fn field(name: &str) -> Words {
    let (zh, en) = match name {
        "regime" => ("适用法律", "Law"),
        "subject" => ("采购内容", "Subject"),
        "currency" => ("币种", "Currency"),
        "ceiling" => ("最高限价", "Ceiling"),
        "budget" => ("预算", "Budget"),
        "version" => ("版本（补遗次数）", "Version (addenda)"),
        "method" => ("价格评分方法", "Price method"),
        "base_recomputed_after_rejection" => {
            ("价格评分后有否决时重算基准", "Base anew after a late rejection")
        }
        "combine" => ("同时享受几项扣除时", "Several deductions"),
        "technical_weight" => ("技术权重", "Technical weight"),
        "price_weight" => ("价格权重", "Price weight"),
        "technical_minimum" => ("最低技术分", "Technical minimum"),
        "base" => ("基准价算式", "Base, as an expression"),
        "base_rounding" => ("基准价取舍", "Rounding of the base"),
        "deviation_rounding" => ("偏差率取舍", "Rounding of the deviation"),
        "between" => ("两档之间", "Between two rows"),
        "cost_warning" => ("成本警戒价", "Cost warning price"),
        "full_from" => ("满分区起点（%）", "Full points from (%)"),
        "slopes" => ("扣分", "Loss"),
        "above" => ("每高 1% 扣", "for each 1% above"),
        "below" => ("每低 1% 扣", "for each 1% below"),
        "whole_percents" => ("只计整百分点", "whole percents only"),
        "fails_at" => ("否决线（限价的 %）", "Fails at (% of the ceiling)"),
        "drop_above" => ("多于几家去掉最高最低", "Ends left out above so many bids"),
        "float" => ("下浮率", "Float"),
        "from" => ("从", "from"),
        "to" => ("到", "to"),
        "step" => ("步长", "step"),
        "abnormal_below" => ("异常低价线（均价的 %）", "Abnormally low (% of the mean)"),
        "full_saving" => ("满分节省率（%）", "Full saving (%)"),
        "base_points" => ("基础分", "Base points"),
        "scale" => ("倍数", "Scale"),
        "places" => ("小数位", "places"),
        "standard_value" => ("低于基准评价值否决", "Reject below the standard value"),
        "survey_price" => ("调查基准价", "Survey price"),
        "estimated_price" => ("预定价格", "Estimated price"),
        "rate" => ("下限率（%）", "Rate (%)"),
        "mode" => ("取舍方式", "rounding"),
        "name" => ("名称", "Name"),
        "zh" => ("中文", "Chinese"),
        "en" => ("英文", "English"),
        "points" => ("价格分取自", "Points are step"),
        "total" => ("总分取自", "Total is step"),
        "reject" => ("否决", "Reject"),
        "remark" => ("提示", "Note"),
        "aggregation" => ("成员评分汇总", "Members' scores"),
        "over" => ("汇总方式", "Taken over"),
        "drop" => ("去掉评分", "Left out"),
        "low" => ("去掉最低个数", "Lowest left out"),
        "high" => ("去掉最高个数", "Highest left out"),
        "then" => ("仍相同时", "Still equal"),
        "candidates" => ("候选人数上限", "Most candidates"),
        "at_deadline" => ("截止时最少家数", "Bidders at the deadline, at least"),
        "after_qualification" => ("资格审查后最少家数", "After qualification, at least"),
        "after_conformity" => ("符合性审查后最少家数", "After conformity, at least"),
        "reason_max_bytes" => ("理由长度上限（字节）", "Longest reason (bytes)"),
        "notice" => ("评分偏离提示（%）", "Deviation noted (%)"),
        "warning" => ("评分偏离警示（%）", "Deviation warned of (%)"),
        other => return Words::same(other),
    };
    Words::new(zh, en)
}

/// Where something is rounded.
pub(super) fn place(name: &str) -> Words {
    let (zh, en) = match name {
        "member_total" => ("成员总分", "Member's total"),
        "criterion_mean" => ("单项平均分", "Mean of a criterion"),
        "block_mean" => ("分部得分", "Score of a block"),
        "evaluated_price" => ("评审价", "Evaluated price"),
        "price_points" => ("价格分", "Price points"),
        "financial_score" => ("财务分", "Financial score"),
        "total" => ("总得分", "Total"),
        other => return Words::same(other),
    };
    Words::new(zh, en)
}

/// An attribute that gives a deduction.
pub(super) fn attribute(name: &str) -> Words {
    let (zh, en) = match name {
        "small_enterprise" => ("小微企业", "Small enterprise"),
        "green_product" => ("绿色产品", "Green product"),
        other => return Words::same(other),
    };
    Words::new(zh, en)
}

/// The deduction of an attribute.
pub(super) fn deduction(name: &str) -> Words {
    let attribute = attribute(name);
    Words::new(
        format!("{}扣除（%）", attribute.zh),
        format!("{}, deduction (%)", attribute.en),
    )
}

/// A field within another.
pub(super) fn below(above: Option<&Words>, own: &Words) -> Words {
    match above {
        None => own.clone(),
        Some(above) => Words::new(
            format!("{}：{}", above.zh, own.zh),
            format!("{}: {}", above.en, own.en),
        ),
    }
}
