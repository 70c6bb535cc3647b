//! Metrics, all of them in one call.

use super::{Reader, batched, next};
use crate::{
    Moment,
    picture::{Gauge, Point, Series},
};
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy,
};
use setpoint_core::Result;

/// How many metrics one call answers.
const BATCH: usize = 500;

impl Reader {
    /// Fills in the points of series, from then until then.
    ///
    /// One call, and one more for each 500 series or 100,800 points.
    pub(crate) async fn metrics(
        &self,
        series: &[Series],
        from: Moment,
        until: Moment,
    ) -> Result<Vec<Series>> {
        batched(series, BATCH, |it| self.metrics_of(it, from, until)).await
    }

    async fn metrics_of(
        &self,
        series: &[Series],
        from: Moment,
        until: Moment,
    ) -> Result<Vec<Series>> {
        let queries: Vec<MetricDataQuery> = series
            .iter()
            .enumerate()
            .map(|(number, it)| query(number, it))
            .collect();
        let mut series = series.to_vec();
        let mut token = None;
        loop {
            let page = self
                .aws
                .call("cloudwatch:GetMetricData", || {
                    self.cloudwatch
                        .get_metric_data()
                        .set_metric_data_queries(Some(queries.clone()))
                        .start_time(from.into())
                        .end_time(until.into())
                        .scan_by(ScanBy::TimestampAscending)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            for result in page.metric_data_results() {
                let number = result
                    .id()
                    .and_then(|it| it.strip_prefix('m')?.parse().ok());
                if let Some(one) = number.and_then(|it: usize| series.get_mut(it)) {
                    one.points.extend(points(result));
                }
            }
            token = next(page.next_token);
            if token.is_none() {
                return Ok(series);
            }
        }
    }
}

fn points(result: &MetricDataResult) -> impl Iterator<Item = Point> {
    let values = result.values().iter();
    let pairs = result.timestamps().iter().zip(values);
    pairs.map(|(at, &value)| Point {
        at: at.into(),
        value,
    })
}

fn query(number: usize, series: &Series) -> MetricDataQuery {
    let (namespace, name, dimensions) = match series.gauge {
        Gauge::ServiceCpu => ("AWS/ECS", "CPUUtilization", ["ClusterName", "ServiceName"]),
        Gauge::ServiceMemory => (
            "AWS/ECS",
            "MemoryUtilization",
            ["ClusterName", "ServiceName"],
        ),
        Gauge::Credits => ("AWS/EC2", "CPUCreditBalance", ["", "InstanceId"]),
        Gauge::Reservation => (
            "AWS/ECS/ManagedScaling",
            "CapacityProviderReservation",
            ["ClusterName", "CapacityProviderName"],
        ),
    };
    let (cluster, own) = series.of.split_once('/').unwrap_or(("", &series.of));
    let values = [cluster, own];
    let dimensions = dimensions.into_iter().zip(values);
    let dimensions = dimensions.filter(|(name, _)| !name.is_empty());
    let dimensions = dimensions.map(|(name, value)| Dimension::builder().name(name).value(value));
    let metric = Metric::builder()
        .namespace(namespace)
        .metric_name(name)
        .set_dimensions(Some(dimensions.map(|it| it.build()).collect()));
    let statistic = MetricStat::builder()
        .metric(metric.build())
        .period(series.period as i32)
        .stat("Average");
    MetricDataQuery::builder()
        .id(format!("m{number}"))
        .metric_stat(statistic.build())
        .build()
}
