//! Ties (R-TIE) and candidates (RES-1).

use conclave_rules::{EvaluateError, Facts, TieBreak, TieKey, evaluate};
use serde_json::json;

use crate::procurement::case;
use crate::support::{PROCUREMENT, Row, bid, bidder, changed, outcome, procurement, ranking};

/// Equal technical scores; commercial scores given; 100 = 30 + 10 + commercial + price points.
fn tied(prices: [&str; 3], commercial: [&str; 3]) -> Facts {
    let scores = commercial.map(|c| [c, c, c]);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (index, commercial) in scores.iter().enumerate() {
        let ordinal = u32::try_from(index + 1).expect("three");
        rows.push((ordinal, "T-01", &["30", "30", "30"]));
        rows.push((ordinal, "T-02", &["10", "10", "10"]));
        rows.push((ordinal, "B-01", commercial));
    }
    let bidders = prices.iter().zip(1..).map(|(price, n)| bid(n, price)).collect();
    case(bidders, &rows)
}

#[test]
fn equal_scores_are_ordered_by_price() {
    // Price points 30, 25, 20 and commercial 5, 10, 15: all total 75.
    let given = tied(["1000", "1200", "1500"], ["5", "10", "15"]);
    let result = outcome(&procurement(), &given);
    assert_eq!(ranking(&result), [(1, 1), (2, 2), (3, 3)]);
    let decided: Vec<&TieBreak> = result.ties.iter().map(|tie| &tie.decided_by).collect();
    assert_eq!(decided, [&TieBreak::Key(TieKey::PriceAsc); 2]);
    // The other way round where the law allows it.
    let dearest = changed(
        PROCUREMENT,
        &[
            ("/regime", json!("bidding")),
            ("/ranking/keys", json!(["score_desc", "price_desc"])),
        ],
    );
    assert_eq!(ranking(&outcome(&dearest, &given)), [(1, 3), (2, 2), (3, 1)]);
}

#[test]
fn equal_scores_and_prices_are_drawn_or_tied() {
    let mut given = tied(["1000", "1000", "1500"], ["5", "5", "0"]);
    let open = outcome(&procurement(), &given);
    assert_eq!(ranking(&open), [(1, 1), (1, 2), (3, 3)]);
    assert_eq!(open.ties[0].decided_by, TieBreak::DrawNeeded);

    given.draw = vec![bidder(2), bidder(1)];
    let drawn = outcome(&procurement(), &given);
    assert_eq!(ranking(&drawn), [(1, 2), (2, 1), (3, 3)]);
    assert_eq!(drawn.ties[0].decided_by, TieBreak::Drawn);

    let shared = changed(PROCUREMENT, &[("/ranking/then", json!("tied"))]);
    assert_eq!(evaluate(&shared, &given), Err(EvaluateError::DrawRefused));
    given.draw.clear();
    let tied = outcome(&shared, &given);
    assert_eq!(ranking(&tied), [(1, 1), (1, 2), (3, 3)]);
    assert_eq!(tied.ties[0].decided_by, TieBreak::Tied);

    // Half a draw decides nothing.
    given.draw = vec![bidder(2)];
    assert_eq!(
        ranking(&outcome(&procurement(), &given)),
        [(1, 1), (1, 2), (3, 3)]
    );
}

#[test]
fn a_tie_that_does_not_fit_the_candidates_is_left_open() {
    let rulebook = changed(PROCUREMENT, &[("/candidates/max", json!(2))]);
    let given = tied(["1000", "1500", "1500"], ["20", "5", "5"]);
    let result = outcome(&rulebook, &given);
    assert_eq!(ranking(&result), [(1, 1), (2, 2), (2, 3)]);
    let candidates: Vec<u32> = result.candidates.iter().map(|c| c.bidder.ordinal()).collect();
    assert_eq!(candidates, [1]);
    assert_eq!(result.remarks[0].rule, "RES-1");
}
