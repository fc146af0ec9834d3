//! A caller who does not go on loses the connection.

use crate::fixture::Fixture;
use rustls::{ClientConnection, StreamOwned};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// A connection to write into by hand. Its own patience is far longer than the server's.
fn connect(fixture: &Fixture) -> StreamOwned<ClientConnection, TcpStream> {
    let tls = fixture.tls(None, &[&rustls::version::TLS13]);
    let name = "127.0.0.1".try_into().unwrap();
    let connection = ClientConnection::new(Arc::new(tls), name).unwrap();
    let stream = TcpStream::connect(fixture.address).unwrap();
    let patience = Some(Duration::from_secs(60));
    stream.set_write_timeout(patience).unwrap();
    stream.set_read_timeout(patience).unwrap();
    StreamOwned::new(connection, stream)
}

#[test]
fn who_asks_and_never_reads_is_cut_off() {
    let fixture = Fixture::with(|limits| limits.write_seconds = 1);
    let mut stream = connect(&fixture);
    let request = b"GET /v1/health HTTP/1.1\r\nhost: centre\r\n\r\n".repeat(256);
    // Answers pile up until the server can't write; from then on it does not read either.
    let error = loop {
        if let Err(error) = stream.write_all(&request) {
            break error;
        }
    };
    assert!(
        matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        "{error}"
    );
    assert!(fixture.healthy());
}

#[test]
fn who_never_ends_a_body_is_answered_and_cut_off() {
    let fixture = Fixture::with(|limits| limits.request_seconds = 1);
    let mut stream = connect(&fixture);
    let head = format!(
        "POST /v1/records/{}/bids HTTP/1.1\r\nhost: centre\r\ncontent-length: 1000\r\n\r\n{{",
        fixture.origin
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.flush().unwrap();
    let mut answer = Vec::new();
    // Without a proper end of TLS the read fails after the answer; what counts is that it ends.
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert!(
            !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            "{error}"
        );
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}
