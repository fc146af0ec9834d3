//! A real tender under quality and cost based selection (F8), from two sealed bids to a verified archive: the
//! purchaser types the prices in from the documents, and a bid below the technical minimum keeps its price shut.

#[path = "bpcl/scenario.rs"]
mod scenario;

use audit::anchors::Anchors;
use audit::checks::Checks;
use audit::package::{Limits, read};
use audit::{Verdict, verify};
use client::rehearsal::{Scenario, Seated};
use conclave_simulation::{Outcome, World};
use evaluation::{Role, State};
use record::{Body, PublicKey};
use rules::{BidderId, Ground, Rulebook, Standing};
use scenario::{Bid, Document, INNOVATE_BID, RULEBOOK, Scores, VERTEX, VERTEX_FALLS, VERTEX_PASSES};
use serde_json::Value;
use std::collections::BTreeMap;

/// Quantities of the price schedule (1.4).
const QUANTITIES: [u128; 15] = [
    1, 4, 150, 2400, 130, 2080, 1, 16, 1392, 240, 288, 288, 288, 288, 1000,
];

/// An act of the record, as the archive package gives it.
struct Act {
    index: u64,
    kind: String,
    instance: String,
    actor: PublicKey,
    payload: Value,
}

impl Act {
    /// Whether it opens, or helps to open, the price part of this submission.
    fn opens_price_of(&self, submission: &str) -> bool {
        let parts = match self.kind.as_str() {
            "bid.unlocked" => vec![&self.payload["parts"][0]],
            "partial.released" => self.payload["partials"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|partial| &partial["part"])
                .collect(),
            "part.opened" => vec![&self.payload["part"]],
            _ => return false,
        };
        self.payload["submission"] == submission && parts.contains(&&Value::from("price"))
    }
}

/// A finished run.
struct Run {
    world: World,
    acts: Vec<Act>,
    /// Submission by identity code.
    submissions: BTreeMap<String, String>,
}

impl Run {
    fn of(scenario: &Scenario, seed: u64) -> Self {
        let mut world = World::new(scenario, seed, 0).expect("the scenario fits");
        let outcome = match world.run() {
            Ok(outcome) => outcome,
            Err((seat, error)) => panic!("{seat}: {error}"),
        };
        assert_sound(&world, &outcome);
        let (acts, submissions) = acts(&outcome);
        Self {
            world,
            acts,
            submissions,
        }
    }

    fn state(&self) -> &State {
        match self.world.seats.get("clerk") {
            Some(Seated::Desk(clerk, _)) => clerk.replica.state(),
            _ => panic!("there is a clerk"),
        }
    }

    fn result(&self) -> &rules::Outcome {
        &self.state().result().expect("the record is archived").outcome
    }

    fn bidder(&self, bid: &Bid) -> BidderId {
        let submission = &self.submissions[bid.code];
        let mut bidders = self.state().bidders().iter();
        let found = bidders.find(|(_, of)| *of == submission);
        BidderId::new(found.expect("it is in the opening record").0.as_str()).expect("an ordinal")
    }

    fn first(&self, kind: &str, instance: &str) -> u64 {
        let mut acts = self.acts.iter();
        let found = acts.find(|act| act.kind == kind && act.instance == instance);
        found.unwrap_or_else(|| panic!("no {kind} in {instance}")).index
    }

    fn opening_prices(&self, bid: &Bid) -> Vec<&Act> {
        let submission = &self.submissions[bid.code];
        let acts = self.acts.iter();
        acts.filter(|act| act.opens_price_of(submission)).collect()
    }
}

fn assert_sound(world: &World, outcome: &Outcome) {
    let anchors = Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");
    for package in [&outcome.full, &outcome.public] {
        let report = verify(package, Some(&anchors), &Checks::all());
        let text = report.text(evaluation::Language::En);
        assert_eq!(report.verdict, Verdict::Sound, "{text}");
    }
}

fn acts(outcome: &Outcome) -> (Vec<Act>, BTreeMap<String, String>) {
    let package = read(&outcome.full, Limits::default()).expect("a package");
    let mut acts = Vec::new();
    let mut submissions = BTreeMap::new();
    for (file, entry) in package.entries() {
        let entry = entry.unwrap_or_else(|error| panic!("{file}: {error}"));
        let Some(disclosed) = &entry.disclosed else {
            continue;
        };
        let core = Body::parse(&disclosed.body).expect("a body").core;
        let payload = serde_json::to_value(&core.payload).expect("it is JSON");
        if let Some(identity) = entry
            .openings
            .get("identity")
            .filter(|_| core.kind == "part.opened")
        {
            let identity = audit::statement::Identity::parse(&identity.value).expect("an identity");
            let submission = payload["submission"].as_str().expect("a submission").to_owned();
            submissions.insert(identity.code, submission);
        }
        acts.push(Act {
            index: entry.index,
            kind: core.kind,
            instance: core.instance,
            actor: core.actor,
            payload,
        });
    }
    (acts, submissions)
}

