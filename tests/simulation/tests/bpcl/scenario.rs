//! The scenario: a real tender, two bids for it, and a committee of three at three sites.

use audit::statement::{FILE, FORMAT};
use client::rehearsal::{
    BidderScript, MemberScript, Pace, PricePlan, QualificationPlan, Scenario, SheetScript, Trouble,
};
use conclave_simulation::sample_folder;
use documents::{Ingest, Limits, Reader};
use evaluation::acts::setup::SiteEnrolled;
use evaluation::{CodeName, Role, SiteId};
use record::{Digest, Millis};
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// The rulebook, written from clauses 1.1 to 1.5 of the tender: QCBS 80/20, technical minimum 70, a tie goes to the
/// higher quality score. Nothing is rounded, since the tender names no rounding.
pub(crate) const RULEBOOK: &str = include_str!("rulebook.json");
/// Two minutes after every simulation begins.
const DEADLINE: Millis = 1_772_413_320_000;
/// Headings between the cover and the three parts of each bid.
const HEADINGS: [&str; 3] = [
    "Part 1: Techno-Commercial Bid",
    "Part 2: Quality Bid",
    "Part 3: Price Bid",
];
/// Leaves of the quality score, in the order of the sheet.
const QUALITY: [&str; 17] = [
    "Q-1", "Q-2", "Q-3-1", "Q-3-2", "Q-3-3", "Q-3-4", "Q-3-5", "Q-3-6", "Q-3-7", "Q-4-1", "Q-4-2", "Q-4-3",
    "Q-4-4", "Q-4-5", "Q-5-1", "Q-5-2", "Q-5-3",
];
/// How many technical requirements the tender has (1.2.2).
const REQUIREMENTS: usize = 11;
/// Members, plainly invented, with their sites.
const MEMBERS: [(&str, &str); 3] = [
    ("评委示例甲", "host"),
    ("评委示例乙", "guest-a"),
    ("评委示例丙", "guest-b"),
];

