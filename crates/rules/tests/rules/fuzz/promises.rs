//! What holds for every input: it is refused with its place, or it is evaluated, or it is told why it cannot be.

use std::collections::BTreeMap;
use std::fmt;

use conclave_rules::{
    Case, EvaluateError, Facts, Input, MAX_CASE_BYTES, MAX_RULEBOOK_BYTES, Node, Outcome, PriceMethod,
    Rulebook, RulebookError, Tongue, abnormal_scores, below_minimum, evaluate, evaluate_numbers, made_up,
    price_curve, what_if,
};
use serde_json::Value;

use super::corpus;

/// How often what happened.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) refused: u64,
    pub(super) linted: u64,
    pub(super) failed: u64,
    pub(super) evaluated: u64,
    pub(super) stopped: u64,
    /// Why what was let pass was not evaluated.
    pub(super) reasons: BTreeMap<String, u64>,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            refused,
            linted,
            failed,
            evaluated,
            stopped,
            reasons,
        } = self;
        writeln!(
            f,
            "{refused} refused by the reader, {linted} by the checks, {failed} not evaluated, {evaluated} evaluated, of which {stopped} stopped"
        )?;
        reasons
            .iter()
            .try_for_each(|(reason, count)| writeln!(f, "{count:8} {reason}"))
    }
}

impl Seen {
    /// Changes that only ever break the reading would try little.
    pub(super) fn enough(&self, count: u64) {
        for (what, seen) in [
            ("refused", self.refused),
            ("found wrong", self.linted),
            ("not evaluated", self.failed),
            ("evaluated", self.evaluated),
        ] {
            assert!(seen >= count / 100, "only {seen} of {count} are {what}");
        }
    }
}

pub(super) fn hold(bytes: &[u8], is_case: bool, seen: &mut Seen) -> Result<(), String> {
    if is_case {
        of_case(bytes, seen)
    } else {
        of_rulebook(bytes, seen)
    }
}

fn of_case(bytes: &[u8], seen: &mut Seen) -> Result<(), String> {
    let case = match Case::parse(bytes) {
        Ok(case) => case,
        Err(error) => {
            seen.refused += 1;
            return has_place(&error, bytes, MAX_CASE_BYTES);
        }
    };
    reads_back(&case.rulebook)?;
    if let Some(outcome) = evaluated(&case.rulebook, &case.facts, seen)? {
        for difference in case.differences(&outcome) {
            check(!difference.what.is_empty(), || {
                "a difference of nothing".to_owned()
            })?;
        }
    }
    Ok(())
}

fn of_rulebook(bytes: &[u8], seen: &mut Seen) -> Result<(), String> {
    let rulebook = match Rulebook::parse(bytes) {
        Ok(rulebook) => rulebook,
        Err(error) => {
            seen.refused += 1;
            return has_place(&error, bytes, MAX_RULEBOOK_BYTES);
        }
    };
    let value = reads_back(&rulebook)?;
    tried_out(&rulebook)?;
    if !rulebook.errors().is_empty() {
        let nobody = Facts {
            bidders: Vec::new(),
            members: Vec::new(),
            sheets: Vec::new(),
            consensus: Vec::new(),
            draw: Vec::new(),
            parameters: BTreeMap::new(),
        };
        return evaluated(&rulebook, &nobody, seen).map(drop);
    }
    // A rulebook that the checks let pass is tried with bids.
    let case = corpus::with_bids(&rulebook, value, 4).to_string();
    of_case(case.as_bytes(), seen)
}

/// A window lints and tries out whatever reads, with or without errors: a number, or a word on why there is none.
fn tried_out(rulebook: &Rulebook) -> Result<(), String> {
    let findings = rulebook.lint();
    check(findings.iter().all(|finding| !finding.at.is_empty()), || {
        "a finding without a place".to_owned()
    })?;
    let bids = made_up(rulebook);
    let none = BTreeMap::new();
    let told = [
        what_if(rulebook, &bids, &none).err(),
        price_curve(rulebook, &bids, &none, 0, 5).err(),
    ];
    let silent = told.iter().flatten().any(|error| error.to_string().is_empty());
    check(!silent, || "a trial that fails without a word".to_owned())
}

