//! The form over a rulebook: its fields, each by its JSON pointer, and how a value is written there.

use super::labels;
use super::spans::{Node, Spans};
use protocol::window::{FieldGroup, FieldKind, FieldLine, Words};
use rules::{Decimal, Expression};

/// Longest text of a field, bytes.
const MOST_TEXT: usize = 4_096;
/// Most fields of the form; what is beyond can be changed in the text.
const MOST_FIELDS: usize = 400;

/// A field, and the JSON of each option where an option is more than its name.
pub(super) struct Field {
    pub(super) line: FieldLine,
    raw: Vec<(String, String)>,
}

impl Field {
    fn new(pointer: String, group: FieldGroup, label: Words, kind: FieldKind, value: String) -> Self {
        Self {
            line: FieldLine {
                pointer,
                group,
                label,
                kind,
                value,
                options: Vec::new(),
                optional: false,
            },
            raw: Vec::new(),
        }
    }

    fn choice(mut self, options: Vec<(String, Words)>) -> Self {
        self.line.kind = FieldKind::Choice;
        // What stands there is an option too, whatever it is.
        let value = &self.line.value;
        if !value.is_empty() && !options.iter().any(|(id, _)| id == value) {
            self.line
                .options
                .push((value.clone(), Words::same(value.clone())));
        }
        self.line.options.extend(options);
        self
    }

    /// JSON of a value as it was typed; why not, where it can't stand there.
    pub(super) fn json(&self, value: &str) -> Result<String, Words> {
        if let Some((_, raw)) = self.raw.iter().find(|(id, _)| id == value) {
            return Ok(raw.clone());
        }
        if self.line.kind == FieldKind::Choice && !self.line.options.iter().any(|(id, _)| id == value) {
            return Err(Words::new("没有这个选项。", "There is no such option."));
        }
        json_of(self.line.kind, value)
    }
}

/// JSON of a typed value of a kind.
pub(super) fn json_of(kind: FieldKind, value: &str) -> Result<String, Words> {
    let quoted = |value: &str| serde_json::Value::from(value).to_string();
    match kind {
        FieldKind::Choice if ["true", "false"].contains(&value) => Ok(value.to_owned()),
        FieldKind::Choice => Ok(quoted(value)),
        FieldKind::Count => match value.trim().parse::<u32>() {
            Ok(count) => Ok(count.to_string()),
            Err(_) => Err(Words::new("须为从 0 起的整数。", "It is a whole number from 0.")),
        },
        FieldKind::Decimal => match value.trim().parse::<Decimal>() {
            Ok(decimal) => Ok(quoted(&decimal.to_string())),
            Err(_) => Err(Words::new(
                "须为数字，如 12.50；不用千分位、正号、百分号。",
                "It is a number such as 12.50, without thousands separators, plus or percent sign.",
            )),
        },
        FieldKind::Text if value.trim().is_empty() || value.len() > MOST_TEXT => Err(Words::new(
            "不得为空，也不得过长。",
            "It is neither empty nor too long.",
        )),
        FieldKind::Text => Ok(quoted(value)),
        FieldKind::Expression => match value.parse::<Expression>() {
            Ok(_) => Ok(quoted(value)),
            Err(error) => Err(Words::new(
                format!("算式不成立：{error}"),
                format!("The expression does not hold: {error}"),
            )),
        },
    }
}

/// Every field of the form, in the order in which it is read.
pub(super) fn fields(spans: &Spans<'_>) -> Vec<Field> {
    let mut form = Form {
        spans,
        fields: Vec::new(),
    };
    form.lot();
    form.price();
    form.aggregation();
    form.result();
    form.fields.truncate(MOST_FIELDS);
    form.fields
}

struct Form<'s, 't> {
    spans: &'s Spans<'t>,
    fields: Vec<Field>,
}

impl Form<'_, '_> {
    fn add(&mut self, pointer: &str, group: FieldGroup, kind: FieldKind) -> Option<&mut Field> {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        self.labelled(pointer, group, kind, labels::field(name))
    }

    fn labelled(
        &mut self,
        pointer: &str,
        group: FieldGroup,
        kind: FieldKind,
        label: Words,
    ) -> Option<&mut Field> {
        let value = self.spans.plain_at(pointer);
        self.fields
            .push(Field::new(pointer.to_owned(), group, label, kind, value));
        self.fields.last_mut()
    }

