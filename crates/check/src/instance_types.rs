//! What instances have: vCPUs and memory.
//!
//! The table is made by `instance_types/refresh.py`, which says where its facts are from.

use std::sync::LazyLock;

/// What an instance of a type has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InstanceType {
    pub(crate) name: &'static str,
    /// Virtual CPUs; ECS counts 1024 units for each.
    pub(crate) vcpus: u64,
    /// Memory, in MiB, before the system and the agent take their share.
    pub(crate) memory: u64,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: &'static str,
    /// Whether it earns CPU credits and spends them.
    is_burstable: bool,
}

impl InstanceType {
    /// CPU units that its container instance has for tasks.
    pub(crate) fn cpu(&self) -> u64 {
        self.vcpus * 1024
    }

    /// The share of its CPU that it may use for ever; nothing if that is all of it (the EC2 user
    /// guide's table of burstable instances).
    pub(crate) fn baseline(&self) -> Option<f64> {
        let (family, size) = self.name.split_once('.').filter(|_| self.is_burstable)?;
        Some(match (family, size) {
            (_, "nano") => 0.05,
            (_, "micro") => 0.1,
            (_, "small" | "medium") => 0.2,
            (_, "large") => 0.3,
            ("t2", "xlarge") => 0.225,
            ("t2", _) => 0.17,
            _ => 0.4,
        })
    }

    /// MiB that its container instance has for tasks. The kernel and the system keep about 7 % of
    /// a small instance and less of a large one; AWS names no number, so this is a careful one.
    pub(crate) fn memory_for_tasks(&self) -> u64 {
        self.memory.saturating_sub((self.memory * 7 / 100).max(100))
    }
}

static TABLE: LazyLock<Vec<InstanceType>> = LazyLock::new(|| {
    let lines = include_str!("instance_types/table.tsv").lines();
    lines
        .filter(|it| !it.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            Some(InstanceType {
                name: columns.next()?,
                vcpus: columns.next()?.parse().ok()?,
                memory: columns.next()?.parse().ok()?,
                architecture: columns.next()?,
                is_burstable: columns.next()? == "burstable",
            })
        })
        .collect()
});

/// The type of a name, if AWS had it when the table was made.
pub(crate) fn instance_type(name: &str) -> Option<&'static InstanceType> {
    let at = TABLE.binary_search_by(|it| it.name.cmp(name)).ok()?;
    TABLE.get(at)
}

/// Every type, in the order of their names.
pub(crate) fn types() -> impl Iterator<Item = &'static InstanceType> {
    TABLE.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_order() {
        assert!(TABLE.len() > 500, "{}", TABLE.len());
        assert!(TABLE.is_sorted_by(|one, other| one.name < other.name));
        let small = instance_type("t2.small").expect("it is there");
        assert_eq!((small.vcpus, small.memory), (1, 2048));
        assert_eq!(small.memory_for_tasks() / 512, 3);
        assert_eq!(
            (small.architecture, small.baseline()),
            ("x86_64", Some(0.2))
        );
        assert_eq!(
            instance_type("m7g.large").and_then(|it| it.baseline()),
            None
        );
        assert_eq!(instance_type("t9.enormous"), None);
    }
}
