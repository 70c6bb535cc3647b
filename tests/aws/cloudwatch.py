"""Metrics and alarms."""

from datetime import datetime, timedelta
from typing import Any

from account import Account, has, pages, refused, same, until

PERIOD = 60


def _alarm(aws: Account, suffix: str = "", **arguments: Any) -> str:
    """The name of an alarm over a metric of its own."""
    arguments = {
        "AlarmName": aws.name + suffix,
        "Namespace": "Check",
        "MetricName": aws.name,
        "Statistic": "Average",
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold",
    } | arguments
    aws.cloudwatch.put_metric_alarm(
        **{name: value for name, value in arguments.items() if value is not None}
    )
    aws.later(aws.cloudwatch.delete_alarms, AlarmNames=[aws.name + suffix])
    return aws.name + suffix


def _shown(aws: Account) -> dict[str, Any]:
    return aws.cloudwatch.describe_alarms(AlarmNames=[aws.name])["MetricAlarms"][0]


def _now(aws: Account) -> datetime:
    """The time by the server's clock, which may run ahead of ours."""
    name = _alarm(aws, "-clock")
    (shown,) = aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return shown["AlarmConfigurationUpdatedTimestamp"]


def _put(aws: Account, *values: float, **more: Any) -> datetime:
    """Datapoints, a minute apart, that end a minute ago: the last one's time."""
    last = _now(aws).replace(second=0, microsecond=0) - timedelta(minutes=1)
    data = [
        {
            "MetricName": aws.name,
            "Timestamp": last - timedelta(minutes=len(values) - 1 - number),
            "Value": value,
        }
        | more
        for number, value in enumerate(values)
    ]
    aws.cloudwatch.put_metric_data(Namespace="Check", MetricData=data)
    return last


def _statistics(aws: Account, last: datetime, minutes: int, **arguments: Any) -> list[dict]:
    arguments = {"Period": PERIOD, "Statistics": ["Average"]} | arguments
    answer = aws.cloudwatch.get_metric_statistics(
        Namespace="Check",
        MetricName=aws.name,
        StartTime=last - timedelta(minutes=minutes - 1),
        EndTime=last + timedelta(minutes=1),
        **arguments,
    )
    return sorted(answer["Datapoints"], key=lambda it: it["Timestamp"])


def PutMetricAlarm_fills_in_what_was_left_out(aws: Account) -> None:
    _alarm(aws)
    has(
        _shown(aws),
        AlarmName=aws.name,
        AlarmArn=aws.arn("cloudwatch", f"alarm:{aws.name}"),
        ActionsEnabled=True,
        AlarmActions=[],
        OKActions=[],
        InsufficientDataActions=[],
        Dimensions=[],
        StateValue="INSUFFICIENT_DATA",
        EvaluationPeriods=1,
        Threshold=50.0,
    )


def PutMetricAlarm_overwrites_the_whole_alarm(aws: Account) -> None:
    _alarm(aws, AlarmDescription="before", TreatMissingData="breaching")
    _alarm(aws, Threshold=60.0)
    shown = _shown(aws)
    same(shown["Threshold"], 60.0)
    assert "AlarmDescription" not in shown, shown["AlarmDescription"]
    assert shown.get("TreatMissingData", "missing") == "missing", shown["TreatMissingData"]


def PutMetricAlarm_keeps_the_state(aws: Account) -> None:
    _alarm(aws)
    aws.cloudwatch.set_alarm_state(AlarmName=aws.name, StateValue="OK", StateReason="a check")
    _alarm(aws, Threshold=60.0)
    same(_shown(aws)["StateValue"], "OK")


def PutMetricAlarm_refuses_a_comparison_that_there_is_not(aws: Account) -> None:
    refused(("ValidationError", "InvalidParameterValue"), _alarm, aws=aws, ComparisonOperator="Is")


def PutMetricAlarm_refuses_a_statistic_that_there_is_not(aws: Account) -> None:
    refused(("ValidationError", "InvalidParameterValue"), _alarm, aws=aws, Statistic="Mode")


