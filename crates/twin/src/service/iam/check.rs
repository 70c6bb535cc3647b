//! What IAM takes for a policy document.

use super::{condition, document, role};
use crate::{Refusal, World, habits::ACCOUNT};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

type Checked = Result<(), Refusal>;

/// Refuses a document that cannot be an identity policy, a boundary or a session's policy.
pub(crate) fn policy(text: &str) -> Checked {
    let syntax = || malformed("Syntax errors in policy.");
    let document: Value = serde_json::from_str(text).map_err(|_| syntax())?;
    let document = document.as_object().ok_or_else(syntax)?;
    let known = |it: &String| ["Version", "Id", "Statement"].contains(&it.as_str());
    if !document.keys().all(known) {
        return Err(syntax());
    }
    version(document)?;
    let statements = statements(document).ok_or_else(syntax)?;
    sids(&statements)?;
    statements.into_iter().try_for_each(allowing)
}

/// Refuses a statement that no policy without principals may have.
fn allowing(statement: &Map<String, Value>) -> Checked {
    let syntax = || malformed("Syntax errors in policy.");
    if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
        return Err(malformed("Policy document should not specify a principal."));
    }
    let effect = statement.get("Effect").and_then(Value::as_str);
    if !matches!(effect, Some("Allow" | "Deny")) || !statement.keys().all(is_element) {
        return Err(syntax());
    }
    let acts = one_of(statement, "Action").ok_or_else(syntax)?;
    if acts.is_empty() {
        return Err(malformed("Policy statement must contain actions."));
    }
    acts.iter().try_for_each(|it| action(it))?;
    let resources = one_of(statement, "Resource").ok_or_else(syntax)?;
    if resources.is_empty() {
        return Err(malformed("Policy statement must contain resources."));
    }
    resources.iter().try_for_each(|it| resource(it))?;
    conditions(statement)
}

/// Refuses a document that cannot be a role's trust policy. Answers the unique ids of the account's
/// own principals that it names, by their ARNs.
pub(super) fn trust(world: &World, text: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let invalid = || malformed("This policy contains invalid Json");
    let document: Value = serde_json::from_str(text).map_err(|_| invalid())?;
    let document = document.as_object().ok_or_else(invalid)?;
    let known = |it: &&String| !["Version", "Id", "Statement"].contains(&it.as_str());
    if let Some(unknown) = document.keys().find(known) {
        return Err(malformed(format!("Unknown field {unknown}")));
    }
    version(document)?;
    let statements = statements(document).ok_or_else(|| missing("Statement"))?;
    sids(&statements)?;
    let mut ids = BTreeMap::new();
    for statement in statements {
        trusting(statement)?;
        let both = statement.get("Principal").or(statement.get("NotPrincipal"));
        let principals = both.map(document::principals).unwrap_or_default();
        if principals.is_empty() {
            return Err(missing("Principal"));
        }
        for (kind, name) in principals {
            if let Some(id) = principal(world, &kind, &name)? {
                ids.insert(name, id);
            }
        }
        conditions(statement)?;
    }
    Ok(ids)
}

/// Refuses a statement that no trust policy may have, whomever it names.
fn trusting(statement: &Map<String, Value>) -> Checked {
    if let Some(unknown) = statement.keys().find(|it| !is_element(it)) {
        return Err(malformed(format!("Unknown field {unknown}")));
    }
    for field in ["Resource", "NotResource"] {
        if statement.contains_key(field) {
            return Err(malformed(format!("Has prohibited field {field}")));
        }
    }
    match statement.get("Effect").map(Value::as_str) {
        Some(Some("Allow" | "Deny")) => {}
        None => return Err(missing("Effect")),
        Some(other) => {
            let other = other.unwrap_or_default();
            return Err(malformed(format!("Invalid effect: {other}")));
        }
    }
    let acts = one_of(statement, "Action").unwrap_or_default();
    if acts.is_empty() {
        return Err(missing("Action"));
    }
    acts.iter().try_for_each(|it| action(it))?;
    match acts.iter().all(|it| it.to_lowercase().starts_with("sts:")) {
        true => Ok(()),
        false => Err(malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
        )),
    }
}

fn missing(field: &str) -> Refusal {
    malformed(format!("Missing required field {field}"))
}

/// Refuses what AWS refuses of a document, with its code.
pub(super) fn malformed(text: impl Into<String>) -> Refusal {
    Refusal::new("MalformedPolicyDocument", text).status(400)
}

fn version(document: &Map<String, Value>) -> Checked {
    match document.get("Version").map(Value::as_str) {
        None | Some(Some("2008-10-17" | "2012-10-17")) => Ok(()),
        _ => Err(malformed("The policy must contain a valid version string")),
    }
}

/// The statements, unless there is none or one of them is no object.
fn statements(document: &Map<String, Value>) -> Option<Vec<&Map<String, Value>>> {
    let all = document::many(document.get("Statement")?);
    let all: Option<Vec<_>> = all.into_iter().map(Value::as_object).collect();
    all.filter(|it| !it.is_empty())
}

fn sids(statements: &[&Map<String, Value>]) -> Checked {
    let mut seen = BTreeSet::new();
    for statement in statements {
        let Some(sid) = statement.get("Sid") else {
            continue;
        };
        let sid = sid.as_str().unwrap_or("-");
        if !sid.chars().all(|it| it.is_ascii_alphanumeric()) {
            return Err(malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            ));
        }
        if !sid.is_empty() && !seen.insert(sid) {
            return Err(malformed(
                "Statement IDs (SID) in a single policy must be unique.",
            ));
        }
    }
    Ok(())
}

