//! The library of a seat, with the documents of the sample and lines that fail.

mod seat;

use conclave_client::library::Library;
use conclave_client::{ClientError, tender_package::TenderPackage};
use documents::{DocumentError, Limits, Reader};
use protocol::window::{DocumentLine, DocumentState, FindQuery};
use record::BlobRef;
use seat::{Centre, KEY, Seat, id_of, part, reader, sample, tar, watch};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[test]
fn with_the_line_cut_everything_fetched_is_read_found_and_shown() {
    let centre = Arc::new(Centre::default());
    let mut wanted = centre.tender();
    wanted.push(centre.part("B1", "technical", part("A", "technical")));
    wanted.push(centre.part("B2", "technical", part("B", "technical")));
    let seat = Seat::new();
    seat.library.update(wanted.clone(), centre.clone());
    seat.until_settled();
    let order: Vec<BlobRef> = wanted.iter().map(|wanted| wanted.blob).collect();
    assert_eq!(
        *centre.asked.lock().expect("whole"),
        order,
        "in the order in which they are needed, once"
    );
    *centre.cut.lock().expect("whole") = true;

    // A new start asks for nothing.
    let seat = seat.start_again();
    assert!(
        seat.list().is_empty(),
        "nothing until it is said what may be read"
    );
    seat.library.update(wanted, centre.clone());
    let list = seat.until_settled();
    assert_eq!(centre.asked.lock().expect("whole").len(), order.len());
    let shown: Vec<_> = list
        .iter()
        .map(|line| (line.title.zh.as_str(), line.file.as_str(), line.pages))
        .collect();
    let pages =
        |file: &str| u32::try_from(reader().info(&sample(file)).expect("sound").pages.len()).expect("few");
    assert_eq!(
        shown,
        [
            ("招标文件", "tender.pdf", pages("tender/tender.pdf")),
            ("技术部分", "technical.pdf", pages("bids/A/technical.pdf")),
            ("技术部分", "technical.pdf", pages("bids/B/technical.pdf")),
        ]
    );
    let tender = id_of(&list, None, None);
    let view = seat.library.document(&tender).expect("ready");
    assert_eq!(view.pages.len(), shown[0].2 as usize);
    assert!(!view.outline.is_empty());
    let text = seat.library.page_text(&tender, 1).expect("ready");
    assert!(text.lines.iter().all(|line| {
        let (left, top, width, height) = line.place;
        [left, top, left + width, top + height]
            .iter()
            .all(|edge| (0.0..=1.001).contains(edge))
    }));
    assert!(matches!(
        seat.library.page_text(&tender, 9_999),
        Err(ClientError::Document(DocumentError::PageOutOfRange { .. }))
    ));

    let mark = ["专家-07".to_owned()];
    let picture = seat
        .library
        .picture(&tender, 1, 640, &mark)
        .expect("drawn with the line cut");
    let direct = reader()
        .render_width(
            &sample("tender/tender.pdf"),
            1,
            640,
            Some(&documents::Watermark { lines: mark.to_vec() }),
        )
        .expect("sound");
    assert_eq!(picture, direct.png);
    assert_ne!(
        picture,
        seat.library
            .picture(&tender, 1, 640, &["专家-08".to_owned()])
            .expect("drawn")
    );

    // As the statements of the two bids say.
    let named = seat.library.named_pages();
    let first: Vec<_> = named.iter().filter(|named| named.bidder == "B1").collect();
    assert_eq!(first.len(), 8);
    let t3 = first.iter().find(|named| named.criterion == "t3").expect("named");
    assert_eq!(
        (t3.page, &t3.document),
        (2, &id_of(&list, Some("B1"), Some("technical")))
    );
}

#[test]
fn chinese_is_found_across_the_ends_of_lines() {
    let centre = Arc::new(Centre::default());
    let seat = Seat::new();
    let mut wanted = centre.tender();
    wanted.push(centre.part("B1", "technical", part("A", "technical")));
    seat.library.update(wanted, centre);
    let list = seat.until_settled();
    let tender = id_of(&list, None, None);
    // Words that end one line and begin the next, taken from the document as it is set.
    let (mut words, mut page) = (String::new(), 0);
    let han = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
    'pages: for at in 1.. {
        let lines = seat.library.page_text(&tender, at).expect("there is one").lines;
        for pair in lines.windows(2) {
            let end: String = pair[0]
                .text
                .chars()
                .rev()
                .take(4)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let begin: String = pair[1].text.chars().take(4).collect();
            if end.chars().count() == 4
                && begin.chars().count() == 4
                && (end.clone() + &begin).chars().all(|c| han(&c))
            {
                (words, page) = (end + &begin, at);
                break 'pages;
            }
        }
    }
    let found = seat.find(&words);
    let hit = found
        .hits
        .iter()
        .find(|hit| hit.document == tender && hit.page == page);
    assert_eq!(hit.expect(&words).hit, words);
    // Many hits are cut, and it is said.
    let few = seat.find("采购人");
    assert!(
        (2..=500).contains(&few.hits.len()) && !few.more,
        "{}",
        few.hits.len()
    );
    let many = seat.find("1");
    assert!(many.hits.len() == 500 && many.more, "{}", many.hits.len());
    assert_eq!(seat.find("").hits, []);
    let elsewhere = seat.library.find(&FindQuery {
        words,
        document: Some(id_of(&list, Some("B1"), Some("technical"))),
    });
    assert!(elsewhere.hits.iter().all(|hit| hit.document != tender));
}

