//! A rulebook tried out gives the numbers that an evaluation of the same bids gives.

use std::collections::BTreeMap;

use conclave_rules::{
    BidBlock, BidderFacts, BidderId, Cell, CurveMeasure, Decimal, Exact, Facts, Given, Line,
    MAX_MADE_UP_BIDS, Rulebook, Sheet, SheetCell, StageActor, Standing, WhatIfBid, WhatIfError, asked,
    evaluate, made_up, price_curve, template, templates, what_if,
};

const NONE: BTreeMap<String, Decimal> = BTreeMap::new();

fn bid(price: &str, technical: &str) -> WhatIfBid {
    WhatIfBid {
        price: price.parse().expect("a decimal"),
        technical: Some(technical.parse().expect("a decimal")),
        blocks: BTreeMap::new(),
        attributes: [].into(),
        facts: BTreeMap::new(),
    }
}

/// The same bids as facts, with everybody passing every review.
fn facts(book: &Rulebook, bids: &[WhatIfBid]) -> Facts {
    let blocks = book.blocks();
    let apart = &asked(book).blocks;
    let bidders = bids.iter().zip(1..).map(|(bid, ordinal)| {
        let mut given = Given::default();
        match (&blocks[..], apart.is_empty()) {
            ([], _) => {}
            ([only], true) => {
                let score = bid.technical.clone().expect("made up");
                given.blocks.insert(only.id.clone(), score);
            }
            (_, true) => given.technical = bid.technical.clone(),
            (_, false) => given.blocks = bid.blocks.clone(),
        }
        BidderFacts {
            id: BidderId::from_ordinal(ordinal).expect("from 1"),
            rejected: None,
            price: Some(bid.price.clone()),
            attributes: bid.attributes.clone(),
            brand: None,
            facts: bid.facts.clone(),
            given,
        }
    });
    let bidders: Vec<BidderFacts> = bidders.collect();
    // Enough of them that a highest and a lowest score may be left out.
    let lines: Vec<Line> = ["E1", "E2", "E3"]
        .map(|line| Line::new(line).expect("a line"))
        .into();
    let reviews = book
        .stages
        .iter()
        .filter(|stage| stage.kind.is_pass_fail() && stage.actor == StageActor::Committee);
    let each = reviews.flat_map(|stage| lines.iter().map(move |line| (stage, line)));
    let sheets = each.map(|(stage, line)| Sheet {
        stage: stage.id.clone(),
        line: line.clone(),
        blocks: bidders
            .iter()
            .map(|bidder| BidBlock {
                bidder: bidder.id.clone(),
                cells: stage
                    .criteria
                    .iter()
                    .map(|criterion| SheetCell {
                        criterion: criterion.clone(),
                        cell: Cell::Pass,
                    })
                    .collect(),
            })
            .collect(),
    });
    let drawn = asked(book).drawn.into_iter();
    Facts {
        sheets: sheets.collect(),
        bidders,
        members: lines.clone(),
        consensus: Vec::new(),
        draw: Vec::new(),
        parameters: drawn.map(|drawn| (drawn.name, drawn.middle)).collect(),
    }
}

#[test]
fn every_preset_gives_what_an_evaluation_gives() {
    for (name, _) in templates() {
        let book = template(name).expect("it has this name");
        let bids = made_up(&book);
        assert_eq!(bids.len(), 5, "{name}");
        let tried = what_if(&book, &bids, &NONE).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(tried.short.is_none(), "{name}");
        assert!(
            tried
                .bids
                .iter()
                .any(|tried| tried.outcome.standing == Standing::Ranked(1)),
            "{name}: somebody is first"
        );
        let curve = price_curve(&book, &bids, &NONE, 2, 60).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(curve.points.len() > 50, "{name}");
        assert!(curve.points.is_sorted_by(|a, b| a.price < b.price), "{name}");
        if tried.by_members {
            continue;
        }
        let whole = evaluate(&book, &facts(&book, &bids)).unwrap_or_else(|error| panic!("{name}: {error}"));
        for tried in &tried.bids {
            assert_eq!(
                tried.outcome, whole.bidders[&tried.bidder],
                "{name} {}",
                tried.bidder
            );
        }
        assert_eq!(tried.base, whole.price_base.map(|base| base.shown), "{name}");
        let own = curve.points.iter().find(|point| point.price == bids[2].price);
        let own = own.expect("its own price is among those tried");
        let outcome = &tried.bids[2].outcome;
        let shown = match curve.measure {
            CurveMeasure::Points => outcome.price_points.as_ref(),
            CurveMeasure::Total => outcome.total.as_ref(),
            CurveMeasure::None => None,
        };
        if own.falls.is_none() {
            assert_eq!(own.value.as_ref(), shown.map(|figure| &figure.shown), "{name}");
        }
    }
}

