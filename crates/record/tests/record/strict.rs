use conclave_record::strict::{
    Fault, MAX_BODY, MAX_DEPTH, StrictError, check, from_slice, from_slice_within, parse,
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

#[test]
fn accepts() {
    let cases: &[(&str, serde_json::Value)] = &[
        ("{}", json!({})),
        ("[]", json!([])),
        (
            " \t\r\n{ \"a\" : [ 1 , true , false , null ] } \n",
            json!({"a": [1, true, false, null]}),
        ),
        ("0", json!(0)),
        ("-1", json!(-1)),
        ("9007199254740991", json!(9_007_199_254_740_991_u64)),
        ("-9007199254740991", json!(-9_007_199_254_740_991_i64)),
        (r#""""#, json!("")),
        ("\"评标\"", json!("评标")),
        ("\"\u{e9}\"", json!("é")),
        (
            r#""\u00e9\/\\\"\b\f\n\r\t\ud83d\ude00""#,
            json!("é/\\\"\u{8}\u{c}\n\r\t😀"),
        ),
        (
            r#"{"a":{"x":1},"b":{"x":1}}"#,
            json!({"a": {"x": 1}, "b": {"x": 1}}),
        ),
    ];
    for (text, value) in cases {
        assert_eq!(parse(text.as_bytes()).as_ref(), Ok(value), "{text}");
    }
}

#[test]
fn refuses() {
    let duplicate = |key: &str| Fault::DuplicateKey(key.into());
    let cases: &[(&[u8], usize, Fault)] = &[
        (b"", 0, Fault::UnexpectedEnd),
        (b"  ", 2, Fault::UnexpectedEnd),
        (b"{", 1, Fault::UnexpectedEnd),
        (b"[1", 2, Fault::UnexpectedEnd),
        (b"[1,]", 3, Fault::Expected("a value")),
        (b"[,1]", 1, Fault::Expected("a value")),
        (b"{\"a\":1,}", 7, Fault::Expected("a key")),
        (b"{a:1}", 1, Fault::Expected("a key")),
        (b"{\"a\" 1}", 5, Fault::Expected("':'")),
        (b"{\"a\":1 \"b\":2}", 7, Fault::Expected("',' or '}'")),
        (b"[1 2]", 3, Fault::Expected("',' or ']'")),
        (b"{}{}", 2, Fault::TrailingBytes),
        (b"1 x", 2, Fault::TrailingBytes),
        (b"\xef\xbb\xbf{}", 0, Fault::ByteOrderMark),
        (b"\"\xff\"", 1, Fault::NotUtf8),
        (b"\"\xed\xa0\x80\"", 1, Fault::NotUtf8),
        (br#"{"a":1,"a":1}"#, 7, duplicate("a")),
        (br#"{"a":1,"\u0061":2}"#, 7, duplicate("a")),
        (br#"{"x":[{"":0,"":0}]}"#, 12, duplicate("")),
        (b"1.0", 0, Fault::NotInteger),
        (b"[0.5]", 1, Fault::NotInteger),
        (b"1e3", 0, Fault::NotInteger),
        (b"1E3", 0, Fault::NotInteger),
        (b"-0", 0, Fault::NegativeZero),
        (b"-0.0", 0, Fault::NotInteger),
        (b"01", 0, Fault::LeadingZero),
        (b"-01", 0, Fault::LeadingZero),
        (b"00", 0, Fault::LeadingZero),
        (b"-", 1, Fault::UnexpectedEnd),
        (b"-a", 1, Fault::Expected("a digit")),
        (b"+1", 0, Fault::Expected("a value")),
        (b"NaN", 0, Fault::Expected("a value")),
        (b"9007199254740992", 0, Fault::OutOfRange),
        (b"-9007199254740992", 0, Fault::OutOfRange),
        (b"99999999999999999999999999", 0, Fault::OutOfRange),
        ("\"e\u{301}\"".as_bytes(), 0, Fault::NotNfc),
        (br#"{"k":"\u0065\u0301"}"#, 5, Fault::NotNfc),
        ("{\"e\u{301}\":1}".as_bytes(), 1, Fault::NotNfc),
        ("\"\u{212b}\"".as_bytes(), 0, Fault::NotNfc),
        (br#""\ud800""#, 1, Fault::LoneSurrogate),
        (br#""\udc00""#, 1, Fault::LoneSurrogate),
        (br#""a\ud800\u0041""#, 2, Fault::LoneSurrogate),
        (br#""\ud800\ud800""#, 1, Fault::LoneSurrogate),
        (b"\"a\nb\"", 2, Fault::ControlCharacter),
        (b"\"\0\"", 1, Fault::ControlCharacter),
        (br#""\x41""#, 1, Fault::UnknownEscape),
        (br#""\u12g4""#, 5, Fault::Expected("four hex digits")),
        (br#""\u12"#, 5, Fault::UnexpectedEnd),
        (b"\"abc", 4, Fault::UnexpectedEnd),
        (b"\"abc\\", 4, Fault::UnexpectedEnd),
        (b"tru", 0, Fault::Expected("true, false or null")),
        (b"truE", 0, Fault::Expected("true, false or null")),
        (b"// x\n1", 0, Fault::Expected("a value")),
    ];
    for (text, offset, fault) in cases {
        let expected = Err(StrictError {
            offset: *offset,
            fault: fault.clone(),
        });
        assert_eq!(parse(text), expected, "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    let too_deep = StrictError {
        offset: MAX_DEPTH,
        fault: Fault::TooDeep,
    };
    assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(too_deep));
    // Siblings do not add up.
    assert!(parse(&[&b"["[..], &b"[],".repeat(100), b"[]]"].concat()).is_ok());
}

#[test]
fn length_is_bounded() {
    let string = |length: usize| [&b"\""[..], &b"a".repeat(length - 2), b"\""].concat();
    assert!(parse(&string(MAX_BODY)).is_ok());
    let too_long = StrictError {
        offset: MAX_BODY,
        fault: Fault::TooLong(MAX_BODY),
    };
    assert_eq!(parse(&string(MAX_BODY + 1)), Err(too_long));
    assert!(from_slice_within::<String>(&string(MAX_BODY + 1), 2 * MAX_BODY).is_ok());
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    left: u64,
    right: String,
}

#[test]
fn shape_errors_are_located() {
    let pair = Pair {
        left: 1,
        right: "x".into(),
    };
    assert_eq!(from_slice(br#"{"right":"x","left":1}"#), Ok(pair));
    let error = from_slice::<Pair>(b"{\"left\":1,\n\"more\":2}").expect_err("unknown member");
    assert!(
        matches!(&error.fault, Fault::Shape(text) if text.contains("more")),
        "{error}"
    );
    assert!((11..=17).contains(&error.offset), "{error}");
    assert!(from_slice::<Pair>(br#"{"left":1}"#).is_err());
    assert!(from_slice::<Pair>(br#"{"left":-1,"right":"x"}"#).is_err());
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(|value| json!(value)),
        "[a-z评标 \"\\\\\n]{0,12}".prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|values| json!(values)),
            prop::collection::btree_map("[a-z]{0,3}", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::sample::select(&b"{}[]\",:\\u0019dc-.eatrufls \n\xe8"[..]);
    prop::collection::vec(bytes, 0..24)
}

proptest! {
    #[test]
    fn what_serde_writes_is_read_back(value in any_json()) {
        let bytes = serde_json::to_vec(&value).expect("a value");
        prop_assert_eq!(parse(&bytes), Ok(value));
    }

    /// Strict JSON is JSON: nothing is accepted that an ordinary reader refuses, and no input panics.
    #[test]
    fn accepted_is_json(bytes in nearly_json()) {
        if check(&bytes, MAX_BODY).is_ok() {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        }
    }
}
