//! Trust policies: who may assume a role.

use super::{
    check,
    context::Context,
    document::{Document, Statement},
    judgement, list,
    refusal::quota,
    role::{self, Role},
};
use crate::{Answer, Input, Refusal, World, habits::ACCOUNT, service::sts};
use serde_json::json;

/// How many characters a trust policy has at most, blanks not counted.
const MOST: usize = 2048;

/// What a trust policy says of someone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trust {
    /// It denies it.
    Denied,
    /// It says nothing.
    Silent,
    /// It lets the account decide, by its own policies.
    Account,
    /// It names whom it allows.
    Named,
}

/// Refuses a trust policy that is too long.
pub(super) fn fits(text: &str) -> Result<(), Refusal> {
    let length = text.chars().filter(|it| !it.is_whitespace()).count();
    match length > MOST {
        true => Err(quota("ACLSizePerRole", MOST)),
        false => Ok(()),
    }
}

pub(super) fn update(world: &mut World, input: &Input) -> Answer {
    role::changed(world, input)?;
    let text = input.text("PolicyDocument");
    let principals = check::trust(world, text)?;
    fits(text)?;
    let role = role::changed(world, input)?;
    role.trust = list::compact(text);
    role.principals = principals;
    Ok(json!({}))
}

/// A role's trust policy as it reads: a principal that is gone is shown by its unique id.
pub(super) fn shown(world: &World, role: &Role) -> String {
    let mut text = role.trust.clone();
    for (arn, id) in &role.principals {
        let is_there = role::by_arn(world, arn).is_some_and(|it| it.id == *id);
        if !is_there {
            text = text.replace(&format!("\"{arn}\""), &format!("\"{id}\""));
        }
    }
    text
}

/// Whether a service may assume the role. The account and an ARN of the service stand for the
/// thing on whose behalf it does so.
pub(super) fn trusts_service(world: &World, role: &Role, service: &str) -> bool {
    let vendor = service.split('.').next().unwrap_or_default();
    let vendor = vendor.strip_suffix("-tasks").unwrap_or(vendor);
    let mut context = Context::default();
    context.set("aws:SourceAccount", ACCOUNT);
    context.set("aws:SourceArn", world.arn(vendor, "*"));
    context.set("aws:PrincipalIsAWSService", "true");
    context.set("aws:PrincipalServiceName", service);
    context.set("aws:CurrentTime", world.now.to_string());
    context.set("aws:SecureTransport", "true");
    let is = |kind: &str, name: &str| kind == "Service" && name == service;
    let document = Document::read(&role.trust);
    let found = says(&document, "sts:AssumeRole", &context, &is);
    !found.iter().any(|it| !it.allow) && !found.is_empty()
}

/// What a role's trust policy says of a caller.
pub(crate) fn of_caller(
    world: &World,
    role: &Role,
    caller: &crate::Caller,
    action: &str,
    context: &Context,
) -> Trust {
    let own = sts::role_of(world, caller);
    let own_id = caller.user_id.split(':').next().unwrap_or_default();
    let names = |kind: &str, name: &str| {
        let is_own_role =
            own.as_deref() == Some(name) && role.principals.get(name).is_none_or(|it| it == own_id);
        kind == "AWS" && (name == "*" || name == caller.arn || name == own_id || is_own_role)
    };
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let account = |kind: &str, name: &str| kind == "AWS" && (name == root || name == ACCOUNT);
    let either = |kind: &str, name: &str| names(kind, name) || account(kind, name);
    let document = Document::read(&role.trust);
    if says(&document, action, context, &either)
        .iter()
        .any(|it| !it.allow)
    {
        return Trust::Denied;
    }
    if says(&document, action, context, &names)
        .iter()
        .any(|it| it.allow)
    {
        return Trust::Named;
    }
    match says(&document, action, context, &account).is_empty() {
        true => Trust::Silent,
        false => Trust::Account,
    }
}

/// The statements of a trust policy that speak of someone and an action.
fn says<'a>(
    document: &'a Document,
    action: &str,
    context: &Context,
    is: &dyn Fn(&str, &str) -> bool,
) -> Vec<&'a Statement> {
    let speaks = |it: &&Statement| {
        let principals = it.principals.as_ref();
        principals
            .is_some_and(|these| these.these.iter().any(|(kind, name)| is(kind, name)) != these.not)
            && judgement::speaks_of(it, document.variables, action, None, context)
    };
    document.statements.iter().filter(speaks).collect()
}
