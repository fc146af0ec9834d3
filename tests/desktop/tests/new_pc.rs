//! Through real windows: a full disk, a PC that dies, and the new one that takes its place.

use conclave_system::{program, sample};
use std::path::Path;
use std::time::Duration;
use windows::{Language, Patience, Programs, new_pc};

#[tokio::test(flavor = "current_thread")]
async fn nothing_older_than_the_newest_snapshot_is_lost_with_the_pc() {
    let programs = Programs {
        conclave: program("conclave"),
        desktop: program("conclave-desktop-driven"),
        sample: sample(),
    };
    let out = tempfile::tempdir().expect("a folder");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    let patience = Patience(Duration::from_secs(180));
    let moved = new_pc(&programs, Language::Chinese, (out.path(), &pictures), patience).await;
    let moved = moved.unwrap_or_else(|fault| panic!("{fault}; pictures: {}", pictures.display()));

    if !moved.filled {
        eprintln!("this account may not mount a small disk: the full disk was left out here");
    }
    assert_eq!(moved.safe.len(), 2, "{:?}", moved.safe);
    assert_eq!(moved.last.len(), 3, "{:?}", moved.last);
    for cell in &moved.safe {
        assert!(
            moved.restored.contains(cell),
            "{cell} had left the old PC; the new one has {:?}",
            moved.restored
        );
    }
    for cell in &moved.restored {
        assert!(moved.last.contains(cell), "{cell} was never written");
    }
    let many = format!("共 {} 项", moved.restored.len());
    assert!(
        moved.said.contains(&many),
        "it is said how much came back: {}",
        moved.said
    );
}
