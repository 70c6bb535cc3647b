//! Assuming roles.

use super::session::Session;
use crate::{
    Answer, Caller, Input, Refusal, World,
    habits::ACCOUNT,
    service::{
        iam::{
            Denial, Role, Why, check,
            context::Context,
            judgement::Standing,
            policy,
            role::{by_arn, has_spread},
            trust::{self, Trust},
        },
        tags::{self, Tags},
    },
};
use serde_json::json;

/// How many characters the policies of a session have at most.
const LONGEST: usize = 2048;

/// How many managed policies bound a session at most.
const MOST_POLICIES: usize = 10;

/// How long a session lasts at most, in seconds, that another role's session asks for.
const CHAINED: i64 = 3600;

pub(super) fn assume_role(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("RoleArn");
    let chained = super::session(world, &input.caller.access_key)
        .filter(|it| it.role.is_some())
        .cloned();
    let mut tags = inherited(chained.as_ref());
    let asked = tags::from_list(input.list("Tags"));
    tags::check(&asked, "ValidationError").map_err(|it| it.status(400))?;
    tags.extend(asked);
    let role = by_arn(world, arn).filter(|it| has_spread(world, it));
    let Some(role) = role.cloned() else {
        return Err(denied(input, "sts:AssumeRole"));
    };
    allowed(world, input, &role, &tags)?;
    let seconds = duration(input, &role, chained.is_some())?;
    policies_fit(world, input)?;

    let name = input.text("RoleSessionName");
    let session_arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/{name}", role.name);
    let user_id = format!("{}:{name}", role.id);
    let mut session = Session::begin(world, &session_arn, &user_id, seconds);
    session.role = Some(role.arn.clone());
    session.policy = input.maybe("Policy").map(str::to_owned);
    session.policy_arns = policy_arns(input);
    session.tags = tags;
    session.transitive = transitive(input, chained.as_ref());
    session.mfa = input.has("SerialNumber") && input.has("TokenCode");
    let before = chained.and_then(|it| it.source_identity);
    session.source_identity = input.maybe("SourceIdentity").map(str::to_owned).or(before);

    let mut answer = json!({
        "Credentials": session.credentials(),
        "AssumedRoleUser": { "AssumedRoleId": user_id, "Arn": session_arn },
    });
    if session.is_bound() || !session.tags.is_empty() {
        answer["PackedPolicySize"] = packed(&session).into();
    }
    if let Some(identity) = &session.source_identity {
        answer["SourceIdentity"] = identity.as_str().into();
    }
    let used = (world.now, world.region.clone());
    if let Some(role) = world.iam.roles.get_mut(&role.name.to_lowercase()) {
        role.last_used = Some(used);
    }
    world
        .sts
        .sessions
        .insert(session.access_key.clone(), session);
    Ok(answer)
}

/// Refuses a caller whom the role does not trust, or whose own policies do not allow it where the
/// trust policy leaves that to them.
fn allowed(world: &World, input: &Input, role: &Role, tags: &Tags) -> Result<(), Refusal> {
    let mut actions = vec!["sts:AssumeRole"];
    if input.has("Tags") {
        actions.push("sts:TagSession");
    }
    if input.has("SourceIdentity") {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        let context = context(world, input, role, tags, action);
        let trusted = trust::of_caller(world, role, &input.caller, action, &context);
        let standing = match world.habits.enforce_policies {
            true => Standing::of_caller(world, &input.caller),
            false => None,
        };
        let own = standing.map_or(Ok(()), |it| it.judge(action, &role.arn, &context));
        let may = match (trusted, own) {
            (Trust::Denied | Trust::Silent, _) | (_, Err(Why::Denied(_))) => false,
            // Who is named needs no policy of its own in the same account.
            (Trust::Named, _) => true,
            (Trust::Account, own) => own.is_ok(),
        };
        if !may {
            return Err(match (trusted, own) {
                (Trust::Named | Trust::Account, Err(why)) => {
                    let denial = Denial {
                        action: action.to_owned(),
                        resource: role.arn.clone(),
                        why,
                    };
                    denial.refusal("sts", &input.caller)
                }
                _ => denied(input, action),
            });
        }
    }
    Ok(())
}

