//! The environment of a booth: what may change how this program loads, draws or listens does not reach it.

#[cfg(not(feature = "driven"))]
use std::os::unix::process::CommandExt as _;

/// Names that a session needs. Everything else is dropped: preloaded libraries, toolkit modules, inspectors,
/// automation.
#[cfg(any(test, not(feature = "driven")))]
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

#[cfg(any(test, not(feature = "driven")))]
fn is_kept(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| KEPT.contains(&name))
}

/// Starts this program again with the kept names alone, if there are others. A library that was preloaded into this
/// process does not reach the next one.
#[cfg(not(feature = "driven"))]
pub(crate) fn shed_environment() {
    if std::env::vars_os().all(|(name, _)| is_kept(&name)) {
        return;
    }
    let kept = std::env::vars_os().filter(|(name, _)| is_kept(name));
    let error = std::process::Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env_clear()
        .envs(kept)
        .exec();
    eprintln!("conclave-desktop: cannot start with a clean environment: {error}");
    std::process::exit(1);
}

/// The driven build needs what the driver sets.
#[cfg(feature = "driven")]
pub(crate) fn shed_environment() {}

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
