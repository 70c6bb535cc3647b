//! Scaling policies, from AWS's shape and to it.

use aws_sdk_applicationautoscaling::types::{
    AdjustmentType, CustomizedMetricSpecification, MetricAggregationType, MetricDimension,
    MetricStatistic, MetricType, PolicyType, PredefinedMetricSpecification, ScalingPolicy,
    StepAdjustment, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
};
use setpoint_spec::kind::{Metric, Policy, Step, StepScaling, TargetTracking};

/// Seconds that a cooldown lasts for a service where none is given. Whether AWS shows it then is
/// not known, so both are read as the same.
const COOLDOWN: i32 = 300;

/// Stands for a metric that no spec can ask for, so that it shows as a difference.
const EXPRESSION: &str = "an expression of several metrics";

/// The part of a policy that is sent, by its type.
pub(crate) enum Configuration {
    TargetTracking(TargetTrackingScalingPolicyConfiguration),
    Step(StepScalingPolicyConfiguration),
}

/// A policy as AWS shows it.
pub(crate) fn observed(shown: &ScalingPolicy) -> Policy {
    let tracking = shown.target_tracking_scaling_policy_configuration();
    match (tracking, shown.step_scaling_policy_configuration()) {
        (Some(shown), _) => Policy::TargetTracking(target_tracking(shown)),
        (None, Some(shown)) => Policy::Step(step_scaling(shown)),
        // No spec can ask for this type: shown by its name, it differs from all that can be asked.
        (None, None) => Policy::TargetTracking(TargetTracking {
            metric: Metric::Predefined(shown.policy_type().as_str().to_owned()),
            target: 0.0,
            scale_out_cooldown: COOLDOWN,
            scale_in_cooldown: COOLDOWN,
            disable_scale_in: false,
        }),
    }
}

/// The type of a policy, which cannot be changed under its name.
pub(crate) fn type_of(policy: &Policy) -> PolicyType {
    let predictive = PolicyType::PredictiveScaling;
    match policy {
        Policy::TargetTracking(TargetTracking {
            metric: Metric::Predefined(name),
            ..
        }) if name == predictive.as_str() => predictive,
        Policy::TargetTracking(_) => PolicyType::TargetTrackingScaling,
        Policy::Step(_) => PolicyType::StepScaling,
    }
}

/// The configuration that makes a policy as desired.
pub(crate) fn configuration(desired: &Policy) -> Configuration {
    match desired {
        Policy::TargetTracking(it) => Configuration::TargetTracking(tracking_configuration(it)),
        Policy::Step(it) => Configuration::Step(step_configuration(it)),
    }
}

fn target_tracking(shown: &TargetTrackingScalingPolicyConfiguration) -> TargetTracking {
    TargetTracking {
        metric: metric(shown),
        target: shown.target_value(),
        scale_out_cooldown: shown.scale_out_cooldown().unwrap_or(COOLDOWN),
        scale_in_cooldown: shown.scale_in_cooldown().unwrap_or(COOLDOWN),
        disable_scale_in: shown.disable_scale_in().unwrap_or(false),
    }
}

fn metric(shown: &TargetTrackingScalingPolicyConfiguration) -> Metric {
    if let Some(shown) = shown.predefined_metric_specification() {
        let predefined = shown.predefined_metric_type().as_str().to_owned();
        return match shown.resource_label().filter(|it| !it.is_empty()) {
            Some(label) => Metric::Labelled {
                predefined,
                resource_label: label.to_owned(),
            },
            None => Metric::Predefined(predefined),
        };
    }
    let Some(shown) = shown
        .customized_metric_specification()
        .filter(|it| it.metrics().is_empty())
    else {
        return Metric::Predefined(EXPRESSION.to_owned());
    };
    let dimensions = shown.dimensions().iter();
    Metric::Customized {
        namespace: shown.namespace().unwrap_or_default().to_owned(),
        metric_name: shown.metric_name().unwrap_or_default().to_owned(),
        dimensions: dimensions
            .map(|it| (it.name().into(), it.value().into()))
            .collect(),
        statistic: shown
            .statistic()
            .map(|it| it.as_str().to_owned())
            .unwrap_or_default(),
        unit: shown.unit().map(str::to_owned),
    }
}

