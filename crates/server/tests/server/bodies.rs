//! Bodies: bounded, and what they say they are.

use crate::fixture::Fixture;
use protocol::{Access, COMMANDS, ErrorBody, ErrorCode, Method, StoredBlob};
use record::Digest;

#[test]
fn ten_megabytes_of_junk_are_refused_by_every_post_and_the_server_lives() {
    let fixture = Fixture::start();
    let junk = vec![b'x'; 10 << 20];
    for certified in [None, Some(fixture.clerk_certified())] {
        let client = fixture.raw(certified);
        for command in COMMANDS.iter().filter(|command| command.method == Method::Post) {
            let origin = fixture.origin.to_string();
            let path = command
                .path
                .replace("{origin}", &origin)
                .replace("{record}", &origin)
                .replace("{submission}", "s")
                .replace("{part}", "price");
            let response = client.post(fixture.url(&path)).body(junk.clone()).send().unwrap();
            assert!(
                response.status().is_client_error(),
                "{} {}",
                command.name,
                response.status()
            );
            if command.access == Access::Open {
                assert_eq!(response.status(), 413, "{}", command.name);
            }
            let body: ErrorBody = response.json().unwrap();
            assert!(!body.detail.contains("xxx"), "the junk is not repeated");
        }
    }
    assert!(fixture.healthy());
}

#[test]
fn junk_that_is_small_is_no_json() {
    let fixture = Fixture::start();
    let client = fixture.raw(Some(fixture.clerk_certified()));
    for body in ["", "{", "null", "[1]", r#"{"body":"","surprise":1}"#] {
        let response = client.post(fixture.record("acts")).body(body).send().unwrap();
        assert_eq!(response.status(), 400, "{body}");
    }
}

#[test]
fn a_blob_is_what_its_path_says() {
    let fixture = Fixture::start();
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let put = |digest: &Digest| {
        let url = fixture.record(&format!("blobs/{digest}"));
        client.put(url).body("bytes").send().unwrap()
    };
    let wrong = put(&Digest::of(b"other"));
    assert_eq!(wrong.status(), 400);
    assert_eq!(wrong.json::<ErrorBody>().unwrap().error, ErrorCode::BadRequest);
    let right = put(&Digest::of(b"bytes"));
    assert_eq!(right.status(), 200);
    assert_eq!(right.json::<StoredBlob>().unwrap().blob.size, 5);
}

#[test]
fn a_blob_above_the_bound_is_refused() {
    let fixture = Fixture::with(|limits| limits.blob_bytes = 128 << 10);
    let client = fixture.raw(Some(fixture.clerk_certified()));
    for (size, status) in [(128 << 10, 200), ((128 << 10) + 1, 413)] {
        let bytes = vec![1; size];
        let url = fixture.record(&format!("blobs/{}", Digest::of(&bytes)));
        assert_eq!(client.put(url).body(bytes).send().unwrap().status(), status);
    }
    // A body whose length nobody announced is counted as it comes.
    let bytes = vec![1; 1 << 20];
    let url = fixture.record(&format!("blobs/{}", Digest::of(&bytes)));
    let body = reqwest::blocking::Body::new(std::io::Cursor::new(bytes));
    assert_eq!(client.put(url).body(body).send().unwrap().status(), 413);
}

#[test]
fn blobs_that_exceed_the_memory_for_them_are_asked_again_later() {
    let fixture = Fixture::with(|limits| {
        limits.blob_bytes = 1 << 20;
        limits.blob_memory_bytes = 64 << 10;
    });
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let bytes = vec![1; 256 << 10];
    let url = fixture.record(&format!("blobs/{}", Digest::of(&bytes)));
    let response = client.put(url).body(bytes).send().unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.json::<ErrorBody>().unwrap().error, ErrorCode::Busy);
}
