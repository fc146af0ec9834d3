//! The rulebook editor: rulebooks to begin with, what is said of a text while it is written, edits that leave every other
//! byte as it was, and what made-up bids would get by it. It needs no centre and keeps nothing but a draft.
//!
//! Every function takes the text and gives an answer; the window holds the text.

mod criteria;
mod files;
mod form;
mod labels;
mod reading;
mod spans;
mod tried;

pub use files::{draft, keep_draft, open, save};
pub use tried::try_out;

use crate::error::ClientError;
use crate::roles::words;
use protocol::window::{
    AskedAttribute, AskedScore, DrawnParameter, MadeUpBid, PresetLine, RulebookFinding, RulebookLook,
    TextProblem, WhatIfAsked, Words,
};
use record::Digest;
use rules::{Finding, MAX_RULEBOOK_BYTES, Rulebook, Severity, Text};
use spans::Spans;

/// Most findings that are told.
const MOST_FINDINGS: usize = 500;

/// Rulebooks to begin with.
pub fn presets() -> Vec<PresetLine> {
    let presets = rules::templates().filter_map(|(name, title)| {
        let method = rules::template(name)?.formula().name;
        Some(PresetLine {
            name: name.to_owned(),
            title: plain(&title),
            what: plain(&method),
        })
    });
    presets.collect()
}

