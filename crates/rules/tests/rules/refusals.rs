//! Facts that cannot be evaluated, and absent lines.

use conclave_rules::{Cell, EvaluateError, Facts, evaluate};

use crate::procurement::{SCORES, bids, case, with};
use crate::support::{bid, bidder, line, outcome, procurement, rejected_at, sheet};

#[test]
fn an_absent_line_does_not_count_and_a_missing_sheet_is_an_error() {
    let mut given = case(bids(), SCORES);
    given.members.remove(4);
    let result = outcome(&procurement(), &given);
    // B1 T-01 without E5: 143.5 / 4.
    assert_eq!(result.derivation["B1:criterion:T-01"].shown, "35.875");
    given
        .sheets
        .retain(|sheet| sheet.line != line(3) || sheet.stage.as_str() != "scored/1");
    let missing = EvaluateError::SheetMissing {
        stage: crate::support::stage("scored/1"),
        line: line(3),
    };
    assert_eq!(evaluate(&procurement(), &given), Err(missing));
}

#[test]
fn facts_that_contradict_the_rulebook_are_refused() {
    let refused = |change: &dyn Fn(&mut Facts)| {
        let mut given = case(bids(), SCORES);
        change(&mut given);
        evaluate(&procurement(), &given).expect_err("refused")
    };
    let wrong = |change: &dyn Fn(&mut Facts), error: EvaluateError| {
        assert_eq!(refused(change), error);
    };
    wrong(
        &|f| f.bidders.push(bid(1, "5")),
        EvaluateError::DuplicateBidder(bidder(1)),
    );
    wrong(
        &|f| f.members.push(line(0)),
        EvaluateError::DuplicateMember(line(0)),
    );
    wrong(&|f| f.members.clear(), EvaluateError::NoMembers);
    wrong(
        &|f| f.bidders[1].price = None,
        EvaluateError::PriceMissing(bidder(2)),
    );
    wrong(
        &|f| f.bidders[1] = bid(2, "0.00"),
        EvaluateError::PriceNotPositive(bidder(2)),
    );
    wrong(&|f| f.draw = vec![bidder(9)], EvaluateError::DrawRefused);
    assert!(matches!(
        refused(&|f| f.bidders[0] = with(bid(1, "5"), &["smal_enterprise"])),
        EvaluateError::UnknownAttribute { .. }
    ));
    assert!(matches!(
        refused(&|f| f.bidders[0] = rejected_at(bid(1, "5"), "scored/7")),
        EvaluateError::UnknownStage { .. }
    ));
    assert!(matches!(
        refused(&|f| {
            let sheet = f.sheets[0].clone();
            f.sheets.push(sheet);
        }),
        EvaluateError::DuplicateSheet { .. }
    ));
    // The purchaser reviews qualification, so a member's sheet of it is not foreseen.
    assert!(matches!(
        refused(&|f| f
            .sheets
            .push(sheet("qualification/1", 0, &[(1, "Q-01", Cell::Pass)]))),
        EvaluateError::SheetNotForeseen { .. }
    ));
    assert!(matches!(
        refused(&|f| {
            f.sheets[5].blocks[0].cells.pop();
        }),
        EvaluateError::SheetRefused { .. }
    ));
}

#[test]
fn the_error_does_not_depend_on_the_order_given() {
    let mut given = case(bids(), SCORES);
    let twice = [given.sheets[1].clone(), given.sheets[6].clone()];
    given.sheets.extend(twice);
    given.bidders[0].price = None;
    let error = evaluate(&procurement(), &given);
    given.sheets.reverse();
    given.bidders.reverse();
    given.members.reverse();
    assert_eq!(evaluate(&procurement(), &given), error);
    let line = line(1);
    let stage = crate::support::stage("conformity/1");
    assert_eq!(error, Err(EvaluateError::DuplicateSheet { stage, line }));
}
