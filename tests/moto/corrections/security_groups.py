"""Corrections to EC2 security groups."""

import ipaddress

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.responses.security_groups import SecurityGroups

from .patching import replaces, wraps


def canonical(ip_range):
    """The range with its network address: 10.1.2.3/8 is 10.0.0.0/8."""
    ip_range = dict(ip_range)
    for member in ("CidrIp", "CidrIpv6"):
        if member in ip_range:
            try:
                network = ipaddress.ip_network(ip_range[member], strict=False)
            except ValueError:
                continue
            ip_range[member] = str(network)
    return ip_range


def ranges_are_canonical(original, self, **keywords):
    """moto keeps a range as it was written. AWS clears the host part of it."""
    if isinstance(keywords.get("ip_ranges"), list):
        keywords["ip_ranges"] = [canonical(ip_range) for ip_range in keywords["ip_ranges"]]
    return original(self, **keywords)


for operation in (
    "authorize_security_group_ingress",
    "authorize_security_group_egress",
    "revoke_security_group_ingress",
    "revoke_security_group_egress",
    "update_security_group_rule_descriptions_ingress",
    "update_security_group_rule_descriptions_egress",
):
    wraps(SecurityGroupBackend, operation)(ranges_are_canonical)


def answers_with_every_rule(authorize):
    """moto answers with the rules of the last permission only. AWS answers with
    all that were added."""

    def method(self):
        self.error_on_dryrun()
        added = []
        for keywords in self._process_rules_from_querystring():
            rules, _ = getattr(self.ec2_backend, authorize)(**keywords)
            added.extend(rules)
        return ActionResult({"Return": True, "SecurityGroupRules": added})

    return method


for operation in ("authorize_security_group_ingress", "authorize_security_group_egress"):
    replaces(SecurityGroups, operation)(answers_with_every_rule(operation))


@wraps(SecurityGroupBackend, "delete_security_group")
def a_group_in_use_is_not_deleted(original, self, name=None, group_id=None):
    """moto deletes a group that instances or other groups' rules still use. AWS
    answers `DependencyViolation`."""
    group = self.get_security_group_by_name_or_id(group_id or name)
    if group is not None and (used_by_instance(self, group) or used_by_group(self, group)):
        raise DependencyViolationError(f"resource {group.id} has a dependent object")
    return original(self, name, group_id)


def used_by_instance(backend, group):
    return any(
        group.id in [used.id for used in instance.security_groups]
        for reservation in backend.reservations.values()
        for instance in reservation.instances
        if instance.state != "terminated"
    )


def used_by_group(backend, group):
    return any(
        rule.source_group and rule.source_group.get("GroupId") == group.id
        for groups in backend.groups.values()
        for other in groups.values()
        if other.id != group.id
        for rule in [*other.ingress_rules, *other.egress_rules]
    )
