//! `sites.json`: where the evaluation takes place.

use super::finding::Findings;
use evaluation::SiteId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FORMAT: &str = "conclave.sites/1";
const MAX_BOOTH: usize = 40;
const MAX_SITES: usize = 64;

/// The sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sites {
    /// `conclave.sites/1`.
    pub format: String,
    /// The sites, 2 to 64.
    pub sites: Vec<SiteLine>,
}

/// A site with its booths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteLine {
    /// Site, 1 to 32 bytes.
    pub site: String,
    /// Host site: exactly one.
    pub host: bool,
    /// Who runs it.
    pub organisation: String,
    /// Booths, each 1 to 40 bytes, unique in the package.
    pub booths: Vec<String>,
}

impl Sites {
    pub(super) fn check(&self, file: &str, found: &mut Findings) {
        if self.format != FORMAT {
            found.error(
                file,
                "format",
                format!("格式号不是 {FORMAT}：本软件读不了别的版本。"),
                format!("is not {FORMAT}: this software reads no other version."),
            );
        }
        if !(2..=MAX_SITES).contains(&self.sites.len()) {
            found.error(
                file,
                "sites",
                format!("须有 2 至 {MAX_SITES} 个场所：抽签要主场和副场各出一方。"),
                format!(
                    "2 to {MAX_SITES} sites: a draw needs a party of the host site and one of a guest site."
                ),
            );
        }
        let hosts = self.sites.iter().filter(|site| site.host).count();
        if hosts != 1 {
            found.error(
                file,
                "sites",
                format!("主场须恰好一个，现有 {hosts} 个。"),
                format!("exactly one host site, there are {hosts}."),
            );
        }
        self.check_draw(file, found);
        let (mut sites, mut booths) = (BTreeSet::new(), BTreeSet::new());
        for (place, site) in self.sites.iter().enumerate() {
            if SiteId::new(site.site.as_str()).is_none() {
                found.error(
                    file,
                    format!("sites[{place}].site"),
                    format!("场所代码须为 1 至 {} 字节，不含斜杠和控制字符。", SiteId::MAX),
                    format!(
                        "a site has 1 to {} bytes, no slash, no control character.",
                        SiteId::MAX
                    ),
                );
            } else if !sites.insert(&site.site) {
                found.error(
                    file,
                    format!("sites[{place}].site"),
                    "场所重复。",
                    "the site stands there twice.",
                );
            }
            if site.organisation.trim().is_empty() {
                found.error(
                    file,
                    format!("sites[{place}].organisation"),
                    "写明运行场所的单位：须与证书中的单位一致。",
                    "say who runs the site: the same as in its certificates.",
                );
            }
            for (number, booth) in site.booths.iter().enumerate() {
                let at = format!("sites[{place}].booths[{number}]");
                let plain = !booth.chars().any(|c| c.is_control() || c == '/');
                if booth.is_empty() || booth.len() > MAX_BOOTH || !plain {
                    found.error(
                        file,
                        at,
                        format!("评标仓编号须为 1 至 {MAX_BOOTH} 字节，不含斜杠和控制字符。"),
                        format!("a booth has 1 to {MAX_BOOTH} bytes, no slash, no control character."),
                    );
                } else if !booths.insert(booth) {
                    found.error(
                        file,
                        at,
                        "评标仓编号重复：整个项目内不得重号。",
                        "the booth stands there twice: numbers are unique in the whole evaluation.",
                    );
                }
            }
        }
    }

    /// A draw needs a host-site and a guest-site operator of different organisations (`docs/adr/0004-draws.md`).
    fn check_draw(&self, file: &str, found: &mut Findings) {
        let host = self.sites.iter().find(|site| site.host);
        let other = |host: &SiteLine| {
            self.sites
                .iter()
                .any(|site| !site.host && site.organisation != host.organisation)
        };
        if host.is_some_and(|host| !other(host)) {
            found.error(
                file,
                "sites",
                "所有副场与主场同属一个单位：抽签要不同单位参加，须有另一单位的副场。",
                "every guest site is of the host's organisation: a draw needs one of another.",
            );
        }
    }
}
