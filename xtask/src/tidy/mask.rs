//! Rust text with comments and literals blanked out, so that a search sees code only.

/// The same text, byte for byte as long and with the same lines, but comments, strings and characters are spaces.
pub(crate) fn mask(text: &str) -> String {
    let mut masker = Masker {
        text: text.as_bytes(),
        code: text.as_bytes().to_vec(),
        at: 0,
    };
    masker.run();
    String::from_utf8(masker.code).expect("whole literals and comments were blanked, never half a character")
}

struct Masker<'a> {
    text: &'a [u8],
    code: Vec<u8>,
    at: usize,
}

impl Masker<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            let start = self.at;
            match byte {
                b'/' if self.looking_at(b"//") => self.blank_until(start, |masker| masker.looking_at(b"\n")),
                b'/' if self.looking_at(b"/*") => self.blank_block_comment(),
                b'"' => self.blank_string(),
                b'\'' => self.blank_character(),
                _ if is_word(byte) => self.pass_word(),
                _ => self.at += 1,
            }
        }
    }

    fn looking_at(&self, expected: &[u8]) -> bool {
        self.text[self.at..].starts_with(expected)
    }

    fn blank(&mut self, start: usize) {
        let end = self.at.min(self.text.len());
        for byte in &mut self.code[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn blank_until(&mut self, start: usize, end: impl Fn(&Self) -> bool) {
        while self.at < self.text.len() && !end(self) {
            self.at += 1;
        }
        self.blank(start);
    }

    /// Block comments nest.
    fn blank_block_comment(&mut self) {
        let (start, mut depth) = (self.at, 0);
        while self.at < self.text.len() {
            if self.looking_at(b"/*") {
                depth += 1;
                self.at += 2;
            } else if self.looking_at(b"*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                self.at += 1;
            }
        }
        self.blank(start);
    }

    fn blank_string(&mut self) {
        let start = self.at;
        self.at += 1;
        while let Some(&byte) = self.text.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.blank(start);
    }

    /// A character ends with a quote after one character or one escape; everything else is a lifetime.
    fn blank_character(&mut self) {
        let start = self.at;
        self.at += 1;
        if self.looking_at(b"\\") {
            self.at += 2;
            self.blank_until(start, |masker| masker.looking_at(b"'"));
            self.at += 1;
            self.blank(start);
            return;
        }
        let first = self.text.get(self.at).copied().unwrap_or(b' ');
        let length = match first {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        if self.text.get(self.at + length) == Some(&b'\'') {
            self.at += length + 1;
            self.blank(start);
        }
    }

    /// A word; or, if it is the prefix of a raw string, that string.
    fn pass_word(&mut self) {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|byte| is_word(*byte)) {
            self.at += 1;
        }
        if !matches!(&self.text[start..self.at], b"r" | b"br" | b"cr") {
            return;
        }
        let hashes = self.text[self.at..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        if self.text.get(self.at + hashes) != Some(&b'"') {
            return;
        }
        let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
        self.at += hashes + 1;
        self.blank_until(start, |masker| masker.looking_at(&end));
        self.at += end.len();
        self.blank(start);
    }
}

/// Bytes of words; those of characters beyond ASCII count as well.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the word stands alone, not as a part of a longer one. A word may be a path such as `std::fs`.
pub(crate) fn find_word<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at + word.len()).copied();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The line, counted from 1, of a place in the text.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of the code, without the blanks.
    fn left(text: &str) -> String {
        let code = mask(text);
        assert_eq!(code.len(), text.len());
        assert_eq!(code.matches('\n').count(), text.matches('\n').count());
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_literals_are_blanked_and_code_is_left() {
        let table = [
            ("a // f64\nb", "a b"),
            ("a /* f64 /* f64 */ f64 */ b", "a b"),
            ("a \"f64 \\\" f64\" b", "a b"),
            ("a \"// no comment\" b", "a b"),
            ("a r\"f64 \\\" b", "a b"),
            ("a r#\"f64 \" f64\"# b", "a b"),
            ("a br##\"f64 \"# f64\"## b", "a b"),
            ("a b\"f64\" c", "a b c"),
            ("a '\"' b '\\'' c '\\u{1F600}' d '中' e", "a b c d e"),
            (
                "fn f<'a>(x: &'a str, y: &'static str)",
                "fn f<'a>(x: &'a str, y: &'static str)",
            ),
            ("r#type = 1", "r#type = 1"),
            ("a \"中文\n中文\" b", "a b"),
            ("a \"open", "a"),
            ("a /* open", "a"),
        ];
        for (text, expected) in table {
            assert_eq!(left(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_found_whole() {
        assert_eq!(
            find_word("f64 xf64 f64x (f64)", "f64").collect::<Vec<_>>(),
            [0, 15]
        );
        assert_eq!(find_word("a::std::fs::read", "std::fs").collect::<Vec<_>>(), [3]);
        assert_eq!(find_word("std::fsx", "std::fs").count(), 0);
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!((line_of("a\nb", 0), line_of("a\nb", 2)), (1, 2));
    }
}
