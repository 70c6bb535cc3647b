//! The files of a stack, and where in them each value stands.

mod edit;
mod node;
mod overlay;
mod scalar;
mod variables;
mod yaml;

pub use edit::edited;
pub use node::Step;
pub use variables::Variables;

use crate::problem::{Place, Problem, Span};
use node::Node;
use serde_json::Value;

/// A file that a stack is read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Its name, as the user gave it.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// What the files of a stack say together, with the places of everything.
#[derive(Debug)]
pub struct Source {
    /// The document, without places, with merge keys merged.
    pub value: Value,
    files: Vec<File>,
    root: Node,
}

impl Source {
    /// Reads a stack's only file. Fails with one problem, at its place.
    pub fn read(text: &str) -> Result<Source, Box<Problem>> {
        let file = File {
            name: "stack.yaml".into(),
            text: text.into(),
        };
        let read = Source::assemble(vec![file], &Variables::default());
        read.map_err(|mut problems| problems.remove(0).into())
    }

    /// Reads the files of a stack, each laid over the ones before it, and puts the variables' values
    /// in. Fails with every problem found, in the order of their places.
    pub fn assemble(files: Vec<File>, variables: &Variables) -> Result<Source, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut root: Option<Node> = None;
        for (index, file) in files.iter().enumerate() {
            match (yaml::read(&file.text, index), &mut root) {
                (Ok(node), None) => root = Some(node),
                (Ok(node), Some(root)) => overlay::over(root, node),
                (Err(problem), _) => problems.push(*problem),
            }
        }
        let root = match (root, problems.is_empty()) {
            (Some(mut root), true) => {
                problems = variables::fill(&mut root, variables);
                root
            }
            _ => return Err(problems),
        };
        problems.sort();
        match problems.is_empty() {
            true => Ok(Source {
                value: root.value(),
                files,
                root,
            }),
            false => Err(problems),
        }
    }

    /// The files that were read.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The part that the value at a path takes, or the nearest one that is there.
    pub fn span(&self, path: &[Step]) -> Span {
        self.walk(path).0.span
    }

    /// The part that the key at the end of a path takes, or the nearest value that is there.
    pub fn span_of_key(&self, path: &[Step]) -> Span {
        let (node, key) = self.walk(path);
        key.map_or(node.span, |it| it.span)
    }

    /// The part of the key under which the value at a path stands; of a document's or an element's
    /// first word, if it stands under none.
    pub fn head(&self, path: &[Step]) -> Span {
        let (node, key) = self.walk(path);
        match (key, &node.holds) {
            (Some(key), _) => key.span,
            (None, node::Holds::Map { entries, .. }) => {
                entries.first().map_or(node.span, |it| it.key.span)
            }
            _ => node.span,
        }
    }

    /// The part within the value at a path of the first scalar that reads `text`.
    pub fn span_of_text(&self, path: &[Step], text: &str) -> Span {
        let (node, _) = self.walk(path);
        node.find(text).unwrap_or(node).span
    }

    /// The part of the item of a section, or of the section, that a place is in; the whole document,
    /// if it is in neither.
    pub fn item_around(&self, place: &Span) -> Span {
        match self.root.part_around(place) {
            Some((section, node)) => node.part_around(place).map_or(section, |it| it.0),
            None => self.root.span,
        }
    }

    /// The value at a path.
    pub fn at(&self, path: &[Step]) -> Option<&Value> {
        path.iter().try_fold(&self.value, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }

    /// What a span's lines say, without their ends.
    pub fn lines(&self, span: Span) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.files[span.file].text.lines().enumerate();
        let lines = lines.map(|(index, it)| (index + 1, it));
        lines
            .skip(span.from.line.saturating_sub(1))
            .take(1 + span.to.line.saturating_sub(span.from.line))
    }

    /// Whether what stands at a place, behind a `#`, is a comment, and not part of some text.
    pub fn is_comment(&self, file: usize, place: Place) -> bool {
        !self.root.has_text_at(&Span::at(file, place))
    }

    fn node(&self, path: &[Step]) -> Option<&Node> {
        path.iter()
            .try_fold(&self.root, |node, step| node.child(step))
    }

    fn walk(&self, path: &[Step]) -> (&Node, Option<&Node>) {
        let (mut node, mut last) = (&self.root, None);
        for step in path {
            let key = match step {
                Step::Key(key) => node.entry(key).map(|it| &it.key),
                Step::Index(_) => None,
            };
            let Some(found) = node.child(step) else { break };
            (node, last) = (found, key);
        }
        (node, last)
    }
}

