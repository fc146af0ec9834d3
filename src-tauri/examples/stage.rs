//! A bare window over files of a folder: the empty window beside which the client is measured, and a stage on which
//! recorded screens are shown by the real webview. Nothing of it ships.
//!
//! Arguments: folder, page with its query, and `as-client` for a page that is drawn as the client's are.

#[path = "../src/drawing.rs"]
mod drawing;

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use tauri::http::{Response, StatusCode, header};
use tauri::{WebviewUrl, WebviewWindowBuilder};

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("woff2") => "font/woff2",
        Some("ttf") => "font/ttf",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

fn answer(folder: &Path, asked: &str) -> Response<Vec<u8>> {
    let inside = asked.trim_start_matches('/');
    let path = folder.join(inside);
    let read = match inside.split('/').any(|part| part == "..") {
        true => None,
        false => std::fs::read(&path).ok(),
    };
    let (status, bytes) = match read {
        Some(bytes) => (StatusCode::OK, bytes),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind(&path))
        .body(bytes)
        .expect("status and header are well formed")
}

/// This program again, with one variable more.
fn again(name: &str, value: &str) -> std::io::Error {
    std::process::Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env(name, value)
        .exec()
}

fn main() -> tauri::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_default());
    let page = arguments.next().unwrap_or_default();
    if let (Some(_), Some((name, value))) = (arguments.next(), drawing::variable())
        && std::env::var_os(name).is_none()
    {
        return Err(again(name, value).into());
    }
    let address = format!("stage://localhost/{}", page.to_string_lossy());
    tauri::Builder::default()
        .register_uri_scheme_protocol("stage", move |_, request| answer(&folder, request.uri().path()))
        .setup(move |app| {
            let url = WebviewUrl::CustomProtocol(address.parse()?);
            WebviewWindowBuilder::new(app, "stage", url)
                .title("stage")
                .inner_size(1366.0, 768.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
