use super::*;
use setpoint_aws::testkit::{Answer, Call, Wire};
use setpoint_core::ErrorKind;

/// What EC2 shows under each first filter value: subnets in their VPCs.
const SUBNETS: [(&str, &[(&str, &str)]); 3] = [
    ("true", &[("subnet-b", "vpc-1"), ("subnet-a", "vpc-1")]),
    ("public", &[("subnet-p", "vpc-2")]),
    ("mixed", &[("subnet-a", "vpc-1"), ("subnet-p", "vpc-2")]),
];

fn wire() -> Wire {
    Wire::new(|call: &Call| {
        let asked = call.field("Filter.1.Value.1");
        let items = match &*call.action {
            "DescribeSubnets" if call.field("Filter.1.Name") == "subnet-id" => {
                subnets(&[("subnet-a", "vpc-1"), ("subnet-b", "vpc-1")])
            }
            "DescribeSubnets" => {
                let found = SUBNETS.iter().find(|it| it.0 == asked);
                subnets(found.map_or(&[], |it| it.1))
            }
            _ => match &*asked {
                "several" => vpcs(&["vpc-3", "vpc-4"]),
                "nowhere" | "true" => vpcs(&[]),
                _ => vpcs(&["vpc-9"]),
            },
        };
        let action = &call.action;
        Answer::ok(format!("<{action}Response>{items}</{action}Response>"))
    })
}

fn subnets(subnets: &[(&str, &str)]) -> String {
    let item = |(id, vpc): &(&str, &str)| {
        format!("<item><subnetId>{id}</subnetId><vpcId>{vpc}</vpcId></item>")
    };
    let items: String = subnets.iter().map(item).collect();
    format!("<subnetSet>{items}</subnetSet>")
}

fn vpcs(ids: &[&str]) -> String {
    let items = ids
        .iter()
        .map(|id| format!("<item><vpcId>{id}</vpcId></item>"));
    format!("<vpcSet>{}</vpcSet>", items.collect::<String>())
}

fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

fn text<R>(shown: BTreeMap<Name, Observed<R>>) -> String {
    let lines = shown
        .iter()
        .map(|(name, it)| format!("{name} = {}", it.handle));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_default_network_is_one_call() {
    let wire = wire();
    let network = Network::new(&wire.aws());
    let (vpcs, subnets) = (network.vpcs(), network.subnets());
    let default = names(&["default"]);
    let (vpcs, subnets) = futures::try_join!(
        vpcs.observe(&default, Freshness::Indexed),
        subnets.observe(&default, Freshness::Indexed)
    )
    .unwrap();
    assert_eq!(text(vpcs), "default = vpc-1");
    assert_eq!(text(subnets), "default = subnet-a,subnet-b");
    let calls = wire.take();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].field("Filter.1.Name"), "default-for-az");
}

#[tokio::test]
async fn networks_are_found_by_id_and_by_tag_and_what_is_absent_is_not_shown() {
    let wire = wire();
    let network = Network::new(&wire.aws());
    let asked = names(&["vpc-9", "tag:Name=shop", "tag:Name=nowhere"]);
    let vpcs = network
        .vpcs()
        .observe(&asked, Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(text(vpcs), "tag:Name=shop = vpc-9\nvpc-9 = vpc-9");
    let asked = names(&[
        "subnet-b,subnet-a",
        "subnet-a,subnet-gone",
        "tag:tier=public",
    ]);
    let subnets = network
        .subnets()
        .observe(&asked, Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(
        text(subnets),
        "subnet-b,subnet-a = subnet-a,subnet-b\ntag:tier=public = subnet-p"
    );
    // One call for all ids, and one for each tag.
    assert_eq!(wire.take().len(), 3 + 2);
}

#[tokio::test]
async fn what_fits_several_networks_is_refused() {
    let wire = wire();
    let network = Network::new(&wire.aws());
    let several = names(&["tag:Name=several"]);
    let err = network
        .vpcs()
        .observe(&several, Freshness::Indexed)
        .await
        .unwrap_err();
    let why = "tag:Name=several fits several VPCs (vpc-3, vpc-4): name one of them by its id";
    assert_eq!(
        (err.kind, err.source.to_string()),
        (ErrorKind::Refused, why.into())
    );
    let mixed = names(&["tag:tier=mixed"]);
    let err = network
        .subnets()
        .observe(&mixed, Freshness::Indexed)
        .await
        .unwrap_err();
    let why = "tag:tier=mixed fits subnets of several VPCs: vpc-1, vpc-2";
    assert_eq!(err.source.to_string(), why);
}
