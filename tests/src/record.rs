//! The calls that passed through a proxy, and what follows from them.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use crate::call::Call;

/// A growing record of calls; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recording {
    /// Every call that was finished, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        let mut calls = self.calls.lock().expect("no recorder panics").clone();
        calls.sort_by_key(|call| call.arrived);
        calls
    }

    /// Those that change something, in order of arrival.
    pub fn mutating(&self) -> Vec<Call> {
        self.calls()
            .into_iter()
            .filter(|call| call.mutating)
            .collect()
    }

    /// How many calls there were of one action.
    pub fn count(&self, action: &str) -> usize {
        let calls = self.calls.lock().expect("no recorder panics");
        calls.iter().filter(|call| call.action == action).count()
    }

    /// How many calls a quota refused.
    pub fn throttled(&self) -> usize {
        let calls = self.calls.lock().expect("no recorder panics");
        calls.iter().filter(|call| call.throttled).count()
    }

    /// How many calls had to wait for one another at most.
    ///
    /// A call's depth is one more than the greatest depth of those that had
    /// finished when it arrived; so ten calls at once are one round, and ten that
    /// follow each other are ten. With equal latency, rounds times latency is time.
    pub fn rounds(&self) -> usize {
        longest_chain(&self.calls()).len()
    }

    /// The longest chain in words, one call a line, for a test's message.
    pub fn critical_path(&self) -> String {
        let calls = self.calls();
        let chain = longest_chain(&calls);
        let mut text = format!("{} calls in {} rounds:\n", calls.len(), chain.len());
        for (depth, &index) in chain.iter().enumerate() {
            let call = &calls[index];
            let since = call.arrived - calls[0].arrived;
            let _ = writeln!(
                text,
                "{:4} at {:6.0} ms, {:4.0} ms: {} {}{}",
                depth + 1,
                since.as_secs_f64() * 1e3,
                call.duration().as_secs_f64() * 1e3,
                call.service,
                call.action,
                if call.throttled { " (throttled)" } else { "" },
            );
        }
        text
    }

    /// The actions in order of arrival, each with its count where it repeats at once.
    pub fn summary(&self) -> String {
        let mut runs: Vec<(String, usize)> = Vec::new();
        for call in self.calls() {
            let name = format!("{} {}", call.service, call.action);
            match runs.last_mut() {
                Some((last, count)) if *last == name => *count += 1,
                _ => runs.push((name, 1)),
            }
        }
        let line = |(name, count)| match count {
            1 => format!("{name}\n"),
            _ => format!("{name} ×{count}\n"),
        };
        runs.into_iter().map(line).collect()
    }

    /// Forgets every call.
    pub fn reset(&self) {
        self.calls.lock().expect("no recorder panics").clear();
    }

    pub(crate) fn note(&self, call: Call) {
        self.calls.lock().expect("no recorder panics").push(call);
    }
}

/// The indices of the longest chain of calls of which each finished before the next arrived.
fn longest_chain(calls: &[Call]) -> Vec<usize> {
    // Both orders are swept together: a call's depth is settled when it arrives,
    // and can be built upon once it has finished.
    let mut by_arrival: Vec<usize> = (0..calls.len()).collect();
    let mut by_finish = by_arrival.clone();
    by_arrival.sort_by_key(|&index| calls[index].arrived);
    by_finish.sort_by_key(|&index| calls[index].finished);

    let mut depth = vec![0; calls.len()];
    let mut before = vec![None; calls.len()];
    let mut deepest: Option<usize> = None;
    let mut finished = by_finish.into_iter().peekable();
    for index in by_arrival {
        while let Some(done) =
            finished.next_if(|&done| calls[done].finished <= calls[index].arrived)
        {
            if done != index && deepest.is_none_or(|deepest| depth[done] > depth[deepest]) {
                deepest = Some(done);
            }
        }
        before[index] = deepest;
        depth[index] = 1 + deepest.map_or(0, |deepest| depth[deepest]);
    }

    let mut chain = Vec::new();
    // The first of the deepest, so that equal runs tell the same story.
    let mut next = (0..calls.len()).rev().max_by_key(|&index| depth[index]);
    while let Some(index) = next {
        chain.push(index);
        next = before[index];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::call::Protocol;

    /// A recording of calls that last from and to the given milliseconds.
    fn recording(spans: &[(u64, u64)]) -> Recording {
        let start = Instant::now();
        let recording = Recording::default();
        for (index, &(from, to)) in spans.iter().enumerate() {
            recording.note(Call {
                service: "ecs".to_owned(),
                action: format!("Describe{index}"),
                protocol: Protocol::Json,
                mutating: false,
                connection: 0,
                arrived: start + Duration::from_millis(from),
                finished: start + Duration::from_millis(to),
                status: Some(200),
                throttled: false,
                request: Default::default(),
                response: Default::default(),
            });
        }
        recording
    }

    #[test]
    fn calls_at_once_are_one_round_and_calls_in_turn_are_many() {
        assert_eq!(recording(&[]).rounds(), 0);
        assert_eq!(recording(&[(0, 10), (1, 9), (2, 12)]).rounds(), 1);
        assert_eq!(recording(&[(0, 10), (11, 20), (21, 30)]).rounds(), 3);
    }

    #[test]
    fn a_long_call_beside_a_chain_adds_no_round() {
        let spans = [(0, 100), (0, 10), (12, 20), (22, 30), (101, 110)];
        let recording = recording(&spans);
        assert_eq!(recording.rounds(), 4);
        let path = recording.critical_path();
        let named: Vec<_> = path
            .lines()
            .skip(1)
            .map(|line| line.rsplit(' ').next())
            .collect();
        assert_eq!(
            named,
            [
                Some("Describe1"),
                Some("Describe2"),
                Some("Describe3"),
                Some("Describe4")
            ],
        );
    }
}
