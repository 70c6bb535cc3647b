//! The way to AWS: credentials, region, endpoint and HTTP client, as every AWS tool takes them.

use crate::{identity::Identity, index::Index, pace::Pace};
use aws_config::{
    BehaviorVersion, Region, SdkConfig, default_provider::region::DefaultRegionChain,
    profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::{sync::Arc, time::Duration};
use tokio::sync::{OnceCell, Semaphore};

/// How to connect, where that differs from the environment.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The stack's name, which marks what is ours.
    pub stack: String,
    /// The region; if absent, as the environment or the profile says.
    pub region: Option<String>,
    /// The profile in the shared configuration files.
    pub profile: Option<String>,
    /// How many times the published ECS quotas the account has, as raised by AWS.
    pub quota_factor: Option<f64>,
    /// What carries requests, instead of HTTPS.
    pub http_client: Option<SharedHttpClient>,
    /// Where every service is, instead of where AWS has it.
    pub endpoint: Option<String>,
    /// Who calls, instead of who the environment says: an access key and its secret.
    pub access_key: Option<(String, String)>,
}

/// Why there is no way to AWS.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ConnectError {
    /// Nothing says in which region.
    #[error("no region is set")]
    NoRegion,
}

/// A connection for one stack, in one account and region. Clones share everything.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: SdkConfig,
    pub(crate) stack: String,
    pub(crate) region: String,
    pub(crate) pace: Pace,
    pub(crate) permits: Semaphore,
    pub(crate) identity: OnceCell<Identity>,
    pub(crate) index: OnceCell<Index>,
}

/// How many requests may be on their way at once.
const REQUESTS: usize = 64;

impl Aws {
    /// Finds credentials, region and endpoint. Makes no call to AWS.
    pub async fn connect(mut settings: Settings) -> Result<Aws, ConnectError> {
        let http_client = settings.http_client.take().unwrap_or_else(https);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(60))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client.clone())
            .timeout_config(timeouts)
            // A call is repeated where it is known what repeating does: see `call`.
            .retry_config(RetryConfig::disabled());
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some((key, secret)) = settings.access_key.take() {
            let credentials = Credentials::new(key, secret, None, None, "setpoint");
            loader = loader.credentials_provider(credentials);
        } else if let Some(profile) = &settings.profile {
            // What is said now goes before what the environment says, as in every AWS tool. The
            // SDK's own chain would take the environment's credentials first.
            let region = match &settings.region {
                Some(region) => Some(Region::new(region.clone())),
                None => {
                    let chain = DefaultRegionChain::builder().profile_name(profile);
                    chain.build().region().await
                }
            };
            let provider = ProviderConfig::without_region()
                .with_http_client(http_client)
                .with_region(region);
            let credentials = ProfileFileCredentialsProvider::builder()
                .configure(&provider)
                .profile_name(profile);
            loader = loader
                .profile_name(profile)
                .credentials_provider(credentials.build());
        }
        let config = loader.load().await;
        let region = config.region().ok_or(ConnectError::NoRegion)?.to_string();
        Ok(over(config, region, settings))
    }

    /// What the SDK's clients are made from.
    pub fn config(&self) -> &SdkConfig {
        &self.shared.config
    }

    /// The stack's name.
    pub fn stack(&self) -> &str {
        &self.shared.stack
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.shared.region
    }
}

/// A connection by what is known already.
pub(crate) fn over(config: SdkConfig, region: String, settings: Settings) -> Aws {
    Aws {
        shared: Arc::new(Shared {
            config,
            stack: settings.stack,
            region,
            pace: Pace::new(settings.quota_factor.unwrap_or(1.0)),
            permits: Semaphore::new(REQUESTS),
            identity: OnceCell::new(),
            index: OnceCell::new(),
        }),
    }
}

fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https()
}
