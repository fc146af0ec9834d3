//! A result for people: as text, as a table, and number by number down to what was given.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::derivation::{Input, Node};
use crate::outcome::{Outcome, Standing};
use crate::rounding::RoundingMode;
use crate::text::Text;

/// The language of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Tongue {
    /// The text in this language.
    pub fn of(self, text: &Text) -> &str {
        self.either(&text.zh, &text.en)
    }

    fn either<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// One line of the table of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLine {
    /// The number's node.
    pub node: String,
    /// What it is.
    pub label: String,
    /// The formula with its numbers put in: `62 + 27.44`.
    pub arithmetic: String,
    /// The exact value before rounding, where it was rounded.
    pub exact: Option<String>,
    /// How it was rounded, in words.
    pub rounding: Option<String>,
    /// The value as shown.
    pub shown: String,
}

impl Outcome {
    /// How a number came about, down to what was given: a tree in text, each number once.
    pub fn explain(&self, node: &str, tongue: Tongue) -> String {
        let mut text = String::new();
        self.walk((node, ""), 0, tongue, &mut BTreeSet::new(), &mut text);
        text
    }

    fn walk(
        &self,
        (id, dropped): (&str, &str),
        depth: usize,
        tongue: Tongue,
        seen: &mut BTreeSet<String>,
        text: &mut String,
    ) {
        let indent = "  ".repeat(depth);
        let Some(node) = self.derivation.get(id) else {
            return;
        };
        let line = line(id, node, tongue);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{indent}{} = {}  [{id}]{dropped}", line.label, line.shown);
        if !seen.insert(id.to_owned()) {
            return;
        }
        let _ = writeln!(text, "{indent}  {} = {}", node.formula, line.arithmetic);
        if let (Some(exact), Some(rounding)) = (&line.exact, &line.rounding) {
            let _ = writeln!(text, "{indent}  {exact} → {} ({rounding})", line.shown);
        }
        for input in &node.inputs {
            let dropped = match input.is_used() {
                true => "",
                false => tongue.either("（不计）", " (left out)"),
            };
            match input {
                Input::Node { node, .. } => self.walk((node, dropped), depth + 2, tongue, seen, text),
                Input::Given {
                    symbol,
                    source,
                    value,
                    ..
                } => {
                    let value = crate::rounding::shown(value, None).text;
                    let _ = writeln!(text, "{indent}    {symbol} = {value}  [{source}]{dropped}");
                }
            }
        }
    }

    /// Every number of a bidder, or of the lot, as lines of a table, in the order of their ids.
    pub fn table(&self, tongue: Tongue) -> Vec<TableLine> {
        let lines = self.derivation.iter();
        lines.map(|(id, node)| line(id, node, tongue)).collect()
    }

    /// The result in text: ranking, who fell and why, what people must look at.
    pub fn summary(&self, name: impl Fn(&crate::BidderId) -> String, tongue: Tongue) -> String {
        let mut text = String::new();
        let heads = [
            tongue.either("名次", "rank"),
            tongue.either("投标人", "bidder"),
            tongue.either("技术商务分", "quality"),
            tongue.either("评审价", "price"),
            tongue.either("价格分", "points"),
            tongue.either("总得分", "total"),
        ];
        let mut rows = vec![heads.map(str::to_owned)];
        let ranked = self.ranking.iter().map(|line| &line.bidder);
        let known: BTreeSet<_> = ranked.clone().collect();
        let rest = self.bidders.keys().filter(|id| !known.contains(id));
        for id in ranked.chain(rest) {
            let numbers = &self.bidders[id];
            let shown = |figure: &Option<crate::Figure>| {
                figure
                    .as_ref()
                    .map_or_else(|| "-".to_owned(), |f| f.shown.clone())
            };
            let rank = match &numbers.standing {
                Standing::Ranked(rank) => rank.to_string(),
                Standing::Rejected(_) | Standing::Stopped => "-".to_owned(),
            };
            rows.push([
                rank,
                name(id),
                shown(&numbers.technical),
                shown(&numbers.evaluated_price),
                shown(&numbers.price_points),
                shown(&numbers.total),
            ]);
        }
        columns(&rows, &mut text);
        for (id, numbers) in &self.bidders {
            if let Standing::Rejected(ground) = &numbers.standing {
                let _ = writeln!(text, "{}: {}", name(id), tongue.of(&ground.text()));
            }
        }
        for remark in &self.remarks {
            let who = remark
                .bidder
                .as_ref()
                .map_or_else(String::new, |id| format!("{}: ", name(id)));
            let _ = writeln!(text, "{} {who}{}", remark.rule, tongue.of(&remark.text));
        }
        if let Some(stop) = &self.stop {
            let _ = writeln!(text, "{stop}");
        }
        text
    }
}

fn line(id: &str, node: &Node, tongue: Tongue) -> TableLine {
    TableLine {
        node: id.to_owned(),
        label: tongue.of(&node.label).to_owned(),
        arithmetic: put_in(node),
        exact: node.rounding.map(|_| node.exact.to_string()),
        rounding: node.rounding.map(|rounding| {
            let (zh, en) = match rounding.mode {
                RoundingMode::HalfUp => ("四舍五入", "half up"),
                RoundingMode::HalfEven => ("四舍六入五成双", "half to even"),
                RoundingMode::Truncate => ("截断", "truncated"),
                RoundingMode::Up => ("向上取", "up"),
                RoundingMode::Down => ("向下取", "down"),
                RoundingMode::None => ("不舍入", "not rounded"),
            };
            match tongue {
                Tongue::Zh => format!("{zh}，{} 位小数", rounding.places),
                Tongue::En => format!("{en}, {} places", rounding.places),
            }
        }),
        shown: node.shown.clone(),
    }
}

/// The formula with numbers for its symbols, longest symbols first so that none is read inside another.
fn put_in(node: &Node) -> String {
    let mut inputs: Vec<&Input> = node.inputs.iter().filter(|input| input.is_used()).collect();
    inputs.sort_by_key(|input| std::cmp::Reverse(input.symbol().len()));
    let mut text = String::new();
    let mut rest = node.formula.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let found = inputs.iter().find(|input| {
            rest.strip_prefix(input.symbol())
                .is_some_and(|after| !after.starts_with(is_word) && !after.starts_with('('))
        });
        if let Some(input) = found {
            let value = crate::rounding::shown(input.value(), None);
            let negative = value.text.starts_with('-');
            text.push_str(&if negative {
                format!("({})", value.text)
            } else {
                value.text
            });
            rest = &rest[input.symbol().len()..];
        } else if is_word(first) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            text.push_str(&rest[..end]);
            rest = &rest[end..];
        } else {
            text.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    text
}

/// Columns as wide as their widest cell; a Chinese character is two wide.
fn columns<const N: usize>(rows: &[[String; N]], text: &mut String) {
    let wide = |cell: &str| {
        cell.chars()
            .map(|c| if c as u32 >= 0x1100 { 2 } else { 1 })
            .sum::<usize>()
    };
    let widths: Vec<usize> = (0..N)
        .map(|column| rows.iter().map(|row| wide(&row[column])).max().unwrap_or(0))
        .collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, width))| {
                let room = " ".repeat(width - wide(cell));
                // Names stand left, numbers right.
                if column == 1 {
                    format!("{cell}{room}")
                } else {
                    format!("{room}{cell}")
                }
            })
            .collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
}
