//! Committee arithmetic and counts that stop a procedure.

use conclave_rules::{Moment, Standing, Stop, committee_size_ok, count_check, expert_share_ok};
use serde_json::json;

use crate::support::{
    PROCUREMENT, bid, bidder, changed, facts, fail, outcome, passing_sheets, procurement, qcbs, rejected_at,
    sheet,
};

#[test]
fn committee_numbers() {
    // COM-4: 5 -> 4 experts, 7 -> 5, 9 -> 6, 11 -> 8.
    for (size, least) in [(5, 4), (7, 5), (9, 6), (11, 8)] {
        assert!(committee_size_ok(size, 5));
        assert!(expert_share_ok(least, size), "{least} of {size}");
        assert!(!expert_share_ok(least - 1, size), "{} of {size}", least - 1);
    }
    for size in [0, 1, 3, 4, 6, 8] {
        assert!(!committee_size_ok(size, 5), "{size}");
    }
    assert!(!expert_share_ok(6, 5));
    assert!(expert_share_ok(u32::MAX, u32::MAX));
}

#[test]
fn three_are_needed_in_procurement() {
    let rulebook = procurement();
    for moment in [
        Moment::AtDeadline,
        Moment::AfterQualification,
        Moment::AfterConformity,
    ] {
        assert_eq!(count_check(&rulebook, moment, 3), Ok(()));
        let stop = Stop {
            moment,
            count: 2,
            minimum: 3,
            rule: "MIN-2".to_owned(),
        };
        assert_eq!(count_check(&rulebook, moment, 2), Err(stop));
        assert_eq!(count_check(&qcbs(), moment, 1), Ok(()));
        assert!(count_check(&qcbs(), moment, 0).is_err());
    }
    let bidding = changed(PROCUREMENT, &[("/regime", json!("bidding"))]);
    let stop = count_check(&bidding, Moment::AtDeadline, 2).expect_err("fewer than three");
    assert_eq!(stop.rule, "MIN-1");
}

#[test]
fn too_few_at_the_deadline_stop_before_any_sheet() {
    let two = facts(vec![bid(1, "10"), bid(2, "20")], 5, Vec::new());
    let result = outcome(&procurement(), &two);
    let stop = result.stop.expect("two bidders");
    assert_eq!((stop.moment, stop.count), (Moment::AtDeadline, 2));
    assert_eq!(result.bidders[&bidder(1)].standing, Standing::Stopped);
    assert!(result.candidates.is_empty() && result.derivation.is_empty());
}

#[test]
fn too_few_after_qualification_stop() {
    let bidders = vec![
        bid(1, "10"),
        bid(2, "20"),
        rejected_at(bid(3, "30"), "qualification/1"),
    ];
    let stop = outcome(&procurement(), &facts(bidders, 5, Vec::new())).stop;
    let stop = stop.expect("two are left");
    assert_eq!((stop.moment, stop.count), (Moment::AfterQualification, 2));
}

#[test]
fn too_few_after_conformity_stop_with_the_votes_shown() {
    let mut sheets = passing_sheets(&[1, 2, 3], 5);
    for (member, given) in sheets.iter_mut().enumerate().take(3) {
        let cells = [1, 2, 3].map(|ordinal| {
            let cell = if ordinal == 3 {
                fail("未签章")
            } else {
                conclave_rules::Cell::Pass
            };
            [
                (ordinal, "C-01", cell),
                (ordinal, "C-02", conclave_rules::Cell::Pass),
            ]
        });
        *given = sheet("conformity/1", member, &cells.concat());
    }
    let bidders = vec![bid(1, "10"), bid(2, "20"), bid(3, "30")];
    let result = outcome(&procurement(), &facts(bidders, 5, sheets));
    let stop = result.stop.expect("two are left");
    assert_eq!((stop.moment, stop.count), (Moment::AfterConformity, 2));
    assert_eq!(result.votes.len(), 6);
    assert!(matches!(
        result.bidders[&bidder(3)].standing,
        Standing::Rejected(_)
    ));
}
