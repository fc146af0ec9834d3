//! The desktop client beside an empty window of the same toolkit, in one run: cold start to login, memory, CPU time,
//! click to answer, and how smoothly ten thousand acts and a grid of 50 x 60 scroll beside an empty page.
//!
//! Arguments: folder of the programs, folder of the gallery, folder of the empty page, runs.

use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use windows::measure::{Cost, cost};
use windows::{Display, Driver, Fault, Patience, attach};

const PATIENCE: Patience = Patience(Duration::from_secs(60));

/// A window that is started again and again.
struct Subject {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    /// On the screen when a person can begin.
    ready: &'static str,
}

/// One start.
struct Start {
    wall: Duration,
    cost: Cost,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match bench().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> Result<bool, Fault> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = || arguments.next().unwrap_or_default();
    let (programs, gallery, pages) = (next(), next(), next());
    let runs: usize = next().to_str().and_then(|text| text.parse().ok()).unwrap_or(10);
    let scratch = std::env::temp_dir().join(format!("conclave-bench-{}", std::process::id()));
    let stage = |folder: &Path, page: &str| vec![folder.into(), OsString::from(page)];
    let as_client = |folder: &Path, page: &str| [stage(folder, page), vec!["as-client".into()]].concat();
    let empty = Subject {
        name: "empty window",
        program: programs.join("examples/stage"),
        arguments: stage(&pages, "empty.html"),
        ready: "#tall",
    };
    let client = Subject {
        name: "login",
        program: programs.join("conclave-desktop"),
        arguments: vec!["--workplace".into(), scratch.join("workplace").into_os_string()],
        ready: "#take-seat",
    };
    let display = Display::start()?;
    let mut good = starts(&display, &scratch, [&empty, &client], runs).await?;
    clicks(&display, &scratch, &client).await?;
    let scrolled = |name, folder: &Path, page: &str, ready| Subject {
        name,
        program: programs.join("examples/stage"),
        arguments: as_client(folder, page),
        ready,
    };
    let query = "language=zh-CN&theme=light&text=base";
    let lists = [
        scrolled(
            "10,000 acts",
            &gallery,
            &format!("gallery.html?scene=clerk/record/huge&{query}"),
            "[role=row]",
        ),
        scrolled(
            "grid of 50 x 60",
            &gallery,
            &format!("gallery.html?scene=expert/grid/huge&{query}"),
            "[role=gridcell]",
        ),
    ];
    // The most that this way of drawing can give, whatever is on the page.
    let alike = scrolled("drawn alike", &pages, "empty.html", "#tall");
    good &= scrolls(&display, &scratch, [&empty, &alike], &lists).await?;
    // What the toolkit wrote is nobody's.
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(good)
}

async fn open(display: &Display, scratch: &Path, subject: &Subject) -> Result<(Driver, Client), Fault> {
    let driver = Driver::start(display.name(), scratch, PATIENCE).await?;
    let arguments: Vec<&OsStr> = subject.arguments.iter().map(OsString::as_os_str).collect();
    let client = attach(&driver, &subject.program, &arguments).await?;
    PATIENCE
        .until(subject.name, async || {
            let found = client.find(Locator::Css(subject.ready)).await;
            Ok(found.is_ok().then_some(()))
        })
        .await?;
    Ok((driver, client))
}

/// Starts both in turns; ratios of the medians.
async fn starts(
    display: &Display,
    scratch: &Path,
    subjects: [&Subject; 2],
    runs: usize,
) -> Result<bool, Fault> {
    let mut seen: [Vec<Start>; 2] = [Vec::new(), Vec::new()];
    for run in 0..runs {
        // Each goes first as often as the other.
        for place in [run % 2, 1 - run % 2] {
            let begun = Instant::now();
            let (driver, client) = open(display, scratch, subjects[place]).await?;
            let wall = begun.elapsed();
            let at_rest = at_rest(driver.group()).await?;
            seen[place].push(Start { wall, cost: at_rest });
            client.close().await?;
        }
    }
    println!("{runs} starts each, in turns; medians");
    println!(
        "{:<16} {:>14} {:>14} {:>14}",
        "", "start ms", "CPU ticks", "memory MB"
    );
    let mut medians = Vec::new();
    for (subject, starts) in subjects.iter().zip(&seen) {
        let wall = median(starts.iter().map(|one| one.wall.as_secs_f64() * 1000.0));
        let cpu = median(starts.iter().map(|one| one.cost.cpu as f64));
        let memory = median(starts.iter().map(|one| one.cost.memory as f64 / 1024.0));
        println!("{:<16} {wall:>14.0} {cpu:>14.0} {memory:>14.1}", subject.name);
        medians.push([wall, cpu, memory]);
    }
    let ratio = |at: usize| medians[1][at] / medians[0][at];
    println!(
        "{:<16} {:>14.2} {:>14.2} {:>14.2}",
        "ratio",
        ratio(0),
        ratio(1),
        ratio(2)
    );
    println!("{:<16} {:>14} {:>14} {:>14}", "goal", "1.50", "", "1.40");
    Ok(ratio(0) <= 1.5 && ratio(2) <= 1.4)
}

