//! The public profile: what it shows, and the arithmetic it lets anybody check.

use crate::fixture::{Departures, Fixture, PRICES, RULEBOOK};
use crate::repack::{files, kind_of, reseal};
use conclave_audit::extract::OutcomeExtract;
use conclave_audit::package::disclosure;
use conclave_audit::{Checks, Profile, Verdict, read};
use rules::{
    BidBlock, BidderFacts, BidderId, Cell, CriterionId, Facts, Line, Outcome, Rulebook, Sheet, SheetCell,
    StageId,
};

/// Scores of B1, B2, B3 by five members, worked by hand in the tests of the rules.
const SCORES: [(&str, [[&str; 5]; 3]); 3] = [
    (
        "T-01",
        [
            ["35", "36", "34.5", "38", "36.5"],
            ["30", "31", "32", "33", "34.5"],
            ["38", "38.5", "39", "37", "38.5"],
        ],
    ),
    (
        "T-02",
        [
            ["10", "10", "10", "10", "10"],
            ["5", "5", "5", "5", "5"],
            ["10", "10", "10", "10", "10"],
        ],
    ),
    (
        "B-01",
        [
            ["15", "16", "17", "18", "17"],
            ["18", "19", "18", "20", "19"],
            ["12", "13", "14", "13", "15"],
        ],
    ),
];

