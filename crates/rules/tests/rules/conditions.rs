//! The review of conditions: examples of every rule, thresholds, records, bad files, and passages of real tenders.

use std::collections::{BTreeMap, BTreeSet};

use conclave_rules::{
    Case, ConditionRules, Conditions, ConditionsError, ConditionsReview, Decision, MAX_CONDITION_BYTES,
    MAX_CONDITIONS, MAX_CONDITIONS_BYTES, ReviewRecord, Severity, unsettled,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support;

const EXAMPLES: &str = include_str!("../conditions/examples.json");
const TENDERS: &str = include_str!("../conditions/tenders.json");

/// Texts that a rule is against, and texts that look alike and are lawful.
#[derive(Deserialize)]
struct Example {
    rule: String,
    regime: String,
    subject: String,
    kind: String,
    hits: Vec<String>,
    misses: Vec<String>,
}

fn file(regime: &str, subject: &str, conditions: &[(&str, &str)]) -> Value {
    let conditions: Vec<Value> = conditions
        .iter()
        .enumerate()
        .map(|(index, (kind, text))| json!({ "id": format!("C{}", index + 1), "kind": kind, "text": text }))
        .collect();
    json!({
        "format": "conclave.conditions/1",
        "regime": regime,
        "subject": subject,
        "conditions": conditions,
    })
}

fn parse(file: &Value) -> Conditions {
    Conditions::parse(file.to_string().as_bytes()).expect("the conditions of the test read")
}

fn review(regime: &str, subject: &str, conditions: &[(&str, &str)]) -> ConditionsReview {
    ConditionRules::embedded().review(&parse(&file(regime, subject, conditions)))
}

fn rules_of(review: &ConditionsReview) -> Vec<&str> {
    review
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect()
}

fn examples() -> Vec<Example> {
    serde_json::from_str(EXAMPLES).expect("the examples read")
}

#[test]
fn every_rule_finds_its_examples_and_nothing_is_found_in_lawful_ones() {
    let mut wrong = Vec::new();
    for example in examples() {
        for text in &example.hits {
            let found = review(&example.regime, &example.subject, &[(&example.kind, text)]);
            if !rules_of(&found).contains(&example.rule.as_str()) {
                wrong.push(format!("{} misses {text}: {:?}", example.rule, rules_of(&found)));
            }
        }
        for text in &example.misses {
            let found = review(&example.regime, &example.subject, &[(&example.kind, text)]);
            if !found.findings.is_empty() {
                let matched: Vec<_> = found.findings.iter().map(|finding| &finding.matched).collect();
                wrong.push(format!("{:?} finds {text}: {matched:?}", rules_of(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_embedded_rule_has_examples_of_both_sorts() {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for example in examples() {
        let (hits, misses) = counts.entry(example.rule).or_default();
        *hits += example.hits.len();
        *misses += example.misses.len();
    }
    for rule in ConditionRules::embedded().rules {
        let (hits, misses) = counts.remove(&rule.id).unwrap_or_default();
        let compared = rule.repeats.is_some();
        assert!(
            compared || (hits >= 2 && misses >= 2),
            "{} has {hits} and {misses}",
            rule.id
        );
    }
    assert!(
        counts.is_empty(),
        "examples of rules that are not there: {counts:?}"
    );
}

#[test]
fn a_finding_shows_the_words_as_they_stand_with_place_law_and_mend() {
    let mut conditions = file(
        "procurement",
        "goods",
        &[(
            "qualification",
            "１、具有营业执照。注册 资本　不低于 ５００ 万元；提供承诺",
        )],
    );
    conditions["conditions"][0]["document"] = json!("招标文件");
    conditions["conditions"][0]["clause"] = json!("3.2");
    conditions["conditions"][0]["page"] = json!(12);
    let found = ConditionRules::embedded().review(&parse(&conditions));
    assert_eq!(rules_of(&found), ["CND-SCALE"]);
    let finding = &found.findings[0];
    assert_eq!(finding.sentence, "注册 资本　不低于 ５００ 万元");
    assert_eq!(finding.matched, ["注册 资本　不低于 ５００"]);
    assert_eq!(
        (
            finding.document.as_deref(),
            finding.clause.as_deref(),
            finding.page
        ),
        (Some("招标文件"), Some("3.2"), Some(12))
    );
    assert_eq!(finding.severity, Severity::Error);
    assert!(
        finding
            .law
            .iter()
            .any(|law| law.article.as_deref() == Some("第十七条") && law.checked)
    );
    assert!(finding.text.zh.contains("删去") && finding.text.en.contains("Delete"));
}

#[test]
fn a_certificate_that_qualifies_may_not_be_scored() {
    let qualifies = ("qualification", "具有有效的《人力资源服务许可证》");
    let scored = ("scoring", "具有人力资源服务许可证的得3分");
    let found = review("procurement", "services", &[qualifies, scored]);
    assert_eq!(rules_of(&found), ["CND-SCORED-QUALIFICATION"]);
    assert_eq!(found.findings[0].condition, "C2");
    assert_eq!(found.findings[0].matched, ["人力资源服务许可证"]);
    let lawful = [
        (
            "scoring",
            "除资格条件以外，另具有人力资源服务许可证的分支机构不加分",
        ),
        ("scoring", "具有劳务派遣经营许可证的得3分"),
        ("technical", "提供人力资源服务许可证复印件"),
    ];
    for condition in lawful {
        let found = review("procurement", "services", &[qualifies, condition]);
        assert_eq!(rules_of(&found), [""; 0], "{}", condition.1);
    }
    // A higher grade is another certificate.
    let found = review(
        "procurement",
        "services",
        &[
            ("qualification", "项目经理具有二级建造师资格证书"),
            ("scoring", "项目经理具有一级建造师资格证书的得3分"),
        ],
    );
    assert_eq!(rules_of(&found), [""; 0]);
}

#[test]
fn a_rule_holds_only_under_its_laws_and_for_its_kinds() {
    let text = "投标人注册资本不低于500万元";
    assert_eq!(
        rules_of(&review("procurement", "goods", &[("qualification", text)])),
        ["CND-SCALE"]
    );
    for (regime, kind) in [
        ("bidding", "qualification"),
        ("worldbank", "qualification"),
        ("other", "qualification"),
        ("small", "qualification"),
        ("procurement", "technical"),
        ("procurement", "contract"),
    ] {
        assert_eq!(
            rules_of(&review(regime, "goods", &[(kind, text)])),
            [""; 0],
            "{regime} {kind}"
        );
    }
}

#[test]
fn the_threshold_is_that_of_the_subject_and_what_lies_on_it_is_not_above() {
    let table = [
        ("bidding", "works", Some("60000000"), Some("60000000"), false),
        ("bidding", "works", Some("60000000.01"), Some("60000000"), true),
        (
            "procurement",
            "works",
            Some("8000000.01"),
            Some("60000000"),
            false,
        ),
        ("procurement", "goods", Some("8000000"), Some("8000000"), false),
        (
            "procurement",
            "services",
            Some("8000000.01"),
            Some("8000000"),
            true,
        ),
        ("bidding", "goods", Some("9000000"), Some("8000000"), true),
        ("procurement", "goods", None, Some("8000000"), true),
        ("eu", "goods", Some("90000000"), None, false),
        ("eu", "goods", None, None, false),
    ];
    for (regime, subject, amount, above, required) in table {
        let mut conditions = file(regime, subject, &[]);
        if let Some(amount) = amount {
            conditions["amount"] = json!(amount);
        }
        let found = ConditionRules::embedded().review(&parse(&conditions));
        let applied = found.threshold.map(|threshold| threshold.above.to_string());
        assert_eq!(applied.as_deref(), above, "{regime} {subject} {amount:?}");
        assert_eq!(found.record_required, required, "{regime} {subject} {amount:?}");
    }
}

/// A record of two findings, above the threshold.
fn record(amount: &str, texts: &[(&str, &str)]) -> ReviewRecord {
    let mut conditions = file("procurement", "goods", texts);
    conditions["amount"] = json!(amount);
    let conditions = parse(&conditions);
    ConditionRules::embedded().review(&conditions).record(&conditions)
}

const TWO: [(&str, &str); 3] = [
    ("qualification", "注册资本不低于500万元"),
    ("technical", "额定功率不低于5千瓦"),
    ("scoring", "本市企业加2分"),
];

#[test]
fn a_record_holds_everything_reviewed_and_is_settled_finding_by_finding() {
    let mut record = record("9000000", &TWO);
    assert_eq!(record.conditions.len(), 3);
    assert!(record.conditions[1].findings.is_empty());
    let open =
        |record: &ReviewRecord| -> Vec<String> { unsettled(record).into_iter().map(|one| one.at).collect() };
    let (first, second) = ("conditions[0].findings[0]", "conditions[2].findings[0]");
    assert_eq!(open(&record), [first, second]);

    let decide = |record: &mut ReviewRecord, at: usize, decision: Decision| {
        record.conditions[at].findings[0].decision = decision;
    };
    decide(&mut record, 0, Decision::Changed { to: "  ".to_owned() });
    decide(
        &mut record,
        2,
        Decision::Kept {
            reason: String::new(),
        },
    );
    assert_eq!(open(&record), [first, second]);
    let same = "注册资本 不低于５００万元".to_owned();
    decide(&mut record, 0, Decision::Changed { to: same });
    assert_eq!(open(&record), [first, second]);
    decide(
        &mut record,
        0,
        Decision::Changed {
            to: "删除".to_owned(),
        },
    );
    assert_eq!(open(&record), [second]);
    let reason = "法律规定的专属区域".to_owned();
    decide(&mut record, 2, Decision::Kept { reason });
    assert_eq!(open(&record), [""; 0]);

    let bytes = record.bytes();
    assert_eq!(ReviewRecord::parse(&bytes).as_ref(), Ok(&record));
    assert_eq!(ReviewRecord::parse(&bytes).expect("it reads").bytes(), bytes);
}

#[test]
fn below_the_threshold_nothing_must_be_settled() {
    let record = record("8000000", &TWO);
    assert!(!record.record_required);
    assert_eq!(record.conditions[0].findings.len(), 1);
    assert_eq!(unsettled(&record), []);
}

#[test]
fn decisions_are_carried_to_the_next_review_and_changes_stay_on_record() {
    let mut before = record("9000000", &TWO);
    let to = "删除".to_owned();
    before.conditions[0].findings[0].decision = Decision::Changed { to };
    let reason = "法律规定的专属区域".to_owned();
    before.conditions[2].findings[0].decision = Decision::Kept { reason };

    let mended = [
        ("qualification", "具有履行合同的能力"),
        TWO[1],
        TWO[2],
        ("scoring", "本省企业加2分"),
    ];
    let mut after = record("9000000", &mended);
    assert!(after.conditions[0].findings.is_empty());
    after.carry(&before);
    assert_eq!(after.conditions[0].findings, before.conditions[0].findings);
    assert_eq!(after.conditions[2].findings, before.conditions[2].findings);
    let open: Vec<String> = unsettled(&after).into_iter().map(|one| one.condition).collect();
    assert_eq!(open, ["C4"]);
}

#[test]
fn a_record_that_denies_its_threshold_is_refused() {
    let record = record("9000000", &TWO);
    let mut value: Value = serde_json::from_slice(&record.bytes()).expect("it is JSON");
    value["record_required"] = json!(false);
    let refused = ReviewRecord::parse(value.to_string().as_bytes()).expect_err("it denies it");
    assert!(refused.to_string().starts_with("record_required: "), "{refused}");
}

#[test]
fn bad_files_say_where() {
    let good = file(
        "procurement",
        "goods",
        &[("qualification", "具有营业执照"), ("scoring", "方案")],
    );
    let with = |pointer: &str, value: Value| {
        let mut file = good.clone();
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        file.pointer_mut(parent).expect("it is there")[field] = value;
        Conditions::parse(file.to_string().as_bytes())
            .expect_err(pointer)
            .to_string()
    };
    let table = [
        (with("/amount", json!(5)), "amount: "),
        (
            with("/amount", json!("-5")),
            "amount: an amount is not below zero",
        ),
        (with("/regime", json!("vienna")), "regime: "),
        (with("/extra", json!(1)), "extra: "),
        (with("/conditions/1/kind", json!("price")), "conditions[1].kind: "),
        (
            with("/conditions/1/page", json!(0)),
            "conditions[1].page: pages count from 1",
        ),
        (
            with("/conditions/1/id", json!("C1")),
            "conditions[1].id: the id `C1` stands there twice",
        ),
        (with("/conditions/1/id", json!(" ")), "conditions[1].id: "),
        (
            with("/conditions/1/text", json!(" \n")),
            "conditions[1].text: a condition has words",
        ),
        (
            with(
                "/conditions/1/text",
                json!("字".repeat(MAX_CONDITION_BYTES / 3 + 1)),
            ),
            "conditions[1].text: a condition has at most 20000 bytes",
        ),
    ];
    for (said, expected) in table {
        assert!(said.starts_with(expected), "{said} instead of {expected}");
    }
    let twice = good.to_string().replacen('{', r#"{"regime":"eu","#, 1);
    let said = Conditions::parse(twice.as_bytes())
        .expect_err("a field twice")
        .to_string();
    assert!(said.contains("`regime` stands there twice"), "{said}");
}

#[test]
fn the_bounds_hold() {
    let long = vec![b' '; MAX_CONDITIONS_BYTES + 1];
    assert_eq!(
        Conditions::parse(&long),
        Err(ConditionsError::TooLong(MAX_CONDITIONS_BYTES))
    );
    let many = vec![("scoring", "方案"); MAX_CONDITIONS];
    assert_eq!(
        parse(&file("procurement", "goods", &many)).conditions.len(),
        MAX_CONDITIONS
    );
    let more = vec![("scoring", "方案"); MAX_CONDITIONS + 1];
    let more = file("procurement", "goods", &more).to_string();
    let said = Conditions::parse(more.as_bytes())
        .expect_err("too many")
        .to_string();
    assert_eq!(said, "conditions: a file has at most 10000 conditions");
}

/// Rules with one rule, some fields changed.
fn rules_with(pointer: &str, value: Value) -> Result<ConditionRules, ConditionsError> {
    let mut rules = json!({
        "format": "conclave.conditions_rules/1",
        "name": "own",
        "edition": "1",
        "thresholds": [],
        "words": { "place": ["本市"] },
        "rules": [{
            "id": "OWN-1",
            "regimes": ["other"],
            "subjects": ["goods"],
            "kinds": ["scoring"],
            "severity": "warning",
            "law": [{ "law": "own", "checked": false }],
            "any": [{ "all": ["<place>…业绩"] }],
            "text": { "zh": "改", "en": "change" }
        }]
    });
    if !pointer.is_empty() {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        rules.pointer_mut(parent).expect("it is there")[field] = value;
    }
    ConditionRules::parse(rules.to_string().as_bytes())
}

#[test]
fn other_rules_of_the_format_do_as_well_and_bad_ones_say_where() {
    let rules = rules_with("", Value::Null).expect("they read");
    let found = rules.review(&parse(&file("other", "goods", &[("scoring", "在本市的业绩")])));
    assert_eq!(rules_of(&found), ["OWN-1"]);
    let table = [
        (
            "/rules/0/any",
            json!([{ "all": ["<town>…业绩"] }]),
            "rules[0].any[0].all[0]: there is no list",
        ),
        (
            "/rules/0/any",
            json!([{ "all": ["甲|"] }]),
            "rules[0].any[0].all[0]: ",
        ),
        ("/rules/0/any", json!([{ "all": [] }]), "rules[0].any[0].all: "),
        ("/rules/0/any", json!([]), "rules[0]: a rule has either"),
        ("/rules/0/kinds", json!([]), "rules[0]: a rule holds under"),
        ("/rules/0/law", json!([]), "rules[0].law: "),
        (
            "/rules/0/text",
            json!({ "zh": "改", "en": "" }),
            "rules[0].text: ",
        ),
        ("/rules/0/severity", json!("fatal"), "rules[0].severity: "),
        ("/words/place", json!([" "]), "words.place: "),
        ("/name", json!(""), "name: "),
    ];
    for (pointer, value, expected) in table {
        let said = rules_with(pointer, value).expect_err(pointer).to_string();
        assert!(said.starts_with(expected), "{said} instead of {expected}");
    }
}

#[test]
fn a_rulebook_gives_its_criteria_as_conditions() {
    let book = support::changed(
        support::PROCUREMENT,
        &[
            ("/budget", json!("9000000")),
            ("/criteria/0/title/zh", json!("注册资本不低于五百万元")),
            (
                "/criteria/2/kind/group/criteria/0/clause/quote",
                json!("具有本市同类业绩的，每个得2分。"),
            ),
        ],
    );
    let conditions = Conditions::of_rulebook(&book);
    let ids: Vec<&str> = conditions.conditions.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(
        ids,
        ["Q-01", "C", "C-01", "C-02", "T", "T-01", "T-02", "B-01", "P-01"]
    );
    let found = ConditionRules::embedded().review(&conditions);
    let told: Vec<(&str, &str)> = found
        .findings
        .iter()
        .map(|one| (one.rule.as_str(), one.condition.as_str()))
        .collect();
    assert_eq!(told, [("CND-SCALE", "Q-01"), ("CND-REGION-TRACK", "T-01")]);
    assert_eq!(
        (found.findings[1].clause.as_deref(), found.findings[1].page),
        (Some("5.2.1"), Some(34))
    );
    assert!(found.record_required);
    // In another currency the amount says nothing about a threshold in yuan.
    let foreign = support::changed(support::PROCUREMENT, &[("/currency", json!("USD"))]);
    assert_eq!(Conditions::of_rulebook(&foreign).amount, None);
}

#[test]
fn the_templates_and_cases_that_come_with_the_program_are_lawful() {
    let rules = ConditionRules::embedded();
    for (name, _) in conclave_rules::templates() {
        let book = conclave_rules::template(name).expect("it is there");
        let found = rules.review(&Conditions::of_rulebook(&book));
        assert_eq!(rules_of(&found), [""; 0], "{name}");
    }
}

/// Passages of one real tender.
#[derive(Deserialize)]
struct Tender {
    tender: String,
    conditions: Value,
    /// Ids of conditions, each with the rules that are right against it, and why.
    right: BTreeMap<String, BTreeMap<String, String>>,
}

#[test]
fn passages_of_real_tenders_give_the_findings_that_are_right_and_no_others() {
    let tenders: Vec<Tender> = serde_json::from_str(TENDERS).expect("the passages read");
    assert!(tenders.len() >= 3);
    let rules = ConditionRules::embedded();
    for tender in tenders {
        let conditions = parse(&tender.conditions);
        assert!(
            conditions.conditions.iter().all(|one| one.clause.is_some()),
            "{}",
            tender.tender
        );
        let found = rules.review(&conditions);
        let told: BTreeSet<(&str, &str)> = found
            .findings
            .iter()
            .map(|one| (one.condition.as_str(), one.rule.as_str()))
            .collect();
        let right = tender
            .right
            .iter()
            .flat_map(|(id, rules)| rules.keys().map(move |rule| (id.as_str(), rule.as_str())));
        assert_eq!(told, right.collect(), "{}", tender.tender);
        assert!(
            conditions.conditions.len() > tender.right.len(),
            "{} has no lawful passage",
            tender.tender
        );
    }
}

#[test]
fn a_rulebook_or_a_case_does_in_place_of_conditions() {
    let book = Conditions::of_file(support::PROCUREMENT.as_bytes()).expect("a rulebook");
    assert_eq!(book, Conditions::of_rulebook(&support::procurement()));
    let case = include_bytes!("../cases/k8s-rfp-2019.json");
    let rulebook = Case::parse(case).expect("it reads").rulebook;
    assert_eq!(Conditions::of_file(case), Ok(Conditions::of_rulebook(&rulebook)));
    assert!(!Conditions::of_rulebook(&rulebook).conditions.is_empty());
    let own = file("procurement", "goods", &[("scoring", "方案")]);
    assert_eq!(Conditions::of_file(own.to_string().as_bytes()), Ok(parse(&own)));

    let broken = support::PROCUREMENT.replace("\"version\": 1", "\"version\": \"1\"");
    let said = Conditions::of_file(broken.as_bytes())
        .expect_err("a bad rulebook")
        .to_string();
    assert!(said.starts_with("version: "), "{said}");
    let said = Conditions::of_file(b"{}").expect_err("no format").to_string();
    assert!(said.contains("missing field `format`"), "{said}");
}
