//! A sandbox that is served: an AWS for clients that are not ours.

use crate::boto::Boto;
use crate::setpoint::{Running, Setpoint};

/// An account that begins empty, at an address, for as long as this is there.
#[derive(Debug)]
pub struct Sandbox {
    endpoint: String,
    _place: Setpoint,
    _server: Running,
}

impl Sandbox {
    /// Serves it with further arguments to `setpoint sandbox serve`.
    pub fn start(arguments: &[&str]) -> Sandbox {
        let place = Setpoint::at("http://127.0.0.1:9");
        let mut all = vec!["sandbox", "serve", "--ephemeral"];
        all.extend(arguments);
        let mut server = place.start(&all);
        let exports = server.until_prints("AWS_ENDPOINT_URL=");
        let endpoint = exports
            .split_whitespace()
            .find_map(|it| it.strip_prefix("AWS_ENDPOINT_URL="))
            .expect("it says where");
        Sandbox {
            endpoint: endpoint.to_owned(),
            _place: place,
            _server: server,
        }
    }

    /// Where it is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// boto3, as the administrator.
    pub fn boto(&self) -> Boto {
        Boto::at(&self.endpoint).with_key("administrator", "secret")
    }

    /// A place whose AWS it is, for the administrator's programs.
    pub fn place(&self) -> Setpoint {
        Setpoint::at(&self.endpoint)
            .environment("AWS_ACCESS_KEY_ID", "administrator")
            .environment("AWS_SECRET_ACCESS_KEY", "secret")
            .environment("AWS_DEFAULT_REGION", "us-east-1")
    }
}
