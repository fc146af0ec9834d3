//! Changes of an input: of the values in it, then of its bytes.

use serde_json::{Value, json};

use super::random::Chance;

/// Written in place of a string that begins so: what no value of JSON can hold.
const RAW: &str = "\u{1}raw:";

/// A list in a list, so many times.
const DEEP: &str = "\u{1}deep:";

/// A field that is written a second time.
const TWICE: &str = "\u{1}twice:";

/// Numbers as strings, some of them decimals.
const DECIMALS: [&str; 28] = [
    "0",
    "1",
    "-1",
    "0.00",
    "-0",
    "100",
    "1e5",
    "NaN",
    "Infinity",
    "+1",
    " 1",
    "1 ",
    "１",
    "1.",
    ".5",
    "007",
    "",
    "pass",
    "fail",
    "fail: x",
    "0.5",
    "99.999999999",
    "1000000000000000000000000000000",
    "-1000000000000000000000000000000",
    "0.0000000000000000000000000000000000001",
    "9999999999999999999999999999999999999999",
    "99999999999999999999999999999999999999999",
    "9223372036854775808",
];

/// Decimals, all of them.
const SOUND: [&str; 14] = [
    "0",
    "1",
    "-1",
    "0.00",
    "100",
    "0.5",
    "30",
    "70.0",
    "12.345678901",
    "99.999999999",
    "1000000000000000000000000000000",
    "-1000000000000000000000000000000",
    "0.0000000000000000000000000000000000001",
    "9999999999999999999999999999999999999999",
];

/// What is written into a text.
const PIECES: [&str; 9] = ["0", ".", "-", " ", "\"", "\\", "é", "\u{7f}", "9999"];

/// JSON numbers that readers disagree about, and words that are no JSON.
const RAWS: [&str; 12] = [
    "1e400",
    "-1e-400",
    "18446744073709551616",
    "-9223372036854775809",
    "1.5",
    "-0",
    "4294967296",
    "NaN",
    "-Infinity",
    "01",
    "\"\\ud800\"",
    "\"\\u0000\"",
];

/// Changes one to four places and writes the result. Most inputs keep their shape, so that they get past the reader.
pub(super) fn mutated(mut value: Value, others: &[Value], chance: &mut Chance) -> Vec<u8> {
    let shapely = !chance.one_in(3);
    for _ in 0..1 + chance.below(4) {
        if shapely {
            shift(&mut value, others, chance);
        } else {
            change(&mut value, others, chance);
        }
    }
    let mut bytes = written(&value).into_bytes();
    if !shapely && chance.one_in(3) {
        for _ in 0..1 + chance.below(3) {
            break_bytes(&mut bytes, chance);
        }
    }
    bytes
}

/// A change after which the reader has mostly nothing against it.
fn shift(value: &mut Value, others: &[Value], chance: &mut Chance) {
    match chance.below(8) {
        0..=2 => {
            // Another value of the same field.
            let mut found = Vec::new();
            pointers(value, String::new(), &mut found);
            let pointer = chance.of(&found).clone();
            let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
            let mut same = Vec::new();
            for other in others.iter().chain(std::iter::once(&*value)) {
                named(other, &name, &mut same);
            }
            let other = same.get(chance.below(same.len())).cloned();
            if let (Some(place), Some(other)) = (value.pointer_mut(&pointer), other) {
                *place = other;
            }
        }
        3 => numbers(value, &SOUND, chance),
        4 => expressions(value, chance),
        5 | 6 => {
            let mut found = Vec::new();
            pointers(value, String::new(), &mut found);
            found.retain(|pointer| value.pointer(pointer).is_some_and(Value::is_array));
            if let Some(place) = found
                .get(chance.below(found.len()))
                .and_then(|at| value.pointer_mut(at))
            {
                rearrange(place, chance);
            }
        }
        _ => {
            let mut found = Vec::new();
            pointers(value, String::new(), &mut found);
            found.retain(|pointer| {
                value
                    .pointer(pointer)
                    .is_some_and(|place| place.is_boolean() || place.is_u64())
            });
            if let Some(place) = found
                .get(chance.below(found.len()))
                .and_then(|at| value.pointer_mut(at))
            {
                *place = match place {
                    Value::Bool(is) => json!(!*is),
                    _ => json!(chance.below(9)),
                };
            }
        }
    }
}

/// The values of every field of this name.
fn named(value: &Value, name: &str, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(name).cloned());
            fields.values().for_each(|inside| named(inside, name, found));
        }
        Value::Array(items) => items.iter().for_each(|inside| named(inside, name, found)),
        _ => {}
    }
}