fn has_place(error: &RulebookError, bytes: &[u8], most: usize) -> Result<(), String> {
    let RulebookError::Shape { at, message } = error else {
        return check(bytes.len() > most, || "refused as too long".to_owned());
    };
    let whole = at == ".";
    // A path has a gap where a field without a name stands in it, or one with a dot.
    let nameless = message.contains("unknown field") || bytes.windows(3).any(|three| three == b"\"\":");
    let gap = at.contains("..") || at.ends_with('.');
    let place = !at.is_empty() && (whole || nameless || !gap);
    // Of the whole, the message says the line, the field or what was expected.
    let told = ["line ", "`", "expected", "at most"]
        .iter()
        .any(|word| message.contains(word));
    check(place && !message.is_empty() && (!whole || told), || {
        format!("no place in `{at}`: `{message}`")
    })
}

/// Written and read again it is the same, and so are its bytes.
fn reads_back(rulebook: &Rulebook) -> Result<Value, String> {
    let bytes = serde_json::to_vec(rulebook).map_err(|error| error.to_string())?;
    let again = Rulebook::parse(&bytes).map_err(|error| format!("what was written is not read: {error}"))?;
    check(again == *rulebook, || "it reads back as another one".to_owned())?;
    let twice = serde_json::to_vec(&again).map_err(|error| error.to_string())?;
    check(bytes == twice, || "it is written in two ways".to_owned())?;
    let value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    for finding in rulebook.validate() {
        let told = [&finding.rule, &finding.text.zh, &finding.text.en];
        check(told.iter().all(|text| !text.trim().is_empty()), || {
            format!("a finding without words: {finding:?}")
        })?;
        check(leads_somewhere(&value, &finding.at), || {
            format!("{} names no place: {}", finding.rule, finding.at)
        })?;
    }
    Ok(value)
}

/// Whether a path of JSON leads to a value, or to a field that is missing in one.
fn leads_somewhere(value: &Value, path: &str) -> bool {
    let mut at = value;
    let parts: Vec<&str> = path.split(['.', '[']).filter(|part| !part.is_empty()).collect();
    for (index, part) in parts.iter().enumerate() {
        let next = match part.strip_suffix(']') {
            Some(place) => place.parse::<usize>().ok().and_then(|place| at.get(place)),
            None => at.get(part),
        };
        match next {
            Some(next) => at = next,
            None => return index + 1 == parts.len() && at.is_object(),
        }
    }
    !parts.is_empty()
}

fn evaluated(rulebook: &Rulebook, facts: &Facts, seen: &mut Seen) -> Result<Option<Outcome>, String> {
    let found = evaluate(rulebook, facts);
    let alone = evaluate_numbers(rulebook, facts);
    let below = below_minimum(rulebook, facts);
    // Findings about scores are for what was evaluated, and change nothing of it.
    let outcome = match (found, alone) {
        (Ok(outcome), Ok(alone)) => {
            let told = Outcome {
                derivation: outcome.derivation.clone(),
                ..alone
            };
            check(told == outcome, || {
                "with and without derivation it differs".to_owned()
            })?;
            outcome
        }
        (Err(error), Err(alone)) => {
            check(error == alone, || {
                format!("{error} without derivation is {alone}")
            })?;
            match &error {
                EvaluateError::RulebookRefused(_) => seen.linted += 1,
                other => {
                    seen.failed += 1;
                    let kind = format!("{other:?}");
                    let kind = kind.split(|c: char| !c.is_alphanumeric()).next();
                    *seen
                        .reasons
                        .entry(kind.unwrap_or_default().to_owned())
                        .or_default() += 1;
                }
            }
            return check(!error.to_string().trim().is_empty(), || {
                "an error without words".to_owned()
            })
            .map(|()| None);
        }
        (found, alone) => return Err(format!("derived {found:?}, alone {alone:?}")),
    };
    seen.evaluated += 1;
    seen.stopped += u64::from(outcome.stop.is_some());
    check(below.is_ok(), || format!("minima alone fail: {below:?}"))?;
    abnormal_scores(rulebook, facts).map_err(|error| format!("abnormal scores: {error}"))?;
    order_means_nothing(rulebook, facts, &outcome)?;
    derivation_holds(&outcome)?;
    points_fit(rulebook, facts, &outcome)?;
    is_told(&outcome);
    Ok(Some(outcome))
}

