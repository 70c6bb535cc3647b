//! Prefix lists: AWS's own, and those of the account.

use super::{
    cidr::{self, Block},
    filter::Filters,
    listing::{self, Listing},
    refusal::{absent_as, invalid, needed},
    tag,
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A prefix list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PrefixList {
    id: String,
    name: String,
    /// `AWS` for its own.
    owner: String,
    family: String,
    most: i64,
    version: i64,
    state: String,
    /// Blocks and their descriptions.
    entries: BTreeMap<String, Option<String>>,
}

pub(super) fn actions() -> Vec<Action> {
    let on_list =
        |world: &World, input: &Input| vec![tag::grant(world, input.text("PrefixListId"))];
    vec![
        Action::on("CreateManagedPrefixList", create, |world, input| {
            tag::grants_new(world, input, "prefix-list")
        }),
        Action::on("ModifyManagedPrefixList", modify, on_list),
        Action::on("DeleteManagedPrefixList", delete, on_list),
        Action::on("GetManagedPrefixListEntries", entries, on_list),
        Action::new("DescribeManagedPrefixLists", describe_managed),
        Action::new("DescribePrefixLists", describe),
    ]
}

/// AWS's own lists: some blocks of each, and the number of rules that each counts for.
pub(super) fn furnish(world: &mut World) {
    let region = world.region.clone();
    let own = |service: &str| format!("com.amazonaws.{region}.{service}");
    let lists: [(&str, String, i64, &[&str]); 3] = [
        (
            "pl-63a5400a",
            own("s3"),
            1,
            &["52.216.0.0/15", "54.231.0.0/16", "3.5.0.0/19"],
        ),
        (
            "pl-02cd2c6b",
            own("dynamodb"),
            1,
            &["3.218.180.0/22", "52.94.0.0/22"],
        ),
        (
            "pl-3b927c52",
            "com.amazonaws.global.cloudfront.origin-facing".to_owned(),
            55,
            &["13.124.199.0/24", "130.176.0.0/18", "15.158.0.0/16"],
        ),
    ];
    for (id, name, most, blocks) in lists {
        let list = PrefixList {
            id: id.to_owned(),
            name,
            owner: "AWS".to_owned(),
            family: "IPv4".to_owned(),
            most,
            version: 1,
            state: "create-complete".to_owned(),
            entries: blocks.iter().map(|it| ((*it).to_owned(), None)).collect(),
        };
        world.ec2.lists.insert(id.to_owned(), list);
    }
}

/// Whether there is such a list.
pub(super) fn exists(world: &World, id: &str) -> bool {
    world.ec2.lists.contains_key(id)
}

/// How many rules of a security group a list counts for: for IPv4, and for IPv6.
pub(super) fn weight(world: &World, id: &str) -> (usize, usize) {
    let Some(list) = world.ec2.lists.get(id) else {
        return (1, 1);
    };
    let most = list.most.max(0) as usize;
    match &*list.family {
        "IPv6" => (0, most),
        _ => (most, 0),
    }
}

impl PrefixList {
    fn block(&self, text: &str) -> Result<String, Refusal> {
        let block = match &*self.family {
            "IPv6" => cidr::ipv6(text),
            _ => Block::read(text).map(|it| it.to_string()),
        };
        block.ok_or_else(|| invalid(format!("CIDR block {text} is malformed")))
    }

    fn add(&mut self, entries: &[Value]) -> Result<(), Refusal> {
        for it in entries {
            let block = self.block(it["Cidr"].as_str().unwrap_or_default())?;
            let description = it["Description"].as_str().map(str::to_owned);
            self.entries.insert(block, description);
        }
        match self.entries.len() as i64 <= self.most {
            true => Ok(()),
            false => Err(Refusal::new(
                "PrefixListMaxEntriesExceeded",
                format!(
                    "You've reached the maximum number of entries for the prefix list '{}'.",
                    self.id
                ),
            )),
        }
    }
}

fn show(world: &World, list: &PrefixList) -> Value {
    let arn = match &*list.owner {
        "AWS" => format!("arn:aws:ec2:{}:aws:prefix-list/{}", world.region, list.id),
        _ => tag::arn(world, &list.id),
    };
    let mut shown = json!({
        "PrefixListId": list.id,
        "AddressFamily": list.family,
        "State": list.state,
        "PrefixListArn": arn,
        "PrefixListName": list.name,
        "Tags": world.ec2.shown_tags(&list.id),
        "OwnerId": list.owner,
    });
    // What AWS may put in its own lists it does not show.
    if list.owner != "AWS" {
        shown["MaxEntries"] = list.most.into();
        shown["Version"] = list.version.into();
    }
    shown
}

fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("PrefixListName");
    if name.starts_with("com.amazonaws") {
        let words = "Prefix list names cannot start with com.amazonaws.";
        return Err(invalid(words));
    }
    let family = input.text("AddressFamily");
    if !["IPv4", "IPv6"].contains(&family) {
        return Err(invalid(format!(
            "Value ({family}) for parameter AddressFamily is invalid."
        )));
    }
    let tags = tag::on_create(input, "prefix-list")?;
    let mut list = PrefixList {
        id: world.ids.ec2("pl"),
        name: name.to_owned(),
        owner: ACCOUNT.to_owned(),
        family: family.to_owned(),
        most: input.integer("MaxEntries").unwrap_or_default(),
        version: 1,
        state: "create-complete".to_owned(),
        entries: BTreeMap::new(),
    };
    list.add(input.list("Entries"))?;
    world.ec2.put_tags(&list.id, tags);
    let mut shown = show(world, &list);
    shown["State"] = "create-in-progress".into();
    world.ec2.lists.insert(list.id.clone(), list);
    Ok(json!({ "PrefixList": shown }))
}