/// The byte at which a place of a text is. A place past the end of its line is that end.
pub fn offset(text: &str, place: Place) -> usize {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == place.line {
            let line = line.trim_end_matches(['\n', '\r']);
            let mut columns = line.char_indices().map(|it| it.0);
            return start + columns.nth(place.column.max(1) - 1).unwrap_or(line.len());
        }
        start += line.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    fn shown(span: Span) -> String {
        format!("{}-{}", span.from, span.to)
    }

    #[test]
    fn values_and_keys_are_found_where_they_stand() {
        let text = "a: 1\nlist:\n  - x: {y: [p, q]}\n  - z\nb:\n  c: 'd'\n  e: f g # h\n";
        let source = Source::read(text).unwrap();
        let path = ["list".into(), 0.into(), "x".into(), "y".into(), 1.into()];
        assert_eq!(shown(source.span(&path)), "3:16-3:17");
        assert_eq!(shown(source.span(&path[..4])), "3:12-3:18");
        assert_eq!(shown(source.span_of_key(&path[..3])), "3:5-3:6");
        assert_eq!(shown(source.span_of_text(&[], "z")), "4:5-4:6");
        assert_eq!(shown(source.span(&["b".into(), "c".into()])), "6:6-6:9");
        assert_eq!(shown(source.span(&["b".into(), "e".into()])), "7:6-7:9");
        assert_eq!(shown(source.span(&["b".into()])), "6:3-7:9");
    }

    #[test]
    fn bad_text_is_told_with_its_place() {
        let of = |text: &str| Source::read(text).map(|_| ()).unwrap_err();
        assert_eq!(of("").message, "the file is empty");
        assert_eq!(of("a: [1\nb: 2").span.from.line, 2);
        let twice = of("a: 1\nb: 3\na: 2\n");
        assert_eq!(twice.code, Code::DUPLICATE);
        assert_eq!(shown(twice.span), "3:1-3:2");
        assert_eq!(shown(twice.also[0].0), "1:1-1:2");
        assert!(
            of("a: 1\n---\nb: 2\n")
                .message
                .contains("one YAML document")
        );
        let deep = "[".repeat(5000);
        assert_eq!(
            of(&deep).message,
            "this is no YAML: recursion limit exceeded"
        );
    }

    #[test]
    fn aliases_stand_for_what_they_repeat_but_not_without_end() {
        let text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n";
        let source = Source::read(text).unwrap();
        let expected = serde_json::json!({
            "a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2},
        });
        assert_eq!(source.value, expected);
        let mut bomb = String::from("a0: &a0 [x]\n");
        for level in 1..10 {
            let all = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb += &format!("a{level}: &a{level} [{all}]\n");
        }
        let problem = Source::read(&bomb).map(|_| ()).unwrap_err();
        assert!(problem.message.contains("repeat"), "{problem:?}");
    }

    #[test]
    fn a_text_means_what_another_reader_says_it_means() {
        for text in [
            include_str!("../../../stack.yaml"),
            include_str!("../../../examples/tutorial-verbatim/stack.yaml"),
            "a: |\n  b\n  c\nd: >\n  e\n  f\ng: \"h\\n\"\ni: [1, 2.5, null, ~, yes, 0x10]\n? j\n: k\n",
        ] {
            let expected: Value = serde_yaml::from_str(text).unwrap();
            assert_eq!(Source::read(text).unwrap().value, expected);
        }
    }

    fn assembled(texts: &[&str], variables: &Variables) -> Result<Value, Vec<String>> {
        let file = |(index, text): (usize, &&str)| File {
            name: format!("{index}.yaml"),
            text: text.to_string(),
        };
        let files = texts.iter().enumerate().map(file).collect();
        let read = Source::assemble(files, variables);
        let told = |it: &Problem| {
            let hint = it.hint.as_deref().unwrap_or_default();
            format!(
                "{} {} {}: {} ({hint})",
                it.code, it.span.file, it.span.from, it.message
            )
        };
        read.map(|it| it.value)
            .map_err(|problems| problems.iter().map(told).collect())
    }

    #[test]
    fn variables_stand_for_values_and_never_for_yaml() {
        let variables = Variables {
            environment: [("TAG", "7"), ("ODD", "a: [b"), ("EMPTY", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            given: [("size".to_owned(), "3".to_owned())].into(),
        };
        let text = "vars: { size: 1, name: 'x-${env.TAG}' }\na: ${env.TAG}\nb: '${env.TAG}'\n\
                    c: v${var.size}-${var.name}\nd: ${env.ODD}\ne: ${env.NONE:-5}\n\
                    f: ${env.EMPTY:-six}\ng: $${env.TAG} ${aws:username} ${PORT}\nh: ${var.size}\n";
        let expected = serde_json::json!({
            "a": 7, "b": "7", "c": "v3-x-7", "d": "a: [b", "e": 5, "f": "six",
            "g": "${env.TAG} ${aws:username} ${PORT}", "h": 3,
        });
        assert_eq!(assembled(&[text], &variables), Ok(expected));
    }

    #[test]
    fn what_is_not_set_is_an_error_where_it_is_used() {
        let text = "vars: { size: 1 }\na: ${env.NONE}\nb: [1, '${var.sice}']\n";
        let variables = Variables {
            given: [("siz".to_owned(), "3".to_owned())].into(),
            ..Variables::default()
        };
        let told = assembled(&[text], &variables).unwrap_err();
        assert_eq!(
            told,
            [
                "SP003 0 1:1: the variable `siz` is given, and `vars:` declares no such (did you \
                 mean `size`?)",
                "SP009 0 2:4: the environment variable `NONE` is not set (set it, or write \
                 `${env.NONE:-<default>}`)",
                "SP009 0 3:8: there is no variable `sice` (did you mean `${var.size}`?)",
            ]
        );
    }

    #[test]
    fn a_file_is_laid_over_another_by_name() {
        let below = "a: { b: 1, c: 2 }\nl: [1, 2]\nn:\n  - { name: x, v: 1 }\n  - { name: y, v: 2 }\ng: 1\n";
        let above =
            "a: { c: 3, d: 4 }\nl: [3]\nn:\n  - { name: y, w: 5 }\n  - { name: z }\ng: null\n";
        let expected = serde_json::json!({
            "a": {"b": 1, "c": 3, "d": 4}, "l": [3],
            "n": [{"name": "x", "v": 1}, {"name": "y", "v": 2, "w": 5}, {"name": "z"}],
        });
        assert_eq!(
            assembled(&[below, above], &Variables::default()),
            Ok(expected)
        );
        let told = assembled(&["a: 1\n", "b: ["], &Variables::default()).unwrap_err();
        assert!(told[0].starts_with("SP001 1 "), "{told:?}");
    }

    #[test]
    fn an_offset_is_the_byte_of_a_place() {
        let text = "äb\r\ncd\n";
        let at = |line, column| offset(text, Place { line, column });
        assert_eq!([at(1, 1), at(1, 2), at(1, 3), at(1, 9)], [0, 2, 3, 3]);
        assert_eq!([at(2, 1), at(2, 3), at(3, 1)], [5, 7, 8]);
    }
}
