//! What the law demands of a procedure, and awards across lots.

use conclave_rules::{
    AwardError, AwardRule, LotCandidates, NoneLeft, Rulebook, award_lots, committee_size_ok, template,
};
use serde_json::{Value, json};

use crate::support::{PROCUREMENT, changed};

/// The procurement example as a consultation of services: talks, sealed final offers, price 30 of 100.
fn consultation(changes: &[(&str, Value)]) -> Rulebook {
    let stages = json!([
        { "id": "qualification/1", "kind": "qualification", "actor": "committee", "criteria": ["Q-01"] },
        { "id": "conformity/1", "kind": "conformity", "actor": "committee", "opens": ["commercial", "technical"], "criteria": ["C-01", "C-02"] },
        { "id": "negotiation/1", "kind": "negotiation", "actor": "committee" },
        { "id": "final_offers/1", "kind": "final_offers", "actor": "committee" },
        { "id": "scored/1", "kind": "scored", "actor": "committee", "criteria": ["T-01", "T-02", "B-01"] },
        { "id": "price_opening/1", "kind": "price_opening", "actor": "committee", "opens": ["price"] },
        { "id": "price_points/1", "kind": "price_points", "actor": "committee", "criteria": ["P-01"] },
        { "id": "summary/1", "kind": "summary", "actor": "committee" }
    ]);
    let mut all = vec![
        ("/procedure", json!("consultation")),
        ("/subject", json!("services")),
        ("/stages", stages),
    ];
    all.extend(changes.iter().cloned());
    changed(PROCUREMENT, &all)
}

fn rules(book: &Rulebook) -> Vec<String> {
    book.errors()
        .into_iter()
        .map(|finding| format!("{} {}", finding.rule, finding.at))
        .collect()
}

#[test]
fn a_consultation_has_three_members_its_own_weights_and_three_candidates() {
    let book = consultation(&[]);
    assert_eq!(rules(&book), Vec::<String>::new());
    assert_eq!(book.least_members(), 3);
    let price = ("/criteria/4/kind/price/points", json!("31"));
    let rest = ("/criteria/3/kind/range/max", json!("19"));
    assert_eq!(rules(&consultation(&[price, rest])), ["SC-1 criteria"]);
    assert_eq!(
        rules(&consultation(&[("/candidates/max", json!(2))])),
        ["RES-1 candidates.max"]
    );
    assert_eq!(
        rules(&consultation(&[("/candidates/max", json!(5))])),
        Vec::<String>::new()
    );
    let no_talks = consultation(&[("/stages/2/kind", json!("conformity"))]);
    assert!(
        rules(&no_talks).contains(&"COM-15 stages".to_owned()),
        "{:?}",
        rules(&no_talks)
    );
}

#[test]
fn talks_and_final_offers_belong_to_procedures_with_talks() {
    let open = consultation(&[
        ("/procedure", json!("open")),
        ("/stages/0/actor", json!("purchaser")),
    ]);
    assert_eq!(rules(&open), ["VOTE-7 stages[2].kind", "VOTE-7 stages[3].kind"]);
}

#[test]
fn in_a_negotiation_nothing_is_scored() {
    let found = rules(&consultation(&[("/procedure", json!("negotiation"))]));
    assert!(found.contains(&"F16 price.method".to_owned()), "{found:?}");
    let lowest = template("competitive_negotiation").expect("a template");
    assert_eq!(rules(&lowest), Vec::<String>::new());
    assert_eq!(lowest.least_members(), 3);
    let inquiry = template("inquiry").expect("a template");
    assert_eq!(rules(&inquiry), Vec::<String>::new());
}

#[test]
fn com_1_to_3_the_least_committee() {
    let book = changed(PROCUREMENT, &[("/budget", json!("9999999.99"))]);
    assert_eq!(book.least_members(), 5);
    let book = changed(PROCUREMENT, &[("/budget", json!("10000000"))]);
    assert_eq!(book.least_members(), 7);
    for (size, least, fits) in [
        (3, 3, true),
        (4, 3, false),
        (3, 5, false),
        (5, 7, false),
        (7, 7, true),
        (9, 7, true),
    ] {
        assert_eq!(committee_size_ok(size, least), fits, "{size} of {least}");
    }
}

#[test]
fn stages_of_prices_stand_between_opening_and_points() {
    let stages = |order: [&str; 4]| {
        let mut stages = json!([
            { "id": "qualification/1", "kind": "qualification", "actor": "purchaser", "criteria": ["Q-01"] },
            { "id": "conformity/1", "kind": "conformity", "actor": "committee", "opens": ["commercial", "technical"], "criteria": ["C-01", "C-02"] },
            { "id": "scored/1", "kind": "scored", "actor": "committee", "blind": true, "criteria": ["T-01", "T-02", "B-01"] }
        ]);
        for kind in order {
            let mut stage = json!({ "id": format!("{kind}/1"), "kind": kind, "actor": "committee" });
            if kind == "price_opening" {
                stage["opens"] = json!(["price"]);
            }
            if kind == "price_points" {
                stage["criteria"] = json!(["P-01"]);
            }
            stages.as_array_mut().expect("a list").push(stage);
        }
        stages
            .as_array_mut()
            .expect("a list")
            .push(json!({ "id": "summary/1", "kind": "summary", "actor": "committee" }));
        changed(PROCUREMENT, &[("/stages", stages)])
    };
    let lawful = stages([
        "price_opening",
        "price_correction",
        "abnormal_price",
        "price_points",
    ]);
    assert_eq!(rules(&lawful), Vec::<String>::new());
    // A bid that falls changes the base, so abnormal prices are asked after before points are given.
    let late = stages([
        "price_opening",
        "price_correction",
        "price_points",
        "abnormal_price",
    ]);
    assert_eq!(rules(&late), ["RB-3 stages[6].kind"]);
    let blind = changed(PROCUREMENT, &[("/stages/1/blind", json!(true))]);
    assert_eq!(rules(&blind), ["RB-5 stages[1].blind"]);
}

