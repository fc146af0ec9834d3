//! A result beside what was published of it.

use std::fmt;

use super::{Case, ExpectedBidder};
use crate::decimal::Decimal;
use crate::derivation::Figure;
use crate::ids::BidderId;
use crate::outcome::{BidderOutcome, Outcome, Standing};

/// Something that was published and is not what is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `B1:total`, `winner`.
    pub what: String,
    /// As published.
    pub published: String,
    /// As computed.
    pub computed: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            published,
            computed,
        } = self;
        write!(f, "{what}: published {published}, computed {computed}")
    }
}

impl Case {
    /// Everything published that differs from this outcome. Numbers are compared as they are shown, digit by digit.
    pub fn differences(&self, outcome: &Outcome) -> Vec<Difference> {
        let mut found = Vec::new();
        for (bidder, expected) in &self.expected.bidders {
            match outcome.bidders.get(bidder) {
                Some(computed) => of_bidder(bidder, expected, computed, &mut found),
                None => found.push(difference(bidder.to_string(), "a bidder", "none")),
            }
        }
        let base = outcome.price_base.as_ref();
        compare("base".to_owned(), self.expected.base.as_ref(), base, &mut found);
        for (step, expected) in &self.expected.steps {
            let node = outcome.derivation.get(&format!("step:{step}"));
            let computed = node.map_or("nothing", |node| node.shown.as_str());
            if computed != expected.to_string() {
                found.push(difference(format!("step:{step}"), expected, computed));
            }
        }
        if let Some(winner) = &self.expected.winner {
            let first: Vec<String> = outcome
                .ranking
                .iter()
                .filter(|line| line.rank == 1)
                .map(|line| line.bidder.to_string())
                .collect();
            if first != [winner.to_string()] {
                found.push(difference("winner".to_owned(), winner, first.join(", ")));
            }
        }
        if let Some(candidates) = &self.expected.candidates {
            let listed = |ids: &mut dyn Iterator<Item = &BidderId>| {
                ids.map(ToString::to_string).collect::<Vec<_>>().join(", ")
            };
            let published = listed(&mut candidates.iter());
            let computed = listed(&mut outcome.candidates.iter().map(|line| &line.bidder));
            if published != computed {
                found.push(difference("candidates".to_owned(), published, computed));
            }
        }
        found
    }
}

fn of_bidder(
    bidder: &BidderId,
    expected: &ExpectedBidder,
    computed: &BidderOutcome,
    found: &mut Vec<Difference>,
) {
    for (id, published) in &expected.criteria {
        let figure = computed.criteria.get(id);
        compare(format!("{bidder}:criterion:{id}"), Some(published), figure, found);
    }
    for (id, published) in &expected.blocks {
        compare(
            format!("{bidder}:block:{id}"),
            Some(published),
            computed.blocks.get(id),
            found,
        );
    }
    for (what, published, figure) in [
        ("technical", &expected.technical, &computed.technical),
        (
            "evaluated_price",
            &expected.evaluated_price,
            &computed.evaluated_price,
        ),
        ("price_points", &expected.price_points, &computed.price_points),
        ("total", &expected.total, &computed.total),
    ] {
        compare(
            format!("{bidder}:{what}"),
            published.as_ref(),
            figure.as_ref(),
            found,
        );
    }
    let (rank, rejected) = match &computed.standing {
        Standing::Ranked(rank) => (Some(*rank), false),
        Standing::Rejected(_) => (None, true),
        Standing::Stopped => (None, false),
    };
    if expected.rank.is_some() && expected.rank != rank {
        let said = |rank: Option<u32>| rank.map_or_else(|| "none".to_owned(), |rank| rank.to_string());
        found.push(difference(
            format!("{bidder}:rank"),
            said(expected.rank),
            said(rank),
        ));
    }
    if expected.rejected.is_some_and(|published| published != rejected) {
        found.push(difference(format!("{bidder}:rejected"), !rejected, rejected));
    }
}

fn compare(
    what: String,
    published: Option<&Decimal>,
    computed: Option<&Figure>,
    found: &mut Vec<Difference>,
) {
    let Some(published) = published else { return };
    let computed = computed.map_or("nothing", |figure| figure.shown.as_str());
    if computed != published.to_string() {
        found.push(difference(what, published, computed));
    }
}

fn difference(what: String, published: impl ToString, computed: impl ToString) -> Difference {
    Difference {
        what,
        published: published.to_string(),
        computed: computed.to_string(),
    }
}
