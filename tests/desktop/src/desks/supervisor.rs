//! The supervisor: every duty as it falls due; a mark, a warning, a pause and its end in the middle of the scoring.

use crate::window::{Fault, Patience, Window};
use std::cell::Cell;
use std::sync::Arc;
use tokio::sync::Notify;

/// A supervisor at work.
pub struct Supervisor<'a> {
    /// The window.
    pub window: &'a Window,
    /// PIN of the supervisor's key.
    pub pin: &'a str,
    /// Reason that is typed.
    pub reason: &'a str,
    /// Told when the expert is in the middle of the scoring.
    pub scoring: Arc<Notify>,
    /// Told when the expert has seen the pause.
    pub seen: Arc<Notify>,
    /// Told when the record is archived.
    pub archived: &'a Cell<bool>,
}

impl Supervisor<'_> {
    /// Does every duty until the record is archived.
    ///
    /// # Errors
    /// A duty that fails.
    pub async fn until_archived(&self, patience: Patience) -> Result<(), Fault> {
        let mut intervened = false;
        let scoring = self.scoring.notified();
        tokio::pin!(scoring);
        patience
            .until("the record is archived", async || {
                if self.archived.get() {
                    return Ok(Some(()));
                }
                if self.window.press_any(".duty .do:not(.cannot)").await? {
                    self.window.confirm(Some(self.pin), self.reason).await?;
                }
                if !intervened && is_ready(scoring.as_mut()).await {
                    intervened = true;
                    self.intervene().await?;
                }
                Ok(None)
            })
            .await
    }

    /// Mark, warning, pause; and its end once the expert has seen it.
    async fn intervene(&self) -> Result<(), Fault> {
        self.window.picture("wall").await?;
        for act in ["mark", "warn", "pause"] {
            self.window.press(&format!("#{act}")).await?;
            if act == "warn" {
                self.window.press("dialog[open] input[name=phrase]").await?;
            }
            self.window.confirm(Some(self.pin), self.reason).await?;
        }
        self.window.until("the pause", "#suspended-band").await?;
        self.window.picture("paused").await?;
        self.seen.notified().await;
        self.window.press("#resume").await?;
        self.window.confirm(Some(self.pin), self.reason).await?;
        self.window.until_gone("the pause", "#suspended-band").await
    }
}

/// Whether something has happened, without waiting for it.
async fn is_ready(mut event: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(event.as_mut().poll(context).is_ready())).await
}
