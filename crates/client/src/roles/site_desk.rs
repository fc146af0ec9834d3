//! A site desk (主场/副场): checks members in, takes part in draws. It sees names and never code names.

use super::observer::{SeatPresence, link_of};
use super::{draw, new_pc, titles};
use crate::acting::{self, Progress, signed};
use crate::author::PersonalKey;
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::committee::{COMMITTEE, MemberCheckedIn, MemberSeated};
use evaluation::acts::supervision;
use evaluation::{Party, Role, SiteId};
use protocol::ReplacementAsked;
use protocol::window::{BoothHealth, BoothReplacement, DueMember, Offer, OperatorView, Presence, Words};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Attachment `identity` of `member.seated`, as far as the desk reads it.
#[derive(Debug, Deserialize)]
struct Identity {
    name: String,
    #[serde(default)]
    certificate: Vec<String>,
}

/// A seat of the committee whose identity is opened to this desk.
struct Seat {
    role: Role,
    identity: Identity,
}

/// This desk's own party; `None` before its role is recorded.
pub(super) fn own(desk: &Desk) -> Option<(&Party, &SiteId)> {
    let parties = desk.replica.state().parties(&desk.author.public());
    let party = parties.iter().find(|party| party.role == Role::SiteOperator)?;
    Some((party, party.site.as_ref()?))
}

fn seats(desk: &Desk) -> BTreeMap<u32, Seat> {
    let mut found = BTreeMap::new();
    for entry in desk.replica.entries() {
        let (Some(opening), Some(disclosed)) = (entry.openings.get("identity"), &entry.disclosed) else {
            continue;
        };
        let Ok(body) = record::Body::parse(&disclosed.body) else {
            continue;
        };
        if body.core.kind != "member.seated" {
            continue;
        }
        let seated = serde_json::from_value::<MemberSeated>(body.core.payload);
        let identity = serde_json::from_slice::<Identity>(&opening.value);
        if let (Ok(seated), Ok(identity)) = (seated, identity) {
            let role = seated.role;
            found.insert(u32::from(seated.seat), Seat { role, identity });
        }
    }
    found
}

fn row(seat: u32) -> String {
    format!("check-in/{seat}")
}

