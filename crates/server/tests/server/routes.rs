//! The routes are the table.

use crate::fixture::Fixture;
use protocol::{Access, COMMANDS, Command, ErrorBody, ErrorCode, Method};
use reqwest::Method as Http;
use reqwest::blocking::Client;

fn http(method: Method) -> Http {
    match method {
        Method::Get => Http::GET,
        Method::Post => Http::POST,
        Method::Put => Http::PUT,
    }
}

/// The command's path with its parameters filled.
fn path(fixture: &Fixture, command: &Command) -> String {
    let origin = fixture.origin.to_string();
    command
        .path
        .replace("{origin}", &origin)
        .replace("{record}", &origin)
        .replace("{digest}", &"0".repeat(64))
        .replace("{act}", &"0".repeat(32))
        .replace("{size}", "0")
        .replace("{profile}", "public")
        .replace("{submission}", "s")
        .replace("{part}", "price")
}

/// Whether the answer is that of a path or method outside the table.
fn outside(client: &Client, method: Http, url: &str) -> bool {
    let response = client.request(method, url).send().unwrap();
    let status = response.status();
    match response.json::<ErrorBody>() {
        Ok(body) => status == 404 && body.error == ErrorCode::NotFound && body.detail == "no such command",
        Err(_) => status == 404,
    }
}

#[test]
fn every_command_has_its_route_and_every_other_method_has_none() {
    let fixture = Fixture::start();
    let client = fixture.raw(None);
    for command in COMMANDS
        .iter()
        .filter(|command| command.access != Access::Operator)
    {
        let url = fixture.url(&path(&fixture, command));
        assert!(!outside(&client, http(command.method), &url), "{}", command.name);
        for method in [
            Http::GET,
            Http::POST,
            Http::PUT,
            Http::DELETE,
            Http::HEAD,
            Http::OPTIONS,
        ] {
            let others = COMMANDS.iter().filter(|other| other.path == command.path);
            if others.clone().any(|other| http(other.method) == method) {
                continue;
            }
            assert!(
                outside(&client, method.clone(), &url),
                "{method} {}",
                command.path
            );
        }
    }
}

#[test]
fn paths_outside_the_table_are_not_there() {
    let fixture = Fixture::start();
    let client = fixture.raw(None);
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/health/",
        "/v2/health",
        "/metrics",
        "/v1/records/x/y",
    ] {
        assert!(outside(&client, Http::GET, &fixture.url(path)), "{path}");
    }
}

#[test]
fn metrics_are_on_the_operators_listener_only() {
    let fixture = Fixture::start();
    let text = fixture.metrics();
    assert!(
        text.contains("conclave_commands_total{command=\"record_create\",status=\"200\"} 1"),
        "{text}"
    );
    assert!(!text.contains(&fixture.origin.to_string()));
    let plain = reqwest::blocking::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(fixture.tls(None, &[&rustls::version::TLS13]))
        .build()
        .unwrap();
    let url = format!("http://{}/v1/health", fixture.operator);
    assert!(outside(&plain, Http::GET, &url));
}

#[test]
fn malformed_parameters_are_errors_of_the_protocol() {
    let fixture = Fixture::start();
    let client = fixture.raw(Some(fixture.clerk_certified()));
    for url in [
        fixture.record("feed?cursor=a&cursor=b"),
        fixture.record("feed?cursor=zz"),
        fixture.record("blobs/zz"),
    ] {
        let response = client.get(&url).send().unwrap();
        assert_eq!(response.status(), 400, "{url}");
        assert_eq!(response.json::<ErrorBody>().unwrap().error, ErrorCode::BadRequest);
    }
    assert_eq!(
        client
            .get(fixture.url("/v1/records/zz/feed"))
            .send()
            .unwrap()
            .status(),
        404
    );
}
