//! The tutorial, as it was written, and with every fix that is printed applied.

use setpoint_check::check;
use setpoint_spec::{Problem, Source, Stack, edited};

const TUTORIAL: &str = include_str!("../../../examples/tutorial-verbatim/stack.yaml");

/// Everything that is wrong with a stack.
fn problems(text: &str) -> Vec<Problem> {
    let source = Source::read(text).unwrap_or_else(|err| panic!("{err:#?}\n{text}"));
    match Stack::of(&source) {
        Ok(_) => check(&source),
        Err(problems) => problems,
    }
}

fn shown(problems: &[Problem]) -> Vec<String> {
    let line = |it: &Problem| format!("{} {}: {}", it.code, it.span.from, it.message);
    problems.iter().map(line).collect()
}

fn mended(text: &str, problems: &[Problem]) -> String {
    let edits: Vec<_> = problems
        .iter()
        .filter_map(|it| it.fixes.first())
        .flat_map(|it| it.edits.clone())
        .collect();
    edited(0, text, &edits)
}

#[test]
fn the_tutorial_s_defects_are_told_and_its_fixes_make_it_valid() {
    let first = problems(TUTORIAL);
    assert_eq!(
        shown(&first),
        [
            "SP007 49:21: service.flash-sale-service asks for the task definition `flash-sale-task`, which \
          the stack does not declare"
        ]
    );
    let text = mended(TUTORIAL, &first);
    let second = problems(&text);
    assert_eq!(
        shown(&second),
        [
            "SP102 44:251: web-container writes to the log group `/ecs/flash-sale-webapp`, and nothing \
             makes it",
            "SP101 44:437: each task of flash-sale-service gets a host port from 32768-60999, and no \
             security group of flash-sale-instances opens them",
        ]
    );
    let text = mended(&text, &second);
    assert_eq!(shown(&problems(&text)), [""; 0], "{text}");
}