def PutMetricAlarm_refuses_a_period_of_45_seconds(aws: Account) -> None:
    refused(("ValidationError", "InvalidParameterValue"), _alarm, aws=aws, Period=45)


def PutMetricAlarm_refuses_no_periods(aws: Account) -> None:
    refused(("ValidationError", "InvalidParameterValue"), _alarm, aws=aws, EvaluationPeriods=0)


def PutMetricAlarm_refuses_to_look_over_more_than_a_week(aws: Account) -> None:
    refused(
        ("ValidationError", "InvalidParameterValue", "InvalidParameterCombination"),
        _alarm,
        aws=aws,
        Period=86400,
        EvaluationPeriods=8,
    )


def PutMetricAlarm_refuses_more_datapoints_than_periods(aws: Account) -> None:
    refused(
        ("ValidationError", "InvalidParameterValue", "InvalidParameterCombination"),
        _alarm,
        aws=aws,
        DatapointsToAlarm=2,
    )


def PutMetricAlarm_refuses_both_kinds_of_statistic(aws: Account) -> None:
    refused(
        ("ValidationError", "InvalidParameterCombination"), _alarm, aws=aws, ExtendedStatistic="p90"
    )


def PutMetricAlarm_takes_a_percentile(aws: Account) -> None:
    _alarm(aws, Statistic=None, ExtendedStatistic="p90")
    same(_shown(aws)["ExtendedStatistic"], "p90")


def PutMetricAlarm_takes_an_expression(aws: Account) -> None:
    metric = {"Namespace": "Check", "MetricName": aws.name}
    stat = {"Metric": metric, "Period": PERIOD, "Stat": "Sum"}
    aws.cloudwatch.put_metric_alarm(
        AlarmName=aws.name,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        Metrics=[
            {"Id": "twice", "Expression": "m * 2", "ReturnData": True},
            {"Id": "m", "MetricStat": stat, "ReturnData": False},
        ],
    )
    aws.later(aws.cloudwatch.delete_alarms, AlarmNames=[aws.name])
    same(sorted(it["Id"] for it in _shown(aws)["Metrics"]), ["m", "twice"])


def DescribeAlarms_of_a_missing_one_is_empty(aws: Account) -> None:
    same(aws.cloudwatch.describe_alarms(AlarmNames=[aws.name])["MetricAlarms"], [])


def DescribeAlarms_answers_by_prefix_and_goes_by_pages(aws: Account) -> None:
    names = [_alarm(aws, suffix) for suffix in ("a", "b", "c")]
    found = pages(
        aws.cloudwatch.describe_alarms,
        "MetricAlarms",
        token="NextToken",
        AlarmNamePrefix=aws.name,
        MaxRecords=2,
    )
    same([[it["AlarmName"] for it in page] for page in found], [names[:2], names[2:]])


def DescribeAlarms_refuses_101_names(aws: Account) -> None:
    names = [f"{aws.name}-{number}" for number in range(101)]
    refused("ValidationError", aws.cloudwatch.describe_alarms, AlarmNames=names)


def DescribeAlarms_refuses_a_page_of_101(aws: Account) -> None:
    refused("ValidationError", aws.cloudwatch.describe_alarms, MaxRecords=101)


def DescribeAlarms_refuses_names_beside_a_prefix(aws: Account) -> None:
    refused(
        ("ValidationError", "InvalidParameterCombination"),
        aws.cloudwatch.describe_alarms,
        AlarmNames=[aws.name],
        AlarmNamePrefix=aws.name,
    )


def DescribeAlarms_chooses_by_state(aws: Account) -> None:
    _alarm(aws)
    only = {"AlarmNamePrefix": aws.name}
    found = aws.cloudwatch.describe_alarms(StateValue="INSUFFICIENT_DATA", **only)
    same([it["AlarmName"] for it in found["MetricAlarms"]], [aws.name])
    same(aws.cloudwatch.describe_alarms(StateValue="ALARM", **only)["MetricAlarms"], [])


