//! What is wrong with the Dockerfile of an image that a stack builds.

use crate::{
    allow,
    codes::{Explained, pages},
};
use setpoint_spec::{Code, Problem, Source};

/// The codes of what is told here.
pub(crate) const PAGES: &[Explained] = pages!["SP104"];

const MAINTAINER: Code = Code("SP104");

/// Every problem of a Dockerfile, by the image's name in the stack and the file's own. The problems
/// stand where the stack speaks of it, and name its lines.
pub fn dockerfile(source: &Source, image: &str, file: &str, text: &str) -> Vec<Problem> {
    let within = |member: &str| ["images".into(), image.into(), member.into()];
    let written = ["dockerfile", "context"].map(within);
    let path = written.iter().find(|it| source.at(*it).is_some());
    let span = source.span(path.unwrap_or(&written[1]));
    let mut problems = Vec::new();
    let mut goes_on = false;
    for (index, line) in text.lines().enumerate() {
        let instruction = line.split_whitespace().next().unwrap_or_default();
        if !goes_on && instruction.eq_ignore_ascii_case("MAINTAINER") {
            let who = line.trim()[instruction.len()..].trim().trim_matches('"');
            let line = index + 1;
            let message = format!("{file}, line {line}, says MAINTAINER, which is deprecated");
            problems.push(
                Problem::warning(MAINTAINER, span, message)
                    .why("it is no label, so that registries and scanners do not see it")
                    .hint(format!(
                        "write LABEL org.opencontainers.image.authors=\"{who}\" in its place"
                    )),
            );
        }
        let line = line.trim();
        // A comment between the lines of an instruction does not end it.
        goes_on = line.ends_with('\\') || goes_on && line.starts_with('#');
    }
    allow::silence(source, &mut problems);
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "name: s\nimages:\n  web: { repository: r, context: . }\n";

    #[test]
    fn maintainer_is_told_with_its_line_and_what_to_write_instead() {
        let source = Source::read(STACK).expect("it is YAML");
        let text =
            "FROM scratch\nLABEL a=\\\n  MAINTAINER\n maintainer \"Shop <shop@example.com>\"\n";
        let found = dockerfile(&source, "web", "Dockerfile", text);
        let [problem] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(
            problem.message,
            "Dockerfile, line 4, says MAINTAINER, which is deprecated"
        );
        assert_eq!(problem.span.from.line, 3);
        let hint = problem.hint.as_deref().unwrap_or_default();
        assert!(
            hint.contains("authors=\"Shop <shop@example.com>\""),
            "{hint}"
        );
    }

    #[test]
    fn it_may_be_allowed_where_the_stack_speaks_of_the_image() {
        let allowed = STACK.replace(
            " }\n",
            " } # setpoint: allow SP104 the base image needs it\n",
        );
        let source = Source::read(&allowed).expect("it is YAML");
        assert_eq!(
            dockerfile(&source, "web", "Dockerfile", "MAINTAINER me"),
            []
        );
    }
}
