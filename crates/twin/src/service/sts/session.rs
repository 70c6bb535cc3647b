//! Sessions and their credentials.

use crate::{Answer, Caller, Input, Refusal, Time, World, service::tags::Tags};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Credentials for a time, and whom they stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The access key, `ASIA…`.
    pub access_key: String,
    /// The secret key.
    pub secret: String,
    /// The token.
    pub token: String,
    /// The ARN of whoever calls with it.
    pub arn: String,
    /// Its unique id.
    pub user_id: String,
    /// The ARN of the role that was assumed, if one was.
    pub role: Option<String>,
    /// The session's own policy.
    pub policy: Option<String>,
    /// The ARNs of the managed policies that bound it.
    pub policy_arns: Vec<String>,
    /// Its tags.
    pub tags: Tags,
    /// The keys of the tags that later sessions inherit.
    pub transitive: Vec<String>,
    /// The identity that was said to stand behind it.
    pub source_identity: Option<String>,
    /// Whether a second factor was shown.
    pub mfa: bool,
    /// When it began.
    pub issued_at: Time,
    /// When it is over.
    pub expires_at: Time,
}

impl Session {
    /// A session of someone from now on, without policies or tags.
    pub(super) fn begin(world: &mut World, arn: &str, user_id: &str, seconds: i64) -> Session {
        let mut key = world.ids.iam("ASIA");
        key.truncate(20);
        let ids = &mut world.ids;
        let mut noise = |letters: usize| {
            let mut text = BASE64.encode(ids.hex(letters));
            text.truncate(letters);
            text
        };
        Session {
            access_key: key,
            secret: noise(40),
            token: format!("IQoJb3JpZ2luX2Vj{}", noise(240)),
            arn: arn.to_owned(),
            user_id: user_id.to_owned(),
            role: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Tags::new(),
            transitive: Vec::new(),
            source_identity: None,
            mfa: false,
            issued_at: world.now,
            expires_at: world.now + Duration::from_secs(seconds.max(0) as u64),
        }
    }

    /// Who calls with it.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            access_key: self.access_key.clone(),
            arn: self.arn.clone(),
            user_id: self.user_id.clone(),
        }
    }

    /// Whether the session has policies of its own.
    pub(crate) fn is_bound(&self) -> bool {
        self.policy.is_some() || !self.policy_arns.is_empty()
    }

    /// Its credentials, as STS gives them out.
    pub(super) fn credentials(&self) -> Value {
        json!({
            "AccessKeyId": self.access_key,
            "SecretAccessKey": self.secret,
            "SessionToken": self.token,
            "Expiration": self.expires_at.value(),
        })
    }
}

pub(super) fn get_session_token(world: &mut World, input: &Input) -> Answer {
    if super::session(world, &input.caller.access_key).is_some() {
        let text = "Cannot call GetSessionToken with session credentials";
        return Err(Refusal::new("AccessDenied", text).status(403));
    }
    let seconds = input.integer("DurationSeconds").unwrap_or(43_200);
    let caller = &input.caller;
    let mut session = Session::begin(world, &caller.arn, &caller.user_id, seconds);
    session.mfa = input.has("SerialNumber") && input.has("TokenCode");
    let credentials = session.credentials();
    let key = session.access_key.clone();
    world.sts.sessions.insert(key, session);
    Ok(json!({ "Credentials": credentials }))
}
