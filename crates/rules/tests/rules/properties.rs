//! Properties that hold for every evaluation.

use conclave_rules::{Exact, Facts, Outcome, Rulebook, Sheet, evaluate_numbers};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{
    PROCUREMENT, bid, bidder, changed, exact, facts, fail, outcome, passing_sheets, procurement, rejected_at,
    score, sheet,
};

const MEMBERS: usize = 5;

/// Scores in half points (T-01), fives (T-02) and points (B-01), a price in yuan; one a bid.
type Bids = Vec<(Vec<(u8, u8, u8)>, u32)>;

fn bids() -> impl Strategy<Value = Bids> {
    let scores = prop::collection::vec((0u8..=80, 0u8..=2, 0u8..=20), MEMBERS);
    // Few prices, so that ties come up.
    prop::collection::vec((scores, prop_oneof![1_000u32..1_004, 1u32..1_900_000]), 3..7)
}

fn scored(bids: &Bids) -> Vec<Sheet> {
    (0..MEMBERS)
        .map(|member| {
            let mut cells = Vec::new();
            for ((scores, _), ordinal) in bids.iter().zip(1u32..) {
                let (half, fives, points) = scores[member];
                let half_points = format!("{}.{}", half / 2, half % 2 * 5);
                cells.push((ordinal, "T-01", score(&half_points)));
                cells.push((ordinal, "T-02", score(&(fives * 5).to_string())));
                cells.push((ordinal, "B-01", score(&points.to_string())));
            }
            sheet("scored/1", member, &cells)
        })
        .collect()
}

fn given(bids: &Bids) -> Facts {
    let ordinals: Vec<u32> = (1..).take(bids.len()).collect();
    let mut sheets = passing_sheets(&ordinals, MEMBERS);
    sheets.extend(scored(bids));
    let bidders = bids
        .iter()
        .zip(1..)
        .map(|((_, price), n)| bid(n, &price.to_string()));
    facts(bidders.collect(), MEMBERS, sheets)
}

fn shuffled() -> impl Strategy<Value = (Facts, Facts)> {
    bids().prop_flat_map(|bids| {
        let facts = given(&bids);
        let other = (
            Just(facts.bidders.clone()).prop_shuffle(),
            Just(facts.members.clone()).prop_shuffle(),
            Just(facts.sheets.clone()).prop_shuffle(),
            any::<bool>(),
        );
        other.prop_map(move |(bidders, members, mut sheets, turn)| {
            for sheet in &mut sheets {
                if turn {
                    sheet.blocks.reverse();
                    sheet.blocks.iter_mut().for_each(|block| block.cells.reverse());
                } else {
                    sheet.blocks.rotate_left(1);
                    sheet
                        .blocks
                        .iter_mut()
                        .for_each(|block| block.cells.rotate_left(1));
                }
            }
            let other = Facts {
                bidders,
                members,
                sheets,
                consensus: Vec::new(),
                draw: Vec::new(),
                parameters: facts.parameters.clone(),
            };
            (facts.clone(), other)
        })
    })
}

/// The last bid is taken out of the outcome, so that the rest can be compared.
fn without(mut outcome: Outcome, ordinal: u32) -> Outcome {
    outcome.bidders.remove(&bidder(ordinal));
    outcome.votes.retain(|vote| vote.bidder != bidder(ordinal));
    // A bid that was scored before it fell may have remarks of its own.
    outcome
        .remarks
        .retain(|remark| remark.bidder != Some(bidder(ordinal)));
    outcome
        .derivation
        .retain(|id, _| !id.starts_with(&format!("B{ordinal}:")));
    outcome
}

fn added(bids: &Bids, more: &(Vec<(u8, u8, u8)>, u32)) -> (Facts, u32) {
    let mut all = bids.clone();
    all.push(more.clone());
    let ordinal = u32::try_from(all.len()).expect("few");
    (given(&all), ordinal)
}

fn at(mut facts: Facts, ordinal: u32, stage: &str) -> Facts {
    let place = ordinal as usize - 1;
    facts.bidders[place] = rejected_at(facts.bidders[place].clone(), stage);
    facts
}

fn recomputing(recompute: bool) -> Rulebook {
    let pointer = "/price/base_recomputed_after_rejection";
    changed(PROCUREMENT, &[(pointer, json!(recompute))])
}

