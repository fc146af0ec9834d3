//! A window as its user has it: what is on the screen, buttons that are pressed, fields that are written in.

use crate::display::{Display, Front};
use crate::driver::Driver;
use crate::language::Language;
use crate::press::Press;
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::cell::Cell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What ended a play before its end, in words.
#[derive(Debug)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// The window is there no more, as the driver says it.
    fn is_closed_window(&self) -> bool {
        self.0.starts_with("NoSuchWindow")
    }
}

impl From<CmdError> for Fault {
    fn from(error: CmdError) -> Self {
        // WebKit's driver often names the kind of an error alone.
        match error {
            CmdError::Standard(said) => Self(format!("{:?}: {}", said.error, said.message)),
            other => Self(other.to_string()),
        }
    }
}

macro_rules! faults {
    ($($from:ty),*) => {$(
        impl From<$from> for Fault {
            fn from(error: $from) -> Self {
                Self(error.to_string())
            }
        }
    )*};
}
faults!(
    std::io::Error,
    fantoccini::error::NewSessionError,
    serde_json::Error
);

/// How long a person waits for something to appear. It bounds a failing run; a passing one never reaches it.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(60);

impl Patience {
    /// Looks until there is something to see.
    ///
    /// # Errors
    /// Nothing in all the time; what the look itself says.
    pub async fn until<T>(
        self,
        what: &str,
        mut look: impl AsyncFnMut() -> Result<Option<T>, Fault>,
    ) -> Result<T, Fault> {
        let begun = Instant::now();
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            if begun.elapsed() > self.0 {
                return Err(Fault(format!("not seen in {} s: {what}", self.0.as_secs())));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Which program is opened with what, and where its pictures go.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The build that a driver may attach to.
    pub program: PathBuf,
    /// Workplace folder.
    pub workplace: PathBuf,
    /// Folder for what driver and toolkit write.
    pub scratch: PathBuf,
    /// Folder of the pictures.
    pub pictures: PathBuf,
    /// Beginning of the pictures' names.
    pub name: String,
    /// How long anything may take.
    pub patience: Patience,
}

/// A window under a driver, on a display of its own.
pub struct Window {
    pub(crate) client: Client,
    driver: Driver,
    display: Display,
    opening: Opening,
    taken: Cell<u32>,
}

impl Window {
    /// Opens the desktop client's first window.
    ///
    /// # Errors
    /// A display, a driver or the program that does not start.
    pub async fn open(opening: Opening) -> Result<Self, Fault> {
        std::fs::create_dir_all(&opening.pictures)?;
        let display = Display::start()?;
        let driver = Driver::start(display.name(), &opening.scratch, opening.patience).await?;
        let arguments = [OsStr::new("--workplace"), opening.workplace.as_os_str()];
        let client = attach(&driver, &opening.program, &arguments).await?;
        Ok(Self {
            client,
            driver,
            display,
            opening,
            taken: Cell::new(0),
        })
    }

    /// In the first window: language, seat, PIN, and the seat's own window.
    ///
    /// # Errors
    /// What is not seen in time.
    pub async fn take_seat(
        &self,
        language: Language,
        seat: &str,
        pin: Option<&str>,
        desk: &str,
    ) -> Result<(), Fault> {
        self.press(&format!("#language-{}", language.id())).await?;
        self.until(
            "the language is taken",
            &format!("html[lang=\"{}\"]", language.tag()),
        )
        .await?;
        self.press(&format!("#seat-{seat}")).await?;
        if let Some(pin) = pin {
            self.write("#pin", pin).await?;
        }
        self.picture("entry").await?;
        self.press("#take-seat").await?;
        self.switch(desk, Front::Last).await
    }

    /// Goes to another window of the program, by its label, and has it in front.
    ///
    /// # Errors
    /// It does not open.
    pub async fn switch(&self, label: &str, front: Front) -> Result<(), Fault> {
        self.patience()
            .until(&format!("window {label}"), async || {
                for handle in self.client.windows().await? {
                    // A window that closes meanwhile is not the wanted one.
                    if self.client.switch_to_window(handle).await.is_err() {
                        continue;
                    }
                    let script = "return window.__TAURI_INTERNALS__?.metadata?.currentWindow?.label ?? null;";
                    let found = self.client.execute(script, Vec::new()).await;
                    if found.is_ok_and(|found| found == json!(label)) {
                        return Ok(Some(()));
                    }
                }
                Ok(None)
            })
            .await?;
        self.display.raise(front)
    }

    /// Name of the seat, as the pictures have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.opening.name
    }

    /// How long anything may take here.
    #[must_use]
    pub fn patience(&self) -> Patience {
        self.opening.patience
    }

    /// Waits for something to be on the screen.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn until(&self, what: &str, css: &str) -> Result<Element, Fault> {
        let seen = self
            .patience()
            .until(&format!("{what} ({css})"), async || self.visible(css).await)
            .await;
        if seen.is_err() {
            // What was there instead tells more than the absence.
            self.last_picture("not-seen").await;
        }
        seen
    }

