//! Nobody drives the build that experts use: the default build drops what a driver needs, and no driver attaches.

use conclave_system::program;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;
use windows::{Display, Driver, Patience, attach};

/// How long the driver is given. The driven build attaches in a small part of it, in the same test.
const TRIES: Duration = Duration::from_secs(45);

/// Environments of the running processes of a program.
fn environments(program: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
        let of = |name: &str| entry.path().join(name);
        if std::fs::read_link(of("exe")).is_ok_and(|exe| exe == program) {
            let bytes = std::fs::read(of("environ")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&bytes).replace('\0', "\n"));
        }
    }
    found
}

#[tokio::test(flavor = "current_thread")]
async fn a_driver_attaches_to_the_driven_build_and_never_to_the_default_one() {
    let scratch = tempfile::tempdir().expect("a folder");
    let patience = Patience(TRIES);
    let display = Display::start().expect("a display");
    let home = scratch.path().join("driven");
    let driver = Driver::start(display.name(), &home, patience)
        .await
        .expect("a driver");
    let workplace = scratch.path().join("workplace");
    let arguments = [OsStr::new("--workplace"), workplace.as_os_str()];
    let attached = tokio::time::timeout(
        TRIES,
        attach(&driver, &program("conclave-desktop-driven"), &arguments),
    )
    .await;
    let client = attached
        .expect("in time")
        .expect("the driven build can be driven");
    client.close().await.expect("it closes");

    let home = scratch.path().join("default");
    let driver = Driver::start(display.name(), &home, patience)
        .await
        .expect("a driver");
    let default = program("conclave-desktop");
    let attaching = tokio::time::timeout(TRIES, attach(&driver, &default, &arguments));
    let looking = patience.until("the default build runs with a clean environment", async || {
        let clean =
            |environment: &String| !environment.contains("AUTOMATION") && environment.contains("DISPLAY=");
        Ok(environments(&default).iter().any(clean).then_some(()))
    });
    let (attached, looked) = tokio::join!(attaching, looking);
    looked.expect("the program was started by the driver and shed what the driver set");
    assert!(
        !matches!(attached, Ok(Ok(_))),
        "a driver attached to the default build"
    );
}