fn own(world: &World, input: &Input) -> Result<PrefixList, Refusal> {
    let id = input.text("PrefixListId");
    let list = world.ec2.lists.get(id);
    let list = list.ok_or_else(|| absent_as("pl", id))?;
    match &*list.owner {
        "AWS" => Err(Refusal::new(
            "OperationNotPermitted",
            format!("The prefix list '{id}' is managed by AWS and cannot be changed."),
        )),
        _ => Ok(list.clone()),
    }
}

fn modify(world: &mut World, input: &Input) -> Answer {
    let mut list = own(world, input)?;
    let has_entries = input.has("AddEntries") || input.has("RemoveEntries");
    let current = input.integer("CurrentVersion");
    if has_entries && current != Some(list.version) {
        let words = format!(
            "The prefix list has the incorrect version number. The current version is {}.",
            list.version
        );
        return Err(Refusal::new("PrefixListVersionMismatch", words));
    }
    if let Some(name) = input.maybe("PrefixListName") {
        list.name = name.to_owned();
    }
    list.most = input.integer("MaxEntries").unwrap_or(list.most);
    for it in input.list("RemoveEntries") {
        let block = list.block(it["Cidr"].as_str().unwrap_or_default())?;
        list.entries.remove(&block);
    }
    list.add(input.list("AddEntries"))?;
    list.version += i64::from(has_entries);
    list.state = "modify-complete".to_owned();
    let shown = show(world, &list);
    world.ec2.lists.insert(list.id.clone(), list);
    Ok(json!({ "PrefixList": shown }))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let list = own(world, input)?;
    if super::group::mentions_list(world, &list.id) {
        let words = format!("The prefix list '{}' is in use.", list.id);
        return Err(needed(words));
    }
    let mut shown = show(world, &list);
    shown["State"] = "delete-in-progress".into();
    world.ec2.lists.remove(&list.id);
    world.ec2.tags.remove(&list.id);
    Ok(json!({ "PrefixList": shown }))
}

fn entries(world: &mut World, input: &Input) -> Answer {
    let id = input.text("PrefixListId");
    let list = world.ec2.lists.get(id);
    let list = list.ok_or_else(|| absent_as("pl", id))?;
    let show = |(block, description): (&String, &Option<String>)| {
        let description = description.clone().map(Value::from);
        crate::call::object([
            ("Cidr", Some(block.as_str().into())),
            ("Description", description),
        ])
    };
    let shown: Vec<Value> = list.entries.iter().map(show).collect();
    listing::paged(input, "Entries", &shown)
}

const MANAGED_FILTERS: Filters = &[
    ("owner-id", "OwnerId"),
    ("prefix-list-id", "PrefixListId"),
    ("prefix-list-name", "PrefixListName"),
    ("tag", "Tags"),
];

fn describe_managed(world: &mut World, input: &Input) -> Answer {
    let listing = Listing {
        member: "PrefixLists",
        ids: Some(("PrefixListIds", "pl", "PrefixListId")),
        filters: MANAGED_FILTERS,
    };
    let shown = world.ec2.lists.values().map(|it| show(world, it));
    listing.answer(input, shown.collect())
}

const FILTERS: Filters = &[
    ("prefix-list-id", "PrefixListId"),
    ("prefix-list-name", "PrefixListName"),
];

/// AWS's own lists that gateway endpoints use.
fn describe(world: &mut World, input: &Input) -> Answer {
    let lists = world.ec2.lists.values().filter(|it| it.owner == "AWS");
    let show = |it: &PrefixList| {
        let blocks: Vec<&String> = it.entries.keys().collect();
        json!({ "Cidrs": blocks, "PrefixListId": it.id, "PrefixListName": it.name })
    };
    let listing = Listing {
        member: "PrefixLists",
        ids: Some(("PrefixListIds", "pl", "PrefixListId")),
        filters: FILTERS,
    };
    listing.answer(input, lists.map(show).collect())
}
