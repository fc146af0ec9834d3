//! Who may know what: act type x role x moment (protocol 2, 6). Snapshot-tested in `docs/formats/access.md`.

use crate::catalogue::{self, Class};
use crate::role::Role;

/// Before or after the deadline is in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Bids are taken.
    BeforeDeadline,
    /// `deadline.reached` is in the record.
    AfterDeadline,
}

/// What of a leaf is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// Only its hash: not even its type or actor.
    Hash,
    /// Header, commitment and signature.
    Header,
    /// Header and body.
    Body,
}

/// What a role receives of an act type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The leaf.
    pub leaf: Leaf,
    /// Attachments whose openings are delivered; `key_` stands for every `key_<part>`.
    pub openings: &'static [&'static str],
}

/// The grant of a role for an act type at a moment. The author of an act always holds the whole of it.
pub fn grant(kind: &str, role: Role, moment: Moment) -> Grant {
    Grant {
        leaf: leaf(kind, role, moment),
        openings: openings(kind, role),
    }
}

fn leaf(kind: &str, role: Role, moment: Moment) -> Leaf {
    let Some(line) = catalogue::find(kind) else {
        return Leaf::Hash;
    };
    let bid = matches!(kind, "bid.submitted" | "bid.replaced" | "bid.withdrawn");
    if bid && moment == Moment::BeforeDeadline {
        return Leaf::Hash; // COM-16: names and number of bidders are secret until the opening
    }
    if line.class == Class::Observation && moment == Moment::BeforeDeadline {
        return Leaf::Hash; // observations and cover look like bids
    }
    if line.class == Class::Observation
        && !matches!(
            role,
            Role::Audit | Role::Supervisor | Role::System | Role::Security
        )
    {
        return Leaf::Header;
    }
    // Who watches at a site reads what was noticed; members learn only that a mark was set.
    if kind == "mark.set" && !matches!(role, Role::Supervisor | Role::WitnessPerson | Role::SiteOperator) {
        return Leaf::Header;
    }
    if kind == "warning.given"
        && !matches!(
            role,
            Role::Expert
                | Role::TendererRepresentative
                | Role::Supervisor
                | Role::WitnessPerson
                | Role::Clerk
                | Role::SiteOperator
        )
    {
        return Leaf::Header;
    }
    if kind == "draft.saved" && !matches!(role, Role::Clerk | Role::Supervisor) {
        return Leaf::Header; // digest and constant size: the clerk names every blob when archiving
    }
    Leaf::Body
}

fn openings(kind: &str, role: Role) -> &'static [&'static str] {
    use Role::{
        Clerk, Custodian, Expert, Purchaser, SiteOperator, Supervisor, TendererRepresentative, WitnessPerson,
    };
    match (kind, role) {
        ("member.seated", SiteOperator | WitnessPerson | Supervisor) => &["identity"],
        (
            "member.checked_in" | "key.bound" | "member.key_replaced",
            WitnessPerson | Supervisor | Custodian,
        ) => &["personal"],
        ("bid.unlocked", Clerk) => &["key_"],
        ("part.opened", Clerk | Supervisor | Purchaser) => &["identity", "key"],
        ("part.opened", Expert | TendererRepresentative) => &["identity", "key"],
        _ => &[],
    }
}

/// Whether a grant opens this attachment.
pub fn opens(grant: &Grant, attachment: &str) -> bool {
    grant.openings.iter().any(|name| {
        if name.ends_with('_') {
            attachment.starts_with(name)
        } else {
            attachment == *name
        }
    })
}

/// Whether an opened part of a bid may be read by a role. When a part is opened is the stage plan's; the opening
/// letter is read out at the opening, where no member of the committee sits (COM-12).
pub fn may_read_part(role: Role, part: &str) -> bool {
    match role {
        Role::Clerk | Role::Supervisor | Role::Purchaser => true,
        Role::Expert | Role::TendererRepresentative => part != "opening",
        _ => false,
    }
}
