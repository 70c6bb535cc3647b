//! What one kind has just read and another kind is about to.

use setpoint_core::{Kind, Name, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
};
use tokio::sync::Mutex;

/// Reads that two kinds share: whoever comes second takes what the first has read.
///
/// Each kind takes a read once, so that its next look is a new one and nothing here can grow old.
pub(crate) struct Memo<T>(Mutex<BTreeMap<Name, Entry<T>>>);

struct Entry<T> {
    shown: Option<T>,
    taken: BTreeSet<Kind>,
}

impl<T: Clone> Memo<T> {
    pub(crate) fn new() -> Memo<T> {
        Memo(Mutex::default())
    }

    /// Shows `names` to the kind `taker`, or to nobody in particular, and fetches what is missing.
    pub(crate) async fn read<F>(
        &self,
        names: &BTreeSet<Name>,
        taker: Option<Kind>,
        fetch: impl FnOnce(BTreeSet<Name>) -> F,
    ) -> Result<BTreeMap<Name, T>>
    where
        F: Future<Output = Result<BTreeMap<Name, T>>>,
    {
        // Held while fetching: who asks for the same waits for it and does not ask AWS again.
        let mut entries = self.0.lock().await;
        if let Some(taker) = taker {
            entries.retain(|name, it| !(names.contains(name) && it.taken.contains(&taker)));
        }
        let missing: BTreeSet<Name> = names
            .iter()
            .filter(|it| !entries.contains_key(it))
            .cloned()
            .collect();
        if !missing.is_empty() {
            let mut fetched = fetch(missing.clone()).await?;
            entries.extend(missing.into_iter().map(|name| {
                let shown = fetched.remove(&name);
                let taken = BTreeSet::new();
                (name, Entry { shown, taken })
            }));
        }
        let mut shown = BTreeMap::new();
        for name in names {
            let entry = entries
                .get_mut(name)
                .expect("it is there or was just fetched");
            entry.taken.extend(taker);
            shown.extend(entry.shown.clone().map(|it| (name.clone(), it)));
        }
        Ok(shown)
    }

    /// Forgets what was read of `names`: it has been written, or read anew.
    pub(crate) async fn forget(&self, names: impl IntoIterator<Item = &Name>) {
        let mut entries = self.0.lock().await;
        for name in names {
            entries.remove(name);
        }
    }
}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn two_kinds_share_a_read_and_neither_sees_it_twice() {
        let memo = Memo::new();
        let reads = AtomicU32::new(0);
        let names = BTreeSet::from(["web".into()]);
        let fetch = |_| async {
            let count = reads.fetch_add(1, Ordering::Relaxed) + 1;
            Ok(BTreeMap::from([("web".into(), count)]))
        };
        let ask = |kind| memo.read(&names, kind, fetch);
        let (one, other) = futures::join!(ask(Some(Kind("one"))), ask(Some(Kind("other"))));
        assert_eq!(
            (
                one.unwrap()[&Name::from("web")],
                other.unwrap()[&Name::from("web")]
            ),
            (1, 1)
        );
        assert_eq!(ask(Some(Kind("one"))).await.unwrap()[&Name::from("web")], 2);
        assert_eq!(ask(None).await.unwrap()[&Name::from("web")], 2);
        memo.forget(&names).await;
        assert_eq!(
            ask(Some(Kind("other"))).await.unwrap()[&Name::from("web")],
            3
        );
    }
}
