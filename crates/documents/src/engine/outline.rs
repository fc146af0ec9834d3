//! The outline (bookmarks) of a document: ISO 32000-2, 12.3.3, with its destinations, 12.3.2.

use std::collections::{HashMap, HashSet};

use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::hayro_interpret::hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, String as PdfString,
};

use crate::text::{OUTLINE_DEPTH, OUTLINE_ENTRIES, OutlineEntry, cut_title};

/// Most destinations with a name that are looked at, and most nodes of the tree that holds them.
const NAMES: usize = 200_000;
const NAME_NODES: usize = 50_000;
/// Deepest tree of names followed.
const NAME_DEPTH: usize = 32;

/// An entry before its page is settled.
struct Found {
    title: String,
    page: Option<u32>,
    level: u32,
}

/// The outline; empty where there is none or nothing of it can be followed.
pub(super) fn read(pdf: &Pdf) -> Vec<OutlineEntry> {
    let xref = pdf.xref();
    let Some(catalogue) = xref.get::<Dict<'_>>(xref.root_id()) else {
        return Vec::new();
    };
    let Some(root) = catalogue.get::<Dict<'_>>("Outlines") else {
        return Vec::new();
    };
    let destinations = Destinations::of(pdf, &catalogue);
    let mut walk = Walk {
        destinations: &destinations,
        seen: HashSet::new(),
        found: Vec::new(),
    };
    walk.level(&root, 0);
    settled(walk.found)
}

/// Headings without a page of their own take the page of what stands first under them.
fn settled(mut found: Vec<Found>) -> Vec<OutlineEntry> {
    for index in (0..found.len().saturating_sub(1)).rev() {
        if found[index].page.is_none() && found[index + 1].level > found[index].level {
            found[index].page = found[index + 1].page;
        }
    }
    let entry = |found: Found| {
        found.page.map(|page| OutlineEntry {
            title: found.title,
            page,
            level: found.level,
        })
    };
    found.into_iter().filter_map(entry).collect()
}

struct Walk<'a> {
    destinations: &'a Destinations<'a>,
    seen: HashSet<ObjectIdentifier>,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn level(&mut self, parent: &Dict<'_>, level: u32) {
        let mut next = parent.get::<Dict<'_>>("First");
        // Items without an object number cannot be told apart; their links still end with the count.
        let mut steps = 0;
        while let Some(item) = next {
            steps += 1;
            let known = item.obj_id().is_some_and(|id| !self.seen.insert(id));
            if known || steps > OUTLINE_ENTRIES || self.found.len() >= OUTLINE_ENTRIES {
                return;
            }
            let title = item.get::<PdfString<'_>>("Title");
            self.found.push(Found {
                title: title.map_or_else(String::new, |title| cut_title(&text(title.as_bytes()))),
                page: self.destinations.page_of(&item),
                level,
            });
            if level + 1 < OUTLINE_DEPTH {
                self.level(&item, level + 1);
            }
            next = item.get::<Dict<'_>>("Next");
        }
    }
}

/// Where destinations lead.
struct Destinations<'a> {
    pages: HashMap<ObjectIdentifier, u32>,
    count: u32,
    named: HashMap<Vec<u8>, Object<'a>>,
}

impl<'a> Destinations<'a> {
    fn of(pdf: &'a Pdf, catalogue: &Dict<'a>) -> Self {
        let ids = pdf.pages().iter().map(|page| page.raw().obj_id());
        let pages = ids
            .zip(1..)
            .filter_map(|(id, number)| Some((id?, number)))
            .collect();
        let mut named = HashMap::new();
        if let Some(old) = catalogue.get::<Dict<'_>>("Dests") {
            for name in old.keys().take(NAMES) {
                if let Some(target) = old.get::<Object<'_>>(&*name) {
                    named.insert(name.to_vec(), target);
                }
            }
        }
        let tree = catalogue
            .get::<Dict<'_>>("Names")
            .and_then(|names| names.get::<Dict<'_>>("Dests"));
        if let Some(tree) = tree {
            let mut nodes = 0;
            gather(&tree, 0, &mut nodes, &mut named);
        }
        Self {
            pages,
            count: u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX),
            named,
        }
    }

    fn page_of(&self, item: &Dict<'_>) -> Option<u32> {
        if let Some(target) = item.get::<Object<'_>>("Dest") {
            return self.follow(target, true);
        }
        let action = item.get::<Dict<'_>>("A")?;
        let kind = action.get::<Name<'_>>("S")?;
        // Other actions lead out of the document.
        (&*kind == b"GoTo")
            .then(|| action.get::<Object<'_>>("D"))?
            .and_then(|target| self.follow(target, true))
    }

    fn follow(&self, target: Object<'_>, may_be_named: bool) -> Option<u32> {
        match target {
            Object::Array(array) => self.explicit(&array),
            Object::Dict(dict) => self.explicit(&dict.get::<Array<'_>>("D")?),
            Object::Name(name) if may_be_named => self.by_name(&name),
            Object::String(name) if may_be_named => self.by_name(name.as_bytes()),
            _ => None,
        }
    }

    /// A name leads to a place, never to another name.
    fn by_name(&self, name: &[u8]) -> Option<u32> {
        self.follow(self.named.get(name)?.clone(), false)
    }

    fn explicit(&self, array: &Array<'_>) -> Option<u32> {
        match array.raw_iter().next()? {
            MaybeRef::Ref(reference) => self.pages.get(&reference.into()).copied(),
            MaybeRef::NotRef(Object::Number(number)) => {
                let page = u32::try_from(number.as_i64()).ok()?.checked_add(1)?;
                (page <= self.count).then_some(page)
            }
            MaybeRef::NotRef(_) => None,
        }
    }
}

/// Names and what they lead to, from a tree of names (ISO 32000-2, 7.9.6).
fn gather<'a>(node: &Dict<'a>, depth: usize, nodes: &mut usize, named: &mut HashMap<Vec<u8>, Object<'a>>) {
    *nodes += 1;
    if *nodes > NAME_NODES || depth > NAME_DEPTH {
        return;
    }
    if let Some(pairs) = node.get::<Array<'_>>("Names") {
        let mut pairs = pairs.iter::<Object<'_>>();
        while let (Some(name), Some(target)) = (pairs.next(), pairs.next()) {
            if named.len() >= NAMES {
                return;
            }
            if let Object::String(name) = name {
                named.insert(name.as_bytes().to_vec(), target);
            }
        }
    }
    if let Some(kids) = node.get::<Array<'_>>("Kids") {
        for kid in kids.iter::<Dict<'_>>() {
            gather(&kid, depth + 1, nodes, named);
        }
    }
}

/// A text string: UTF-16 or UTF-8 behind their marks, else Latin letters (PDFDocEncoding in its printable part).
fn text(bytes: &[u8]) -> String {
    let wide = |big: bool, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if big {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            }
        });
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => wide(true, rest),
        [0xff, 0xfe, rest @ ..] => wide(false, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        plain => plain.iter().map(|byte| char::from(*byte)).collect(),
    }
}
