//! The site desk: every member of the site checked in with the own key, draws as they fall due, and the new PC that a
//! member asks for.

use crate::window::{Fault, Patience, Window};
use std::cell::Cell;
use std::collections::BTreeMap;

/// A site operator at work.
pub struct SiteDesk<'a> {
    /// The window.
    pub window: Window,
    /// PIN of the desk's own key.
    pub pin: String,
    /// PINs of the members who come to this desk, by seat.
    pub members: BTreeMap<String, String>,
    /// Told when nobody needs this desk any more.
    pub over: &'a Cell<bool>,
}

impl SiteDesk<'_> {
    /// Does whatever is due until the desk is not needed any more.
    ///
    /// # Errors
    /// What is refused.
    pub async fn work(&self, patience: Patience) -> Result<(), Fault> {
        patience
            .until("the desk is not needed any more", async || {
                if self.over.get() {
                    return Ok(Some(()));
                }
                if self.window.press_any(".duty .do:not(.cannot)").await? {
                    self.window.confirm(Some(&self.pin), "").await?;
                }
                self.check_in().await?;
                self.confirm_new_pc().await?;
                Ok(None)
            })
            .await
    }

    /// Members who come to this desk and can be checked in: with the member's own PIN, a ticket in the end.
    async fn check_in(&self) -> Result<(), Fault> {
        for (seat, pin) in &self.members {
            let button = format!("#check-in-{seat}");
            if self.window.press_any(&button).await? {
                self.window.confirm(Some(pin), "").await?;
                self.window.picture("ticket").await?;
                self.window.press("#ticket-copied").await?;
            }
        }
        Ok(())
    }

    async fn confirm_new_pc(&self) -> Result<(), Fault> {
        let offered = "[id^=confirm-replacement-]:not([aria-disabled=true])";
        if self.window.visible(offered).await?.is_none() {
            return Ok(());
        }
        self.window.picture("new-pc-asks").await?;
        if self.window.press_any(offered).await? {
            self.window.confirm(None, "").await?;
        }
        Ok(())
    }
}