def DescribeAlarmsForMetric_finds_those_of_a_metric(aws: Account) -> None:
    _alarm(aws)
    found = aws.cloudwatch.describe_alarms_for_metric(Namespace="Check", MetricName=aws.name)
    same([it["AlarmName"] for it in found["MetricAlarms"]], [aws.name])


def SetAlarmState_sets_it_for_a_while_and_tells_why(aws: Account) -> None:
    _alarm(aws)
    aws.cloudwatch.set_alarm_state(AlarmName=aws.name, StateValue="ALARM", StateReason="a check")
    has(_shown(aws), StateValue="ALARM", StateReason="a check")
    history = aws.cloudwatch.describe_alarm_history(
        AlarmName=aws.name, HistoryItemType="StateUpdate"
    )["AlarmHistoryItems"]
    same(history[0]["HistorySummary"], "Alarm updated from INSUFFICIENT_DATA to ALARM")


def SetAlarmState_refuses_a_missing_alarm(aws: Account) -> None:
    refused(
        "ResourceNotFound",
        aws.cloudwatch.set_alarm_state,
        http=404,
        AlarmName=aws.name,
        StateValue="OK",
        StateReason="a check",
    )


def SetAlarmState_refuses_a_state_that_there_is_not(aws: Account) -> None:
    _alarm(aws)
    refused(
        ("ValidationError", "InvalidParameterValue"),
        aws.cloudwatch.set_alarm_state,
        AlarmName=aws.name,
        StateValue="FINE",
        StateReason="a check",
    )


def DisableAlarmActions_and_EnableAlarmActions_do_so(aws: Account) -> None:
    _alarm(aws)
    aws.cloudwatch.disable_alarm_actions(AlarmNames=[aws.name])
    same(_shown(aws)["ActionsEnabled"], False)
    aws.cloudwatch.enable_alarm_actions(AlarmNames=[aws.name])
    same(_shown(aws)["ActionsEnabled"], True)


def DeleteAlarms_takes_those_that_there_are(aws: Account) -> None:
    _alarm(aws)
    refused(
        "ResourceNotFound",
        aws.cloudwatch.delete_alarms,
        http=404,
        AlarmNames=[aws.name, aws.name + "-none"],
    )
    same(aws.cloudwatch.describe_alarms(AlarmNames=[aws.name])["MetricAlarms"], [])


def an_alarm_goes_off_by_itself_and_calms_down(aws: Account) -> None:
    _alarm(aws, TreatMissingData="notBreaching")
    _put(aws, 90.0, 90.0)
    aws.cloudwatch.put_metric_data(
        Namespace="Check", MetricData=[{"MetricName": aws.name, "Value": 90.0}]
    )
    until(lambda: _shown(aws)["StateValue"] == "ALARM")
    until(lambda: _shown(aws)["StateValue"] == "OK")


def a_composite_alarm_follows_its_rule(aws: Account) -> None:
    name = _alarm(aws, "-part")
    aws.cloudwatch.put_composite_alarm(AlarmName=aws.name, AlarmRule=f'ALARM("{name}")')
    # One that is named by a composite alarm cannot be deleted before it.
    aws.later(aws.cloudwatch.delete_alarms, AlarmNames=[aws.name])
    only = {"AlarmNames": [aws.name], "AlarmTypes": ["CompositeAlarm"]}
    (shown,) = aws.cloudwatch.describe_alarms(**only)["CompositeAlarms"]
    has(shown, AlarmName=aws.name, AlarmRule=f'ALARM("{name}")')
    same(aws.cloudwatch.describe_alarms(AlarmNames=[aws.name]).get("CompositeAlarms", []), [])
    aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a check")

    def state() -> str:
        return aws.cloudwatch.describe_alarms(**only)["CompositeAlarms"][0]["StateValue"]

    until(lambda: state() == "ALARM")


