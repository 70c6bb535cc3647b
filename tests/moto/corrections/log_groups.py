"""Corrections to CloudWatch log groups."""

import json

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse

from .patching import replaces, wraps


@wraps(LogsResponse, "describe_log_groups")
def describe_log_groups_takes_identifiers(original, self):
    """moto ignores `logGroupIdentifiers` and `logGroupNamePattern`, and so lists
    every group. AWS shows those of up to fifty named groups that exist, or those
    whose names contain the pattern."""
    identifiers = self._get_param("logGroupIdentifiers")
    pattern = self._get_param("logGroupNamePattern")
    if not identifiers and not pattern:
        return original(self)
    if identifiers and len(identifiers) > 50:
        raise InvalidParameterException(
            constraint="Member must have length less than or equal to 50",
            parameter="logGroupIdentifiers",
            value=identifiers,
        )
    names = {name_of(identifier) for identifier in identifiers or []}
    found = [
        group.to_describe_dict()
        for name, group in sorted(self.logs_backend.groups.items())
        if name in names or (pattern and pattern in name)
    ]
    return json.dumps({"logGroups": found})


def name_of(identifier):
    return identifier.partition(":log-group:")[2].removesuffix(":*") or identifier


@wraps(LogGroup, "to_describe_dict")
def a_group_shows_its_class(original, self):
    """moto leaves out `logGroupClass` and `deletionProtectionEnabled`. AWS shows
    both."""
    defaults = {"logGroupClass": "STANDARD", "deletionProtectionEnabled": False}
    return defaults | getattr(self, "given", {}) | original(self)


@wraps(LogsResponse, "create_log_group")
def create_log_group_keeps_the_class(original, self):
    """moto forgets `logGroupClass` and `deletionProtectionEnabled`. AWS keeps them."""
    answer = original(self)
    group = self.logs_backend.groups[self._get_param("logGroupName")]
    given = {
        name: self._get_param(name) for name in ("logGroupClass", "deletionProtectionEnabled")
    }
    group.given = {name: value for name, value in given.items() if value is not None}
    return answer


@wraps(LogsBackend, "delete_log_group")
def a_deleted_group_takes_its_tags_along(original, self, log_group_name):
    """moto keeps the tags of a deleted group for the next one of that name. In
    AWS they go with the group."""
    original(self, log_group_name)
    prefix = f"arn:aws:logs:{self.region_name}:{self.account_id}:log-group:"
    self.tagger.delete_all_tags_for_resource(prefix + log_group_name)


def require_known_group(original, self, resource_arn, *rest):
    """moto tags log groups that do not exist, and takes an ARN that ends in `:*`
    for another resource. AWS answers `ResourceNotFoundException`, and wants the
    ARN without `:*`."""
    if ":log-group:" in resource_arn and name_of(resource_arn + ":*") not in self.groups:
        raise ResourceNotFoundException()
    return original(self, resource_arn, *rest)


for operation in ("tag_resource", "untag_resource", "list_tags_for_resource"):
    wraps(LogsBackend, operation)(require_known_group)


# The days that CloudWatch Logs keeps events for.
RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
    2922, 3288, 3653,
)  # fmt: skip


@wraps(LogsBackend, "put_retention_policy")
def retention_is_one_of_a_list(original, self, log_group_name, retention_in_days):
    """moto takes any number of days. AWS takes those of a list, and answers
    `InvalidParameterException` for others."""
    if int(retention_in_days) not in RETENTIONS:
        raise InvalidParameterException(
            constraint=f"Member must satisfy enum value set: {list(RETENTIONS)}",
            parameter="retentionInDays",
            value=retention_in_days,
        )
    return original(self, log_group_name, retention_in_days)


@wraps(LogsResponse, "filter_log_events")
def events_are_found_by_the_beginning_of_a_streams_name(original, self):
    """moto ignores `logStreamNamePrefix`, and so searches every stream. AWS
    searches those whose names begin so."""
    answer = original(self)
    prefix = self._get_param("logStreamNamePrefix")
    if not prefix:
        return answer
    answer = json.loads(answer)
    answer["events"] = [it for it in answer["events"] if it["logStreamName"].startswith(prefix)]
    return json.dumps(answer)


@replaces(LogsResponse, "associate_kms_key")
def a_group_takes_another_key(self):
    """moto knows a group's key only from its creation. AWS lets it be set
    afterwards, here by the group's name."""
    group_of(self, "logGroupName").kms_key_id = self._get_param("kmsKeyId")
    return ""


@replaces(LogsResponse, "disassociate_kms_key")
def a_group_gives_up_its_key(self):
    """The other half: AWS shows no key afterwards."""
    group_of(self, "logGroupName").kms_key_id = None
    return ""


def group_of(response, parameter):
    name = response._get_param(parameter)
    if name not in response.logs_backend.groups:
        raise ResourceNotFoundException()
    return response.logs_backend.groups[name]
