//! Secrets that everybody who may describe a task definition can read.

use crate::system::System;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for definition in system.items("taskDefinitions") {
        for container in definition.containers() {
            let variables = container.value["environment"].as_array();
            for (index, variable) in variables.into_iter().flatten().enumerate() {
                let of = |member: &str| variable[member].as_str().unwrap_or_default();
                let (name, value) = (of("name"), of("value"));
                let Some(reason) = reason(name, value) else {
                    continue;
                };
                let path = container.at(["environment".into(), index.into(), "value".into()]);
                let message = format!("{name} of {} {reason}, and is written out", container.name());
                let span = system.span(&path);
                let problem = Problem::warning(code, span, message)
                    .why(
                        "environment values stand in every revision for good, in the console, in \
                         DescribeTaskDefinition, and in this file's history",
                    )
                    .hint(format!(
                        "keep it in Secrets Manager or the Parameter Store, and under `secrets:` \
                         write {{ name: {name}, valueFrom: <its ARN> }}"
                    ));
                problems.push(problem.conceal(span));
            }
        }
    }
}

/// Why a variable looks like a secret; nothing if it does not.
fn reason(name: &str, value: &str) -> Option<&'static str> {
    if value.is_empty() || value.starts_with("arn:") {
        return None;
    }
    if let Some(shape) = shape(value) {
        return Some(shape);
    }
    let is_plain = value.len() < 4 || value.parse::<f64>().is_ok() || is_word(value);
    (sounds_secret(name) && !is_plain).then_some("sounds like a secret")
}

/// What a variable's name says. `TOKEN_TTL` and `PASSWORD_FILE` say where or how long.
fn sounds_secret(name: &str) -> bool {
    let name = name.to_uppercase().replace(['-', '.'], "_");
    let words: Vec<&str> = name.split('_').collect();
    const ABOUT: [&str; 14] = [
        "FILE", "PATH", "DIR", "ARN", "NAME", "ID", "TTL", "URL", "URI", "HOST", "TYPE", "LENGTH",
        "EXPIRY", "ENABLED",
    ];
    const SECRET: [&str; 10] = [
        "PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "SECRET", "SECRETS", "TOKEN", "APIKEY",
        "CREDENTIAL", "CREDENTIALS",
    ];
    const PAIRS: [[&str; 2]; 5] = [
        ["API", "KEY"],
        ["PRIVATE", "KEY"],
        ["ACCESS", "KEY"],
        ["ENCRYPTION", "KEY"],
        ["SIGNING", "KEY"],
    ];
    let is_about = words.last().is_some_and(|it| ABOUT.contains(it));
    let has_pair = words.windows(2).any(|it| PAIRS.iter().any(|pair| pair == it));
    !is_about && (has_pair || words.iter().any(|it| SECRET.contains(it)))
}

/// Values that are switches and not secrets.
fn is_word(value: &str) -> bool {
    matches!(value, "true" | "false" | "none" | "null" | "required" | "optional" | "disabled")
}

/// What a value is by its shape alone.
fn shape(value: &str) -> Option<&'static str> {
    let is_key_id = |it: &str| {
        it.len() == 20 && it.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
    };
    let begins = |all: &[&str]| all.iter().any(|it| value.starts_with(it)) && value.len() >= 20;
    if begins(&["AKIA", "ASIA"]) && is_key_id(value) {
        Some("is an AWS access key")
    } else if value.contains("-----BEGIN") && value.contains("PRIVATE KEY-----") {
        Some("is a private key")
    } else if begins(&["ghp_", "gho_", "ghs_", "github_pat_", "glpat-"]) {
        Some("is a code host's token")
    } else if begins(&["xoxb-", "xoxp-", "xoxa-", "sk_live_", "rk_live_", "AIza", "sk-"]) {
        Some("is a service's key")
    } else if is_signed_token(value) {
        Some("is a signed token")
    } else if has_password(value) {
        Some("has a password in its address")
    } else {
        None
    }
}

/// A JSON Web Token: three parts, of which the first two begin as encoded JSON does.
fn is_signed_token(value: &str) -> bool {
    let parts: Vec<&str> = value.split('.').collect();
    parts.len() == 3 && parts[..2].iter().all(|it| it.starts_with("eyJ"))
}

/// `scheme://user:password@host`.
fn has_password(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|it| it.0);
    let password = user.and_then(|it| it.split_once(':')).map(|it| it.1);
    let is_scheme = scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+.-".contains(it));
    is_scheme && password.is_some_and(|it| !it.is_empty() && !it.starts_with("${"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_shapes_tell_secrets_from_what_is_about_them() {
        let found = |name, value| reason(name, value).is_some();
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("api-key", "0a1b2c3d"),
            ("STRIPE", "sk_live_0123456789abcdef"),
            ("DATABASE_URL", "postgres://shop:hunter2@db/shop"),
            ("X", "AKIAIOSFODNN7EXAMPLE"),
            ("X", "eyJhbGciOi.eyJzdWIiOi.c2ln"),
        ] {
            assert!(found(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("TOKEN_TTL", "3600s"),
            ("SECRET", "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"),
            ("PASSWORD_REQUIRED", "true"),
            ("MONKEY", "business"),
            ("DATABASE_URL", "postgres://db:5432/shop"),
            ("STAGE", "production"),
        ] {
            assert!(!found(name, value), "{name}={value}");
        }
    }
}
