//! A party's part in a draw by commit and reveal: two site operators and the supervisor.

use crate::acting::{Progress, act};
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::draws::{DrawCommitted, DrawRevealed};
use evaluation::draw;
use protocol::window::{ObserverDuty, Words};
use record::Digest;

/// What a party of the running draw is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawStep {
    /// To commit to a random value.
    Commit,
    /// To reveal it: all parties have committed.
    Reveal,
}

/// The running draw of which this seat is a party and in which it is asked for something: instance, place, step.
fn due(desk: &Desk) -> Option<(String, u8, DrawStep)> {
    let state = desk.replica.state();
    let instance = format!("draw/{}", state.draws_count());
    let running = state.draw(&instance).filter(|d| d.voided.is_none() && !d.done)?;
    let me = desk.author.public();
    let place = running.setting.parties.iter().position(|party| *party == me)?;
    let place = u8::try_from(place).ok()?;
    let step = if !running.commitments.contains_key(&place) {
        DrawStep::Commit
    } else if running.committed.is_some() && !running.values.contains_key(&place) {
        DrawStep::Reveal
    } else {
        return None;
    };
    Some((instance, place, step))
}

/// What this seat is asked for in a draw.
pub fn step_due(desk: &Desk) -> Option<DrawStep> {
    due(desk).map(|(.., step)| step)
}

/// The duty as a window shows it.
pub fn duty(desk: &Desk) -> Option<ObserverDuty> {
    let (title, consequence) = match step_due(desk)? {
        DrawStep::Commit => (
            Words::new("抽签：提交承诺", "Draw: commit"),
            Words::new(
                "本机生成随机数并只公布其承诺；三方都承诺后才能揭示。",
                "This PC makes a random value and publishes a commitment to it alone; it is revealed once all three \
                 parties have committed.",
            ),
        ),
        DrawStep::Reveal => (
            Words::new("抽签：揭示随机数", "Draw: reveal"),
            Words::new(
                "公布本机承诺过的随机数；三方都揭示后，代号与评标仓随即确定。五分钟内不揭示，抽签作废。",
                "Publishes the value committed to; once all three are revealed, code names and booths follow. A value \
                 that is missing after five minutes makes the draw void.",
            ),
        ),
    };
    Some(ObserverDuty {
        id: "draw".to_owned(),
        title,
        checks: Vec::new(),
        ready: true,
        needs_pin: false,
        consequence,
    })
}

/// Commits to 32 random bytes kept in the vault, and reveals them once all parties have committed.
///
/// # Errors
/// A value that is no longer in the vault; the line.
pub fn take_part(desk: &mut Desk) -> Result<Progress, ClientError> {
    let Some((instance, place, step)) = due(desk) else {
        return Ok(Progress::Waiting);
    };
    let row = format!("{instance}/value");
    let kept = desk
        .vault
        .get(&row)?
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    match step {
        DrawStep::Commit => {
            let value = match kept {
                Some(value) => value,
                None => fresh(desk, &row)?,
            };
            let origin = desk.replica.origin();
            let payload = DrawCommitted {
                commitment: draw::commitment(&origin, &instance, place, &value),
            };
            act(desk, "draw.committed", &instance, &payload)
        }
        DrawStep::Reveal => {
            let value = kept.ok_or_else(|| {
                ClientError::check(
                    "本机没有所承诺的数值",
                    "the value committed to is not in the vault",
                )
            })?;
            let payload = DrawRevealed { value: Digest(value) };
            act(desk, "draw.revealed", &instance, &payload)
        }
    }
}

fn fresh(desk: &mut Desk, row: &str) -> Result<[u8; 32], ClientError> {
    let mut value = [0; 32];
    desk.random.fill(&mut value);
    desk.vault.put(row, &value)?;
    Ok(value)
}
