//! One score beside those of the other members.

use super::{
    AbnormalFinding, AbnormalLevel, AbnormalThresholds, Given, Measure, Scale, SpreadUnit, mean, read_out,
};
use crate::exact::{Exact, NumberError};
use crate::ids::{BidderId, CriterionId, Line};
use crate::text::Text;

pub(super) fn findings(
    given: &Given,
    thresholds: &AbnormalThresholds,
) -> Result<Vec<AbnormalFinding>, NumberError> {
    let mut found = Vec::new();
    for (criterion, scale) in &given.scores {
        for (bidder, row) in given.bidders.iter().zip(&scale.rows) {
            let place = Place {
                criterion,
                bidder,
                scale,
            };
            let mean = mean(row)?;
            for (line, score) in given.lines.iter().zip(row) {
                found.extend(place.off_mean(line, score, &mean, thresholds)?);
            }
            if let Some(most) = &thresholds.median_deviations {
                let middle = median(row)?;
                let distances: Result<Vec<Exact>, NumberError> = row
                    .iter()
                    .map(|score| Ok(score.checked_sub(&middle)?.absolute()))
                    .collect();
                let distances = distances?;
                let deviation = median(&distances)?;
                // Where more than half agree, every other one is infinitely far: the spread says enough then.
                if deviation.is_zero() {
                    continue;
                }
                for ((line, score), distance) in given.lines.iter().zip(row).zip(&distances) {
                    let value = distance.checked_div(&deviation)?;
                    if value > most.exact() {
                        found.push(place.off_median(line, score, (&middle, &deviation, &value), most));
                    }
                }
            }
        }
    }
    Ok(found)
}

struct Place<'a> {
    criterion: &'a CriterionId,
    bidder: &'a BidderId,
    scale: &'a Scale,
}

impl Place<'_> {
    fn off_mean(
        &self,
        line: &Line,
        score: &Exact,
        mean: &Exact,
        thresholds: &AbnormalThresholds,
    ) -> Result<Option<AbnormalFinding>, NumberError> {
        let (unit, zh, en) = match thresholds.measured_in {
            SpreadUnit::Mean => (mean, "平均分", "the mean"),
            SpreadUnit::MostPoints => (&self.scale.most, "满分", "the most points"),
        };
        if unit.is_zero() {
            return Ok(None);
        }
        let distance = score.checked_sub(mean)?;
        let percent = distance
            .absolute()
            .checked_div(unit)?
            .checked_mul(&Exact::from(100))?;
        let (level, threshold) = if percent > thresholds.warning.exact() {
            (AbnormalLevel::Warning, &thresholds.warning)
        } else if percent > thresholds.notice.exact() {
            (AbnormalLevel::Notice, &thresholds.notice)
        } else {
            return Ok(None);
        };
        let (given, middle, shown) = (read_out(score), read_out(mean), read_out(&percent));
        let (side_zh, side_en) = if distance.is_negative() {
            ("低于", "below")
        } else {
            ("高于", "above")
        };
        Ok(Some(AbnormalFinding {
            measure: Measure::Spread {
                line: line.clone(),
                bidder: self.bidder.clone(),
                criterion: self.criterion.clone(),
            },
            level,
            value: shown.clone(),
            threshold: threshold.clone(),
            arithmetic: format!("|{given} - {middle}| / {} x 100 = {shown}", read_out(unit)),
            text: Text::new(
                format!(
                    "{line} 对 {} 的“{}”评 {given} 分，{side_zh}平均分 {middle}，相差{zh}的 {shown}%，超过 {threshold}%。",
                    self.bidder, self.scale.title.zh
                ),
                format!(
                    "{line} gave {} {given} points for \"{}\", {side_en} the mean {middle} by {shown} % of {en}, more than {threshold} %.",
                    self.bidder, self.scale.title.en
                ),
            ),
        }))
    }

    fn off_median(
        &self,
        line: &Line,
        score: &Exact,
        (middle, deviation, value): (&Exact, &Exact, &Exact),
        threshold: &crate::Decimal,
    ) -> AbnormalFinding {
        let (given, middle, deviation, shown) = (
            read_out(score),
            read_out(middle),
            read_out(deviation),
            read_out(value),
        );
        AbnormalFinding {
            measure: Measure::MedianDeviation {
                line: line.clone(),
                bidder: self.bidder.clone(),
                criterion: self.criterion.clone(),
            },
            level: AbnormalLevel::Notice,
            value: shown.clone(),
            threshold: threshold.clone(),
            arithmetic: format!("|{given} - {middle}| / {deviation} = {shown}"),
            text: Text::new(
                format!(
                    "{line} 对 {} 的“{}”评 {given} 分，与中位数 {middle} 相差 {shown} 个绝对中位差，超过 {threshold}。",
                    self.bidder, self.scale.title.zh
                ),
                format!(
                    "{line} gave {} {given} points for \"{}\", {shown} median absolute deviations from the median {middle}, more than {threshold}.",
                    self.bidder, self.scale.title.en
                ),
            ),
        }
    }
}

fn median(values: &[Exact]) -> Result<Exact, NumberError> {
    let mut sorted: Vec<&Exact> = values.iter().collect();
    sorted.sort();
    let count = sorted.len();
    Exact::sum([sorted[(count - 1) / 2], sorted[count / 2]])?.checked_div(&Exact::from(2))
}
