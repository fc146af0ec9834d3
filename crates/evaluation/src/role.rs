//! Roles and the small identifiers of people, places and bidders.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The closed list of roles (design, section 2). A person may hold several only where the regime allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 评标专家.
    Expert,
    /// 招标人代表 / 采购人代表 in the committee.
    TendererRepresentative,
    /// 监督人员, administrative supervision.
    Supervisor,
    /// 见证人员 of the centre or of a site.
    WitnessPerson,
    /// 经办人员 of the agent or tenderer.
    Clerk,
    /// 采购人 in the qualification review.
    Purchaser,
    /// 主场/副场管理员.
    SiteOperator,
    /// 技术值守.
    Technician,
    /// 密钥持有人.
    Holder,
    /// 归档密钥保管人.
    Custodian,
    /// 核验人员.
    Verifier,
    /// 投标人.
    Bidder,
    /// 系统管理员.
    System,
    /// 安全管理员.
    Security,
    /// 审计管理员.
    Audit,
    /// 评标仓: the enrolled PC of a booth before an evaluation key exists on it.
    Booth,
}

impl Role {
    /// Every role, in the order of tables and snapshots.
    pub const ALL: [Role; 16] = [
        Role::Expert,
        Role::TendererRepresentative,
        Role::Supervisor,
        Role::WitnessPerson,
        Role::Clerk,
        Role::Purchaser,
        Role::SiteOperator,
        Role::Technician,
        Role::Holder,
        Role::Custodian,
        Role::Verifier,
        Role::Bidder,
        Role::System,
        Role::Security,
        Role::Audit,
        Role::Booth,
    ];

    /// The name used in acts, certificates (OU) and tables.
    pub fn name(self) -> &'static str {
        match self {
            Role::Expert => "expert",
            Role::TendererRepresentative => "tenderer_representative",
            Role::Supervisor => "supervisor",
            Role::WitnessPerson => "witness_person",
            Role::Clerk => "clerk",
            Role::Purchaser => "purchaser",
            Role::SiteOperator => "site_operator",
            Role::Technician => "technician",
            Role::Holder => "holder",
            Role::Custodian => "custodian",
            Role::Verifier => "verifier",
            Role::Bidder => "bidder",
            Role::System => "system",
            Role::Security => "security",
            Role::Audit => "audit",
            Role::Booth => "booth",
        }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Longest text, in bytes.
            pub const MAX: usize = $max;

            /// `None` when empty, too long, or holding a control character or a slash.
            pub fn new(text: impl Into<String>) -> Option<Self> {
                let text = text.into();
                let fits = !text.is_empty() && text.len() <= Self::MAX;
                (fits && !text.chars().any(|c| c.is_control() || c == '/')).then_some(Self(text))
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(text).ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }
    };
}

text_id!(
    /// Pseudonym of an enrolled person: never a name, an e-mail address or a national number.
    PersonId, 40
);
text_id!(
    /// A site (评标场所).
    SiteId, 32
);
text_id!(
    /// Code name of a committee member (代号): the only name that others ever see.
    CodeName, 24
);
text_id!(
    /// Ordinal of a bidder from the opening on: `B1`, `B2`, … in order of submission.
    BidderId, 8
);
