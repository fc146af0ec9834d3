//! The named price methods, each written out as a formula of the same primitives.

use super::{DeviationTable, MeanBase, PriceMethod, ReferencePrice, RoundingPlace, Rulebook, Slopes};
use crate::decimal::Decimal;
use crate::formula::{Between, Expression, Formula, Parameter, ParameterSource, Row, Step, Table};
use crate::rounding::{Rounding, RoundingMode};
use crate::text::Text;

impl Rulebook {
    /// The formula of its price method, with the roundings that the rulebook names for points and total.
    pub fn formula(&self) -> Formula {
        let mut formula = self.price.method.formula();
        let points = self
            .aggregation
            .rounding_at(RoundingPlace::PricePoints)
            .or_else(|| self.aggregation.rounding_at(RoundingPlace::FinancialScore));
        let total = self.aggregation.rounding_at(RoundingPlace::Total);
        for (own, wanted) in [(formula.points.clone(), points), (formula.total.clone(), total)] {
            for step in &mut formula.steps {
                if let Step::Number { name, rounding, .. } = step
                    && Some(&*name) == own.as_ref()
                    && rounding.is_none()
                {
                    *rounding = wanted;
                }
            }
        }
        formula
    }
}

impl PriceMethod {
    /// The method as a formula.
    pub fn formula(&self) -> Formula {
        match self {
            Self::LowPriceFirst => low_price_first(),
            Self::DeviationTable(settings) => deviation_table(settings),
            Self::ReferencePrice(settings) => reference_price(settings),
            Self::MeanBase(settings) => mean_base(settings),
            Self::Qcbs {
                technical_weight,
                price_weight,
                ..
            } => qcbs(technical_weight, price_weight),
            Self::RatedCriteria { price_weight } => rated_criteria(price_weight),
            Self::LinearToBudget { abnormal_below } => linear_to_budget(abnormal_below.as_ref()),
            Self::CorrectedProportional { full_saving } => corrected_proportional(full_saving),
            Self::PriceSteps { between, rows } => price_steps(*between, rows),
            Self::Division {
                base_points,
                scale,
                places,
                standard_value,
            } => division(base_points, scale, *places, *standard_value),
            Self::Additive { survey_price } => additive(survey_price.as_ref()),
            Self::ProportionAboveLowest => proportion_above_lowest(),
            Self::FloorRate {
                estimated_price,
                rate,
            } => floor_rate(estimated_price, rate),
            Self::NoPrice => named("无价格项", "No price", Vec::new()),
            Self::LowestPrice => lowest_price(),
            Self::Formula(formula) => formula.clone(),
        }
    }
}

fn read(text: &str) -> Expression {
    text.parse()
        .expect("written here, and each one is read by a test")
}

fn number(name: &str, zh: &str, en: &str, value: &str) -> Step {
    Step::Number {
        name: name.to_owned(),
        label: Text::new(zh, en),
        value: read(value),
        rounding: None,
    }
}

fn rounded(step: Step, to: Option<Rounding>) -> Step {
    match step {
        Step::Number {
            name, label, value, ..
        } => Step::Number {
            name,
            label,
            value,
            rounding: to,
        },
        other => other,
    }
}

fn written(name: &str, zh: &str, en: &str, value: &Decimal) -> Parameter {
    Parameter {
        name: name.to_owned(),
        label: Text::new(zh, en),
        from: ParameterSource::Written(value.clone()),
    }
}

/// A formula whose base and points are the steps of these names.
fn named(zh: &str, en: &str, steps: Vec<Step>) -> Formula {
    let has = |wanted: &str| {
        let found = steps
            .iter()
            .any(|step| matches!(step, Step::Number { name, .. } if name == wanted));
        found.then(|| wanted.to_owned())
    };
    Formula {
        name: Text::new(zh, en),
        parameters: Vec::new(),
        tables: Vec::new(),
        base: has("base"),
        points: has("points"),
        total: has("total"),
        steps,
    }
}