fn member_totals() -> Rulebook {
    changed(
        PROCUREMENT,
        &[
            ("/regime", json!("bidding")),
            ("/aggregation/over", json!("member_total")),
            ("/aggregation/drop", json!("one_high_one_low")),
        ],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_given_changes_no_byte((one, other) in shuffled()) {
        for rulebook in [procurement(), member_totals()] {
            let bytes = outcome(&rulebook, &one).to_json_bytes();
            prop_assert_eq!(&bytes, &outcome(&rulebook, &other).to_json_bytes());
            let back: Outcome = serde_json::from_slice(&bytes).expect("an outcome reads again");
            prop_assert_eq!(back.to_json_bytes(), bytes);
        }
    }

    #[test]
    fn a_bid_rejected_before_the_prices_changes_nothing(bids in bids(), more in bids()) {
        let alone = outcome(&procurement(), &given(&bids));
        let (facts, ordinal) = added(&bids, &more[0]);
        for stage in ["qualification/1", "conformity/1", "scored/1", "price_opening/1"] {
            let both = outcome(&procurement(), &at(facts.clone(), ordinal, stage));
            prop_assert_eq!(&without(both, ordinal), &alone, "{}", stage);
        }
        // Voted down by three of five.
        let mut voted = facts;
        for sheet in voted.sheets.iter_mut().take(3) {
            let block = sheet.blocks.last_mut().expect("the added bid");
            block.cells[0].cell = fail("未签章");
        }
        prop_assert_eq!(&without(outcome(&procurement(), &voted), ordinal), &alone);
    }

    #[test]
    fn a_bid_rejected_later_changes_what_the_rulebook_says(bids in bids(), more in bids()) {
        let alone = outcome(&procurement(), &given(&bids));
        let (facts, ordinal) = added(&bids, &more[0]);
        let facts = at(facts, ordinal, "summary/1");
        let recomputed = without(outcome(&recomputing(true), &facts), ordinal);
        prop_assert_eq!(&recomputed, &alone);

        let kept = outcome(&recomputing(false), &facts);
        let price = Exact::from(more[0].1);
        let base = alone.price_base.expect("bids stand").value.min(price);
        prop_assert_eq!(kept.price_base.expect("bids stand").value, base);
    }

    #[test]
    fn the_total_is_the_sum_of_the_parts_shown(bids in bids()) {
        let result = outcome(&procurement(), &given(&bids));
        for numbers in result.bidders.values() {
            let blocks = numbers.blocks.values();
            let parts: Vec<Exact> = blocks
                .chain(&numbers.price_points)
                .map(|figure| exact(&figure.shown))
                .collect();
            prop_assert_eq!(parts.len(), 3);
            let total = numbers.total.as_ref().expect("nobody is rejected");
            prop_assert_eq!(Exact::sum(&parts).expect("small"), exact(&total.shown));
            prop_assert!(exact(&total.shown) <= Exact::from(100));
        }
    }

    #[test]
    fn the_numbers_alone_are_those_of_the_derivation(bids in bids()) {
        for rulebook in [procurement(), member_totals()] {
            let derived = outcome(&rulebook, &given(&bids));
            let alone = evaluate_numbers(&rulebook, &given(&bids)).expect("it evaluates");
            prop_assert!(alone.derivation.is_empty());
            prop_assert_eq!(Outcome { derivation: derived.derivation.clone(), ..alone }, derived);
        }
    }

    #[test]
    fn the_ranking_follows_score_then_price(bids in bids()) {
        let facts = given(&bids);
        let result = outcome(&procurement(), &facts);
        let key = |index: usize| {
            let place = &result.ranking[index];
            let total = result.bidders[&place.bidder].total.as_ref().expect("ranked");
            let price = bids[place.bidder.ordinal() as usize - 1].1;
            (total.value.clone(), price)
        };
        prop_assert_eq!(result.ranking.len(), bids.len());
        for index in 1..result.ranking.len() {
            let ((score, price), (next_score, next_price)) = (key(index - 1), key(index));
            prop_assert!(score > next_score || (score == next_score && price <= next_price));
            let tied = score == next_score && price == next_price;
            let same_rank = result.ranking[index - 1].rank == result.ranking[index].rank;
            prop_assert_eq!(tied, same_rank);
            let noted = result.ties.iter().any(|tie| tie.second == result.ranking[index].bidder);
            prop_assert_eq!(noted, score == next_score);
        }
        prop_assert!(result.candidates.len() <= 3);
    }
}
