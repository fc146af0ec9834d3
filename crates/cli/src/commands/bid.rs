//! `conclave bid`: a bidder's tool over server-authenticated TLS.

use super::{Fault, key::pin, make_folder, read, write};
use audit::anchors::Anchors;
use clap::{Args, Subcommand};
use client::bidding::{self, BidderKey, CheckedBundle, SealedBid, SealedFiles, Step, check_bundle};
use client::http_link::{HttpLinks, SystemClock};
use client::kept_blobs::return_blobs;
use client::link::Link as _;
use client::ports::{Clock as _, SystemRandom};
use client::rehearsal::Identity;
use record::{BlobRef, Origin};
use sealing::bid::Mode;
use sealing::provider::KeyFile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How often a bid that waits for its entry asks.
const ASK_AGAIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Where the centre is and what is trusted.
#[derive(Args)]
pub(crate) struct Centre {
    /// `https://host:port`.
    #[arg(long)]
    centre: String,
    /// Record, 32 hex digits, as the tender names it.
    #[arg(long)]
    record: Origin,
    /// Anchors file, installed locally.
    #[arg(long)]
    anchors: PathBuf,
}

/// The bidder's key.
#[derive(Args)]
pub(crate) struct Bidder {
    /// Key file of purpose `bidder`.
    #[arg(long)]
    key: PathBuf,
    /// File with its PIN.
    #[arg(long)]
    pin_file: PathBuf,
}

#[derive(Subcommand)]
pub(crate) enum Bid {
    /// Checks the lot key and seals the parts: one folder a part, each with its documents and statement.json.
    Seal {
        #[command(flatten)]
        centre: Centre,
        #[command(flatten)]
        bidder: Bidder,
        /// Folder with one folder a part.
        #[arg(long)]
        parts: PathBuf,
        /// Either the quorum or the bidder alone can open, instead of both together.
        #[arg(long)]
        either: bool,
        /// A bid sealed earlier that this one replaces.
        #[arg(long)]
        replaces: Option<PathBuf>,
        /// Output folder.
        #[arg(short)]
        output: PathBuf,
    },
    /// Submits a sealed bid; prints the receipt when enough log witnesses have cosigned.
    Submit {
        #[command(flatten)]
        centre: Centre,
        /// Folder of the sealed bid.
        bid: PathBuf,
    },
    /// Replaces a submitted bid by one sealed with `--replaces`.
    Replace {
        #[command(flatten)]
        centre: Centre,
        /// Folder of the sealed bid.
        bid: PathBuf,
    },
    /// Withdraws a submitted bid: it stays shut.
    Withdraw {
        #[command(flatten)]
        centre: Centre,
        /// Folder of the sealed bid.
        bid: PathBuf,
    },
    /// Gives acts and containers again to a centre that was put back from an old copy and has lost them.
    Return {
        #[command(flatten)]
        centre: Centre,
        /// Folder of the sealed bid.
        bid: PathBuf,
    },
    /// Gives the bidder's halves of the keys of the parts that are opened now.
    Unlock {
        #[command(flatten)]
        centre: Centre,
        #[command(flatten)]
        bidder: Bidder,
        /// Folder of the sealed bid.
        bid: PathBuf,
    },
}

struct Open {
    link: client::http_link::HttpLink,
    bundle: CheckedBundle,
    anchors: Anchors,
    origin: Origin,
}

impl Centre {
    fn open(&self) -> Result<Open, Fault> {
        let anchors = Anchors::parse(&read(&self.anchors)?).map_err(|e| Fault::Other(e.to_string()))?;
        let links = HttpLinks {
            base_url: self.centre.clone(),
            roots: anchors.ca_roots.clone(),
            driven: false,
        };
        let link = links.try_link(&Identity::Anonymous)?;
        let bundle = check_bundle(&link.bundle(&self.record)?, anchors.clone())?;
        if bundle.origin() != self.record {
            return Err(Fault::Other(
                "the centre showed the lot key of another record".to_owned(),
            ));
        }
        Ok(Open {
            link,
            bundle,
            anchors,
            origin: self.record,
        })
    }
}

impl Bidder {
    fn open(&self) -> Result<BidderKey, Fault> {
        let file = KeyFile::parse(&read(&self.key)?).map_err(|e| Fault::Other(e.to_string()))?;
        let provider = file.provider().map_err(client::ClientError::from)?;
        Ok(BidderKey {
            provider,
            pin: pin(&self.pin_file)?,
        })
    }
}

