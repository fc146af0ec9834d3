//! A press, and whether it came where it was meant: a page that moves under the hand is a fault of the page. A button
//! that takes another's place takes no press at first; one that is met so is met by nobody.

use crate::window::{Fault, Window, moving};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use serde_json::Value;

/// Brings what is to be pressed into the middle of the view, as a person would, and listens for what is then pressed.
/// Says whether the page's fonts are there: one that comes now would move it from under the hand.
const READY: &str = "const wanted = arguments[0];
    wanted.scrollIntoView({ block: 'center', inline: 'nearest' });
    window.pressed = '';
    document.addEventListener('click', (event) => {
        const control = event.target.closest('button, a, input, select, textarea, summary, label, [role=button]');
        const took = control?.ariaBusy === 'true' ? document.body : control ?? document.body;
        window.pressed = event.composedPath().includes(wanted) ? 'it' : took.outerHTML.slice(0, 200);
    }, { capture: true, once: true });
    return document.fonts.status === 'loaded';";

/// What came of a press.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// It met what it was meant for.
    Met,
    /// It met nothing, since the page moved just then; a person presses again.
    Missed,
    /// It was not made: what is to be pressed takes no press now.
    NotYet,
}

impl Window {
    /// Presses it if it may be pressed.
    ///
    /// # Errors
    /// The press met another control.
    pub(crate) async fn press_element(&self, element: &Element) -> Result<Press, Fault> {
        let grey = async || -> Result<bool, CmdError> {
            // A button that has just come takes no press yet.
            for said in ["aria-disabled", "aria-busy"] {
                if element.attr(said).await?.as_deref() == Some("true") {
                    return Ok(true);
                }
            }
            Ok(!element.is_enabled().await?)
        };
        match grey().await {
            Ok(false) => {}
            Ok(true) => return Ok(Press::NotYet),
            Err(error) => return moving(error).map(|()| Press::NotYet),
        }
        let wanted = vec![serde_json::to_value(element)?];
        match self.client.execute(READY, wanted).await {
            Ok(Value::Bool(true)) => {}
            Ok(_) => return Ok(Press::NotYet),
            Err(error) => return moving(error).map(|()| Press::NotYet),
        }
        match element.click().await {
            Ok(()) => self.met().await,
            Err(error) => self.after(error).await,
        }
    }

    /// What a press came to, of which the driver has only an error to say.
    async fn after(&self, error: CmdError) -> Result<Press, Fault> {
        // It did its work, and the window that it was in has closed; the driver says so at once, or when it is asked again.
        let closed = has_closed(&error)
            || matches!(self.client.execute("return null;", Vec::new()).await, Err(error) if has_closed(&error));
        match closed {
            true => Ok(Press::Met),
            false => moving(error).map(|()| Press::Missed),
        }
    }

    /// What the press met.
    async fn met(&self) -> Result<Press, Fault> {
        match self.client.execute("return window.pressed;", Vec::new()).await {
            Ok(Value::String(met)) if met == "it" => Ok(Press::Met),
            Ok(Value::String(met)) if met.is_empty() || met.starts_with("<body") => Ok(Press::Missed),
            Ok(Value::String(other)) => {
                self.picture("pressed-another").await?;
                Err(Fault(format!(
                    "the page moved; this was pressed instead: {other}"
                )))
            }
            // The page went on to another one.
            Ok(_) => Ok(Press::Met),
            Err(error) => self.after(error).await,
        }
    }
}

/// The window is there no more.
fn has_closed(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(said) if said.error == ErrorStatus::NoSuchWindow)
}
