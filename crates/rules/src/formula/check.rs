//! Whether a formula hangs together: names, sorts, scopes, bounds.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Expr, Function, Sort, Statistic};
use super::{Expression, Formula, MAX_NODES, MAX_STEPS, ParameterSource, Step, Table};
use crate::finding::Finding;
use crate::ids::CriterionId;
use crate::rounding::{MAX_PLACES, RoundingMode};
use crate::text::Text;

/// The longest name, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The highest exponent of `power`.
const MAX_EXPONENT: u32 = 16;

/// The most bids that `trimmed_mean_of` leaves out at one end, and the highest place of `nth_of`.
const MAX_PLACE: u32 = 1_000;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One number of the lot.
    Lot,
    /// One number of each bid.
    Bid,
}

/// What the rulebook around a formula offers it.
pub(crate) struct Surroundings<'a> {
    pub(crate) has_ceiling: bool,
    pub(crate) has_budget: bool,
    /// Whether there is a price criterion, whose points are `max`.
    pub(crate) has_points: bool,
    pub(crate) blocks: &'a [&'a CriterionId],
}

/// The names that every formula knows, with their scopes.
pub(super) const KNOWN: [(&str, Scope); 6] = [
    ("p", Scope::Bid),
    ("price", Scope::Bid),
    ("technical", Scope::Bid),
    ("ceiling", Scope::Lot),
    ("budget", Scope::Lot),
    ("full", Scope::Lot),
];

const RESERVED: [&str; 4] = ["and", "or", "not", "in"];

impl Formula {
    /// Everything wrong with it; `at` is its JSON path.
    pub(crate) fn check(&self, around: &Surroundings<'_>, at: &str) -> Vec<Finding> {
        let mut checker = Checker {
            around,
            tables: self.tables.iter().map(|table| table.name.as_str()).collect(),
            numbers: KNOWN.into_iter().collect(),
            later: self.steps.iter().filter_map(name_of).collect(),
            choices: BTreeSet::new(),
            findings: Vec::new(),
        };
        checker.formula(self, at);
        checker.findings
    }

    /// The scope of each number step; as `check` has found it.
    pub(super) fn scopes(&self) -> BTreeMap<&str, Scope> {
        let mut scopes: BTreeMap<&str, Scope> = KNOWN.into_iter().collect();
        scopes.extend(self.parameters.iter().map(|own| (own.name.as_str(), Scope::Lot)));
        for step in &self.steps {
            if let Step::Number { name, value, .. } = step {
                let scope = scope(value.root(), &scopes);
                scopes.insert(name, scope);
            }
        }
        scopes
    }
}

impl Expression {
    /// Everything wrong with an expression that may read facts of one bid alone; `at` is its JSON path.
    pub(crate) fn check_over_facts(&self, at: &str) -> Vec<Finding> {
        let around = Surroundings {
            has_ceiling: false,
            has_budget: false,
            has_points: false,
            blocks: &[],
        };
        let mut checker = Checker {
            around: &around,
            tables: BTreeSet::new(),
            numbers: BTreeMap::new(),
            later: BTreeSet::new(),
            choices: BTreeSet::new(),
            findings: Vec::new(),
        };
        checker.expression(self.root(), Sort::Number, at);
        if has_statistic(self.root()) {
            checker.error(
                at,
                "此处只能用到该投标人自身的数据，不得使用统计函数。",
                "Only what is known of this bid may be read here; no statistic over bids.",
            );
        }
        checker.findings
    }
}

fn has_statistic(node: &Expr) -> bool {
    matches!(node, Expr::Over { .. }) || node.children().into_iter().any(has_statistic)
}

fn name_of(step: &Step) -> Option<&str> {
    match step {
        Step::Number { name, .. } | Step::Choose { name, .. } => Some(name),
        Step::Reject { .. } | Step::Remark { .. } => None,
    }
}

