//! The API's own model and AWS's habits, joined once into one description.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::DocumentKind;
use super::habits::{self, Spelling, WhenAbsent};

/// What every document is held against.
pub(super) struct Schema {
    pub(super) version: String,
    /// The members of `UpdateServiceRequest`.
    pub(super) updatable: BTreeSet<String>,
    task_definition: Root,
    service: Root,
    shapes: BTreeMap<String, Shape>,
}

/// The shape of a whole document.
#[derive(Deserialize)]
pub(super) struct Root {
    shape: String,
    /// The members that AWS shows and nobody can write.
    pub(super) shown: BTreeSet<String>,
}

/// What a value may be.
pub(crate) enum Shape {
    Object(BTreeMap<String, Member>),
    List {
        element: String,
        length: Bounds,
    },
    Map {
        value: String,
    },
    Text {
        allowed: Vec<String>,
        length: Bounds,
    },
    Integer {
        bounds: Bounds,
    },
    Decimal,
    Flag,
    /// Whatever its writer likes: the model calls it a document.
    Anything,
}

/// What an object's member may be, and what AWS makes of it.
pub(crate) struct Member {
    shape: String,
    pub(super) required: bool,
    pub(super) default: Option<WhenAbsent>,
    /// Whether `false` here makes the rest of the object say nothing.
    pub(super) is_switch: bool,
    /// For a list without order, the members that sort its elements.
    pub(super) set: Option<&'static [&'static str]>,
    /// For a list, the member that no two elements share.
    pub(super) unique: Option<&'static str>,
    pub(super) spelling: Option<Spelling>,
    pub(super) is_name: bool,
    /// Narrows the bounds of the member's shape.
    pub(super) bounds: Bounds,
}

/// The least and the most of a number or a length.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

/// The one description, read from the repository's copy of the model.
pub(super) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        let written: Written = serde_json::from_str(include_str!("../../schema/ecs.json"))
            .expect("the model in the repository is as its script writes it");
        Schema::join(written)
    });
    &SCHEMA
}

impl Schema {
    pub(super) fn root(&self, kind: DocumentKind) -> &Root {
        match kind {
            DocumentKind::TaskDefinition => &self.task_definition,
            DocumentKind::Service => &self.service,
        }
    }

    /// The members of a whole document.
    pub(super) fn document(&self, kind: DocumentKind) -> &BTreeMap<String, Member> {
        match self.named(&self.root(kind).shape) {
            Shape::Object(members) => members,
            _ => unreachable!("a request is an object"),
        }
    }

    pub(super) fn of(&self, member: &Member) -> &Shape {
        self.named(&member.shape)
    }

    pub(super) fn named(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    fn join(written: Written) -> Schema {
        let shapes = written
            .shapes
            .into_iter()
            .map(|(name, shape)| (name.clone(), Shape::join(&name, shape)))
            .collect();
        Schema {
            version: format!(
                "ecs {} (botocore {})",
                written.api_version, written.botocore
            ),
            updatable: written.update,
            task_definition: written.roots.task_definition,
            service: written.roots.service,
            shapes,
        }
    }
}

impl Shape {
    fn join(name: &str, shape: WrittenShape) -> Shape {
        let bounds = Bounds {
            least: shape.n,
            most: shape.x,
        };
        match shape.t {
            'o' => Shape::Object(
                shape
                    .m
                    .into_iter()
                    .map(|(member, of)| {
                        let required = shape.r.contains(&member);
                        let joined = Member::join(name, &member, of, required);
                        (member, joined)
                    })
                    .collect(),
            ),
            'l' => Shape::List {
                element: shape.l.unwrap_or_default(),
                length: bounds,
            },
            'm' => Shape::Map {
                value: shape.v.unwrap_or_default(),
            },
            's' => Shape::Text {
                allowed: shape.e,
                length: bounds,
            },
            'i' => Shape::Integer { bounds },
            'd' => Shape::Decimal,
            'b' => Shape::Flag,
            _ => Shape::Anything,
        }
    }
}

impl Member {
    fn join(object: &str, member: &str, shape: String, required: bool) -> Member {
        let here = |row: &(&str, &str)| *row == (object, member);
        let find = |row: &&(&str, &str, i64, i64)| (row.0, row.1) == (object, member);
        let bounds = habits::BOUNDS.iter().find(find).map(|row| Bounds {
            least: Some(row.2),
            most: (row.3 != i64::MAX).then_some(row.3),
        });
        Member {
            shape,
            required: required || habits::REQUIRED.iter().any(here),
            default: row(habits::DEFAULTS, object, member),
            is_switch: habits::SWITCHES.iter().any(here),
            set: row(habits::SETS, object, member),
            unique: row(habits::UNIQUE, object, member),
            spelling: row(habits::SPELLINGS, object, member),
            is_name: habits::NAMES.iter().any(here),
            bounds: bounds.unwrap_or_default(),
        }
    }
}

/// What a schema for editors is made of.
impl Member {
    pub(crate) fn shape_name(&self) -> &str {
        &self.shape
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(crate) fn is_required(&self) -> bool {
        self.required
    }
}

/// The name of a whole document's shape.
pub(crate) fn root_shape(kind: DocumentKind) -> &'static str {
    &schema().root(kind).shape
}

/// The shape of a name.
pub(crate) fn shape(name: &str) -> &'static Shape {
    schema().named(name)
}

