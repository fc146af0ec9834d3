//! Seats that a newcomer may take.

use std::path::Path;

/// What the newcomer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    Expert,
    Clerk,
    Supervisor,
    Purchaser,
    Holder,
    Operator,
    Verifier,
}

impl Role {
    /// All, the heart of the matter first.
    pub(super) const ALL: [Self; 7] = [
        Self::Expert,
        Self::Clerk,
        Self::Supervisor,
        Self::Purchaser,
        Self::Holder,
        Self::Operator,
        Self::Verifier,
    ];

    /// In the list.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Expert => "an expert, locked in a booth: review, score, seal, sign",
            Self::Clerk => "the clerk: tender package, opening, rounds, result, archive",
            Self::Supervisor => "the supervisor: every booth, duties, warnings, pause",
            Self::Purchaser => "the purchaser: qualification",
            Self::Holder => "a holder of a share of the keys: check, then release",
            Self::Operator => "a site operator: members, tickets, presence",
            Self::Verifier => "a verifier, when all is over: is the archive sound?",
        }
    }

    /// The seat of the rehearsal; a verifier needs none.
    pub(super) fn seat(self) -> Option<&'static str> {
        match self {
            Self::Expert => Some("expert"),
            Self::Clerk => Some("clerk"),
            Self::Supervisor => Some("supervisor"),
            Self::Purchaser => Some("purchaser"),
            Self::Holder => Some("holder-1"),
            Self::Operator => Some("desk-host"),
            Self::Verifier => None,
        }
    }

    /// Says what the newcomer must know by heart: PINs are never in the workplace.
    pub(super) fn explain(self, workplaces: &Path) {
        let lies = workplaces.display();
        let Some(seat) = self.seat() else {
            println!("Your window opens. Package: {lies}/archive.tar, local anchors: {lies}/anchors.json");
            return;
        };
        println!("Your window opens. What you must know by heart ({lies}/{seat}.pins):");
        let pins = std::fs::read_to_string(workplaces.join(format!("{seat}.pins"))).unwrap_or_default();
        for line in pins.lines() {
            println!("  {}", line.replace('\t', "  PIN "));
        }
        match self {
            Self::Expert => println!("What you found in the bids: {lies}/{seat}.papers.json"),
            Self::Clerk => println!("The tender package: samples/procurement/tender"),
            _ => {}
        }
    }
}
