//! What happens at its times.

use super::*;
use crate::service::scaling::{self, schedule::Schedule, zone};

#[test]
fn scheduled_actions_move_the_bounds_at_their_times() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    let sale = json!({
        "ScheduledActionName": "sale",
        "Schedule": "cron(30 8 ? * MON-FRI *)",
        "Timezone": "Europe/Berlin",
        "ScalableTargetAction": { "MinCapacity": 4 },
    });
    call(&mut world, "PutScheduledAction", sale).expect("it is put");
    // Half past eight in Berlin's winter is half past seven UTC.
    world.advance(START + MINUTE * 449);
    assert_eq!(desired(&world), 1);
    world.advance(START + MINUTE * 450);
    assert_eq!(desired(&world), 4);
    assert_eq!(scaling::bounds(&world, "web", "shop"), Some((4, 4)));
    let shown = activities(&mut world);
    assert_eq!(shown[0]["Cause"], "minimum capacity was set to 4");
    assert_eq!(shown[0]["Description"], "Setting desired count to 4.");
    assert_eq!(
        shown[1]["Cause"],
        "scheduled action name sale was triggered"
    );
    assert_eq!(
        shown[1]["StatusMessage"],
        "Successfully set min capacity to 4"
    );
    // Not on the weekend, but on Monday again.
    register(&mut world, 1, 3);
    world.advance(START + MINUTE * (1440 * 3 + 449));
    assert_eq!(desired(&world), 3);
    world.advance(START + MINUTE * (1440 * 3 + 450));
    assert_eq!(desired(&world), 4);
}

#[test]
fn an_update_of_a_scheduled_action_drops_its_times() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    let start = START.0 / 1000 + 3600;
    let hourly = json!({
        "ScheduledActionName": "hourly",
        "Schedule": "rate(1 hour)",
        "StartTime": start,
        "EndTime": start + 7200,
        "ScalableTargetAction": { "MinCapacity": 2, "MaxCapacity": 5 },
    });
    call(&mut world, "PutScheduledAction", hourly).expect("it is put");
    let shown = |world: &mut World| {
        let shown = call(world, "DescribeScheduledActions", json!({})).expect("it is shown");
        shown["ScheduledActions"][0].clone()
    };
    assert_eq!(shown(&mut world)["StartTime"], start);
    let update = json!({
        "ScheduledActionName": "hourly",
        "ScalableTargetAction": { "MaxCapacity": 6 },
    });
    call(&mut world, "PutScheduledAction", update).expect("it is put");
    let now = shown(&mut world);
    assert_eq!(now.get("StartTime"), None);
    assert_eq!(now["Schedule"], "rate(1 hour)");
    assert_eq!(now["ScalableTargetAction"], json!({ "MaxCapacity": 6 }));
    world.advance(START + MINUTE * 61);
    assert_eq!(scaling::bounds(&world, "web", "shop"), Some((1, 6)));
    let name = json!({ "ScheduledActionName": "hourly" });
    call(&mut world, "DeleteScheduledAction", name.clone()).expect("it is deleted");
    let again = refused(call(&mut world, "DeleteScheduledAction", name));
    assert_eq!(again.0, "ObjectNotFoundException");
}

#[test]
fn schedules_that_say_no_time_are_refused() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    for schedule in [
        "cron(0 8 * * *)",
        "cron(0 8 * * * *)",
        "cron(60 8 * * ? *)",
        "rate(0 minutes)",
        "rate(5 weeks)",
        "at(2026-02-30T00:00:00)",
        "daily",
    ] {
        let action = json!({
            "ScheduledActionName": "x",
            "Schedule": schedule,
            "ScalableTargetAction": { "MinCapacity": 2 },
        });
        let refusal = refused(call(&mut world, "PutScheduledAction", action));
        assert_eq!(refusal.0, "ValidationException", "{schedule}");
    }
    let nowhere = json!({
        "ScheduledActionName": "x",
        "Schedule": "at(2026-12-24T18:00:00)",
        "Timezone": "Mars/Olympus",
        "ScalableTargetAction": { "MinCapacity": 2 },
    });
    let refusal = refused(call(&mut world, "PutScheduledAction", nowhere));
    assert!(refusal.1.contains("Mars/Olympus"));
}

#[test]
fn clocks_that_change_are_followed() {
    let next = |text: &str, name: &str, after: Time| {
        let zone = zone::find(name).expect("the zone is known");
        let schedule = Schedule::parse(text, zone).expect("it is a schedule");
        schedule.next(after, after).expect("it comes").to_string()
    };
    let morning = "cron(0 9 * * ? *)";
    let year = |days: u64| START + MINUTE * (1440 * days as u32);
    assert_eq!(
        next(morning, "America/New_York", year(0)),
        "2026-11-27T14:00:00.000Z"
    );
    assert_eq!(
        next(morning, "America/New_York", year(120)),
        "2027-03-27T13:00:00.000Z"
    );
    assert_eq!(
        next(morning, "Europe/Berlin", year(120)),
        "2027-03-27T08:00:00.000Z"
    );
    assert_eq!(
        next(morning, "Europe/Berlin", year(122)),
        "2027-03-29T07:00:00.000Z"
    );
    assert_eq!(
        next(morning, "Australia/Sydney", year(0)),
        "2026-11-27T22:00:00.000Z"
    );
    assert_eq!(
        next("at(2026-12-24T18:00:00)", "Asia/Kolkata", year(0)),
        "2026-12-24T12:30:00.000Z"
    );
    assert_eq!(
        next("cron(0 0 L * ? *)", "UTC", year(0)),
        "2026-11-30T00:00:00.000Z"
    );
    assert_eq!(
        next("cron(0 0 ? 12 SUN#2 *)", "UTC", year(0)),
        "2026-12-13T00:00:00.000Z"
    );
    assert_eq!(
        next("cron(0/20 6,18 ? * 6L *)", "UTC", year(1)),
        "2026-12-25T06:00:00.000Z"
    );
}
