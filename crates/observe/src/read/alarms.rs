//! Alarms and their history.

use super::{Reader, batched, next};
use crate::{
    Moment,
    picture::{Alarm, AlarmChange},
};
use aws_sdk_cloudwatch::types::{
    AlarmHistoryItem, AlarmType, HistoryItemType, MetricAlarm, ScanBy,
};
use futures::future::try_join_all;
use serde_json::Value;
use setpoint_aws::found;
use setpoint_core::Result;

/// How many alarms, or items of their history, one call shows.
const BATCH: usize = 100;

impl Reader {
    /// Alarms by name; those that exist.
    pub(crate) async fn alarms(&self, names: &[String]) -> Result<Vec<Alarm>> {
        batched(names, BATCH, |it| self.alarms_of(it)).await
    }

    async fn alarms_of(&self, names: &[String]) -> Result<Vec<Alarm>> {
        let heard = self.heard();
        let page = self
            .aws
            .call("cloudwatch:DescribeAlarms", || {
                let call = self.cloudwatch.describe_alarms().max_records(BATCH as i32);
                let call = call.alarm_types(AlarmType::MetricAlarm);
                let call = call.set_alarm_names(Some(names.to_vec()));
                call.customize().interceptor(heard.clone()).send()
            })
            .await?;
        let alarms = page.metric_alarms.unwrap_or_default();
        Ok(alarms.iter().map(alarm).collect())
    }

    /// How alarms changed their states since then, newest first. A call for each alarm: the API
    /// takes one name.
    pub(crate) async fn alarm_changes(
        &self,
        names: &[String],
        since: Moment,
    ) -> Result<Vec<AlarmChange>> {
        let calls = names.iter().map(|it| self.changes_of(it, since));
        let mut all: Vec<AlarmChange> = try_join_all(calls).await?.into_iter().flatten().collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.at));
        Ok(all)
    }

    async fn changes_of(&self, name: &str, since: Moment) -> Result<Vec<AlarmChange>> {
        let mut changes: Vec<AlarmChange> = Vec::new();
        let mut token = None;
        loop {
            let answered = self
                .aws
                .call("cloudwatch:DescribeAlarmHistory", || {
                    self.cloudwatch
                        .describe_alarm_history()
                        .alarm_name(name)
                        .alarm_types(AlarmType::MetricAlarm)
                        .history_item_type(HistoryItemType::StateUpdate)
                        .scan_by(ScanBy::TimestampDescending)
                        .start_date(since.into())
                        .max_records(BATCH as i32)
                        .set_next_token(token.clone())
                        .send()
                })
                .await;
            let Some(page) = found(answered)? else {
                return Ok(changes);
            };
            changes.extend(page.alarm_history_items().iter().map(change));
            token = next(page.next_token);
            if token.is_none() {
                return Ok(changes);
            }
        }
    }
}

fn alarm(it: &MetricAlarm) -> Alarm {
    Alarm {
        name: it.alarm_name().unwrap_or_default().to_owned(),
        state: it.state_value().map_or("", |it| it.as_str()).to_owned(),
        reason: it.state_reason().unwrap_or_default().to_owned(),
        changed_at: it
            .state_transitioned_timestamp()
            .or(it.state_updated_timestamp())
            .map(Into::into),
        metric: it.metric_name().map(str::to_owned),
        namespace: it.namespace().map(str::to_owned),
        threshold: it.threshold(),
        comparison: it
            .comparison_operator()
            .map_or("", |it| it.as_str())
            .to_owned(),
        period: it.period().map(Into::into),
        evaluation_periods: it.evaluation_periods().unwrap_or_default().into(),
        datapoints_to_alarm: it
            .datapoints_to_alarm()
            .filter(|it| *it > 0)
            .map(Into::into),
        actions_enabled: it.actions_enabled().unwrap_or(true),
        treat_missing_data: it.treat_missing_data().map(str::to_owned),
    }
}

/// The change that an item is about. Its data is JSON in a text, with the two states in it.
fn change(it: &AlarmHistoryItem) -> AlarmChange {
    let data: Value =
        serde_json::from_str(it.history_data().unwrap_or_default()).unwrap_or_default();
    let text = |state: &str, name: &str| data[state][name].as_str().unwrap_or_default().to_owned();
    let decided = &data["newState"]["stateReasonData"];
    let values = decided["recentDatapoints"].as_array();
    AlarmChange {
        alarm: it.alarm_name().unwrap_or_default().to_owned(),
        at: it.timestamp().map(Into::into).unwrap_or_default(),
        from: text("oldState", "stateValue"),
        to: text("newState", "stateValue"),
        reason: text("newState", "stateReason"),
        values: values
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .collect(),
        threshold: decided["threshold"].as_f64(),
    }
}
