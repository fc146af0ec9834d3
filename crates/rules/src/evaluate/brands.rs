//! Goods of one brand (MIN-3, 87号令 31).

use std::collections::{BTreeMap, BTreeSet};

use super::Progress;
use crate::ids::BidderId;
use crate::outcome::{Candidate, Ground};
use crate::text::Text;

const RULE: &str = "MIN-3";

impl Progress<'_> {
    /// The brand of a bid, where brands count once.
    fn brand(&self, bidder: &BidderId) -> Option<&str> {
        self.case.rulebook.same_brand?;
        self.case.bidders.get(bidder)?.brand.as_deref()
    }

    /// How many bidders these count as.
    pub(super) fn distinct(&self, bidders: &[BidderId]) -> usize {
        let brands: BTreeSet<&str> = bidders.iter().filter_map(|bidder| self.brand(bidder)).collect();
        let alone = bidders.iter().filter(|bidder| self.brand(bidder).is_none());
        brands.len() + alone.count()
    }

    /// Where the lowest price decides, only the lowest of a brand takes part. Of equal ones all stay, with a remark:
    /// that is for a draw.
    pub(super) fn keep_lowest_of_brand(&mut self) {
        if self.case.rulebook.gives_points() {
            return;
        }
        let mut brands: BTreeMap<String, Vec<BidderId>> = BTreeMap::new();
        for bidder in self.standing() {
            if let Some(brand) = self.brand(&bidder).map(str::to_owned) {
                brands.entry(brand).or_default().push(bidder);
            }
        }
        for (brand, bidders) in brands {
            let price = |bidder: &BidderId| self.case.bidders.get(bidder)?.price.clone();
            let Some(lowest) = bidders.iter().filter_map(price).min() else {
                continue;
            };
            let (kept, fallen): (Vec<_>, Vec<_>) = bidders
                .into_iter()
                .partition(|bidder| price(bidder).is_none_or(|price| price == lowest));
            if kept.len() > 1 {
                self.draw_among_brand(&kept[0]);
            }
            for bidder in fallen {
                let ground = Ground::SameBrand {
                    rule: RULE.to_owned(),
                    brand: brand.clone(),
                    kept: kept[0].clone(),
                };
                self.rejected.insert(bidder, ground);
            }
        }
    }

    /// Of each brand only the bid with the best rank may be a candidate; of those that share it none, until drawn.
    pub(super) fn best_of_brand(&mut self, ranked: &[Candidate]) -> Vec<Candidate> {
        let mut named: BTreeMap<String, u32> = BTreeMap::new();
        let mut shared: BTreeSet<String> = BTreeSet::new();
        for line in ranked {
            let Some(brand) = self.brand(&line.bidder).map(str::to_owned) else {
                continue;
            };
            match named.get(&brand) {
                Some(rank) if *rank == line.rank => {
                    shared.insert(brand);
                }
                Some(_) => {}
                None => {
                    named.insert(brand, line.rank);
                }
            }
        }
        let mut eligible = Vec::with_capacity(ranked.len());
        for line in ranked {
            let brand = self.brand(&line.bidder).map(str::to_owned);
            let Some(brand) = brand else {
                eligible.push(line.clone());
                continue;
            };
            let best = named.get(&brand) == Some(&line.rank);
            if best && shared.contains(&brand) {
                self.draw_among_brand(&line.bidder);
            } else if best {
                eligible.push(line.clone());
            } else {
                let text = Text::new(
                    format!("同品牌（{brand}）已有得分更高的投标人，不作为候选人。"),
                    format!("A bid of the same brand ({brand}) stands higher; this one is no candidate."),
                );
                self.remark(RULE, Some(&line.bidder), None, text);
            }
        }
        eligible
    }

    fn draw_among_brand(&mut self, bidder: &BidderId) {
        let text = Text::new(
            "同品牌投标人并列，须按招标文件规定的方式或随机抽取确定一家。",
            "Bids of one brand are equal: the tender document, else a draw, says which one takes part.",
        );
        self.remark(RULE, Some(bidder), None, text);
    }
}
