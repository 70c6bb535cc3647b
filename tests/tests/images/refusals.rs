//! What a registry refuses is told in one sentence, and nothing is registered then.

use crate::place::{Place, says};
use setpoint_tests::{Asked, Trouble};

/// Whether a request is the one that the registry refuses.
type Which = fn(&Asked) -> bool;

#[test]
fn each_refusal_is_told_in_one_sentence_and_nothing_is_registered() {
    let mut place = Place::new();
    place.setpoint = place.setpoint.environment("BUILDAH_LAYERS", "true");
    let begins: Which = |it| it.writes() && !it.tags();
    let tags: Which = Asked::tags;
    let uploads: Which = Asked::uploads;
    let missing = "The repository with name 'web' does not exist in the registry with id '123'";
    let taken = "The image tag 'v1' already exists in the 'web' repository and cannot be \
        overwritten because the tag is immutable.";
    let denied = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: \
        ecr:InitiateLayerUpload";
    let cases = [
        (
            begins,
            Trouble::error(404, "NAME_UNKNOWN", missing),
            "has no repository `web`",
        ),
        (
            begins,
            Trouble::error(403, "DENIED", denied),
            "denies it: User: arn:aws:iam",
        ),
        (
            uploads,
            Trouble::Answer(507, "Insufficient Storage".into()),
            "has no space left",
        ),
        (
            uploads,
            Trouble::Answer(
                500,
                "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"unknown error\",\"detail\":\
                 {\"Err\":28,\"Path\":\"/data\",\"Op\":\"write: no space left on device\"}}]}"
                    .into(),
            ),
            "has no space left",
        ),
        // Last, as the parts are there then.
        (
            tags,
            Trouble::error(400, "TAG_INVALID", taken),
            "the tag is immutable",
        ),
    ];
    for (which, trouble, words) in cases {
        place
            .front
            .upon(move |it| which(it).then(|| trouble.clone()));
        let outcome = place.apply().exits(1);
        says(&outcome, &[words]);
        // A sentence, and not what the protocol wraps it in.
        let told = outcome.stderr.lines().find(|it| it.contains(words));
        let told = told.expect("it is told in a line");
        assert!(!told.contains("{\"errors\""), "{told}");
        assert_eq!(place.runs(), None, "{words}");
    }
    place.front.calm();
    place.apply().exits(0);
    place.is_done();
}

#[test]
fn a_registry_that_does_not_take_the_login_is_told_as_such() {
    let mut place = Place::new();
    // Past the front, the registry knows nothing of AWS's tokens.
    let url = place.front.behind().url();
    place.setpoint = place.setpoint.environment("SETPOINT_REGISTRY", &url);
    let outcome = place.apply().exits(1);
    says(&outcome, &["denies it: it does not take the login"]);
    assert_eq!(place.runs(), None);
    assert_eq!(place.builds(), 0);
}