#[test]
fn the_curve_of_low_price_first() {
    let book = template("low_price_first").expect("a preset");
    let bids = [bid("800000", "50"), bid("900000", "60"), bid("1000000", "55")];
    let curve = price_curve(&book, &bids, &NONE, 1, 41).expect("it can be tried");
    assert_eq!(curve.measure, CurveMeasure::Points);
    let at = |price: &str| {
        let price: Decimal = price.parse().expect("a decimal");
        let found = curve.points.iter().find(|point| point.price == price);
        found.unwrap_or_else(|| panic!("{price} is tried"))
    };
    let full = book.price_points().expect("it has a price criterion");
    // Below the lowest of the others it is the base itself; at 1,000,000 it has 80 % of the points.
    for (price, of_hundred) in [("640000", 100u32), ("800000", 100), ("1000000", 80)] {
        let points: Decimal = at(price)
            .value
            .as_ref()
            .expect("it stands")
            .parse()
            .expect("a decimal");
        let hundredfold = points.exact().checked_mul(&Exact::from(100)).expect("short");
        let wanted = full.checked_mul(&Exact::from(of_hundred)).expect("short");
        assert_eq!(hundredfold, wanted, "{price}");
    }
    // Above the ceiling it falls, and the curve says why.
    let last = curve.points.last().expect("it has points");
    assert!(last.value.is_none() && last.rank.is_none());
    assert!(
        last.falls
            .as_ref()
            .expect("it falls")
            .en
            .contains("above the limit")
    );
    assert_eq!(at("900000").rank, Some(1));
    assert_eq!(curve.base, Some("800000".parse().expect("a decimal")));
}

#[test]
fn a_rulebook_that_does_not_hold_is_tried_unless_nothing_can_be_computed() {
    let text = serde_json::to_value(template("low_price_first").expect("a preset")).expect("JSON");
    let with = |pointer: &str, value: serde_json::Value| {
        let mut text = text.clone();
        *text.pointer_mut(pointer).expect("it is there") = value;
        Rulebook::parse(text.to_string().as_bytes()).expect("it reads")
    };
    let bids = [bid("800000", "50"), bid("900000", "60")];
    // The law is against it, and there are fewer bids than needed: both can be looked at all the same.
    let unlawful = with("/candidates/max", 9.into());
    assert!(!unlawful.errors().is_empty());
    let tried = what_if(&unlawful, &bids, &NONE).expect("it can be computed");
    assert_eq!(tried.short.expect("two are too few").minimum, 3);

    let mut roundings = text["aggregation"]["rounding"].clone();
    roundings[0]["places"] = 4_000_000_000u32.into();
    let endless = with("/aggregation/rounding", roundings);
    let error = what_if(&endless, &bids, &NONE).expect_err("it can't be rounded so");
    let WhatIfError::Incomputable(found) = error else {
        panic!("{error:?}");
    };
    assert_eq!(found[0].rule, "RB-7");
}

#[test]
fn what_is_missing_is_named_and_lists_are_bounded() {
    let book = template("low_price_first").expect("a preset");
    let mut without = bid("800000", "1");
    without.technical = None;
    let missing = what_if(&book, &[bid("900000", "1"), without], &NONE);
    assert_eq!(missing.expect_err("no score"), WhatIfError::ScoreMissing(1));
    assert_eq!(
        what_if(&book, &[], &NONE).expect_err("no bid"),
        WhatIfError::Bids(0)
    );
    let many = vec![bid("900000", "1"); MAX_MADE_UP_BIDS + 1];
    assert!(matches!(what_if(&book, &many, &NONE), Err(WhatIfError::Bids(61))));
    let curve = price_curve(&book, &many[..3], &NONE, 3, 10);
    assert_eq!(curve.expect_err("bids count from 0"), WhatIfError::NoSuchBid(3));
}
