//! What holds for every document, over documents made from the model itself.

mod generate;

use serde_json::{Map, Value};

use super::DocumentKind::{self, Service, TaskDefinition};
use super::{can_update, changes, check, normalise};
use generate::Generator;

const ROUNDS: u64 = 500;

fn each(law: impl Fn(DocumentKind, Generator)) {
    for seed in 0..ROUNDS {
        law(TaskDefinition, Generator::new(seed));
        law(Service, Generator::new(seed));
    }
}

#[test]
fn what_the_model_allows_is_allowed() {
    each(|kind, mut generator| {
        let document = generator.document(kind);
        assert_eq!(check(kind, &document), [], "{document:#}");
    });
}

#[test]
fn a_normal_form_is_its_own_normal_form() {
    each(|kind, mut generator| {
        let document = generator.document(kind);
        let document = generator.spoiled(document);
        let once = normalise(kind, document);
        assert_eq!(normalise(kind, once.clone()), once);
    });
}

#[test]
fn a_normal_form_may_be_sent() {
    each(|kind, mut generator| {
        let form = normalise(kind, generator.document(kind));
        assert_eq!(check(kind, &form), [], "{form:#}");
    });
}

#[test]
fn what_aws_adds_and_moves_is_no_difference() {
    each(|kind, mut generator| {
        let document = generator.document(kind);
        let shown = generator.shown(kind, &document);
        let form = normalise(kind, document);
        assert_eq!(normalise(kind, shown.clone()), form, "{shown:#}");
    });
}

#[test]
fn every_single_change_is_a_difference() {
    each(|kind, mut generator| {
        let form = normalise(kind, generator.document(kind));
        let name = if kind == Service {
            "serviceName"
        } else {
            "family"
        };
        for member in form.as_object().expect("an object").keys() {
            let mut less = form.clone();
            less.as_object_mut().expect("an object").remove(member);
            // On Fargate the mode is written again.
            if member != "networkMode" {
                assert_ne!(normalise(kind, less), form, "{member}");
            }
        }
        let mut other = form.clone();
        other[name] = Value::from("another");
        assert_ne!(normalise(kind, other), form);
    });
}

#[test]
fn what_is_sent_makes_the_service_what_is_wanted() {
    for seed in 0..ROUNDS {
        let mut generator = Generator::new(seed);
        let mut observed = generator.document(Service);
        let mut desired = generator.document(Service);
        // Switched on, it must have all its members, which the model does not say.
        for service in [&mut observed, &mut desired] {
            service["deploymentConfiguration"]["earlySuccessCriteria"] = Value::Null;
        }
        let observed = normalise(Service, observed);
        // AWS does not change the scheduling of a service, which decides its defaults.
        desired["schedulingStrategy"] = observed["schedulingStrategy"].clone();
        let desired = normalise(Service, desired);
        let sent = changes(&desired, &observed);
        let mut kept = observed.as_object().expect("an object").clone();
        let mut replaced = kept.clone();
        let mut wanted = desired.as_object().expect("an object").clone();
        for (member, value) in sent {
            if value.is_null() || !can_update(&member) {
                for service in [&mut kept, &mut replaced, &mut wanted] {
                    service.remove(&member);
                }
                continue;
            }
            replaced.insert(member.clone(), value.clone());
            // A rollout's settings are many in one member, and each has a default.
            if member == "deploymentConfiguration" {
                overlay(&mut kept, &member, value);
            } else {
                kept.insert(member, value);
            }
        }
        let wanted = normalise(Service, Value::Object(wanted));
        // Whether AWS keeps or resets what an object in the request leaves out.
        for updated in [replaced, kept] {
            assert_eq!(normalise(Service, Value::Object(updated)), wanted);
        }
    }
}

/// Updates a member as a service that keeps whatever a request leaves out.
fn overlay(object: &mut Map<String, Value>, member: &str, value: Value) {
    match (object.get_mut(member), value) {
        (Some(Value::Object(inner)), Value::Object(parts)) => {
            for (part, value) in parts {
                overlay(inner, &part, value);
            }
        }
        (_, value) => {
            object.insert(member.to_owned(), value);
        }
    }
}
