//! Tags that the user names, and the architectures of images.

use crate::{
    layout,
    place::{Place, STACK, says},
};
use setpoint_tests::Stack;

/// The shop, which runs what somebody pushes under a tag.
fn tagged(more: &str) -> Stack {
    let reference = format!("{{ repository: web, tag: v1{more} }}");
    let stack = STACK.replace("{ build: page }", &reference);
    Stack::of(stack)
        .without("images", "page")
        .replacing("images:\n", "")
}

/// A place with the repository alone, and an image of somebody else's under `web:v1`.
fn with_image(architecture: &str) -> Place {
    let place = Place::new();
    push(&place, "v1", |it| layout::image(it, architecture, "one"));
    place
}

fn push(place: &Place, tag: &str, write: impl Fn(&std::path::Path)) -> String {
    let folder = tempfile::tempdir().expect("a temporary directory");
    write(folder.path());
    let registry = place.front.behind();
    registry.put(folder.path(), &format!("web:{tag}"));
    let held = registry.manifest(&format!("web:{tag}"));
    held.expect("it was pushed").1
}

#[test]
fn a_tag_is_pinned_to_what_it_means_and_a_tag_that_moves_is_a_change() {
    let place = with_image("amd64");
    place.stack(&tagged(""));
    place.apply().exits(0);
    place.runs_what_is_tagged("v1");
    place.is_done();
    let first = place.digest();
    let second = push(&place, "v1", |it| layout::image(it, "amd64", "two"));
    assert_ne!(first, second);
    says(&place.plan().exits(2), &["taskDefinition.web", &second]);
    place.apply().exits(0);
    assert_eq!(place.digest(), second);
    place.is_done();
    assert_eq!(place.builds(), 0);
}

#[test]
fn a_tag_that_is_not_to_be_pinned_stays_and_may_move() {
    let place = with_image("amd64");
    place.stack(&tagged(", pin: false"));
    place.apply().exits(0);
    let runs = place.runs().expect("there is a revision");
    assert!(runs.ends_with("/web:v1"), "{runs}");
    push(&place, "v1", |it| layout::image(it, "amd64", "two"));
    place.is_done();
}

/// The flash sale on its instances, which are amd64, with the repository there already.
fn sale(place: &Place, image: &str) -> Stack {
    let repository = "name: flash-sale\nregion: us-east-1\ntags: { project: flash-sale }\n\
        repositories: { web: {} }\n";
    place.stack(&Stack::of(repository));
    place.apply().exits(0);
    Stack::tagged()
        .with("repositories", "web: {}")
        .replacing("{ repository: flash-sale-webapp, tag: v1 }", image)
}

#[test]
fn an_image_for_another_architecture_is_an_error_at_plan_time() {
    let place = with_image("arm64");
    let arm = push(&place, "arms", |it| {
        layout::several(it, &["arm64", "riscv64"], "one")
    });
    assert!(arm.starts_with("sha256:"));
    for (image, words) in [
        (
            "{ repository: web, tag: v1 }",
            "is built for arm64, and would run on",
        ),
        (
            "{ repository: web, tag: arms }",
            "is built for arm64 and riscv64, and would run on",
        ),
    ] {
        place.stack(&sale(&place, image));
        let outcome = place.plan();
        says(&outcome, &["SP202", words]);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
        place.apply().exits(1);
        assert_eq!(place.runs(), None);
    }
    let built = Stack::flash_sale()
        .replacing("context: examples/flash-sale", "context: page")
        .replacing("platform: linux/amd64", "platform: linux/arm64");
    place.stack(&built);
    let outcome = place.plan().exits(1);
    says(&outcome, &["SP202", "the image webapp is built for arm64"]);
    place.apply().exits(1);
    assert_eq!(place.builds(), 0);
}

#[test]
fn an_index_of_several_architectures_is_pinned_by_its_own_digest() {
    let place = Place::new();
    let index = push(&place, "v1", |it| {
        layout::several(it, &["amd64", "arm64"], "one")
    });
    place.stack(&sale(&place, "{ repository: web, tag: v1 }"));
    // One of its images is for the instances, which is enough.
    says(&place.plan().exits(2), &[&index]);
    let (manifest, _) = place
        .front
        .behind()
        .manifest("web:v1")
        .expect("it is there");
    let media_type = "application/vnd.oci.image.index.v1+json";
    assert_eq!(manifest["mediaType"], media_type);
    place.stack(&Stack::of("name: flash-sale\nregion: us-east-1\n"));
    place.apply().exits(0);
    place.stack(&tagged(""));
    place.apply().exits(0);
    assert_eq!(place.digest(), index);
    place.is_done();
}
