use crate::{Outcome, Tally};
use hdrhistogram::serialization::{
    V2DeflateSerializer,
    interval_log::{IntervalLogWriterBuilder, Tag},
};
use std::{io, time::Duration};

/// Writes an HdrHistogram interval log (format 1.3, as its own viewers read it): the latency of each second,
/// in microseconds, with maxima in milliseconds; then that of each endpoint under its URL as a tag.
pub fn write_log(outcome: &Outcome, mut out: impl io::Write) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    let mut writer = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("[Latency in microseconds since each request was due; by setpoint load]")
        .with_start_time(outcome.began)
        .with_base_time(outcome.began)
        .with_max_value_divisor(1000.0)
        .begin_log_with(&mut out, &mut serializer)?;
    let failed = |err: hdrhistogram::serialization::interval_log::IntervalLogWriterError<_>| {
        io::Error::other(format!("{err:?}"))
    };
    for (second, tally) in outcome.seconds.iter().enumerate() {
        let at = Duration::from_secs(second as u64);
        let lasts = outcome
            .lasted
            .saturating_sub(at)
            .min(Duration::from_secs(1));
        let mut write = |tally: &Tally, tag: Option<&str>| {
            let latency = tally.latency();
            // Tags hold no spaces and no commas, and neither do URLs here.
            let tag = tag.and_then(Tag::new);
            writer
                .write_histogram(&latency.0, at, lasts, tag)
                .map_err(failed)
        };
        write(tally, None)?;
        for (endpoint, of_endpoint) in &tally.endpoints {
            let only = Tally {
                endpoints: [(endpoint.clone(), of_endpoint.clone())].into(),
                ..Tally::default()
            };
            write(&only, Some(&endpoint.to_string()))?;
        }
    }
    Ok(())
}
