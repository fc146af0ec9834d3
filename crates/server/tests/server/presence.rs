//! Who is connected, and who is told; which builds are taken.

use crate::fixture::Fixture;
use client::ClientError;
use client::http_link::{HttpLink, HttpSetting, TlsIdentity, self_signed};
use client::link::Link;
use evaluation::Role;
use protocol::{BUILD_HEADER, Connections, ErrorCode, SeatConnection};
use record::PublicKey;
use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

/// How long a test waits for what must come.
const LIMIT: Duration = Duration::from_secs(60);

fn seat(connections: &Connections, key: PublicKey) -> SeatConnection {
    let found = connections.seats.iter().find(|seat| seat.key == Some(key));
    found.unwrap().clone()
}

/// Asks until the clerk's seat is as wanted: the server hears of a closed channel by itself.
fn until(link: &HttpLink, fixture: &Fixture, connected: bool) -> SeatConnection {
    let start = Instant::now();
    loop {
        let seat = seat(&link.presence(&fixture.origin).unwrap(), fixture.clerk.public());
        if seat.connected == connected {
            return seat;
        }
        assert!(start.elapsed() < LIMIT, "{seat:?}");
    }
}

#[test]
fn a_supervisor_sees_who_came_and_who_left() {
    let fixture = Fixture::start();
    let supervisor = fixture.supervisor();
    let link = fixture.link(Some(TlsIdentity::self_signed(&supervisor).unwrap()));
    let before = until(&link, &fixture, false);
    assert_eq!((before.role, before.site, before.line), (Role::Clerk, None, None));
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let open = || {
        let url = fixture.record("live?cursor=");
        let mut channel = BufReader::new(client.get(url).timeout(LIMIT).send().unwrap());
        let mut line = String::new();
        assert!(channel.read_line(&mut line).unwrap() > 0);
        channel
    };
    let first = open();
    let came = until(&link, &fixture, true);
    assert!(came.since >= before.since);
    let second = open();
    drop(first);
    let replaced = until(&link, &fixture, true);
    assert_eq!(
        replaced.since, came.since,
        "another channel of the same key changes nothing"
    );
    drop(second);
    assert!(until(&link, &fixture, false).since >= came.since);
    let own = seat(
        &link.presence(&fixture.origin).unwrap(),
        PublicKey(supervisor.public_key()),
    );
    assert!(!own.connected, "asking is not listening");
    // Nothing of it is in the record.
    let feed = link.feed(&fixture.origin, "").unwrap();
    let entries = feed
        .items
        .iter()
        .filter(|item| matches!(item, protocol::FeedItem::Entry(_)));
    assert_eq!(entries.count(), 2);
}

#[test]
fn a_build_that_tests_drive_is_refused_outside_development() {
    let fixture = Fixture::start();
    let link = |driven| {
        HttpLink::connect(HttpSetting {
            base_url: fixture.url(""),
            ca_roots: vec![fixture.authority.root.clone()],
            identity: Some(fixture.clerk_identity()),
            server_name: None,
            driven,
        })
        .unwrap()
    };
    assert_eq!(link(false).record_list().unwrap().len(), 1);
    let refused = link(true).record_list();
    assert!(
        matches!(&refused, Err(ClientError::Centre(body)) if body.error == ErrorCode::DrivenBuild),
        "{refused:?}"
    );
    let (certificate, key) = self_signed(fixture.clerk.key()).unwrap();
    let client = fixture.raw(Some((vec![certificate], key)));
    for (build, status) in [("default", 200), ("driven", 403), ("other", 400)] {
        for path in ["v1/health", "v1/records"] {
            let request = client
                .get(fixture.url(&format!("/{path}")))
                .header(BUILD_HEADER, build);
            assert_eq!(
                request.send().unwrap().status().as_u16(),
                status,
                "{build} {path}"
            );
        }
    }
}

#[test]
fn a_centre_in_development_mode_takes_driven_builds() {
    let fixture = Fixture::in_development();
    let client = fixture.raw(None);
    let request = client
        .get(fixture.url("/v1/health"))
        .header(BUILD_HEADER, "driven");
    assert_eq!(request.send().unwrap().status().as_u16(), 200);
}
