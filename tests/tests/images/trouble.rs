//! Registries and connections that fail on the way.

use crate::place::{Place, says};
use setpoint_tests::Trouble;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

#[test]
fn a_registry_that_drops_every_third_request_ends_with_the_image() {
    let place = Place::new();
    let asked = AtomicUsize::new(0);
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dropped);
    place.front.upon(move |_| {
        let is_third = asked.fetch_add(1, Ordering::SeqCst) % 3 == 2;
        is_third.then(|| {
            // Before the registry hears of it, and after, in turn.
            match count.fetch_add(1, Ordering::SeqCst) % 2 {
                0 => Trouble::Drop,
                _ => Trouble::Lose,
            }
        })
    });
    place.apply().exits(0);
    assert!(dropped.load(Ordering::SeqCst) > 3, "{dropped:?}");
    place.is_done();
    place.front.calm();
    place.runs_what_is_tagged(&place.content_tag());
    assert_eq!(place.builds(), 1);
}

#[test]
fn a_push_that_was_killed_is_completed_by_the_next_apply() {
    let place = Place::new();
    place
        .front
        .upon(|asked| asked.uploads().then_some(Trouble::Stall));
    let mut running = place.setpoint.start(&["apply", "--yes"]);
    while place.front.stalls() == 0 {
        assert!(!running.ended(), "it ended before it pushed");
        std::thread::yield_now();
    }
    // As `kill -9` does.
    drop(running);
    assert_eq!(place.runs(), None);
    assert_eq!(place.front.behind().tags("web"), [""; 0]);
    place.front.calm();
    place.apply().exits(0);
    place.runs_what_is_tagged(&place.content_tag());
    place.is_done();
}

#[test]
fn a_login_that_ends_in_the_middle_is_renewed() {
    let place = Place::new();
    let is_first = AtomicBool::new(true);
    place.front.upon(move |asked| {
        let ends = asked.uploads() && is_first.swap(false, Ordering::SeqCst);
        ends.then(|| Trouble::error(401, "UNAUTHORIZED", "Your authorization token has expired."))
    });
    place.apply().exits(0);
    let logins: BTreeSet<String> = place
        .front
        .taken()
        .into_iter()
        .filter(|it| it.writes())
        .filter_map(|it| it.login)
        .collect();
    assert_eq!(logins.len(), 2, "one before, and another after");
    place.runs_what_is_tagged(&place.content_tag());
    place.is_done();
}

#[test]
fn a_registry_that_lies_about_what_it_holds_is_refused_and_nothing_runs_it() {
    let place = Place::new();
    let other = "{\"schemaVersion\":2,\"layers\":[]}";
    // With the digest of what was pushed in its head; then without.
    for (keeps_digest, words) in [
        (true, "sends bytes whose digest is sha256:"),
        (false, "holds another image than was pushed under `web:"),
    ] {
        let is_put = AtomicBool::new(false);
        place.front.upon(move |asked| {
            if asked.tags() {
                is_put.store(true, Ordering::SeqCst);
                return None;
            }
            let reads = asked.path.contains("/manifests/") && is_put.load(Ordering::SeqCst);
            reads.then(|| Trouble::Alter {
                body: other.into(),
                keeps_digest,
            })
        });
        let outcome = place.apply().exits(1);
        says(&outcome, &[words]);
        assert_eq!(place.runs(), None, "{}", outcome.stderr);
        place.front.calm();
        let forget = place.front.behind();
        forget.forget("web");
    }
    place.apply().exits(0);
    place.is_done();
}

#[test]
fn a_registry_that_says_it_has_parts_which_it_lacks_is_refused() {
    let place = Place::new();
    place.front.upon(|asked| {
        let looks = asked.method == "HEAD" && asked.path.contains("/blobs/");
        looks.then(|| Trouble::Answer(200, String::new()))
    });
    let outcome = place.apply().exits(1);
    says(&outcome, &["blob unknown to registry"]);
    let told = outcome
        .stderr
        .lines()
        .find(|it| it.contains("blob unknown"));
    assert!(
        !told.unwrap_or_default().contains("{\"errors\""),
        "{told:?}"
    );
    assert_eq!(place.runs(), None);
    place.front.calm();
    place.apply().exits(0);
    place.is_done();
}

#[test]
fn an_answer_that_is_lost_is_no_reason_to_take_an_immutable_tag_for_anothers() {
    let place = Place::new();
    let is_first = AtomicBool::new(true);
    place.front.upon(move |asked| match asked.tags() {
        true if is_first.swap(false, Ordering::SeqCst) => Some(Trouble::Lose),
        true => {
            let words = "The image tag already exists and cannot be overwritten because the tag is \
                immutable.";
            Some(Trouble::error(400, "TAG_INVALID", words))
        }
        false => None,
    });
    place.apply().exits(0);
    place.runs_what_is_tagged(&place.content_tag());
    place.is_done();
}
