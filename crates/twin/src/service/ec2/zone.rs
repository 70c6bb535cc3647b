//! Regions and their zones.

use super::{filter::Filters, listing::Listing, refusal::invalid};
use crate::{Action, Answer, Input, World};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeAvailabilityZones", describe_availability_zones),
        Action::new("DescribeRegions", describe_regions),
    ]
}

/// The regions that every account has without asking.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Some of those that an account has to ask for.
const OPTIONAL: [&str; 5] = [
    "af-south-1",
    "ap-east-1",
    "eu-south-1",
    "me-central-1",
    "me-south-1",
];

/// The names of a region's zones.
pub(super) fn zones(region: &str) -> Vec<String> {
    let letters = match region {
        "us-east-1" => "abcdef",
        _ => "abc",
    };
    letters.chars().map(|it| format!("{region}{it}")).collect()
}

/// The id of a zone, such as `use1-az1` of `us-east-1a`.
pub(super) fn zone_id(zone: &str) -> String {
    let letter = zone.bytes().last().unwrap_or(b'a');
    let number = u32::from(letter.saturating_sub(b'a')) + 1;
    let region = &zone[..zone.len().saturating_sub(1)];
    let mut short = String::new();
    for (place, part) in region.split('-').enumerate() {
        short += match (place, part) {
            (0, part) => part,
            (_, "northeast") => "ne",
            (_, "northwest") => "nw",
            (_, "southeast") => "se",
            (_, "southwest") => "sw",
            (_, part) => part.get(..1).unwrap_or_default(),
        };
    }
    format!("{short}-az{number}")
}

#[rustfmt::skip]
const ZONE_FILTERS: Filters = &[
    ("group-long-name", "GroupLongName"), ("group-name", "GroupName"), ("message", "Messages.Message"),
    ("opt-in-status", "OptInStatus"), ("parent-zone-id", "ParentZoneId"),
    ("parent-zone-name", "ParentZoneName"), ("region-name", "RegionName"), ("state", "State"),
    ("zone-id", "ZoneId"), ("zone-name", "ZoneName"), ("zone-type", "ZoneType"),
];

fn describe_availability_zones(world: &mut World, input: &Input) -> Answer {
    let region = &world.region;
    let names = zones(region);
    let asked = input.texts("ZoneNames");
    if let Some(it) = asked
        .iter()
        .find(|it| !names.iter().any(|name| name == *it))
    {
        return Err(invalid(format!("Invalid availability zone: [{it}]")));
    }
    let ids = input.texts("ZoneIds");
    let is_asked = |name: &String| {
        (asked.is_empty() || asked.contains(&&**name))
            && (ids.is_empty() || ids.contains(&&*zone_id(name)))
    };
    let show = |name: String| {
        json!({
            "OptInStatus": "opt-in-not-required",
            "Messages": [],
            "RegionName": region,
            "ZoneName": name,
            "ZoneId": zone_id(&name),
            "GroupName": format!("{region}-zg-1"),
            "NetworkBorderGroup": region,
            "ZoneType": "availability-zone",
            "State": "available",
        })
    };
    let shown = names.iter().filter(|it| is_asked(it)).cloned().map(show);
    let listing = Listing {
        member: "AvailabilityZones",
        ids: None,
        filters: ZONE_FILTERS,
    };
    let shown = listing.select(input, shown.collect())?;
    Ok(json!({ "AvailabilityZones": shown }))
}

const REGION_FILTERS: Filters = &[
    ("endpoint", "Endpoint"),
    ("opt-in-status", "OptInStatus"),
    ("region-name", "RegionName"),
];

fn describe_regions(_: &mut World, input: &Input) -> Answer {
    let asked = input.texts("RegionNames");
    let is_known = |it: &&str| REGIONS.contains(it) || OPTIONAL.contains(it);
    if let Some(it) = asked.iter().find(|it| !is_known(it)) {
        return Err(invalid(format!("Invalid region: [{it}]")));
    }
    let show = |name: &'static str, status: &'static str| {
        json!({
            "RegionName": name,
            "Endpoint": format!("ec2.{name}.amazonaws.com"),
            "OptInStatus": status,
        })
    };
    let enabled = REGIONS.map(|it| show(it, "opt-in-not-required"));
    let others = OPTIONAL.map(|it| show(it, "not-opted-in"));
    let is_asked = |view: &Value| match asked.is_empty() {
        true => input.flag("AllRegions") || view["OptInStatus"] != "not-opted-in",
        false => view["RegionName"]
            .as_str()
            .is_some_and(|it| asked.contains(&it)),
    };
    let shown = enabled.into_iter().chain(others).filter(is_asked);
    let listing = Listing {
        member: "Regions",
        ids: None,
        filters: REGION_FILTERS,
    };
    let shown = listing.select(input, shown.collect())?;
    Ok(json!({ "Regions": shown }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_an_id_of_its_region() {
        assert_eq!(zone_id("us-east-1f"), "use1-az6");
        assert_eq!(zone_id("ap-southeast-2b"), "apse2-az2");
        assert_eq!(zone_id("eu-central-1a"), "euc1-az1");
    }
}
