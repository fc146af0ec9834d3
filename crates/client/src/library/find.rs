//! Looking for words in the text of pages.

use protocol::window::{Hit, PageText, TextBox};
use unicode_normalization::UnicodeNormalization as _;

/// A character of the page as it is compared, and where it stands.
struct Letter {
    folded: char,
    line: usize,
    /// Byte in the line's text.
    at: usize,
    /// Bytes of the character as it stands there.
    length: usize,
}

/// Words as they are compared: NFKC, lower case, white space between letters of alphabets as one space and else none.
pub(super) struct Needle(Vec<char>);

impl Needle {
    /// `None` where nothing is left to look for.
    pub(super) fn new(words: &str) -> Option<Self> {
        let line = TextBox {
            text: words.to_owned(),
            place: (0.0, 0.0, 0.0, 0.0),
        };
        let letters = letters(std::slice::from_ref(&line));
        let needle: Vec<char> = letters.into_iter().map(|letter| letter.folded).collect();
        (!needle.is_empty()).then_some(Self(needle))
    }
}

/// Hits on a page, at most `most`, in reading order, without overlap.
pub(super) fn on_page(page: &PageText, needle: &Needle, most: usize) -> Vec<Found> {
    let letters = letters(&page.lines);
    let (needle, mut at) = (&needle.0, 0);
    let mut found = Vec::new();
    while found.len() < most && at + needle.len() <= letters.len() {
        let window = &letters[at..at + needle.len()];
        if window
            .iter()
            .zip(needle)
            .all(|(letter, wanted)| letter.folded == *wanted)
        {
            found.push(hit(&page.lines, window));
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

/// A hit, before it is said in which document.
pub(super) struct Found {
    before: String,
    hit: String,
    after: String,
    place: (f32, f32, f32, f32),
}

impl Found {
    pub(super) fn of(self, document: &str, page: u32) -> Hit {
        Hit {
            document: document.to_owned(),
            page,
            before: self.before,
            hit: self.hit,
            after: self.after,
            place: self.place,
        }
    }
}

/// Han characters and their like run on across lines and lose their spaces; words of alphabets keep one.
fn letters(lines: &[TextBox]) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::new();
    for (line, TextBox { text, .. }) in lines.iter().enumerate() {
        let mut gap = line > 0;
        for (at, letter) in text.char_indices() {
            if letter.is_whitespace() {
                gap = true;
                continue;
            }
            for folded in letter.nfkc().flat_map(char::to_lowercase) {
                if folded.is_whitespace() {
                    gap = true;
                    continue;
                }
                let apart = letters
                    .last()
                    .is_some_and(|last| is_alphabet(last.folded) && is_alphabet(folded));
                if gap && apart {
                    letters.push(Letter {
                        folded: ' ',
                        line,
                        at,
                        length: 0,
                    });
                }
                gap = false;
                letters.push(Letter {
                    folded,
                    line,
                    at,
                    length: letter.len_utf8(),
                });
            }
        }
    }
    letters
}

/// Whether words of this script are written apart.
fn is_alphabet(letter: char) -> bool {
    let han = matches!(letter, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    letter.is_alphanumeric() && !han
}

fn hit(lines: &[TextBox], letters: &[Letter]) -> Found {
    // A needle has at least one letter, and begins and ends with one.
    let (first, last) = (&letters[0], &letters[letters.len() - 1]);
    let (begin, end) = (first.at, last.at + last.length);
    let opening = &lines[first.line];
    let (hit, part_end) = if first.line == last.line {
        (opening.text[begin..end].to_owned(), end)
    } else {
        let mut hit = opening.text[begin..].to_owned();
        for line in &lines[first.line + 1..last.line] {
            run_on(&mut hit, &line.text);
        }
        run_on(&mut hit, &lines[last.line].text[..end]);
        (hit, opening.text.len())
    };
    Found {
        before: opening.text[..begin].to_owned(),
        hit,
        after: lines[last.line].text[end..].to_owned(),
        place: part(opening, begin, part_end),
    }
}

/// Puts the next line behind, apart where words would run together.
fn run_on(text: &mut String, line: &str) {
    let (before, after) = (text.chars().last(), line.chars().next());
    if before.is_some_and(is_alphabet) && after.is_some_and(is_alphabet) {
        text.push(' ');
    }
    text.push_str(line);
}

/// The part of a line between two bytes of its text, taking all its characters as equally wide (full-width ones twice).
fn part(line: &TextBox, begin: usize, end: usize) -> (f32, f32, f32, f32) {
    let measure = |text: &str| -> f32 {
        text.chars()
            .map(|c| if u32::from(c) > 0x2e7f { 2.0 } else { 1.0 })
            .sum()
    };
    let whole = measure(&line.text).max(1.0);
    let (from, to) = (
        measure(&line.text[..begin]) / whole,
        measure(&line.text[..end]) / whole,
    );
    let (left, top, width, height) = line.place;
    // A page is about as wide as high, so a line that is taller than wide runs downwards.
    if height > width && line.text.chars().count() > 1 {
        (left, top + height * from, width, height * (to - from))
    } else {
        (left + width * from, top, width * (to - from), height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(lines: &[&str]) -> PageText {
        let lines = lines.iter().enumerate().map(|(at, text)| TextBox {
            text: (*text).to_owned(),
            place: (0.1, 0.1 * at as f32, 0.8, 0.02),
        });
        PageText {
            lines: lines.collect(),
        }
    }

    fn found(lines: &[&str], words: &str) -> Vec<(String, String, String)> {
        let needle = Needle::new(words).expect("something to look for");
        on_page(&page(lines), &needle, 500)
            .into_iter()
            .map(|found| (found.before, found.hit, found.after))
            .collect()
    }

    fn one(before: &str, hit: &str, after: &str) -> Vec<(String, String, String)> {
        vec![(before.to_owned(), hit.to_owned(), after.to_owned())]
    }

    #[test]
    fn chinese_is_found_across_lines_and_spaces() {
        let lines = ["投标人应当提供数字档", "案长期保存系统的", "方案。"];
        assert_eq!(
            found(&lines, "数字档案"),
            one("投标人应当提供", "数字档案", "长期保存系统的")
        );
        assert_eq!(found(&lines, "系统的方案"), one("案长期保存", "系统的方案", "。"));
        assert_eq!(
            found(&["评 标 委 员 会"], "评标委员会"),
            one("", "评 标 委 员 会", "")
        );
        assert_eq!(found(&["评标委员会"], "评标 委员会"), one("", "评标委员会", ""));
        assert!(found(&lines, "档案袋").is_empty());
    }

    #[test]
    fn forms_of_width_and_case_do_not_matter() {
        assert_eq!(
            found(&["型号ＡＢＣ－１２３（新）"], "abc-123(新)"),
            one("型号", "ＡＢＣ－１２３（新）", "")
        );
        assert_eq!(found(&["Straße ÀB"], "àb"), one("Straße ", "ÀB", ""));
        assert_eq!(found(&["㎡单价"], "m2"), one("", "㎡", "单价"));
    }

    #[test]
    fn words_of_alphabets_stay_apart() {
        let lines = ["the long", "term  store"];
        assert_eq!(
            found(&lines, "Long term store"),
            one("the ", "long term  store", "")
        );
        assert!(found(&["no", "table"], "notable").is_empty());
        assert_eq!(found(&["采用 ISO 标准"], "用iso标"), one("采", "用 ISO 标", "准"));
    }

    #[test]
    fn hits_stand_where_they_are_and_keep_their_number() {
        let needle = Needle::new("乙").expect("a character");
        let hits = on_page(&page(&["甲乙丙丁"]), &needle, 500);
        let (left, top, width, height) = hits[0].place;
        assert!(
            (left - 0.3).abs() < 1e-5 && (width - 0.2).abs() < 1e-5,
            "{left} {width}"
        );
        assert!(top.abs() < 1e-5 && (height - 0.02).abs() < 1e-5);
        assert_eq!(on_page(&page(&["乙乙乙乙"]), &needle, 3).len(), 3);
        assert!(Needle::new(" \t　").is_none());
    }
}
