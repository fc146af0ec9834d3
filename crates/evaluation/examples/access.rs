//! Writes the access matrix to standard output:
//! `cargo run -p conclave-evaluation --example access > docs/formats/access.md`

use conclave_evaluation::Role;
use conclave_evaluation::access::{self, Leaf, Moment};
use conclave_evaluation::catalogue::{CATALOGUE, Status};
use std::fmt::Write as _;

const HEAD: &str = "\
# Access matrix

Generated from `crates/evaluation/src/access.rs`; do not edit. Renew with
`cargo run -p conclave-evaluation --example access > docs/formats/access.md`.

What a role receives of a leaf that another made. The author of an act always holds the whole of it; whoever has several
roles receives the most that one of them grants. A leaf is delivered as **#** its hash alone, **h** header, commitment and
signature, or **B** header and body. `#→B` means `#` before `deadline.reached` is in the record and `B` from then on; earlier
leaves are then delivered again. **+** means that openings of attachments go with it: they are in the second table.

Blobs follow the act that names them, with rules of their own in `crates/centre/src/blobs.rs`; the public package has its
list in `crates/audit/src/package/disclosure.rs`. Types marked * are reserved.

## Leaves

";

const MOMENTS: [(Moment, &str); 2] = [
    (Moment::BeforeDeadline, "before the deadline"),
    (Moment::AfterDeadline, "after it"),
];

/// The parts a rulebook may name.
const PARTS: [&str; 5] = ["opening", "qualification", "commercial", "technical", "price"];

fn sign(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Hash => "#",
        Leaf::Header => "h",
        Leaf::Body => "B",
    }
}

fn cell(kind: &str, role: Role) -> String {
    let [before, after] = MOMENTS.map(|(moment, _)| {
        let grant = access::grant(kind, role, moment);
        let plus = if grant.openings.is_empty() { "" } else { "+" };
        format!("{}{plus}", sign(grant.leaf))
    });
    if before == after {
        before
    } else {
        format!("{before}→{after}")
    }
}

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    leaves(&mut page);
    openings(&mut page);
    parts(&mut page);
    page
}

fn header(page: &mut String, first: &str) {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    let _ = writeln!(page, "| {first} | {} |", names.join(" | "));
    let _ = writeln!(page, "|---|{}", "---|".repeat(names.len()));
}

fn leaves(page: &mut String) {
    header(page, "type");
    for line in CATALOGUE {
        let star = if line.status == Status::Reserved { "*" } else { "" };
        let cells: Vec<String> = Role::ALL.iter().map(|role| cell(line.name, *role)).collect();
        let _ = writeln!(page, "| `{}`{star} | {} |", line.name, cells.join(" | "));
    }
}

fn openings(page: &mut String) {
    page.push_str("\n## Openings of attachments\n\nA name that ends in `_` stands for every attachment that begins so.\n\n");
    page.push_str("| type | role | when | attachments |\n|---|---|---|---|\n");
    for line in CATALOGUE {
        for role in Role::ALL {
            let [before, after] = MOMENTS.map(|(moment, _)| access::grant(line.name, role, moment).openings);
            let cases = if before == after {
                vec![("always", before)]
            } else {
                vec![(MOMENTS[0].1, before), (MOMENTS[1].1, after)]
            };
            for (when, names) in cases.into_iter().filter(|(_, names)| !names.is_empty()) {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let _ = writeln!(
                    page,
                    "| `{}` | {} | {when} | {} |",
                    line.name,
                    role.name(),
                    names.join(", ")
                );
            }
        }
    }
}

fn parts(page: &mut String) {
    page.push_str("\n## Opened parts of bids\n\nWho may read the plaintext once the part is opened.\n\n");
    header(page, "part");
    for part in PARTS {
        let cells: Vec<&str> = Role::ALL
            .iter()
            .map(|role| {
                if access::may_read_part(*role, part) {
                    "yes"
                } else {
                    ""
                }
            })
            .collect();
        let _ = writeln!(page, "| {part} | {} |", cells.join(" | "));
    }
}

fn main() {
    print!("{}", page());
}