#[test]
fn days_that_a_regime_asks_for() {
    let worldbank = |days: u32, counted: &str| {
        let standstill = json!({ "days": days, "counted": counted });
        rules(&changed(
            PROCUREMENT,
            &[("/regime", json!("worldbank")), ("/standstill", standstill)],
        ))
    };
    assert_eq!(worldbank(10, "business"), Vec::<String>::new());
    assert_eq!(worldbank(9, "business"), ["WB-5.80 standstill"]);
    assert_eq!(worldbank(10, "calendar"), ["WB-5.80 standstill"]);
    let eu = [
        ("/regime", json!("eu")),
        ("/standstill", json!({ "days": 10, "counted": "calendar" })),
    ];
    assert_eq!(rules(&changed(PROCUREMENT, &eu)), Vec::<String>::new());
    let short = [("/regime", json!("bidding")), ("/publication_days", json!(2))];
    assert_eq!(rules(&changed(PROCUREMENT, &short)), ["RES-2 publication_days"]);
}

#[test]
fn vote_8_a_rulebook_says_where_the_tender_document_has_it() {
    let book = changed(PROCUREMENT, &[]);
    let findings = book.validate();
    let cited = findings
        .iter()
        .find(|finding| finding.rule == "VOTE-8")
        .expect("most are not cited");
    assert!(
        cited.text.en.contains("C-01") && !cited.text.en.contains("T-01"),
        "{}",
        cited.text.en
    );
}

fn rule(lot: u32, of: u32, most_wins: u32, when_none_left: NoneLeft) -> AwardRule {
    AwardRule {
        lot,
        of,
        most_wins,
        when_none_left,
    }
}

#[test]
fn a_bidder_wins_no_more_lots_than_it_may() {
    let first = rule(1, 3, 1, NoneLeft::NoAward);
    let second = rule(2, 3, 1, NoneLeft::NoAward);
    let third = rule(3, 3, 1, NoneLeft::NoAward);
    let lot = |rule, candidates: &[&'static str]| LotCandidates {
        rule,
        candidates: candidates.to_vec(),
    };
    // Given in any order, awarded in that of the lots.
    let lots = [
        lot(&third, &["甲", "乙"]),
        lot(&first, &["甲", "乙", "丙"]),
        lot(&second, &["甲", "乙", "丙"]),
    ];
    let awards = award_lots(&lots).expect("they agree");
    let winners: Vec<Option<&str>> = awards.iter().map(|award| award.winner.as_deref()).collect();
    assert_eq!(winners, [Some("甲"), Some("乙"), None]);
    assert_eq!(awards[1].passed_over[0].bidder, "甲");
    assert_eq!(awards[1].passed_over[0].won, [1]);
    assert_eq!(awards[2].passed_over.len(), 2);
}

#[test]
fn where_none_is_left_the_first_candidate_may_win_all_the_same() {
    let rules: Vec<AwardRule> = (1..=3).map(|n| rule(n, 3, 1, NoneLeft::FirstCandidate)).collect();
    let lots: Vec<LotCandidates<'_>> = rules
        .iter()
        .map(|rule| LotCandidates {
            rule,
            candidates: vec!["甲", "乙"],
        })
        .collect();
    let awards = award_lots(&lots).expect("they agree");
    let winners: Vec<Option<&str>> = awards.iter().map(|award| award.winner.as_deref()).collect();
    assert_eq!(winners, [Some("甲"), Some("乙"), Some("甲")]);
}

#[test]
fn lots_that_do_not_fit_together_are_refused() {
    let lots = |rules: &[AwardRule]| {
        let lots: Vec<LotCandidates<'_>> = rules
            .iter()
            .map(|rule| LotCandidates {
                rule,
                candidates: vec!["甲"],
            })
            .collect();
        award_lots(&lots).expect_err("they do not fit")
    };
    let no = NoneLeft::NoAward;
    assert_eq!(
        lots(&[rule(1, 2, 1, no), rule(2, 2, 2, no)]),
        AwardError::RulesDiffer(1, 2)
    );
    assert_eq!(
        lots(&[rule(1, 2, 1, no), rule(1, 2, 1, no)]),
        AwardError::LotTwice(1)
    );
    assert_eq!(lots(&[rule(1, 2, 1, no)]), AwardError::LotMissing(2));
    assert_eq!(lots(&[rule(2, u32::MAX, 1, no)]), AwardError::LotMissing(1));
}

#[test]
fn min_4_lots_want_two_bidders_more() {
    let awards = json!({ "lot": 1, "of": 3, "most_wins": 1, "when_none_left": "no_award" });
    let book = changed(PROCUREMENT, &[("/awards", awards)]);
    assert!(book.validate().iter().any(|finding| finding.rule == "MIN-4"));
    let wrong = json!({ "lot": 4, "of": 3, "most_wins": 1, "when_none_left": "no_award" });
    assert_eq!(
        rules(&changed(PROCUREMENT, &[("/awards", wrong)])),
        ["RB-8 awards"]
    );
}
