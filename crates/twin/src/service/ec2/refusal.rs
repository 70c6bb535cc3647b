//! What EC2 says when it refuses, and how its identifiers look.

use crate::Refusal;

/// What a kind of resource is called in identifiers, in ARNs and in errors.
pub(super) struct Kind {
    prefix: &'static str,
    /// As ARNs and tag specifications name it.
    pub(super) name: &'static str,
    absent: &'static str,
    words: &'static str,
    /// Where EC2 tells an identifier of the wrong form from one that is not there.
    malformed: Option<&'static str>,
}

const fn kind(
    prefix: &'static str,
    name: &'static str,
    absent: &'static str,
    words: &'static str,
    malformed: Option<&'static str>,
) -> Kind {
    Kind {
        prefix,
        name,
        absent,
        words,
        malformed,
    }
}

#[rustfmt::skip]
static KINDS: [Kind; 13] = [
    kind("vpc", "vpc", "InvalidVpcID.NotFound", "The vpc ID '{}' does not exist", None),
    kind("subnet", "subnet", "InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist", None),
    kind("rtb", "route-table", "InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist", None),
    kind("igw", "internet-gateway", "InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist", None),
    kind("eni", "network-interface", "InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '{}' does not exist", None),
    kind("sg", "security-group", "InvalidGroup.NotFound", "The security group '{}' does not exist", Some("InvalidGroupId.Malformed")),
    kind("sgr", "security-group-rule", "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '{}' does not exist", Some("InvalidSecurityGroupRuleId.Malformed")),
    kind("pl", "prefix-list", "InvalidPrefixListID.NotFound", "The prefix list ID '{}' does not exist", None),
    kind("key", "key-pair", "InvalidKeyPair.NotFound", "The key pair ID '{}' does not exist", None),
    kind("lt", "launch-template", "InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID {}, does not exist.", Some("InvalidLaunchTemplateId.Malformed")),
    kind("i", "instance", "InvalidInstanceID.NotFound", "The instance ID '{}' does not exist", Some("InvalidInstanceID.Malformed")),
    kind("vol", "volume", "InvalidVolume.NotFound", "The volume '{}' does not exist.", Some("InvalidParameterValue")),
    kind("ami", "image", "InvalidAMIID.NotFound", "The image id '[{}]' does not exist", Some("InvalidAMIID.Malformed")),
];

/// The kind of resource that an identifier names, by its prefix.
pub(super) fn kind_of(id: &str) -> Option<&'static Kind> {
    let (prefix, _) = id.split_once('-')?;
    KINDS.iter().find(|it| it.prefix == prefix)
}

/// Refuses an identifier that is none of its kind, named by its prefix, where EC2 looks at that
/// before it looks for the resource.
pub(super) fn formed(prefix: &str, id: &str) -> Result<(), Refusal> {
    let kind = KINDS.iter().find(|it| it.prefix == prefix);
    let Some(code) = kind.and_then(|it| it.malformed) else {
        return Ok(());
    };
    let digits = id.strip_prefix(prefix).and_then(|it| it.strip_prefix('-'));
    let is_formed = digits.is_some_and(|it| {
        matches!(it.len(), 8 | 17) && it.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    match is_formed {
        true => Ok(()),
        false => Err(Refusal::new(
            code,
            format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")"),
        )),
    }
}

/// There is no such resource.
pub(super) fn absent(id: &str) -> Refusal {
    match kind_of(id) {
        Some(kind) => Refusal::new(kind.absent, kind.words.replace("{}", id)),
        None => Refusal::new("InvalidID", format!("The ID '{id}' is not valid")),
    }
}

/// There is no such resource of the kind with this prefix, whatever the identifier looks like.
pub(super) fn absent_as(prefix: &str, id: &str) -> Refusal {
    match KINDS.iter().find(|it| it.prefix == prefix) {
        Some(kind) => Refusal::new(kind.absent, kind.words.replace("{}", id)),
        None => absent(id),
    }
}

/// A parameter's value is wrong.
pub(super) fn invalid(words: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", words)
}

/// Parameters do not go together.
pub(super) fn combined(words: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterCombination", words)
}

/// A parameter is not there.
pub(super) fn missing(parameter: &str) -> Refusal {
    let words = format!("The request must contain the parameter {parameter}");
    Refusal::new("MissingParameter", words)
}

/// Something else still needs it.
pub(super) fn needed(words: impl Into<String>) -> Refusal {
    Refusal::new("DependencyViolation", words)
}
