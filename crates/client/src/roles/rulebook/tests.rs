//! The editor over real texts.

use super::*;
use protocol::window::{FieldGroup, RulebookDraft};

fn text() -> String {
    preset("low_price_first").expect("a preset")
}

/// Lines that differ between two texts of as many lines.
fn differing<'t>(a: &'t str, b: &'t str) -> Vec<(usize, &'t str, &'t str)> {
    let pairs = a.lines().zip(b.lines()).enumerate();
    pairs
        .filter(|(_, (a, b))| a != b)
        .map(|(line, (a, b))| (line + 1, a.trim(), b.trim()))
        .collect()
}

#[test]
fn every_preset_reads_has_a_form_and_a_method() {
    for line in presets() {
        let look = look(&preset(&line.name).expect("it has this name"));
        assert_eq!(look.problem, None, "{}", line.name);
        assert!(
            look.findings.iter().all(|finding| !finding.error),
            "{}",
            line.name
        );
        assert!(look.asked.is_some() && look.digest.len() == 64);
        let method = look.fields.iter().find(|field| field.pointer == "/price/method");
        assert!(method.expect("it has a method").options.len() >= 10);
        for field in &look.fields {
            assert!(
                !field.label.zh.is_empty() && !field.label.en.is_empty(),
                "{field:?}"
            );
            let known = field.options.iter().any(|(id, _)| *id == field.value);
            assert!(field.options.is_empty() || known, "{}: {field:?}", line.name);
        }
    }
}

#[test]
fn a_field_set_to_what_it_is_changes_no_byte_and_another_value_changes_its_line_alone() {
    for line in presets() {
        let text = preset(&line.name).expect("it has this name");
        for field in look(&text).fields {
            if field.value.is_empty() {
                continue;
            }
            let same = set(&text, &field.pointer, &field.value).unwrap_or_else(|e| panic!("{field:?}: {e}"));
            assert_eq!(same, text, "{} {}", line.name, field.pointer);
        }
    }
    let text = text();
    let dearer = set(&text, "/ceiling", "1200000.50").expect("a ceiling");
    assert_eq!(
        differing(&text, &dearer),
        [(13, "\"ceiling\": \"1000000\",", "\"ceiling\": \"1200000.50\",")]
    );
    let without = set(&text, "/ceiling", " ").expect("it may be left out");
    assert_eq!(without, text.replace("  \"ceiling\": \"1000000\",\n", ""));
    assert_eq!(set(&without, "/ceiling", "1000000").expect("and come back"), text);
}

#[test]
fn another_method_comes_with_the_settings_of_its_preset() {
    let text = text();
    let other = set(&text, "/price/method", "linear_to_budget").expect("a method");
    let look = look(&other);
    assert_eq!(look.problem, None);
    let abnormal = look
        .fields
        .iter()
        .find(|field| field.pointer.ends_with("/abnormal_below"));
    assert_eq!(abnormal.expect("its setting").group, FieldGroup::Price);
    // There is no budget, and the finding says so where the method stands.
    let line = other
        .lines()
        .position(|line| line.contains("linear_to_budget"))
        .expect("it is there");
    let finding = look
        .findings
        .iter()
        .find(|finding| finding.at.starts_with("price.method"));
    let finding = finding.expect("it reads the budget");
    assert!(finding.error);
    assert!(
        usize::try_from(finding.line).expect("small").abs_diff(line) <= 1,
        "{finding:?}"
    );
}

#[test]
fn what_can_not_stand_there_is_refused_in_words() {
    let text = text();
    for (pointer, value) in [
        ("/ceiling", "1,000,000"),
        ("/candidates/max", "-1"),
        ("/regime", "none"),
        ("/lot/name/zh", ""),
        ("/format", "x"),
        ("/criteria/0/id", "x"),
    ] {
        assert!(
            matches!(set(&text, pointer, value), Err(ClientError::Check(_))),
            "{pointer}"
        );
    }
    assert!(matches!(set("{", "/ceiling", "1"), Err(ClientError::Check(_))));
}

#[test]
fn lint_points_at_the_line() {
    let text = text();
    let points = look(&text)
        .criteria
        .into_iter()
        .find(|line| line.most.pointer.is_some());
    let pointer = points
        .expect("something is scored")
        .most
        .pointer
        .expect("its most points");
    let more = set(&text, &pointer, "99").expect("points");
    let found = look(&more);
    let sum = found
        .findings
        .iter()
        .find(|finding| finding.rule == "SC-2")
        .expect("it is not 100");
    assert_eq!(
        more.lines().nth(sum.line as usize - 1).map(str::trim),
        Some("\"criteria\": [")
    );
    assert_ne!(found.points, found.full_marks);

    let too_many = set(&text, "/candidates/max", "9").expect("a count");
    let finding = &look(&too_many).findings[0];
    assert_eq!(finding.rule, "RES-1");
    let line = too_many.lines().nth(finding.line as usize - 1).map(str::trim);
    assert_eq!(line, Some("\"max\": 9"));
}

