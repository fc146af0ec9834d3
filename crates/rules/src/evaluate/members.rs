//! From the numbers that members gave to one.

use super::scores::joined;
use crate::decimal::Decimal;
use crate::derivation::{Input, Told};
use crate::exact::{Exact, NumberError};
use crate::rulebook::{AggregationMethod, Drop};
use crate::text::Text;

/// The statistic over what members gave, of the values used.
pub(super) fn statistic(
    method: AggregationMethod,
    values: &[Exact],
    used: &[bool],
) -> Result<Exact, NumberError> {
    let values = values
        .iter()
        .zip(used)
        .filter_map(|(value, used)| used.then_some(value));
    match method {
        // An agreed score is the mean of itself.
        AggregationMethod::Mean | AggregationMethod::Consensus => {
            let count = used.iter().filter(|used| **used).count();
            over(&Exact::sum(values)?, count)
        }
        AggregationMethod::Sum => Exact::sum(values),
        AggregationMethod::Median => median(values.cloned().collect()),
    }
}

/// The statistic over scores as they were written. Nearly always all count, and their digits add up.
pub(super) fn statistic_of_scores(
    method: AggregationMethod,
    drop: Drop,
    scores: &[&Decimal],
) -> Result<Exact, NumberError> {
    if drop.ends() == (0, 0)
        && method != AggregationMethod::Median
        && let Some(sum) = Decimal::small_sum(scores.iter().copied())
    {
        return match method {
            AggregationMethod::Sum => Ok(sum),
            _ => over(&sum, scores.len()),
        };
    }
    let values: Vec<Exact> = scores.iter().map(|score| score.exact()).collect();
    statistic(method, &values, &drop.used(&values))
}

/// The same in words: the formula over the inputs used, the others marked as dropped.
pub(super) fn told_of_members(
    label: Text,
    inputs: Vec<Input>,
    method: AggregationMethod,
    used: &[bool],
) -> Told {
    let marked = inputs.into_iter().zip(used);
    let inputs: Vec<Input> = marked
        .map(|(input, used)| if *used { input } else { input.dropped() })
        .collect();
    let kept: Vec<&Input> = inputs.iter().filter(|input| input.is_used()).collect();
    let formula = match method {
        AggregationMethod::Consensus => joined(kept.iter().copied()),
        AggregationMethod::Mean => format!("({}) / {}", joined(kept.iter().copied()), kept.len()),
        AggregationMethod::Sum => joined(kept.iter().copied()),
        AggregationMethod::Median => {
            let symbols: Vec<&str> = kept.iter().map(|input| input.symbol()).collect();
            format!("median({})", symbols.join(", "))
        }
    };
    Told {
        label,
        formula,
        inputs,
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<Exact>) -> Result<Exact, NumberError> {
    values.sort();
    let count = values.len();
    if count == 0 {
        return Err(NumberError::DivisionByZero);
    }
    over(&Exact::sum([&values[(count - 1) / 2], &values[count / 2]])?, 2)
}

fn over(sum: &Exact, count: usize) -> Result<Exact, NumberError> {
    let count = u32::try_from(count).map_err(|_| NumberError::TooLarge)?;
    sum.checked_div(&Exact::from(count))
}

impl Drop {
    /// Which values the statistic uses: without the lowest and the highest that are left out. Of equal ones those given
    /// first are the low ones; the result does not depend on it.
    pub(super) fn used(self, values: &[Exact]) -> Vec<bool> {
        let mut used = vec![true; values.len()];
        let (low, high) = self.ends();
        if low + high == 0 {
            return used;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].cmp(&values[*b]));
        let kept = order.len().saturating_sub(high);
        for (place, index) in order.into_iter().enumerate() {
            used[index] = place >= low && place < kept;
        }
        used
    }
}
