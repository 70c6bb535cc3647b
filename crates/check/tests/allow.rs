//! Comments that allow a check, and those that do not hold.

use setpoint_check::check;
use setpoint_spec::{Source, Stack};
use std::{fs, path::Path};

/// The codes and lines of what is found once a line of the bad example of SP102 is replaced.
fn found(from: &str, to: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/SP102/bad.yaml");
    let text = fs::read_to_string(path).expect("the example is there");
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let source = Source::read(&text).unwrap_or_else(|err| panic!("{err:#?}\n{text}"));
    Stack::of(&source).unwrap_or_else(|err| panic!("{err:#?}\n{text}"));
    let shown = |it: &setpoint_spec::Problem| format!("{}: {}", it.code, it.message);
    check(&source).iter().map(shown).collect()
}

const PROBLEM: &str = "SP102: web writes to the log group `/ecs/shop`, and nothing makes it";

#[test]
fn a_reason_allows_a_check_on_its_line() {
    let allowed = "# setpoint: allow SP102 another stack makes it";
    assert_eq!(found("# here", allowed), [""; 0]);
    assert_eq!(
        found(
            "# here",
            "# setpoint: allow SP101, SP102 it is made elsewhere"
        ),
        [""; 0]
    );
}

#[test]
fn above_an_item_it_allows_it_in_the_whole_item() {
    let above = "taskDefinitions:\n  # setpoint: allow SP102 another stack makes it\n";
    assert_eq!(found("taskDefinitions:\n", above), [""; 0]);
    let beside = "capacityProviders:\n  # setpoint: allow SP102 this is not the place\n";
    assert_eq!(
        found("capacityProviders:\n", beside),
        [
            "SP011: SP102 is allowed here, and there is no need to",
            PROBLEM
        ]
    );
}

#[test]
fn without_a_reason_or_a_known_code_it_does_not_hold() {
    assert_eq!(
        found("# here", "# setpoint: allow SP102"),
        [
            PROBLEM,
            "SP011: SP102 is allowed without a reason, and so is not"
        ]
    );
    assert_eq!(
        found("# here", "# setpoint: allow SP199 why not"),
        [
            PROBLEM,
            "SP011: no check that may be allowed is called SP199"
        ]
    );
    assert_eq!(
        found("# here", "# setpoint: allow everything"),
        [PROBLEM, "SP011: this allows nothing: it names no code"]
    );
}

#[test]
fn what_is_text_is_no_comment() {
    let quoted = "        environment:\n          - name: NOTE\n            value: |\n              \
                  # setpoint: allow SP102 text\n        logConfiguration:\n";
    assert_eq!(found("        logConfiguration:\n", quoted), [PROBLEM]);
}