/// Every shape.
#[cfg(test)]
pub(crate) fn shapes() -> impl Iterator<Item = (&'static String, &'static Shape)> {
    schema().shapes.iter()
}

impl Bounds {
    /// These bounds, and where they are open those of `other`.
    pub(crate) fn or(self, other: Bounds) -> Bounds {
        Bounds {
            least: self.least.or(other.least),
            most: self.most.or(other.most),
        }
    }
}

fn row<T: Copy>(table: &[(&str, &str, T)], object: &str, member: &str) -> Option<T> {
    table
        .iter()
        .find(|(shape, name, _)| (*shape, *name) == (object, member))
        .map(|(_, _, fact)| *fact)
}

/// The file as its script writes it; the script says what the letters mean.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    botocore: String,
    api_version: String,
    roots: WrittenRoots,
    update: BTreeSet<String>,
    shapes: BTreeMap<String, WrittenShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenRoots {
    task_definition: Root,
    service: Root,
}

#[derive(Deserialize)]
#[serde(default)]
struct WrittenShape {
    t: char,
    m: BTreeMap<String, String>,
    r: BTreeSet<String>,
    l: Option<String>,
    v: Option<String>,
    e: Vec<String>,
    n: Option<i64>,
    x: Option<i64>,
}

impl Default for WrittenShape {
    fn default() -> Self {
        WrittenShape {
            t: 'a',
            m: BTreeMap::new(),
            r: BTreeSet::new(),
            l: None,
            v: None,
            e: Vec::new(),
            n: None,
            x: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::habits;
    use super::{Shape, schema};

    #[test]
    fn every_habit_is_of_a_member_that_the_model_has() {
        let rows = std::iter::empty()
            .chain(habits::DEFAULTS.iter().map(|row| (row.0, row.1)))
            .chain(habits::SETS.iter().map(|row| (row.0, row.1)))
            .chain(habits::UNIQUE.iter().map(|row| (row.0, row.1)))
            .chain(habits::SPELLINGS.iter().map(|row| (row.0, row.1)))
            .chain(habits::BOUNDS.iter().map(|row| (row.0, row.1)))
            .chain(habits::REQUIRED.iter().copied())
            .chain(habits::NAMES.iter().copied())
            .chain(habits::SWITCHES.iter().copied());
        for (object, member) in rows {
            let Shape::Object(members) = schema().named(object) else {
                panic!("{object} is no object");
            };
            assert!(members.contains_key(member), "{object}.{member}");
        }
    }

    #[test]
    fn every_set_is_a_list_whose_elements_have_its_keys() {
        for (object, member, keys) in habits::SETS {
            let Shape::Object(members) = schema().named(object) else {
                unreachable!()
            };
            let Shape::List { element, .. } = schema().of(&members[*member]) else {
                panic!("{object}.{member} is no list");
            };
            match schema().named(element) {
                Shape::Object(element) => {
                    assert!(!keys.is_empty(), "{object}.{member}");
                    assert!(
                        keys.iter().all(|key| element.contains_key(*key)),
                        "{object}.{member}"
                    );
                }
                _ => assert!(keys.is_empty(), "{object}.{member}"),
            }
        }
    }

    #[test]
    fn what_a_service_starts_a_deployment_with_can_be_updated() {
        for member in habits::STARTS_DEPLOYMENT {
            assert!(schema().updatable.contains(*member), "{member}");
        }
    }
}
