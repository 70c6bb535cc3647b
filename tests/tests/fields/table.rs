//! The rows of one kind, and what must hold of each.

use crate::row::{Row, named};
use serde_json::Value;
use setpoint_tests::{Boto, Proxy, Setpoint};
use std::{collections::BTreeMap, fmt::Write};

/// The rows of one kind.
pub(crate) struct Table {
    /// The kind as addresses name it.
    pub(crate) kind: &'static str,
    /// What all rows use: sections, each with its items.
    pub(crate) shared: &'static [(&'static str, &'static str)],
    /// What each row has for itself, with `NAME` for its name.
    pub(crate) each: &'static [(&'static str, &'static str)],
    /// What follows when a new version is published: its kind, and its field.
    pub(crate) follower: Option<(&'static str, &'static str)>,
    /// All that boto3 shows of a resource, without versions and times.
    pub(crate) show: fn(&Boto, &str) -> Value,
    /// The rows.
    pub(crate) rows: Vec<Row>,
}

/// The paths of the fields that change, by address.
type Changes = BTreeMap<String, Vec<String>>;

impl Table {
    /// Checks every row, both ways.
    pub(crate) fn check(&self) {
        let proxy = Proxy::start();
        self.check_at(&proxy, &[]);
    }

    /// As [`Table::check`], with words that stand for what only the account knows.
    pub(crate) fn check_at(&self, proxy: &Proxy, words: &[(&str, String)]) {
        let setpoint = Setpoint::against(proxy);
        let boto = proxy.behind();
        let write = |changed: bool| {
            let mut yaml = self.yaml(changed);
            for (word, meaning) in words {
                yaml = yaml.replace(word, meaning);
            }
            setpoint.write("stack.yaml", &yaml);
        };
        write(false);
        setpoint.run(&["apply", "--yes"]).exits(0);
        empty(&setpoint);
        let base = self.shown(&boto);

        write(true);
        same(&planned(&setpoint), &self.expected(false));
        setpoint.run(&["apply", "--yes"]).exits(0);
        empty(&setpoint);
        let wanted = self.shown(&boto);
        for (index, row) in self.rows.iter().enumerate() {
            let path = row.paths[0];
            let (pointer, value) = &row.shown;
            let shown = wanted[index].pointer(pointer).unwrap_or(&Value::Null);
            let value = named(value, &name(index), &boto);
            assert_eq!(shown, &value, "{path}, of {}", wanted[index]);
            let before = base[index].pointer(pointer).unwrap_or(&Value::Null);
            assert_ne!(before, &value, "{path} was so before");
        }

        for (index, row) in self.rows.iter().enumerate() {
            (row.behind)(&boto, &name(index));
        }
        let moved = self.shown(&boto);
        for (index, row) in self.rows.iter().enumerate() {
            assert_ne!(moved[index], wanted[index], "{} did not move", row.paths[0]);
        }
        same(&planned(&setpoint), &self.expected(true));
        setpoint.run(&["apply", "--yes"]).exits(0);
        let undone = self.shown(&boto);
        for (index, row) in self.rows.iter().enumerate() {
            assert_eq!(undone[index], wanted[index], "{}", row.paths[0]);
        }
        empty(&setpoint);
        proxy.recording().reset();
        setpoint.run(&["apply", "--yes"]).exits(0);
        assert_eq!(proxy.recording().mutating().len(), 0);
    }

    fn shown(&self, boto: &Boto) -> Vec<Value> {
        let rows = 0..self.rows.len();
        rows.map(|index| (self.show)(boto, &name(index))).collect()
    }

    /// The stack, before or after the rows' changes of the YAML.
    fn yaml(&self, changed: bool) -> String {
        let mut sections: BTreeMap<&str, String> = BTreeMap::new();
        for (section, items) in self.shared {
            sections.entry(section).or_default().push_str(items);
        }
        for (index, row) in self.rows.iter().enumerate() {
            let all: Vec<&str> = self.each.iter().map(|it| it.1).collect();
            let found = all
                .iter()
                .map(|it| it.matches(row.old).count())
                .sum::<usize>();
            assert_eq!(found, 1, "`{}` stands there once", row.old);
            for (section, item) in self.each {
                let item = match changed {
                    true => item.replace(row.old, row.new),
                    false => (*item).to_owned(),
                };
                let item = item.replace("NAME", &name(index));
                sections.entry(section).or_default().push_str(&item);
            }
        }
        let mut yaml = String::from("name: shop\nregion: us-east-1\n");
        for (section, items) in sections {
            write!(yaml, "{section}:\n{items}").expect("a string takes what is written");
        }
        yaml
    }

    fn expected(&self, drift: bool) -> Changes {
        let mut expected = Changes::new();
        for (index, row) in self.rows.iter().enumerate() {
            let (paths, publishes) = match drift {
                true => (&row.drift, row.drift_publishes),
                false => (&row.paths, row.publishes),
            };
            let name = name(index);
            let mut expect = |kind: &str, paths: &[&str]| {
                let mut paths: Vec<String> =
                    paths.iter().map(|it| it.replace("NAME", &name)).collect();
                paths.sort();
                expected.insert(format!("{kind}.{name}"), paths);
            };
            if !paths.is_empty() {
                expect(self.kind, paths);
            }
            if let Some((kind, path)) = self.follower
                && publishes
            {
                expect(kind, &[path]);
            }
        }
        expected
    }
}

/// The name of a row's resource.
fn name(index: usize) -> String {
    format!("row-{index:02}")
}

/// Asserts that the plan is empty.
pub(crate) fn empty(setpoint: &Setpoint) {
    setpoint.run(&["plan", "--detailed-exitcode"]).exits(0);
}

/// What the plan shows, all of which must be updates.
pub(crate) fn planned(setpoint: &Setpoint) -> Changes {
    let plan = setpoint.run(&["plan", "--json"]).exits(0).json();
    let changes = plan["changes"].as_array().expect("a plan has changes");
    let change = |it: &Value| {
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        let fields = it["fields"].as_array().into_iter().flatten();
        let mut paths: Vec<String> = fields.map(|it| text(&it["path"])).collect();
        if it["action"] != "update" {
            paths.push(format!("({})", text(&it["action"])));
        }
        paths.sort();
        (text(&it["address"]), paths)
    };
    changes.iter().map(change).collect()
}

fn same(planned: &Changes, expected: &Changes) {
    let mut wrong = String::new();
    let keys = planned
        .keys()
        .chain(expected.keys().filter(|it| !planned.contains_key(*it)));
    for address in keys {
        let (shows, should) = (planned.get(address), expected.get(address));
        if shows != should {
            writeln!(wrong, "{address}: shows {shows:?}, should {should:?}")
                .expect("a string takes what is written");
        }
    }
    assert!(wrong.is_empty(), "the plan\n{wrong}");
}
