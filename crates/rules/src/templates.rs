//! Rulebooks to begin with: one for each named price method, lint clean under a regime that uses it.

use crate::rulebook::Rulebook;
use crate::text::Text;

macro_rules! templates {
    ($($name:literal: $zh:literal, $en:literal;)+) => {
        const TEMPLATES: &[(&str, &str, &str, &str)] = &[
            $(($name, $zh, $en, include_str!(concat!("../templates/", $name, ".json"))),)+
        ];
    };
}

templates! {
    "low_price_first": "政府采购货物，综合评分法，低价优先", "government procurement, goods, low price first (F1)";
    "competitive_consultation": "政府采购，竞争性磋商，最后报价低价优先", "government procurement, consultation, final offers, low price first";
    "competitive_negotiation": "政府采购，竞争性谈判，最后报价最低", "government procurement, negotiation, lowest final offer";
    "inquiry": "政府采购，询价", "government procurement, inquiry";
    "lowest_price": "政府采购，最低评标价法", "government procurement, lowest evaluated price (F16)";
    "deviation_table": "工程招标，偏差率查表", "works, table of the deviation from a base (F2)";
    "reference_price": "工程招标，抽取 X 的参考价", "works, reference price with a drawn X (F3)";
    "mean_base": "工程招标，平均价下浮", "works, mean base with a drawn float (F4)";
    "qcbs": "世界银行咨询，质量和费用", "World Bank consultants, quality and cost (F8)";
    "rated_criteria": "世界银行，评分标准", "World Bank, rated criteria (F8b)";
    "inverse": "欧盟，反比法", "EU, inverse (F9a)";
    "linear_to_budget": "欧盟，至预算线性", "EU, linear to the budget (F9b)";
    "corrected_proportional": "欧盟，修正比例", "EU, corrected proportional (F9c)";
    "price_steps": "欧盟，价格分档", "EU, steps of the price (F9d)";
    "division": "日本，除算方式", "Japan, division (F10)";
    "additive": "日本，加算方式", "Japan, addition (F11)";
    "proportion_above_lowest": "南非，80/20", "South Africa, 80/20 (F12)";
    "floor_rate": "韩国，下限率最低价", "Korea, lowest above a floor (F13)";
    "rank_sum": "台湾，序位法", "Taiwan, sum of ranks (F14)";
    "places": "票选排序", "most first places (F15)";
    "formula": "自拟公式", "a formula written out";
}

/// Names of the templates, each with what it is.
pub fn templates() -> impl Iterator<Item = (&'static str, Text)> {
    TEMPLATES
        .iter()
        .map(|(name, zh, en, _)| (*name, Text::new(*zh, *en)))
}

/// The rulebook of this name.
pub fn template(name: &str) -> Option<Rulebook> {
    let json = template_text(name)?;
    Some(Rulebook::parse(json.as_bytes()).expect("each one is read by a test"))
}

/// The same as text, as it is written.
pub fn template_text(name: &str) -> Option<&'static str> {
    let (.., json) = TEMPLATES.iter().find(|(own, ..)| *own == name)?;
    Some(json)
}
