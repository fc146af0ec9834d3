//! What acts name, and the manifest over it.

use conclave_audit::external_manifest;
use record::{BlobRef, Digest};

#[test]
fn the_external_manifest_is_ordered_and_names_a_blob_once() {
    let low = BlobRef {
        digest: Digest([0x01; 32]),
        size: 7,
    };
    let high = BlobRef {
        digest: Digest([0xfe; 32]),
        size: 123_456,
    };
    let expected = format!("{} 7\n{} 123456\n", "01".repeat(32), "fe".repeat(32));
    assert_eq!(external_manifest(&[high, low, high]), expected.as_bytes());
    assert_eq!(external_manifest(&[]), b"");
}

#[test]
fn the_check_names_are_the_list_of_the_format() {
    let doc = include_str!("../../../../docs/formats/archive.md");
    for name in conclave_audit::Checks::names() {
        assert!(
            doc.contains(&format!("| `{name}` |")),
            "{name} is not in archive.md"
        );
    }
    for kind in conclave_audit::package::disclosure::PUBLIC {
        assert!(
            evaluation::catalogue::find(kind).is_some(),
            "{kind} is no act type"
        );
        assert!(doc.contains(&format!("`{kind}`")), "{kind} is not in archive.md");
    }
}
