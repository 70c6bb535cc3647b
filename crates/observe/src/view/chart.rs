//! CPU as columns, and the line at which it is kept.

use super::{Axis, NAMES};
use crate::{
    Picture,
    picture::{Gauge, Series, Service},
    spark::buckets,
    status::ServiceStatus,
    words::{Line, Tone},
};

/// Columns of eighths.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The chart from its top to its foot.
pub(super) fn lines(
    picture: &Picture,
    service: &Service,
    status: &ServiceStatus,
    axis: &Axis,
    height: usize,
) -> Vec<Line> {
    let subject = service.subject();
    let of = format!("{}/{}", subject.cluster, subject.service);
    let values = match picture.series(Gauge::ServiceCpu, &of) {
        Some(series) => columns(series, axis),
        None => vec![None; axis.columns()],
    };
    let target = status.cpu.target;
    let most = values
        .iter()
        .flatten()
        .copied()
        .fold(target.unwrap_or(0.0), f64::max);
    let top = (most * 1.1 / 50.0).ceil().max(1.0) * 50.0;
    let step = top / height as f64;
    let target_row = target.map(|it| (((top - it) / step).ceil() as usize).clamp(1, height) - 1);
    (0..height)
        .map(|number| {
            let foot = top - step * (number + 1) as f64;
            let is_target = target_row == Some(number);
            let name = match number {
                _ if is_target => format!("target {:.0} ", target.unwrap_or(0.0)),
                0 => format!("cpu % {top:.0} "),
                it if it + 1 == height => "0 ".to_owned(),
                _ => String::new(),
            };
            let empty = if is_target { '╌' } else { ' ' };
            let bars = values.iter().map(|value| {
                let part = value.map_or(0.0, |it| ((it - foot) / step).clamp(0.0, 1.0));
                // Something is shown of what is little.
                let least = usize::from(number + 1 == height && value.is_some());
                match ((part * 8.0).round() as usize).max(least) {
                    0 => empty,
                    eighths => BARS[eighths],
                }
            });
            Line::new()
                .and(Tone::Faint, format!("{name:>0$}│", NAMES as usize))
                .and(tone(is_target), bars.collect::<String>())
        })
        .collect()
}

fn tone(is_target: bool) -> Tone {
    if is_target { Tone::Change } else { Tone::Plain }
}

/// The value of each column. A column shorter than a period shows the period that it is in.
fn columns(series: &Series, axis: &Axis) -> Vec<Option<f64>> {
    let mut values = buckets(series, axis.until(), axis.window(), axis.columns());
    let period = std::time::Duration::from_secs(u64::try_from(series.period).unwrap_or(60));
    let reach = (period.as_secs_f64() / axis.span().as_secs_f64()).ceil() as usize;
    let mut last: Option<(usize, f64)> = None;
    for (number, value) in values.iter_mut().enumerate() {
        match (*value, last) {
            (Some(known), _) => last = Some((number, known)),
            (None, Some((at, known))) if number - at < reach => *value = Some(known),
            _ => {}
        }
    }
    values
}