    fn optional(&mut self, pointer: &str, group: FieldGroup, kind: FieldKind) {
        if let Some(field) = self.add(pointer, group, kind) {
            field.line.optional = true;
        }
    }

    fn choose(&mut self, pointer: &str, group: FieldGroup, label: Words, options: Vec<(String, Words)>) {
        let value = self.spans.plain_at(pointer);
        let field = Field::new(pointer.to_owned(), group, label, FieldKind::Choice, value);
        self.fields.push(field.choice(options));
    }

    fn lot(&mut self) {
        let group = FieldGroup::Lot;
        self.labelled(
            "/lot/name/zh",
            group,
            FieldKind::Text,
            Words::new("标段名称（中文）", "Lot, in Chinese"),
        );
        self.labelled(
            "/lot/name/en",
            group,
            FieldKind::Text,
            Words::new("标段名称（英文）", "Lot, in English"),
        );
        self.choose("/regime", group, labels::field("regime"), labels::regimes());
        self.choose("/subject", group, labels::field("subject"), labels::subjects());
        self.add("/currency", group, FieldKind::Text);
        self.optional("/ceiling", group, FieldKind::Decimal);
        self.optional("/budget", group, FieldKind::Decimal);
        self.add("/version", group, FieldKind::Count);
    }

    fn price(&mut self) {
        let group = FieldGroup::Price;
        let Some(method) = self.spans.at("/price/method") else {
            return;
        };
        let named = self.spans.members(method).next();
        let (value, settings) = match named {
            Some((name, node)) => (name.to_owned(), Some(node)),
            None => (self.spans.plain(method), None),
        };
        let own = self.spans.raw(method).to_owned();
        let options = labels::methods();
        let raw = options
            .iter()
            .map(|option| (option.id.clone(), option.json.clone()));
        // The one that stands there keeps its settings.
        let mut raw: Vec<(String, String)> = raw.filter(|(id, _)| *id != value).collect();
        raw.insert(0, (value.clone(), own));
        let field = Field::new(
            "/price/method".to_owned(),
            group,
            labels::field("method"),
            FieldKind::Choice,
            value.clone(),
        );
        let options = options.into_iter().map(|option| (option.id, option.words));
        let mut field = field.choice(options.collect());
        field.raw = raw;
        self.fields.push(field);
        if let Some(node) = settings {
            self.settings(node, &format!("/price/method/{value}"), None);
        }
        self.deductions();
        self.choose(
            "/price/base_recomputed_after_rejection",
            group,
            labels::field("base_recomputed_after_rejection"),
            labels::yes_no(),
        );
    }

    fn deductions(&mut self) {
        let group = FieldGroup::Price;
        let Some(items) = self.spans.at("/price/deductions/items") else {
            return;
        };
        self.choose(
            "/price/deductions/combine",
            group,
            labels::field("combine"),
            labels::combinations(),
        );
        for index in 0..self.spans.items(items).len() {
            let attribute = self
                .spans
                .plain_at(&format!("/price/deductions/items/{index}/attribute"));
            let pointer = format!("/price/deductions/items/{index}/percent");
            self.labelled(&pointer, group, FieldKind::Decimal, labels::deduction(&attribute));
        }
    }

    /// Settings of a method as they stand in the text; lists are changed there, but for steps and parameters.
    fn settings(&mut self, node: &Node, pointer: &str, above: Option<&Words>) {
        let spans = self.spans;
        for (key, value) in spans.members(node) {
            let pointer = format!("{pointer}/{key}");
            let label = labels::below(above, &labels::field(key));
            if spans.members(value).next().is_some() {
                self.settings(value, &pointer, Some(&label));
            } else if ["steps", "parameters"].contains(&key) {
                for (index, item) in spans.items(value).iter().enumerate() {
                    self.entry(item, &format!("{pointer}/{index}"));
                }
            } else if spans.items(value).is_empty() && !spans.raw(value).starts_with(['[', '{']) {
                self.setting(key, value, &pointer, label);
            }
        }
    }

