//! The process: its configuration, its start, its end.

use crate::fixture::Authority;
use conclave_server::Config;
use sealing::provider::{KeyFile, Pin, Purpose};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, Stdio};

const EXAMPLE: &str = include_str!("../../../../docs/formats/centre-config.example.toml");

/// Lays out every file that the example names, and the example with free ports.
fn lay_out(folder: &Path) -> std::path::PathBuf {
    for name in ["tls", "keys"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let authority = Authority::new();
    let (certificate, key) = authority.server();
    let root = rustls_pki_types::CertificateDer::from(authority.root.clone());
    fs::write(folder.join("tls/chain.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("roots.pem"), pem(&root)).unwrap();
    secret(&folder.join("tls/key.pem"), key.serialize_pem().as_bytes());
    let pin = Pin::new("246813".to_owned());
    for (name, purpose) in [("log", Purpose::Log), ("act", Purpose::Function)] {
        let iterations = NonZeroU32::new(1000).unwrap();
        let file = KeyFile::create(purpose, &pin, iterations, &mut client::ports::SystemRandom);
        fs::write(folder.join(format!("keys/{name}.json")), file.to_bytes()).unwrap();
        secret(&folder.join(format!("keys/{name}.pin")), b"246813\n");
    }
    let config = folder.join("centre.toml");
    let text = EXAMPLE
        .replace("0.0.0.0:8443", "127.0.0.1:0")
        .replace("127.0.0.1:9464", "127.0.0.1:0");
    fs::write(&config, text).unwrap();
    config
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

fn secret(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_conclave-server"))
}

fn check(config: &Path) -> (Option<i32>, String) {
    let output = binary()
        .arg("--config")
        .arg(config)
        .arg("--check-config")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn the_example_is_sound_and_every_fault_in_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = lay_out(folder.path());
    let (code, text) = check(&config);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("mode     production"), "{text}");

    let sound = fs::read_to_string(&config).unwrap();
    let faults = [
        (
            "development = false",
            "development = false\nsurprise = 1",
            "surprise",
        ),
        (
            "operator_listen = \"127.0.0.1:0\"",
            "operator_listen = \"0.0.0.0:0\"",
            "operator_listen",
        ),
        ("keys/at-rest.key", "data/blobs/at-rest.key", "at_rest_key"),
        ("queue = 4096", "queue = 0", "limits.queue"),
        ("tls/chain.pem", "tls/none.pem", "none.pem"),
        ("keys/log.json", "keys/act.json", "Function"),
        (
            "pin_file = \"keys/act.pin\"",
            "pin_env = \"CONCLAVE_NO_SUCH_PIN\"",
            "pin_env",
        ),
    ];
    for (from, to, named) in faults {
        assert!(sound.contains(from), "{from}");
        fs::write(&config, sound.replace(from, to)).unwrap();
        let (code, text) = check(&config);
        assert_eq!(code, Some(2), "{to}: {text}");
        assert!(text.contains(named), "{to}: {text}");
    }
}

#[test]
fn secrets_that_others_may_read_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let config = lay_out(folder.path());
    let pin = folder.path().join("keys/act.pin");
    fs::set_permissions(&pin, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, text) = check(&config);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("act.pin"), "{text}");
}

#[test]
fn paths_are_those_of_the_files_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::read(&lay_out(folder.path())).unwrap();
    assert_eq!(config.data, folder.path().join("data"));
    assert_eq!(config.log_key.pin_file, Some(folder.path().join("keys/log.pin")));
}

#[test]
fn the_version_says_what_build_it_is() {
    let output = binary().arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("conclave-server "), "{text}");
    assert_eq!(text.contains("development build"), cfg!(debug_assertions));
}

#[test]
fn a_termination_signal_ends_it_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let config = lay_out(folder.path());
    let mut child = binary()
        .arg("--config")
        .arg(&config)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let listening = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains("listening"));
    let line: serde_json::Value = serde_json::from_str(&listening.unwrap()).unwrap();
    assert_eq!(line["fields"]["mode"], "production");
    let killed = Command::new("kill")
        .arg("-TERM")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(lines.map(Result::unwrap).any(|line| line.contains("closed")));
    for name in ["data/records", "data/blobs", "keys/at-rest.key"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
}
