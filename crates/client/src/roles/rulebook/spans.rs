//! JSON as text: where each value stands, and edits that leave every other byte as it was.

use serde::de::IgnoredAny;

/// Order of fields that may be added; a field comes behind those before it.
const ORDER: [&str; 20] = [
    "format",
    "version",
    "regime",
    "subject",
    "lot",
    "currency",
    "budget",
    "ceiling",
    "parts",
    "stages",
    "minimum_bidders",
    "id",
    "title",
    "criteria",
    "full_marks",
    "kind",
    "objective",
    "reason_required",
    "weight",
    "minimum",
];

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    from: usize,
    to: usize,
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Scalar,
}

#[derive(Debug)]
struct Member {
    key: String,
    /// Where the key begins.
    from: usize,
    node: Node,
}

/// One change of a text.
#[derive(Debug)]
pub(super) struct Edit {
    from: usize,
    to: usize,
    with: String,
}

/// A text of JSON with the places of its values.
#[derive(Debug)]
pub(super) struct Spans<'t> {
    text: &'t str,
    root: Node,
}

impl<'t> Spans<'t> {
    /// Of a text that is JSON; none of another.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        // The reader of JSON holds depth and grammar; what follows only walks.
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        let mut walk = Walk {
            bytes: text.as_bytes(),
            at: 0,
        };
        let root = walk.value()?;
        Some(Self { text, root })
    }

    /// The value at a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&Node> {
        let mut node = &self.root;
        for step in steps(pointer) {
            node = match &node.inside {
                Inside::Object(members) => &members.iter().find(|member| member.key == step)?.node,
                Inside::Array(items) => items.get(step.parse::<usize>().ok()?)?,
                Inside::Scalar => return None,
            };
        }
        Some(node)
    }

    /// Its text.
    pub(super) fn raw(&self, node: &Node) -> &'t str {
        self.text.get(node.from..node.to).unwrap_or_default()
    }

    /// The value of a scalar as it is typed: a string without its quotes.
    pub(super) fn plain(&self, node: &Node) -> String {
        let raw = self.raw(node);
        serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
    }

    /// The value at a pointer as it is typed; empty where there is none.
    pub(super) fn plain_at(&self, pointer: &str) -> String {
        self.at(pointer).map_or_else(String::new, |node| self.plain(node))
    }

    /// Keys and values of an object, in the order of the text.
    pub(super) fn members<'s>(&'s self, node: &'s Node) -> impl Iterator<Item = (&'s str, &'s Node)> {
        let members = match &node.inside {
            Inside::Object(members) => &members[..],
            _ => &[],
        };
        members.iter().map(|member| (member.key.as_str(), &member.node))
    }

    /// Items of an array.
    pub(super) fn items<'s>(&self, node: &'s Node) -> &'s [Node] {
        match &node.inside {
            Inside::Array(items) => items,
            _ => &[],
        }
    }

    /// Line, from 1, of a path as findings have it (`criteria[0].kind.range`), or of what of it is there.
    pub(super) fn line(&self, path: &str) -> u32 {
        let mut node = &self.root;
        let mut from = node.from;
        for step in path.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
            let next = match &node.inside {
                Inside::Object(members) => members
                    .iter()
                    .find(|member| member.key == step)
                    .map(|member| (member.from, &member.node)),
                Inside::Array(items) => {
                    let item = step.parse::<usize>().ok().and_then(|index| items.get(index));
                    item.map(|item| (item.from, item))
                }
                Inside::Scalar => None,
            };
            let Some((place, below)) = next else { break };
            (from, node) = (place, below);
        }
        let before = self.text.get(..from).unwrap_or_default();
        let breaks = before.bytes().filter(|byte| *byte == b'\n').count();
        u32::try_from(breaks + 1).unwrap_or(u32::MAX)
    }

    /// Puts a value in a value's place.
    pub(super) fn replace(&self, node: &Node, raw: &str) -> Edit {
        Edit {
            from: node.from,
            to: node.to,
            with: indented(raw, &self.indent_of(node.from)),
        }
    }

    /// Puts a value at a pointer whose parent is there.
    pub(super) fn put(&self, pointer: &str, raw: &str) -> Option<Edit> {
        if let Some(node) = self.at(pointer) {
            return Some(self.replace(node, raw));
        }
        let (parent, _) = pointer.rsplit_once('/')?;
        let key = steps(pointer).pop()?;
        let Inside::Object(members) = &self.at(parent)?.inside else {
            return None;
        };
        let rank = |key: &str| ORDER.iter().position(|own| *own == key).unwrap_or(ORDER.len());
        let before = members.iter().rposition(|member| rank(&member.key) <= rank(&key));
        let (first, before) = (members.first()?, &members[before?]);
        let key = serde_json::to_string(&key).ok()?;
        let (gap, indent) = self.gap(first.from);
        Some(Edit {
            from: before.node.to,
            to: before.node.to,
            with: format!(",{gap}{key}: {}", indented(raw, &indent)),
        })
    }

    /// Adds an item behind the last one of an array.
    pub(super) fn push(&self, array: &Node, raw: &str) -> Option<Edit> {
        let Inside::Array(items) = &array.inside else {
            return None;
        };
        let Some((first, last)) = items.first().zip(items.last()) else {
            let indent = self.indent_of(array.from);
            let inner = format!("{indent}  ");
            return Some(Edit {
                from: array.from,
                to: array.to,
                with: format!("[\n{inner}{}\n{indent}]", indented(raw, &inner)),
            });
        };
        let (gap, indent) = self.gap(first.from);
        Some(Edit {
            from: last.to,
            to: last.to,
            with: format!(",{gap}{}", indented(raw, &indent)),
        })
    }

    /// Takes a member or an item out, with the comma that goes with it.
    pub(super) fn remove(&self, pointer: &str) -> Option<Edit> {
        let (parent, _) = pointer.rsplit_once('/')?;
        let key = steps(pointer).pop()?;
        let (places, inner): (Vec<(usize, usize)>, usize) = match &self.at(parent)?.inside {
            Inside::Object(members) => {
                let at = members.iter().position(|member| member.key == key)?;
                (
                    members
                        .iter()
                        .map(|member| (member.from, member.node.to))
                        .collect(),
                    at,
                )
            }
            Inside::Array(items) => (
                items.iter().map(|item| (item.from, item.to)).collect(),
                key.parse().ok()?,
            ),
            Inside::Scalar => return None,
        };
        let own = *places.get(inner)?;
        let parent = self.at(parent)?;
        let (from, to) = match (places.get(inner + 1), inner.checked_sub(1)) {
            (Some(next), _) => (own.0, next.0),
            (None, Some(before)) => (places[before].1, own.1),
            (None, None) => (parent.from + 1, parent.to - 1),
        };
        Some(Edit {
            from,
            to,
            with: String::new(),
        })
    }

    /// The text with its changes; those that overlap are refused.
    pub(super) fn with(&self, mut edits: Vec<Edit>) -> Option<String> {
        edits.sort_by_key(|edit| edit.from);
        let mut text = String::with_capacity(self.text.len() + 256);
        let mut at = 0;
        for edit in &edits {
            text.push_str(self.text.get(at..edit.from)?);
            text.push_str(&edit.with);
            at = edit.to;
        }
        text.push_str(self.text.get(at..)?);
        Some(text)
    }

    /// White space before what begins here, where it begins a line; else a blank. And the indent of its line.
    fn gap(&self, from: usize) -> (String, String) {
        let before = self.text.get(..from).unwrap_or_default();
        let blank = before.trim_end_matches([' ', '\t']);
        match blank.ends_with('\n') {
            true => (
                format!("\n{}", &before[blank.len()..]),
                before[blank.len()..].to_owned(),
            ),
            false => (" ".to_owned(), self.indent_of(from)),
        }
    }

    /// The indent of the line in which something stands.
    fn indent_of(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or_default();
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        line.chars().take_while(|c| *c == ' ' || *c == '\t').collect()
    }
}