def TagResource_and_UntagResource_change_the_tags_of_an_alarm(aws: Account) -> None:
    _alarm(aws, Tags=[{"Key": "a", "Value": "1"}])
    arn = aws.arn("cloudwatch", f"alarm:{aws.name}")
    aws.cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    aws.cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    tags = aws.cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    same(tags, [{"Key": "b", "Value": "2"}])


def ListTagsForResource_refuses_a_missing_alarm(aws: Account) -> None:
    refused(
        "ResourceNotFoundException",
        aws.cloudwatch.list_tags_for_resource,
        http=404,
        ResourceARN=aws.arn("cloudwatch", f"alarm:{aws.name}"),
    )


def GetMetricStatistics_makes_one_datapoint_a_period(aws: Account) -> None:
    _put(aws, 1.0, 3.0)
    # A minute may have passed since.
    last = _put(aws, 5.0)
    found = _statistics(aws, last, 5, Statistics=["Average", "Sum", "Maximum", "SampleCount"])
    assert found, "no datapoints"
    has(found[0], Average=1.0, Sum=1.0, Maximum=1.0, SampleCount=1.0)
    same(sum(it["Sum"] for it in found), 9.0)


def GetMetricStatistics_refuses_more_than_1440_datapoints(aws: Account) -> None:
    last = _now(aws)
    refused(
        ("InvalidParameterCombination", "InvalidParameterValue"),
        _statistics,
        aws=aws,
        last=last,
        minutes=1600,
    )


def GetMetricStatistics_refuses_an_end_before_its_start(aws: Account) -> None:
    last = _now(aws)
    refused(
        ("InvalidParameterCombination", "InvalidParameterValue", "ValidationError"),
        aws.cloudwatch.get_metric_statistics,
        Namespace="Check",
        MetricName=aws.name,
        StartTime=last,
        EndTime=last - timedelta(minutes=1),
        Period=PERIOD,
        Statistics=["Sum"],
    )


def GetMetricData_answers_values_newest_first(aws: Account) -> None:
    last = _put(aws, 1.0, 2.0)
    metric = {"Namespace": "Check", "MetricName": aws.name}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": "Sum"}}
    answer = aws.cloudwatch.get_metric_data(
        MetricDataQueries=[query],
        StartTime=last - timedelta(minutes=10),
        EndTime=last + timedelta(minutes=1),
    )
    (found,) = answer["MetricDataResults"]
    has(found, Id="m", Values=[2.0, 1.0], StatusCode="Complete")


def GetMetricData_computes(aws: Account) -> None:
    last = _put(aws, 1.0, 2.0)
    metric = {"Namespace": "Check", "MetricName": aws.name}
    stat = {"Metric": metric, "Period": PERIOD, "Stat": "Sum"}
    answer = aws.cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "m", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": "m * 10"},
        ],
        StartTime=last - timedelta(minutes=10),
        EndTime=last + timedelta(minutes=1),
        ScanBy="TimestampAscending",
    )
    same([(it["Id"], it["Values"]) for it in answer["MetricDataResults"]], [("e", [10.0, 20.0])])


def GetMetricData_refuses_501_queries(aws: Account) -> None:
    metric = {"Namespace": "Check", "MetricName": aws.name}
    stat = {"Metric": metric, "Period": PERIOD, "Stat": "Sum"}
    last = datetime.now().astimezone()
    refused(
        "ValidationError",
        aws.cloudwatch.get_metric_data,
        MetricDataQueries=[{"Id": f"m{it}", "MetricStat": stat} for it in range(501)],
        StartTime=last - timedelta(minutes=10),
        EndTime=last,
    )


def ListMetrics_lists_what_was_put(aws: Account) -> None:
    dimensions = [{"Name": "check", "Value": aws.name}]
    _put(aws, 1.0, Dimensions=dimensions)

    def listed() -> bool:
        found = aws.cloudwatch.list_metrics(Namespace="Check", MetricName=aws.name)["Metrics"]
        return [it["Dimensions"] for it in found] == [dimensions]

    until(listed)
