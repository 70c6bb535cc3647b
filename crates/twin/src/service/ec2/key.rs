//! Key pairs.

use super::{
    filter::Filters,
    listing::Listing,
    refusal::{absent_as, invalid, missing},
    tag,
};
use crate::{Action, Answer, Input, Refusal, Time, World, call::object};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A key pair, of which EC2 keeps only the public half.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeyPair {
    pub(super) id: String,
    name: String,
    kind: String,
    fingerprint: String,
    public: Option<String>,
    created_at: Time,
}

pub(super) fn actions() -> Vec<Action> {
    let creating = |world: &World, input: &Input| tag::grants_new(world, input, "key-pair");
    vec![
        Action::on("CreateKeyPair", create_key_pair, creating),
        Action::on("ImportKeyPair", import_key_pair, creating),
        Action::on("DeleteKeyPair", delete_key_pair, |world, input| {
            let found = named(world, input);
            found
                .map(|it| tag::grant(world, &it.id))
                .into_iter()
                .collect()
        }),
        Action::new("DescribeKeyPairs", describe_key_pairs),
    ]
}

/// Refuses a name that no key pair has.
pub(super) fn check(world: &World, name: &str) -> Result<(), Refusal> {
    match world.ec2.keys.contains_key(name) {
        true => Ok(()),
        false => Err(absent(name)),
    }
}

fn absent(name: &str) -> Refusal {
    let words = format!("The key pair '{name}' does not exist");
    Refusal::new("InvalidKeyPair.NotFound", words)
}

fn named<'a>(world: &'a World, input: &Input) -> Option<&'a KeyPair> {
    match (input.maybe("KeyName"), input.maybe("KeyPairId")) {
        (Some(name), _) => world.ec2.keys.get(name),
        (None, id) => world.ec2.keys.values().find(|it| Some(&*it.id) == id),
    }
}

fn make(world: &mut World, input: &Input, kind: &str) -> Result<KeyPair, Refusal> {
    let name = input.text("KeyName");
    let tags = tag::on_create(input, "key-pair")?;
    if name.is_empty() || name.len() > 255 || !name.is_ascii() {
        return Err(invalid(format!(
            "Value ({name}) for parameter KeyName is invalid. Key pair names have 1 to 255 ASCII \
             characters."
        )));
    }
    if world.ec2.keys.contains_key(name) {
        let words = format!("The keypair already exists: {name}");
        return Err(Refusal::new("InvalidKeyPair.Duplicate", words));
    }
    let digits = world.ids.hex(40);
    let pairs: Vec<&str> = (0..20).map(|it| &digits[2 * it..2 * it + 2]).collect();
    let key = KeyPair {
        id: world.ids.ec2("key"),
        name: name.to_owned(),
        kind: kind.to_owned(),
        fingerprint: pairs.join(":"),
        public: None,
        created_at: world.now,
    };
    world.ec2.put_tags(&key.id, tags);
    Ok(key)
}

fn create_key_pair(world: &mut World, input: &Input) -> Answer {
    let kind = input.maybe("KeyType").unwrap_or("rsa");
    let key = make(world, input, kind)?;
    // Nobody can enter an instance with it, since none is a machine.
    let material = BASE64.encode(world.ids.hex(768));
    let lines: Vec<&str> = (0..material.len())
        .step_by(64)
        .map(|it| &material[it..(it + 64).min(material.len())])
        .collect();
    let material = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
        lines.join("\n")
    );
    let answer = json!({
        "KeyPairId": key.id,
        "Tags": world.ec2.shown_tags(&key.id),
        "KeyName": key.name,
        "KeyFingerprint": key.fingerprint,
        "KeyMaterial": material,
    });
    world.ec2.keys.insert(key.name.clone(), key);
    Ok(answer)
}

fn import_key_pair(world: &mut World, input: &Input) -> Answer {
    let material = input.text("PublicKeyMaterial");
    let bytes = BASE64.decode(material).unwrap_or_default();
    let public = String::from_utf8(bytes).unwrap_or_default();
    let kind = match public.split(' ').next() {
        Some("ssh-rsa") => "rsa",
        Some("ssh-ed25519") => "ed25519",
        _ => {
            let words = "Key is not in valid OpenSSH public key format";
            return Err(Refusal::new("InvalidKey.Format", words));
        }
    };
    let mut key = make(world, input, kind)?;
    key.public = Some(public);
    let answer = json!({
        "KeyPairId": key.id,
        "Tags": world.ec2.shown_tags(&key.id),
        "KeyName": key.name,
        "KeyFingerprint": key.fingerprint,
    });
    world.ec2.keys.insert(key.name.clone(), key);
    Ok(answer)
}

/// Deleting what is not there is no error.
fn delete_key_pair(world: &mut World, input: &Input) -> Answer {
    if !input.has("KeyName") && !input.has("KeyPairId") {
        return Err(missing("KeyName or KeyPairId"));
    }
    let found = named(world, input).map(|it| (it.name.clone(), it.id.clone()));
    if let Some((name, id)) = &found {
        world.ec2.keys.remove(name);
        world.ec2.tags.remove(id);
    }
    let id = found.map(|it| Value::from(it.1));
    Ok(object([("Return", Some(true.into())), ("KeyPairId", id)]))
}

const FILTERS: Filters = &[
    ("key-pair-id", "KeyPairId"),
    ("fingerprint", "KeyFingerprint"),
    ("key-name", "KeyName"),
    ("tag", "Tags"),
];

fn describe_key_pairs(world: &mut World, input: &Input) -> Answer {
    let (names, ids) = (input.texts("KeyNames"), input.texts("KeyPairIds"));
    if let Some(name) = names.iter().find(|it| !world.ec2.keys.contains_key(**it)) {
        return Err(absent(name));
    }
    let has = |id: &&&str| world.ec2.keys.values().any(|it| it.id == **id);
    if let Some(id) = ids.iter().find(|id| !has(id)) {
        return Err(absent_as("key", id));
    }
    let is_asked = |it: &&KeyPair| {
        (names.is_empty() && ids.is_empty()) || names.contains(&&*it.name) || ids.contains(&&*it.id)
    };
    let show = |it: &KeyPair| {
        let public = it.public.clone().filter(|_| input.flag("IncludePublicKey"));
        object([
            ("KeyPairId", Some(it.id.as_str().into())),
            ("KeyType", Some(it.kind.as_str().into())),
            ("Tags", Some(world.ec2.shown_tags(&it.id))),
            ("PublicKey", public.map(Value::from)),
            ("CreateTime", Some(it.created_at.value())),
            ("KeyName", Some(it.name.as_str().into())),
            ("KeyFingerprint", Some(it.fingerprint.as_str().into())),
        ])
    };
    let listing = Listing {
        member: "KeyPairs",
        ids: None,
        filters: FILTERS,
    };
    let shown = world.ec2.keys.values().filter(is_asked).map(show);
    let shown = listing.select(input, shown.collect())?;
    Ok(json!({ "KeyPairs": shown }))
}
