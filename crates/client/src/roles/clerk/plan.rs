//! What the clerk brings: the plan beside the seat.

use crate::error::ClientError;
use crate::tender_package::TenderPackage;
use evaluation::CodeName;
use evaluation::acts::ceremony::HolderLine;
use evaluation::acts::committee::MemberSeated;
use evaluation::acts::setup::{BoothEnrolled, RecordCreated, RoleAssigned, SiteEnrolled};
use record::Millis;
use std::collections::BTreeSet;

/// A member as drawn elsewhere: what is recorded of the seat, and the identity that stays an attachment.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberPlan {
    /// The seat.
    pub seated: MemberSeated,
    /// Identity, JSON bytes.
    pub identity: Vec<u8>,
}

/// What the clerk has on the desk.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClerkPlan {
    /// First act.
    pub created: RecordCreated,
    /// Rulebook bytes.
    pub rulebook: Vec<u8>,
    /// Tender manifest bytes.
    pub tender: Vec<u8>,
    /// The published documents, base64, as `created` names them.
    pub documents: Vec<String>,
    /// Sites.
    pub sites: Vec<SiteEnrolled>,
    /// Everybody but the creating clerk.
    pub roles: Vec<RoleAssigned>,
    /// Booths.
    pub booths: Vec<BoothEnrolled>,
    /// Holders of the lot key and of every round.
    pub holders: Vec<HolderLine>,
    /// t.
    pub threshold: u8,
    /// Committee.
    pub members: Vec<MemberPlan>,
    /// Code names to draw from.
    pub code_names: Vec<CodeName>,
    /// How long bidders have to give their halves (OPEN-2).
    pub unlock_window: Millis,
    /// How long a round is planned to take.
    pub round_length: Millis,
    /// Whether the clerk enters prices from the opened statements; else the purchaser does.
    pub enters_prices: bool,
}

impl ClerkPlan {
    /// The package that the clerk chose is what the plan was made from: rulebook, tender, sites with their booths.
    ///
    /// # Errors
    /// [`ClientError::Check`] naming what differs; then no record is made.
    pub fn check_package(&self, package: &TenderPackage) -> Result<(), ClientError> {
        let differs = |zh: &str, en: &str| {
            Err(ClientError::check(
                format!("文件包中的{zh}与本席位旁的项目计划不一致"),
                format!("the {en} of the package are not those of the plan beside this seat"),
            ))
        };
        if package.rulebook_bytes != self.rulebook {
            return differs("评审规则文件", "rulebook bytes");
        }
        if package.tender_bytes != self.tender {
            return differs("采购文件清单", "tender bytes");
        }
        let sites: BTreeSet<(&str, bool, &str)> = (package.sites.sites.iter())
            .map(|site| (site.site.as_str(), site.host, site.organisation.as_str()))
            .collect();
        let planned: BTreeSet<(&str, bool, &str)> = (self.sites.iter())
            .map(|site| (site.site.as_str(), site.host, site.organisation.as_str()))
            .collect();
        if sites != planned {
            return differs("场所", "sites");
        }
        let booths: BTreeSet<(&str, &str)> = (package.sites.sites.iter())
            .flat_map(|site| {
                site.booths
                    .iter()
                    .map(|booth| (site.site.as_str(), booth.as_str()))
            })
            .collect();
        let unknown = |booth: &BoothEnrolled| !booths.contains(&(booth.site.as_str(), booth.booth.as_str()));
        if self.booths.iter().any(unknown) {
            return differs("评标仓", "booths");
        }
        Ok(())
    }
}
