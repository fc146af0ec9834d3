//! Phrases: the small language in which rules say what they look for.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::sentence::{Plain, mask, plain};

/// The longest phrase, in bytes.
pub const MAX_PHRASE_BYTES: usize = 2_000;

/// The most characters that `…` passes over.
const GAP: usize = 12;
/// The most that `……` passes over.
const LONG_GAP: usize = 40;
/// Gaps in one way of a phrase, so that no search is long.
const MAX_GAPS: usize = 3;

/// A phrase, read once and kept as it was written. `a|b` is a or b; `…` is up to 12 characters, `……` up to 40; `#` a
/// number in digits or in Chinese; `<name>` any word of the list of that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phrase {
    text: String,
    ways: Vec<Way>,
}

/// One of the ways between `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Way {
    pieces: Vec<Piece>,
    /// The characters of its texts, which a sentence must have.
    mask: u128,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Vec<char>),
    Gap(usize),
    Number,
    Words(String),
}

/// Why a text is no phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Nothing to look for.
    #[error("a phrase, and every way of it between `|`, has words; none begins or ends with a gap")]
    Empty,
    /// A list's name without end.
    #[error("`<` begins the name of a list of words and needs its `>`")]
    Open,
    /// Too long to search.
    #[error("a phrase has at most {MAX_PHRASE_BYTES} bytes, and each way of it at most {MAX_GAPS} gaps")]
    TooLong,
}

impl TryFrom<String> for Phrase {
    type Error = PhraseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > MAX_PHRASE_BYTES {
            return Err(PhraseError::TooLong);
        }
        let ways = text.split('|').map(way).collect::<Result<_, _>>()?;
        Ok(Self { text, ways })
    }
}

impl From<Phrase> for String {
    fn from(phrase: Phrase) -> Self {
        phrase.text
    }
}

impl JsonSchema for Phrase {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Phrase".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "What is looked for: `a|b` is a or b; `…` up to 12 characters, `……` up to 40; `#` a number; `<name>` a word of that list.",
            "minLength": 1,
            "maxLength": MAX_PHRASE_BYTES,
        })
    }
}

fn way(text: &str) -> Result<Way, PhraseError> {
    let mut pieces = Vec::new();
    let mut chars = plain(text).into_iter().peekable();
    while let Some(this) = chars.next() {
        match this {
            '…' => {
                let long = chars.next_if_eq(&'…').is_some();
                pieces.push(Piece::Gap(if long { LONG_GAP } else { GAP }));
            }
            '#' => pieces.push(Piece::Number),
            '<' => {
                let mut name = String::new();
                loop {
                    match chars.next() {
                        Some('>') => break,
                        Some(next) => name.push(next),
                        None => return Err(PhraseError::Open),
                    }
                }
                pieces.push(Piece::Words(name));
            }
            _ => match pieces.last_mut() {
                Some(Piece::Text(text)) => text.push(this),
                _ => pieces.push(Piece::Text(vec![this])),
            },
        }
    }
    let gap = |piece: &&Piece| matches!(piece, Piece::Gap(_));
    if pieces.iter().filter(gap).count() > MAX_GAPS {
        return Err(PhraseError::TooLong);
    }
    if pieces.is_empty() || pieces.first().filter(gap).is_some() || pieces.last().filter(gap).is_some() {
        return Err(PhraseError::Empty);
    }
    let masks = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => mask(text),
        _ => 0,
    });
    let mask = masks.fold(0, |all, one| all | one);
    Ok(Way { pieces, mask })
}

/// Lists of words by name, as they are compared.
pub(crate) type Words = BTreeMap<String, Vec<Word>>;

/// A word of a list.
pub(crate) struct Word {
    chars: Vec<char>,
    mask: u128,
}

impl Word {
    pub(crate) fn of(text: &str) -> Self {
        let chars = plain(text);
        let mask = mask(&chars);
        Self { chars, mask }
    }
}

/// A piece of a way that may stand in one text, with only those words that may.
enum Step<'a> {
    Any(Vec<&'a [char]>),
    Gap(usize),
    Number,
}

