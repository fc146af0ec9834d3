//! Decimals, fractions, rounding.

use conclave_rules::{Decimal, DecimalError, Exact, MAX_BITS, NumberError, Rounding, RoundingMode, shown};
use proptest::prelude::*;

use crate::support::exact;

#[test]
fn decimal_grammar() {
    for text in ["0", "7", "12.50", "-3", "-0.5", "0.00", "1000000.01"] {
        let decimal: Decimal = text.parse().expect(text);
        assert_eq!(decimal.to_string(), text);
    }
    for (text, error) in [
        ("", DecimalError::Syntax),
        ("-", DecimalError::Syntax),
        ("+1", DecimalError::Syntax),
        ("1e3", DecimalError::Syntax),
        (".5", DecimalError::Syntax),
        ("5.", DecimalError::Syntax),
        ("1.2.3", DecimalError::Syntax),
        (" 1", DecimalError::Syntax),
        ("１", DecimalError::Syntax),
        ("--1", DecimalError::Syntax),
        ("NaN", DecimalError::Syntax),
        ("00", DecimalError::LeadingZero),
        ("01.5", DecimalError::LeadingZero),
        ("-0", DecimalError::NegativeZero),
        ("-0.00", DecimalError::NegativeZero),
    ] {
        assert_eq!(text.parse::<Decimal>().expect_err(text), error, "{text}");
    }
    let forty = "1".repeat(40);
    assert!(forty.parse::<Decimal>().is_ok());
    assert!(
        format!("-{}.{}", "1".repeat(20), "1".repeat(20))
            .parse::<Decimal>()
            .is_ok()
    );
    assert_eq!(format!("{forty}1").parse::<Decimal>(), Err(DecimalError::TooLong));
    let split = format!("{}.{}", "1".repeat(20), "1".repeat(21));
    assert_eq!(split.parse::<Decimal>(), Err(DecimalError::TooLong));
}

#[test]
fn decimal_in_json_is_a_string_only() {
    assert!(serde_json::from_str::<Decimal>("\"12.5\"").is_ok());
    assert!(serde_json::from_str::<Decimal>("12.5").is_err());
    assert!(serde_json::from_str::<Decimal>("12").is_err());
}

#[test]
fn decimals_compare_by_value() {
    let short: Decimal = "12.5".parse().expect("decimal");
    let long: Decimal = "12.50".parse().expect("decimal");
    assert_eq!(short, long);
    assert_eq!(long.to_string(), "12.50");
}

#[test]
fn rounding_table() {
    use RoundingMode::{Down, HalfEven, HalfUp, None, Truncate, Up};
    for (value, places, half_up, half_even, truncate, up, down) in [
        ("2.345", 2, "2.35", "2.34", "2.34", "2.35", "2.34"),
        ("2.355", 2, "2.36", "2.36", "2.35", "2.36", "2.35"),
        ("2.3451", 2, "2.35", "2.35", "2.34", "2.35", "2.34"),
        ("-2.345", 2, "-2.35", "-2.34", "-2.34", "-2.34", "-2.35"),
        ("-0.004", 2, "0.00", "0.00", "0.00", "0.00", "-0.01"),
        ("1/3", 4, "0.3333", "0.3333", "0.3333", "0.3334", "0.3333"),
        ("2.5", 0, "3", "2", "2", "3", "2"),
        ("3.5", 0, "4", "4", "3", "4", "3"),
        ("7", 2, "7.00", "7.00", "7.00", "7.00", "7.00"),
    ] {
        for (mode, expected) in [
            (HalfUp, half_up),
            (HalfEven, half_even),
            (Truncate, truncate),
            (Up, up),
            (Down, down),
        ] {
            let rounding = Rounding { mode, places };
            let rounded = rounding.apply(&exact(value)).expect("small number");
            assert_eq!(rounded, exact(expected), "{value} {mode:?}");
            let shown = shown(&rounded, Some(rounding));
            assert_eq!((shown.text.as_str(), shown.approximate), (expected, false));
        }
    }
    let none = Rounding {
        mode: None,
        places: 0,
    };
    assert_eq!(none.apply(&exact("1/3")), Ok(exact("1/3")));
}

