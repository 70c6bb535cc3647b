//! Where the models are, and which request is whose.

use super::Service;
use std::sync::OnceLock;

/// Where a service's model is, and what finds it.
pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) target: Option<&'static str>,
    text: &'static str,
    read: OnceLock<Service>,
}

impl Source {
    const fn new(
        name: &'static str,
        version: &'static str,
        target: Option<&'static str>,
        text: &'static str,
    ) -> Source {
        Source {
            name,
            version,
            target,
            text,
            read: OnceLock::new(),
        }
    }

    pub(super) fn service(&self) -> &Service {
        self.read.get_or_init(|| {
            let mut service: Service =
                serde_json::from_str(self.text).expect("refresh.py writes what is read here");
            service.name = self.name;
            service
        })
    }
}

macro_rules! source {
    ($name:literal, $file:literal, $version:literal, $target:expr) => {
        Source::new(
            $name,
            $version,
            $target,
            include_str!(concat!("../../model/", $file, ".json")),
        )
    };
}

/// The services, read when they are first asked for; versions and targets are here so that a
/// request finds its service without reading others.
pub(super) static SOURCES: [Source; 12] = [
    source!(
        "application-autoscaling",
        "application-autoscaling",
        "2016-02-06",
        Some("AnyScaleFrontendService")
    ),
    source!("autoscaling", "autoscaling", "2011-01-01", None),
    source!("ec2", "ec2", "2016-11-15", None),
    source!(
        "ecr",
        "ecr",
        "2015-09-21",
        Some("AmazonEC2ContainerRegistry_V20150921")
    ),
    source!(
        "ecs",
        "ecs",
        "2014-11-13",
        Some("AmazonEC2ContainerServiceV20141113")
    ),
    source!("elasticloadbalancing", "elbv2", "2015-12-01", None),
    source!("iam", "iam", "2010-05-08", None),
    source!("logs", "logs", "2014-03-28", Some("Logs_20140328")),
    source!(
        "monitoring",
        "cloudwatch",
        "2010-08-01",
        Some("GraniteServiceVersion20100801")
    ),
    source!("ssm", "ssm", "2014-11-06", Some("AmazonSSM")),
    source!("sts", "sts", "2011-06-15", None),
    source!(
        "tagging",
        "resourcegroupstaggingapi",
        "2017-01-26",
        Some("ResourceGroupsTaggingAPI_20170126")
    ),
];
