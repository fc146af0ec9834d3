//! Sentences of a condition, and their characters in the one way in which they are compared.

/// One sentence: as it stands, and as it is compared.
#[derive(Debug, Clone)]
pub(crate) struct Sentence<'a> {
    text: &'a str,
    plain: Plain,
}

impl<'a> Sentence<'a> {
    /// The sentence as it stands, without white space around it.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Its characters as they are compared.
    pub(crate) fn plain(&self) -> &Plain {
        &self.plain
    }

    /// The words as they stand that these compared characters come from.
    pub(crate) fn words(&self, from: usize, to: usize) -> &'a str {
        let start = self.plain.starts.get(from).copied().unwrap_or(self.text.len());
        let last = to.checked_sub(1).and_then(|last| self.plain.starts.get(last));
        let end = last.map_or(start, |last| {
            let length = self.text[*last..].chars().next().map_or(0, char::len_utf8);
            last + length
        });
        self.text.get(start..end).unwrap_or_default()
    }
}

/// The sentences of a text. They end at 。；;！？!?, at the end of a line, and at a full stop that is not within a
/// number, an abbreviation or an address.
pub(crate) fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, this)) = chars.next() {
        let after = chars.peek().map(|(_, after)| *after);
        if ends(before, this, after) {
            push(&text[start..at], &mut sentences);
            start = at + this.len_utf8();
        }
        before = Some(this);
    }
    push(&text[start..], &mut sentences);
    sentences
}

fn ends(before: Option<char>, this: char, after: Option<char>) -> bool {
    match this {
        '。' | '；' | ';' | '！' | '？' | '!' | '?' | '\n' | '\r' => true,
        '.' | '．' => {
            let digit = before.is_some_and(|before| folded(before).is_ascii_digit());
            !digit && after.is_none_or(|after| !folded(after).is_ascii_alphanumeric())
        }
        _ => false,
    }
}

fn push<'a>(text: &'a str, sentences: &mut Vec<Sentence<'a>>) {
    let text = text.trim();
    if !text.is_empty() {
        sentences.push(Sentence {
            text,
            plain: Plain::of(text),
        });
    }
}

/// Characters as they are compared: digits, letters and signs of full width as those of half width, letters small,
/// white space only between two words of letters or digits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plain {
    chars: Vec<char>,
    /// Where each of them begins in the text, in bytes.
    starts: Vec<usize>,
    /// Which characters there are; see [`mask`].
    mask: u128,
}

/// One of 128 bits for each character: text that lacks a bit of a word does not have the word.
pub(crate) fn mask(chars: &[char]) -> u128 {
    let bits = chars.iter().map(|this| 1 << (u32::from(*this) % 127));
    bits.fold(0, |mask, bit: u128| mask | bit)
}

impl Plain {
    /// The characters.
    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Whether all characters of this mask may be there.
    pub(crate) fn may_have(&self, mask: u128) -> bool {
        mask & !self.mask == 0
    }

    /// A text as it is compared.
    pub(crate) fn of(text: &str) -> Self {
        let mut plain = Self::default();
        let mut space = None;
        for (at, this) in text.char_indices() {
            if this.is_whitespace() {
                space = Some(at);
                continue;
            }
            let this = folded(this);
            let word = |char: &char| char.is_ascii_alphabetic();
            if let Some(space) = space.take()
                && plain.chars.last().is_some_and(word)
                && word(&this)
            {
                plain.chars.push(' ');
                plain.starts.push(space);
            }
            plain.chars.push(this);
            plain.starts.push(at);
        }
        plain.mask = mask(&plain.chars);
        plain
    }
}

/// The characters of a text as they are compared.
pub(crate) fn plain(text: &str) -> Vec<char> {
    Plain::of(text).chars
}

fn folded(this: char) -> char {
    let code = u32::from(this);
    let half = if (0xff01..=0xff5e).contains(&code) {
        char::from_u32(code - 0xfee0).unwrap_or(this)
    } else {
        this
    };
    half.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).iter().map(Sentence::text).collect()
    }

    #[test]
    fn sentences_end_at_stops_but_not_within_numbers() {
        let table: [(&str, &[&str]); 7] = [
            (
                "甲。乙；丙;丁！戊？己\n庚",
                &["甲", "乙", "丙", "丁", "戊", "己", "庚"],
            ),
            ("不低于2.5万元。3.1.2 条", &["不低于2.5万元", "3.1.2 条"]),
            ("23．2 响应文件", &["23．2 响应文件"]),
            ("1.具有资质", &["1.具有资质"]),
            ("Have a branch. Give proof.", &["Have a branch", "Give proof"]),
            ("见 www.example.com 网站", &["见 www.example.com 网站"]),
            ("。；\n  ", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn widths_cases_and_spaces_are_one_and_the_words_stay_as_they_stand() {
        let text = "注册 资本　不低于 ５００ 万元，ＩＳＯ 9001 Big Data";
        let sentence = &sentences(text)[0];
        let compared: String = sentence.plain().chars().iter().collect();
        assert_eq!(compared, "注册资本不低于500万元,iso9001big data");
        assert_eq!(sentence.words(0, 4), "注册 资本");
        assert_eq!(sentence.words(7, 10), "５００");
        assert_eq!(sentence.words(3, 3), "");
    }
}
