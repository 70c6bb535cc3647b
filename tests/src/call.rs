//! One call to AWS, as the wire shows it.

use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Bytes;

/// One call that passed through a proxy.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service as the signature names it: `ecs`, `iam`, `tagging`, `monitoring`.
    pub service: String,
    /// The operation, such as `DescribeServices`.
    pub action: String,
    /// How the caller speaks, and so how errors must look.
    pub protocol: Protocol,
    /// Whether the operation changes anything.
    pub mutating: bool,
    /// Which of the proxy's connections it came by, counted from 0.
    pub connection: u64,
    /// When its head arrived.
    pub arrived: Instant,
    /// When its answer began to leave, or its connection was dropped.
    pub finished: Instant,
    /// The answer's HTTP status; none if the connection was dropped instead.
    pub status: Option<u16>,
    /// Whether a quota refused it.
    pub throttled: bool,
    /// The body as it was sent.
    pub request: Bytes,
    /// The body of the answer; empty if there was none.
    pub response: Bytes,
}

impl Call {
    /// How long it took.
    pub fn duration(&self) -> Duration {
        self.finished - self.arrived
    }

    /// The request as JSON, where the protocol is JSON; otherwise null.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.request).unwrap_or_default()
    }
}

/// The wire protocols of the services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0 or 1.1: ECS, ECR, Logs, Application Auto Scaling, SSM, tagging.
    Json,
    /// AWS Query: IAM, STS, EC2 Auto Scaling.
    Query,
    /// EC2's own kind of query.
    Ec2,
    /// Smithy RPC v2 CBOR: CloudWatch.
    Cbor,
}

/// What a request is, before it is known what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The service as the signature names it.
    pub service: String,
    /// The operation.
    pub action: String,
    /// How the caller speaks.
    pub protocol: Protocol,
}

impl Identity {
    /// Reads service and operation off a request.
    pub fn of(request: &Request<Bytes>) -> Identity {
        let service = signed_for(request);
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        if let Some(target) = header("x-amz-target") {
            let action = target.rsplit('.').next().unwrap_or_default().to_owned();
            return Identity {
                service,
                action,
                protocol: Protocol::Json,
            };
        }
        if let Some((_, action)) = request.uri().path().split_once("/operation/") {
            let action = action.to_owned();
            return Identity {
                service,
                action,
                protocol: Protocol::Cbor,
            };
        }
        let form = String::from_utf8_lossy(request.body());
        let action = form
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action="))
            .unwrap_or("Unknown")
            .to_owned();
        let protocol = if service == "ec2" {
            Protocol::Ec2
        } else {
            Protocol::Query
        };
        Identity {
            service,
            action,
            protocol,
        }
    }

    /// Whether the operation changes anything, which AWS's names tell.
    pub fn mutating(&self) -> bool {
        const READS: [&str; 8] = [
            "Describe",
            "List",
            "Get",
            "BatchGet",
            "BatchCheck",
            "Filter",
            "Simulate",
            "AssumeRole",
        ];
        !READS.iter().any(|read| self.action.starts_with(read))
    }
}

/// The service in the credential scope: `…/20260101/us-east-1/ecs/aws4_request`.
fn signed_for(request: &Request<Bytes>) -> String {
    let authorization = request.headers().get("authorization");
    authorization
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("Credential="))
        .and_then(|(_, scope)| scope.split(',').next()?.split('/').nth(3))
        .unwrap_or("unsigned")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(header: (&str, &str), path: &str, body: &'static str, service: &str) -> Identity {
        let scope = format!("AWS4-HMAC-SHA256 Credential=K/20260101/r/{service}/aws4_request, X=Y");
        let request = Request::post(path)
            .header("authorization", scope)
            .header(header.0, header.1)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        Identity::of(&request)
    }

    #[test]
    fn a_request_tells_what_it_is_in_each_protocol() {
        let target = "AmazonEC2ContainerServiceV20141113.CreateService";
        let json = identity(("x-amz-target", target), "/", "{}", "ecs");
        assert_eq!(
            (json.action.as_str(), json.protocol),
            ("CreateService", Protocol::Json)
        );
        assert!(json.mutating());

        let query = identity(
            ("a", "b"),
            "/",
            "Version=1&Action=GetRole&RoleName=r",
            "iam",
        );
        assert_eq!(
            (query.action.as_str(), query.protocol),
            ("GetRole", Protocol::Query)
        );
        assert!(!query.mutating());

        let path = "/service/GraniteServiceVersion20100801/operation/GetMetricData";
        let cbor = identity(("a", "b"), path, "", "monitoring");
        assert_eq!(
            (cbor.action.as_str(), cbor.protocol),
            ("GetMetricData", Protocol::Cbor)
        );
        assert_eq!(cbor.service, "monitoring");
    }
}
