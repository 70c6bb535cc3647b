//! Whom a request speaks to, how, and of what action.

use super::{Request, Tongue, signature};
use crate::model::{self, Service, Speech};

/// Pairs of a form or a query string.
pub(super) type Form = Vec<(String, String)>;

/// Whom a request speaks to. The target or the path says it, or else the signature's scope, or
/// else the version of the API.
pub(super) fn tongue(request: &Request, body: &[u8]) -> Tongue {
    if let Some(target) = request.header("x-amz-target") {
        let prefix = target.rsplit_once('.').map_or(target, |it| it.0);
        return Tongue {
            service: model::of_target(prefix).filter(|it| it.speaks(Speech::Json)),
            speech: Speech::Json,
        };
    }
    if let Some((prefix, _)) = path(request) {
        return Tongue {
            service: model::of_target(prefix).filter(|it| it.speaks(Speech::Cbor)),
            speech: Speech::Cbor,
        };
    }
    let scoped = signature::scope(request).and_then(|it| model::of(&it.service));
    let service = scoped.or_else(|| {
        let form = form(request, body);
        parameter(&form, "Version").and_then(model::of_version)
    });
    Tongue {
        service,
        speech: service.map_or(Speech::Query, form_speech),
    }
}

/// How a service is spoken to that is sent a form.
fn form_speech(service: &Service) -> Speech {
    let speeches = [Speech::Ec2, Speech::Query, Speech::Json];
    let spoken = speeches.into_iter().find(|it| service.speaks(*it));
    spoken.unwrap_or(Speech::Query)
}

/// The action that a request names.
pub(super) fn action(speech: Speech, request: &Request, form: &Form) -> Option<String> {
    let action = match speech {
        Speech::Json => request.header("x-amz-target")?.rsplit_once('.')?.1,
        Speech::Cbor => path(request)?.1,
        Speech::Query | Speech::Ec2 => parameter(form, "Action")?,
    };
    Some(action.to_owned())
}

/// A request's form: that of its query string and that of its body.
pub(super) fn form(request: &Request, body: &[u8]) -> Form {
    let query = form_urlencoded::parse(request.query.as_bytes());
    let pairs = query.chain(form_urlencoded::parse(body));
    pairs
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

/// A form's first value of that name.
pub(super) fn parameter<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    let found = form.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// The target and the action of `/service/<target>/operation/<action>`.
fn path(request: &Request) -> Option<(&str, &str)> {
    let path = request.path.strip_prefix("/service/")?;
    path.split_once("/operation/")
}
