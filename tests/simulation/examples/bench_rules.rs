//! `cargo xtask bench rules`: what an evaluation costs in CPU time, beside the same sum in Python's `fractions`.
//!
//! `bench_rules YARDSTICK.py SHEETS`: the yardstick is run with the sheets that were evaluated, and must come to the
//! same totals.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::process::Command;

use rules::{
    BidBlock, BidderFacts, BidderId, Case, Cell, CriterionId, Facts, Line, Outcome, Rulebook, Sheet,
    SheetCell, StageId, evaluate, evaluate_numbers,
};
use rustix::time::{ClockId, clock_gettime};

const CRITERIA: u32 = 60;
const MEMBERS: u32 = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let yardstick = arguments.next().ok_or("bench_rules YARDSTICK.py SHEETS")?;
    let sheets = arguments.next().ok_or("bench_rules YARDSTICK.py SHEETS")?;
    let rulebook = rulebook()?;
    println!("{CRITERIA} criteria x {MEMBERS} members; CPU time of one core, medians");
    println!("bidders      numbers alone      with derivation      nodes");
    let mut at_fifty = 0.0;
    for (bidders, runs) in [(50, 101), (500, 21), (5_000, 5)] {
        let facts = facts(bidders)?;
        let outcome = evaluate(&rulebook, &facts)?;
        let alone = median(runs, || evaluate_numbers(&rulebook, &facts).map(drop))?;
        let derived = median(runs, || evaluate(&rulebook, &facts).map(drop))?;
        let nodes = outcome.derivation.len();
        println!("{bidders:7}      {alone:10.3} ms      {derived:12.3} ms    {nodes:7}");
        if bidders == 50 {
            at_fifty = alone;
            std::fs::write(&sheets, plain(&facts))?;
            let fractions = beside(&yardstick, &sheets, &outcome)?;
            println!(
                "     50      {fractions:10.3} ms in Python's fractions: {:.0} times",
                fractions / alone
            );
        }
    }
    println!("goal         {:10.3} ms      {:12.3} ms", 1.0, 5.0);
    println!(
        "one cell: {:.1} ns",
        at_fifty * 1e6 / f64::from(50 * CRITERIA * MEMBERS)
    );
    Ok(())
}

/// Runs the yardstick; its totals must be those of the outcome.
fn beside(yardstick: &str, sheets: &str, outcome: &Outcome) -> Result<f64, Box<dyn Error>> {
    let output = Command::new("python3").args([yardstick, sheets]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines();
    let milliseconds = lines.next().ok_or("no time")?.parse()?;
    let told: BTreeMap<&str, &str> = lines.filter_map(|line| line.split_once(' ')).collect();
    for (bidder, numbers) in &outcome.bidders {
        let total = numbers.total.as_ref().ok_or("no total")?.value.to_string();
        if told.get(bidder.as_str()) != Some(&total.as_str()) {
            return Err(format!("{bidder}: {total}, Python says {:?}", told.get(bidder.as_str())).into());
        }
    }
    Ok(milliseconds)
}

fn median<E: Error + 'static>(runs: usize, run: impl Fn() -> Result<(), E>) -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let before = cpu();
        run()?;
        times.push(cpu() - before);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[runs / 2])
}

/// CPU time of this process, milliseconds.
fn cpu() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let nanoseconds = i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec);
    // Some days of nanoseconds are exact in a float; this is a time, no score.
    nanoseconds as f64 / 1e6
}

/// Four blocks of fifteen criteria of 2 points each, and 30 points of the price.
fn rulebook() -> Result<Rulebook, Box<dyn Error>> {
    let mut blocks = Vec::new();
    for block in 0..4 {
        let leaf = |leaf| {
            format!(
                r#"{{"id":"K{block}-{leaf}","title":{{"zh":"评分项 {leaf}","en":"Item {leaf}"}},"kind":{{"range":{{"min":"0","max":"2","step":"0.1"}}}}}}"#
            )
        };
        let leaves: Vec<String> = (0..CRITERIA / 4).map(leaf).collect();
        blocks.push(format!(
            r#"{{"id":"K{block}","title":{{"zh":"评分块 {block}","en":"Block {block}"}},"kind":{{"group":{{"criteria":[{}]}}}}}}"#,
            leaves.join(",")
        ));
    }
    let blocks = blocks.join(",");
    let price = r#"{"id":"P","title":{"zh":"报价","en":"Price"},"kind":{"price":{"points":"30"}}}"#;
    let rounding = r#"[{"where":"price_points","mode":"half_up","places":2}]"#;
    let text = format!(
        r#"{{"format":"conclave.case/1","rulebook":{{"full_marks":"150","criteria":[{blocks},{price}],"price":{{"method":"low_price_first"}},"aggregation":{{"rounding":{rounding}}}}},"bidders":[]}}"#
    );
    Ok(Case::parse(text.as_bytes())?.rulebook)
}

fn facts(bidders: u32) -> Result<Facts, Box<dyn Error>> {
    let mut state = 20_261_130u32;
    let mut drawn = |below: u32| {
        // Numerical Recipes' generator: any scores will do, the same each time.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut facts = Facts {
        bidders: Vec::new(),
        members: Vec::new(),
        sheets: Vec::new(),
        consensus: Vec::new(),
        draw: Vec::new(),
        parameters: BTreeMap::new(),
    };
    for ordinal in 1..=bidders {
        facts.bidders.push(BidderFacts {
            id: BidderId::from_ordinal(ordinal)?,
            rejected: None,
            price: Some(format!("{}.{:02}", 900_000 + drawn(400_000), drawn(100)).parse()?),
            attributes: Default::default(),
            brand: None,
            facts: BTreeMap::new(),
            given: Default::default(),
        });
    }
    for member in 1..=MEMBERS {
        let line = Line::new(format!("E{member}"))?;
        let mut sheet = Sheet {
            stage: StageId::new("scored/1")?,
            line: line.clone(),
            blocks: Vec::new(),
        };
        for bidder in &facts.bidders {
            let mut cells = Vec::new();
            for criterion in 0..CRITERIA {
                let (block, leaf) = (criterion / (CRITERIA / 4), criterion % (CRITERIA / 4));
                let tenths = drawn(21);
                cells.push(SheetCell {
                    criterion: CriterionId::new(format!("K{block}-{leaf}"))?,
                    cell: Cell::Score {
                        value: format!("{}.{}", tenths / 10, tenths % 10).parse()?,
                        reason: String::new(),
                    },
                });
            }
            sheet.blocks.push(BidBlock {
                bidder: bidder.id.clone(),
                cells,
            });
        }
        facts.members.push(line);
        facts.sheets.push(sheet);
    }
    Ok(facts)
}

/// The facts as the yardstick reads them: a line a bid with its price, then a line for each of its criteria.
fn plain(facts: &Facts) -> String {
    let mut text = String::new();
    for (at, bidder) in facts.bidders.iter().enumerate() {
        let price = bidder.price.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "{} {price}", bidder.id);
        for criterion in 0..CRITERIA as usize {
            let scores = facts
                .sheets
                .iter()
                .map(|sheet| match &sheet.blocks[at].cells[criterion].cell {
                    Cell::Score { value, .. } => value.to_string(),
                    _ => String::new(),
                });
            let _ = writeln!(text, "{}", scores.collect::<Vec<_>>().join(" "));
        }
    }
    text
}
