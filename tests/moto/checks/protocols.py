"""What the wire looks like, where boto3 does not show it."""

import datetime
import urllib.error
import urllib.request

import cbor2
from account import refused, same


def _cbor(aws, operation, request):
    scope = "Credential=K/20260101/us-east-1/monitoring/aws4_request"
    message = urllib.request.Request(
        f"{aws.endpoint}/service/GraniteServiceVersion20100801/operation/{operation}",
        data=cbor2.dumps(request),
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=a, Signature=b",
            "Content-Type": "application/cbor",
            "smithy-protocol": "rpc-v2-cbor",
            "x-moto-account-id": aws.number,
        },
    )
    try:
        answer = urllib.request.urlopen(message)
    except urllib.error.HTTPError as error:
        answer = error
    same(answer.headers["smithy-protocol"], "rpc-v2-cbor")
    same(answer.headers["Content-Type"], "application/cbor")
    return answer.status, cbor2.loads(answer.read())


def cloudwatch_speaks_cbor_with_the_types_of_the_model(aws):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    datum = {"MetricName": "m", "Value": 7.0, "Timestamp": now}
    same(_cbor(aws, "PutMetricData", {"Namespace": "n", "MetricData": [datum]})[0], 200)
    metric = {"Namespace": "n", "MetricName": "m", "Dimensions": []}
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    hour = datetime.timedelta(hours=1)
    request = {"MetricDataQueries": [query], "StartTime": now - hour, "EndTime": now + hour}
    status, answer = _cbor(aws, "GetMetricData", request)
    same(status, 200)
    (result,) = answer["MetricDataResults"]
    same(result["Values"], [7.0])
    assert isinstance(result["Values"][0], float)
    assert isinstance(result["Timestamps"][0], datetime.datetime)
    alarm = {
        "AlarmName": "high",
        "Namespace": "n",
        "MetricName": "m",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Statistic": "Average",
    }
    same(_cbor(aws, "PutMetricAlarm", alarm)[0], 200)
    status, answer = _cbor(aws, "DescribeAlarms", {"AlarmNames": ["high"]})
    (shown,) = answer["MetricAlarms"]
    same((shown["Threshold"], shown["EvaluationPeriods"]), (5.0, 1))
    assert isinstance(shown["Threshold"], float)
    assert isinstance(shown["StateUpdatedTimestamp"], datetime.datetime)


def a_refusal_in_cbor_is_cbor(aws):
    status, answer = _cbor(aws, "GetDashboard", {"DashboardName": "none"})
    same(status // 100, 4)
    assert "ResourceNotFound" in answer["__type"], answer


def an_unknown_operation_is_the_callers_error(aws):
    refused(
        "UnknownOperationException",
        aws.ecs.describe_service_revisions,
        serviceRevisionArns=["arn:aws:ecs:us-east-1:1:service-revision/web/web/1"],
    )
    refused("InvalidAction", aws.autoscaling.start_instance_refresh, AutoScalingGroupName="g")
    refused(
        "InvalidAction",
        aws.iam.simulate_principal_policy,
        PolicySourceArn=f"arn:aws:iam::{aws.number}:role/web",
        ActionNames=["ecs:CreateService"],
    )
