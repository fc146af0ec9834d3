//! How well members agree over all bids.

use super::{AbnormalFinding, AbnormalLevel, AbnormalThresholds, Given, Measure, count, mean, read_out};
use crate::decimal::Decimal;
use crate::exact::{Exact, NumberError};
use crate::rounding::{Rounding, RoundingMode};
use crate::text::Text;

/// Digits of a square root within a rank correlation, and of the correlation.
const ROOT_PLACES: u32 = 20;
const SHOWN_PLACES: u32 = 4;

/// The fewest bids over which agreement means something.
const FEWEST_BIDS: usize = 3;

pub(super) fn findings(
    given: &Given,
    thresholds: &AbnormalThresholds,
) -> Result<Vec<AbnormalFinding>, NumberError> {
    let mut found = Vec::new();
    if given.bidders.len() < FEWEST_BIDS {
        return Ok(found);
    }
    let totals = given.totals()?;
    let ranks: Vec<Vec<Exact>> = (0..given.lines.len())
        .map(|member| mid_ranks(&totals.iter().map(|row| row[member].clone()).collect::<Vec<_>>()))
        .collect::<Result<_, _>>()?;
    if let Some(least) = &thresholds.rank_correlation {
        for (a, first) in given.lines.iter().enumerate() {
            for (b, second) in given.lines.iter().enumerate().skip(a + 1) {
                let Some(value) = correlation(&ranks[a], &ranks[b])? else {
                    continue;
                };
                if value < least.exact() {
                    let measure = Measure::RankCorrelation {
                        first: first.clone(),
                        second: second.clone(),
                    };
                    let text = |value: &str| {
                        Text::new(
                            format!("{first} 与 {second} 对各投标人的排序相关系数为 {value}，低于 {least}。"),
                            format!(
                                "The rank correlation of {first} and {second} over the bids is {value}, below {least}."
                            ),
                        )
                    };
                    let arithmetic = "cov(r1, r2) / sqrt(var(r1) x var(r2))";
                    found.push(low(measure, &value, least, arithmetic.to_owned(), text));
                }
            }
        }
    }
    if let Some(least) = &thresholds.concordance
        && let Some((value, arithmetic)) = concordance(&ranks)?
        && value < least.exact()
    {
        let text = |value: &str| {
            Text::new(
                format!("全体评委排序的一致性系数 W 为 {value}，低于 {least}。"),
                format!("The concordance W of the committee is {value}, below {least}."),
            )
        };
        found.push(low(Measure::Concordance, &value, least, arithmetic, text));
    }
    if let Some(least) = &thresholds.intraclass
        && let Some((value, arithmetic)) = intraclass(&totals)?
        && value < least.exact()
    {
        let text = |value: &str| {
            Text::new(
                format!("全体评委评分的组内相关系数为 {value}，低于 {least}。"),
                format!("The intraclass correlation of the committee is {value}, below {least}."),
            )
        };
        found.push(low(Measure::Intraclass, &value, least, arithmetic, text));
    }
    Ok(found)
}

fn low(
    measure: Measure,
    value: &Exact,
    threshold: &Decimal,
    arithmetic: String,
    text: impl Fn(&str) -> Text,
) -> AbnormalFinding {
    let value = read_out(value);
    AbnormalFinding {
        measure,
        level: AbnormalLevel::Notice,
        threshold: threshold.clone(),
        text: text(&value),
        arithmetic: format!("{arithmetic} = {value}"),
        value,
    }
}

/// Ranks from the highest, 1; equal ones share the mean of their places.
fn mid_ranks(values: &[Exact]) -> Result<Vec<Exact>, NumberError> {
    let mut sorted: Vec<&Exact> = values.iter().collect();
    sorted.sort_by(|a, b| b.cmp(a));
    values
        .iter()
        .map(|value| {
            let higher = sorted.partition_point(|other| *other > value);
            let equal = sorted[higher..].partition_point(|other| *other == value);
            // Places higher + 1 to higher + equal.
            count(2 * higher + equal + 1).checked_div(&Exact::from(2))
        })
        .collect()
}