fn step_scaling(shown: &StepScalingPolicyConfiguration) -> StepScaling {
    let mut steps: Vec<Step> = shown.step_adjustments().iter().map(step).collect();
    let from = |it: &Step| it.lower.unwrap_or(f64::NEG_INFINITY);
    steps.sort_by(|one, other| from(one).total_cmp(&from(other)));
    let aggregation = shown
        .metric_aggregation_type()
        .map(MetricAggregationType::as_str);
    StepScaling {
        adjustment_type: shown
            .adjustment_type()
            .map_or("", AdjustmentType::as_str)
            .to_owned(),
        steps,
        min_adjustment_magnitude: shown.min_adjustment_magnitude(),
        cooldown: shown.cooldown().unwrap_or(COOLDOWN),
        metric_aggregation_type: aggregation.unwrap_or("Average").to_owned(),
    }
}

fn step(shown: &StepAdjustment) -> Step {
    Step {
        lower: shown.metric_interval_lower_bound(),
        upper: shown.metric_interval_upper_bound(),
        adjustment: shown.scaling_adjustment(),
    }
}

fn tracking_configuration(desired: &TargetTracking) -> TargetTrackingScalingPolicyConfiguration {
    let configuration = TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(desired.target)
        .scale_out_cooldown(desired.scale_out_cooldown)
        .scale_in_cooldown(desired.scale_in_cooldown)
        .disable_scale_in(desired.disable_scale_in);
    let configuration = match &desired.metric {
        Metric::Predefined(name) => {
            configuration.predefined_metric_specification(predefined(name, None))
        }
        Metric::Labelled {
            predefined: name,
            resource_label,
        } => configuration.predefined_metric_specification(predefined(name, Some(resource_label))),
        Metric::Customized {
            namespace,
            metric_name,
            dimensions,
            statistic,
            unit,
        } => {
            let dimensions = dimensions.iter().map(|(name, value)| {
                let dimension = MetricDimension::builder().name(name).value(value);
                dimension.build().expect("its name and its value are set")
            });
            let customized = CustomizedMetricSpecification::builder()
                .namespace(namespace)
                .metric_name(metric_name)
                .set_dimensions(Some(dimensions.collect()))
                .statistic(MetricStatistic::from(statistic.as_str()))
                .set_unit(unit.clone());
            configuration.customized_metric_specification(customized.build())
        }
    };
    configuration.build().expect("the target is set")
}

fn predefined(name: &str, label: Option<&String>) -> PredefinedMetricSpecification {
    PredefinedMetricSpecification::builder()
        .predefined_metric_type(MetricType::from(name))
        .set_resource_label(label.cloned())
        .build()
        .expect("the type is set")
}

fn step_configuration(desired: &StepScaling) -> StepScalingPolicyConfiguration {
    let steps = desired.steps.iter().map(|it| {
        StepAdjustment::builder()
            .set_metric_interval_lower_bound(it.lower)
            .set_metric_interval_upper_bound(it.upper)
            .scaling_adjustment(it.adjustment)
            .build()
            .expect("the adjustment is set")
    });
    StepScalingPolicyConfiguration::builder()
        .adjustment_type(AdjustmentType::from(desired.adjustment_type.as_str()))
        .set_step_adjustments(Some(steps.collect()))
        .set_min_adjustment_magnitude(desired.min_adjustment_magnitude)
        .cooldown(desired.cooldown)
        .metric_aggregation_type(MetricAggregationType::from(
            desired.metric_aggregation_type.as_str(),
        ))
        .build()
}