fn run(vertex: Scores, seed: u64) -> Option<Run> {
    let documents = scenario::documents()?;
    Some(Run::of(&scenario::scenario(&documents, vertex), seed))
}

/// A fraction in lowest terms, as the rules spell it.
fn fraction(numerator: u128, denominator: u128) -> String {
    let (mut a, mut b) = (numerator, denominator);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    match (numerator / a, denominator / a) {
        (whole, 1) => whole.to_string(),
        (above, below) => format!("{above}/{below}"),
    }
}

#[test]
fn the_outcome_is_the_one_worked_out_by_hand() {
    let Some(run) = run(VERTEX_PASSES, 1) else { return };
    let result = run.result();
    // Fm is Vertex's price. Vertex: St = 445/6, Sf = 100, S = 445/6 x 0.8 + 100 x 0.2 = 238/3.
    // Innovate: St = 187/2, Sf = 100 x Fm / F, S = 187/2 x 0.8 + Sf x 0.2 = (374 F + 100 Fm) / 5 F.
    let (lowest, price) = (VERTEX.price, INNOVATE_BID.price);
    let innovate = [
        fraction(187, 2),
        fraction(100 * lowest, price),
        fraction(374 * price + 100 * lowest, 5 * price),
    ];
    let vertex = ["445/6", "100", "238/3"].map(str::to_owned);
    for (bid, expected) in [(&VERTEX, vertex), (&INNOVATE_BID, innovate)] {
        let numbers = &result.bidders[&run.bidder(bid)];
        let figures = [&numbers.technical, &numbers.price_points, &numbers.total];
        let exact = figures.map(|figure| figure.as_ref().expect("it is in play").value.to_string());
        assert_eq!(exact, expected, "{}", bid.name);
    }
    let shown = result.bidders[&run.bidder(&INNOVATE_BID)].total.as_ref();
    assert_eq!(shown.expect("it is in play").shown, "92.761198");
    let ranking: Vec<_> = result
        .ranking
        .iter()
        .map(|c| (c.rank, c.bidder.clone()))
        .collect();
    assert_eq!(
        ranking,
        [(1, run.bidder(&INNOVATE_BID)), (2, run.bidder(&VERTEX))]
    );
}

#[test]
fn the_purchaser_types_the_prices_in_with_file_and_page() {
    let Some(run) = run(VERTEX_PASSES, 2) else { return };
    let entered: Vec<&Act> = run
        .acts
        .iter()
        .filter(|act| act.kind == "price.entered")
        .collect();
    assert_eq!(entered.len(), 2);
    for bid in [&VERTEX, &INNOVATE_BID] {
        let bidder = run.bidder(bid);
        let mut own = entered
            .iter()
            .filter(|act| act.payload["bidder"] == bidder.as_str());
        let act = own.next().expect("a price of this bidder");
        let roles: Vec<Role> = run.state().parties(&act.actor).iter().map(|p| p.role).collect();
        assert_eq!(roles, [Role::Purchaser]);
        assert_eq!(act.payload["amount"], bid.price.to_string());
        assert_eq!(act.payload["source"]["file"], bid.file);
        assert_eq!(act.payload["source"]["page"], bid.page);
        let opened = run
            .opening_prices(bid)
            .into_iter()
            .find(|act| act.kind == "part.opened");
        let content = &opened.expect("its price part is opened").payload["outcome"]["opened"];
        assert_eq!(act.payload["source"]["part"], content["digest"]);
    }
}

#[test]
fn no_price_is_opened_before_the_technical_round() {
    let Some(run) = run(VERTEX_PASSES, 3) else { return };
    let technical = run.first("round.opened", "scored/1");
    assert!(run.first("opening.started", "price_opening/1") > technical);
    for bid in [&VERTEX, &INNOVATE_BID] {
        let acts = run.opening_prices(bid);
        // The bidder's half, two holders or three, the part itself.
        assert!(acts.len() >= 4, "{}: {}", bid.name, acts.len());
        assert!(acts.iter().all(|act| act.index > technical), "{}", bid.name);
    }
}