fn context(world: &World, input: &Input, role: &Role, tags: &Tags, action: &str) -> Context {
    let mut context = Context::of(world, &input.caller, action);
    context.set("aws:ResourceAccount", ACCOUNT);
    context.set("sts:RoleSessionName", input.text("RoleSessionName"));
    for (member, key) in [
        ("ExternalId", "sts:ExternalId"),
        ("SourceIdentity", "sts:SourceIdentity"),
    ] {
        if let Some(value) = input.maybe(member) {
            context.set(key, value);
        }
    }
    if input.has("SerialNumber") && input.has("TokenCode") {
        context.set("aws:MultiFactorAuthPresent", "true");
    }
    for (key, value) in &role.tags {
        context.set(&format!("aws:ResourceTag/{key}"), value.as_str());
        context.set(&format!("iam:ResourceTag/{key}"), value.as_str());
    }
    for (key, value) in tags {
        context.set(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    if !tags.is_empty() {
        context.set_all("aws:TagKeys", tags.keys().cloned().collect());
    }
    let transitive = input.texts("TransitiveTagKeys").into_iter();
    let transitive: Vec<String> = transitive.map(str::to_owned).collect();
    if !transitive.is_empty() {
        context.set_all("sts:TransitiveTagKeys", transitive);
    }
    context
}

/// What STS says of a role that is not there, and of one that does not trust the caller.
fn denied(input: &Input, action: &str) -> Refusal {
    let Caller { arn, .. } = &input.caller;
    let role = input.text("RoleArn");
    let text = format!("User: {arn} is not authorized to perform: {action} on resource: {role}");
    Refusal::new("AccessDenied", text).status(403)
}

fn duration(input: &Input, role: &Role, chained: bool) -> Result<i64, Refusal> {
    let seconds = input.integer("DurationSeconds");
    if chained && seconds.is_some_and(|it| it > CHAINED) {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    if seconds.is_some_and(|it| it > role.max_session) {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds.unwrap_or(CHAINED))
}

fn policy_arns(input: &Input) -> Vec<String> {
    let arns = input.list("PolicyArns").iter();
    let arns = arns.filter_map(|it| it["arn"].as_str());
    arns.map(str::to_owned).collect()
}

fn policies_fit(world: &World, input: &Input) -> Result<(), Refusal> {
    let arns = policy_arns(input);
    if arns.len() > MOST_POLICIES {
        let text = format!("A session has at most {MOST_POLICIES} managed policies.");
        return Err(invalid(text));
    }
    let missing = arns.iter().find(|it| policy::by_arn(world, it).is_none());
    if let Some(missing) = missing {
        return Err(invalid(format!("The policy {missing} does not exist.")));
    }
    let text = input.text("Policy");
    if input.has("Policy") {
        check::policy(text)?;
    }
    let length = text.chars().count() + arns.iter().map(String::len).sum::<usize>();
    if length > LONGEST {
        let used = length * 100 / LONGEST;
        return Err(Refusal::new(
            "PackedPolicyTooLarge",
            format!("Serialized token too large for session: {used}% of the limit is used"),
        )
        .status(400));
    }
    Ok(())
}

/// How much of the room for policies and tags a session takes, in percent.
fn packed(session: &Session) -> usize {
    let policy = session.policy.as_ref().map_or(0, String::len);
    let arns: usize = session.policy_arns.iter().map(String::len).sum();
    let tags: usize = session
        .tags
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    ((policy + arns + tags) * 100).div_ceil(LONGEST)
}

/// The tags that a session hands on.
fn inherited(session: Option<&Session>) -> Tags {
    let tags = session.into_iter().flat_map(|session| {
        let handed_on = |(key, _): &(&String, &String)| session.transitive.contains(key);
        session.tags.iter().filter(handed_on)
    });
    tags.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn transitive(input: &Input, session: Option<&Session>) -> Vec<String> {
    let before = session.into_iter().flat_map(|it| it.transitive.clone());
    let asked = input.texts("TransitiveTagKeys").into_iter();
    before.chain(asked.map(str::to_owned)).collect()
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", text).status(400)
}
