"""Log groups, their retention and tags, streams and events."""

import time
from typing import Any

from account import Account, has, pages, refused, same, until

INVALID = "InvalidParameterException"


def _group(aws: Account, suffix: str = "", **arguments: Any) -> str:
    name = f"/{aws.name}{suffix}"
    aws.logs.create_log_group(logGroupName=name, **arguments)
    aws.later(aws.logs.delete_log_group, logGroupName=name)
    return name


def _shown(aws: Account, name: str) -> dict[str, Any]:
    found = aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next(it for it in found if it["logGroupName"] == name)


def _stream(aws: Account, name: str = "s", **of_group: Any) -> dict[str, Any]:
    """A stream in a group of its own; how both are called in later calls."""
    found = {"logGroupName": _group(aws, **of_group), "logStreamName": name}
    aws.logs.create_log_stream(**found)
    return found


def _put(aws: Account, stream: dict[str, Any], *messages: str) -> int:
    """Writes lines now by the server's clock: when that is."""
    now = _shown(aws, stream["logGroupName"])["creationTime"]
    events = [{"timestamp": now + at, "message": text} for at, text in enumerate(messages)]
    aws.logs.put_log_events(logEvents=events, **stream)
    return now


def CreateLogGroup_makes_one_that_keeps_its_events_for_ever(aws: Account) -> None:
    name = _group(aws)
    shown = _shown(aws, name)
    arn = aws.arn("logs", f"log-group:{name}")
    has(shown, logGroupName=name, arn=f"{arn}:*", logGroupArn=arn, storedBytes=0)
    has(shown, retentionInDays=None, logGroupClass="STANDARD", metricFilterCount=0)
    assert shown["creationTime"] > 1_600_000_000_000, shown


def CreateLogGroup_refuses_the_name_of_another(aws: Account) -> None:
    name = _group(aws)
    refused("ResourceAlreadyExistsException", aws.logs.create_log_group, logGroupName=name)


def CreateLogGroup_refuses_a_blank_in_the_name(aws: Account) -> None:
    refused(INVALID, aws.logs.create_log_group, logGroupName=f"{aws.name} x")


def CreateLogGroup_refuses_a_name_of_513_letters(aws: Account) -> None:
    refused(INVALID, aws.logs.create_log_group, logGroupName="n" * 513)


def CreateLogGroup_refuses_a_name_that_begins_with_aws(aws: Account) -> None:
    refused(INVALID, aws.logs.create_log_group, logGroupName=f"aws/{aws.name}")


def CreateLogGroup_keeps_its_class(aws: Account) -> None:
    name = _group(aws, logGroupClass="INFREQUENT_ACCESS")
    same(_shown(aws, name)["logGroupClass"], "INFREQUENT_ACCESS")


def CreateLogGroup_refuses_a_class_that_there_is_not(aws: Account) -> None:
    refused(INVALID, aws.logs.create_log_group, logGroupName=aws.name, logGroupClass="GOLD")


def PutRetentionPolicy_and_DeleteRetentionPolicy_change_it(aws: Account) -> None:
    name = _group(aws)
    aws.logs.put_retention_policy(logGroupName=name, retentionInDays=14)
    same(_shown(aws, name)["retentionInDays"], 14)
    aws.logs.delete_retention_policy(logGroupName=name)
    same(_shown(aws, name).get("retentionInDays"), None)


def PutRetentionPolicy_refuses_a_number_that_is_not_on_the_list(aws: Account) -> None:
    name = _group(aws)
    refused(INVALID, aws.logs.put_retention_policy, logGroupName=name, retentionInDays=15)


def PutRetentionPolicy_refuses_a_missing_group(aws: Account) -> None:
    refused(
        "ResourceNotFoundException",
        aws.logs.put_retention_policy,
        logGroupName=aws.name,
        retentionInDays=14,
    )


