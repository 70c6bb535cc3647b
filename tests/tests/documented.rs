//! AWS's documented answers, asked for with AWS's own clients: of the twin, and of moto beside it.

use std::path::PathBuf;

use serde_json::{Value, json};
use setpoint_tests::{Outcome, Sandbox, Setpoint, moto};

fn suite() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("aws")
}

/// Runs `tests/aws` against an endpoint; of what it says, the checks that pass are left out.
#[track_caller]
fn check(endpoint: &str, arguments: &[&str]) {
    let suite = suite().display().to_string();
    let mut all = vec!["-B", &suite, endpoint];
    all.extend(arguments);
    let place = Setpoint::at(endpoint);
    let outcome = place.start_program(moto::python(), &all).wait();
    let told: Vec<&str> = outcome
        .stdout
        .lines()
        .filter(|it| !it.starts_with("ok ") && !it.starts_with("differs "))
        .collect();
    let told = told.join("\n");
    assert_eq!(outcome.code, Some(0), "{told}\n{}", outcome.stderr);
    let last = told.lines().last().unwrap_or_default();
    let count: Option<u32> = last.split(' ').next().and_then(|it| it.parse().ok());
    assert!(count.is_some_and(|it| it > 600), "few checks ran: {last}");
    println!("{last}");
}

#[test]
fn the_twin_answers_as_aws_documents() {
    let sandbox = Sandbox::start(&["--speed", "60", "--pushed-images-only"]);
    check(sandbox.endpoint(), &[]);
}

#[test]
fn moto_differs_where_it_is_known_to_and_nowhere_else() {
    let differences = suite().join("moto.toml").display().to_string();
    let endpoint = format!("http://{}", moto::address());
    // moto does at once what it does at all.
    let patience = ["--patience", "3", "--differences", &differences];
    check(&endpoint, &patience);
}

/// The AWS CLI, as it is, at a sandbox.
struct Aws {
    _sandbox: Sandbox,
    place: Setpoint,
}

impl Aws {
    fn new() -> Aws {
        let sandbox = Sandbox::start(&["--speed", "60", "--check-signatures"]);
        Aws {
            place: sandbox.place(),
            _sandbox: sandbox,
        }
    }

    fn run(&self, words: &str) -> Outcome {
        let program = moto::python().with_file_name("aws");
        let words: Vec<&str> = words.split(' ').collect();
        self.place.start_program(program, &words).wait()
    }

    /// What a command answers.
    #[track_caller]
    fn ok(&self, words: &str) -> Value {
        let outcome = self.run(words).exits(0);
        match outcome.stdout.trim() {
            "" => Value::Null,
            _ => outcome.json(),
        }
    }

    /// A command fails as the CLI does when AWS refuses.
    #[track_caller]
    fn refused(&self, words: &str, with: &str) {
        let outcome = self.run(words).exits(255);
        assert!(outcome.stderr.contains(with), "{}", outcome.stderr);
    }

    /// A file in the working directory, as a parameter names it.
    fn file(&self, name: &str, content: Value) -> String {
        self.place.write(name, &content.to_string());
        format!("file://{name}")
    }
}

#[test]
fn the_aws_cli_creates_reads_changes_and_deletes_a_service_and_what_it_needs() {
    let aws = Aws::new();
    let made = aws.ok("ecs create-cluster --cluster-name shop --tags key=team,value=web");
    assert_eq!(
        made["cluster"]["clusterArn"],
        "arn:aws:ecs:us-east-1:123456789012:cluster/shop"
    );
    let made = aws.ok("ecr create-repository --repository-name shop/web");
    let image = made["repository"]["repositoryUri"].as_str().unwrap();
    assert_eq!(
        image,
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web"
    );
    aws.ok("logs create-log-group --log-group-name /ecs/shop");
    aws.ok("logs put-retention-policy --log-group-name /ecs/shop --retention-in-days 7");
    let logs = json!({
        "logDriver": "awslogs",
        "options": { "awslogs-group": "/ecs/shop", "awslogs-region": "us-east-1" },
    });
    let containers = json!([{
        "name": "web", "image": image, "memory": 64, "essential": true,
        "portMappings": [{ "containerPort": 80, "hostPort": 0 }], "logConfiguration": logs,
    }]);
    let containers = aws.file("containers.json", containers);
    let registered = aws.ok(&format!(
        "ecs register-task-definition --family web --container-definitions {containers}"
    ));
    assert_eq!(registered["taskDefinition"]["revision"], 1);
    aws.refused(
        "ecs create-service --cluster none --service-name web --task-definition web --desired-count 0",
        "An error occurred (ClusterNotFoundException) when calling the CreateService operation: \
         Cluster not found.",
    );
    aws.ok("ecs create-service --cluster shop --service-name web --task-definition web --desired-count 0");
    aws.ok("ecs update-service --cluster shop --service web --health-check-grace-period-seconds 5");
    aws.ok("ecs wait services-stable --cluster shop --services web");
    let shown = aws.ok("ecs describe-services --cluster shop --services web");
    let service = &shown["services"][0];
    assert_eq!(service["status"], "ACTIVE");
    assert_eq!(service["healthCheckGracePeriodSeconds"], 5);
    let target = "--service-namespace ecs --resource-id service/shop/web \
                  --scalable-dimension ecs:service:DesiredCount";
    let register = format!("register-scalable-target {target} --min-capacity 0 --max-capacity 4");
    aws.ok(&format!("application-autoscaling {register}"));
    let shown = aws.ok("application-autoscaling describe-scalable-targets --service-namespace ecs");
    assert_eq!(shown["ScalableTargets"][0]["MaxCapacity"], 4);
    aws.ok("ecs delete-service --cluster shop --service web --force");
    aws.ok("ecs wait services-inactive --cluster shop --services web");
    aws.ok("ecs delete-cluster --cluster shop");
    aws.ok("ecr delete-repository --repository-name shop/web");
    aws.refused(
        "ecr describe-repositories --repository-names shop/web",
        "(RepositoryNotFoundException)",
    );
    aws.ok("logs delete-log-group --log-group-name /ecs/shop");
    let left = aws.ok("logs describe-log-groups");
    assert_eq!(left["logGroups"], json!([]));
}

