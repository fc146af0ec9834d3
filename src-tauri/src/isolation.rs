//! The environment of a booth: what may change how this program loads, draws or listens does not reach it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;

use crate::drawing;

/// Names that a session needs. Everything else is dropped: preloaded libraries, toolkit modules, inspectors,
/// automation.
const KEPT: [&str; 22] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "GTK_IM_MODULE",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LOGNAME",
    "PATH",
    "QT_IM_MODULE",
    "SHELL",
    "TMPDIR",
    "TZ",
    "USER",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
    "XIM",
    "XMODIFIERS",
];

fn is_kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| KEPT.contains(&name))
}

/// Starts this program again, unless its environment is the one it should have: the kept names, and how pages are
/// drawn. A library that was preloaded into this process does not reach the next one. The driven build keeps what its
/// driver set.
pub(crate) fn take_own_environment() {
    let found: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    let mut own = found.clone();
    own.retain(|name, _| cfg!(feature = "driven") || is_kept(name));
    own.extend(drawing::variable().map(|(name, value)| (name.into(), value.into())));
    if own == found {
        return;
    }
    let error = std::process::Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env_clear()
        .envs(own)
        .exec();
    eprintln!("conclave-desktop: cannot start with an environment of its own: {error}");
    std::process::exit(1);
}

#[cfg(test)]
mod tests {
    use super::is_kept;

    #[test]
    fn what_changes_how_the_program_loads_or_who_drives_it_is_dropped() {
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "GTK_MODULES",
            "GTK_PATH",
            "GIO_EXTRA_MODULES",
            "WEBKIT_INSPECTOR_SERVER",
            "WEBKIT_INSPECTOR_HTTP_SERVER",
            "TAURI_WEBVIEW_AUTOMATION",
            "TAURI_AUTOMATION",
            "G_MESSAGES_DEBUG",
            "HTTPS_PROXY",
            "WEBKIT_DISABLE_COMPOSITING_MODE",
        ] {
            assert!(!is_kept(name.as_ref()), "{name}");
        }
        for name in [
            "DISPLAY",
            "XDG_RUNTIME_DIR",
            "XMODIFIERS",
            "GTK_IM_MODULE",
            "LANG",
        ] {
            assert!(is_kept(name.as_ref()), "{name}");
        }
    }
}