/// The scores of one bid, a row a member.
pub(crate) type Scores = [&'static str; 3];

/// St = (74 + 74 + 74.5) / 3 = 445/6. Two projects, CMMI level 4, two case studies of three.
pub(crate) const VERTEX_PASSES: Scores = [
    "20 8 4 4 4 4.5 4 4 3.5 2 2 2 2 2 4 4 0",
    "20 8 4 4.5 4 4 4 4 4 2 2 2 2 2 4 3.5 0",
    "20 8 3.5 4 4 4 4.5 4 4 2 2 2 2 2 4.5 4 0",
];
/// St = (70 + 70 + 69.5) / 3 = 419/6 = 69.83: below 70, though it would round to it.
pub(crate) const VERTEX_FALLS: Scores = [
    "20 8 3.5 3.5 3.5 3.5 3.5 3.5 3 2 2 2 2 2 4 4 0",
    "20 8 3.5 3.5 3.5 3.5 3.5 3.5 3 2 2 2 2 2 4 4 0",
    "20 8 3.5 3.5 3.5 3.5 3.5 3.5 2.5 2 2 2 2 2 4 4 0",
];
/// St = (93.5 + 92.5 + 94.5) / 3 = 187/2. Three projects, CMMI level 5, three case studies.
const INNOVATE: Scores = [
    "30 10 4.5 4.5 4 4.5 4.5 4 4.5 2 2 2 2 2 4.5 4 4.5",
    "30 10 4.5 4 4.5 4.5 5 4 4 2 2 2 2 2 4 4 4",
    "30 10 5 4.5 4.5 4.5 4.5 4.5 4 2 2 2 2 2 4.5 4.5 4",
];

/// What the bids print of themselves. Neither prints a register number, so its domain stands for it.
pub(crate) struct Bid {
    pub(crate) file: &'static str,
    pub(crate) name: &'static str,
    pub(crate) code: &'static str,
    /// Sum of the column "Total Cost (Ex. Tax)" in rupees. The bids print no grand total and no tax rate.
    pub(crate) price: u128,
    /// Page of the price schedule.
    pub(crate) page: u32,
}

/// Both prices are in the PDFs; `price_bid_response.xlsx` breaks off after the eighth line of Innovate's schedule
/// and is not used.
pub(crate) const VERTEX: Bid = Bid {
    file: "bid_vertex.pdf",
    name: "Vertex Digital Systems Pvt. Ltd.",
    code: "vertex-digital.com",
    price: 203_144_768,
    page: 5,
};
/// Line 13 prints 800 rupees more than quantity by unit cost; the printed column is summed as it stands.
pub(crate) const INNOVATE_BID: Bid = Bid {
    file: "bid_innovate.pdf",
    name: "Innovate Integration Solutions Pvt. Ltd.",
    code: "innovate-is.com",
    price: 226_204_032,
    page: 9,
};

/// A document: its bytes and what the confined child read.
pub(crate) struct Document {
    bytes: Vec<u8>,
    read: Ingest,
}

impl Document {
    fn ingest(path: &Path) -> Self {
        let reader = Reader::new(env!("CARGO_BIN_EXE_simulation-document-child"), Limits::default());
        let bytes = std::fs::read(path).expect("it lies in the folder");
        let read = reader.ingest(&bytes).expect("a sound document");
        assert_eq!(read.info.document_sha256, Digest::of(&bytes).to_string());
        Self { bytes, read }
    }

    pub(crate) fn pages(&self) -> usize {
        self.read.pages.len()
    }

    /// Text of a page, counted from 1.
    pub(crate) fn text(&self, page: u32) -> String {
        let found = self.read.pages.iter().find(|text| text.page == page);
        found.expect("the page exists").plain()
    }

    /// Cover, techno-commercial bid, quality bid and price bid.
    pub(crate) fn sections(&self) -> [String; 4] {
        let mut sections: [String; 4] = Default::default();
        let mut at = 0;
        for page in &self.read.pages {
            for line in page.plain().lines() {
                let heading = HEADINGS.iter().position(|heading| *heading == line.trim());
                at = heading.map_or(at, |place| place + 1);
                sections[at].push_str(line);
                sections[at].push('\n');
            }
        }
        sections
    }
}

/// The three documents.
pub(crate) struct Documents {
    pub(crate) tender: Document,
    pub(crate) vertex: Document,
    pub(crate) innovate: Document,
}

/// Reads them, where the shared data lies beside the workspace. Without it a test says so and passes, except in
/// continuous integration, which must have it.
pub(crate) fn documents() -> Option<Documents> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder: PathBuf = shared.join("tenders/en/bpcl_command_control");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "shared data absent");
        println!("skipped: shared data absent");
        return None;
    }
    Some(Documents {
        tender: Document::ingest(&folder.join("tender_16p.pdf")),
        vertex: Document::ingest(&folder.join(VERTEX.file)),
        innovate: Document::ingest(&folder.join(INNOVATE_BID.file)),
    })
}

/// Everybody and everything, with Vertex scored as given.
pub(crate) fn scenario(documents: &Documents, vertex: Scores) -> Scenario {
    let policy = sample_json("policy.json");
    let names = policy["code_names"].as_array().into_iter().flatten();
    Scenario {
        rulebook: RULEBOOK.as_bytes().to_vec(),
        tender: tender(&documents.tender),
        documents: vec![("tender_16p.pdf".to_owned(), documents.tender.bytes.clone())],
        deadline: DEADLINE,
        threshold: 2,
        quorum: 2,
        further_witnesses: Vec::new(),
        unlock_window: 1_800_000,
        round_length: 14_400_000,
        pace: Pace::default(),
        suspension: None,
        code_names: names.filter_map(|name| CodeName::new(name.as_str()?)).collect(),
        sites: sites(),
        members: (0..MEMBERS.len()).map(|n| member(n, vertex)).collect(),
        bidders: vec![
            bidder("bidder-vertex", &VERTEX, &documents.vertex),
            bidder("bidder-innovate", &INNOVATE_BID, &documents.innovate),
        ],
        qualification: QualificationPlan::new(),
        prices: prices(),
        iterations: NonZeroU32::new(10).expect("ten is not zero"),
    }
}