#[test]
fn below_the_technical_minimum_the_price_stays_shut() {
    let Some(run) = run(VERTEX_FALLS, 5) else { return };
    let shut: Vec<&str> = run
        .opening_prices(&VERTEX)
        .iter()
        .map(|act| act.kind.as_str())
        .collect();
    assert!(shut.is_empty(), "{shut:?}");
    assert!(run.opening_prices(&INNOVATE_BID).len() >= 4);
    let result = run.result();
    let Standing::Rejected(Ground::BelowMinimum {
        block,
        score,
        minimum,
    }) = &result.bidders[&run.bidder(&VERTEX)].standing
    else {
        panic!("{:?}", result.bidders[&run.bidder(&VERTEX)].standing);
    };
    assert_eq!((block, minimum.to_string().as_str()), (&None, "70"));
    assert_eq!(score.value.to_string(), "419/6");
    // Innovate's own price is the lowest opened: S = 187/2 x 0.8 + 100 x 0.2 = 94.8.
    let total = result.bidders[&run.bidder(&INNOVATE_BID)].total.as_ref();
    assert_eq!(total.expect("it is in play").value.to_string(), fraction(474, 5));
    assert_eq!(result.ranking.len(), 1);
    let entered = run.acts.iter().filter(|act| act.kind == "price.entered");
    assert_eq!(entered.count(), 1);
}

#[test]
fn every_clause_of_the_rulebook_stands_on_its_page() {
    let Some(documents) = scenario::documents() else {
        return;
    };
    assert_eq!(documents.tender.pages(), 16);
    let book = Rulebook::parse(RULEBOOK.as_bytes()).expect("a rulebook");
    assert_eq!(book.errors(), []);
    let leaves = book.leaves();
    assert_eq!(leaves.len(), 5 + 11 + 17);
    let clauses = leaves.iter().map(|leaf| &leaf.criterion.clause);
    for clause in clauses.chain(book.criteria.iter().map(|root| &root.clause)) {
        let clause = clause.as_ref().expect("every criterion names its clause");
        let page = documents.tender.text(clause.page);
        assert!(
            page.contains(&clause.quote),
            "{}: {}",
            clause.clause,
            clause.quote
        );
    }
}

/// Unit cost and total of each line of the price schedule, as printed.
fn schedule(document: &Document, page: u32) -> Vec<(u128, u128)> {
    let text = document.text(page);
    let amounts: Vec<u128> = text
        .split_whitespace()
        .filter(|word| word.contains(',') && word.ends_with(|c: char| c.is_ascii_digit()))
        .filter_map(|word| word.replace(',', "").parse().ok())
        .collect();
    amounts.chunks(2).map(|line| (line[0], line[1])).collect()
}

#[test]
fn the_prices_are_the_sums_of_the_printed_schedules() {
    let Some(documents) = scenario::documents() else {
        return;
    };
    let wrong_lines: [&[_]; 2] = [&[], &[(13, 800)]];
    let bids = [(&VERTEX, &documents.vertex), (&INNOVATE_BID, &documents.innovate)];
    for ((bid, document), expected) in bids.into_iter().zip(wrong_lines) {
        let lines = schedule(document, bid.page);
        assert_eq!(lines.len(), QUANTITIES.len(), "{}", bid.name);
        let sum: u128 = lines.iter().map(|(_, total)| total).sum();
        assert_eq!(sum, bid.price, "{}", bid.name);
        let products = lines.iter().zip(QUANTITIES).zip(1..);
        let wrong: Vec<(u32, u128)> = products
            .filter(|(((unit, total), quantity), _)| unit * quantity != *total)
            .map(|(((unit, total), quantity), line)| (line, total.abs_diff(unit * quantity)))
            .collect();
        assert_eq!(wrong, expected, "{}", bid.name);
    }
}

#[test]
fn no_part_opened_before_the_price_part_tells_the_price() {
    let Some(documents) = scenario::documents() else {
        return;
    };
    for (bid, document) in [(&VERTEX, &documents.vertex), (&INNOVATE_BID, &documents.innovate)] {
        let [cover, techno_commercial, quality, price] = document.sections();
        assert!(cover.contains(bid.name) && cover.contains(bid.code));
        let amount = |text: &str| text.contains(",00,000");
        assert!(amount(&price), "{}", bid.name);
        for early in [cover, techno_commercial, quality] {
            assert!(!early.is_empty() && !amount(&early), "{}", bid.name);
        }
    }
}