fn is_element(name: impl AsRef<str>) -> bool {
    const ELEMENTS: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    ELEMENTS.contains(&name.as_ref())
}

/// The texts of a member or of its negation: none if both are missing, and `None` if both are
/// there or something in them is no text.
fn one_of(statement: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let not = statement.get(&format!("Not{name}"));
    let found = match (statement.get(name), not) {
        (Some(_), Some(_)) => return None,
        (found, other) => found.or(other),
    };
    let all = found.map(document::many).unwrap_or_default();
    all.into_iter()
        .map(|it| it.as_str().map(str::to_owned))
        .collect()
}

fn action(name: &str) -> Checked {
    if name == "*" {
        return Ok(());
    }
    let Some((vendor, action)) = name.split_once(':') else {
        return Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    };
    let is_vendor = |it: char| it.is_ascii_alphanumeric() || it == '-';
    if vendor.is_empty() || !vendor.chars().all(is_vendor) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    if action.contains(':') {
        return Err(malformed("Actions/Condition can contain only one colon."));
    }
    let is_action = |it: char| it.is_ascii_alphanumeric() || it == '*' || it == '?';
    match !action.is_empty() && action.chars().all(is_action) {
        true => Ok(()),
        false => Err(malformed("Syntax errors in policy.")),
    }
}

fn resource(name: &str) -> Checked {
    if name == "*" {
        return Ok(());
    }
    let mut parts = name.splitn(6, ':');
    if parts.next() != Some("arn") || !name.contains(':') {
        let text = format!("Resource {name} must be in ARN format or \"*\".");
        return Err(malformed(text));
    }
    let partition = parts.next().unwrap_or_default();
    if !matches!(partition, "aws" | "aws-cn" | "aws-us-gov" | "*") {
        let text = format!("Partition \"{partition}\" is not valid for resource \"{name}\".");
        return Err(malformed(text));
    }
    match parts.next() {
        Some(vendor) if !vendor.is_empty() => Ok(()),
        _ => Err(malformed("The policy failed legacy parsing")),
    }
}

fn conditions(statement: &Map<String, Value>) -> Checked {
    let Some(block) = statement.get("Condition") else {
        return Ok(());
    };
    let syntax = || malformed("Syntax errors in policy.");
    let block = block.as_object().ok_or_else(syntax)?;
    for (operator, keys) in block {
        if !condition::is_operator(operator) {
            let text = format!("Invalid Condition type : {operator}.");
            return Err(malformed(text));
        }
        for (key, values) in keys.as_object().ok_or_else(syntax)? {
            let scalar = |it: &Value| !it.is_object() && !it.is_array() && !it.is_null();
            let values = document::many(values);
            if !values.into_iter().all(scalar) {
                return Err(syntax());
            }
            if !key.contains(':') {
                return Err(malformed(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                ));
            }
        }
    }
    Ok(())
}

/// Refuses a principal that there is not; answers its unique id if it is one of the account's.
fn principal(world: &World, kind: &str, name: &str) -> Result<Option<String>, Refusal> {
    let shown = match kind {
        "Service" => "SERVICE",
        "Federated" => "FEDERATED",
        _ => kind,
    };
    let invalid = malformed(format!(
        "Invalid principal in policy: \"{shown}\":\"{name}\""
    ));
    let valid = match kind {
        "Service" => is_service(name),
        "Federated" => name.starts_with("arn:aws:iam::") || name.contains('.'),
        "AWS" => return aws(world, name).map_err(|()| invalid),
        _ => return Err(malformed(format!("Unknown field {kind}"))),
    };
    if valid { Ok(None) } else { Err(invalid) }
}

fn is_service(name: &str) -> bool {
    let bare = name.strip_suffix(".amazonaws.com");
    let bare = bare.or_else(|| name.strip_suffix(".amazonaws.com.cn"));
    bare.or_else(|| name.strip_suffix(".aws.internal"))
        .is_some_and(|it| !it.is_empty() && !it.contains('*'))
}

/// Another account's principals are taken for there; of the account's own, those that are.
fn aws(world: &World, name: &str) -> Result<Option<String>, ()> {
    let is_id = |it: &str| it.len() >= 16 && it.chars().all(|it| it.is_ascii_alphanumeric());
    let is_account = |it: &str| it.len() == 12 && it.chars().all(|it| it.is_ascii_digit());
    if name == "*" || is_account(name) || name.starts_with('A') && is_id(name) {
        return Ok(None);
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", "aws", service, "", account, resource] = parts[..] else {
        return Err(());
    };
    if !is_account(account) || resource.contains('*') {
        return Err(());
    }
    let (kind, _) = resource.split_once('/').unwrap_or((resource, ""));
    match (service, kind) {
        ("iam", "root") => Ok(None),
        ("iam", "user") if account == ACCOUNT => match resource {
            "user/admin" => Ok(None),
            _ => Err(()),
        },
        ("iam", "role") if account == ACCOUNT => {
            let found = role::by_arn(world, name);
            let found = found.filter(|it| role::has_spread(world, it));
            found.map(|it| Some(it.id.clone())).ok_or(())
        }
        ("iam", "user" | "role") | ("sts", "assumed-role" | "federated-user") => Ok(None),
        _ => Err(()),
    }
}
