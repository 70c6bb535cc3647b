//! AWS STS: who calls, and temporary credentials.

mod assume;
mod session;

#[cfg(test)]
mod tests;

use crate::{Action, Answer, Caller, Input, Refusal, World, habits::ACCOUNT, service::iam::denial};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

pub use session::Session;

/// The secret of every access key that is not a session's.
const SECRET: &str = "secret";

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sts {
    /// Sessions by access key, those that are over, too.
    pub sessions: BTreeMap<String, Session>,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::new("GetCallerIdentity", identity),
        Action::new("AssumeRole", assume::assume_role),
        Action::new("GetSessionToken", session::get_session_token),
        Action::new("GetAccessKeyInfo", key_info),
        Action::new("DecodeAuthorizationMessage", decode),
    ]
}

/// Who calls with an access key, and the secret that the call must be signed with. None if the
/// key's session is over.
///
/// A key that STS did not give out, the empty one too, is the account's administrator's, the user
/// `admin`, and its secret is `secret`.
pub fn caller(world: &World, access_key: &str) -> Option<(Caller, String)> {
    let Some(session) = world.sts.sessions.get(access_key) else {
        let administrator = Caller {
            access_key: access_key.to_owned(),
            ..administrator()
        };
        return Some((administrator, SECRET.to_owned()));
    };
    let known = || (session.caller(), session.secret.clone());
    (!is_over(world, access_key)).then(known)
}

/// Whether an access key is that of a session that is over, for which AWS answers `ExpiredToken`.
pub fn is_over(world: &World, access_key: &str) -> bool {
    session(world, access_key).is_some_and(|it| it.expires_at <= world.now)
}

/// The token that calls with a session's access key must bring; none for other keys.
pub fn token<'a>(world: &'a World, access_key: &str) -> Option<&'a str> {
    session(world, access_key).map(|it| it.token.as_str())
}

/// The session of an access key, if it is one's.
pub(crate) fn session<'a>(world: &'a World, access_key: &str) -> Option<&'a Session> {
    world.sts.sessions.get(access_key)
}

/// Whether a call is one that a user's session may not make without a second factor: any to IAM,
/// and all but two to STS.
pub(crate) fn is_shut_out(world: &World, input: &Input) -> bool {
    let session = session(world, &input.caller.access_key);
    let weak = session.is_some_and(|it| it.role.is_none() && !it.mfa);
    let open = matches!(input.action.as_str(), "AssumeRole" | "GetCallerIdentity");
    let shut = match input.service.as_str() {
        "iam" => true,
        "sts" => !open,
        _ => false,
    };
    weak && shut
}

/// The account's administrator.
pub(crate) fn administrator() -> Caller {
    Caller {
        access_key: String::new(),
        arn: format!("arn:aws:iam::{ACCOUNT}:user/admin"),
        user_id: "AIDATWINADMINISTRATOR".to_owned(),
    }
}

/// The ARN of the role that a caller has assumed, or that it is; none for users.
pub(crate) fn role_of(world: &World, caller: &Caller) -> Option<String> {
    let session = session(world, &caller.access_key);
    if let Some(role) = session.and_then(|it| it.role.clone()) {
        return Some(role);
    }
    let resource = caller.arn.splitn(6, ':').nth(5)?;
    match resource.split_once('/')? {
        ("role", _) => Some(caller.arn.clone()),
        // The ARN of a session lacks the role's path.
        ("assumed-role", rest) => {
            let name = rest.split('/').next().unwrap_or_default();
            let role = crate::service::iam::role::by_name(world, name);
            let bare = || format!("arn:aws:iam::{ACCOUNT}:role/{name}");
            Some(role.map_or_else(bare, |it| it.arn.clone()))
        }
        _ => None,
    }
}

fn identity(_: &mut World, input: &Input) -> Answer {
    Ok(json!({
        "UserId": input.caller.user_id,
        "Account": ACCOUNT,
        "Arn": input.caller.arn,
    }))
}

/// Every access key is the account's.
fn key_info(_: &mut World, _: &Input) -> Answer {
    Ok(json!({ "Account": ACCOUNT }))
}

fn decode(_: &mut World, input: &Input) -> Answer {
    let message = denial::decoded(input.text("EncodedMessage"));
    let message = message.ok_or_else(|| {
        let text = "Message is not valid";
        Refusal::new("InvalidAuthorizationMessageException", text).status(400)
    })?;
    Ok(json!({ "DecodedMessage": message }))
}
