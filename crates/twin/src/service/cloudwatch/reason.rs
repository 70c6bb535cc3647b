//! Why an alarm is in its state, in CloudWatch's words.

use super::{
    alarm::Watch,
    evaluation::{Verdict, is_breaching},
    query::Source,
    statistic::Statistic,
};
use crate::Time;
use serde_json::{Value, json};

/// The state, why, and the same as JSON.
pub(crate) fn of(watch: &Watch, verdict: &Verdict, now: Time) -> (&'static str, String, String) {
    let text = match verdict.state {
        "INSUFFICIENT_DATA" => match watch.evaluation_periods {
            1 => "Insufficient Data: 1 datapoint was unknown.".to_owned(),
            count => format!("Insufficient Data: {count} datapoints were unknown."),
        },
        _ => crossed(watch, verdict),
    };
    (verdict.state, text, data(watch, verdict, now).to_string())
}

fn crossed(watch: &Watch, verdict: &Verdict) -> String {
    let is_alarm = verdict.state == "ALARM";
    let decisive: Vec<&(Time, f64)> = verdict
        .evaluated
        .iter()
        .filter(|(_, it)| is_breaching(watch, *it) == is_alarm)
        .collect();
    let treated = match watch.missing.as_str() {
        "breaching" => "Breaching",
        _ => "NonBreaching",
    };
    let filled = counted(verdict.filled, "missing datapoint");
    if decisive.is_empty() {
        return format!(
            "Threshold Crossed: no datapoints were received for {} and {filled} treated as \
             [{treated}].",
            match watch.evaluation_periods {
                1 => "1 period".to_owned(),
                count => format!("{count} periods"),
            }
        );
    }
    let values: Vec<String> = decisive
        .iter()
        .map(|(at, value)| format!("{value:?} ({})", moment(*at)))
        .collect();
    let plural = if decisive.len() == 1 {
        ("", "was")
    } else {
        ("s", "were")
    };
    let number = match watch.datapoints_to_alarm {
        Some(_) => format!(
            "{} out of the last {}",
            decisive.len(),
            watch.evaluation_periods
        ),
        None => decisive.len().to_string(),
    };
    let number = format!("{number} datapoint{}", plural.0);
    let not = if is_alarm { "" } else { "not " };
    let mut text = format!(
        "Threshold Crossed: {number} [{}] {} {not}{} the threshold ({:?})",
        values.join(", "),
        plural.1,
        relation(&watch.comparison),
        watch.threshold
    );
    if verdict.filled > 0 {
        text += &format!(" and {filled} treated as [{treated}]");
    }
    text + &minimum(watch, is_alarm) + "."
}

/// How many datapoints it takes, where an alarm says so.
fn minimum(watch: &Watch, is_alarm: bool) -> String {
    let Some(needed) = watch.datapoints_to_alarm else {
        return String::new();
    };
    let (count, change) = match is_alarm {
        true => (needed, "OK -> ALARM"),
        false => (watch.evaluation_periods - needed + 1, "ALARM -> OK"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!(" (minimum {count} datapoint{plural} for {change} transition)")
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what} was"),
        _ => format!("{count} {what}s were"),
    }
}

fn relation(comparison: &str) -> &'static str {
    match comparison {
        "GreaterThanThreshold" => "greater than",
        "GreaterThanOrEqualToThreshold" => "greater than or equal to",
        "LessThanThreshold" => "less than",
        _ => "less than or equal to",
    }
}

/// As `27/11/26 00:03:00`.
fn moment(at: Time) -> String {
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap_or_default();
    let mut parts = date.split('-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part(), part());
    let year = &year[year.len().saturating_sub(2)..];
    format!("{day}/{month}/{year} {}", &time[..time.len().min(8)])
}

/// As `2026-11-27T00:03:00.000+0000`.
fn stamp(at: Time) -> String {
    at.to_string().replace('Z', "+0000")
}

fn data(watch: &Watch, verdict: &Verdict, now: Time) -> Value {
    let recent: Vec<f64> = verdict.evaluated.iter().rev().map(|(_, it)| *it).collect();
    let evaluated = verdict.evaluated.iter();
    let evaluated: Vec<Value> = evaluated
        .map(|(at, value)| json!({ "timestamp": stamp(*at), "value": value }))
        .collect();
    let mut data = json!({
        "version": "1.0",
        "queryDate": stamp(now),
        "period": watch.period.as_secs(),
        "recentDatapoints": recent,
        "threshold": watch.threshold,
        "evaluatedDatapoints": evaluated,
    });
    if let Some((oldest, _)) = verdict.evaluated.last() {
        data["startDate"] = stamp(*oldest).into();
    }
    if let [query] = &watch.queries[..]
        && let Source::Metric(watched) = &query.source
    {
        data["statistic"] = name(watched.statistic).into();
        if let Some(unit) = &watched.unit {
            data["unit"] = unit.as_str().into();
        }
    }
    data
}

fn name(statistic: Statistic) -> String {
    match statistic {
        Statistic::Percentile(rank) => format!("p{rank}"),
        Statistic::TrimmedMean(low, high) => format!("TM({low}%:{high}%)"),
        plain => format!("{plain:?}"),
    }
}