fn indented(raw: &str, indent: &str) -> String {
    raw.replace('\n', &format!("\n{indent}"))
}

/// The steps of a JSON pointer.
fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

struct Walk<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Walk<'_> {
    fn next(&mut self) -> Option<u8> {
        while self.bytes.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn value(&mut self) -> Option<Node> {
        let first = self.next()?;
        let from = self.at;
        let inside = match first {
            b'{' => Inside::Object(self.list(b'}', Self::member)?),
            b'[' => Inside::Array(self.list(b']', Self::value)?),
            b'"' => {
                self.string()?;
                Inside::Scalar
            }
            _ => {
                while self
                    .bytes
                    .get(self.at)
                    .is_some_and(|byte| !byte.is_ascii_whitespace() && !b",]}".contains(byte))
                {
                    self.at += 1;
                }
                Inside::Scalar
            }
        };
        Some(Node {
            from,
            to: self.at,
            inside,
        })
    }

    fn list<T>(&mut self, end: u8, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.next()? {
                byte if byte == end => {
                    self.at += 1;
                    return Some(items);
                }
                b',' => self.at += 1,
                _ => items.push(item(self)?),
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        self.next()?;
        let from = self.at;
        self.string()?;
        let key = std::str::from_utf8(self.bytes.get(from..self.at)?).ok()?;
        let key = serde_json::from_str(key).ok()?;
        self.next()?;
        // The colon.
        self.at += 1;
        let node = self.value()?;
        Some(Member { key, from, node })
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"a\": \"x\\\"}\",\n  \"currency\": \"CNY\",\n  \"list\": [\"1\", \"2\",\"3\"],\n  \"o\": { \"id\": 1 },\n  \"e\": []\n}\n";

    fn one(edit: impl FnOnce(&Spans<'_>) -> Option<Edit>) -> String {
        let spans = Spans::of(TEXT).expect("it is JSON");
        let edit = edit(&spans).expect("there is such a place");
        spans.with(vec![edit]).expect("it can be made")
    }

    #[test]
    fn an_edit_keeps_every_other_byte() {
        assert_eq!(one(|s| s.put("/currency", "\"USD\"")), TEXT.replace("CNY", "USD"));
        assert_eq!(
            one(|s| s.put("/budget", "\"9\"")),
            TEXT.replace("\"CNY\",\n", "\"CNY\",\n  \"budget\": \"9\",\n")
        );
        assert_eq!(
            one(|s| s.put("/o/weight", "\"2\"")),
            TEXT.replace("1 }", "1, \"weight\": \"2\" }")
        );
        assert_eq!(one(|s| s.remove("/list/1")), TEXT.replace("\"2\",", ""));
        assert_eq!(one(|s| s.remove("/list/2")), TEXT.replace(",\"3\"", ""));
        assert_eq!(one(|s| s.remove("/o/id")), TEXT.replace("{ \"id\": 1 }", "{}"));
        assert_eq!(
            one(|s| s.push(s.at("/list")?, "\"4\"")),
            TEXT.replace("\"3\"]", "\"3\", \"4\"]")
        );
        assert_eq!(
            one(|s| s.push(s.at("/e")?, "{\n  \"k\": 1\n}")),
            TEXT.replace("[]", "[\n    {\n      \"k\": 1\n    }\n  ]")
        );
    }

    #[test]
    fn lines_are_those_of_the_text() {
        let spans = Spans::of(TEXT).expect("it is JSON");
        for (path, line) in [
            ("a", 2),
            ("currency", 3),
            ("list[2]", 4),
            ("o.id", 5),
            ("o.nothing.below", 5),
            ("nothing", 1),
        ] {
            assert_eq!(spans.line(path), line, "{path}");
        }
        assert_eq!(spans.plain_at("/a"), "x\"}");
        assert!(Spans::of("{\"a\": }").is_none());
    }
}
