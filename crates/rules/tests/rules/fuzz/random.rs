//! Chance from a seed: the same seed and number give the same input on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014): short, and good enough to choose by.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut chance = Self(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        chance.next();
        chance
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is above zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a length");
        usize::try_from(self.next() % bound).expect("below a length")
    }

    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn of<'a, T>(&mut self, choice: &'a [T]) -> &'a T {
        &choice[self.below(choice.len())]
    }

    /// An expression: mostly one that reads, sometimes tokens in a row.
    pub(super) fn expression(&mut self) -> String {
        if self.one_in(4) {
            let count = 1 + self.below(20);
            let tokens: Vec<&str> = (0..count).map(|_| *self.of(&TOKENS)).collect();
            return tokens.join(" ");
        }
        self.number(4)
    }

    /// A condition, likewise.
    pub(super) fn condition(&mut self) -> String {
        if self.one_in(8) {
            self.expression()
        } else {
            self.truth(3)
        }
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.one_in(4) {
            return (*self.of(&ATOMS)).to_owned();
        }
        let depth = depth - 1;
        match self.below(9) {
            0 | 1 => {
                let operator = *self.of(&["+", "-", "*", "/"]);
                format!("({} {operator} {})", self.number(depth), self.number(depth))
            }
            2 => format!("-{}", self.number(depth)),
            3 => format!(
                "if({}, {}, {})",
                self.truth(depth),
                self.number(depth),
                self.number(depth)
            ),
            4 if self.one_in(2) => format!("table(\"t\", {})", self.number(depth)),
            4 => {
                let function = *self.of(&["min", "max"]);
                format!("{function}({}, {})", self.number(depth), self.number(depth))
            }
            5 => {
                let function = *self.of(&["half_up", "half_even", "truncate", "up", "down", "sqrt", "power"]);
                let places = self.below(17);
                format!("{function}({}, {places})", self.number(depth))
            }
            6 => format!("abs({})", self.number(depth)),
            _ => self.statistic(depth),
        }
    }

    fn statistic(&mut self, depth: usize) -> String {
        let bids = *self.of(&["", "", "", " in near"]);
        match self.below(4) {
            0 => {
                let (low, high) = (self.below(3), self.below(3));
                format!("trimmed_mean_of({}, {low}, {high}{bids})", self.number(depth))
            }
            1 => {
                let place = 1 + self.below(4);
                format!("nth_of({}, {place}{bids})", self.number(depth))
            }
            2 => format!("count_of({}{bids})", self.truth(depth)),
            _ => {
                let statistic = *self.of(&["min_of", "max_of", "sum_of", "mean_of", "median_of", "rank_of"]);
                format!("{statistic}({}{bids})", self.number(depth))
            }
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth > 0 && self.one_in(3) {
            let word = *self.of(&["and", "or"]);
            return format!("({} {word} not {})", self.truth(depth - 1), self.truth(depth - 1));
        }
        let comparison = *self.of(&["<", "<=", "=", "!=", ">=", ">"]);
        let depth = depth.saturating_sub(1);
        format!("{} {comparison} {}", self.number(depth), self.number(depth))
    }
}

const ATOMS: [&str; 16] = [
    "p",
    "p",
    "p",
    "price",
    "technical",
    "full",
    "ceiling",
    "budget",
    "base",
    "points",
    "0",
    "1",
    "100",
    "5 %",
    "0.0000000000000000000000000000000000001",
    "9999999999999999999999999999999999999999",
];

const TOKENS: [&str; 40] = [
    "p", "price", "full", "base", "near", "1", "0", "007", "1.2.3", "5%", "+", "-", "*", "/", "×", "(", ")",
    ",", "<", "<=", "=", "!=", "and", "or", "not", "in", "if", "min_of", "rank_of(", "table", "fact(",
    "block(", "\"T\"", "\"", "价格", "\u{0}", "\u{202e}", "power", "sqrt(", "exp",
];
