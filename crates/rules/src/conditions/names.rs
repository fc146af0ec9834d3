//! Names, such as those of certificates, that stand in conditions of two kinds.

use std::cmp::Ordering;

use super::rules::Repeats;
use super::sentence::plain;
use super::{ConditionKind, Conditions};

/// The longest name without its ending, in characters.
const MAX_NAME: usize = 30;

/// What a [`Repeats`] looks for in one file of conditions.
pub(crate) struct Names {
    endings: Vec<Vec<char>>,
    leads: Vec<Vec<char>>,
    least: usize,
    /// Texts of the conditions of the other kind.
    texts: Vec<Vec<char>>,
    /// Where an ending ends in them, text and place, in the order of what stands before it read backwards: whether a
    /// name stands there is one search in this list.
    ends: Vec<(usize, usize)>,
}

impl Names {
    pub(crate) fn of(repeats: &Repeats, conditions: &Conditions) -> Self {
        let words = |words: &[String]| words.iter().map(|word| plain(word)).collect();
        let of_kind = |kind: ConditionKind| {
            let all = conditions.conditions.iter();
            all.filter(move |condition| condition.kind == kind)
        };
        let mut names = Self {
            endings: words(&repeats.endings),
            leads: words(&repeats.leads),
            least: repeats.least,
            texts: of_kind(repeats.of)
                .map(|condition| plain(&condition.text))
                .collect(),
            ends: Vec::new(),
        };
        let mut ends = Vec::new();
        for (text, chars) in names.texts.iter().enumerate() {
            let places = (0..chars.len()).flat_map(|at| {
                let here = names
                    .endings
                    .iter()
                    .filter(move |ending| chars[at..].starts_with(ending));
                here.map(move |ending| (text, at + ending.len()))
            });
            ends.extend(places);
        }
        ends.sort_by(|a, b| names.backwards(*a).cmp(names.backwards(*b)));
        names.ends = ends;
        names
    }

    /// What stands before this place, backwards, as far as a name can reach.
    fn backwards(&self, (text, end): (usize, usize)) -> impl Iterator<Item = &char> {
        let longest = self.endings.iter().map(Vec::len).max().unwrap_or(0);
        self.texts[text][..end].iter().rev().take(MAX_NAME + longest)
    }

    fn known(&self, name: &[char]) -> bool {
        let before = |end: &(usize, usize)| self.backwards(*end).cmp(name.iter().rev()) == Ordering::Less;
        let first = self.ends.partition_point(before);
        let next = self.ends.get(first);
        next.is_some_and(|(text, end)| self.texts[*text][..*end].ends_with(name))
    }

    /// The first name in these characters that stands in a condition of the other kind: from and to.
    pub(crate) fn find(&self, chars: &[char]) -> Option<(usize, usize)> {
        (0..chars.len()).find_map(|at| {
            let ending = self
                .endings
                .iter()
                .find(|ending| chars[at..].starts_with(ending))?;
            let (from, to) = (self.begins(chars, at), at + ending.len());
            let name = &chars[from..to];
            (name.len() >= self.least && self.known(name)).then_some((from, to))
        })
    }

    /// Where the name whose ending is here begins: after the last lead or sign.
    fn begins(&self, chars: &[char], ending: usize) -> usize {
        let mut from = ending;
        while from > 0 && ending - from < MAX_NAME {
            let lead = self.leads.iter().any(|lead| chars[..from].ends_with(lead));
            if lead || !chars[from - 1].is_alphanumeric() {
                break;
            }
            from -= 1;
        }
        from
    }
}