def DescribeLogGroups_answers_by_prefix(aws: Account) -> None:
    names = [_group(aws), _group(aws, "-2")]
    answer = aws.logs.describe_log_groups(logGroupNamePrefix=names[0])
    same([it["logGroupName"] for it in answer["logGroups"]], names)
    answer = aws.logs.describe_log_groups(logGroupNamePrefix=names[1])
    same([it["logGroupName"] for it in answer["logGroups"]], names[1:])


def DescribeLogGroups_answers_by_a_part_of_the_name(aws: Account) -> None:
    name = _group(aws)
    answer = aws.logs.describe_log_groups(logGroupNamePattern=aws.name[2:])
    same([it["logGroupName"] for it in answer["logGroups"]], [name])


def DescribeLogGroups_refuses_prefix_and_pattern_at_once(aws: Account) -> None:
    refused(
        INVALID,
        aws.logs.describe_log_groups,
        logGroupNamePrefix="a",
        logGroupNamePattern="abc",
    )


def DescribeLogGroups_goes_by_pages(aws: Account) -> None:
    names = [_group(aws, suffix) for suffix in ("-a", "-b", "-c")]
    found = pages(
        aws.logs.describe_log_groups, "logGroups", logGroupNamePrefix=f"/{aws.name}", limit=2
    )
    same([[it["logGroupName"] for it in page] for page in found], [names[:2], names[2:]])


def DescribeLogGroups_refuses_a_page_of_51(aws: Account) -> None:
    refused(INVALID, aws.logs.describe_log_groups, limit=51)


def DeleteLogGroup_takes_it_away(aws: Account) -> None:
    name = _group(aws)
    aws.logs.delete_log_group(logGroupName=name)
    same(aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"], [])
    refused("ResourceNotFoundException", aws.logs.delete_log_group, logGroupName=name)


def DeleteLogGroup_refuses_one_that_is_protected(aws: Account) -> None:
    name = _group(aws, deletionProtectionEnabled=True)
    aws.later(
        aws.logs.put_log_group_deletion_protection,
        logGroupIdentifier=name,
        deletionProtectionEnabled=False,
    )
    refused("ValidationException", aws.logs.delete_log_group, logGroupName=name)


def TagResource_and_UntagResource_change_the_tags_of_a_log_group(aws: Account) -> None:
    _group(aws, tags={"a": "1", "b": "2"})
    arn = aws.arn("logs", f"log-group:/{aws.name}")
    aws.logs.tag_resource(resourceArn=arn, tags={"b": "3", "c": "4"})
    aws.logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    same(aws.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"b": "3", "c": "4"})


def ListTagsForResource_refuses_a_missing_group(aws: Account) -> None:
    refused(
        "ResourceNotFoundException",
        aws.logs.list_tags_for_resource,
        resourceArn=aws.arn("logs", f"log-group:/{aws.name}"),
    )


def TagResource_refuses_fifty_one_tags(aws: Account) -> None:
    _group(aws)
    refused(
        ("TooManyTagsException", INVALID),
        aws.logs.tag_resource,
        resourceArn=aws.arn("logs", f"log-group:/{aws.name}"),
        tags={f"k{number}": "v" for number in range(51)},
    )


def CreateLogStream_refuses_the_name_of_another(aws: Account) -> None:
    stream = _stream(aws)
    refused("ResourceAlreadyExistsException", aws.logs.create_log_stream, **stream)


def CreateLogStream_refuses_a_missing_group(aws: Account) -> None:
    refused(
        "ResourceNotFoundException",
        aws.logs.create_log_stream,
        logGroupName=aws.name,
        logStreamName="s",
    )


def CreateLogStream_refuses_a_colon_in_the_name(aws: Account) -> None:
    name = _group(aws)
    refused(INVALID, aws.logs.create_log_stream, logGroupName=name, logStreamName="a:b")


def GetLogEvents_answers_what_was_put_in_order(aws: Account) -> None:
    stream = _stream(aws)
    now = _put(aws, stream, "one", "two")
    answer = aws.logs.get_log_events(startFromHead=True, **stream)
    found = [(it["timestamp"], it["message"]) for it in answer["events"]]
    same(found, [(now, "one"), (now + 1, "two")])
    assert answer["nextForwardToken"].startswith("f/"), answer["nextForwardToken"]
    again = aws.logs.get_log_events(nextToken=answer["nextForwardToken"], **stream)
    same([again["events"], again["nextForwardToken"]], [[], answer["nextForwardToken"]])