#[test]
fn unrounded_numbers_are_shown_exactly_or_marked() {
    for (value, text, approximate) in [
        ("5/2", "2.5", false),
        ("12", "12", false),
        ("1/3", "0.333333", true),
        ("2/3", "0.666667", true),
        ("-1/8", "-0.125", false),
    ] {
        let shown = shown(&exact(value), None);
        assert_eq!((shown.text.as_str(), shown.approximate), (text, approximate));
    }
}

#[test]
fn fractions_have_one_spelling() {
    for text in ["0", "-7/2", "3", "1/3"] {
        assert_eq!(text.parse::<Exact>().expect(text).to_string(), text);
    }
    for text in [
        "2/4", "3/1", "1/0", "-0", "1/-2", "+1", "", "/", "1/", "0/5", " 1", "1_0",
    ] {
        assert_eq!(text.parse::<Exact>(), Err(NumberError::Syntax), "{text}");
    }
}

#[test]
fn numbers_are_bounded() {
    let mut value = Exact::from(2);
    for _ in 0..15 {
        value = value.checked_mul(&value).expect("2^32768 fits");
    }
    let half = value.clone();
    let largest = half.checked_mul(&half).expect_err("2^65536 has 65,537 bits");
    assert_eq!(largest, NumberError::TooLarge);
    let below = half.checked_sub(&Exact::from(1)).expect("shrinks");
    assert!(below.checked_mul(&half).is_ok(), "{MAX_BITS} bits fit");
    let tiny = Exact::from(1).checked_div(&half).expect("denominator fits");
    assert_eq!(tiny.checked_mul(&tiny), Err(NumberError::TooLarge));
    assert_eq!(half.checked_div(&Exact::zero()), Err(NumberError::DivisionByZero));
}

proptest! {
    #[test]
    fn written_decimals_come_back(mantissa in any::<i64>(), places in 0u32..18) {
        let rounding = Rounding { mode: RoundingMode::Truncate, places };
        let value = Exact::from(10).checked_mul(&exact(&mantissa.to_string())).expect("small");
        let value = (0..places).fold(value, |v, _| v.checked_div(&Exact::from(10)).expect("small"));
        let text = shown(&value, Some(rounding)).text;
        let back: Decimal = text.parse().expect("shown numbers are decimals");
        prop_assert_eq!(back.exact(), value);
        prop_assert_eq!(back.to_string(), text);
    }

    #[test]
    fn rounding_stays_near(n in -1_000_000i64..1_000_000, d in 1u32..5000, places in 0u32..5) {
        let value = exact(&n.to_string()).checked_div(&Exact::from(d)).expect("d > 0");
        let mut unit = Exact::from(1);
        for _ in 0..places {
            unit = unit.checked_div(&Exact::from(10)).expect("ten");
        }
        let apply = |mode| Rounding { mode, places }.apply(&value).expect("small");
        let (up, down) = (apply(RoundingMode::Up), apply(RoundingMode::Down));
        prop_assert!(down <= value && value <= up);
        prop_assert!(up.checked_sub(&down).expect("small") <= unit);
        for mode in [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Truncate] {
            let rounded = apply(mode);
            prop_assert!(rounded == up || rounded == down);
            let twice = Rounding { mode, places }.apply(&rounded).expect("small");
            prop_assert_eq!(&twice, &rounded);
        }
        let away = apply(RoundingMode::HalfUp).checked_sub(&value).expect("small");
        let twice = away.checked_add(&away).expect("small");
        prop_assert!(twice <= unit && twice >= Exact::zero().checked_sub(&unit).expect("small"));
    }
}