fn points(value: &str) -> Step {
    number("points", "价格分", "price points", value)
}

fn lowest() -> Step {
    number("base", "评标基准价", "price base", "min_of(p)")
}

/// F1, F9a.
fn low_price_first() -> Formula {
    named(
        "低价优先法",
        "Low price first",
        vec![lowest(), points("base / p * full")],
    )
}

/// F2.
fn deviation_table(settings: &DeviationTable) -> Formula {
    let base = Step::Number {
        name: "base".to_owned(),
        label: Text::new("评标基准价", "price base"),
        value: settings.base.clone(),
        rounding: settings.base_rounding,
    };
    let deviation = number(
        "deviation",
        "偏差率（%）",
        "deviation (%)",
        "(p - base) / base * 100",
    );
    let mut formula = named(
        "偏差率法",
        "Deviation table",
        vec![
            base,
            rounded(deviation, settings.deviation_rounding),
            points("table(\"deviation\", deviation)"),
        ],
    );
    formula.tables = vec![Table {
        name: "deviation".to_owned(),
        between: settings.between,
        rows: settings.rows.clone(),
    }];
    formula
}

/// What is taken off a hundred points: `share` is the deviation in percent, above zero where it costs.
fn costs(slopes: &Slopes, share: &str, per: &str) -> String {
    if slopes.whole_percents {
        format!("down({share}, 0) * {per}")
    } else {
        format!("{share} * {per}")
    }
}

fn slope_parameters(slopes: &Slopes) -> [Parameter; 2] {
    [
        written(
            "above",
            "高于基准价每 1% 扣分（百分制）",
            "of 100 points, off for each percent above",
            &slopes.above,
        ),
        written(
            "below",
            "低于基准价每 1% 扣分（百分制）",
            "of 100 points, off for each percent below",
            &slopes.below,
        ),
    ]
}

/// F3.
fn reference_price(settings: &ReferencePrice) -> Formula {
    let low = match settings.cost_warning {
        Some(_) => "max(min_of(p), cost_warning)",
        None => "min_of(p)",
    };
    let above = costs(&settings.slopes, "((p - base) / base * 100)", "above");
    let below = costs(
        &settings.slopes,
        "((base * full_from / 100 - p) / base * 100)",
        "below",
    );
    let score = format!("max(0, 100 - if(p > base, {above}, if(p < base * full_from / 100, {below}, 0)))");
    let base = number(
        "base",
        "评标参考价",
        "reference price",
        "(high - low) / 100 * X + low",
    );
    let mut steps = vec![
        number("low", "下限 Ql", "lower end Ql", low),
        number("high", "中位数 Qh", "median Qh", "median_of(p)"),
        rounded(base, Some(settings.base_rounding)),
        rounded(
            number("score", "百分制得分", "score of a hundred", &score),
            Some(Rounding {
                mode: RoundingMode::HalfUp,
                places: 2,
            }),
        ),
        points("score / 100 * full"),
    ];
    let mut parameters = vec![
        Parameter {
            name: "X".to_owned(),
            label: Text::new("抽取的 X", "X as drawn"),
            from: ParameterSource::Drawn {
                from: whole(0),
                to: whole(100),
                step: whole(1),
            },
        },
        written(
            "full_from",
            "满分下限（参考价的 %）",
            "full points from (% of the reference)",
            &settings.full_from,
        ),
    ];
    parameters.extend(slope_parameters(&settings.slopes));
    parameters.extend(
        settings
            .cost_warning
            .iter()
            .map(|price| written("cost_warning", "成本预警价", "cost warning price", price)),
    );
    if let Some(share) = &settings.fails_at {
        parameters.push(written(
            "fails_at",
            "失败线（最高限价的 %）",
            "fails at (% of the ceiling)",
            share,
        ));
        steps.push(Step::Remark {
            bids: read("p >= 0 and min_of(p) >= ceiling * fails_at / 100"),
            rule: "MIN-6".to_owned(),
            text: Text::new(
                "所有报价均达到最高限价的规定比例，招标失败。",
                "Every price reaches the stated share of the ceiling: the tender fails.",
            ),
        });
    }
    Formula {
        parameters,
        ..named("参考价法（抽取 X）", "Reference price with a drawn X", steps)
    }
}

