//! What reaches whom: nothing that names another member reaches an expert, and nothing that a sheet says is anywhere
//! at the centre before its round is open (protocol 3, 4, 6).

mod support;
#[path = "support/traces.rs"]
mod traces;

use centre::Principal;
use client::rehearsal::{MemberKeys, Post, Sitter};
use conclave_simulation::World;
use evaluation::acts::sheets::sheet_context;
use evaluation::{CodeName, personal};
use record::{Digest, PublicKey, Submission};
use sealing::ceremony::RoundSecret;
use sealing::provider::KeyProvider as _;
use sealing::sheet::{OpenedSheet, open_sheet};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use support::{finish, go, world};
use testkit::needles::Needles;
use traces::{Haystack, found};

/// What names a member.
struct Traces(BTreeMap<&'static str, Vec<Vec<u8>>>);

/// One run, watched.
struct Watched {
    world: World,
    /// By round, when all had sealed and nobody had released.
    before: BTreeMap<String, Before>,
    /// What reached each booth in the end.
    after: BTreeMap<String, Haystack>,
}

/// What there was at a moment.
struct Before {
    /// What had reached each booth.
    reached: BTreeMap<String, Haystack>,
    /// What lay on the centre's disks.
    disks: Haystack,
    /// What everybody had logged, the centre first, at the most verbose level.
    logs: Haystack,
}

/// The log of this process, JSON lines.
#[derive(Clone, Default)]
struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn haystack(&self) -> Haystack {
        let mut haystack = Haystack::default();
        haystack.add(self.lock().clone());
        haystack
    }
}

impl std::io::Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Logs everything from now on.
fn log() -> LogLines {
    let lines = LogLines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .init();
    lines
}

/// The sample's rulebook with scores in billionths of a point, so that each can be told from all others.
fn in_billionths(rulebook: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(rulebook).expect("a rulebook is UTF-8");
    let changed = text.replace("\"step\": \"0.5\"", "\"step\": \"0.000000001\"");
    assert_ne!(changed, text, "the sample has steps of half a point");
    changed.into_bytes()
}

fn digest(what: &str, member: usize, stage: &str, bid: &str, criterion: &str) -> Digest {
    let member = [u8::try_from(member).expect("five")];
    Digest::tagged(
        what,
        &[&member, stage.as_bytes(), bid.as_bytes(), criterion.as_bytes()],
    )
}

/// A score that nobody else gives, from 3 to below 4.
fn score(member: usize, stage: &str, bid: &str, criterion: &str) -> String {
    let bytes = digest("score", member, stage, bid, criterion).0;
    let number = bytes[..8].iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    format!("3.{:08}{}", number % 100_000_000, 1 + number % 9)
}

fn reason(member: usize, stage: &str, bid: &str, criterion: &str) -> String {
    let digest = digest("reason", member, stage, bid, criterion);
    format!("暗记{member}{}", &digest.to_string()[..16])
}

fn booths(world: &World) -> Vec<String> {
    world
        .seats
        .keys()
        .filter(|name| name.starts_with("booth-"))
        .cloned()
        .collect()
}

/// Everything that reached a booth, under its device key and its evaluation key.
fn reached(world: &World, booth: &str) -> Haystack {
    let device = world
        .cast
        .seat(booth)
        .expect("a booth")
        .key
        .unlock()
        .expect("its key");
    let evaluation = world.desk(booth).author.public();
    let mut haystack = Haystack::default();
    for key in [PublicKey(device.public_key()), evaluation] {
        for answer in world.net.heard(&Principal::Key(key)) {
            haystack.add_answer(answer);
        }
    }
    haystack
}

fn disks(world: &World) -> Haystack {
    let mut haystack = Haystack::default();
    for bytes in world.disk_contents() {
        haystack.add(bytes);
    }
    haystack
}

