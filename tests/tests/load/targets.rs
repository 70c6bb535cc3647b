//! Where a load may go, and goes.

use crate::*;

/// A place where the flash sale runs on a sandbox of the place's own.
fn applied() -> Setpoint {
    let place = nowhere();
    place.write("stack.yaml", &Stack::flash_sale().to_string());
    place.run(&["--sandbox", "apply", "--yes"]).exits(0);
    place
}

#[test]
fn only_what_is_the_stacks_own_is_loaded_unless_its_owner_speaks() {
    let (place, site) = (applied(), Site::start());
    let target = site.url();
    let short = ["--stage", "1s@20rps", "--json"];
    let other = [&["--sandbox", "load", "--target", &target], &short[..]].concat();
    for (place, why) in [(&nowhere(), "no stack"), (&place, "another's host")] {
        let refused = place.run(&other).exits(1);
        let said = format!("{target} is not an address of this stack");
        assert!(
            refused.stderr.contains(&said) && refused.stderr.contains("--i-own-this"),
            "{why}: {}",
            refused.stderr
        );
        assert_eq!(site.visits().len(), 0, "{why}");
    }
    place
        .run(&[&other[..], &["--i-own-this"]].concat())
        .exits(0);
    assert_eq!(site.visits().len(), 20);

    let own = [&["--sandbox", "load"], &short[..]].concat();
    let found = place.run(&own).exits(0).json();
    let endpoint = &found["total"]["endpoints"][0];
    assert_eq!(endpoint["statuses"], json!({ "200": 20 }));
    let address = endpoint["endpoint"].as_str().expect("it has one");
    let named = [&own[..], &["--target", address]].concat();
    let named = place.run(&named).exits(0).json();
    assert_eq!(
        named["total"]["endpoints"][0]["statuses"],
        json!({ "200": 20 })
    );
}

#[test]
fn tasks_are_loaded_from_when_they_run_until_they_stop() {
    let sandbox = Sandbox::start(&["--speed", "120"]);
    let place = sandbox.place();
    let stack = Stack::tagged().without("scaling", "flash-sale-service");
    place.write("stack.yaml", &stack.to_string());
    place.run(&["apply", "--yes"]).exits(0);
    let mut load = place.start(&["load", "--stage", "30s@20rps", "--json"]);
    load.until_says("1 s  asked");
    let two = scaled(&sandbox, 2, &mut load);
    until(&mut load, two + Duration::from_millis(2500));
    let one = scaled(&sandbox, 1, &mut load);
    until(&mut load, one + Duration::from_millis(3200));
    load.interrupt();
    let document = load.wait().exits(130).json();

    let began = document["began"].as_f64().expect("it began");
    let second_of = |at: SystemTime| {
        let since = at.duration_since(UNIX_EPOCH).expect("later than 1970");
        (since.as_secs_f64() - began) as usize
    };
    let endpoints_in = |second: &Value| {
        let all = second["endpoints"].as_array().expect("it has endpoints");
        let loaded = all.iter().filter(|it| it["statuses"]["200"].is_u64());
        loaded
            .map(|it| it["endpoint"].as_str().unwrap_or_default().to_owned())
            .collect::<BTreeSet<String>>()
    };
    let each: Vec<BTreeSet<String>> = seconds(&document).iter().map(endpoints_in).collect();
    assert_eq!(each[0].len(), 1, "{each:?}");
    let second = each.iter().position(|it| it.len() == 2);
    assert!(
        second.is_some_and(|it| it <= second_of(two) + 2),
        "two ran at {} s: {each:?}",
        second_of(two)
    );
    let gone = second_of(one) + 2;
    assert!(
        each.len() > gone && each[gone..each.len() - 1].iter().all(|it| it.len() == 1),
        "one ran at {} s: {each:?}",
        second_of(one)
    );
    let [_, sent, done, dropped, errors] = counts(&document["total"]);
    assert_eq!((sent, dropped), (done, 0));
    // It is looked every second where tasks answer, and half of what is asked goes to each.
    assert!(errors <= 15, "{:#}", document["total"]["endpoints"]);
    let survivor = each[each.len() - 2].first().expect("one is left");
    let all = document["total"]["endpoints"].as_array().expect("two");
    let left = all.iter().find(|it| it["endpoint"] == survivor.as_str());
    assert_eq!(left.map(|it| &it["errors"]), Some(&json!(0)));
}

/// Sets the desired count, and answers when so many tasks ran.
fn scaled(sandbox: &Sandbox, desired: u64, load: &mut Running) -> SystemTime {
    let service = json!({ "cluster": "flash-sale-cluster", "service": "flash-sale-service",
        "desiredCount": desired });
    sandbox.boto().expect("ecs", "update_service", service);
    let ask = json!({ "cluster": "flash-sale-cluster", "services": ["flash-sale-service"] });
    loop {
        let shown = sandbox
            .boto()
            .expect("ecs", "describe_services", ask.clone());
        if shown["services"][0]["runningCount"] == desired {
            return SystemTime::now();
        }
        assert!(!load.ended(), "the load has ended");
    }
}

/// Lets a load go on until some time.
fn until(load: &mut Running, at: SystemTime) {
    while SystemTime::now() < at {
        assert!(!load.ended(), "the load has ended");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_stacks_own_load_is_played_and_the_command_line_goes_over_it() {
    let site = Site::start();
    let place = with_load(
        "stages: [500ms@40rps]\n  method: PUT\n  paths: { /a: 1 }\n  headers: { x-of: stack }\n  body: b",
    );
    let all = |visits: &[Visit], method: &str, path: &str, of: &str| {
        let is_so = |it: &Visit| {
            (it.method.as_str(), it.path.as_str(), it.header("x-of")) == (method, path, of)
        };
        visits.iter().all(is_so)
    };
    loaded(&place, &site, &[]).exits(0);
    let visits = site.visits();
    assert_eq!(visits.len(), 20);
    assert!(all(&visits, "PUT", "/a", "stack"), "{visits:?}");
    assert!(visits.iter().all(|it| &it.body[..] == b"b"));

    let over = [
        "--stage",
        "500ms@20rps",
        "--method",
        "GET",
        "--path",
        "/b",
        "--header",
        "X-Of: me",
    ];
    loaded(&place, &site, &over).exits(0);
    let visits = site.visits().split_off(20);
    assert_eq!(visits.len(), 10);
    assert!(all(&visits, "GET", "/b", "me"), "{visits:?}");

    let wrong = with_load("stages: [3m@8rps, often]");
    let refused = wrong.run(&["validate"]).exits(1).stderr;
    let text = Stack::flash_sale().to_string();
    let line = text.lines().position(|it| it.contains("stages:"));
    let place = format!("stack.yaml:{}:", line.map_or(0, |it| it + 1));
    assert!(
        refused.contains(&place) && refused.contains("`often` is no stage"),
        "no {place} in {refused}"
    );
    loaded(&wrong, &site, &[]).exits(1);
    assert_eq!(site.visits().len(), 30);
}