/// F4.
fn mean_base(settings: &MeanBase) -> Formula {
    let mean = match settings.drop_above {
        Some(count) => format!("if(count_of(p > 0) > {count}, trimmed_mean_of(p, 1, 1), mean_of(p))"),
        None => "mean_of(p)".to_owned(),
    };
    let base = match settings.float {
        Some(_) => format!("({mean}) * (1 - float)"),
        None => mean,
    };
    let above = costs(&settings.slopes, "(deviation * 100)", "above");
    let below = costs(&settings.slopes, "(-deviation * 100)", "below");
    let score = format!("max(0, 100 - if(deviation > 0, {above}, {below}))");
    let steps = vec![
        rounded(
            number("base", "评标基准价", "price base", &base),
            settings.base_rounding,
        ),
        rounded(
            number("deviation", "偏差", "deviation", "(p - base) / base"),
            settings.deviation_rounding,
        ),
        points(&format!("({score}) / 100 * full")),
    ];
    let mut parameters: Vec<Parameter> = slope_parameters(&settings.slopes).into();
    parameters.extend(settings.float.iter().map(|float| Parameter {
        name: "float".to_owned(),
        label: Text::new("抽取的下浮率", "float as drawn"),
        from: ParameterSource::Drawn {
            from: float.from.clone(),
            to: float.to.clone(),
            step: float.step.clone(),
        },
    }));
    Formula {
        parameters,
        ..named("平均价法", "Mean base", steps)
    }
}

/// F8.
fn qcbs(technical_weight: &Decimal, price_weight: &Decimal) -> Formula {
    let financial = number("points", "财务得分 Sf", "financial score Sf", "base / p * 100");
    Formula {
        parameters: vec![
            written("T", "技术权重", "technical weight", technical_weight),
            written("P", "价格权重", "price weight", price_weight),
        ],
        ..named(
            "质量和费用评审（QCBS）",
            "Quality and cost based selection",
            vec![
                lowest(),
                financial,
                number("total", "总得分", "total", "technical * T + points * P"),
            ],
        )
    }
}

/// F8b.
fn rated_criteria(price_weight: &Decimal) -> Formula {
    Formula {
        parameters: vec![written("X", "价格权重", "weight of the price", price_weight)],
        ..named(
            "评分标准法",
            "Rated criteria",
            vec![
                lowest(),
                number(
                    "best",
                    "最高技术得分",
                    "highest technical score",
                    "max_of(technical)",
                ),
                points("base / p * X * 100"),
                number(
                    "total",
                    "总得分",
                    "total",
                    "points + technical / best * (1 - X) * 100",
                ),
            ],
        )
    }
}

/// F9b.
fn linear_to_budget(abnormal_below: Option<&Decimal>) -> Formula {
    let mut steps = vec![
        lowest(),
        points("if(p > budget, 0, if(budget = base, full, full * (budget - p) / (budget - base)))"),
    ];
    let mut parameters = Vec::new();
    if let Some(share) = abnormal_below {
        parameters.push(written(
            "abnormal_below",
            "异常低价线（平均价的 %）",
            "abnormally low below (% of the mean)",
            share,
        ));
        steps.push(Step::Remark {
            bids: read("p < mean_of(p) * abnormal_below / 100"),
            rule: "VOTE-6".to_owned(),
            text: Text::new(
                "报价异常偏低，须要求说明。",
                "Abnormally low price: an explanation is to be asked for.",
            ),
        });
    }
    Formula {
        parameters,
        ..named("至预算线性法", "Linear to the budget", steps)
    }
}

