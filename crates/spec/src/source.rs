//! The text of a stack, and where in it each value stands. The one seam through which YAML is read.

use saphyr_parser::{Event, Parser, Span};
use serde_json::Value;
use std::{collections::HashMap, fmt};

/// Something wrong with a stack, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A line and a column of a file, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One step to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Under a key.
    Key(String),
    /// At an index.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// A parsed text that remembers its places.
#[derive(Debug)]
pub struct Source {
    /// The document, with merge keys merged.
    pub value: Value,
    root: Node,
}

/// A value's place, and those of what it holds.
#[derive(Clone, Debug)]
struct Node {
    place: Place,
    holds: Holds,
}

#[derive(Clone, Debug)]
enum Holds {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// How deep values may be nested. ECS documents need fewer than ten levels.
const DEPTH: usize = 64;

impl Source {
    /// Reads a YAML document. Fails with one problem, at its place.
    pub fn read(text: &str) -> Result<Source, Problem> {
        let root = nodes(text)?;
        let mut value: serde_yaml::Value = serde_yaml::from_str(text).map_err(problem)?;
        value.apply_merge().map_err(problem)?;
        let value = serde_json::to_value(value).map_err(|err| Problem {
            place: root.place,
            message: format!("the document is not plain YAML: {err}"),
            hint: None,
        })?;
        Ok(Source { value, root })
    }

    /// The place of the value at a path, or of the nearest one that is there.
    pub fn place(&self, path: &[Step]) -> Place {
        self.walk(path).0.place
    }

    /// The place of the key at the end of a path, or of the nearest value that is there.
    pub fn place_of_key(&self, path: &[Step]) -> Place {
        let (node, key) = self.walk(path);
        key.unwrap_or(node.place)
    }

    /// The place within the value at a path of the first scalar that reads `text`.
    pub fn place_of_text(&self, path: &[Step], text: &str) -> Place {
        let (node, _) = self.walk(path);
        node.find(text).unwrap_or(node.place)
    }

    fn walk(&self, path: &[Step]) -> (&Node, Option<Place>) {
        let (mut node, mut last) = (&self.root, None);
        for step in path {
            let next = match (&node.holds, step) {
                (Holds::Map(entries), Step::Key(key)) => entries
                    .iter()
                    .find(|(it, _)| matches!(&it.holds, Holds::Scalar(text) if text == key))
                    .map(|(key, it)| (it, Some(key.place))),
                (Holds::List(list), Step::Index(index)) => list.get(*index).map(|it| (it, None)),
                _ => None,
            };
            let Some((found, key)) = next else { break };
            (node, last) = (found, key);
        }
        (node, last)
    }
}

impl Node {
    fn find(&self, text: &str) -> Option<Place> {
        match &self.holds {
            Holds::Scalar(it) => (it == text).then_some(self.place),
            Holds::List(list) => list.iter().find_map(|it| it.find(text)),
            Holds::Map(entries) => entries.iter().find_map(|(_, it)| it.find(text)),
        }
    }
}

fn problem(err: serde_yaml::Error) -> Problem {
    let place = err
        .location()
        .map_or(Place { line: 1, column: 1 }, |it| Place {
            line: it.line(),
            column: it.column(),
        });
    let text = err.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    Problem {
        place,
        message,
        hint: None,
    }
}

fn place_of(span: Span) -> Place {
    Place {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

/// Parses only for the places. Aliases stand where what they repeat stands.
fn nodes(text: &str) -> Result<Node, Problem> {
    let mut open: Vec<(Node, usize)> = Vec::new();
    let mut anchors: HashMap<usize, Place> = HashMap::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|err| Problem {
            place: Place {
                line: err.marker().line(),
                column: err.marker().col() + 1,
            },
            message: format!("this is no YAML: {}", err.info()),
            hint: None,
        })?;
        let place = place_of(span);
        let node = |holds| Node { place, holds };
        let done = match event {
            Event::Scalar(text, _, anchor, _) => {
                Some((node(Holds::Scalar(text.into_owned())), anchor))
            }
            Event::Alias(anchor) => {
                let place = anchors.get(&anchor).copied().unwrap_or(place);
                let holds = Holds::Scalar(String::new());
                Some((Node { place, holds }, 0))
            }
            Event::SequenceStart(anchor, ..) => {
                open.push((node(Holds::List(Vec::new())), anchor));
                None
            }
            Event::MappingStart(anchor, ..) => {
                open.push((node(Holds::Map(Vec::new())), anchor));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop(),
            Event::DocumentStart(..) if root.is_some() => {
                return Err(Problem {
                    place,
                    message: "a stack is one YAML document, and a second one begins here".into(),
                    hint: None,
                });
            }
            _ => None,
        };
        if open.len() > DEPTH {
            return Err(Problem {
                place,
                message: format!("values are nested more than {DEPTH} levels deep"),
                hint: None,
            });
        }
        let Some((done, anchor)) = done else { continue };
        anchors.insert(anchor, done.place);
        match open.last_mut() {
            Some((parent, _)) => parent.take(done),
            None => root = Some(done),
        }
    }
    root.ok_or(Problem {
        place: Place { line: 1, column: 1 },
        message: "the file is empty".into(),
        hint: Some("a stack begins with `name: <a name for it>`".into()),
    })
}

impl Node {
    fn take(&mut self, child: Node) {
        match &mut self.holds {
            Holds::Scalar(_) => {}
            Holds::List(list) => list.push(child),
            Holds::Map(entries) => match entries.last_mut() {
                // A key waits for its value as a list of none.
                Some((_, value)) if matches!(&value.holds, Holds::List(list) if list.is_empty() && value.place == Place::default()) =>
                {
                    *value = child;
                }
                _ => {
                    let pending = Node {
                        place: Place::default(),
                        holds: Holds::List(Vec::new()),
                    };
                    entries.push((child, pending));
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_keys_are_found_where_they_stand() {
        let text = "a: 1\nlist:\n  - x: {y: [p, q]}\n  - z\n";
        let source = Source::read(text).unwrap();
        let path = ["list".into(), 0.into(), "x".into(), "y".into(), 1.into()];
        assert_eq!(source.place(&path).to_string(), "3:16");
        assert_eq!(source.place_of_key(&path[..3]).to_string(), "3:5");
        assert_eq!(source.place_of_text(&[], "z").to_string(), "4:5");
    }

    #[test]
    fn bad_text_is_told_with_its_place() {
        let of = |text| Source::read(text).map(|_| ()).unwrap_err();
        assert_eq!(of("").message, "the file is empty");
        assert_eq!(of("a: [1\nb: 2").place.line, 2);
        assert_eq!(of("a: 1\na: 2\n").message, "duplicate entry with key \"a\"");
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
}
