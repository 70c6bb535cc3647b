//! AWS Signature Version 4.

use super::{Request, Tongue, route};
use crate::{Refusal, Time, model::Speech};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::time::Duration;

mod canonical;
mod refusal;
#[cfg(test)]
mod tests;

use refusal::{coded, mismatch, missing};
pub use refusal::{expired_token, unknown_key, unsigned};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far from now a request's time may be.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Whose credentials sign a request, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The access key's id.
    pub access_key: String,
    /// The day: `20261127`.
    pub date: String,
    /// The region.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

/// What a request's signature is for; none if it bears none that can be read.
pub fn scope(request: &Request) -> Option<Scope> {
    let header = Header::of(request)?;
    read_scope(header.credential?)
}

fn read_scope(credential: &str) -> Option<Scope> {
    // The key comes first and may be anything, slashes included.
    let mut parts = credential.rsplitn(5, '/');
    let end = parts.next()?;
    let mut next = || parts.next().map(str::to_owned);
    let (service, region, date) = (next()?, next()?, next()?);
    let access_key = next()?;
    (end == "aws4_request").then_some(Scope {
        access_key,
        date,
        region,
        service,
    })
}

/// Refuses a request whose signature is not what `secret` makes of it, or that was signed more
/// than five minutes from `now`.
pub fn verify(request: &Request, secret: &str, now: Time) -> Result<(), Refusal> {
    let speech = speech(request);
    let Some(header) = Header::of(request) else {
        return Err(missing(speech));
    };
    let (Some(credential), Some(names), Some(signature), Some(stamp)) = (
        header.credential,
        header.signed_headers,
        header.signature,
        stamp(request),
    ) else {
        return Err(incomplete(speech, &header, request));
    };
    let Some(scope) = read_scope(credential) else {
        let words = "Credential must have exactly 5 slash-delimited elements, e.g. \
                     keyid/date/region/service/term";
        return Err(coded(speech, "IncompleteSignature", 400, words));
    };
    timely(speech, stamp, now)?;
    if !stamp.starts_with(&scope.date) {
        let day = stamp.get(..8).unwrap_or(stamp);
        let words = format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{}' != '{day}', from '{stamp}'.",
            scope.date
        );
        return Err(mismatch(speech, &words));
    }
    if !names.split(';').any(|it| it == "host") {
        let words = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
        return Err(mismatch(speech, words));
    }
    match canonical::payload_is_told(request)
        && made(request, &scope, names, stamp, secret) == signature
    {
        true => Ok(()),
        false => Err(mismatch(
            speech,
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        )),
    }
}

/// The signature that a request should bear.
fn made(request: &Request, scope: &Scope, names: &str, stamp: &str, secret: &str) -> String {
    let canonical = hex(&Sha256::digest(canonical::request(request, names)));
    let Scope {
        date,
        region,
        service,
        ..
    } = scope;
    let text = format!("{ALGORITHM}\n{stamp}\n{date}/{region}/{service}/aws4_request\n{canonical}");
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [date.as_str(), region, service, "aws4_request", &text] {
        key = hashed(&key, part);
    }
    hex(&key)
}

fn hashed(key: &[u8], text: &str) -> Vec<u8> {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    hash.update(text.as_bytes());
    hash.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The parts of an `Authorization` header.
struct Header<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Header<'a> {
    fn of(request: &'a Request) -> Option<Header<'a>> {
        let rest = request
            .header("authorization")?
            .trim()
            .strip_prefix(ALGORITHM)?;
        let part = |name: &str| {
            let parts = rest.split(',').map(str::trim);
            parts
                .filter_map(|it| it.split_once('='))
                .find(|(key, _)| *key == name)
        };
        Some(Header {
            credential: part("Credential").map(|it| it.1),
            signed_headers: part("SignedHeaders").map(|it| it.1),
            signature: part("Signature").map(|it| it.1),
        })
    }
}

/// The time that a request says: `20261127T000000Z`.
fn stamp(request: &Request) -> Option<&str> {
    request.header("x-amz-date")
}

fn timely(speech: Speech, stamp: &str, now: Time) -> Result<(), Refusal> {
    let Some(at) = read_stamp(stamp) else {
        let words = format!("Date must be in ISO-8601 'basic format'. Got '{stamp}'.");
        return Err(coded(speech, "IncompleteSignature", 400, &words));
    };
    let (early, late) = (now - TOLERANCE, now + TOLERANCE);
    let words = match () {
        () if at < early => format!(
            "Signature expired: {stamp} is now earlier than {} ({} - 5 min.)",
            basic(early),
            basic(now)
        ),
        () if at > late => format!(
            "Signature not yet current: {stamp} is still later than {} ({} + 5 min.)",
            basic(late),
            basic(now)
        ),
        () => return Ok(()),
    };
    match speech {
        Speech::Ec2 => Err(Refusal::new("RequestExpired", "Request has expired.")),
        _ => Err(mismatch(speech, &words)),
    }
}

fn read_stamp(stamp: &str) -> Option<Time> {
    let part = |from: usize, to: usize| stamp.get(from..to).filter(|_| stamp.len() == 16);
    let iso = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    );
    super::stamp::read(&iso)?.as_f64().map(super::moment)
}

fn basic(time: Time) -> String {
    let text = time.to_string().replace(['-', ':'], "");
    format!("{}Z", text.split('.').next().unwrap_or_default())
}

fn speech(request: &Request) -> Speech {
    let Tongue { speech, .. } = route::tongue(request, &request.body);
    speech
}

fn incomplete(speech: Speech, header: &Header<'_>, request: &Request) -> Refusal {
    let parts = [
        ("'Credential' parameter", header.credential.is_some()),
        ("'Signature' parameter", header.signature.is_some()),
        ("'SignedHeaders' parameter", header.signed_headers.is_some()),
        (
            "existence of either a 'X-Amz-Date' or a 'Date' header",
            stamp(request).is_some(),
        ),
    ];
    let lacks = parts.iter().filter(|(_, is_there)| !is_there);
    let words: String = lacks
        .map(|(part, _)| format!("Authorization header requires {part}. "))
        .collect();
    let words = format!("{words}Authorization={ALGORITHM}");
    coded(speech, "IncompleteSignature", 400, &words)
}