#[test]
fn the_aws_cli_creates_reads_changes_and_deletes_a_group_and_what_it_needs() {
    let aws = Aws::new();
    let who = aws.ok("sts get-caller-identity");
    assert_eq!(who["Account"], "123456789012");
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ec2.amazonaws.com" },
    }]});
    let trust = aws.file("trust.json", trust);
    aws.ok(&format!(
        "iam create-role --role-name node --assume-role-policy-document {trust}"
    ));
    aws.refused(
        "iam get-role --role-name none",
        "An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name \
         none cannot be found.",
    );
    aws.ok("iam tag-role --role-name node --tags Key=team,Value=web");
    let tags = aws.ok("iam list-role-tags --role-name node");
    assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "web" }]));
    let group = aws.ok("ec2 create-security-group --group-name node --description nodes");
    let group = group["GroupId"].as_str().unwrap();
    let ingress = format!("--group-id {group} --protocol tcp --port 80 --cidr 0.0.0.0/0");
    aws.ok(&format!("ec2 authorize-security-group-ingress {ingress}"));
    aws.refused(
        &format!("ec2 authorize-security-group-ingress {ingress}"),
        "(InvalidPermission.Duplicate)",
    );
    let image = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let image = aws.ok(&format!("ssm get-parameters --names {image}"));
    let image = image["Parameters"][0]["Value"].as_str().unwrap();
    let data = json!({ "ImageId": image, "InstanceType": "t3.small", "SecurityGroupIds": [group] });
    let data = aws.file("data.json", data);
    aws.ok(&format!(
        "ec2 create-launch-template --launch-template-name node --launch-template-data {data}"
    ));
    let zones = "--availability-zones us-east-1a us-east-1b";
    let create =
        "create-auto-scaling-group --auto-scaling-group-name node --min-size 0 --max-size 2";
    let template = "--launch-template LaunchTemplateName=node,Version=$Latest";
    aws.ok(&format!("autoscaling {create} {template} {zones}"));
    let change = "update-auto-scaling-group --auto-scaling-group-name node --max-size 3";
    aws.ok(&format!("autoscaling {change}"));
    let shown = aws.ok("autoscaling describe-auto-scaling-groups --auto-scaling-group-names node");
    assert_eq!(shown["AutoScalingGroups"][0]["MaxSize"], 3);
    aws.ok(
        "cloudwatch put-metric-alarm --alarm-name busy --namespace AWS/EC2 --metric-name CPUUtilization \
         --statistic Average --period 60 --evaluation-periods 3 --threshold 80 \
         --comparison-operator GreaterThanThreshold",
    );
    let alarms = aws.ok("cloudwatch describe-alarms --alarm-names busy");
    assert_eq!(alarms["MetricAlarms"][0]["StateValue"], "INSUFFICIENT_DATA");
    aws.ok("cloudwatch delete-alarms --alarm-names busy");
    let network = aws.ok("ec2 describe-vpcs");
    let vpc = network["Vpcs"][0]["VpcId"].as_str().unwrap();
    let targets = "--name web --protocol HTTP --port 80 --vpc-id";
    let made = aws.ok(&format!("elbv2 create-target-group {targets} {vpc}"));
    let arn = made["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap();
    aws.ok(&format!(
        "elbv2 delete-target-group --target-group-arn {arn}"
    ));
    aws.ok("autoscaling delete-auto-scaling-group --auto-scaling-group-name node");
    let left = aws.ok("autoscaling describe-auto-scaling-groups --auto-scaling-group-names node");
    assert_eq!(left["AutoScalingGroups"], json!([]));
    aws.ok("ec2 delete-launch-template --launch-template-name node");
    aws.ok(&format!("ec2 delete-security-group --group-id {group}"));
    aws.ok("iam delete-role --role-name node");
    aws.refused("iam delete-role --role-name node", "(NoSuchEntity)");
}