#[test]
fn bytes_that_are_not_the_blob_are_refused_and_the_rest_goes_on() {
    let centre = Arc::new(Centre::default());
    let mut wanted = centre.tender();
    wanted.push(centre.part("B1", "technical", part("A", "technical")));
    wanted.push(centre.part("B2", "technical", part("B", "technical")));
    // Sound files, but others than the record names.
    let lies = [
        (wanted[1].blob, sample("bids/C/technical.pdf")),
        (wanted[2].blob, part("C", "technical")),
    ];
    *centre.lies.lock().expect("whole") = lies.into();
    let seat = Seat::new();
    seat.library.update(wanted.clone(), centre.clone());
    let list = seat.until(|list| list.len() == 3 && list[2].state == DocumentState::Ready);
    for line in &list[..2] {
        assert!(matches!(
            line.state,
            DocumentState::Waiting | DocumentState::Fetching
        ));
        assert!(seat.library.document(&line.id).is_err());
    }
    assert_eq!(list[1].file, "", "nothing of the other part is shown");
    assert_eq!(seat.find("招标").unread, 2);
    centre.lies.lock().expect("whole").clear();
    seat.library.update(wanted, centre);
    let list = seat.until_settled();
    assert!(list.iter().all(|line| line.state == DocumentState::Ready));
}

#[test]
fn a_fetch_cut_off_in_the_middle_goes_on_where_it_was() {
    let centre = Arc::new(Centre::default());
    let mut wanted = centre.tender();
    wanted.push(centre.part("B1", "technical", part("A", "technical")));
    let last = wanted[2].blob;
    centre.hold(Some(last));
    let seat = Seat::new();
    seat.library.update(wanted.clone(), centre.clone());
    seat.until(|list| list[0].state == DocumentState::Ready && list[1].state == DocumentState::Fetching);
    // No call waits for the line meanwhile.
    assert!(!seat.find("招标").hits.is_empty());
    *centre.cut.lock().expect("whole") = true;
    centre.hold(None);
    let seat = seat.start_again();
    *centre.cut.lock().expect("whole") = false;
    seat.library.update(wanted.clone(), centre.clone());
    seat.until_settled();
    let asked = centre.asked.lock().expect("whole").clone();
    for done in &wanted[..2] {
        assert_eq!(
            asked.iter().filter(|blob| **blob == done.blob).count(),
            1,
            "not fetched twice"
        );
    }
}

#[test]
fn what_cannot_be_read_says_why_and_stays_so() {
    let centre = Arc::new(Centre::default());
    let torn = sample("bids/A/price.pdf")[..300].to_vec();
    let wanted = vec![
        centre.part(
            "B1",
            "technical",
            tar(&[("a.pdf", torn), ("b.pdf", b"PK\x03\x04".to_vec())]),
        ),
        centre.part("B2", "technical", b"no tar at all".to_vec()),
        centre.part("B3", "technical", part("B", "technical")),
    ];
    let seat = Seat::new();
    seat.library.update(wanted.clone(), centre.clone());
    let codes = |list: &[DocumentLine]| -> Vec<String> {
        let code = |line: &DocumentLine| match &line.state {
            DocumentState::Unreadable { problem } => {
                assert!(
                    !problem.what.zh.is_empty() && !problem.safe.en.is_empty() && !problem.next.zh.is_empty()
                );
                problem.code.clone()
            }
            other => format!("{other:?}"),
        };
        list.iter().map(code).collect()
    };
    let list = seat.until_settled();
    assert_eq!(codes(&list), ["D-303", "D-302", "D-308", "Ready"]);
    assert!(matches!(
        seat.library.picture(&list[0].id, 1, 640, &[]),
        Err(ClientError::Document(DocumentError::Damaged { .. }))
    ));
    let seat = seat.start_again();
    seat.library.update(wanted, centre);
    assert_eq!(codes(&seat.until_settled()), ["D-303", "D-302", "D-308", "Ready"]);
}