impl Bid {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        match self {
            Bid::Seal {
                centre,
                bidder,
                parts,
                either,
                replaces,
                output,
            } => {
                let open = centre.open()?;
                let mode = if either { Mode::Or } else { Mode::And };
                let earlier = replaces.map(|folder| load(&folder)).transpose()?;
                let parts = pack(&parts, open.bundle.parts())?;
                let key = bidder.open()?;
                let sealed = bidding::seal(
                    &open.bundle,
                    &parts,
                    &key,
                    mode,
                    earlier.as_ref(),
                    &mut SystemRandom,
                )?;
                save(&output, &sealed)?;
                println!("sealed as submission {}", sealed.bid.submission);
            }
            Bid::Submit { centre, bid } => send(&centre, &bid, Step::Submit)?,
            Bid::Replace { centre, bid } => send(&centre, &bid, Step::Replace)?,
            Bid::Withdraw { centre, bid } => send(&centre, &bid, Step::Withdraw)?,
            Bid::Return { centre, bid } => give_back(&centre, &bid)?,
            Bid::Unlock { centre, bidder, bid } => {
                let open = centre.open()?;
                let key = bidder.open()?;
                let now = SystemClock.now();
                let done = bidding::unlock(
                    &open.link,
                    &open.bundle,
                    &load(&bid)?,
                    &key,
                    &[],
                    now,
                    &mut SystemRandom,
                )?;
                println!(
                    "unlocked: {}",
                    if done.is_empty() {
                        "nothing is being opened".to_owned()
                    } else {
                        done.join(", ")
                    }
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Packs each part's folder as the canonical tar that is sealed.
fn pack(folder: &Path, parts: &[String]) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
    let mut packed = BTreeMap::new();
    for part in parts {
        let place = folder.join(part);
        let mut files = BTreeMap::new();
        let entries = std::fs::read_dir(&place).map_err(|e| Fault::File(place.display().to_string(), e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Fault::File(place.display().to_string(), e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, read(&entry.path())?);
        }
        let statement = files.get(audit::statement::FILE);
        let statement =
            statement.ok_or_else(|| Fault::Other(format!("{part}: statement.json is missing")))?;
        audit::statement::Statement::parse(statement).map_err(|e| Fault::Other(format!("{part}: {e}")))?;
        packed.insert(
            part.clone(),
            record::tar::encode(&files).map_err(|e| Fault::Other(e.to_string()))?,
        );
    }
    Ok(packed)
}

fn save(folder: &Path, sealed: &SealedFiles) -> Result<(), Fault> {
    make_folder(folder)?;
    for (part, container) in &sealed.containers {
        write(&folder.join(format!("{part}.bid")), container)?;
    }
    let bid = serde_json::to_vec_pretty(&sealed.bid).map_err(|e| Fault::Other(e.to_string()))?;
    write(&folder.join("bid.json"), &bid)
}

fn load(folder: &Path) -> Result<SealedBid, Fault> {
    serde_json::from_slice(&read(&folder.join("bid.json"))?).map_err(|e| Fault::Other(e.to_string()))
}

/// The acts that were sent from this folder, and its containers, as far as the centre lacks them.
fn give_back(centre: &Centre, folder: &Path) -> Result<(), Fault> {
    let open = centre.open()?;
    for step in [Step::Submit, Step::Replace, Step::Withdraw] {
        let kept = act_file(folder, step);
        if !kept.exists() {
            continue;
        }
        let act = serde_json::from_slice(&read(&kept)?).map_err(|e| Fault::Other(e.to_string()))?;
        match bidding::enter(&open.link, &open.origin, &act) {
            Err(error) if !error.is_passing() => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
    }
    let mut held = BTreeMap::new();
    for part in load(folder)?.parts {
        let file = folder.join(format!("{}.bid", part.part));
        if file.exists() {
            held.insert(part.container, file);
        }
    }
    let blobs: Vec<BlobRef> = held.keys().copied().collect();
    let count = return_blobs(&open.link, &open.origin, &blobs, |blob| {
        let bytes = held.get(blob).map(std::fs::read).transpose();
        bytes
            .map(|bytes| bytes.map(Into::into))
            .map_err(|e| client::ClientError::Format(e.to_string()))
    })?;
    println!("acts sent again; containers given back: {count}");
    Ok(())
}

fn act_file(folder: &Path, step: Step) -> PathBuf {
    folder.join(format!("{step:?}.act.json").to_lowercase())
}

/// A bidder has no live channel that would tell it when its bid has entered.
#[expect(clippy::disallowed_methods, reason = "nothing to wait for but time")]
fn ask_again_later() {
    std::thread::sleep(ASK_AGAIN);
}

/// The act is kept beside the bid before it is sent: a second call sends the same act, which counts once.
fn send(centre: &Centre, folder: &Path, step: Step) -> Result<(), Fault> {
    let open = centre.open()?;
    let bid = load(folder)?;
    let kept = act_file(folder, step);
    let act = if kept.exists() {
        serde_json::from_slice(&read(&kept)?).map_err(|e| Fault::Other(e.to_string()))?
    } else {
        let act = bidding::prepare(&open.bundle, &bid, step, SystemClock.now(), &mut SystemRandom)?;
        write(
            &kept,
            &serde_json::to_vec(&act).map_err(|e| Fault::Other(e.to_string()))?,
        )?;
        act
    };
    let mut containers = BTreeMap::new();
    if step != Step::Withdraw {
        for part in &bid.parts {
            containers.insert(
                part.part.clone(),
                read(&folder.join(format!("{}.bid", part.part)))?,
            );
        }
    }
    let files = SealedFiles { bid, containers };
    bidding::upload(&open.link, &open.origin, &files)?;
    println!("uploaded; bids enter the record together, so that nobody can count them: keep this running");
    let (id, _) = loop {
        match bidding::enter(&open.link, &open.origin, &act) {
            Err(error) if error.is_passing() => ask_again_later(),
            answer => break answer?,
        }
    };
    println!("in the record, act {id}");
    match bidding::receipt(&open.link, &open.origin, &id, &open.anchors) {
        Ok(receipt) => {
            let bytes = serde_json::to_vec_pretty(&receipt).map_err(|e| Fault::Other(e.to_string()))?;
            write(
                &folder.join(format!("{step:?}.receipt.json").to_lowercase()),
                &bytes,
            )?;
            println!("receipt kept");
        }
        Err(error) if error.is_passing() => println!("not yet witnessed; call again for the receipt"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