fn watched() -> MutexGuard<'static, Watched> {
    static RUN: OnceLock<Mutex<Watched>> = OnceLock::new();
    let run = RUN.get_or_init(|| {
        let logs = log();
        let mut world = world(71, |scenario| {
            scenario.rulebook = in_billionths(&scenario.rulebook);
            for (member, script) in scenario.members.iter_mut().enumerate() {
                for (stage, bids) in &mut script.script {
                    for (bid, cells) in bids {
                        for (criterion, (value, text)) in cells {
                            if value.contains('.') {
                                *value = score(member, stage, bid, criterion);
                            }
                            *text = reason(member, stage, bid, criterion);
                        }
                    }
                }
            }
        });
        world.net.listen();
        let mut before = BTreeMap::new();
        for stage in ["conformity/1", "scored/1"] {
            // The holders are kept away so that the round stays shut when all have sealed.
            go(&mut world, |world| {
                world
                    .state()
                    .round(stage)
                    .is_some_and(|round| !round.sheets.is_empty())
            });
            world.switched_off = (1..=3).map(|holder| format!("holder-{holder}")).collect();
            go(&mut world, |world| {
                world
                    .state()
                    .round(stage)
                    .is_some_and(|round| round.countersigned.is_some())
            });
            let reached = booths(&world)
                .into_iter()
                .map(|booth| (booth.clone(), reached(&world, &booth)))
                .collect();
            let moment = Before {
                reached,
                disks: disks(&world),
                logs: logs.haystack(),
            };
            before.insert(stage.to_owned(), moment);
            world.switched_off.clear();
        }
        finish(&mut world);
        let after = booths(&world)
            .into_iter()
            .map(|booth| (booth.clone(), reached(&world, &booth)))
            .collect();
        Mutex::new(Watched { world, before, after })
    });
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who sits in a booth; `None` for a booth that was not drawn.
fn sitter(world: &World, booth: &str) -> Option<(CodeName, Sitter)> {
    let lines = &world.state().committee().lines;
    let Post::Booth {
        booth: own, sitters, ..
    } = &world.cast.seat(booth)?.post
    else {
        return None;
    };
    let (name, line) = lines.iter().find(|(_, line)| line.booth == *own)?;
    let sitter = sitters
        .iter()
        .find(|sitter| sitter.member.ticket == line.ticket)?;
    Some((name.clone(), sitter.clone()))
}

fn name_of(keys: &MemberKeys) -> String {
    let chain = evaluation::acts::decode_chain(&keys.chain).expect("a chain");
    evaluation::certificates::Subject::read(&chain[0])
        .expect("a certificate")
        .common_name
}

/// Personal signatures that left a booth: in acts, and in the sheets as opened.
fn signatures(booth: &str, acts: &[Submission]) -> Vec<Vec<u8>> {
    let mut signatures = Vec::new();
    for act in acts {
        let Some(opening) = act.openings.get(personal::ATTACHMENT) else {
            continue;
        };
        let value: personal::PersonalSignature =
            serde_json::from_slice(&opening.value).expect("a personal signature");
        signatures.push(value.signature.0.to_vec());
    }
    assert!(signatures.len() >= 4, "{booth}: key, promise, avoidance, report");
    signatures
}

fn outbox(world: &mut World, booth: &str) -> Vec<Submission> {
    let items = world
        .desk_mut(booth)
        .vault
        .outbox()
        .items(0, 4_096)
        .expect("the outbox is whole");
    items
        .iter()
        .map(|item| serde_json::from_slice(&item.bytes).expect("an act"))
        .collect()
}

fn traces(world: &World, booth: &str) -> Traces {
    let (_, sitter) = sitter(world, booth).expect("somebody sits there");
    let chain = evaluation::acts::decode_chain(&sitter.member.chain).expect("a chain");
    let key = sitter.member.key.provider().expect("a key").public_key();
    let vault = sitter.vault.provider().expect("a key").public_key();
    let mut traces = BTreeMap::from([
        ("name", vec![name_of(&sitter.member).into_bytes()]),
        ("certificate", chain),
        ("personal key", vec![key.to_vec(), key[1..33].to_vec()]),
        ("vault key", vec![vault[1..33].to_vec()]),
    ]);
    if let Ok(host) = std::fs::read_to_string("/proc/sys/kernel/hostname") {
        let host = host.trim().as_bytes().to_vec();
        if host.len() >= 6 {
            traces.insert("host name", vec![host]);
        }
    }
    Traces(traces)
}

/// The sheets of a round as anybody can open them with x.
fn opened(world: &World, stage: &str) -> BTreeMap<CodeName, OpenedSheet> {
    let state = world.state();
    let round = state.round(stage).expect("a round");
    let key = state
        .ceremony(stage)
        .and_then(|ceremony| ceremony.key.clone())
        .expect("a key");
    let x = round.opened.as_ref().expect("it is open").x;
    let secret = RoundSecret::from_published(&x, &key.y).expect("x is that of Y");
    let sheets = round.sheets.iter().map(|(line, sheets)| {
        let (_, blob, author) = sheets.last().expect("one each");
        let bytes = world
            .desk("clerk")
            .link
            .blob_get(&world.cast.origin, &blob.digest)
            .expect("open to all");
        let context = sheet_context(state, stage, line, author).expect("a context");
        (
            line.clone(),
            open_sheet(&secret, &context, &bytes, round.setting.sheet_size as usize).expect("it opens"),
        )
    });
    sheets.collect()
}

fn plaintext(sheet: &OpenedSheet) -> Haystack {
    let mut haystack = Haystack::default();
    haystack.add(sheet.head_bytes.clone());
    haystack.add(sheet.custody.clone());
    for block in &sheet.blocks {
        haystack.add(block.bytes.clone());
    }
    haystack
}

