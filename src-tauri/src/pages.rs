//! `page://localhost/DOCUMENT/PAGE/WIDTH`: a picture of a page, for the windows that may read.

use crate::commands::App;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{AppHandle, Manager};

/// Windows whose capability has the reading commands.
const READERS: [&str; 4] = ["expert", "purchaser", "clerk", "supervisor"];

fn parse(path: &str) -> Option<(String, u32, u16)> {
    let mut parts = path.trim_start_matches('/').split('/');
    let (document, page, width) = (parts.next()?, parts.next()?, parts.next()?);
    let found = (document.to_owned(), page.parse().ok()?, width.parse().ok()?);
    parts.next().is_none().then_some(found)
}

/// The answer to a window.
pub(crate) fn answer(app: &AppHandle, label: &str, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let drawn = match (READERS.contains(&label), parse(request.uri().path())) {
        (false, _) => Err(StatusCode::FORBIDDEN),
        (true, None) => Err(StatusCode::BAD_REQUEST),
        (true, Some((document, page, width))) => {
            let seat = app.state::<App>().workplace.seat();
            let picture = seat.and_then(|seat| seat.picture(&document, page, width));
            picture.map_err(|error| {
                tracing::warn!(%error, page, "no picture");
                StatusCode::NOT_FOUND
            })
        }
    };
    let (status, bytes) = match drawn {
        Ok(bytes) => (StatusCode::OK, bytes),
        Err(status) => (status, Vec::new()),
    };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "image/png")
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes)
        .expect("status and headers are well formed")
}
