//! `conclave demo`: the sample evaluation with real processes, real TLS, real cryptography and real documents.

mod people;
mod steps;

use self::people::{Casting, Pace};
use self::steps::Steps;
use super::process::{Kills, Process};
use super::{Fault, make_folder, person::pause, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use client::http_link::{HttpLinks, SystemClock};
use client::link::Link as _;
use client::ports::{Clock as _, SystemRandom};
use client::rehearsal::{Cast, Identity, KeyWithPin, Scenario};
use client::{ClientError, Replica};
use documents::{Limits, Reader};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

/// PBKDF2 rounds of the rehearsal's key files: every personal signature unlocks one anew, on one shared machine.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(20_000).expect("20,000 is not zero");

/// The demonstration.
#[derive(Args)]
pub(crate) struct Demo {
    /// Where everything is put: seats, centre, archive package.
    #[arg(long, default_value = "out/demo")]
    out: PathBuf,
    /// Sample tender package and bids.
    #[arg(long, default_value = "samples/procurement")]
    sample: PathBuf,
    /// How long bids are taken, seconds.
    #[arg(long, default_value_t = 30)]
    bidding: u64,
    /// Gives up after so many seconds [default: 900, and a working day when seats are left to people].
    #[arg(long)]
    limit: Option<u64>,
    /// Makes a process die by SIGKILL at a fault point and starts it again: `SEAT:POINT=N`, in order, as often as
    /// wanted. For drills and tests.
    #[arg(long = "kill")]
    kills: Vec<String>,
    /// Makes a process stop at a fault point, at the N-th and every later hit: `SEAT:POINT=N`. The rehearsal says so,
    /// writes which process is whose into `processes`, and goes on around it; whoever looked sends SIGCONT.
    #[arg(long = "stop")]
    stops: Vec<String>,
    /// Leaves a seat to a person in a window: nobody plays it, and `workplaces/SEAT` holds what the window needs.
    /// `expert` is the booth of the committee's first line, whichever the draw makes it. The centre then stays until
    /// Enter, or the end of the input.
    #[arg(long = "window")]
    windows: Vec<String>,
    /// How fast the virtual people go about their acts.
    #[arg(long, value_enum, default_value_t = Pace::Quick)]
    pace: Pace,
    /// What the centre logs: directives such as `trace`.
    #[arg(long, default_value = "info")]
    centre_log: String,
}

impl Demo {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let begun = Instant::now();
        let mut steps = Steps::new(begun);
        make_folder(&self.out)?;
        let out = self
            .out
            .canonicalize()
            .map_err(|e| Fault::File(self.out.display().to_string(), e))?;
        let pages = self.documents()?;
        steps.done(&format!(
            "read {pages} pages of tender and bids in confined child processes"
        ));

        let (port, operator) = (free_port()?, free_port()?);
        let url = format!("https://localhost:{port}");
        let deadline = SystemClock.now() + self.bidding * 1000;
        let scenario = Scenario::from_sample(&self.sample, deadline, ITERATIONS)?;
        let cast = Cast::make(&scenario, &url, &["localhost", "127.0.0.1"], &mut SystemRandom)?;
        write(&out.join("anchors.json"), cast.anchors.as_bytes())?;
        steps.done("development CA, keys and certificates of everybody");

        let mut kills = Kills::parse(&self.kills, &self.stops)?;
        let mut people = vec![start_centre(
            &cast,
            &out,
            (port, operator),
            &self.centre_log,
            &mut kills,
        )?];
        let mut casting = Casting::new(&cast, &out, &self.windows, self.pace)?;
        people.extend(casting.start(&mut kills)?);
        if casting.is_complete() {
            kills.all_placed()?;
        }
        write_lives(&out, &people)?;
        steps.done(&format!(
            "centre and {} seats started, each its own process",
            people.len()
        ));

        let outcome = self.follow(&cast, &url, &mut people, (&mut casting, &mut kills), &mut steps)?;
        let package = out.join("archive.tar");
        write(&package, &outcome.full)?;
        write(&out.join("archive-public.tar"), &outcome.public)?;
        self.stay(&out, &mut people)?;
        let deaths = deaths(&people);
        drop(people);
        let recorded = recorded(&outcome.full)?;
        let acknowledged = acknowledged_is_recorded(&cast, &out, &recorded)?;

        let anchors = audit::anchors::Anchors::parse(cast.anchors.as_bytes())
            .map_err(|e| Fault::Other(e.to_string()))?;
        let report = audit::verify(&outcome.full, Some(&anchors), &audit::checks::Checks::all());
        let public = audit::verify(&outcome.public, Some(&anchors), &audit::checks::Checks::all());
        steps.done("archive fetched and verified");
        println!("\n{}", report.text(evaluation::Language::En));
        println!("public package: {:?}", public.verdict);
        let count = |kind: &str| recorded.values().filter(|act| act.kind == kind).count();
        println!(
            "bids submitted, replaced, withdrawn: {}, {}, {}",
            count("bid.submitted"),
            count("bid.replaced"),
            count("bid.withdrawn")
        );
        println!("acknowledgements kept by the seats, each found in the record: {acknowledged}");
        for (seat, point, times) in &deaths {
            println!("killed and started again: {seat} at {point}, {times}");
        }
        let killed: usize = deaths.iter().map(|(.., times)| times).sum();
        println!("processes killed and started again: {killed}");
        steps.summary();
        println!("\narchive package  {}", package.display());
        println!("anchors          {}", out.join("anchors.json").display());
        println!(
            "verify again     conclave audit verify {} --anchors {}",
            package.display(),
            out.join("anchors.json").display()
        );
        println!("step through     conclave audit replay {}", package.display());
        let sound = report.verdict.code() == 0 && public.verdict.code() == 0;
        Ok(if sound {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Every document of the sample is read in the confined child, as the centre's ingest will.
    fn documents(&self) -> Result<usize, Fault> {
        let reader = Reader::this_program(Limits::default());
        let mut files = vec![self.sample.join("tender/tender.pdf")];
        for bid in ["A", "B", "C", "D"] {
            for part in ["opening", "qualification", "commercial", "technical", "price"] {
                files.push(self.sample.join(format!("bids/{bid}/{part}.pdf")));
            }
        }
        let mut pages = 0;
        for file in files {
            let ingest = reader.ingest(&file).map_err(|e| {
                Fault::Other(format!(
                    "{}: {}",
                    file.display(),
                    e.message(documents::Language::En)
                ))
            })?;
            pages += ingest.pages.len();
        }
        Ok(pages)
    }

    /// Watches the record grow until the archive can be fetched.
    fn follow(
        &self,
        cast: &Cast,
        url: &str,
        people: &mut Vec<Process>,
        (casting, kills): (&mut Casting<'_>, &mut Kills),
        steps: &mut Steps,
    ) -> Result<Packages, Fault> {
        let seat = cast
            .seat("purchaser")
            .ok_or_else(|| Fault::Other("no purchaser".to_owned()))?;
        let key = seat.key.unlock()?;
        let anchors = seat.anchors()?;
        let links = HttpLinks {
            base_url: url.to_owned(),
            roots: anchors.ca_roots.clone(),
            driven: false,
        };
        let link = links.try_link(&Identity::Key(&key, None))?;
        let clerk = cast
            .seat("clerk")
            .ok_or_else(|| Fault::Other("no clerk".to_owned()))?;
        let clerk = links.try_link(&Identity::Key(&clerk.key.unlock()?, None))?;
        let mut replica = Replica::new(cast.origin, anchors);
        let limit = self
            .limit
            .unwrap_or(if self.windows.is_empty() { 900 } else { 8 * 3600 });
        let end = Instant::now() + Duration::from_secs(limit);
        let mut shown = 0;
        while Instant::now() < end {
            match replica.pull(&link, None) {
                Ok(_) => {}
                Err(ClientError::Unsound(what)) => return Err(Fault::Other(what)),
                Err(_) => pause(Duration::from_millis(300)),
            }
            for entry in replica.entries().iter().skip(shown) {
                steps.act(entry);
            }
            shown = replica.entries().len();
            if !casting.is_complete() {
                people.extend(casting.after_draw(&replica.state().committee().lines, kills)?);
                if casting.is_complete() {
                    kills.all_placed()?;
                    write_lives(&self.out, people)?;
                }
            }
            look_after(&self.out, people)?;
            if replica.state().archived().is_some() {
                let origin = cast.origin;
                if let (Ok(full), Ok(public)) =
                    (clerk.archive(&origin, "full"), clerk.archive(&origin, "public"))
                {
                    return Ok(Packages { full, public });
                }
            }
            pause(Duration::from_millis(100));
        }
        Err(Fault::Other(format!(
            "not archived within {limit} s; logs lie beside the seats"
        )))
    }

    /// While people look at windows, the centre stays.
    fn stay(&self, out: &Path, people: &mut [Process]) -> Result<(), Fault> {
        if self.windows.is_empty() {
            return Ok(());
        }
        println!("archived; the centre stays for the windows until Enter");
        let told = people::told_to_end();
        while told.try_recv() == Err(TryRecvError::Empty) {
            look_after(out, people)?;
            pause(Duration::from_millis(200));
        }
        Ok(())
    }
}

/// Starts again what was killed, and tells of what stopped; which process is whose is written first.
fn look_after(out: &Path, people: &mut [Process]) -> Result<(), Fault> {
    let mut started = false;
    let mut stopped = Vec::new();
    for process in people.iter_mut() {
        started |= process.look()?;
        if process.has_stopped() {
            stopped.push(process.life().0.to_owned());
        }
    }
    if started || !stopped.is_empty() {
        write_lives(out, people)?;
    }
    for seat in stopped {
        println!("stopped: {seat}");
    }
    Ok(())
}

/// `processes`: which process is whose, one `SEAT PROCESS` a line.
fn write_lives(out: &Path, people: &[Process]) -> Result<(), Fault> {
    let lives = people.iter().map(Process::life);
    let text: String = lives.map(|(seat, id)| format!("{seat} {id}\n")).collect();
    let (new, path) = (out.join("processes.new"), out.join("processes"));
    write(&new, text.as_bytes())?;
    // Whoever reads it sees all of the old lines or all of the new ones.
    std::fs::rename(&new, &path).map_err(|e| Fault::File(path.display().to_string(), e))
}

/// Who died where, and how often.
fn deaths(people: &[Process]) -> Vec<(String, String, usize)> {
    let mut counted: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (seat, points) in people.iter().map(Process::deaths) {
        for point in points {
            *counted.entry((seat.to_owned(), point.clone())).or_default() += 1;
        }
    }
    let rows = counted.into_iter();
    rows.map(|((seat, point), times)| (seat, point, times)).collect()
}

struct Packages {
    full: Vec<u8>,
    public: Vec<u8>,
}

fn free_port() -> Result<u16, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| Fault::File("127.0.0.1".to_owned(), e))?;
    Ok(listener
        .local_addr()
        .map_err(|e| Fault::File("127.0.0.1".to_owned(), e))?
        .port())
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// Writes configuration, certificate and keys of the centre, and starts it.
fn start_centre(
    cast: &Cast,
    out: &Path,
    (port, operator): (u16, u16),
    log: &str,
    kills: &mut Kills,
) -> Result<Process, Fault> {
    let folder = out.join("centre");
    make_folder(&folder)?;
    let (key, chain) = &cast.server;
    let pkcs8 = key.unlock()?.pkcs8();
    write(
        &folder.join("server.key"),
        pem("PRIVATE KEY", pkcs8.expose()).as_bytes(),
    )?;
    write(
        &folder.join("server.pem"),
        chain
            .iter()
            .map(|der| pem("CERTIFICATE", der))
            .collect::<String>()
            .as_bytes(),
    )?;
    write(
        &folder.join("roots.pem"),
        pem("CERTIFICATE", &cast.root).as_bytes(),
    )?;
    let place = |name: &str, key: &KeyWithPin| -> Result<(), Fault> {
        write(&folder.join(format!("{name}.json")), key.file.as_bytes())?;
        write(&folder.join(format!("{name}.pin")), key.pin.as_bytes())
    };
    place("log-key", &cast.log)?;
    place("act-key", &cast.act)?;
    let config = format!(
        "name = \"centre.rehearsal\"\nlisten = \"127.0.0.1:{port}\"\noperator_listen = \"127.0.0.1:{operator}\"\n\
         data = \"data\"\nat_rest_key = \"at-rest.key\"\nroots = \"roots.pem\"\ndevelopment = true\n\n\
         [tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n\n\
         [log_key]\nfile = \"log-key.json\"\npin_file = \"log-key.pin\"\n\n\
         [act_key]\nfile = \"act-key.json\"\npin_file = \"act-key.pin\"\n\n\
         [limits]\nconnections_per_address = 512\n\n[log]\nfilter = \"{log}\"\n"
    );
    write(&folder.join("centre.toml"), config.as_bytes())?;
    let program = std::env::current_exe().map_err(|e| Fault::File("this program".to_owned(), e))?;
    let arguments = vec!["--config".into(), folder.join("centre.toml").into_os_string()];
    Process::start(
        "centre",
        program.with_file_name("conclave-server"),
        arguments,
        folder.join("log"),
        kills,
    )
}

/// The acts of a full package, by place.
fn recorded(package: &[u8]) -> Result<BTreeMap<u64, record::Core>, Fault> {
    let package = audit::package::read(package, audit::package::Limits::default())
        .map_err(|e| Fault::Other(e.to_string()))?;
    let entries = package.entries().into_iter().filter_map(|(_, entry)| entry.ok());
    let acts = entries.filter_map(|entry| {
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        Some((entry.index, body.core))
    });
    Ok(acts.collect())
}

/// The oracle of kills: what every seat's own outbox says was acknowledged stands in the record at that place.
fn acknowledged_is_recorded(
    cast: &Cast,
    out: &Path,
    recorded: &BTreeMap<u64, record::Core>,
) -> Result<usize, Fault> {
    let mut count = 0;
    // A seat that was left to a person keeps its vault elsewhere, under a PIN that only the person types.
    let played = |seat: &&client::rehearsal::Seat| out.join("seats").join(&seat.name).exists();
    for seat in cast.seats.iter().filter(played) {
        for (index, id) in seat.acknowledged(&out.join("seats").join(&seat.name))? {
            if recorded.get(&index).map(|act| act.id) != Some(id) {
                let what = format!(
                    "{} holds an acknowledgement for {index} that the record lacks",
                    seat.name
                );
                return Err(Fault::Other(what));
            }
            count += 1;
        }
    }
    Ok(count)
}
