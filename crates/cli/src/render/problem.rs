//! What is wrong with a stack, as a reader sees it: the lines, the place in them, why it matters,
//! and what to write instead.

use super::paint::Paint;
use annotate_snippets::{AnnotationKind, Group, Level, Message, Patch, Renderer, Snippet};
use setpoint_spec::{Edit, File, Problem, Severity, Span, source::offset};
use std::ops::Range;

/// One problem.
pub(super) fn text(files: &[File], problem: &Problem, paint: &Paint) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&problem.message).id(problem.code.0);
    let mut group = title.elements(snippets(files, problem));
    if let Some(why) = &problem.why {
        group = group.element(Level::NOTE.with_name(Some("why")).message(why));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(hint));
    }
    let fixes = problem.fixes.iter().map(|fix| {
        let title = Level::HELP
            .with_name(Some("fix"))
            .secondary_title(&fix.title);
        match fix.edits.iter().any(|it| is_in_a_long_line(files, it)) {
            true => title.elements(fix.edits.iter().map(|it| told(files, it))),
            false => title.elements(patched(files, &fix.edits)),
        }
    });
    let groups: Vec<Group<'_>> = std::iter::once(group).chain(fixes).collect();
    let renderer = match paint.is_coloured() {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    renderer.term_width(100).render(&groups) + "\n\n"
}

/// The place of a problem, and the others that have to do with it, file by file.
fn snippets<'a>(
    files: &'a [File],
    problem: &'a Problem,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut order = vec![problem.span.file];
    for (span, _) in &problem.also {
        if !order.contains(&span.file) {
            order.push(span.file);
        }
    }
    let snippet = |file: usize| {
        let others = problem.also.iter().filter(|(span, _)| span.file == file);
        let others = others.map(|(span, what)| {
            let at = range(files, span);
            AnnotationKind::Context.span(at).label(what.as_str())
        });
        let own = (problem.span.file == file)
            .then(|| AnnotationKind::Primary.span(range(files, &problem.span)));
        let it = &files[file];
        let snippet = Snippet::source(it.text.as_str()).path(it.name.as_str());
        snippet.annotations(own.into_iter().chain(others))
    };
    order.into_iter().map(snippet).collect()
}

fn patched<'a>(files: &'a [File], edits: &'a [Edit]) -> Vec<Snippet<'a, Patch<'a>>> {
    let touched = files.iter().enumerate();
    let snippet = |(file, it): (usize, &'a File)| {
        let own = edits.iter().filter(|edit| edit.span.file == file);
        let patches: Vec<Patch<'a>> = own
            .map(|edit| Patch::new(range(files, &edit.span), edit.text.as_str()))
            .collect();
        let snippet = Snippet::source(it.text.as_str()).path(it.name.as_str());
        (!patches.is_empty()).then(|| snippet.patches(patches))
    };
    touched.filter_map(snippet).collect()
}

/// Columns beyond which a line is not shown whole, such as one of pasted JSON.
const LONG: usize = 300;

fn is_in_a_long_line(files: &[File], edit: &Edit) -> bool {
    let text = &files[edit.span.file].text;
    let lines = text.lines().skip(edit.span.from.line.saturating_sub(1));
    let touched = 1 + edit.span.to.line.saturating_sub(edit.span.from.line);
    lines.take(touched).any(|it| it.len() > LONG)
}

/// An edit in words, for a line that is too long to be shown.
fn told<'a>(files: &[File], edit: &Edit) -> Message<'a> {
    let Span { file, from, to } = edit.span;
    let (name, new) = (&files[file].name, edit.text.trim());
    let words = match new {
        "" => format!("remove what stands in {name} from {from} to {to}"),
        new if from == to => format!("at {name}:{from}, write {new}"),
        new => format!("in {name} from {from} to {to}, write {new}"),
    };
    Level::HELP.no_name().message(words)
}

fn range(files: &[File], span: &Span) -> Range<usize> {
    let text = &files[span.file].text;
    let from = offset(text, span.from);
    // A whole section would hide its own beginning.
    let to = match span.to.line == span.from.line {
        true => offset(text, span.to),
        false => from + text[from..].find('\n').unwrap_or(text.len() - from),
    };
    from..to.max(from)
}
