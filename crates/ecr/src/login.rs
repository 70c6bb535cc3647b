//! Logging in to the registry.

use aws_sdk_ecr::Client;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, ErrorKind, Result};

/// A user and a password, good for twelve hours, and where they are good.
#[derive(Clone)]
pub struct Login {
    /// The user: `AWS`.
    pub user: String,
    /// The password. It is not to be shown.
    pub password: String,
    /// The registry: `https://<account>.dkr.ecr.<region>.amazonaws.com`.
    pub endpoint: String,
}

impl Login {
    /// Asks for a new one (`ecr:GetAuthorizationToken`).
    pub async fn new(aws: &Aws) -> Result<Login> {
        const OPERATION: &str = "ecr:GetAuthorizationToken";
        let client = Client::new(aws.config());
        let asked = aws.call(OPERATION, || client.get_authorization_token().send());
        let data = asked.await?.authorization_data.unwrap_or_default();
        let read = || {
            let data = data.first()?;
            let token = BASE64.decode(data.authorization_token()?).ok()?;
            let token = String::from_utf8(token).ok()?;
            let (user, password) = token.split_once(':')?;
            Some(Login {
                user: user.to_owned(),
                password: password.to_owned(),
                endpoint: data.proxy_endpoint()?.to_owned(),
            })
        };
        read().ok_or_else(|| AdapterError {
            operation: OPERATION.into(),
            kind: ErrorKind::Refused,
            source: "the answer holds no user and password".into(),
        })
    }
}