impl Phrase {
    /// The phrase as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Names of the lists it reads.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &str> {
        let pieces = self.ways.iter().flat_map(|way| &way.pieces);
        pieces.filter_map(|piece| match piece {
            Piece::Words(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The first place where it stands: from and to, in characters.
    pub(crate) fn find(&self, text: &Plain, words: &Words) -> Option<(usize, usize)> {
        let ways: Vec<Vec<Step<'_>>> = self
            .ways
            .iter()
            .filter_map(|way| way.steps(text, words))
            .collect();
        if ways.is_empty() {
            return None;
        }
        let chars = text.chars();
        (0..chars.len()).find_map(|from| {
            let mut ways = ways.iter();
            ways.find_map(|way| end(way, chars, from)).map(|to| (from, to))
        })
    }
}

impl Way {
    /// Its steps, if this text may have it.
    fn steps<'a>(&'a self, text: &Plain, words: &'a Words) -> Option<Vec<Step<'a>>> {
        if !text.may_have(self.mask) {
            return None;
        }
        let step = |piece: &'a Piece| match piece {
            Piece::Text(text) => Some(Step::Any(vec![text])),
            Piece::Gap(most) => Some(Step::Gap(*most)),
            Piece::Number => Some(Step::Number),
            Piece::Words(name) => {
                let list = words.get(name)?.iter();
                let may = list.filter(|word| text.may_have(word.mask));
                let may: Vec<&[char]> = may.map(|word| word.chars.as_slice()).collect();
                (!may.is_empty()).then_some(Step::Any(may))
            }
        };
        self.pieces.iter().map(step).collect()
    }
}

/// Where the steps end if they begin here.
fn end(steps: &[Step<'_>], chars: &[char], at: usize) -> Option<usize> {
    let Some((first, rest)) = steps.split_first() else {
        return Some(at);
    };
    match first {
        Step::Any(words) => words.iter().find_map(|word| {
            let to = chars.get(at..)?.starts_with(word).then_some(at + word.len())?;
            end(rest, chars, to)
        }),
        Step::Gap(most) => (0..=*most).find_map(|passed| end(rest, chars, at + passed)),
        Step::Number => end(rest, chars, number(chars, at)?),
    }
}

/// Where a number that begins here ends.
fn number(chars: &[char], at: usize) -> Option<usize> {
    let run = |of: fn(char) -> bool| {
        let length = chars.get(at..)?.iter().take_while(|char| of(**char)).count();
        (length > 0).then_some(at + length)
    };
    let western = |char: char| char.is_ascii_digit() || matches!(char, '.' | ',');
    let chinese = |char: char| "零〇一二两三四五六七八九十百千".contains(char);
    match chars.get(at)? {
        digit if digit.is_ascii_digit() => run(western),
        digit if chinese(*digit) => run(chinese),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> Option<String> {
        let phrase = Phrase::try_from(phrase.to_owned()).expect("it is a phrase");
        let words = Words::from([("地".to_owned(), vec![Word::of("本市"), Word::of("上海")])]);
        let text = Plain::of(text);
        let (from, to) = phrase.find(&text, &words)?;
        Some(text.chars()[from..to].iter().collect())
    }

    #[test]
    fn the_language_means_what_it_says() {
        let table = [
            ("资本", "注册资本", Some("资本")),
            ("甲|资本", "注册资本", Some("资本")),
            (
                "注册…#万",
                "注册资本不低于５００万元",
                Some("注册资本不低于500万"),
            ),
            ("成立#年", "成立三年以上", Some("成立三年")),
            ("成立#年", "成立满三年", None),
            ("<地>…业绩", "在上海市的业绩", Some("上海市的业绩")),
            ("<地>…业绩", "北京的业绩", None),
            ("甲…乙", "甲一二三四五六七八九十一二三乙", None),
            (
                "甲……乙",
                "甲一二三四五六七八九十一二三乙",
                Some("甲一二三四五六七八九十一二三乙"),
            ),
            ("ISO 9001", "iso9001", Some("iso9001")),
        ];
        for (phrase, text, expected) in table {
            assert_eq!(found(phrase, text).as_deref(), expected, "{phrase} in {text}");
        }
    }

    #[test]
    fn what_is_no_phrase_is_refused() {
        let refused = |text: &str| Phrase::try_from(text.to_owned()).expect_err(text);
        for text in ["", " ", "甲|", "…甲", "甲…"] {
            assert_eq!(refused(text), PhraseError::Empty, "{text}");
        }
        assert_eq!(refused("甲<地"), PhraseError::Open);
        assert_eq!(refused("甲…乙…丙…丁…戊"), PhraseError::TooLong);
        assert_eq!(refused(&"长".repeat(MAX_PHRASE_BYTES)), PhraseError::TooLong);
    }
}
