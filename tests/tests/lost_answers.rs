//! A lost answer heals within the same run, whichever call's it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::thread;

use setpoint_tests::{Fault, Matching, Scenario, Stack, World};

/// One writing call of a run: its service, its action, and which of these it is.
type Place = (String, String, u64);

/// The three runs of a stack's life, and which calls each makes when nothing goes wrong.
struct Calm {
    stages: [Vec<Place>; 3],
    changed: World,
}

const FIRST: [&str; 3] = ["apply", "--yes", "--no-wait"];
const LAST: [&str; 3] = ["destroy", "--yes", "--empty-repositories"];

/// Every kind changes, so that every writing call of an update is made.
fn changed() -> Stack {
    Stack::flash_sale()
        .replacing("scanOnPush: true", "scanOnPush: false")
        .replacing("countNumber: 14", "countNumber: 7")
        .replacing("What instances of the cluster may do.", "What instances may do.")
        .replacing("      - AmazonEC2ContainerRegistryPowerUser\n", "")
        .replacing(
            "      - AmazonEC2ContainerRegistryReadOnly\n",
            "      - AmazonEC2ContainerRegistryPowerUser\n",
        )
        .replacing("retentionInDays: 14", "retentionInDays: 30")
        .replacing("ports: 80,", "ports: 8080,")
        .replacing("t2.small", "t3.small")
        .replacing("maxSize: 3", "maxSize: 4")
        .replacing(
            "    autoScalingGroup: flash-sale-instances\n",
            "    autoScalingGroup: flash-sale-instances\n    managedScaling: { targetCapacity: 90 }\n",
        )
        .replacing("project: flash-sale", "project: winter-sale")
        .replacing("        cpu: 256\n", "        cpu: 256\n        environment: [{ name: A, value: b }]\n")
        .replacing("maxCapacity: 3", "maxCapacity: 5")
        .replacing("target: 50", "target: 60")
        .replacing("{ capacityProvider: flash-sale-capacity, weight: 1 }\n\nlaunch", "{ capacityProvider: flash-sale-capacity, weight: 2 }\n\nlaunch")
        .with("clusters", "flash-sale-batch: {}")
}

/// The calls that change something, each told apart from those of the same action.
fn places(scenario: &Scenario) -> Vec<Place> {
    let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
    let calls = scenario.proxy.recording().mutating().into_iter();
    calls
        .map(|it| {
            let number = seen
                .entry((it.service.clone(), it.action.clone()))
                .or_default();
            *number += 1;
            (it.service, it.action, *number)
        })
        .collect()
}

fn calm() -> &'static Calm {
    static CALM: LazyLock<Calm> = LazyLock::new(live_calmly);
    &CALM
}

fn live_calmly() -> Calm {
    let scenario = Scenario::of(&Stack::flash_sale());
    scenario.run(&FIRST).exits(0);
    let first = places(&scenario);
    scenario.says(&changed());
    scenario.run(&FIRST).exits(0);
    let second = places(&scenario);
    let changed = scenario.world();
    scenario.run(&LAST).exits(0);
    let third = places(&scenario);
    assert_eq!(scenario.world().names(), [""; 0]);
    Calm {
        stages: [first, second, third],
        changed,
    }
}

/// What is there, without what AWS itself chooses: which instances run.
fn names(world: &World) -> Vec<String> {
    let names = world.names().into_iter();
    names
        .filter(|it| !it.starts_with("instance "))
        .map(str::to_owned)
        .collect()
}

/// The parts that would tell that something was made twice.
fn counts(world: &World) -> Vec<usize> {
    let template = world.get("launchTemplate flash-sale-instances");
    let group = world.get("securityGroup flash-sale-instances");
    let length = |it: &serde_json::Value| it.as_array().map_or(0, Vec::len);
    vec![
        length(&template["versions"]),
        length(&group["IpPermissions"]),
        length(&group["IpPermissionsEgress"]),
        world.of_kind("instance").len(),
    ]
}

/// Runs one stage with a fault at each of these calls, and each must be made.
fn run(scenario: &Scenario, arguments: &[&str], places: &[Place], fault: Fault) {
    for (service, action, number) in places {
        let matching = Matching::action(action).of(service).nth(*number);
        scenario.proxy.inject(matching, fault);
    }
    let outcome = scenario.run(arguments);
    scenario.proxy.calm();
    assert_eq!(
        outcome.code,
        Some(0),
        "{fault:?} at {places:?}\n{}\n{}",
        outcome.stdout,
        outcome.stderr
    );
    let calls = scenario.proxy.recording().mutating();
    let failed = calls
        .iter()
        .filter(|it| it.status.is_none_or(|status| status >= 400));
    let failed: BTreeSet<(&str, &str)> = failed
        .map(|it| (it.service.as_str(), it.action.as_str()))
        .collect();
    for (service, action, number) in places {
        let made = failed.contains(&(service, action));
        assert!(made, "{service}:{action} #{number} did not fail");
    }
}

/// The calls of one stage, of each service one: what one service's faults lead to may make a later
/// call of the same service needless, but not one of another's.
fn share(places: &[Place], number: usize) -> Vec<Place> {
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    let mine = places.iter().filter(|(service, ..)| {
        let seen = services.entry(service).or_default();
        *seen += 1;
        *seen == number + 1
    });
    mine.cloned().collect()
}

/// A stack's whole life, with a fault at one share of the calls of each stage.
fn live(calm: &Calm, number: usize, fault: Fault) {
    let faulty = calm.stages.each_ref().map(|it| share(it, number));
    let scenario = Scenario::of(&Stack::flash_sale());
    for (stage, stack) in [(0, Stack::flash_sale()), (1, changed())] {
        scenario.says(&stack);
        run(&scenario, &FIRST, &faulty[stage], fault);
        scenario.run(&["plan", "--detailed-exitcode"]).exits(0);
    }
    // What the first stage made twice is still there: revisions and versions are never reused.
    let world = scenario.world();
    assert_eq!(
        names(&world),
        names(&calm.changed),
        "{fault:?} at {faulty:?}"
    );
    assert_eq!(
        counts(&world),
        counts(&calm.changed),
        "{fault:?} at {faulty:?}"
    );
    run(&scenario, &LAST, &faulty[2], fault);
    let places = &faulty[2];
    assert_eq!(scenario.world().names(), [""; 0], "{fault:?} at {places:?}");
}

#[test]
fn every_write_whose_answer_is_lost_heals_within_the_run() {
    let calm = calm();
    assert!(
        calm.stages.iter().all(|it| it.len() >= 20),
        "{:?}",
        calm.stages
    );
    let is_left = |number: &usize| calm.stages.iter().any(|it| !share(it, *number).is_empty());
    thread::scope(|scope| {
        for number in (0..).take_while(is_left) {
            scope.spawn(move || live(calm, number, Fault::DropAfter));
        }
    });
}

#[test]
fn a_write_that_did_not_arrive_or_met_an_error_is_made_again() {
    let calm = calm();
    let faults = [
        Fault::DropBefore,
        Fault::InternalError,
        Fault::InternalErrorAfter,
        Fault::Throttle,
    ];
    thread::scope(|scope| {
        for (number, fault) in faults.into_iter().enumerate() {
            scope.spawn(move || live(calm, number, fault));
        }
    });
}
