//! What a registry's answers mean: that something is absent, may work the next time, or never will.

use super::{RegistryError, chain};
use oci_client::errors::{DigestError, OciDistributionError as Error, OciErrorCode as Code};

/// What a failure of the protocol's means.
pub(super) enum Meaning {
    /// It is not there.
    Absent,
    /// It may be different the next time; whether a new login is needed first.
    Again { renew: bool, why: String },
    /// It will be the same.
    Final(RegistryError),
}

/// What it means that a registry was asked about a repository and this came of it.
pub(super) fn meaning(err: Error, host: &str, repository: &str) -> Meaning {
    let host = host.to_owned();
    let again = |renew, why| Meaning::Again { renew, why };
    match err {
        Error::ImageManifestNotFoundError(_) => Meaning::Absent,
        Error::UnauthorizedError { .. } => again(true, "it does not take the login".into()),
        Error::AuthenticationFailure(why) => again(true, why),
        Error::RequestError(err) => match err.status().map(|it| it.as_u16()) {
            Some(404) => Meaning::Absent,
            Some(401) => again(true, "it does not take the login".into()),
            Some(403) => Meaning::Final(RegistryError::Denied {
                host,
                why: String::new(),
            }),
            Some(status @ 400..500) if status != 429 => Meaning::Final(RegistryError::Refused {
                host,
                why: err.to_string(),
            }),
            _ => again(false, chain(&err)),
        },
        Error::IoError(err) => Meaning::Final(RegistryError::Part(err)),
        Error::ServerError { code, message, .. } => {
            let (name, why) = words_of(message);
            match name.as_str() {
                // What was uploaded so far is gone: it is begun again.
                "BLOB_UPLOAD_UNKNOWN" | "BLOB_UPLOAD_INVALID" | "TOOMANYREQUESTS" => {
                    again(false, why)
                }
                "UNAUTHORIZED" => again(true, why),
                "DENIED" => Meaning::Final(RegistryError::Denied { host, why }),
                _ => said(code, why, host, repository),
            }
        }
        Error::RegistryError { envelope, .. } => {
            let Some(first) = envelope.errors.first() else {
                return again(false, "it names no error".into());
            };
            let why = match first.message.is_empty() {
                true => format!("{:?}", first.code),
                false => first.message.clone(),
            };
            match first.code {
                Code::ManifestUnknown | Code::BlobUnknown | Code::NotFound => Meaning::Absent,
                Code::NameUnknown => Meaning::Absent,
                Code::Unauthorized => again(true, why),
                Code::Denied => Meaning::Final(RegistryError::Denied { host, why }),
                Code::Toomanyrequests => again(false, why),
                Code::BlobUploadUnknown | Code::BlobUploadInvalid => again(false, why),
                _ => said(400, why, host, repository),
            }
        }
        Error::DigestError(DigestError::VerificationError { expected, actual }) => {
            Meaning::Final(RegistryError::Forged {
                host,
                expected,
                actual,
            })
        }
        // An answer that was cut off, or that is not what the protocol has there.
        err => again(false, err.to_string()),
    }
}

/// The code and the message of the first error of an answer; its text, where it is none of the
/// protocol's.
fn words_of(answer: String) -> (String, String) {
    let said: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
    let first = &said["errors"][0];
    let text = |member: &str| first[member].as_str().unwrap_or_default().to_owned();
    // A registry puts what the file system says beside its own words.
    let detail = match &first["detail"] {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(detail) => detail.clone(),
        detail => detail.to_string(),
    };
    let words = [text("message"), detail];
    let words: Vec<String> = words.into_iter().filter(|it| !it.is_empty()).collect();
    match (text("code"), words.join(": ")) {
        (code, _) if code.is_empty() => (code, answer.trim().to_owned()),
        (code, words) if words.is_empty() => (code.clone(), code),
        known => known,
    }
}

/// What a status and some words mean.
fn said(status: u16, why: String, host: String, repository: &str) -> Meaning {
    let low = why.to_lowercase();
    if low.contains("immutable") {
        return Meaning::Final(RegistryError::Immutable(why));
    }
    if status == 507 || low.contains("no space") || low.contains("quota") {
        return Meaning::Final(RegistryError::NoSpace { host, why });
    }
    match status {
        401 => Meaning::Again { renew: true, why },
        403 => Meaning::Final(RegistryError::Denied { host, why }),
        404 => Meaning::Final(RegistryError::NoRepository {
            host,
            repository: repository.to_owned(),
        }),
        408 | 429 | 500.. => Meaning::Again { renew: false, why },
        _ => Meaning::Final(RegistryError::Refused { host, why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, code: &str, words: &str) {
        let known = (code.to_owned(), words.to_owned());
        assert_eq!(words_of(answer.to_owned()), known);
    }

    #[test]
    fn the_first_error_of_an_answer_is_told_and_what_is_no_such_answer_as_it_is() {
        check(
            r#"{"errors": [{"code": "DENIED", "message": "no"}, {"code": "UNKNOWN"}]}"#,
            "DENIED",
            "no",
        );
        check(
            r#"{"errors": [{"code": "UNKNOWN", "message": "unknown error", "detail": {"Err": 28}}]}"#,
            "UNKNOWN",
            r#"unknown error: {"Err":28}"#,
        );
        check(
            r#"{"errors": [{"code": "NAME_UNKNOWN"}]}"#,
            "NAME_UNKNOWN",
            "NAME_UNKNOWN",
        );
        check(r#"{"errors": []}"#, "", r#"{"errors": []}"#);
        check("502 Bad Gateway\n", "", "502 Bad Gateway");
    }

    #[test]
    fn an_upload_that_the_registry_forgot_is_begun_again_and_a_missing_repository_is_final() {
        let answered = |code, message: &str| {
            let (url, message) = (String::new(), message.to_owned());
            meaning(Error::ServerError { code, url, message }, "here", "web")
        };
        let forgotten = r#"{"errors": [{"code": "BLOB_UPLOAD_UNKNOWN", "message": "gone"}]}"#;
        let forgotten = answered(404, forgotten);
        assert!(matches!(forgotten, Meaning::Again { renew: false, .. }));
        let missing = r#"{"errors": [{"code": "NAME_UNKNOWN", "message": "none"}]}"#;
        let missing = answered(404, missing);
        let told = match missing {
            Meaning::Final(err) => err.to_string(),
            _ => String::new(),
        };
        assert_eq!(told, "the registry here has no repository `web`");
    }
}
