//! Builders that are missing, and builds that fail.

use crate::place::{DOCKERFILE, Place, STACK, program, says, unpack};
use setpoint_tests::{Asked, Stack};
use std::fs;

#[test]
fn without_a_builder_a_plan_is_made_and_an_apply_names_the_three_that_would_do() {
    let mut place = Place::new();
    let empty = place.setpoint.home().join("empty");
    fs::create_dir(&empty).expect("a home can be written to");
    place.setpoint = place
        .setpoint
        .without("PATH")
        .without("SETPOINT_BUILDER")
        .environment(
            "PATH",
            empty.to_str().expect("a temporary directory is UTF-8"),
        );
    says(&place.plan().exits(2), &["builds and pushes it"]);
    let outcome = place.apply().exits(1);
    says(
        &outcome,
        &[
            "docker, podman or buildah would do",
            "docker: it is not installed; podman: it is not installed; buildah: it is not",
        ],
    );
    assert_eq!(place.runs(), None);
}

#[test]
fn a_build_that_fails_repeats_its_last_lines_and_nothing_is_pushed() {
    let place = Place::new();
    let steps = "RUN [\"/busybox\", \"sh\", \"-c\", \"echo it cannot be; exit 3\"]\n";
    let wrong = [
        (format!("{DOCKERFILE}{steps}"), "it cannot be"),
        (format!("{DOCKERFILE}COPY nowhere /nowhere\n"), "nowhere"),
        ("FROM scratch\nNO SUCH THING\n".to_owned(), "NO"),
    ];
    for (dockerfile, words) in wrong {
        fs::write(place.file("Dockerfile"), dockerfile).expect("the context can be written to");
        let outcome = place.apply().exits(1);
        let (streamed, told) = outcome
            .stderr
            .split_once("its last lines:")
            .unwrap_or_else(|| panic!("no last lines in\n{}", outcome.stderr));
        assert!(streamed.contains("page │ "), "{streamed}");
        assert!(told.contains(words), "no {words:?} in\n{told}");
        assert!(!place.front.taken().iter().any(Asked::writes));
        assert_eq!(place.runs(), None);
    }
}

#[test]
fn arguments_and_the_stage_reach_the_build() {
    let place = Place::new();
    let dockerfile = "ARG greeting=none\n\
        FROM scratch AS plain\nARG greeting\nCOPY index.html /\nLABEL greeting=$greeting\n\
        FROM scratch AS other\nCOPY busybox /\n";
    fs::write(place.file("Dockerfile"), dockerfile).expect("the context can be written to");
    let context = "    context: page\n";
    let with = "    context: page\n    target: plain\n    args: { greeting: \"hello, sale\" }\n";
    place.stack(&Stack::of(STACK.replace(context, with)));
    place.apply().exits(0);
    let taken = tempfile::tempdir().expect("a temporary directory");
    let layout = taken.path().join("layout");
    let digest = place.digest();
    place.front.behind().take(&format!("web@{digest}"), &layout);
    let root = taken.path().join("root");
    let configuration = unpack(&layout, &root);
    assert_eq!(configuration["config"]["Labels"]["greeting"], "hello, sale");
    assert!(root.join("index.html").exists() && !root.join("busybox").exists());
    place.is_done();
}

#[test]
fn the_first_builder_that_works_builds_and_one_that_is_named_and_does_not_is_told() {
    let mut place = Place::new();
    place.setpoint = place.setpoint.without("SETPOINT_BUILDER");
    let dead = "echo 'Cannot connect to the Docker daemon.' >&2; exit 1\n";
    program(&place.setpoint, "docker", dead);
    program(&place.setpoint, "podman", "exit 125\n");
    for (builder, why) in [
        (
            "docker",
            "docker cannot build here: Cannot connect to the Docker daemon.",
        ),
        ("podman", "podman cannot build here: it does not answer"),
    ] {
        let arguments = ["apply", "--yes", "--builder", builder];
        says(&place.setpoint.run(&arguments).exits(1), &[why]);
        assert_eq!(place.runs(), None);
    }
    place.apply().exits(0);
    assert_eq!(place.builds(), 1);
    place.is_done();
}

/// Docker needs a daemon; buildah writes the same archives.
#[test]
fn an_archive_as_docker_saves_it_is_pushed_whole() {
    let mut place = Place::new();
    place.setpoint = place.setpoint.without("SETPOINT_BUILDER");
    let docker = "case \"$1\" in\n\
        version) echo 28.2.2 ;;\n\
        build) exec buildah \"$@\" ;;\n\
        image) exec buildah inspect --type image --format \
        '{{index .OCIv1.Config.Labels \"io.setpoint.content\"}}' \"$5\" ;;\n\
        save) exec buildah push --quiet \"$4\" \"docker-archive:$3\" ;;\n\
        *) exit 1 ;;\n\
        esac\n";
    program(&place.setpoint, "docker", docker);
    place.apply().exits(0);
    place.runs_what_is_tagged(&place.content_tag());
    let taken = tempfile::tempdir().expect("a temporary directory");
    let (layout, root) = (taken.path().join("layout"), taken.path().join("root"));
    let digest = place.digest();
    place.front.behind().take(&format!("web@{digest}"), &layout);
    unpack(&layout, &root);
    for (there, name) in [("www/index.html", "index.html"), ("busybox", "busybox")] {
        let (there, here) = (fs::read(root.join(there)), fs::read(place.file(name)));
        assert_eq!(there.expect("it is there"), here.expect("it is there"));
    }
    place.is_done();
}