/// Spearman's coefficient, half up to four places; none where one of them puts all bids level.
fn correlation(a: &[Exact], b: &[Exact]) -> Result<Option<Exact>, NumberError> {
    let (mean_a, mean_b) = (mean(a)?, mean(b)?);
    let (mut both, mut own_a, mut own_b) = (Exact::zero(), Exact::zero(), Exact::zero());
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x.checked_sub(&mean_a)?, y.checked_sub(&mean_b)?);
        both = both.checked_add(&x.checked_mul(&y)?)?;
        own_a = own_a.checked_add(&x.checked_mul(&x)?)?;
        own_b = own_b.checked_add(&y.checked_mul(&y)?)?;
    }
    let root = own_a.checked_mul(&own_b)?.checked_sqrt(ROOT_PLACES)?;
    if root.is_zero() {
        return Ok(None);
    }
    let places = Rounding {
        mode: RoundingMode::HalfUp,
        places: SHOWN_PLACES,
    };
    places.apply(&both.checked_div(&root)?).map(Some)
}

/// W = 12 S / (m² (n³ - n) - m T), T the sum of t³ - t over the ties of each member; none where all put all bids level.
fn concordance(ranks: &[Vec<Exact>]) -> Result<Option<(Exact, String)>, NumberError> {
    let (members, bids) = (ranks.len(), ranks[0].len());
    let (m, n) = (count(members), count(bids));
    let sums: Vec<Exact> = (0..bids)
        .map(|bid| Exact::sum(ranks.iter().map(|own| &own[bid])))
        .collect::<Result<_, _>>()?;
    let middle = mean(&sums)?;
    let mut squares = Exact::zero();
    for sum in &sums {
        let distance = sum.checked_sub(&middle)?;
        squares = squares.checked_add(&distance.checked_mul(&distance)?)?;
    }
    let mut ties = Exact::zero();
    for own in ranks {
        let mut sorted: Vec<&Exact> = own.iter().collect();
        sorted.sort();
        for group in sorted.chunk_by(|a, b| a == b) {
            let t = count(group.len());
            ties = ties.checked_add(&t.checked_power(3)?.checked_sub(&t)?)?;
        }
    }
    let most = m
        .checked_power(2)?
        .checked_mul(&n.checked_power(3)?.checked_sub(&n)?)?;
    let below = most.checked_sub(&m.checked_mul(&ties)?)?;
    if below.is_zero() {
        return Ok(None);
    }
    let value = squares.checked_mul(&Exact::from(12))?.checked_div(&below)?;
    let arithmetic = format!("12 x {} / {}", read_out(&squares), read_out(&below));
    Ok(Some((value, arithmetic)))
}

/// ICC(2,1) = (MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n); none where nothing differs.
fn intraclass(rows: &[Vec<Exact>]) -> Result<Option<(Exact, String)>, NumberError> {
    let (n, k) = (rows.len(), rows[0].len());
    let all: Vec<Exact> = rows.iter().flatten().cloned().collect();
    let grand = mean(&all)?;
    let square = |value: &Exact| -> Result<Exact, NumberError> {
        let distance = value.checked_sub(&grand)?;
        distance.checked_mul(&distance)
    };
    let sum_of = |values: &[Exact]| -> Result<Exact, NumberError> {
        let squares: Result<Vec<Exact>, NumberError> = values.iter().map(square).collect();
        Exact::sum(&squares?)
    };
    let row_means: Vec<Exact> = rows.iter().map(|row| mean(row)).collect::<Result<_, _>>()?;
    let column = |member: usize| rows.iter().map(|row| row[member].clone()).collect::<Vec<_>>();
    let column_means: Vec<Exact> = (0..k)
        .map(|member| mean(&column(member)))
        .collect::<Result<_, _>>()?;
    let total = sum_of(&all)?;
    let between_rows = sum_of(&row_means)?.checked_mul(&count(k))?;
    let between_columns = sum_of(&column_means)?.checked_mul(&count(n))?;
    let rest = total.checked_sub(&between_rows)?.checked_sub(&between_columns)?;
    let msr = between_rows.checked_div(&count(n - 1))?;
    let msc = between_columns.checked_div(&count(k - 1))?;
    let mse = rest.checked_div(&count((n - 1) * (k - 1)))?;
    let columns = count(k)
        .checked_mul(&msc.checked_sub(&mse)?)?
        .checked_div(&count(n))?;
    let below = msr
        .checked_add(&count(k - 1).checked_mul(&mse)?)?
        .checked_add(&columns)?;
    if below.is_zero() {
        return Ok(None);
    }
    let value = msr.checked_sub(&mse)?.checked_div(&below)?;
    let arithmetic = format!(
        "(MSR {} - MSE {}) / (MSR + (k - 1) MSE + k (MSC {} - MSE) / n)",
        read_out(&msr),
        read_out(&mse),
        read_out(&msc)
    );
    Ok(Some((value, arithmetic)))
}
