//! Settings of the named price methods, as far as a wrong one shows before there are bids.

use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::finding::Finding;
use crate::formula::Row;
use crate::rulebook::{MeanBase, PriceMethod, Rulebook, Slopes};

pub(super) fn check(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    match &rulebook.price.method {
        PriceMethod::MeanBase(settings) => mean_base(settings, findings),
        PriceMethod::ReferencePrice(settings) => {
            slopes("reference_price", &settings.slopes, findings);
            let share = settings.full_from.exact();
            if !share.is_positive() || share > Exact::from(100) {
                findings.push(error(
                    "reference_price.full_from",
                    "满分下限须大于 0，且不高于参考价的 100%。",
                    "Full points begin above 0 and at most at 100 percent of the reference.",
                ));
            }
        }
        PriceMethod::CorrectedProportional { full_saving } if !full_saving.exact().is_positive() => {
            findings.push(error(
                "corrected_proportional.full_saving",
                "满分降幅须大于零。",
                "The saving that earns full points is above zero.",
            ));
        }
        PriceMethod::Additive {
            survey_price: Some(survey),
        } => {
            let above = rulebook.ceiling.as_ref().is_some_and(|ceiling| survey > ceiling);
            if above || !survey.exact().is_positive() {
                findings.push(error(
                    "additive.survey_price",
                    "调查基准价须大于零，且不高于最高限价，否则得分会为负。",
                    "The survey price is above zero and not above the ceiling, or points fall below zero.",
                ));
            }
        }
        PriceMethod::FloorRate {
            estimated_price,
            rate,
        } => {
            let rate = rate.exact();
            if !estimated_price.exact().is_positive() || !rate.is_positive() || rate > Exact::from(100) {
                findings.push(error(
                    "floor_rate",
                    "预定价格须大于零，下限率须大于 0 且不高于 100%。",
                    "The estimated price is above zero, the rate above 0 and at most 100 percent.",
                ));
            }
        }
        PriceMethod::Division {
            base_points, scale, ..
        } if base_points.exact().is_negative() || !scale.exact().is_positive() => {
            findings.push(error(
                "division",
                "标准分不得为负，显示倍数须大于零。",
                "The points of the standard are not negative, the scale is above zero.",
            ));
        }
        PriceMethod::PriceSteps { rows, .. } => table(rulebook, "price_steps", rows, findings),
        PriceMethod::DeviationTable(settings) => {
            table(rulebook, "deviation_table", &settings.rows, findings);
        }
        PriceMethod::RatedCriteria { price_weight } => {
            let weight = price_weight.exact();
            if weight.is_negative() || weight > Exact::from(1) {
                findings.push(Finding {
                    rule: "SC-2".to_owned(),
                    ..error(
                        "rated_criteria.price_weight",
                        "价格权重须在 0 至 1 之间。",
                        "The weight of the price lies between 0 and 1.",
                    )
                });
            }
        }
        PriceMethod::Qcbs { .. } if rulebook.full_marks.exact() != Exact::from(100) => {
            findings.push(Finding::error(
                "SC-2",
                "full_marks",
                "质量和费用综合评审的技术分以 100 分为满分。",
                "Under quality and cost based selection the technical score counts to 100.",
            ));
        }
        _ => {}
    }
}

fn mean_base(settings: &MeanBase, findings: &mut Vec<Finding>) {
    slopes("mean_base", &settings.slopes, findings);
    let float = settings.float.as_ref();
    if float.is_some_and(|float| float.to.exact() >= Exact::from(1)) {
        findings.push(error(
            "mean_base.float.to",
            "下浮率须小于 1，否则基准价不大于零。",
            "The float is below 1, or the base is not above zero.",
        ));
    }
    // Of two bids nothing would be left.
    if settings.drop_above.is_some_and(|count| count < 2) {
        findings.push(error(
            "mean_base.drop_above",
            "去掉最高价和最低价的家数界限至少为 2。",
            "The number above which highest and lowest are left out is at least 2.",
        ));
    }
}

fn error(at: &str, zh: &str, en: &str) -> Finding {
    Finding::error("RB-6", format!("price.method.{at}"), zh, en)
}

fn slopes(method: &str, slopes: &Slopes, findings: &mut Vec<Finding>) {
    if [&slopes.above, &slopes.below]
        .iter()
        .any(|slope| slope.exact().is_negative())
    {
        findings.push(error(
            &format!("{method}.slopes"),
            "每偏离 1% 的扣分不得为负。",
            "What falls for a percent of deviation is not negative.",
        ));
    }
}

/// A table gives no less than nothing and no more than the price criterion has.
fn table(rulebook: &Rulebook, method: &str, rows: &[Row], findings: &mut Vec<Finding>) {
    let full = rulebook.price_points();
    let fits = |gives: &Decimal| {
        let gives = gives.exact();
        !gives.is_negative() && full.as_ref().is_none_or(|full| gives <= *full)
    };
    for (index, row) in rows.iter().enumerate() {
        if !fits(&row.gives) {
            findings.push(error(
                &format!("{method}.rows[{index}].gives"),
                "表中分值须在 0 至价格因素满分之间。",
                "What a row gives lies between 0 and the points of the price criterion.",
            ));
        }
    }
}