    fn setting(&mut self, key: &str, node: &Node, pointer: &str, label: Words) {
        let group = FieldGroup::Price;
        let raw = self.spans.raw(node);
        match key {
            "mode" => self.choose(pointer, group, label, labels::modes()),
            "between" => self.choose(pointer, group, label, labels::between()),
            _ if ["true", "false"].contains(&raw) => self.choose(pointer, group, label, labels::yes_no()),
            _ => {
                let text = self.spans.plain(node);
                let kind = match key {
                    "base" | "value" | "bids" => FieldKind::Expression,
                    _ if !raw.starts_with('"') => FieldKind::Count,
                    _ if text.parse::<Decimal>().is_ok() => FieldKind::Decimal,
                    _ => FieldKind::Text,
                };
                self.labelled(pointer, group, kind, label);
            }
        }
    }

    /// A step or a parameter of a formula that was written out: what it computes, by its label.
    fn entry(&mut self, item: &Node, pointer: &str) {
        let group = FieldGroup::Price;
        let spans = self.spans;
        let words = |at: &str| {
            let (zh, en) = (
                spans.plain_at(&format!("{at}/zh")),
                spans.plain_at(&format!("{at}/en")),
            );
            Words::new(zh, en)
        };
        if spans.at(&format!("{pointer}/from/written")).is_some() {
            let label = words(&format!("{pointer}/label"));
            self.labelled(
                &format!("{pointer}/from/written"),
                group,
                FieldKind::Decimal,
                label,
            );
            return;
        }
        if spans.at(&format!("{pointer}/from/drawn")).is_some() {
            for end in ["from", "to", "step"] {
                let label = labels::below(Some(&words(&format!("{pointer}/label"))), &labels::field(end));
                self.labelled(
                    &format!("{pointer}/from/drawn/{end}"),
                    group,
                    FieldKind::Decimal,
                    label,
                );
            }
            return;
        }
        let Some((kind, _)) = spans.members(item).next() else {
            return;
        };
        let pointer = format!("{pointer}/{kind}");
        let (field, label) = match kind {
            "number" => ("value", words(&format!("{pointer}/label"))),
            "reject" => (
                "bids",
                labels::below(
                    Some(&labels::field("reject")),
                    &words(&format!("{pointer}/reason")),
                ),
            ),
            "remark" => (
                "bids",
                labels::below(Some(&labels::field("remark")), &words(&format!("{pointer}/text"))),
            ),
            _ => ("bids", Words::same(spans.plain_at(&format!("{pointer}/name")))),
        };
        self.labelled(&format!("{pointer}/{field}"), group, FieldKind::Expression, label);
    }

    fn aggregation(&mut self) {
        let group = FieldGroup::Aggregation;
        self.choose(
            "/aggregation/method",
            group,
            labels::field("aggregation"),
            labels::statistics(),
        );
        self.choose("/aggregation/over", group, labels::field("over"), labels::over());
        let drop = "/aggregation/drop";
        if self.spans.at("/aggregation/drop/ends").is_some() {
            for end in ["low", "high"] {
                let pointer = format!("{drop}/ends/{end}");
                self.add(&pointer, group, FieldKind::Count);
            }
        } else {
            self.choose(drop, group, labels::field("drop"), labels::drops());
        }
        let count = self
            .spans
            .at("/aggregation/rounding")
            .map_or(0, |list| self.spans.items(list).len());
        for index in 0..count {
            let point = format!("/aggregation/rounding/{index}");
            let place = labels::place(&self.spans.plain_at(&format!("{point}/where")));
            let label = labels::below(Some(&place), &labels::field("mode"));
            self.choose(&format!("{point}/mode"), group, label, labels::modes());
            if self.spans.at(&format!("{point}/places")).is_some() {
                let label = labels::below(Some(&place), &labels::field("places"));
                self.labelled(&format!("{point}/places"), group, FieldKind::Count, label);
            }
        }
    }

    fn result(&mut self) {
        let group = FieldGroup::Result;
        self.choose("/ranking/then", group, labels::field("then"), labels::unbroken());
        self.labelled(
            "/candidates/max",
            group,
            FieldKind::Count,
            labels::field("candidates"),
        );
        for count in ["at_deadline", "after_qualification", "after_conformity"] {
            self.add(&format!("/minimum_bidders/{count}"), group, FieldKind::Count);
        }
        self.add("/limits/reason_max_bytes", group, FieldKind::Count);
        for name in ["notice", "warning"] {
            let pointer = format!("/abnormal/{name}");
            if self.spans.at(&pointer).is_some() {
                self.add(&pointer, group, FieldKind::Decimal);
            }
        }
    }
}