    /// Waits for something to leave the screen.
    ///
    /// # Errors
    /// It stays.
    pub async fn until_gone(&self, what: &str, css: &str) -> Result<(), Fault> {
        let gone = self
            .patience()
            .until(&format!("no longer: {what} ({css})"), async || {
                Ok(self.visible(css).await?.is_none().then_some(()))
            })
            .await;
        if gone.is_err() {
            self.last_picture("not-gone").await;
        }
        gone
    }

    /// What is on the screen now.
    ///
    /// # Errors
    /// The driver.
    pub async fn visible(&self, css: &str) -> Result<Option<Element>, Fault> {
        let script = "return [...document.querySelectorAll(arguments[0])].find((one) =>
            one.getClientRects().length > 0 && one.checkVisibility({ visibilityProperty: true })) ?? null;";
        let found = match self.client.execute(script, vec![json!(css)]).await {
            Ok(found) => found,
            Err(error) => return moving(error).map(|()| None),
        };
        let id = found
            .as_object()
            .and_then(|reference| reference.values().next()?.as_str());
        Ok(id.map(|id| Element::from_element_id(self.client.clone(), id.to_owned().into())))
    }

    /// Its text, once it is on the screen.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn see(&self, css: &str) -> Result<String, Fault> {
        Ok(self.until("a text", css).await?.text().await?)
    }

    /// Presses what may be pressed now; waits until it may be.
    ///
    /// # Errors
    /// It never may.
    pub async fn press(&self, css: &str) -> Result<(), Fault> {
        let missed = Cell::new(false);
        let pressed = self
            .patience()
            .until(&format!("can be pressed: {css}"), async || {
                match self.press_visible(css).await {
                    Ok(Press::Met) => Ok(Some(())),
                    Ok(press) => {
                        missed.set(missed.get() || press == Press::Missed);
                        Ok(None)
                    }
                    // It did its work after all, while the driver was still asking: the window has closed.
                    Err(fault) if missed.get() && fault.is_closed_window() => Ok(Some(())),
                    Err(fault) => Err(fault),
                }
            })
            .await;
        if pressed.is_err() {
            self.last_picture("not-pressed").await;
        }
        pressed
    }

    async fn press_visible(&self, css: &str) -> Result<Press, Fault> {
        match self.visible(css).await? {
            Some(element) => self.press_element(&element).await,
            None => Ok(Press::NotYet),
        }
    }

    /// Presses the first of these that may be pressed now, if one may.
    ///
    /// # Errors
    /// The driver.
    pub async fn press_any(&self, css: &str) -> Result<bool, Fault> {
        Ok(self.press_visible(css).await? == Press::Met)
    }

    /// Writes into a field in place of what stands there, key by key.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn write(&self, css: &str, text: &str) -> Result<(), Fault> {
        self.press(css).await?;
        let field = self.until("a field", css).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Types on whatever has the focus.
    ///
    /// # Errors
    /// The driver.
    pub async fn type_keys(&self, keys: &str) -> Result<(), Fault> {
        self.client.active_element().await?.send_keys(keys).await?;
        Ok(())
    }

    /// A deliberate moment: the reason and the PIN where they are asked, then the button that says what it does.
    ///
    /// # Errors
    /// The dialog does not open, or what it does fails.
    pub async fn confirm(&self, pin: Option<&str>, reason: &str) -> Result<(), Fault> {
        self.until("the dialog", "dialog[open]").await?;
        if self.visible("dialog[open] textarea").await?.is_some() {
            self.write("dialog[open] textarea", reason).await?;
        }
        if let Some(pin) = pin
            && self.visible("dialog[open] input[name=pin]").await?.is_some()
        {
            self.write("dialog[open] input[name=pin]", pin).await?;
        }
        self.press("dialog[open] button[type=submit]").await?;
        // A dialog that only tells something may come after it.
        self.patience()
            .until("the dialog closes", async || {
                if let Some(problem) = self.visible("dialog[open] .problem").await? {
                    self.picture("problem").await?;
                    return Err(Fault(format!("refused: {}", problem.text().await?)));
                }
                let open = self.visible("dialog[open] button[type=submit]").await?;
                Ok(open.is_none().then_some(()))
            })
            .await
    }

    /// What a script returns; for looking, never for doing.
    ///
    /// # Errors
    /// The driver.
    pub async fn ask(&self, script: &str, arguments: Vec<Value>) -> Result<Value, Fault> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// An attribute of everything that a selector finds.
    ///
    /// # Errors
    /// The driver.
    pub async fn attributes(&self, css: &str, attribute: &str) -> Result<Vec<String>, Fault> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.getAttribute(arguments[1]));";
        let found = self.ask(script, vec![json!(css), json!(attribute)]).await?;
        let texts: Vec<Option<String>> = serde_json::from_value(found)?;
        Ok(texts.into_iter().flatten().collect())
    }

    /// Keeps a picture of the window, numbered in the order they were taken.
    ///
    /// # Errors
    /// The driver, the disk.
    pub async fn picture(&self, what: &str) -> Result<(), Fault> {
        // Two frames on, what the page has now is on the display.
        let drawn = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => done(null)));";
        self.client.execute_async(drawn, Vec::new()).await?;
        let png = self.display.picture()?;
        let number = self.taken.get() + 1;
        self.taken.set(number);
        let name = format!("{}-{number:02}-{what}.png", self.opening.name);
        std::fs::write(self.opening.pictures.join(name), png)?;
        Ok(())
    }

    /// A picture of a play that ends here; its fault matters more than that there can be none.
    async fn last_picture(&self, what: &str) {
        if let Err(fault) = self.picture(what).await {
            println!("no picture of {what}: {fault}");
        }
    }

    /// Closes window and driver in good order.
    ///
    /// # Errors
    /// The driver.
    pub async fn close(self) -> Result<(), Fault> {
        self.client.clone().close().await?;
        Ok(())
    }

    /// Ends the program at once (SIGKILL), as a power cut would.
    pub fn kill(mut self) {
        self.driver.kill();
    }
}

/// Asks a driver to start the program with arguments and attach to it.
///
/// # Errors
/// The driver's answer.
pub async fn attach(driver: &Driver, program: &Path, arguments: &[&OsStr]) -> Result<Client, Fault> {
    let arguments: Vec<_> = arguments.iter().map(|one| one.to_string_lossy()).collect();
    let wanted = json!({
        "webkitgtk:browserOptions": { "binary": program, "args": arguments }
    });
    let Value::Object(wanted) = wanted else {
        return Err(Fault("capabilities are an object".to_owned()));
    };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    Ok(builder.capabilities(wanted).connect(&driver.address()).await?)
}

/// A window that is being drawn anew under the hand: look again. Everything else is a fault.
pub(crate) fn moving(error: CmdError) -> Result<(), Fault> {
    let passing = match &error {
        CmdError::Standard(said) => matches!(
            said.error,
            ErrorStatus::StaleElementReference
                | ErrorStatus::NoSuchElement
                | ErrorStatus::ElementNotInteractable
                | ErrorStatus::ElementClickIntercepted
                | ErrorStatus::JavascriptError
        ),
        _ => false,
    };
    if passing { Ok(()) } else { Err(error.into()) }
}