def GetLogEvents_refuses_a_missing_stream(aws: Account) -> None:
    name = _group(aws)
    refused(
        "ResourceNotFoundException",
        aws.logs.get_log_events,
        logGroupName=name,
        logStreamName="none",
    )


def PutLogEvents_refuses_events_out_of_order(aws: Account) -> None:
    stream = _stream(aws)
    now = int(time.time() * 1000)
    events = [{"timestamp": now - at, "message": "x"} for at in (0, 1)]
    refused(INVALID, aws.logs.put_log_events, logEvents=events, **stream)


def PutLogEvents_leaves_out_what_is_older_than_a_fortnight(aws: Account) -> None:
    stream = _stream(aws)
    old = int(time.time() * 1000) - 15 * 24 * 3600 * 1000
    answer = aws.logs.put_log_events(logEvents=[{"timestamp": old, "message": "x"}], **stream)
    assert "tooOldLogEventEndIndex" in answer["rejectedLogEventsInfo"], answer


def PutLogEvents_refuses_a_missing_stream(aws: Account) -> None:
    name = _group(aws)
    event = {"timestamp": int(time.time() * 1000), "message": "x"}
    refused(
        "ResourceNotFoundException",
        aws.logs.put_log_events,
        logGroupName=name,
        logStreamName="none",
        logEvents=[event],
    )


def FilterLogEvents_finds_words_in_all_streams(aws: Account) -> None:
    stream = _stream(aws, "a")
    other = stream | {"logStreamName": "b"}
    aws.logs.create_log_stream(**other)
    _put(aws, stream, "GET / 200", "GET / 500")
    _put(aws, other, "GET /x 500")

    def found() -> list[tuple[str, str]]:
        answer = aws.logs.filter_log_events(
            logGroupName=stream["logGroupName"], filterPattern="500"
        )
        return sorted((it["logStreamName"], it["message"]) for it in answer["events"])

    until(lambda: found() == [("a", "GET / 500"), ("b", "GET /x 500")], 5)


def FilterLogEvents_searches_the_streams_whose_names_begin_so(aws: Account) -> None:
    stream = _stream(aws, "a/1")
    other = stream | {"logStreamName": "b/1"}
    aws.logs.create_log_stream(**other)
    _put(aws, stream, "one")
    _put(aws, other, "two")

    def found(**more: Any) -> list[str]:
        answer = aws.logs.filter_log_events(logGroupName=stream["logGroupName"], **more)
        return sorted(it["message"] for it in answer["events"])

    until(lambda: found() == ["one", "two"], 5)
    same(found(logStreamNamePrefix="a/"), ["one"])
    same(found(logStreamNamePrefix="c/"), [])


def DescribeLogStreams_shows_the_time_of_the_events(aws: Account) -> None:
    stream = _stream(aws)
    now = _put(aws, stream, "one", "two")
    shown = aws.logs.describe_log_streams(logGroupName=stream["logGroupName"])["logStreams"]
    same([it["logStreamName"] for it in shown], ["s"])
    has(shown[0], firstEventTimestamp=now)


def DescribeLogStreams_by_time_takes_no_prefix(aws: Account) -> None:
    stream = _stream(aws)
    refused(
        INVALID,
        aws.logs.describe_log_streams,
        logGroupName=stream["logGroupName"],
        logStreamNamePrefix="s",
        orderBy="LastEventTime",
    )


def DeleteLogStream_takes_it_away(aws: Account) -> None:
    stream = _stream(aws)
    aws.logs.delete_log_stream(**stream)
    shown = aws.logs.describe_log_streams(logGroupName=stream["logGroupName"])
    same(shown["logStreams"], [])
    refused("ResourceNotFoundException", aws.logs.delete_log_stream, **stream)
