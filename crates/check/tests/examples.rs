//! Each check fires on its bad example, where the example says so, with a fix that mends it; and on
//! no good one.

use setpoint_check::{check, explained};
use setpoint_spec::{Problem, Source, Stack, edited};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The examples of a check whose names begin so, with their names. There is at least one.
fn examples(code: &str, begins: &str) -> Vec<(String, String)> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{code}"));
    let files = fs::read_dir(&home).unwrap_or_else(|err| panic!("{}: {err}", home.display()));
    let paths = files.map(|it| it.expect("a listing goes on").path());
    let named = |it: &PathBuf| it.file_name().and_then(|it| it.to_str()).map(str::to_owned);
    let mut found: Vec<(String, String)> = paths
        .filter_map(|it| Some((format!("{code}/{}", named(&it)?), it)))
        .filter(|(name, _)| name.contains(&format!("/{begins}")))
        .map(|(name, it)| (name, fs::read_to_string(it).expect("an example is text")))
        .collect();
    assert!(!found.is_empty(), "{code} has no {begins} example");
    found.sort();
    found
}

/// Those of every check, with its code.
fn every(begins: &str) -> impl Iterator<Item = (&'static str, String, String)> {
    checks().into_iter().flat_map(move |code| {
        let found = examples(code, begins).into_iter();
        found.map(move |(name, text)| (code, name, text))
    })
}

fn problems(text: &str) -> Vec<Problem> {
    let source = Source::read(text).unwrap_or_else(|err| panic!("{err:#?}\n{text}"));
    Stack::of(&source).unwrap_or_else(|err| panic!("{err:#?}\n{text}"));
    check(&source)
}

/// Problems as a reader of a failed test wants them.
fn shown(problems: &[Problem]) -> String {
    let line = |it: &Problem| format!("\n{} {} {}", it.code, it.span.from, it.message);
    problems.iter().map(line).collect()
}

/// The checks of a text alone. What AWS's answers tell is proved in `preflight.rs`, and what a
/// Dockerfile says beside it.
fn checks() -> Vec<&'static str> {
    let codes = explained().map(|it| it.code);
    codes
        .filter(|it| ("SP100".."SP200").contains(it) && *it != "SP104")
        .collect()
}

#[test]
fn a_good_example_has_no_problem_at_all() {
    for (_, name, text) in every("good") {
        let found = problems(&text);
        assert!(found.is_empty(), "{name}: {}", shown(&found));
    }
}

/// In a bad example the comment `# here` stands on each line at which the check is to fire.
#[test]
fn a_bad_example_has_its_problem_where_it_says_so_and_no_other() {
    for (code, name, text) in every("bad") {
        let marked = text
            .lines()
            .enumerate()
            .filter(|it| it.1.contains("# here"));
        let expected: BTreeSet<usize> = marked.map(|(index, _)| index + 1).collect();
        let found = problems(&text);
        let lines: BTreeSet<usize> = found.iter().map(|it| it.span.from.line).collect();
        assert!(
            !found.is_empty() && lines == expected,
            "{name}: {}",
            shown(&found)
        );
        for problem in &found {
            assert_eq!(problem.code.0, code, "{problem:#?}");
            assert!(problem.why.is_some(), "{code} does not say why it matters");
            let has_way = problem.hint.is_some() || !problem.fixes.is_empty();
            assert!(has_way, "{code} does not say what to do");
        }
    }
}

#[test]
fn the_first_fix_of_each_problem_mends_it() {
    for (_, name, mut text) in every("bad") {
        let mut found = problems(&text);
        let fixable = found.iter().all(|it| !it.fixes.is_empty());
        for _ in 0..10 {
            let Some(fix) = found.iter().find_map(|it| it.fixes.first()) else {
                break;
            };
            text = edited(0, &text, &fix.edits);
            found = problems(&text);
        }
        assert!(
            !fixable || found.is_empty(),
            "{name}: {}\n{text}",
            shown(&found)
        );
        assert!(
            found.iter().all(|it| it.fixes.is_empty()),
            "{name}: {}\n{text}",
            shown(&found)
        );
    }
}

#[test]
fn every_code_has_a_page_with_a_title_and_examples() {
    for it in explained() {
        assert!(
            it.page.starts_with(&format!("# {}: ", it.code)),
            "{}",
            it.code
        );
        assert!(it.page.len() > 200, "{} says little", it.code);
    }
}

#[test]
fn the_shipped_stack_has_no_problem() {
    let found = problems(include_str!("../../../stack.yaml"));
    assert!(found.is_empty(), "{}", shown(&found));
}
