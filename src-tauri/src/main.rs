//! The desktop client: windows over the client crate. `main` only wires.

mod commands;
mod drawing;
mod files;
mod isolation;
mod pages;
mod windows;

use clap::Parser;
use client::http_link::ports;
use client::workplace::Workplace;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tauri::{Emitter, Manager};

/// Which build this is, as `--version` says it.
const VERSION: &str = if cfg!(feature = "driven") {
    concat!(
        env!("CARGO_PKG_VERSION"),
        " driven (WebDriver may drive this build)"
    )
} else {
    env!("CARGO_PKG_VERSION")
};

/// The desktop client.
#[derive(Parser)]
#[command(name = "conclave-desktop", version = VERSION)]
struct Arguments {
    /// Folder of this PC: seats, tokens, and what they keep; without one, packages can be verified
    /// [default: ~/.local/share/conclave]
    #[arg(long)]
    workplace: Option<PathBuf>,
    /// Isolation: the window covers the whole screen and can't be closed by the person before it.
    #[arg(long)]
    booth: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if arguments
        .get(1)
        .is_some_and(|first| first == documents::CHILD_ARGUMENT)
    {
        return documents::child_main(&arguments[2..]);
    }
    isolation::take_own_environment();
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new("warn"))
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conclave-desktop: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where a PC keeps its seats when nobody says otherwise.
fn own_folder() -> PathBuf {
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    home.join(".local/share/conclave")
}

fn run(arguments: Arguments) -> tauri::Result<()> {
    let booth = arguments.booth;
    let folder = arguments.workplace.unwrap_or_else(own_folder);
    tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol("page", |context, request, responder| {
            let (app, label) = (context.app_handle().clone(), context.webview_label().to_owned());
            tauri::async_runtime::spawn_blocking(move || {
                responder.respond(pages::answer(&app, &label, &request));
            });
        })
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let handle = app.handle().clone();
            let changed = move || {
                // A window that is closing hears nothing more.
                let _ = handle.emit("changed", ());
            };
            let workplace = Workplace::new(
                &folder,
                Box::new(|centre, roots| ports(centre, roots, cfg!(feature = "driven"))),
                Arc::new(changed),
            );
            app.manage(commands::App {
                workplace: Arc::new(workplace),
                booth,
            });
            windows::open(app.handle(), "entry", booth)?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