fn sheet(stage: &str, member: usize, cells: impl Fn(usize) -> Vec<(&'static str, Cell)>) -> Sheet {
    let block = |bid: usize| BidBlock {
        bidder: BidderId::from_ordinal(u32::try_from(bid + 1).expect("small")).expect("an ordinal"),
        cells: cells(bid)
            .into_iter()
            .map(|(id, cell)| SheetCell {
                criterion: CriterionId::new(id).expect("an id"),
                cell,
            })
            .collect(),
    };
    Sheet {
        stage: StageId::new(stage).expect("a stage"),
        line: Line::new(format!("E{}", member + 1)).expect("a line"),
        blocks: (0..3).map(block).collect(),
    }
}

/// The outcome of the fixture's bids.
pub(crate) fn outcome() -> Outcome {
    let book = Rulebook::parse(RULEBOOK).expect("a rulebook");
    let score = |value: &str| Cell::Score {
        value: value.parse().expect("a score"),
        reason: "理由".to_owned(),
    };
    let mut sheets = Vec::new();
    for member in 0..5 {
        sheets.push(sheet("conformity/1", member, |_| {
            vec![("C-01", Cell::Pass), ("C-02", Cell::Pass)]
        }));
        sheets.push(sheet("scored/1", member, |bid| {
            SCORES
                .iter()
                .map(|(id, rows)| (*id, score(rows[bid][member])))
                .collect()
        }));
    }
    let bidder = |(n, (price, attributes)): (usize, (&str, &[&str]))| BidderFacts {
        id: BidderId::from_ordinal(u32::try_from(n + 1).expect("small")).expect("an ordinal"),
        rejected: None,
        price: Some(price.parse().expect("a price")),
        attributes: attributes.iter().map(|a| (*a).to_owned()).collect(),
        brand: None,
        facts: Default::default(),
        given: Default::default(),
    };
    let facts = Facts {
        bidders: PRICES.into_iter().enumerate().map(bidder).collect(),
        members: (1..=5)
            .map(|n| Line::new(format!("E{n}")).expect("a line"))
            .collect(),
        sheets,
        consensus: Vec::new(),
        draw: Vec::new(),
        parameters: Default::default(),
    };
    rules::evaluate(&book, &facts).expect("an outcome")
}

#[test]
fn a_public_package_is_sound_as_far_as_disclosed() {
    let fixture = Fixture::long(Departures::default());
    let report = fixture.verify(&fixture.package(Profile::Public), &Checks::all());
    assert_eq!(
        report.verdict,
        Verdict::Sound,
        "{}",
        report.text(evaluation::Language::En)
    );
    assert!(!report.replayed);
    assert!(
        report.sentence.en.starts_with("Sound as far as disclosed"),
        "{}",
        report.sentence.en
    );
}

#[test]
fn a_public_package_shows_no_person_no_key_no_single_score() {
    let fixture = Fixture::long(Departures::default());
    let package = read(
        &fixture.package(Profile::Public),
        conclave_audit::Limits::default(),
    )
    .expect("readable");
    for (file, entry) in package.entries() {
        let entry = entry.expect("an entry");
        assert!(entry.openings.is_empty(), "{file}");
        assert_eq!(
            entry.disclosed.is_some(),
            disclosure::is_public(&kind_of(&entry)),
            "{file}"
        );
    }
    for kind in [
        "round.opened",
        "share.released",
        "member.checked_in",
        "key.bound",
        "sheet.sealed",
        "draft.saved",
    ] {
        assert!(!disclosure::is_public(kind), "{kind}");
    }
    let text = String::from_utf8(package.file("outcome.json").expect("an extract").to_vec()).expect("UTF-8");
    assert!(!text.contains("sheet/"), "a single score is shown");
    assert!(!text.contains("\"E1\""), "a line is shown");
    let blobs: Vec<&str> = package.directory("blobs/").map(|(name, _)| name).collect();
    assert_eq!(blobs.len(), 2, "rulebook and tender only: {blobs:?}");
    let withheld: Vec<u64> = package
        .manifest()
        .withheld
        .iter()
        .map(|line| line.index)
        .collect();
    assert!(
        withheld.contains(&1),
        "role.assigned is withheld and listed: {withheld:?}"
    );
}

fn with_extract(change: impl FnOnce(&mut Outcome)) -> (Fixture, Vec<u8>) {
    let fixture = Fixture::long(Departures::default());
    let mut files = files(&fixture.package(Profile::Public));
    let mut extract = OutcomeExtract::of(&outcome());
    change(&mut extract.outcome);
    files.insert("outcome.json".to_owned(), extract.to_json_bytes());
    (fixture, reseal(files))
}

fn first(outcome: &mut Outcome) -> &mut rules::BidderOutcome {
    outcome.bidders.values_mut().next().expect("B1")
}

/// A change of an outcome.
type Change = fn(&mut Outcome);

#[test]
fn every_number_of_the_extract_is_recomputed() {
    let changes: &[(&str, Change)] = &[
        ("mean", |o| {
            first(o).criteria.values_mut().next().expect("a mean").value = rules::Exact::from(1)
        }),
        ("block", |o| {
            first(o).blocks.values_mut().next().expect("a block").value = rules::Exact::from(1)
        }),
        ("technical", |o| {
            first(o).technical.as_mut().expect("a score").value = rules::Exact::from(1)
        }),
        ("price", |o| {
            first(o).evaluated_price.as_mut().expect("a price").value = rules::Exact::from(1)
        }),
        ("points", |o| {
            first(o).price_points.as_mut().expect("points").value = rules::Exact::from(1)
        }),
        ("total", |o| {
            first(o).total.as_mut().expect("a total").value = rules::Exact::from(99)
        }),
        ("base", |o| {
            o.price_base.as_mut().expect("a base").value = rules::Exact::from(1)
        }),
        ("ranking", |o| o.ranking.swap(0, 1)),
        ("candidates", |o| o.candidates.swap(0, 1)),
        ("version", |o| o.rulebook_version += 1),
        // Nothing but the act's commitment shows these.
        ("formula", |o| {
            o.derivation.values_mut().next().expect("a node").formula = "1".to_owned()
        }),
        ("a label", |o| {
            o.derivation.values_mut().next().expect("a node").label.en = "other".to_owned()
        }),
        ("a line's vote", |o| {
            o.votes[0].fail.push(Line::new("E1").expect("a line"))
        }),
    ];
    for (what, change) in changes {
        let (fixture, package) = with_extract(change);
        let report = fixture.verify(&package, &Checks::all());
        let named = report
            .errors()
            .any(|f| f.check == "result" && f.object.as_deref() == Some("outcome.json"));
        assert!(named, "{what}: {}", report.text(evaluation::Language::En));
        let report = fixture.verify(&package, &Checks::without("result").expect("a check"));
        assert_eq!(
            report.code,
            0,
            "{what}: {}",
            report.text(evaluation::Language::En)
        );
    }
}

#[test]
fn means_that_agree_with_their_nodes_are_carried_on_exactly() {
    // Changing a mean in figure and node alike still breaks the block that sums it.
    let (fixture, package) = with_extract(|outcome| {
        let figure = first(outcome).criteria.values_mut().next().expect("a mean");
        figure.value = rules::Exact::from(1);
        figure.shown = "1".to_owned();
        let id = figure.node.clone();
        let node = outcome.derivation.get_mut(&id).expect("its node");
        node.value = rules::Exact::from(1);
        node.shown = "1".to_owned();
    });
    let report = fixture.verify(&package, &Checks::all());
    assert!(
        report.errors().any(|f| f.detail.contains("block")),
        "{}",
        report.text(evaluation::Language::En)
    );
}
