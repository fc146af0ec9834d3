//! System packages: what a machine needs beside Rust, found by looking, installed on request.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use crate::commands;
use crate::steps::{Failure, Outcome};

/// How one sees that a package is there, whatever installed it.
enum Probe {
    Program(&'static str),
    /// One of these files exists.
    File(&'static [&'static str]),
}

pub(crate) struct SystemPackage {
    /// Debian's name.
    name: &'static str,
    why: &'static str,
    probe: Probe,
}

/// What every build and test needs. A row is added with the code that needs it.
const PACKAGES: &[SystemPackage] = &[
    SystemPackage {
        name: "gcc",
        why: "links every Rust program; compiles the C of SQLite (storage) and ring (signatures, TLS)",
        probe: Probe::Program("cc"),
    },
    SystemPackage {
        name: "libc6-dev",
        why: "headers for that C",
        probe: Probe::File(&["/usr/include/stdio.h", "/usr/local/include/stdio.h"]),
    },
    SystemPackage {
        name: "ca-certificates",
        why: "cargo fetches the locked crates over TLS",
        probe: Probe::File(&[
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/cert.pem",
        ]),
    },
    SystemPackage {
        name: "libwebkit2gtk-4.1-dev",
        why: "the desktop client's windows",
        probe: Probe::File(&[
            "/usr/lib/x86_64-linux-gnu/pkgconfig/webkit2gtk-4.1.pc",
            "/usr/lib/aarch64-linux-gnu/pkgconfig/webkit2gtk-4.1.pc",
            "/usr/lib64/pkgconfig/webkit2gtk-4.1.pc",
        ]),
    },
    SystemPackage {
        name: "xvfb",
        why: "a virtual display for the tests of real windows",
        probe: Probe::Program("Xvfb"),
    },
    SystemPackage {
        name: "webkit2gtk-driver",
        why: "drives real windows in tests",
        probe: Probe::Program("WebKitWebDriver"),
    },
    SystemPackage {
        name: "dbus",
        why: "the session bus that the window toolkit expects",
        probe: Probe::Program("dbus-daemon"),
    },
];

/// What shows and checks the screens alone.
pub(crate) const FOR_SCREENS: &[SystemPackage] = &[SystemPackage {
    name: "chromium",
    why: "shows every screen of the desktop client for pictures and checks",
    probe: Probe::File(&[
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ]),
}];

/// What makes packages of ours, and checks them. Only the steps that do so install it.
pub(crate) const FOR_PACKAGING: &[SystemPackage] = &[
    SystemPackage {
        name: "dpkg-dev",
        why: "reads from programs which packages hold their libraries",
        probe: Probe::Program("dpkg-shlibdeps"),
    },
    SystemPackage {
        name: "binutils",
        why: "strips programs, and reads their headers",
        probe: Probe::Program("strip"),
    },
    SystemPackage {
        name: "rpm",
        why: "makes and installs .rpm packages",
        probe: Probe::Program("rpmbuild"),
    },
    SystemPackage {
        name: "systemd",
        why: "checks units, and makes accounts and folders of packages",
        probe: Probe::Program("systemd-analyze"),
    },
    SystemPackage {
        name: "desktop-file-utils",
        why: "checks menu entries",
        probe: Probe::Program("desktop-file-validate"),
    },
];

/// What makes and starts a clean system to try packages in.
pub(crate) const FOR_TRIALS: &[SystemPackage] = &[
    SystemPackage {
        name: "debootstrap",
        why: "makes a clean Debian",
        probe: Probe::File(&["/usr/sbin/debootstrap"]),
    },
    SystemPackage {
        name: "systemd-container",
        why: "starts it",
        probe: Probe::Program("systemd-nspawn"),
    },
    SystemPackage {
        name: "procps",
        why: "finds its first process",
        probe: Probe::Program("pgrep"),
    },
];

/// May packages be installed without asking?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    Given,
    Ask,
}

impl Consent {
    /// `--yes` and CI give it; otherwise a person is asked.
    pub(crate) fn from(yes: bool) -> Self {
        if yes || env::var_os("CI").is_some_and(|value| !value.is_empty()) {
            Self::Given
        } else {
            Self::Ask
        }
    }
}

/// Installs what every build and test needs and the machine lacks. Returns a note for the table of steps.
pub(crate) fn install_missing(consent: Consent) -> Outcome<String> {
    install_missing_of(PACKAGES, consent)
}

/// The same for one of the tables above.
pub(crate) fn install_missing_of(packages: &[SystemPackage], consent: Consent) -> Outcome<String> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|package| !is_there(&package.probe))
        .collect();
    if missing.is_empty() {
        return Ok(format!("{} there", packages.len()));
    }
    println!("Missing on this machine:");
    for package in &missing {
        println!("  {:<16} {}", package.name, package.why);
    }
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    if !commands::exists("apt-get") {
        return Err(Failure::new(format!(
            "this machine has no apt-get; install the equivalents of {} by its own means and run this again",
            names.join(", ")
        )));
    }
    if consent == Consent::Ask && !agreed()? {
        return Err(Failure::new(format!(
            "not installed; `apt-get install {}` does it by hand",
            names.join(" ")
        )));
    }
    let root = commands::output(Command::new("id").arg("-u"))?.trim() == "0";
    for line in apt_lines(root, &names) {
        commands::run(Command::new(&line[0]).args(&line[1..]))?;
    }
    match missing.iter().find(|package| !is_there(&package.probe)) {
        None => Ok(format!("installed {}", names.join(", "))),
        Some(package) => Err(Failure::new(format!(
            "{} is still missing after its installation",
            package.name
        ))),
    }
}

fn is_there(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => commands::exists(name),
        Probe::File(paths) => paths.iter().any(|path| Path::new(path).exists()),
    }
}

fn agreed() -> Outcome<bool> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "nobody is here to agree to the installation; say --yes",
        ));
    }
    print!("Install them with apt-get? [y/N] ");
    let mut answer = String::new();
    let asked = io::stdout()
        .flush()
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    asked.map_err(|error| Failure::new(format!("the answer cannot be read: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The command lines that install, in order.
fn apt_lines(root: bool, names: &[&str]) -> [Vec<String>; 2] {
    let start: &[&str] = if root { &["env"] } else { &["sudo", "env"] };
    let line = |rest: &[&str]| {
        [start, &["DEBIAN_FRONTEND=noninteractive", "apt-get"], rest]
            .concat()
            .into_iter()
            .map(String::from)
            .collect()
    };
    [
        line(&["update", "-q"]),
        line(&[&["install", "-q", "-y", "--no-install-recommends"], names].concat()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_see_what_is_there_and_what_is_not() {
        assert!(is_there(&Probe::Program("sh")));
        assert!(!is_there(&Probe::Program("no-program-has-this-name")));
        assert!(is_there(&Probe::File(&["/no/such/file", "/proc/self/exe"])));
        assert!(!is_there(&Probe::File(&["/no/such/file"])));
    }

    #[test]
    fn only_others_than_root_go_through_sudo() {
        let [update, install] = apt_lines(false, &["gcc", "libc6-dev"]);
        assert_eq!(
            update.join(" "),
            "sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q"
        );
        assert!(
            install
                .join(" ")
                .ends_with("install -q -y --no-install-recommends gcc libc6-dev"),
            "{install:?}"
        );
        assert_eq!(apt_lines(true, &["gcc"])[0][0], "env");
    }
}