/// F9c.
fn corrected_proportional(full_saving: &Decimal) -> Formula {
    Formula {
        parameters: vec![written(
            "full_saving",
            "满分降幅（预算的 %）",
            "saving with full points (% of the budget)",
            full_saving,
        )],
        ..named(
            "修正比例法",
            "Corrected proportional",
            vec![
                number(
                    "saving",
                    "降幅（%）",
                    "saving (%)",
                    "max(0, (budget - p) / budget * 100)",
                ),
                number(
                    "largest",
                    "计分降幅（%）",
                    "saving that counts (%)",
                    "max(full_saving, max_of(saving))",
                ),
                points("saving / largest * full"),
            ],
        )
    }
}

/// F9d.
fn price_steps(between: Between, rows: &[Row]) -> Formula {
    let mut formula = named("价格分档法", "Price steps", vec![points("table(\"price\", p)")]);
    formula.tables = vec![Table {
        name: "price".to_owned(),
        between,
        rows: rows.to_vec(),
    }];
    formula
}

/// F10.
fn division(base_points: &Decimal, scale: &Decimal, places: u32, standard_value: bool) -> Formula {
    let truncated = Some(Rounding {
        mode: RoundingMode::Truncate,
        places,
    });
    let mut steps = vec![rounded(
        number(
            "total",
            "评价值",
            "value",
            "(base_points + technical) * scale / price",
        ),
        truncated,
    )];
    if standard_value {
        let standard = number(
            "standard",
            "基准评价值",
            "standard value",
            "base_points * scale / ceiling",
        );
        steps.insert(0, rounded(standard, truncated));
        steps.push(Step::Reject {
            bids: read("total < standard"),
            rule: "F10".to_owned(),
            reason: Text::new("评价值低于基准评价值。", "The value is below the standard value."),
        });
    }
    Formula {
        parameters: vec![
            written("base_points", "标准分", "points of the standard", base_points),
            written("scale", "显示倍数", "scale of what is shown", scale),
        ],
        ..named("除算方式", "Division method", steps)
    }
}

/// F11.
fn additive(survey_price: Option<&Decimal>) -> Formula {
    let value = match survey_price {
        Some(_) => {
            "if(p < survey, full * (1 - survey / ceiling + 0.5 * (survey - p) / ceiling), full * (1 - p / ceiling))"
        }
        None => "full * (1 - p / ceiling)",
    };
    let parameters = survey_price
        .into_iter()
        .map(|price| written("survey", "调查基准价", "survey price", price));
    Formula {
        parameters: parameters.collect(),
        ..named("加算方式", "Additive method", vec![points(value)])
    }
}

/// F12.
fn proportion_above_lowest() -> Formula {
    named(
        "高出最低价比例法",
        "Proportion above the lowest",
        vec![lowest(), points("max(0, full * (1 - (p - base) / base))")],
    )
}

/// F13.
fn floor_rate(estimated_price: &Decimal, rate: &Decimal) -> Formula {
    let steps = vec![
        number("floor", "下限价", "floor price", "estimated * rate / 100"),
        Step::Reject {
            bids: read("price < floor"),
            rule: "F13".to_owned(),
            reason: Text::new("报价低于下限价。", "The price is below the floor."),
        },
    ];
    Formula {
        parameters: vec![
            written("estimated", "预定价格", "estimated price", estimated_price),
            written("rate", "下限率（%）", "floor rate (%)", rate),
        ],
        ..named("下限率最低价", "Lowest price above a floor", steps)
    }
}

/// F16.
fn lowest_price() -> Formula {
    named("经评审的最低投标价法", "Lowest evaluated price", vec![lowest()])
}

fn whole(number: u32) -> Decimal {
    number.to_string().parse().expect("digits are a decimal")
}
