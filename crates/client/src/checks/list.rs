//! A list of checks: run one after the other until one does not hold, or all of them, to be shown.
//!
//! One list serves both: what a person reads before a PIN is asked for is what the permit is minted from.

use crate::error::ClientError;
use protocol::window::{CheckLine, CheckState, Words};

/// Why a check does not hold.
#[derive(Debug)]
pub(super) struct Stop {
    /// It may hold later: a cosignature, an act of another seat.
    waiting: bool,
    error: ClientError,
    zh: String,
}

impl Stop {
    /// A refusal by another error than [`ClientError::Check`].
    pub(super) fn of(waiting: bool, error: ClientError, zh: impl Into<String>) -> Self {
        Self {
            waiting,
            error,
            zh: zh.into(),
        }
    }
}

/// Result of one check.
pub(super) type Verdict<T = ()> = Result<T, Stop>;

/// The check does not hold, and won't by waiting.
pub(super) fn refuse<T>(zh: impl Into<String>, en: impl Into<String>) -> Verdict<T> {
    let zh = zh.into();
    Err(Stop::of(false, ClientError::check(zh.clone(), en), zh))
}

/// The check does not hold yet.
pub(super) fn wait<T>(zh: impl Into<String>, en: impl Into<String>) -> Verdict<T> {
    let zh = zh.into();
    Err(Stop::of(true, ClientError::check(zh.clone(), en), zh))
}

struct Item<'a> {
    name: &'static str,
    what: (&'static str, &'static str),
    test: Box<dyn Fn() -> Verdict + 'a>,
}

/// Checks in the order in which they are made.
#[derive(Default)]
pub struct Checklist<'a>(Vec<Item<'a>>);

impl<'a> Checklist<'a> {
    /// A list without checks.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a check under a stable name, with what it asks in Chinese and English.
    pub(super) fn with(
        mut self,
        name: &'static str,
        zh: &'static str,
        en: &'static str,
        test: impl Fn() -> Verdict + 'a,
    ) -> Self {
        let item = Item {
            name,
            what: (zh, en),
            test: Box::new(test),
        };
        self.0.push(item);
        self
    }

    /// Adds the checks of another list.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Makes the checks up to the first that does not hold.
    ///
    /// # Errors
    /// What that one found.
    pub fn pass(&self) -> Result<(), ClientError> {
        self.0
            .iter()
            .try_for_each(|item| (item.test)().map_err(|stop| stop.error))
    }

    /// Makes every check: its name and its line.
    pub fn results(&self) -> Vec<(&'static str, CheckLine)> {
        self.0.iter().map(|item| (item.name, item.line())).collect()
    }

    /// Makes every check, to be shown.
    pub fn lines(&self) -> Vec<CheckLine> {
        self.0.iter().map(Item::line).collect()
    }
}

impl Item<'_> {
    fn line(&self) -> CheckLine {
        let (state, detail) = match (self.test)() {
            Ok(()) => (CheckState::Passed, Words::default()),
            Err(stop) => {
                let en = match &stop.error {
                    ClientError::Check(why) => why.en.clone(),
                    other => other.to_string(),
                };
                let state = if stop.waiting {
                    CheckState::Waiting
                } else {
                    CheckState::Failed
                };
                (state, Words::new(stop.zh, en))
            }
        };
        CheckLine {
            what: Words::new(self.what.0, self.what.1),
            state,
            detail,
        }
    }
}
