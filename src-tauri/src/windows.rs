//! Windows: each of its own label, capability and title; none of them goes anywhere else.

use crate::commands::App;
use protocol::window::Language;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Keeps the toolkit's own doors shut: context menu, drops, reload, print, find, inspector keys.
const SHUT: &str = "
addEventListener('contextmenu', (event) => event.preventDefault(), true);
for (const name of ['dragenter', 'dragover', 'drop']) {
  addEventListener(name, (event) => event.preventDefault(), true);
}
addEventListener('keydown', (event) => {
  const key = event.key.toLowerCase();
  const shut = event.key === 'F5' || event.key === 'F12' || event.key === 'BrowserBack'
    || (event.ctrlKey && ['r', 'p', 's', 'o', 'u', 'n', 't', 'w', 'j'].includes(key))
    || (event.ctrlKey && event.shiftKey && ['i', 'c', 'j', 'k'].includes(key))
    || (event.altKey && ['ArrowLeft', 'ArrowRight'].includes(event.key));
  if (shut) event.preventDefault();
}, true);
";

/// In the language that whoever sits here chose.
fn title(label: &str, language: Language) -> &'static str {
    let (zh, en) = match label {
        "expert" => ("评标仓 · 评审", "Conclave · Expert"),
        "clerk" => ("评标仓 · 经办", "Conclave · Clerk"),
        "hall" => ("评标仓 · 开标大厅", "Conclave · Opening hall"),
        "purchaser" => ("评标仓 · 资格审查", "Conclave · Qualification"),
        "holder" => ("评标仓 · 密钥持有人", "Conclave · Holder"),
        "supervisor" => ("评标仓 · 监督", "Conclave · Supervisor"),
        "operator" => ("评标仓 · 场所", "Conclave · Site"),
        "verifier" => ("评标仓 · 核验", "Conclave · Verifier"),
        "rulebook" => ("评标仓 · 评标办法", "Conclave · Rulebook"),
        _ => ("评标仓 Conclave", "Conclave 评标仓"),
    };
    match language {
        Language::Chinese => zh,
        Language::English => en,
    }
}

/// Opens a window, or shows it where it is open already.
pub(crate) fn open(app: &AppHandle, label: &str, booth: bool) -> tauri::Result<WebviewWindow> {
    if let Some(window) = app.get_webview_window(label) {
        window.set_focus()?;
        return Ok(window);
    }
    let language = app.state::<App>().workplace.preferences().language;
    let mut builder = WebviewWindowBuilder::new(app, label, WebviewUrl::App("index.html".into()))
        .title(title(label, language))
        .inner_size(1366.0, 768.0)
        .min_inner_size(1024.0, 640.0)
        .initialization_script(SHUT)
        // Nothing is kept on the disk by the webview; a driver can only attach to one that may keep something.
        .incognito(!cfg!(feature = "driven"))
        .devtools(false)
        .on_navigation(|url| url.scheme() == "tauri" && url.host_str() == Some("localhost"))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false);
    if booth {
        builder = builder
            .fullscreen(true)
            .decorations(false)
            .resizable(false)
            .closable(false);
    }
    builder.build()
}