fn sample_json(file: &str) -> Value {
    let bytes = std::fs::read(sample_folder().join("tender").join(file)).expect("the sample is here");
    serde_json::from_slice(&bytes).expect("it is JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn tender(document: &Document) -> Vec<u8> {
    let manifest = serde_json::json!({
        "format": "conclave.tender/1",
        "id": "73448",
        "title": { "zh": "指挥控制中心实施", "en": "Implementation of the Command & Control Centre" },
        "regime": "worldbank",
        "rulebook": "rulebook.json",
        "documents": [{
            "file": "tender_16p.pdf",
            "title": { "zh": "招标文件", "en": "Tender document" },
            "digest": Digest::of(&document.bytes),
            "size": document.bytes.len(),
        }],
    });
    serde_json::to_vec(&manifest).expect("it is JSON")
}

fn sites() -> Vec<(SiteEnrolled, Vec<String>)> {
    let listed = sample_json("sites.json");
    let sites = listed["sites"].as_array().into_iter().flatten().map(|site| {
        let enrolled = SiteEnrolled {
            site: SiteId::new(text(&site["site"])).expect("a site id"),
            host: site["host"] == true,
            organisation: text(&site["organisation"]),
        };
        let booths = site["booths"].as_array().into_iter().flatten();
        (enrolled, booths.map(text).collect())
    });
    sites.collect()
}

fn member(place: usize, vertex: Scores) -> MemberScript {
    let (name, site) = MEMBERS[place];
    let conformity = (1..=REQUIREMENTS).map(|n| (format!("TR-{n:02}"), ("pass".to_owned(), String::new())));
    let mut script = SheetScript::new();
    for (bid, scores) in [(&VERTEX, vertex), (&INNOVATE_BID, INNOVATE)] {
        let scores = QUALITY.iter().zip(scores[place].split(' '));
        let scored =
            scores.map(|(criterion, score)| ((*criterion).to_owned(), (score.to_owned(), String::new())));
        for (stage, cells) in [
            ("conformity/1", conformity.clone().collect()),
            ("scored/1", scored.collect()),
        ] {
            let bids = script.entry(stage.to_owned()).or_default();
            bids.insert(bid.code.to_owned(), cells);
        }
    }
    MemberScript {
        name: name.to_owned(),
        role: Role::Expert,
        specialty: "信息系统".to_owned(),
        site: SiteId::new(site).expect("a site id"),
        script,
        dissent: None,
    }
}

/// The bids hold all their parts in one PDF, the price too. So that the price is sealed by itself, the earlier parts
/// hold the text of their sections, and only the price part the PDF.
fn bidder(seat: &str, bid: &Bid, document: &Document) -> BidderScript {
    let [cover, techno_commercial, quality, _] = document.sections();
    let statement =
        serde_json::json!({ "format": FORMAT, "identity": { "name": bid.name, "code": bid.code } });
    let statement = serde_json::to_vec(&statement).expect("it is JSON");
    let parts = [
        ("opening", "cover.txt", cover.into_bytes()),
        (
            "qualification",
            "techno_commercial.txt",
            techno_commercial.into_bytes(),
        ),
        ("technical", "quality.txt", quality.into_bytes()),
        ("price", bid.file, document.bytes.clone()),
    ];
    let parts = parts.map(|(part, file, bytes)| {
        let files = BTreeMap::from([(FILE.to_owned(), statement.clone()), (file.to_owned(), bytes)]);
        (part.to_owned(), files)
    });
    BidderScript {
        seat: seat.to_owned(),
        parts: BTreeMap::from(parts),
        trouble: Trouble::None,
    }
}

fn prices() -> PricePlan {
    let read = [&VERTEX, &INNOVATE_BID].map(|bid| {
        let price = (bid.price.to_string(), Vec::new(), bid.file.to_owned(), bid.page);
        (bid.code.to_owned(), price)
    });
    PricePlan::from(read)
}
