//! One file over another: what `-f stack.yaml -f stack.prod.yaml` means.

use super::node::{Entry, Holds, Node};

/// Lays a value over another.
///
/// Maps are merged key by key. Lists whose elements have names (`name`, `family`, `serviceName`) on
/// both sides are merged element by element; other lists, and single values, are replaced. A key
/// without a value, or with `null`, takes what stands there away.
pub(super) fn over(below: &mut Node, above: Node) {
    match (&mut below.holds, above.holds) {
        (
            Holds::Map { entries, .. },
            Holds::Map {
                entries: others, ..
            },
        ) => {
            for other in others {
                put(entries, other);
            }
        }
        (Holds::List { items, .. }, Holds::List { items: others, .. })
            if items.iter().chain(&others).all(|it| name(it).is_some()) =>
        {
            for other in others {
                match items.iter_mut().find(|it| name(it) == name(&other)) {
                    Some(item) => over(item, other),
                    None => items.push(other),
                }
            }
        }
        (holds, others) => {
            *holds = others;
            below.span = above.span;
        }
    }
}

fn put(entries: &mut Vec<Entry>, other: Entry) {
    let at = entries
        .iter()
        .position(|it| it.key.text() == other.key.text());
    match (at, is_nothing(&other.value)) {
        (Some(at), true) => {
            entries.remove(at);
        }
        (Some(at), false) => over(&mut entries[at].value, other.value),
        (None, _) => entries.push(other),
    }
}

fn is_nothing(node: &Node) -> bool {
    matches!(&node.holds, Holds::Scalar { text, plain: true } if ["", "~", "null"].contains(&text.as_str()))
}

fn name(node: &Node) -> Option<&str> {
    let entry = ["name", "family", "serviceName"]
        .iter()
        .find_map(|it| node.entry(it));
    entry.map(|it| it.value.text()).filter(|it| !it.is_empty())
}
