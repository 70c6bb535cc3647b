//! From text to nodes. The one seam through which YAML is read.

use super::node::{Entry, Holds, Node};
use crate::problem::{Code, Place, Problem, Span};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::collections::{HashMap, HashSet};

/// How deep values may be nested. ECS documents need fewer than ten levels.
const DEPTH: usize = 64;

/// How many values a file may hold once its aliases stand for what they repeat.
const VALUES: usize = 500_000;

/// Reads one file's only document.
pub(super) fn read(text: &str, file: usize) -> Result<Node, Box<Problem>> {
    let mut reader = Reader {
        file,
        open: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        values: 0,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|err| {
            let span = Span::at(file, place(err.marker()));
            syntax(span, err.info())
        })?;
        let span = Span {
            file,
            from: place(&span.start),
            to: place(&span.end),
        };
        reader.take(event, span)?;
    }
    let empty = || {
        let start = Span::at(file, Place { line: 1, column: 1 });
        Problem::error(Code::SYNTAX, start, "the file is empty")
            .hint("a stack begins with `name: <a name for it>`")
    };
    reader.root.ok_or_else(|| empty().into())
}

fn place(marker: &Marker) -> Place {
    Place {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

fn syntax(span: Span, info: &str) -> Problem {
    let problem = Problem::error(Code::SYNTAX, span, format!("this is no YAML: {info}"));
    match info {
        it if it.contains("tab") => problem.hint("YAML is indented with spaces, never with tabs"),
        it if it.contains("recursion") => {
            problem.hint(format!("values are nested at most {DEPTH} levels deep"))
        }
        _ => problem,
    }
}

struct Reader {
    file: usize,
    /// The lists and maps around what comes next, with their anchors.
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    root: Option<Node>,
    values: usize,
}

struct Open {
    node: Node,
    anchor: usize,
    /// A key that waits for its value.
    key: Option<Node>,
    /// Where each key of a map stands.
    keys: HashMap<String, Span>,
    /// How many values were read before it.
    before: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Problem>> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let holds = Holds::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                self.count(1, span)?;
                let node = Node { span, holds };
                self.anchor(anchor, &node, 1);
                self.put(node)
            }
            Event::Alias(anchor) => {
                let Some(values) = self.anchors.get(&anchor).map(|it| it.1) else {
                    let message = "an alias stands for something that does not end before it";
                    return Err(Problem::error(Code::SYNTAX, span, message).into());
                };
                self.count(values, span)?;
                let node = self.anchors[&anchor].0.clone();
                self.put(node)
            }
            Event::SequenceStart(anchor, _) => {
                let flow = span.from != span.to;
                let items = Vec::new();
                self.begin(span, Holds::List { items, flow }, anchor)
            }
            Event::MappingStart(anchor, _) => {
                let flow = span.from != span.to;
                let entries = Vec::new();
                self.begin(span, Holds::Map { entries, flow }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::DocumentStart(_) if self.root.is_some() => {
                let message = "a stack is one YAML document, and a second one begins here";
                Err(Problem::error(Code::SYNTAX, span, message).into())
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, values: usize, span: Span) -> Result<(), Box<Problem>> {
        self.values = self.values.saturating_add(values);
        match self.values <= VALUES {
            true => Ok(()),
            false => {
                let message = format!("its aliases repeat more than {VALUES} values");
                Err(Problem::error(Code::SYNTAX, span, message)
                    .hint("anchors and aliases are for a few lines that stand in several places")
                    .into())
            }
        }
    }

    fn begin(&mut self, span: Span, holds: Holds, anchor: usize) -> Result<(), Box<Problem>> {
        self.count(1, span)?;
        self.open.push(Open {
            node: Node { span, holds },
            anchor,
            key: None,
            keys: HashMap::new(),
            before: self.values,
        });
        match self.open.len() <= DEPTH {
            true => Ok(()),
            false => {
                let message = format!("values are nested more than {DEPTH} levels deep");
                Err(Problem::error(Code::SYNTAX, span, message).into())
            }
        }
    }

    fn end(&mut self, span: Span) -> Result<(), Box<Problem>> {
        let Some(Open {
            mut node,
            anchor,
            before,
            ..
        }) = self.open.pop()
        else {
            return Ok(());
        };
        node.span.to = match &node.holds {
            Holds::List { flow: true, .. } | Holds::Map { flow: true, .. } => span.to,
            Holds::List { items, .. } => items.last().map_or(node.span.to, |it| it.span.to),
            Holds::Map { entries, .. } => {
                let last = entries.last();
                last.map_or(node.span.to, |it| it.value.span.to.max(it.key.span.to))
            }
            Holds::Scalar { .. } => span.to,
        };
        if let Holds::Map { entries, .. } = &mut node.holds {
            merged(entries);
        }
        self.anchor(anchor, &node, self.values - before + 1);
        self.put(node)
    }

    fn anchor(&mut self, anchor: usize, node: &Node, values: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), values));
        }
    }

    fn put(&mut self, node: Node) -> Result<(), Box<Problem>> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.holds {
            Holds::List { items, .. } => items.push(node),
            Holds::Map { entries, .. } => match open.key.take() {
                None if !matches!(node.holds, Holds::Scalar { .. }) => {
                    let message = "a key is one word, and this is a list or a map";
                    return Err(Problem::error(Code::SYNTAX, node.span, message).into());
                }
                None => open.key = Some(node),
                Some(key) => {
                    if let Some(first) = open.keys.insert(key.text().to_owned(), key.span) {
                        let message = format!("the key `{}` stands here twice", key.text());
                        return Err(Problem::error(Code::DUPLICATE, key.span, message)
                            .why("the one would hide the other")
                            .also(first, "it stands here first")
                            .into());
                    }
                    entries.push(Entry { key, value: node });
                }
            },
            Holds::Scalar { .. } => {}
        }
        debug_assert_eq!(self.file, open.node.span.file);
        Ok(())
    }
}

/// Puts what a merge key names in its place, under what stands there already.
fn merged(entries: &mut Vec<Entry>) {
    let is_merge =
        |it: &Entry| matches!(&it.key.holds, Holds::Scalar { text, plain: true } if text == "<<");
    let Some(at) = entries.iter().position(is_merge) else {
        return;
    };
    let merge = entries.remove(at);
    let from = match merge.value.holds {
        Holds::Map { entries, .. } => entries,
        Holds::List { items, .. } => items
            .into_iter()
            .flat_map(|it| match it.holds {
                Holds::Map { entries, .. } => entries,
                _ => Vec::new(),
            })
            .collect(),
        Holds::Scalar { .. } => Vec::new(),
    };
    let mut here: HashSet<String> = entries.iter().map(|it| it.key.text().to_owned()).collect();
    entries.extend(
        from.into_iter()
            .filter(|it| here.insert(it.key.text().to_owned())),
    );
}