#[test]
fn a_criterion_comes_and_goes_with_its_stage() {
    let text = text();
    let before = look(&text);
    let group = before
        .criteria
        .iter()
        .find(|line| line.group && !line.adds.is_empty())
        .expect("a scored group");
    let list = format!("{}/kind/group/criteria", group.pointer);
    for kind in ["range", "fixed", "pass_fail"] {
        let list = if kind == "pass_fail" { "/criteria" } else { &list };
        let more = add_criterion(&text, list, kind).expect("it can be added");
        let look = look(&more);
        assert!(
            !look.findings.iter().any(|finding| finding.rule == "RB-5"),
            "{kind}: a stage decides it"
        );
        let new: Vec<_> = look
            .criteria
            .iter()
            .filter(|line| !before.criteria.iter().any(|old| old.id == line.id))
            .collect();
        assert_eq!(new.len(), 1, "{kind}");
        assert_eq!(
            remove_criterion(&more, &new[0].pointer).expect("and taken out"),
            text,
            "{kind}"
        );
    }
    let first = format!("{list}/0");
    let without = remove_criterion(&text, &first).expect("one of the group");
    assert!(
        !look(&without)
            .findings
            .iter()
            .any(|finding| finding.rule == "RB-5")
    );
    assert!(remove_criterion(&text, "/stages/0").is_err());
    assert!(add_criterion(&text, "/criteria", "poetry").is_err());
}

#[test]
fn a_broken_text_says_where() {
    let text = text();
    let lines = text.lines().count() as u32;
    for (broken, line, word) in [
        (
            text.replace("\"currency\": \"CNY\",", "\"currency\": \"CNY\""),
            13,
            "comma",
        ),
        (text.replace("\"ceiling\"", "\"cieling\""), 13, "not known"),
        (text.replace("\"version\": 1,\n", ""), lines - 1, "missing"),
        (
            text.replace("\"version\": 1", "\"version\": \"1\""),
            3,
            "wrong type",
        ),
        (
            text[..400].to_owned(),
            text[..400].lines().count() as u32,
            "too early",
        ),
    ] {
        let problem = look(&broken).problem.expect("it does not read");
        assert_eq!(problem.line, line, "{problem:?}");
        assert!(problem.what.en.contains(word), "{problem:?}");
        assert!(look(&broken).fields.is_empty());
    }
    assert_eq!(
        look(&text.replace("\"ceiling\"", "\"cieling\""))
            .problem
            .and_then(|p| p.name)
            .as_deref(),
        Some("cieling")
    );
    let long = look(&" ".repeat(MAX_RULEBOOK_BYTES + 1));
    assert!(long.problem.expect("too long").what.en.contains("longer"));
}

#[test]
fn lines_that_are_not_filled_in_are_left_out() {
    let text = text();
    let mut bids = look(&text).asked.expect("it reads").bids;
    bids[1].price = "8,000".to_owned();
    let tried = try_out(&text, &bids, &[], 2);
    assert!(tried.bids[1].problem.is_some() && tried.bids[1].rank.is_none());
    assert!(tried.bids[2].rank.is_some() && tried.problem.is_none());
    let curve = tried.curve.expect("of the third");
    assert_eq!(curve.bid, 2);
    assert_eq!(
        curve.others.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [0, 3, 4]
    );
    assert!(curve.samples.len() <= 210);
    assert!(
        try_out(&text, &bids, &[], 1).curve.is_none(),
        "a line left out has no curve"
    );
    assert!(try_out("{", &bids, &[], 0).problem.is_some());
    let wrong = set(&text, "/aggregation/rounding/0/places", "21").expect("it reads");
    let tried = try_out(&wrong, &bids, &[], 0);
    assert_eq!(tried.blocking[0].rule, "RB-7");
}

#[test]
fn a_file_is_never_written_over_unasked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book");
    let path = path.display().to_string();
    let first = save(&path, "{}", None).expect("nothing stands there");
    assert!(first.written && first.path.ends_with("book.json"));
    let refused = save(&first.path, "{ }", None).expect("it answers");
    assert!(!refused.written);
    assert_eq!(refused.digest, first.digest, "of what stands there");
    assert_eq!(open(&first.path).expect("it is whole").text, "{}");
    let stale = save(&first.path, "{ }", Some("00")).expect("it answers");
    assert!(!stale.written);
    let over = save(&first.path, "{ }", Some(&first.digest)).expect("asked for");
    assert!(over.written);
    assert_eq!(open(&first.path).expect("it is whole").digest, over.digest);
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(names.len(), 1, "nothing is left beside it");
    std::fs::write(&first.path, [0xff, 0xfe]).expect("a file");
    assert!(matches!(open(&first.path), Err(ClientError::Check(_))));
    assert!(matches!(open("/nowhere/at/all.json"), Err(ClientError::File(_))));
}

#[test]
fn a_draft_is_kept_until_it_is_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(draft(folder.path()).expect("none yet"), None);
    let own = RulebookDraft {
        text: "{".to_owned(),
        path: None,
        saved: None,
    };
    keep_draft(folder.path(), Some(&own)).expect("kept");
    assert_eq!(draft(folder.path()).expect("it is there"), Some(own));
    keep_draft(folder.path(), None).expect("let go");
    keep_draft(folder.path(), None).expect("twice is nothing");
    assert_eq!(draft(folder.path()).expect("gone"), None);
}
