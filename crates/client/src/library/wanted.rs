//! Which documents a seat may read, and in which order it needs them.

use crate::replica::Replica;
use audit::statement::Statement;
use evaluation::{PartOutcome, Role, State, access};
use protocol::window::{NamedPage, Words};
use record::{BlobRef, Digest};

/// Parts in the order in which a committee reads them; others follow by name.
const PART_ORDER: [&str; 5] = ["opening", "qualification", "commercial", "technical", "price"];

/// What a wanted blob is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedKind {
    /// The manifest of the tender package: it has the titles of the tender's documents.
    Manifest,
    /// A published document of the tender.
    Tender {
        /// File name.
        file: String,
    },
    /// The content of an opened part: a canonical tar.
    Part {
        /// Ordinal of the bidder.
        bidder: String,
        /// Name of the part.
        part: String,
    },
}

/// A blob that this seat may read, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedDocument {
    /// What it is.
    pub kind: WantedKind,
    /// Digest and size.
    pub blob: BlobRef,
}

/// What the record opens to these roles (protocol 6), in the order in which an expert needs it: the tender, then bids
/// in order, each part by part.
pub fn wanted(replica: &Replica, roles: &[Role]) -> Vec<WantedDocument> {
    of_state(replica.state(), roles)
}

fn of_state(state: &State, roles: &[Role]) -> Vec<WantedDocument> {
    let Some(record) = state.record().filter(|_| !roles.is_empty()) else {
        return Vec::new();
    };
    let mut wanted = Vec::new();
    if !record.documents.is_empty() {
        wanted.push(WantedDocument {
            kind: WantedKind::Manifest,
            blob: record.tender,
        });
    }
    wanted.extend(record.documents.iter().map(|document| WantedDocument {
        kind: WantedKind::Tender {
            file: document.file.clone(),
        },
        blob: document.blob,
    }));
    let mut bidders: Vec<_> = state.bidders().iter().collect();
    // B2 before B10.
    bidders.sort_by_key(|(bidder, _)| (bidder.as_str().len(), bidder.as_str()));
    for (bidder, submission) in bidders {
        let Some(submission) = state.submissions().get(submission) else {
            continue;
        };
        let mut parts: Vec<_> = submission.outcomes.iter().collect();
        parts.sort_by_key(|(part, _)| (place(part), part.as_str()));
        for (part, outcome) in parts {
            let open = roles.iter().any(|role| access::may_read_part(*role, part));
            if let (true, PartOutcome::Opened(content)) = (open, outcome) {
                wanted.push(WantedDocument {
                    kind: WantedKind::Part {
                        bidder: bidder.as_str().to_owned(),
                        part: part.clone(),
                    },
                    blob: *content,
                });
            }
        }
    }
    wanted
}

fn place(part: &str) -> usize {
    PART_ORDER
        .iter()
        .position(|known| *known == part)
        .unwrap_or(PART_ORDER.len())
}

/// The pages that a part's `statement.json` names for criteria. They are of the part's own document: the PDF with the
/// part's name, else the first PDF. `files` are (name, id of the document, pages); pages the document does not have
/// are left out, and a statement that is no statement names none.
pub fn named_pages(
    bidder: &str,
    part: &str,
    files: &[(String, String, u32)],
    statement: &[u8],
) -> Vec<NamedPage> {
    let pdf = |name: &str| name.to_ascii_lowercase().ends_with(".pdf");
    let own = format!("{part}.pdf");
    let document = files
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(&own))
        .or_else(|| files.iter().find(|(name, ..)| pdf(name)));
    let (Some((_, document, pages)), Ok(statement)) = (document, Statement::parse(statement)) else {
        return Vec::new();
    };
    let index = statement
        .other
        .get("page_index")
        .and_then(|index| index.as_object());
    let named = index.into_iter().flatten().filter_map(|(criterion, page)| {
        let page = u32::try_from(page.as_u64()?).ok()?;
        (1..=*pages).contains(&page).then(|| NamedPage {
            bidder: bidder.to_owned(),
            criterion: criterion.clone(),
            document: document.clone(),
            page,
        })
    });
    named.collect()
}

/// The id of a document within a seat: the same for the same file at the same place.
pub(super) fn document_id(kind: &WantedKind, file: &str, blob: &BlobRef) -> String {
    let place = match kind {
        WantedKind::Manifest | WantedKind::Tender { .. } => String::new(),
        WantedKind::Part { bidder, part } => format!("{bidder}/{part}"),
    };
    let whole = Digest::of(format!("{place}\n{file}\n{}", blob.digest).as_bytes());
    hex::encode(&whole.0[..12])
}

/// The name of a part for people.
pub(super) fn part_words(part: &str) -> Words {
    match part {
        "opening" => Words::new("开标一览", "Opening letter"),
        "qualification" => Words::new("资格证明部分", "Qualification part"),
        "commercial" => Words::new("商务部分", "Commercial part"),
        "technical" => Words::new("技术部分", "Technical part"),
        "price" => Words::new("报价部分", "Price part"),
        other => Words::same(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages_named(index: &str, files: &[(&str, u32)]) -> Vec<(String, String, u32)> {
        let statement = format!(
            r#"{{"format":"conclave.statement/1","identity":{{"name":"n","code":"c"}},"page_index":{index}}}"#
        );
        let files: Vec<_> = files
            .iter()
            .map(|(name, pages)| ((*name).to_owned(), format!("id-{name}"), *pages))
            .collect();
        named_pages("B1", "technical", &files, statement.as_bytes())
            .into_iter()
            .map(|named| (named.criterion, named.document, named.page))
            .collect()
    }

    #[test]
    fn criteria_lead_to_pages_of_the_parts_own_document() {
        let files = [("annex.pdf", 9), ("technical.pdf", 4)];
        let named = pages_named(
            r#"{"t1":1,"t2":4,"t3":5,"t4":0,"t5":-1,"t6":"2","t7":4294967297}"#,
            &files,
        );
        let own = "id-technical.pdf".to_owned();
        assert_eq!(
            named,
            [("t1".to_owned(), own.clone(), 1), ("t2".to_owned(), own, 4)]
        );
        let other = pages_named(r#"{"t1":9}"#, &[("a.txt", 0), ("annex.pdf", 9)]);
        assert_eq!(other, [("t1".to_owned(), "id-annex.pdf".to_owned(), 9)]);
    }

    #[test]
    fn a_statement_that_is_none_names_no_page() {
        assert!(pages_named("[1,2]", &[("technical.pdf", 4)]).is_empty());
        assert!(pages_named(r#"{"t1":1}"#, &[]).is_empty());
        assert!(named_pages("B1", "technical", &[("a.pdf".into(), "i".into(), 1)], b"{").is_empty());
    }
}
