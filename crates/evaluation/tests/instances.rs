//! Staleness goes by an act's instance, so a type whose subject has one instance is refused at every other, before
//! anything else of it is read.

use conclave_evaluation::acts::fixed_instance;
use conclave_evaluation::catalogue::{CATALOGUE, Class};
use conclave_evaluation::{Act, Blobs, Code, State, personal};
use record::{
    ActId, BlobRef, Body, Core, DeviceId, Digest, Header, Origin, PublicKey, Salt, Seen, Signature,
    Submission, Suite, Tree, VerifiedAct, commit_body, signing_input, verify_submission,
};
use sealing::Random;
use sealing::sign::SigningKeyPair;
use std::collections::BTreeMap;

struct Fixed;

impl Random for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(7);
    }
}

struct NoBlobs;

impl Blobs for NoBlobs {
    fn blob(&self, _: &BlobRef) -> Option<Vec<u8>> {
        None
    }
}

fn signed(kind: &str, instance: &str) -> VerifiedAct {
    let key = SigningKeyPair::generate(&mut Fixed);
    let core = Core {
        suite: Suite::International,
        origin: Origin([1; 16]),
        id: ActId([2; 16]),
        actor: PublicKey(key.public_key()),
        device: DeviceId([3; 16]),
        kind: kind.to_owned(),
        instance: instance.to_owned(),
        payload: serde_json::json!({}),
        seen: Seen {
            size: 0,
            root: Tree::new().root(),
        },
        time: 1_000,
        expires: 2_000,
    };
    let declared = BTreeMap::from([(personal::ATTACHMENT.to_owned(), Digest([4; 32]))]);
    let body = Body::new(core, declared).expect("a body");
    let salt = Salt([5; 32]);
    let input = signing_input(&Header::of(&body), &commit_body(&salt, &body.bytes));
    let submission = Submission {
        body: body.bytes,
        salt,
        signature: Signature(key.sign(&input)),
        openings: BTreeMap::new(),
    };
    verify_submission(&submission).expect("the act holds")
}

/// Code and detail with which an empty record refuses an act of this type.
fn refusal(kind: &str, instance: &str) -> (Code, String) {
    let act = signed(kind, instance);
    let mut state = State::new();
    let refused = state
        .apply(&Act::new(&act, 0, 1_500), &NoBlobs)
        .expect_err("an empty payload");
    assert_eq!(state.size(), 0, "a refusal changes nothing");
    (refused.code, refused.detail)
}

#[test]
fn a_type_with_one_instance_is_refused_at_every_other() {
    let fixed = [
        ("record.created", ""),
        ("role.assigned", ""),
        ("site.enrolled", ""),
        ("booth.enrolled", ""),
        ("witness.replacement_proposed", ""),
        ("witness.replaced", ""),
        ("opening.allowed", "opening"),
        ("binding.seen", "committee"),
        ("member.key_replaced", "committee"),
        ("promise.made", "committee"),
        ("avoidance.declared", "committee"),
        ("leader.voted", "committee"),
        ("report.made", "report"),
        ("report.signed", "report"),
        ("evaluation.suspended", "suspension"),
        ("evaluation.resumed", "suspension"),
        ("warning.given", "supervision"),
        ("mark.set", "supervision"),
    ];
    for (kind, own) in fixed {
        assert_eq!(fixed_instance(kind), Some(own), "{kind}");
        for instance in [
            "",
            "lot-key",
            "bids",
            "opening",
            "committee",
            "report",
            "suspension",
            "supervision",
            "draw/0",
            "scored/1",
        ] {
            let (code, detail) = refusal(kind, instance);
            assert_eq!(code, Code::Malformed, "{kind} at {instance:?}: {detail}");
            assert_eq!(
                detail == "instance",
                instance != own,
                "{kind} at {instance:?}: {detail}"
            );
        }
    }
    let pinned = CATALOGUE.iter().filter(|line| line.class == Class::Person);
    let pinned = pinned.filter(|line| fixed_instance(line.name).is_some()).count();
    assert_eq!(pinned, fixed.len(), "every pinned type is in the table");
}
