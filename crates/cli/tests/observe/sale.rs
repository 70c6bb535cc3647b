//! The flash sale on the twin, with load when a test says so.

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::{Value, json};
use setpoint_aws::{Aws, Settings};
use setpoint_core::{Limits, Report, Stop, apply, observe, plan};
use setpoint_image::{Registry, Shelf};
use setpoint_observe::{Ask, Observer, Part, Picture, Subject};
use setpoint_spec::Stack;
use setpoint_twin::{Caller, Carrier, Habits, Input, Time, Twin, World, service, work};
use std::time::Duration;

/// Midnight before the sale.
const START: Time = Time(1_795_737_600_000);

/// An account in which the stack is applied.
pub(crate) struct Sale {
    pub(crate) twin: Twin,
    pub(crate) aws: Aws,
}

impl Sale {
    /// The stack of the repository, with an image that somebody else pushes, settled.
    pub(crate) async fn begun() -> Sale {
        Sale::of(&Sale::text()).await
    }

    /// The stack of the repository, with an image that somebody else pushes.
    pub(crate) fn text() -> String {
        let text = include_str!("../../../../stack.yaml");
        let (before, rest) = text.split_once("images:\n").expect("it builds its image");
        let (_, after) = rest.split_once("\n\n").expect("more follows");
        let tagged = "{ repository: flash-sale-webapp, tag: v1 }";
        format!("{before}{after}").replace("{ build: webapp }", tagged)
    }

    /// Another stack, settled.
    pub(crate) async fn of(text: &str) -> Sale {
        let habits = Habits {
            images_must_exist: false,
            ..Habits::default()
        };
        let twin = Twin::new(World::new("us-east-1", 1, START, habits), 1.0);
        let stack = Stack::read(text).expect("the stack can be read");
        let carrier = Carrier::new(twin.clone(), Duration::from_millis(5));
        let settings = Settings {
            stack: stack.name.clone(),
            region: Some("us-east-1".into()),
            http_client: Some(SharedHttpClient::new(carrier)),
            endpoint: Some("http://twin.localhost".into()),
            access_key: Some(("administrator".into(), "secret".into())),
            ..Settings::default()
        };
        let aws = Aws::connect(settings).await.expect("there is a region");
        let sale = Sale { twin, aws };
        sale.apply(&stack, Limits::default()).await;
        sale
    }

    /// The stack says this from now on, and nobody waits for what comes of it.
    pub(crate) async fn says(&self, text: &str) {
        let stack = Stack::read(text).expect("the stack can be read");
        let limits = Limits {
            wait: false,
            ..Limits::default()
        };
        // What cannot succeed is given up with its evidence, which is not what is asked here.
        let _given_up = self.applied(&stack, limits).await;
    }

    /// Somebody does this.
    #[track_caller]
    pub(crate) fn does(&self, service: &str, action: &str, members: Value) -> Value {
        let input = Input {
            service: service.into(),
            action: action.into(),
            caller: Caller::default(),
            members: members.as_object().cloned().unwrap_or_default(),
        };
        let done = self.twin.change(|world| service::run(world, &input));
        done.unwrap_or_else(|err| panic!("{action}: {err}"))
    }

    /// A target group of instances behind a load balancer that listens on port 80; their ARN and name.
    pub(crate) fn balanced(&self) -> (String, String) {
        self.balanced_by("instance")
    }

    /// The same, of `instance` or `ip` targets.
    pub(crate) fn balanced_by(&self, kind: &str) -> (String, String) {
        const ELB: &str = "elasticloadbalancing";
        let found = self.does("ec2", "DescribeSubnets", json!({}));
        let subnets = found["Subnets"].as_array().expect("there are some");
        let mut zones = std::collections::BTreeMap::new();
        for it in subnets {
            zones.insert(it["AvailabilityZone"].to_string(), it["SubnetId"].clone());
        }
        let two: Vec<Value> = zones.into_values().take(2).collect();
        let balancer = json!({ "Name": "front", "Subnets": two });
        let balancer = self.does(ELB, "CreateLoadBalancer", balancer);
        let balancer = &balancer["LoadBalancers"][0];
        let group = json!({ "Name": "web", "Protocol": "HTTP", "Port": 80, "TargetType": kind,
            "VpcId": subnets[0]["VpcId"] });
        let group = self.does(ELB, "CreateTargetGroup", group);
        let group = group["TargetGroups"][0]["TargetGroupArn"].clone();
        let listener = json!({ "LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP",
            "Port": 80, "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] });
        self.does(ELB, "CreateListener", listener);
        let text = |it: &Value| it.as_str().expect("it has one").to_owned();
        (text(&group), text(&balancer["DNSName"]))
    }

    async fn apply(&self, stack: &Stack, limits: Limits) {
        let report = self.applied(stack, limits).await;
        assert!(report.is_success(), "{report:#?}");
    }

    async fn applied(&self, stack: &Stack, limits: Limits) -> Report {
        let making = setpoint::Making::stand_in(&self.aws);
        let adapters = setpoint::adapters(&self.aws, stack, true, None, making);
        let snapshot = observe(&stack.desired(), &adapters).await;
        let snapshot = snapshot.expect("the twin answers");
        let shelf = Shelf::new(&self.aws, Registry::new(&self.aws, None));
        let pinned = setpoint::pinned(stack, &shelf).await;
        let plan = plan(&pinned.stack.desired(), &snapshot).expect("there is a plan");
        apply(plan, &adapters, limits, Stop::never(), |_| ()).await
    }

    /// The service of the sale.
    pub(crate) fn service() -> Subject {
        Subject::new("flash-sale-cluster", "flash-sale-service")
    }

    /// Offers so many requests a second from now on.
    pub(crate) fn offer(&self, rate: f64) {
        self.twin.change(|world| {
            work::offer(world, "flash-sale-cluster", "flash-sale-service", rate);
        });
    }

    /// Looks at these parts of the service, an hour and a half back.
    pub(crate) async fn look(&self, parts: impl IntoIterator<Item = Part>) -> Picture {
        self.look_at([Sale::service()], parts).await
    }

    /// The same of other services.
    pub(crate) async fn look_at(
        &self,
        services: impl IntoIterator<Item = Subject>,
        parts: impl IntoIterator<Item = Part>,
    ) -> Picture {
        let mut ask = Ask::new(services, parts);
        ask.window = Duration::from_secs(90 * 60);
        let picture = Observer::new(&self.aws).look(&ask).await;
        picture.expect("the twin answers")
    }

    /// The actions that were called since this was last asked, sorted.
    pub(crate) fn calls(&self) -> Vec<String> {
        let heard = self.twin.heard();
        self.twin.forget();
        let mut calls: Vec<String> = heard.into_iter().map(|it| it.action).collect();
        calls.sort();
        calls
    }
}

/// Lets time pass.
pub(crate) async fn minutes(number: u64) {
    tokio::time::sleep(Duration::from_secs(60 * number)).await;
}
