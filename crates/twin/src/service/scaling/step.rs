//! Step scaling: the further an alarm is breached, the larger the step.

use super::invalid;
use crate::{Refusal, service::cloudwatch::Breach};
use serde_json::Value;

/// How many steps a policy has at most.
const MOST: usize = 20;

/// One step: from and to which distance from the threshold, and by how much.
struct Step {
    lower: Option<f64>,
    upper: Option<f64>,
    adjustment: i64,
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The steps by their lower bounds.
fn steps(configuration: &Value) -> Vec<Step> {
    let list = configuration
        .get("StepAdjustments")
        .and_then(Value::as_array);
    let number = |it: &Value, name: &str| it.get(name).and_then(Value::as_f64);
    let mut steps: Vec<Step> = list
        .into_iter()
        .flatten()
        .map(|it| Step {
            lower: number(it, "MetricIntervalLowerBound"),
            upper: number(it, "MetricIntervalUpperBound"),
            adjustment: it
                .get("ScalingAdjustment")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
        })
        .collect();
    let from = |it: &Step| it.lower.unwrap_or(f64::NEG_INFINITY);
    steps.sort_by(|one, other| from(one).total_cmp(&from(other)));
    steps
}

/// Refuses steps that overlap, leave a gap, or do not reach far enough.
pub(super) fn check(configuration: &Value) -> Result<(), Refusal> {
    let kind = text(configuration, "AdjustmentType");
    if kind.is_empty() {
        return Err(invalid("AdjustmentType is required for step scaling."));
    }
    if configuration
        .get("Cooldown")
        .and_then(Value::as_i64)
        .is_some_and(|it| it < 0)
    {
        return Err(invalid("Cooldown must be greater than or equal to 0."));
    }
    check_magnitude(configuration, kind)?;
    let steps = steps(configuration);
    if steps.is_empty() {
        return Err(invalid("At least one StepAdjustment must be specified"));
    }
    if steps.len() > MOST {
        let text = format!("There can be at most {MOST} step adjustments per scaling policy");
        return Err(invalid(text));
    }
    if kind == "ExactCapacity" && steps.iter().any(|it| it.adjustment < 0) {
        return Err(invalid(
            "Scaling adjustment must be non-negative for ExactCapacity.",
        ));
    }
    check_each(&steps)?;
    check_together(&steps)
}

fn check_magnitude(configuration: &Value, kind: &str) -> Result<(), Refusal> {
    match configuration
        .get("MinAdjustmentMagnitude")
        .and_then(Value::as_i64)
    {
        Some(_) if kind != "PercentChangeInCapacity" => Err(invalid(
            "MinAdjustmentMagnitude is only supported for the adjustment type \
             PercentChangeInCapacity.",
        )),
        Some(..=0) => Err(invalid("MinAdjustmentMagnitude must be greater than 0.")),
        _ => Ok(()),
    }
}

fn check_each(steps: &[Step]) -> Result<(), Refusal> {
    for step in steps {
        match (step.lower, step.upper) {
            (None, None) => {
                return Err(invalid(
                    "Both lower and upper bounds of a step adjustment cannot be left unspecified",
                ));
            }
            (Some(lower), Some(upper)) if lower >= upper => {
                return Err(invalid(
                    "The upper bound of a step adjustment must be greater than its lower bound",
                ));
            }
            _ => (),
        }
    }
    Ok(())
}

fn check_together(steps: &[Step]) -> Result<(), Refusal> {
    let open_below = steps.iter().filter(|it| it.lower.is_none()).count();
    let open_above = steps.iter().filter(|it| it.upper.is_none()).count();
    if open_below > 1 {
        return Err(invalid(
            "At most one step adjustment may have an unspecified lower bound",
        ));
    }
    if open_above > 1 {
        return Err(invalid(
            "At most one step adjustment may have an unspecified upper bound",
        ));
    }
    for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
        let (Some(end), Some(start)) = (one.upper, next.lower) else {
            return Err(invalid("Step adjustment intervals can't overlap"));
        };
        if end > start {
            return Err(invalid("Step adjustment intervals can't overlap"));
        }
        if end < start {
            return Err(invalid("Step adjustment intervals can't have a gap"));
        }
    }
    if open_below == 0 && steps.iter().any(|it| it.lower < Some(0.0)) {
        return Err(invalid(
            "There must be a step adjustment with an unspecified lower bound when one step \
             adjustment has a negative lower bound",
        ));
    }
    if open_above == 0 && steps.iter().any(|it| it.upper > Some(0.0)) {
        return Err(invalid(
            "There must be a step adjustment with an unspecified upper bound when one step \
             adjustment has a positive upper bound",
        ));
    }
    Ok(())
}

/// The count that a policy comes to from `count`; none, if no step is for this breach.
pub(super) fn wanted(configuration: &Value, breach: &Breach, count: i64) -> Option<i64> {
    let values = breach.values.iter().copied();
    let value = match text(configuration, "MetricAggregationType") {
        "Minimum" => values.reduce(f64::min)?,
        "Maximum" => values.reduce(f64::max)?,
        _ => {
            values.sum::<f64>()
                / (!breach.values.is_empty()).then_some(breach.values.len() as f64)?
        }
    };
    let distance = value - breach.threshold;
    let holds = |step: &Step| {
        let (lower, upper) = (
            step.lower.unwrap_or(f64::NEG_INFINITY),
            step.upper.unwrap_or(f64::INFINITY),
        );
        match breach.is_above {
            true => lower <= distance && distance < upper,
            false => lower < distance && distance <= upper,
        }
    };
    let adjustment = steps(configuration).iter().find(|it| holds(it))?.adjustment;
    Some(match text(configuration, "AdjustmentType") {
        "ExactCapacity" => adjustment,
        "PercentChangeInCapacity" => {
            let least = configuration
                .get("MinAdjustmentMagnitude")
                .and_then(Value::as_i64);
            count + percent(count, adjustment, least.unwrap_or_default())
        }
        _ => count + adjustment,
    })
}

/// A part of a count, rounded towards zero but never to it, and at least of a size.
fn percent(count: i64, adjustment: i64, least: i64) -> i64 {
    let sign = adjustment.signum();
    let size = (count * adjustment.abs() / 100).max(1);
    match adjustment {
        0 => 0,
        _ => sign * size.max(least),
    }
}