#[test]
fn the_disk_is_bounded_and_a_purge_leaves_nothing() {
    let centre = Arc::new(Centre::default());
    let wanted = centre.tender();
    let folder = tempfile::tempdir().expect("a folder");
    let library = Library::open_within(folder.path(), KEY, reader(), 100_000).expect("a new one");
    let changes = watch(&library);
    let seat = Seat {
        folder,
        library,
        changes,
    };
    seat.library.update(wanted.clone(), centre.clone());
    let full = seat.until_settled();
    let DocumentState::Unreadable { problem } = &full[0].state else {
        panic!("{full:?}");
    };
    assert_eq!(problem.code, "D-309");

    let seat = seat.start_again();
    seat.library.update(wanted, centre);
    let list = seat.until_settled();
    seat.library.picture(&list[0].id, 1, 640, &[]).expect("ready");
    let text = "招标文件";
    assert!(
        !plain_on_disk(seat.folder.path(), b"%PDF-").0
            && !plain_on_disk(seat.folder.path(), text.as_bytes()).0
    );
    assert!(
        plain_on_disk(seat.folder.path(), b"%PDF-").1 > 600_000,
        "it is kept"
    );
    seat.library.purge().expect("removed");
    assert!(seat.list().is_empty());
    assert!(seat.library.picture(&list[0].id, 1, 640, &[]).is_err());
    assert!(plain_on_disk(&seat.folder.path().join("documents"), b"%PDF-").1 < 4_096);
}

#[test]
fn at_most_four_children_stay_open() {
    let centre = Arc::new(Centre::default());
    let folder = tempfile::tempdir().expect("a folder");
    // Under a path of its own, so that its children are told from those of other tests.
    let program = folder.path().join("child-of-this-test");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_client-document-child"), &program).expect("a link");
    let library =
        Library::open(folder.path(), KEY, Reader::new(&program, Limits::default())).expect("a new one");
    let changes = watch(&library);
    let seat = Seat {
        folder,
        library,
        changes,
    };
    let parts = ["opening", "qualification", "commercial", "technical", "price"];
    let wanted = parts.map(|name| centre.part("B1", name, part("A", name)));
    seat.library.update(wanted.to_vec(), centre);
    let list = seat.until_settled();
    let running = || {
        let processes = std::fs::read_dir("/proc").expect("Linux").filter_map(Result::ok);
        processes
            .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
            .filter(|line| line.starts_with(program.as_os_str().as_encoded_bytes()))
            .count()
    };
    std::thread::scope(|scope| {
        for line in &list {
            let library = &seat.library;
            scope.spawn(move || library.picture(&line.id, 1, 320, &[]).expect("drawn"));
        }
    });
    assert_eq!(running(), 4);
    seat.library.purge().expect("removed");
    assert_eq!(running(), 0);
}

/// Whether any file below a folder holds these bytes, and how many bytes all files have.
fn plain_on_disk(folder: &Path, bytes: &[u8]) -> (bool, u64) {
    let (mut found, mut size) = (false, 0);
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(&path).expect("readable");
                found |= content.windows(bytes.len()).any(|window| window == bytes);
                size += content.len() as u64;
            }
        }
    }
    (found, size)
}

#[test]
fn a_file_damaged_on_the_disk_is_fetched_again() {
    let centre = Arc::new(Centre::default());
    let wanted = centre.tender();
    let seat = Seat::new();
    seat.library.update(wanted.clone(), centre.clone());
    let list = seat.until_settled();
    // The largest file is the document; its text is smaller than it.
    let mut files = Vec::new();
    for folder in std::fs::read_dir(seat.folder.path().join("documents")).expect("readable") {
        let folder = folder.expect("readable").path();
        if folder.is_dir() {
            files.extend(
                std::fs::read_dir(folder)
                    .expect("readable")
                    .map(|file| file.expect("readable").path()),
            );
        }
    }
    let length = list[0].size;
    let stored = |file: &PathBuf| std::fs::metadata(file).expect("there").len();
    let document = files
        .iter()
        .min_by_key(|file| stored(file).abs_diff(length))
        .expect("there is one");
    let mut bytes = std::fs::read(document).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(document, bytes).expect("writable");
    assert!(
        seat.library.picture(&list[0].id, 1, 640, &[]).is_err(),
        "never the damaged one"
    );
    seat.until(|_| seat.library.picture(&list[0].id, 1, 640, &[]).is_ok());
    let asked = centre.asked.lock().expect("whole").clone();
    assert_eq!(asked.iter().filter(|blob| **blob == wanted[1].blob).count(), 2);
}

#[test]
fn the_sample_package_names_its_documents_as_the_record_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/procurement/tender");
    let package = TenderPackage::read(&folder).expect("sound");
    let named = package.tender.named();
    assert_eq!(named.len(), 1);
    assert!(named[0].file == "tender.pdf" && named[0].blob == BlobRef::of(&sample("tender/tender.pdf")));
}