/// Of a bid, where it reads anything of a single bid.
fn scope(node: &Expr, known: &BTreeMap<&str, Scope>) -> Scope {
    let of_bid = match node {
        Expr::Name(name) => known.get(name.as_str()) == Some(&Scope::Bid),
        Expr::Block(_) | Expr::Fact(_) => true,
        Expr::Over { statistic, .. } => *statistic == Statistic::Rank,
        _ => node
            .children()
            .into_iter()
            .any(|child| scope(child, known) == Scope::Bid),
    };
    if of_bid { Scope::Bid } else { Scope::Lot }
}

struct Checker<'a> {
    around: &'a Surroundings<'a>,
    tables: BTreeSet<&'a str>,
    numbers: BTreeMap<&'a str, Scope>,
    /// Names of steps, the ones below included.
    later: BTreeSet<&'a str>,
    choices: BTreeSet<&'a str>,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn error(&mut self, at: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.push(Finding::error("RB-6", at, zh, en));
    }

    fn formula(&mut self, formula: &'a Formula, at: &str) {
        self.text(&formula.name, &format!("{at}.name"));
        self.bounds(formula, at);
        for (index, parameter) in formula.parameters.iter().enumerate() {
            let at = format!("{at}.parameters[{index}]");
            self.text(&parameter.label, &format!("{at}.label"));
            if self.new_name(&parameter.name, &at) {
                self.numbers.insert(&parameter.name, Scope::Lot);
            }
            if let ParameterSource::Drawn { from, to, step } = &parameter.from {
                let steps = to
                    .exact()
                    .checked_sub(&from.exact())
                    .and_then(|width| width.checked_div(&step.exact()));
                if from > to || !step.exact().is_positive() || !steps.is_ok_and(|steps| steps.is_whole()) {
                    self.error(
                        &format!("{at}.from.drawn"),
                        "抽取范围须由低到高，且为步长的整数倍。",
                        "A draw goes from low to high in whole steps.",
                    );
                }
            }
        }
        let mut tables = BTreeSet::new();
        for (index, table) in formula.tables.iter().enumerate() {
            let at = format!("{at}.tables[{index}]");
            if !is_name(&table.name) || !tables.insert(&table.name) {
                self.error(
                    &at,
                    "表名不合规范或重复。",
                    "The name of the table is not a name, or is taken.",
                );
            }
            self.table(table, &at);
        }
        for (index, step) in formula.steps.iter().enumerate() {
            self.step(step, &format!("{at}.steps[{index}]"));
        }
        for (field, name, wanted) in [
            ("base", &formula.base, Scope::Lot),
            ("points", &formula.points, Scope::Bid),
            ("total", &formula.total, Scope::Bid),
        ] {
            let Some(name) = name else { continue };
            let is_step = self.later.contains(name.as_str());
            if !is_step || self.numbers.get(name.as_str()) != Some(&wanted) {
                let (zh, en) = match wanted {
                    Scope::Lot => ("标段", "of the lot"),
                    Scope::Bid => ("每个投标人", "of each bid"),
                };
                self.error(
                    &format!("{at}.{field}"),
                    format!("“{name}”须是算出{zh}的数的步骤。"),
                    format!("`{name}` must be a step that computes a number {en}."),
                );
            }
        }
    }

    fn bounds(&mut self, formula: &Formula, at: &str) {
        let expressions: usize = formula
            .steps
            .iter()
            .map(|step| step.expression().root().size())
            .sum();
        let rows: usize = formula.tables.iter().map(|table| table.rows.len()).sum();
        if formula.steps.len() > MAX_STEPS || expressions + rows > MAX_NODES {
            self.error(
                at,
                format!("公式最多 {MAX_STEPS} 步、{MAX_NODES} 个节点。"),
                format!("A formula has at most {MAX_STEPS} steps and {MAX_NODES} nodes."),
            );
        }
    }

    fn text(&mut self, text: &Text, at: &str) {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            self.error(at, "中文和英文均不得为空。", "Neither language may be empty.");
        }
    }

    fn new_name(&mut self, name: &str, at: &str) -> bool {
        let taken = self.numbers.contains_key(name) || self.choices.contains(name);
        if is_name(name) && !taken {
            return true;
        }
        self.error(
            &format!("{at}.name"),
            format!("名称“{name}”不合规范、已被占用或有固定含义。"),
            format!("`{name}` is not a name, is taken, or has a meaning of its own."),
        );
        false
    }

    fn table(&mut self, table: &Table, at: &str) {
        let ascends = table.rows.windows(2).all(|pair| pair[0].at < pair[1].at);
        if table.rows.is_empty() || !ascends {
            self.error(
                &format!("{at}.rows"),
                "表至少一行，各行由低到高，不得相同。",
                "A table has a row at least; rows ascend and differ.",
            );
        }
    }

    fn step(&mut self, step: &'a Step, at: &str) {
        match step {
            Step::Number {
                name,
                label,
                value,
                rounding,
            } => {
                self.text(label, &format!("{at}.number.label"));
                self.expression(value.root(), Sort::Number, &format!("{at}.number.value"));
                if rounding.is_some_and(|rounding| {
                    rounding.mode != RoundingMode::None && rounding.places > MAX_PLACES
                }) {
                    self.error(
                        &format!("{at}.number.rounding.places"),
                        format!("位数为 0 至 {MAX_PLACES}。"),
                        format!("Places are 0 to {MAX_PLACES}."),
                    );
                }
                if self.new_name(name, &format!("{at}.number")) {
                    self.numbers.insert(name, scope(value.root(), &self.numbers));
                }
            }
            Step::Choose { name, bids } => {
                self.test(bids.root(), &format!("{at}.choose.bids"));
                if self.new_name(name, &format!("{at}.choose")) {
                    self.choices.insert(name);
                }
            }
            Step::Reject {
                bids,
                rule,
                reason: text,
            } => {
                self.test(bids.root(), &format!("{at}.reject.bids"));
                self.told(rule, text, &format!("{at}.reject"));
            }
            Step::Remark { bids, rule, text } => {
                self.test(bids.root(), &format!("{at}.remark.bids"));
                self.told(rule, text, &format!("{at}.remark"));
            }
        }
    }

    fn told(&mut self, rule: &str, text: &Text, at: &str) {
        self.text(text, at);
        if rule.trim().is_empty() {
            self.error(&format!("{at}.rule"), "须写明依据。", "The rule is named.");
        }
    }

    /// A condition on each bid.
    fn test(&mut self, node: &'a Expr, at: &str) {
        self.expression(node, Sort::Truth, at);
        if scope(node, &self.numbers) == Scope::Lot {
            self.error(
                at,
                "条件须涉及每个投标人的数据。",
                "The condition reads nothing of a bid.",
            );
        }
    }

    fn expression(&mut self, node: &'a Expr, wanted: Sort, at: &str) {
        let found = self.sort(node, at);
        if found != wanted {
            let (zh, en) = match wanted {
                Sort::Number => (
                    "此处应为数，而不是条件。",
                    "A number is wanted here, not a condition.",
                ),
                Sort::Truth => (
                    "此处应为条件，而不是数。",
                    "A condition is wanted here, not a number.",
                ),
            };
            self.error(at, zh, en);
        }
    }

    fn sort(&mut self, node: &'a Expr, at: &str) -> Sort {
        match node {
            Expr::Number(_) | Expr::Fact(_) => Sort::Number,
            Expr::Name(name) => {
                self.name(name, at);
                Sort::Number
            }
            Expr::Block(id) => {
                if !self.around.blocks.contains(&id) {
                    self.error(
                        at,
                        format!("没有评分块 {id}。"),
                        format!("There is no scored block {id}."),
                    );
                }
                Sort::Number
            }
            Expr::Table(name, of) => {
                if !self.tables.contains(name.as_str()) {
                    self.error(
                        at,
                        format!("没有表“{name}”。"),
                        format!("There is no table `{name}`."),
                    );
                }
                self.expression(of, Sort::Number, at);
                Sort::Number
            }
            Expr::Negative(inside) => {
                self.expression(inside, Sort::Number, at);
                Sort::Number
            }
            Expr::Not(inside) => {
                self.expression(inside, Sort::Truth, at);
                Sort::Truth
            }
            Expr::Binary(operator, left, right) => {
                let (operand, value) = operator.sorts();
                self.expression(left, operand, at);
                self.expression(right, operand, at);
                value
            }
            Expr::Call(function, arguments) => {
                for argument in arguments {
                    self.expression(argument, Sort::Number, at);
                }
                self.literals(*function, arguments, at);
                Sort::Number
            }
            Expr::If(three) => {
                self.expression(&three[0], Sort::Truth, at);
                let sort = self.sort(&three[1], at);
                self.expression(&three[2], sort, at);
                sort
            }
            Expr::Over {
                statistic,
                of,
                further,
                bids,
                ..
            } => {
                self.expression(of, statistic.over(), at);
                self.over(*statistic, of, further, bids.as_deref(), at);
                Sort::Number
            }
        }
    }

    fn over(&mut self, statistic: Statistic, of: &Expr, further: &[Expr], bids: Option<&str>, at: &str) {
        if scope(of, &self.numbers) == Scope::Lot {
            self.error(
                at,
                "统计的对象须涉及每个投标人的数据。",
                "A statistic is taken over something that each bid has.",
            );
        }
        let least = u32::from(statistic == Statistic::Nth);
        if further
            .iter()
            .any(|number| whole(number, least, MAX_PLACE).is_none())
        {
            self.error(
                at,
                format!("个数须直接写为 {least} 至 {MAX_PLACE} 的整数。"),
                format!("The count is written as a whole number from {least} to {MAX_PLACE}."),
            );
        }
        if let Some(bids) = bids.filter(|bids| !self.choices.contains(bids)) {
            self.error(
                at,
                format!("上文没有名为“{bids}”的投标人范围。"),
                format!("No step above chooses bids by the name `{bids}`."),
            );
        }
    }

    fn name(&mut self, name: &str, at: &str) {
        let missing = match name {
            "ceiling" => !self.around.has_ceiling,
            "budget" => !self.around.has_budget,
            "full" => !self.around.has_points,
            _ => false,
        };
        if missing {
            self.error(
                at,
                format!("公式用到“{name}”，但评标办法没有写明。"),
                format!("The formula reads `{name}`, which the rulebook does not have."),
            );
        } else if !self.numbers.contains_key(name) {
            if self.later.contains(name) {
                self.error(
                    at,
                    format!("“{name}”在下文才算出；步骤由上而下，不得循环。"),
                    format!(
                        "`{name}` is computed further down; steps run from top to bottom, without cycles."
                    ),
                );
            } else {
                self.error(
                    at,
                    format!("没有名为“{name}”的步骤或参数。"),
                    format!("There is no step or parameter `{name}`."),
                );
            }
        }
    }

    fn literals(&mut self, function: Function, arguments: &[Expr], at: &str) {
        let most = match function {
            Function::Min | Function::Max | Function::Clamp | Function::Abs => return,
            Function::Power => MAX_EXPONENT,
            _ => MAX_PLACES,
        };
        if arguments.last().is_none_or(|last| whole(last, 0, most).is_none()) {
            self.error(
                at,
                format!("位数或次数须直接写为 0 至 {most} 的整数。"),
                format!("Places or exponent are written as a whole number from 0 to {most}."),
            );
        }
    }
}

/// A whole number written in place.
pub(super) fn whole(node: &Expr, least: u32, most: u32) -> Option<u32> {
    match node {
        Expr::Number(value) => value.to_u32().filter(|number| (least..=most).contains(number)),
        _ => None,
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let head = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    head && name.len() <= MAX_NAME_BYTES
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&name)
}
