//! Metrics, as `cloudwatch:GetMetricData` shows them.

use crate::Moment;
use serde::Serialize;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Gauge {
    /// `AWS/ECS CPUUtilization` of a service, in percent of what its tasks reserve.
    ServiceCpu,
    /// `AWS/ECS MemoryUtilization` of a service, in percent.
    ServiceMemory,
    /// `AWS/EC2 CPUCreditBalance` of an instance, in vCPU-minutes.
    Credits,
    /// `AWS/ECS/ManagedScaling CapacityProviderReservation`, in percent.
    Reservation,
}

/// A metric of something, over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// What is measured.
    pub gauge: Gauge,
    /// Of what: `<cluster>/<service>`, the id of an instance, `<cluster>/<provider>`.
    pub of: String,
    /// What each point is an average of, in seconds.
    pub period: i64,
    /// The points, oldest first; a period without data has none.
    pub points: Vec<Point>,
}

impl Series {
    /// The newest value.
    pub fn newest(&self) -> Option<Point> {
        self.points.last().copied()
    }
}

/// A value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// When its period begins.
    pub at: Moment,
    /// The average.
    pub value: f64,
}