fn written(value: &Value) -> String {
    let text = value.to_string();
    // Marked strings have neither quotation marks nor backslashes of their own, but for the raw ones.
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("\"\\u0001") {
        out.push_str(&rest[..at]);
        rest = &rest[at + "\"\\u0001".len()..];
        if let Some((raw, behind)) = rest.strip_prefix("raw:").and_then(|raw| raw.split_once('"')) {
            let number: usize = raw.parse().unwrap_or(0);
            out.push_str(RAWS[number % RAWS.len()]);
            rest = behind;
        } else if let Some((depth, behind)) = rest.strip_prefix("deep:").and_then(|deep| deep.split_once('"'))
        {
            let depth: usize = depth.parse().unwrap_or(0);
            out.push_str(&"[".repeat(depth));
            out.push_str(&"]".repeat(depth));
            rest = behind;
        } else {
            out.push('"');
            rest = rest.strip_prefix("twice:").unwrap_or(rest);
        }
    }
    out.push_str(rest);
    out
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            for (name, inside) in fields {
                pointers(inside, format!("{at}/{}", escaped(name)), found);
            }
        }
        Value::Array(items) => {
            for (index, inside) in items.iter().enumerate() {
                pointers(inside, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

fn any_place<'a>(value: &'a mut Value, chance: &mut Chance) -> &'a mut Value {
    let mut found = Vec::new();
    pointers(value, String::new(), &mut found);
    let pointer = chance.of(&found).clone();
    value.pointer_mut(&pointer).expect("it was found there")
}

fn any_of(value: &Value, chance: &mut Chance) -> Value {
    let mut found = Vec::new();
    pointers(value, String::new(), &mut found);
    let pointer = chance.of(&found).as_str();
    value.pointer(pointer).cloned().expect("it was found there")
}

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| strings(item, found)),
        _ => {}
    }
}

fn change(value: &mut Value, others: &[Value], chance: &mut Chance) {
    let mut texts = Vec::new();
    strings(value, &mut texts);
    let another = any_of(chance.of(others), chance);
    let same = any_of(value, chance);
    let place = any_place(value, chance);
    match chance.below(14) {
        0 | 1 => *place = json!(chance.of(&DECIMALS)),
        2 => *place = json!(format!("{RAW}{}", chance.below(RAWS.len()))),
        3 => *place = json!(chance.expression()),
        4 | 5 if !texts.is_empty() => *place = json!(chance.of(&texts)),
        6 => *place = another,
        7 => *place = same,
        8 => {
            if chance.one_in(2) {
                *place = json!(format!("{DEEP}{}", chance.below(5_000)));
            } else {
                let group = |inside, depth: usize| {
                    let title = json!({ "zh": "组", "en": "group" });
                    json!({ "id": format!("G{depth}"), "title": title, "kind": { "group": { "criteria": [inside] } } })
                };
                let depth = 1 + chance.below(40);
                *place = (0..depth).fold(place.clone(), group);
            }
        }
        9 => {
            *place = chance
                .of(&[Value::Null, json!(true), json!([]), json!({}), json!(0)])
                .clone()
        }
        10 => expressions(value, chance),
        11 => numbers(value, &DECIMALS, chance),
        _ => rearrange(place, chance),
    }
}

/// Removes, repeats, renames and reorders what an object or a list holds.
fn rearrange(place: &mut Value, chance: &mut Chance) {
    match place {
        Value::Array(items) if !items.is_empty() => {
            let (a, b) = (chance.below(items.len()), chance.below(items.len()));
            match chance.below(4) {
                0 => {
                    items.remove(a);
                }
                1 => items.push(items[a].clone()),
                2 => items.swap(a, b),
                _ => {
                    let copy = items[a].clone();
                    items.extend(std::iter::repeat_n(copy, chance.below(30)));
                }
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = chance.of(&names).clone();
            let held = fields.get(&name).cloned().unwrap_or(Value::Null);
            match chance.below(4) {
                0 => {
                    fields.remove(&name);
                }
                1 => {
                    fields.insert(format!("{TWICE}{name}"), held);
                }
                2 => {
                    let other = chance.of(&names).clone();
                    let there = fields.insert(other, held);
                    fields.insert(name, there.unwrap_or(Value::Null));
                }
                _ => {
                    fields.insert("unknown".to_owned(), held);
                }
            }
        }
        Value::Bool(value) => *value = !*value,
        Value::String(text) => {
            let at = chance.below(text.chars().count() + 1);
            let at = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
            text.insert_str(at, PIECES[chance.below(PIECES.len())]);
        }
        Value::Number(_) => *place = json!(chance.below(1 << 33)),
        _ => {}
    }
}

/// Puts another expression where one stands.
fn expressions(value: &mut Value, chance: &mut Chance) {
    let mut found = Vec::new();
    pointers(value, String::new(), &mut found);
    let is_one = |pointer: &String| {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let text = value.pointer(pointer).is_some_and(Value::is_string);
        text && ["value", "bids", "base"].contains(&name) && !pointer.contains("/expected/")
    };
    found.retain(is_one);
    let Some(pointer) = found.get(chance.below(found.len())) else {
        return;
    };
    let another = match pointer.ends_with("/bids") {
        true => chance.condition(),
        false => chance.expression(),
    };
    if let Some(place) = value.pointer_mut(pointer) {
        *place = json!(another);
    }
}

/// Puts another decimal in some of the places where one stands.
fn numbers(value: &mut Value, decimals: &[&str], chance: &mut Chance) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| numbers(item, decimals, chance)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|item| numbers(item, decimals, chance)),
        Value::String(text)
            if chance.one_in(12)
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte)) =>
        {
            *text = (*chance.of(decimals)).to_owned();
        }
        _ => {}
    }
}

fn break_bytes(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let length = chance.below(40).min(bytes.len() - at);
    match chance.below(6) {
        0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        1 => bytes.truncate(at),
        2 => {
            let byte = u8::try_from(chance.below(256)).expect("a byte");
            bytes.insert(at, byte);
        }
        3 => {
            bytes.drain(at..at + length);
        }
        4 => {
            let piece: Vec<u8> = bytes[at..at + length].to_vec();
            bytes.splice(at..at, piece);
        }
        _ => {
            let broken: [&[u8]; 5] = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\0"];
            let piece = chance.of(&broken).to_vec();
            bytes.splice(at..at, piece);
        }
    }
}
