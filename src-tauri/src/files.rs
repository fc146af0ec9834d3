//! The system's file chooser, for the desks with files: clerk, verifier and rulebook editor, never a booth.

use gtk::prelude::{FileChooserExt as _, NativeDialogExt as _};
use gtk::{FileChooserAction, FileChooserNative, ResponseType};
use protocol::window::{Problem, Words};
use std::sync::mpsc::sync_channel;
use tauri::AppHandle;

/// What is chosen.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A name to save under; whether something stands there is asked elsewhere.
    NewFile,
}

/// Asks; `None` when the person thought better of it.
pub(crate) fn choose(app: &AppHandle, wanted: Wanted) -> Result<Option<String>, Box<Problem>> {
    let (answer, answered) = sync_channel(1);
    let ask = move || {
        let action = match wanted {
            Wanted::Folder => FileChooserAction::SelectFolder,
            Wanted::File => FileChooserAction::Open,
            Wanted::NewFile => FileChooserAction::Save,
        };
        let dialog = FileChooserNative::new(None, None::<&gtk::Window>, action, None, None);
        if matches!(wanted, Wanted::NewFile) {
            dialog.set_current_name("rulebook.json");
        }
        let chosen = match dialog.run() {
            ResponseType::Accept => dialog.filename(),
            _ => None,
        };
        // The window may have gone meanwhile.
        let _ = answer.send(chosen.map(|path| path.display().to_string()));
    };
    let shut = || {
        Box::new(Problem {
            code: "D-601".to_owned(),
            what: Words::new("无法打开文件选择窗口。", "The file chooser can't be opened."),
            safe: Words::new("没有任何内容被更改。", "Nothing was changed."),
            next: Words::new("请直接输入路径。", "Type the path instead."),
        })
    };
    app.run_on_main_thread(ask).map_err(|_| shut())?;
    answered.recv().map_err(|_| shut())
}