#[test]
fn nothing_that_reaches_an_expert_names_another() {
    let run = watched();
    let seated: Vec<&String> = run
        .after
        .keys()
        .filter(|booth| sitter(&run.world, booth).is_some())
        .collect();
    assert_eq!(seated.len(), 5);
    for a in &seated {
        for b in seated.iter().filter(|b| b != &a) {
            for (what, needles) in traces(&run.world, b).0 {
                for needle in needles {
                    assert_eq!(
                        found(&run.after[*a], &needle),
                        None,
                        "the {what} of {b} reached {a}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let run = watched();
    for booth in run.after.keys() {
        let Some((line, sitter)) = sitter(&run.world, booth) else {
            continue;
        };
        // An author holds the whole of its own acts: the binding's personal signature comes back.
        let own = traces(&run.world, booth);
        for what in ["name", "certificate", "personal key"] {
            let there = own.0[what]
                .iter()
                .any(|needle| found(&run.after[booth], needle).is_some());
            assert!(
                there,
                "the {what} of {booth} comes back to {booth} in its own binding"
            );
        }
        assert!(found(&run.after[booth], line.as_str().as_bytes()).is_some());
        // And on the centre's disks, where observers' openings lie.
        assert!(found(&disks(&run.world), name_of(&sitter.member).as_bytes()).is_some());
    }
}

#[test]
fn opened_sheets_name_nobody_and_say_what_was_written() {
    let run = watched();
    let seated: Vec<&String> = run
        .after
        .keys()
        .filter(|booth| sitter(&run.world, booth).is_some())
        .collect();
    for stage in ["conformity/1", "scored/1"] {
        let sheets = opened(&run.world, stage);
        assert_eq!(sheets.len(), 5);
        for (line, sheet) in &sheets {
            let plain = plaintext(sheet);
            for booth in &seated {
                for (what, needles) in traces(&run.world, booth).0 {
                    for needle in needles {
                        assert_eq!(
                            found(&plain, &needle),
                            None,
                            "{stage}: the {what} of {booth} stands in the sheet of {line}"
                        );
                    }
                }
            }
        }
    }
    let sheets = opened(&run.world, "scored/1");
    let written = written(&run.world, "scored/1");
    for (line, texts) in &written {
        let plain = plaintext(&sheets[line]);
        assert!(
            texts
                .iter()
                .filter(|text| found(&plain, text.as_bytes()).is_some())
                .count()
                >= 9 * 3 + 6 * 3,
            "{line}"
        );
    }
}

/// What each line wrote, by script: reasons, and scores that nobody else gives.
fn written(world: &World, stage: &str) -> BTreeMap<CodeName, Vec<String>> {
    let seated = booths(world)
        .into_iter()
        .filter_map(|booth| sitter(world, &booth));
    seated
        .map(|(line, sitter)| {
            let bids = sitter.script.get(stage).expect("a script").values();
            let cells = bids.flat_map(|cells| cells.values());
            let texts = cells.flat_map(|(value, reason)| [value.clone(), reason.clone()]);
            (line, texts.filter(|text| text.len() > 10).collect())
        })
        .collect()
}

#[test]
fn before_the_opening_nothing_written_is_at_the_centre_at_another_seat_or_in_a_log() {
    let mut run = watched();
    let run = &mut *run;
    for (stage, before) in &mut run.before {
        before.disks.unpack();
        before.logs.unpack();
        for (what, haystack, sure) in [
            ("disks", &before.disks, "示例市公共资源交易中心"),
            ("logs", &before.logs, "\"level\":\""),
        ] {
            assert!(
                found(haystack, sure.as_bytes()).is_some(),
                "the search of the {what} works"
            );
        }
        for (line, texts) in written(&run.world, stage) {
            assert!(texts.len() >= 4 * 6, "{stage}: {line} wrote something");
            let needles = Needles::new(&texts);
            let mut places = vec![
                ("the centre's disks".to_owned(), &before.disks),
                ("a log".to_owned(), &before.logs),
            ];
            places.extend(
                before
                    .reached
                    .iter()
                    .map(|(booth, reached)| (booth.clone(), reached)),
            );
            for (place, haystack) in places {
                let text = haystack
                    .find(&needles)
                    .map(|found| (&texts[found.needle], found.how));
                assert_eq!(text, None, "{stage}: {line} wrote it, and it is in {place}");
            }
        }
    }
}

#[test]
fn personal_signatures_reach_no_other_expert() {
    let mut other = world(72, |_| ());
    other.net.listen();
    finish(&mut other);
    let seated: Vec<String> = booths(&other)
        .into_iter()
        .filter(|booth| sitter(&other, booth).is_some())
        .collect();
    for b in &seated {
        let acts = outbox(&mut other, b);
        let signatures = signatures(b, &acts);
        for a in seated.iter().filter(|a| *a != b) {
            let haystack = reached(&other, a);
            for signature in &signatures {
                assert_eq!(
                    found(&haystack, signature),
                    None,
                    "a personal signature of {b} reached {a}"
                );
            }
        }
    }
}
