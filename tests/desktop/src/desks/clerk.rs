//! The clerk: the tender package, every step that is offered, the public screen, and the packages in the end.

use crate::display::Front;
use crate::window::{Fault, Patience, Window};
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// What may be pressed and is a step of the path: not the way out, and not the saving of packages.
const STEP: &str = ".offers button:not([aria-disabled=true]):not([id^=save_package]):not(#end_evaluation)";

/// A clerk at work.
pub struct Clerk<'a> {
    /// The window.
    pub window: &'a Window,
    /// Reason that is typed where one is asked.
    pub reason: &'a str,
    /// Whether the public screen was opened.
    hall: Cell<bool>,
}

impl<'a> Clerk<'a> {
    /// A clerk before the package.
    #[must_use]
    pub fn new(window: &'a Window, reason: &'a str) -> Self {
        Self {
            window,
            reason,
            hall: Cell::new(false),
        }
    }

    /// Chooses the tender package and reads what the check found.
    ///
    /// # Errors
    /// It is not usable.
    pub async fn prepare(&self, package: &Path) -> Result<(), Fault> {
        self.window
            .write("#folder", &package.display().to_string())
            .await?;
        self.window.press("#check-package").await?;
        self.window
            .until("the package can be used", ".verdict.good")
            .await?;
        self.window.picture("package").await?;
        self.window.press("#create_record").await?;
        self.window.confirm(None, self.reason).await
    }

    /// Takes every step that becomes possible, until the record is archived.
    ///
    /// # Errors
    /// A step that fails; nothing to do for too long.
    pub async fn until_archived(&self, patience: Patience) -> Result<(), Fault> {
        patience
            .until("the record is archived", async || {
                if self.window.visible("#archived-act").await?.is_some() {
                    return Ok(Some(()));
                }
                self.step().await?;
                Ok(None)
            })
            .await
    }

    /// One step, if one is possible now.
    async fn step(&self) -> Result<(), Fault> {
        // A step that can't be taken back asks first.
        if self.window.visible("dialog[open]").await?.is_some() {
            return self.window.confirm(None, self.reason).await;
        }
        if !self.hall.get() && self.window.press_any("#open-hall").await? {
            return self.public_screen().await;
        }
        if !self.window.press_any(STEP).await? {
            // Back to the step that is due, where another is looked at.
            self.window.press_any("#go-due").await?;
        }
        Ok(())
    }

    /// The second window for the public: it has no controls, and before the deadline it names nobody.
    async fn public_screen(&self) -> Result<(), Fault> {
        self.hall.set(true);
        self.window.switch("hall", Front::Last).await?;
        self.window.until("the public screen", "main").await?;
        self.window.picture("hall").await?;
        if self.window.visible("main button").await?.is_some() {
            return Err(Fault("the public screen has a control".to_owned()));
        }
        self.window.switch("clerk", Front::First).await
    }

    /// Saves both packages; where they lie.
    ///
    /// # Errors
    /// They are not saved.
    pub async fn save(&self) -> Result<[PathBuf; 2], Fault> {
        self.window.picture("archived").await?;
        let mut saved = Vec::new();
        for profile in ["full", "public"] {
            self.window.press(&format!("#save_package-{profile}")).await?;
            let path = self.window.see(&format!("#saved-{profile}")).await?;
            saved.push(PathBuf::from(path.trim()));
        }
        <[PathBuf; 2]>::try_from(saved).map_err(|_| Fault("two packages".to_owned()))
    }

    /// The result as the clerk's window shows it.
    ///
    /// # Errors
    /// There is none.
    pub async fn result(&self) -> Result<String, Fault> {
        self.window.press("#step-result").await?;
        self.window.until("the result", "main td.number button").await?;
        let shown = self.window.see("main").await?;
        self.window.picture("result").await?;
        Ok(shown)
    }
}
