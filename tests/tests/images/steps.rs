//! One step alone: `build`, `push`, and what `images` says of both.

use crate::place::{Place, says};
use serde_json::{Value, json};
use setpoint_tests::{Boto, Stack};
use std::fs;

/// The image as `images --json` lists it.
#[track_caller]
fn listed(place: &Place) -> Value {
    let listed = place.setpoint.run(&["images", "--json"]).exits(0).json();
    assert_eq!(listed["version"], 1);
    assert_eq!(listed["images"].as_array().map(Vec::len), Some(1));
    listed["images"][0].clone()
}

fn make_repository(boto: &Boto) {
    let named = json!({ "repositoryName": "web",
        "tags": [{ "Key": "setpoint:stack", "Value": "shop" }] });
    boto.expect("ecr", "create_repository", named);
}

#[test]
fn what_is_built_alone_is_pushed_alone_and_an_apply_does_neither_again() {
    let place = Place::new();
    let refused = place.setpoint.run(&["push"]).exits(1);
    says(
        &refused,
        &["the image page has not been built from the files as they are now"],
    );
    let built = place.setpoint.run(&["build", "page"]).exits(0).stdout;
    assert!(built.starts_with("page: built from sha256:"), "{built}");
    let again = place.setpoint.run(&["build"]).exits(0).stdout;
    assert!(
        again.starts_with("page: was built already from sha256:"),
        "{again}"
    );
    assert_eq!(place.builds(), 1);
    assert_eq!(listed(&place)["digest"], Value::Null);

    make_repository(&place.boto());
    let pushed = place.setpoint.run(&["push"]).exits(0).stdout;
    let image = listed(&place);
    let digest = image["digest"].as_str().expect("it was pushed").to_owned();
    assert_eq!(pushed, format!("page: pushed: web@{digest}\n"));
    let found = place
        .front
        .behind()
        .manifest(&format!("web:{}", place.content_tag()));
    assert_eq!(found.expect("it was pushed").1, digest);

    place.apply().exits(0);
    assert_eq!(place.builds(), 1, "an apply built what was built");
    assert_eq!(place.digest(), digest);
    place.is_done();

    fs::write(place.file("index.html"), "another").expect("the context can be written to");
    let refused = place.setpoint.run(&["push", "page"]).exits(1);
    says(&refused, &["has not been built"]);
    let image = listed(&place);
    assert_eq!(
        (&image["digest"], &image["services"]),
        (&Value::Null, &json!([]))
    );
    place.apply().exits(0);
    assert_eq!(place.builds(), 2);
    place.is_done();
}

#[test]
fn a_name_that_is_none_of_the_stacks_images_is_refused_with_the_nearest() {
    let place = Place::new();
    for command in ["build", "push"] {
        let refused = place.setpoint.run(&[command, "pag"]).exits(1);
        says(
            &refused,
            &["the stack builds no image pag", "did you mean page?"],
        );
    }
    place.stack(&Stack::of(
        "name: shop\nregion: us-east-1\nrepositories: { web: {} }\n",
    ));
    let refused = place.setpoint.run(&["build"]).exits(1);
    says(&refused, &["the stack builds no image", "`images:`"]);
    let listed = place.setpoint.run(&["images"]).exits(0).stdout;
    assert_eq!(listed, "The stack builds no image.\n");
}