/// The ticket made here for a seat, whether its act has arrived or not.
fn kept_ticket(desk: &Desk, seat: u32) -> Result<Option<String>, ClientError> {
    let bytes = desk.vault.get(&row(seat))?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// Seat and certificate of the member who was handed a ticket here.
///
/// # Errors
/// A damaged vault.
pub(super) fn seat_of_ticket(desk: &Desk, ticket: &str) -> Result<Option<(u32, String)>, ClientError> {
    for (number, seat) in seats(desk) {
        if kept_ticket(desk, number)?.as_deref() == Some(ticket) {
            let leaf = seat.identity.certificate.into_iter().next();
            return Ok(leaf.map(|leaf| (number, leaf)));
        }
    }
    Ok(None)
}

/// The site operator's window; `presence` is what the centre tells of links, where it was asked, and `asked` which new
/// PCs wait for this desk.
///
/// # Errors
/// A damaged vault.
pub fn view(
    desk: &Desk,
    presence: Option<&[SeatPresence]>,
    asked: &[ReplacementAsked],
) -> Result<OperatorView, ClientError> {
    let state = desk.replica.state();
    let own = own(desk);
    let site = own.and_then(|(_, id)| state.sites().get(id));
    let seats = seats(desk);
    let mut members = Vec::new();
    let mut offers = Vec::new();
    for (number, seat) in &seats {
        let member = due_member(desk, *number, seat)?;
        if member.ticket.is_none() {
            offers.push(Offer {
                action: format!("check_in_member:{number}"),
                why_not: closed(desk, seat.role),
                consequence: Some(Words::new(
                    "请当面核对身份证件，由评委本人插入个人密钥并输入口令。签到以本人密钥签名，随后给出签到号，凭它在抽定的评标仓入仓。",
                    "Check the identity card in person; the member inserts the own key and types its PIN. It signs the \
                     check-in and gives a ticket, with which the member takes the booth that is drawn.",
                )),
            });
        }
        members.push(member);
    }
    offers.push(Offer {
        action: "mark_presence".to_owned(),
        why_not: state
            .archived()
            .map(|_| Words::new("评标已归档", "The evaluation is archived")),
        consequence: None,
    });
    let mut booths = own.map(|(_, id)| booths(desk, id, presence)).unwrap_or_default();
    for booth in &mut booths {
        let Some(found) = asked.iter().find(|asked| asked.booth == booth.booth) else {
            continue;
        };
        let (replacement, offer) = replacement(desk, found, &seats);
        booth.replacement = Some(replacement);
        offers.push(offer);
    }
    Ok(OperatorView {
        site: own.map(|(_, id)| id.to_string()).unwrap_or_default(),
        organisation: own
            .map(|(party, _)| party.organisation.clone())
            .unwrap_or_default(),
        host: site.is_some_and(|site| site.host),
        members,
        booths,
        duties: draw::duty(desk).into_iter().collect(),
        offers,
    })
}

/// What a new PC asks, and whether this desk may confirm it.
fn replacement(
    desk: &Desk,
    asked: &ReplacementAsked,
    seats: &BTreeMap<u32, Seat>,
) -> (BoothReplacement, Offer) {
    let checked = new_pc::checked(desk, asked);
    let seat = checked.as_ref().ok().map(|checked| checked.seat);
    let name = seat
        .and_then(|seat| seats.get(&seat))
        .map(|seat| seat.identity.name.clone());
    let why_not = checked.err().map(|error| {
        let text = error.to_string();
        Words::new(
            format!("本机核验未通过（{text}），不能确认；请向评委当面核实。"),
            format!("A check of this program did not hold ({text}); see the member in person."),
        )
    });
    let replacement = BoothReplacement {
        since: asked.since,
        seat,
        name,
    };
    let offer = Offer {
        action: format!("confirm_replacement:{}", asked.booth),
        why_not,
        consequence: Some(Words::new(
            "确认后，该评标仓由新电脑接替：新电脑取回评委最近一次备份的评分，原电脑的一切后续操作都会被拒绝。请先当面确认是评委本人要求更换。",
            "The new PC then takes this booth over: it gets the member's newest backup of the scores, and whatever the \
             old PC still sends is refused. First make sure in person that the member asked for it.",
        )),
    };
    (replacement, offer)
}

fn due_member(desk: &Desk, number: u32, seat: &Seat) -> Result<DueMember, ClientError> {
    let state = desk.replica.state();
    let committee = state.committee();
    let ticket = kept_ticket(desk, number)?.filter(|ticket| committee.tickets.contains_key(ticket));
    let line = ticket
        .as_ref()
        .and_then(|ticket| committee.lines.values().find(|line| line.ticket == *ticket));
    let seated = line.is_some_and(|line| line.binding.is_some());
    Ok(DueMember {
        seat: number,
        name: seat.identity.name.clone(),
        role: titles::member(state, seat.role),
        booth: line.map(|line| line.booth.clone()),
        presence: if seated { Presence::InSeat } else { Presence::Due },
        ticket,
    })
}

/// Why nobody of a role can be checked in now.
fn closed(desk: &Desk, role: Role) -> Option<Words> {
    let state = desk.replica.state();
    let committee = state.committee();
    let seats = committee.seats.values().filter(|seat| seat.role == role).count();
    let present = committee.tickets.values().filter(|(of, _)| *of == role).count();
    if state.ended().is_some() || state.archived().is_some() {
        Some(Words::new("评标已结束", "The evaluation is over"))
    } else if !committee.is_complete() {
        Some(Words::new(
            "评委名册尚未齐全",
            "Not every seat of the committee is filled",
        ))
    } else if present >= seats {
        Some(Words::new(
            "该类席位的评委都已签到（可能在别的场所）",
            "Every member of this kind has checked in, perhaps at another site",
        ))
    } else {
        None
    }
}

fn booths(desk: &Desk, site: &SiteId, presence: Option<&[SeatPresence]>) -> Vec<BoothHealth> {
    let state = desk.replica.state();
    let lines = &state.committee().lines;
    let here = state
        .with_role(Role::Booth)
        .filter(|party| party.site.as_ref() == Some(site));
    let mut booths: Vec<BoothHealth> = here
        .filter_map(|party| party.booth.clone())
        .map(|booth| {
            let line = lines.values().find(|line| line.booth == booth);
            BoothHealth {
                enrolled: true,
                taken: line.is_some(),
                bound: line.is_some_and(|line| line.binding.is_some()),
                link: link_of(presence, &booth, None),
                replacement: None,
                booth,
            }
        })
        .collect();
    booths.sort_by(|a, b| a.booth.cmp(&b.booth));
    booths
}

/// Marks a member's presence at this site.
///
/// # Errors
/// [`ClientError::Check`] for a seat that there is not; as [`Desk::act`].
pub fn mark_presence(
    desk: &mut Desk,
    seat: u32,
    presence: Presence,
    note: &str,
) -> Result<Progress, ClientError> {
    let seat = u8::try_from(seat).map_err(|_| ClientError::check("没有这个席位", "no such seat"))?;
    let presence = match presence {
        Presence::Due => supervision::Presence::Due,
        Presence::Late => supervision::Presence::Late,
        Presence::InSeat => supervision::Presence::InSeat,
        Presence::Break => supervision::Presence::Break,
        Presence::Meal => supervision::Presence::Meal,
        Presence::Overnight => supervision::Presence::Overnight,
        Presence::Ill => supervision::Presence::Ill,
        Presence::Absent => supervision::Presence::Absent,
    };
    let payload = supervision::MarkSet {
        line: None,
        note: note.to_owned(),
        presence: Some(supervision::PresenceMark {
            member: supervision::Attendee::Seat(seat),
            presence,
        }),
    };
    acting::act(desk, "mark.set", supervision::SUPERVISION, &payload)
}

/// Checks a member in, who stands at the desk with the personal key; the ticket. It is random, made here unless it is on
/// a slip that was printed beforehand, and kept before the act is sent: after a crash, or with the line cut, the same
/// call hands out the same one.
///
/// # Errors
/// [`ClientError::Check`] for a seat whose identity is not opened here, a key of another person than was seated, and
/// while nobody can be checked in; a wrong PIN; the line.
pub fn check_in(
    desk: &mut Desk,
    seat: u32,
    personal: &PersonalKey,
    slip: Option<&str>,
) -> Result<String, ClientError> {
    let seats = seats(desk);
    let Some(found) = seats.get(&seat) else {
        return Err(ClientError::check(
            "本席位看不到这个席位",
            "no such seat is opened to this desk",
        ));
    };
    let seated = found.identity.certificate.first();
    if seated.is_some_and(|leaf| personal.chain_text().first() != Some(leaf)) {
        return Err(ClientError::check(
            "插入的密钥不是该席位本人的",
            "the key is of another person than was seated",
        ));
    }
    let ticket = match kept_ticket(desk, seat)? {
        Some(ticket) if desk.replica.state().committee().tickets.contains_key(&ticket) => return Ok(ticket),
        Some(ticket) => ticket,
        None => new_ticket(desk, seat, slip)?,
    };
    if let Some(why) = closed(desk, found.role) {
        return Err(ClientError::Check(why));
    }
    let site = own(desk).map(|(_, site)| site.clone());
    let site = site.ok_or_else(|| ClientError::check("您不是场所管理员", "not a site operator"))?;
    match hand_out(desk, &site, found.role, &ticket, personal)? {
        Progress::Acted => Ok(ticket),
        _ => Err(ClientError::check(
            "记录已有变化，请重新查看",
            "the record has gone on; look again",
        )),
    }
}

fn new_ticket(desk: &mut Desk, seat: u32, slip: Option<&str>) -> Result<String, ClientError> {
    let ticket = match slip {
        Some(printed) => printed.to_owned(),
        None => {
            let mut bytes = [0; 16];
            desk.random.fill(&mut bytes);
            hex::encode(bytes)
        }
    };
    desk.vault.put(&row(seat), ticket.as_bytes())?;
    Ok(ticket)
}

/// The act of a check-in, for a ticket that is on its slip; whom it was handed to is kept here.
///
/// # Errors
/// A wrong PIN; the line, the vault.
pub fn hand_out(
    desk: &mut Desk,
    site: &SiteId,
    role: Role,
    ticket: &str,
    personal: &PersonalKey,
) -> Result<Progress, ClientError> {
    let chain = personal.chain_text();
    let owner = seats(desk)
        .into_iter()
        .find(|(_, seat)| seat.identity.certificate.first() == chain.first());
    if let Some((seat, _)) = owner {
        desk.vault.put(&row(seat), ticket.as_bytes())?;
    }
    let payload = MemberCheckedIn {
        site: site.clone(),
        ticket: ticket.to_owned(),
        role,
    };
    signed(desk, "member.checked_in", COMMITTEE, &payload, Some(personal))
}
