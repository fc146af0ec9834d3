//! What a desk sends when its person does what is offered: held to the evaluation's own lists, so that a window offers
//! in a pause what the centre then takes.

use evaluation::acts::suspension::GOES_ON;
use evaluation::catalogue::{self, Class};

/// What doing an offer or a duty sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// Acts of these types.
    Acts(&'static [&'static str]),
    /// No act: what is asked of the centre or of another desk, or is done on this PC.
    NoAct,
}

/// Every offer and duty by its name, without its instance.
const TABLE: [(&str, Sends); 44] = {
    use Sends::{Acts, NoAct};
    [
        // Clerk.
        ("create_record", Acts(&["record.created"])),
        (
            "set_up",
            Acts(&["site.enrolled", "role.assigned", "booth.enrolled"]),
        ),
        ("define_lot_key", Acts(&["lot_key.defined"])),
        ("declare_ingest_key", Acts(&["ingest_key.declared"])),
        ("seat_members", Acts(&["member.seated"])),
        ("open_draw", Acts(&["draw.opened"])),
        ("start_opening", Acts(&["opening.started"])),
        ("open_next", Acts(&["part.opened"])),
        ("record_opening", Acts(&["opening.recorded"])),
        ("allow_late_opening", Acts(&["opening.allowed"])),
        ("open_stage", Acts(&["stage.opened"])),
        ("close_stage", Acts(&["stage.closed"])),
        ("define_round", Acts(&["round.defined"])),
        ("open_round", Acts(&["round.opened"])),
        ("enter_prices", Acts(&["price.entered"])),
        ("compute_result", Acts(&["result.computed"])),
        ("make_report", Acts(&["report.made"])),
        ("archive", Acts(&["archived"])),
        ("end_evaluation", Acts(&["evaluation.ended"])),
        ("save_package", NoAct),
        // Expert.
        // The first time it binds a key: what then holds it back is said where it is offered.
        ("check_in", NoAct),
        ("ask_replacement", NoAct),
        ("promise", Acts(&["promise.made"])),
        ("vote_leader", Acts(&["leader.voted"])),
        ("declare_avoidance", Acts(&["avoidance.declared"])),
        ("seal", Acts(&["sheet.sealed"])),
        ("close_round", Acts(&["round.closed"])),
        ("sign_report", Acts(&["report.signed"])),
        // Purchaser.
        ("decide", Acts(&["qualification.decided"])),
        // Site operator.
        ("check_in_member", Acts(&["member.checked_in"])),
        ("mark_presence", Acts(&["mark.set"])),
        ("confirm_replacement", Acts(&["member.key_replaced"])),
        // Supervisor and witness person.
        ("draw", Acts(&["draw.committed", "draw.revealed"])),
        ("see_binding", Acts(&["binding.seen"])),
        ("countersign", Acts(&["round.countersigned"])),
        ("end", Acts(&["evaluation.ended"])),
        ("mark", Acts(&["mark.set"])),
        ("warn", Acts(&["warning.given"])),
        ("pause", Acts(&["evaluation.suspended"])),
        ("resume", Acts(&["evaluation.resumed"])),
        // Holder: a share found wrong is complained of by the same duty.
        ("deal", Acts(&["key.dealt"])),
        ("acknowledge", Acts(&["key.acknowledged", "key.complained"])),
        ("decrypt", Acts(&["partial.released"])),
        ("release", Acts(&["share.released"])),
    ]
};

/// What doing `action` sends: the name of an offer or a duty, its instance after a colon if it has one.
pub fn sends(action: &str) -> Option<Sends> {
    let name = action.split(':').next().unwrap_or_default();
    let found = TABLE.iter().find(|(known, _)| *known == name);
    found.map(|(_, sends)| *sends)
}

/// Whether doing `action` is taken while the evaluation is suspended: all that it may send goes on. A name that is not
/// known here does not.
pub fn goes_on(action: &str) -> bool {
    match sends(action) {
        Some(Sends::Acts(types)) => types.iter().all(|kind| act_goes_on(kind)),
        Some(Sends::NoAct) => true,
        None => false,
    }
}

fn act_goes_on(kind: &str) -> bool {
    GOES_ON.contains(&kind) || catalogue::find(kind).is_some_and(|line| line.class == Class::Observation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evaluation::catalogue::Status;

    #[test]
    fn each_act_that_is_sent_stands_in_the_catalogue_as_built_and_each_name_once() {
        for (name, sends) in TABLE {
            let Sends::Acts(types) = sends else { continue };
            assert!(!types.is_empty(), "{name}");
            for kind in types {
                let line = catalogue::find(kind).unwrap_or_else(|| panic!("{name}: {kind}"));
                assert_eq!(
                    (line.class, line.status),
                    (Class::Person, Status::Built),
                    "{name}: {kind}"
                );
            }
        }
        let mut names: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn what_goes_on_in_a_pause_is_what_the_evaluation_then_takes() {
        let on: Vec<&str> = TABLE
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| goes_on(name))
            .collect();
        let expected = [
            "end_evaluation",
            "save_package",
            "check_in",
            "ask_replacement",
            "mark_presence",
            "confirm_replacement",
            "end",
            "mark",
            "warn",
            "resume",
        ];
        assert_eq!(on, expected);
        assert!(goes_on("confirm_replacement:N-01") && !goes_on("seal:scored/1"));
        assert!(!goes_on("what_nobody_knows"));
    }
}