/// A title for a list: without the code in brackets behind it, and with a capital.
fn plain(text: &Text) -> Words {
    let bare = |text: &str, open: &str, close: &str| {
        let inside = text.strip_suffix(close).and_then(|text| text.rsplit_once(open));
        let bare = inside.filter(|(_, code)| code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        bare.map_or(text, |(bare, _)| bare.trim_end()).to_owned()
    };
    let en = bare(&text.en, "(", ")");
    let mut letters = en.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    Words::new(
        bare(&text.zh, "（", "）"),
        first.into_iter().chain(letters).collect::<String>(),
    )
}

/// The text of a preset.
///
/// # Errors
/// There is none of this name.
pub fn preset(name: &str) -> Result<String, ClientError> {
    let text = rules::template_text(name).map(str::to_owned);
    text.ok_or_else(|| ClientError::check("没有这个范本", "there is no such preset"))
}

/// What is said of a text: whether it reads, what the checks find, and what can be changed in a form.
pub fn look(text: &str) -> RulebookLook {
    let mut look = RulebookLook {
        digest: Digest::of(text.as_bytes()).to_string(),
        size: text.len() as u64,
        problem: None,
        findings: Vec::new(),
        fields: Vec::new(),
        criteria: Vec::new(),
        points: String::new(),
        full_marks: String::new(),
        currency: String::new(),
        asked: None,
    };
    let (book, spans) = match read(text) {
        Ok(read) => read,
        Err(problem) => {
            look.problem = Some(*problem);
            return look;
        }
    };
    look.findings = findings(&book.lint(), &spans);
    look.fields = form::fields(&spans).into_iter().map(|field| field.line).collect();
    look.criteria = criteria::lines(&book, &spans);
    look.points = criteria::sum(&book);
    look.full_marks = book.full_marks.to_string();
    look.currency.clone_from(&book.currency);
    look.asked = Some(asked(&book));
    look
}

fn read(text: &str) -> Result<(Rulebook, Spans<'_>), Box<TextProblem>> {
    let book = Rulebook::parse(text.as_bytes()).map_err(|error| Box::new(reading::problem(&error, text)))?;
    let spans = Spans::of(text).ok_or_else(|| Box::new(reading::unclear()))?;
    Ok((book, spans))
}

/// As [`read`], for an edit: a text that does not read is edited as text.
fn readable(text: &str) -> Result<(Rulebook, Spans<'_>), ClientError> {
    read(text).map_err(|problem| {
        ClientError::check(
            format!("第 {} 行有误，请先在原文中改正", problem.line),
            format!("line {} does not read; mend it in the text first", problem.line),
        )
    })
}

fn findings(found: &[Finding], spans: &Spans<'_>) -> Vec<RulebookFinding> {
    let mut lines: Vec<RulebookFinding> = found.iter().map(|finding| told(finding, spans)).collect();
    lines.sort_by_key(|line| !line.error);
    lines.truncate(MOST_FINDINGS);
    lines
}

fn told(finding: &Finding, spans: &Spans<'_>) -> RulebookFinding {
    RulebookFinding {
        error: finding.severity == Severity::Error,
        rule: finding.rule.clone(),
        what: words::text(&finding.text),
        at: finding.at.clone(),
        line: spans.line(&finding.at),
    }
}

fn asked(book: &Rulebook) -> WhatIfAsked {
    let asked = rules::asked(book);
    let percent = |attribute: &String| {
        let items = book
            .price
            .deductions
            .iter()
            .flat_map(|deductions| &deductions.items);
        let mut items = items.filter(|item| item.attribute == *attribute);
        items
            .next()
            .map_or_else(String::new, |item| item.percent.to_string())
    };
    let bids = rules::made_up(book).into_iter().map(|bid| MadeUpBid {
        price: bid.price.to_string(),
        technical: bid.technical.map_or_else(String::new, |score| score.to_string()),
        blocks: bid
            .blocks
            .into_iter()
            .map(|(id, score)| (id.to_string(), score.to_string()))
            .collect(),
        attributes: Vec::new(),
        facts: bid
            .facts
            .into_iter()
            .map(|(fact, value)| (fact, value.to_string()))
            .collect(),
    });
    WhatIfAsked {
        technical: asked.technical,
        blocks: asked
            .blocks
            .into_iter()
            .map(|block| AskedScore {
                id: block.id.to_string(),
                title: words::text(&block.title),
                most: block.most,
            })
            .collect(),
        attributes: asked
            .attributes
            .into_iter()
            .map(|attribute| AskedAttribute {
                title: labels::attribute(&attribute),
                percent: percent(&attribute),
                attribute,
            })
            .collect(),
        facts: asked.facts,
        drawn: asked
            .drawn
            .into_iter()
            .map(|drawn| DrawnParameter {
                name: drawn.name,
                label: words::text(&drawn.label),
                from: drawn.from.to_string(),
                to: drawn.to.to_string(),
                step: drawn.step.to_string(),
                middle: drawn.middle.to_string(),
            })
            .collect(),
        bids: bids.collect(),
    }
}

/// The text with one value of the form or the criteria table changed; nothing else of it changes.
///
/// # Errors
/// A text that does not read; a place that the form does not have; a value that can't stand there.
pub fn set(text: &str, pointer: &str, value: &str) -> Result<String, ClientError> {
    let (book, spans) = readable(text)?;
    let nowhere = || ClientError::check("表单中没有这一项", "the form has no such field");
    let field = form::fields(&spans)
        .into_iter()
        .find(|field| field.line.pointer == pointer);
    if field.as_ref().is_some_and(|field| field.line.value == value) {
        return Ok(text.to_owned());
    }
    let (json, optional) = match &field {
        Some(field) => (field.json(value), field.line.optional),
        None => {
            let lines = criteria::lines(&book, &spans);
            let (kind, optional) = criteria::kind_at(&lines, pointer).ok_or_else(nowhere)?;
            (form::json_of(kind, value), optional)
        }
    };
    if optional && value.trim().is_empty() {
        let Some(edit) = spans.remove(pointer) else {
            return Ok(text.to_owned());
        };
        return whole(spans.with(vec![edit]));
    }
    let json = json.map_err(ClientError::Check)?;
    let edit = spans.put(pointer, &json).ok_or_else(nowhere)?;
    whole(spans.with(vec![edit]))
}

/// The edited text, which must read as the one before did.
fn whole(text: Option<String>) -> Result<String, ClientError> {
    let text = text.ok_or_else(|| ClientError::check("无法在此处修改", "it can't be changed there"))?;
    if text.len() > MAX_RULEBOOK_BYTES {
        return Err(ClientError::check("评标办法过长", "the rulebook is too long"));
    }
    match read(&text) {
        Ok(_) => Ok(text),
        Err(problem) => Err(ClientError::Check(Words::new(
            format!("{}：{}", problem.what.zh, problem.detail),
            format!("{}: {}", problem.what.en, problem.detail),
        ))),
    }
}

/// The text with a criterion more, behind the last of the list at `pointer`, and in the stage that decides its kind.
///
/// # Errors
/// A text that does not read, no such list, no such kind.
pub fn add_criterion(text: &str, pointer: &str, kind: &str) -> Result<String, ClientError> {
    let (book, spans) = readable(text)?;
    let edits = criteria::added(&book, &spans, pointer, kind)?;
    whole(spans.with(edits))
}

/// The text without a criterion, those below it, and what names them in stages.
///
/// # Errors
/// A text that does not read, no such criterion.
pub fn remove_criterion(text: &str, pointer: &str) -> Result<String, ClientError> {
    let (_, spans) = readable(text)?;
    let pointers = criteria::removed(&spans, pointer)?;
    let mut text = text.to_owned();
    // From the back, so that the places before stay where they are.
    for pointer in pointers.iter().rev() {
        let spans = Spans::of(&text);
        let shorter = spans.and_then(|spans| spans.with(vec![spans.remove(pointer)?]));
        text = whole(shorter)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
