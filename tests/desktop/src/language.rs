//! Languages of the windows.

/// A language of the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// zh-CN.
    Chinese,
    /// en.
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// Ending of the switch's id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// Language tag (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}
