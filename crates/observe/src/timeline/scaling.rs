//! Alarms, and what Application Auto Scaling did because of them.

use super::{Happening, Source};
use crate::{
    Moment, Picture,
    picture::{AlarmChange, NotScaledReason, Policy, ScalingActivity, Service},
};
use std::time::Duration;

/// How the alarms of a service's policies changed.
pub(super) fn alarms(picture: &Picture, service: &Service) -> Vec<Happening> {
    let policies: Vec<&Policy> = picture.policies_of(service).collect();
    let changes = picture.alarm_changes.iter().filter_map(|change| {
        let makes =
            |policy: &&&Policy| policy.alarms.iter().any(|it| it.alarm_name == change.alarm);
        let policy = policies.iter().find(makes)?;
        Some(Happening {
            at: change.at,
            source: Source::Alarm,
            service: Some(service.service_name.clone()),
            text: format!(
                "{} of {} {}",
                nickname(&change.alarm),
                policy.policy_name,
                told(picture, change)
            ),
            bad: false,
            key: format!("alarm {} {} {}", change.alarm, change.at, change.to),
        })
    });
    changes.collect()
}

fn told(picture: &Picture, change: &AlarmChange) -> String {
    let alarm = picture.alarm(&change.alarm);
    let metric = alarm
        .and_then(|it| it.metric.as_deref())
        .unwrap_or("the metric");
    let because = match (change.values.as_slice(), change.threshold) {
        ([], _) | (_, None) => String::new(),
        (values, Some(threshold)) => {
            let comparison = alarm.map_or("", |it| it.comparison.as_str());
            let side = match comparison.starts_with("Less") {
                true => "under",
                false => "over",
            };
            // The line of an alarm in ALARM is crossed by all of them; otherwise the newest tells.
            let shown = match change.to.as_str() {
                "ALARM" => range(values),
                _ => values.last().map_or(String::new(), |it| number(*it)),
            };
            let side = match change.to.as_str() {
                "ALARM" => side,
                _ => "against",
            };
            format!(
                ", because {metric} was {shown} {side} {}",
                number(threshold)
            )
        }
    };
    match change.to.as_str() {
        "ALARM" => format!("fired{because}"),
        "OK" if change.from == "INSUFFICIENT_DATA" => format!("has data and is OK{because}"),
        "OK" => format!("is OK again{because}"),
        _ => "has no data".to_owned(),
    }
}

/// Values as their range: `98 to 120.5`.
fn range(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match number(least) == number(most) {
        true => number(most),
        false => format!("{} to {}", number(least), number(most)),
    }
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// What AWS adds to the name of an alarm of target tracking tells which of the two it is.
pub(super) fn nickname(alarm: &str) -> &str {
    match alarm {
        it if it.contains("-AlarmHigh-") => "the high alarm",
        it if it.contains("-AlarmLow-") => "the low alarm",
        it => it,
    }
}

/// What was done to the count of a service, and what was not.
pub(super) fn activities(picture: &Picture, service: &Service) -> Vec<Happening> {
    let mut all: Vec<&ScalingActivity> = picture.scaling_activities_of(service).collect();
    all.reverse();
    let mut happenings = Vec::new();
    let mut count = None;
    // The reason for which nothing was done, and when last.
    let mut held: Option<(String, Moment)> = None;
    for it in all {
        let is_held = !it.not_scaled_reasons.is_empty();
        let (text, bad) = match is_held {
            true => (not_scaled(it), false),
            false => scaled(it, count),
        };
        let goes_on = held.as_ref().is_some_and(|(before, last)| {
            *before == text && it.start_time.since(*last) <= Duration::from_secs(180)
        });
        if is_held {
            held = Some((text.clone(), it.start_time));
            if goes_on {
                continue;
            }
        } else {
            held = None;
            count = it.count().or(count);
        }
        happenings.push(Happening {
            at: it.start_time,
            source: Source::Scaling,
            service: Some(service.service_name.clone()),
            text,
            bad,
            key: format!("scaling {} {}", it.activity_id, it.status_code == "Failed"),
        });
    }
    happenings
}

fn scaled(it: &ScalingActivity, before: Option<i64>) -> (String, bool) {
    let what = match (it.count(), before) {
        (Some(count), Some(before)) if before != count => {
            format!("set the desired count from {before} to {count}")
        }
        (Some(count), _) => format!("set the desired count to {count}"),
        (None, _) => it.description.clone(),
    };
    let who = who(it);
    match it.status_code.as_str() {
        "Failed" | "Unfulfilled" => {
            let why = it
                .status_message
                .as_deref()
                .unwrap_or("AWS does not say why");
            (format!("{who} could not do it: {what}: {why}"), true)
        }
        _ => (format!("{who} {what}{}", because(it)), false),
    }
}

fn not_scaled(it: &ScalingActivity) -> String {
    let reasons: Vec<String> = it.not_scaled_reasons.iter().map(reason).collect();
    format!("{} changes nothing: {}", who(it), reasons.join(", "))
}

/// In the words of `NotScaledReason` of the API.
fn reason(it: &NotScaledReason) -> String {
    match (it.code.as_str(), it.max_capacity, it.min_capacity) {
        ("AlreadyAtMaxCapacity", Some(most), _) => format!("already at the most, {most}"),
        ("AlreadyAtMaxCapacity", ..) => "already at the most".into(),
        ("AlreadyAtMinCapacity", _, Some(least)) => format!("already at the fewest, {least}"),
        ("AlreadyAtMinCapacity", ..) => "already at the fewest".into(),
        ("AlreadyAtDesiredCapacity", ..) => "there are as many as are needed".into(),
        ("AutoScalingAnticipatedFlapping", ..) => {
            "fewer would soon have to become more again".into()
        }
        ("TargetServicePutResourceAsUnscalable", ..) => {
            "ECS does not let it scale just now, as while a deployment runs".into()
        }
        ("InsufficientData", ..) => "the metric has too little data".into(),
        (other, ..) => other.to_owned(),
    }
}

fn who(it: &ScalingActivity) -> String {
    let policy = it.cause.split_once("triggered policy ");
    let action = it.cause.split_once("scheduled action name ");
    match (policy, action) {
        (Some((_, policy)), _) => format!("policy {}", policy.trim_end_matches('.')),
        (_, Some((_, rest))) => {
            let name = rest.split_whitespace().next().unwrap_or(rest);
            format!("scheduled action {name}")
        }
        _ => "auto scaling".into(),
    }
}

fn because(it: &ScalingActivity) -> String {
    let alarm = it.cause.split_once("monitor alarm ");
    let alarm = alarm.and_then(|(_, rest)| rest.split_once(" in state "));
    match alarm {
        Some((alarm, _)) => format!(", because of {}", nickname(alarm)),
        None if it.cause.contains("triggered policy") => String::new(),
        None => format!(", because {}", it.cause.trim_end_matches('.')),
    }
}