/// The cost once the processes have nothing more to do: no CPU time between two looks.
async fn at_rest(group: u32) -> Result<Cost, Fault> {
    let mut before = cost(group)?;
    let mut quiet = 0;
    PATIENCE
        .until("the window is at rest", async || {
            let now = cost(group)?;
            quiet = if now.cpu == before.cpu { quiet + 1 } else { 0 };
            before = now;
            Ok((quiet == 5).then_some(now))
        })
        .await
}

/// From a click to its painted answer, through the Rust side and back.
async fn clicks(display: &Display, scratch: &Path, subject: &Subject) -> Result<(), Fault> {
    let (_driver, client) = open(display, scratch, subject).await?;
    let script = "const done = arguments[arguments.length - 1];
        (async () => {
          const took = [];
          for (let n = 0; n < 60; n += 1) {
            const [id, lang] = n % 2 ? ['language-zh', 'zh-CN'] : ['language-en', 'en'];
            const begun = performance.now();
            document.getElementById(id).click();
            while (document.documentElement.lang !== lang) await new Promise((next) => setTimeout(next, 0));
            await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
            took.push(performance.now() - begun);
          }
          done(took);
        })();";
    let took: Vec<f64> = serde_json::from_value(client.execute_async(script, Vec::new()).await?)?;
    let mut sorted = took.clone();
    sorted.sort_by(f64::total_cmp);
    let worst = sorted.get(sorted.len() * 95 / 100).copied().unwrap_or_default();
    println!(
        "\nclick to painted answer: median {:.0} ms, 95 % {worst:.0} ms",
        median(took)
    );
    client.close().await?;
    Ok(())
}

/// Frames a second while a page scrolls, each list in turns with the empty page, drawn as WebKit does by itself, and
/// with the same page drawn as the client's are.
async fn scrolls(
    display: &Display,
    scratch: &Path,
    [empty, alike]: [&Subject; 2],
    lists: &[Subject],
) -> Result<bool, Fault> {
    println!(
        "\n{:<16} {:>14} {:>14} {:>14} {:>14} {:>14}",
        "scrolling", "frames/s", "empty page", "ratio", "drawn alike", "ratio"
    );
    let mut good = true;
    for list in lists {
        let mut seen = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..3 {
            for (place, subject) in [list, empty, alike].into_iter().enumerate() {
                seen[place].push(frames(display, scratch, subject).await?);
            }
        }
        let [own, empty, alike] = seen.map(median);
        println!(
            "{:<16} {own:>14.1} {empty:>14.1} {:>14.2} {alike:>14.1} {:>14.2}",
            list.name,
            own / empty,
            own / alike
        );
        good &= own / empty >= 0.9;
    }
    println!("{:<16} {:>14} {:>14} {:>14}", "goal", "", "", "0.90");
    Ok(good)
}

async fn frames(display: &Display, scratch: &Path, subject: &Subject) -> Result<f64, Fault> {
    let (_driver, client) = open(display, scratch, subject).await?;
    // The element with most to scroll, by three rows a frame, back and forth.
    let script = "const done = arguments[arguments.length - 1];
        const all = [...document.querySelectorAll('*')];
        const room = (one) => one.scrollHeight - one.clientHeight;
        const list = all.filter((one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowY)).sort((a, b) => room(b) - room(a))[0];
        let frames = 0, by = 96, begun = null;
        function step(now) {
          begun ??= now;
          if (now - begun > 4000) return done([frames * 1000 / (now - begun), room(list)]);
          frames += 1;
          if (list.scrollTop + by > room(list) || list.scrollTop + by < 0) by = -by;
          list.scrollTop += by;
          requestAnimationFrame(step);
        }
        requestAnimationFrame(step);";
    let told = client.execute_async(script, Vec::new()).await?;
    client.close().await?;
    match (&told[0], &told[1]) {
        (Value::Number(rate), Value::Number(room)) if room.as_f64() > Some(0.0) => {
            Ok(rate.as_f64().unwrap_or(0.0))
        }
        _ => Err(Fault(format!(
            "{}: nothing scrolls: {}",
            subject.name,
            json!(told)
        ))),
    }
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