/// Facts the other way round give the same bytes, and they read back.
fn order_means_nothing(rulebook: &Rulebook, facts: &Facts, outcome: &Outcome) -> Result<(), String> {
    let mut turned = facts.clone();
    turned.bidders.reverse();
    turned.members.reverse();
    turned.sheets.reverse();
    for sheet in &mut turned.sheets {
        sheet.blocks.reverse();
        sheet.blocks.iter_mut().for_each(|block| block.cells.reverse());
    }
    let bytes = outcome.to_json_bytes();
    let again = evaluate(rulebook, &turned).map_err(|error| format!("the other way round: {error}"))?;
    check(again.to_json_bytes() == bytes, || {
        "the order of the facts changes the outcome".to_owned()
    })?;
    let back: Outcome =
        serde_json::from_slice(&bytes).map_err(|error| format!("an outcome reads back: {error}"))?;
    check(back.to_json_bytes() == bytes, || {
        "an outcome is written in two ways".to_owned()
    })
}

/// Every figure is its node's, every input of a node is what the node it names says, and rounding is as it says.
fn derivation_holds(outcome: &Outcome) -> Result<(), String> {
    for (id, node) in &outcome.derivation {
        for input in &node.inputs {
            if let Input::Node {
                node: read, value, ..
            } = input
            {
                let there = outcome.derivation.get(read).map(|node| &node.value);
                check(there == Some(value), || {
                    format!("{id} reads {read} as {value}, which is {there:?}")
                })?;
            }
        }
        let rounded = match node.rounding {
            Some(rounding) => rounding
                .apply(&node.exact)
                .map_err(|error| format!("{id}: {error}"))?,
            None => node.exact.clone(),
        };
        check(rounded == node.value, || {
            format!("{id}: {} rounds to {rounded}, not {}", node.exact, node.value)
        })?;
    }
    for (bidder, numbers) in &outcome.bidders {
        let single = [
            &numbers.technical,
            &numbers.evaluated_price,
            &numbers.price_points,
            &numbers.total,
        ];
        let figures = numbers
            .criteria
            .values()
            .chain(numbers.blocks.values())
            .chain(single.into_iter().flatten());
        for figure in figures.chain(&outcome.price_base) {
            let node: Option<&Node> = outcome.derivation.get(&figure.node);
            let same = node.is_some_and(|node| node.value == figure.value && node.shown == figure.shown);
            check(same, || {
                format!("{bidder}: {} is not what its node derives", figure.node)
            })?;
        }
        let ranked = outcome.ranking.iter().any(|line| line.bidder == *bidder);
        let stands = matches!(numbers.standing, conclave_rules::Standing::Ranked(_));
        check(ranked == stands, || {
            format!("{bidder} stands and is not ranked, or the other way round")
        })?;
    }
    Ok(())
}

/// A named method gives no less than nothing and no more than its criterion has.
fn points_fit(rulebook: &Rulebook, facts: &Facts, outcome: &Outcome) -> Result<(), String> {
    let given = facts
        .bidders
        .iter()
        .any(|bidder| bidder.given.price_points.is_some());
    let Some(full) = rulebook.price_points().filter(|_| !given) else {
        return Ok(());
    };
    if matches!(rulebook.price.method, PriceMethod::Formula(_)) {
        return Ok(());
    }
    for (bidder, numbers) in &outcome.bidders {
        let Some(points) = &numbers.price_points else {
            continue;
        };
        let most = match outcome.derivation[&points.node].rounding {
            Some(rounding) => rounding.apply(&full).map_err(|error| error.to_string())?,
            None => full.clone(),
        };
        check(!points.value.is_negative() && points.value <= most, || {
            format!("{bidder} has {} of {most} points", points.value)
        })?;
    }
    Ok(())
}

fn is_told(outcome: &Outcome) {
    for tongue in [Tongue::Zh, Tongue::En] {
        outcome.summary(ToString::to_string, tongue);
        outcome.table(tongue);
        for bidder in outcome.bidders.keys() {
            outcome.explain(&format!("{bidder}:total"), tongue);
        }
    }
}

fn check(holds: bool, said: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(said()) }
}
