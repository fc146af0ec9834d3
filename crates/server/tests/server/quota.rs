//! What strangers may bring: bounded for each address and for all of them.

use crate::fixture::Fixture;
use client::{ClientError, Link as _};
use protocol::{ErrorBody, ErrorCode};
use record::Digest;

fn quota<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> bool {
    match answer {
        Err(ClientError::Centre(body)) => {
            assert_eq!(body.error, ErrorCode::Quota, "{}", body.detail);
            true
        }
        other => {
            other.unwrap();
            false
        }
    }
}

#[test]
fn parts_that_no_act_names_are_bounded_together() {
    let fixture = Fixture::with(|limits| limits.unnamed_bid_bytes = 100);
    let stranger = fixture.link(None);
    assert!(!quota(stranger.bid_blob_put(&fixture.origin, &[1; 60])));
    assert!(quota(stranger.bid_blob_put(&fixture.origin, &[2; 60])));
    assert!(
        !quota(stranger.bid_blob_put(&fixture.origin, &[1; 60])),
        "the same again takes no more"
    );
    assert!(!quota(stranger.bid_blob_put(&fixture.origin, &[3; 40])));
    // Members are not strangers.
    let clerk = fixture.clerk_link();
    assert!(!quota(clerk.blob_put(&fixture.origin, &[4; 200])));
    let answer = fixture
        .raw(None)
        .put(fixture.record(&format!("bids/blobs/{}", Digest::of(&[5; 60]))))
        .body(vec![5; 60])
        .send()
        .unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.json::<ErrorBody>().unwrap().error, ErrorCode::Quota);
}

#[test]
fn an_address_brings_so_much_a_minute() {
    let fixture = Fixture::with(|limits| limits.bid_bytes_per_address_minute = 100);
    let stranger = fixture.link(None);
    // A minute may end once in between, never twice.
    let refused = (0..3)
        .filter(|number| quota(stranger.bid_blob_put(&fixture.origin, &[*number; 60])))
        .count();
    assert!(refused >= 1);
    assert!(quota(stranger.bid_blob_put(&fixture.origin, &[9; 101])));
    assert!(!quota(fixture.clerk_link().blob_put(&fixture.origin, &[8; 200])));
}

#[test]
fn only_an_anchored_clerk_puts_bytes_before_a_record() {
    let fixture = Fixture::start();
    let supervisor = fixture.supervisor();
    let chain = vec![
        fixture
            .authority
            .certify("supervisor-1", evaluation::Role::Supervisor, &supervisor),
    ];
    let identity = client::http_link::TlsIdentity::with_chain(&supervisor, &chain).unwrap();
    let answer = fixture.link(Some(identity)).setup_blob_put(b"tender");
    assert!(
        matches!(&answer, Err(ClientError::Centre(body)) if body.error == ErrorCode::Forbidden),
        "{answer:?}"
    );
}
