//! `setpoint load`, the binary, on sites that count what comes and on sandboxes.

use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::{Histogram, serialization::Deserializer};
use serde_json::{Value, json};
use setpoint_tests::{Outcome, Running, Sandbox, Setpoint, Site, Stack, Visit};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A place without a stack.
fn nowhere() -> Setpoint {
    Setpoint::at("http://127.0.0.1:9").timeout(Duration::from_secs(30))
}

/// A place whose stack has this `load:`.
fn with_load(load: &str) -> Setpoint {
    let place = nowhere();
    let stack = Stack::flash_sale().replacing("stages: [3m@8rps, 1m@8..36rps, 9m@36rps]", load);
    place.write("stack.yaml", &stack.to_string());
    place
}

/// What loads a site that is one's own.
fn on<'a>(url: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["load", "--target", url, "--i-own-this"], options].concat()
}

fn loaded(place: &Setpoint, site: &Site, options: &[&str]) -> Outcome {
    place.run(&on(&site.url(), options))
}

fn count(value: &Value, name: &str) -> u64 {
    let count = value[name].as_u64();
    count.unwrap_or_else(|| panic!("no {name} in {value:#}"))
}

/// What was asked, sent, done, dropped and ended badly.
fn counts(tally: &Value) -> [u64; 5] {
    ["asked", "sent", "done", "dropped", "errors"].map(|it| count(tally, it))
}

fn seconds(document: &Value) -> &Vec<Value> {
    document["seconds"].as_array().expect("it has seconds")
}

fn by_path(visits: &[Visit]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for visit in visits {
        *counts.entry(visit.path.as_str()).or_default() += 1;
    }
    counts
}

fn connections(visits: &[Visit]) -> usize {
    let all: BTreeSet<usize> = visits.iter().map(|it| it.connection).collect();
    all.len()
}

/// A histogram's values in microseconds, the least first.
fn values(base64: &str) -> Vec<u64> {
    let bytes = STANDARD.decode(base64).expect("it is base64");
    let histogram: Histogram<u64> = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .expect("it is a histogram");
    let recorded = histogram.iter_recorded();
    recorded
        .flat_map(|it| {
            let count = usize::try_from(it.count_at_value()).expect("a few");
            std::iter::repeat_n(it.value_iterated_to(), count)
        })
        .collect()
}

/// The values over all endpoints of a tally.
fn latencies(tally: &Value) -> Vec<u64> {
    let endpoints = tally["endpoints"].as_array().expect("it has endpoints");
    let histograms = endpoints
        .iter()
        .filter_map(|it| it["latency"]["histogram"].as_str());
    let mut all: Vec<u64> = histograms.flat_map(values).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_site_gets_exactly_the_requests_of_the_schedule() {
    let (place, site) = (nowhere(), Site::start());
    place.write("order.txt", "ticket=1");
    let asked = [
        "--stage",
        "2s@100rps",
        "--method",
        "post",
        "--path",
        "/=3",
        "--path",
        "/buy?n=1==1",
        "--header",
        "x-sale: spring",
        "--body",
        "@order.txt",
        "--json",
    ];
    let document = loaded(&place, &site, &asked).exits(0).json();
    let visits = site.visits();
    assert_eq!(visits.len(), 200);
    for visit in &visits {
        let host = site.url().replace("http://", "");
        assert_eq!(
            (
                visit.method.as_str(),
                visit.header("x-sale"),
                visit.header("host")
            ),
            ("POST", "spring", host.as_str())
        );
        assert_eq!(&visit.body[..], b"ticket=1");
    }
    let paths = by_path(&visits);
    assert_eq!(paths.keys().copied().collect::<Vec<_>>(), ["/", "/buy?n=1"]);
    assert!((30..=70).contains(&paths["/buy?n=1"]), "{paths:?}");
    assert!(connections(&visits) < 100, "connections are used again");
    // They left when they were due: no faster than the schedule has them.
    let lasted = visits[199].at.duration_since(visits[0].at);
    assert!(lasted.is_ok_and(|it| it > Duration::from_millis(1900)));

    assert_eq!(counts(&document["total"]), [200, 200, 200, 0, 0]);
    let endpoint = &document["total"]["endpoints"][0];
    assert_eq!(
        (&endpoint["endpoint"], &endpoint["statuses"]),
        (&json!(site.url()), &json!({ "200": 200 }))
    );
    let sum: u64 = seconds(&document).iter().map(|it| count(it, "done")).sum();
    assert_eq!(
        (sum, document["ended"]["why"].as_str()),
        (200, Some("complete"))
    );
    assert_eq!(latencies(&document["total"]).len(), 200);
}

#[test]
fn processes_that_share_a_load_begin_together_and_send_exactly_the_whole() {
    let (place, site) = (nowhere(), Site::answering(uneven));
    let (alone, site_alone) = (nowhere(), Site::answering(uneven));
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = now.expect("it is later than 1970").as_secs_f64() + 1.0;
    let begin = at.to_string();
    let (url, url_alone) = (site.url(), site_alone.url());
    let asked = [
        "--stage",
        "1s@100..300rps",
        "--path",
        "/=2",
        "--path",
        "/buy",
        "--begin-at",
        &begin,
        "--json",
    ];
    let parts = ["1/3", "2/3", "3/3"].map(|share| {
        let named = format!("x-share: {share}");
        let options = [&asked[..], &["--share", share, "--header", &named]].concat();
        place.start(&on(&url, &options))
    });
    let whole = alone.start(&on(&url_alone, &asked));
    let parts = parts.map(|it| it.wait().exits(0));
    let whole = whole.wait().exits(0).json();

    let visits = site.visits();
    assert_eq!(
        (visits.len(), counts(&whole["total"])[0]),
        (200, 200),
        "what comes is the whole"
    );
    assert_eq!(by_path(&visits), by_path(&site_alone.visits()));
    let mut first = BTreeMap::new();
    for visit in &visits {
        first.entry(visit.header("x-share")).or_insert(visit.at);
    }
    let first = first.into_values().map(|it| {
        let since = it.duration_since(UNIX_EPOCH);
        since.expect("it is later than 1970").as_secs_f64() - at
    });
    let first: Vec<f64> = first.collect();
    assert_eq!(first.len(), 3, "each has sent some");
    // The third one's first request is due 20 ms after the beginning.
    assert!(
        first.iter().all(|it| (-0.001..0.5).contains(it)),
        "{first:?}"
    );

    let documents = parts.each_ref().map(Outcome::json);
    for (part, document) in parts.iter().zip(["1.json", "2.json", "3.json"]) {
        place.write(document, &part.stdout);
    }
    let merge = ["load", "--merge", "1.json", "2.json", "3.json"];
    let sum = place.run(&[&merge[..], &["--json"]].concat()).exits(0);
    let sum = sum.json();
    assert_eq!(sum["began"].as_f64().map(|it| it - at < 0.1), Some(true));
    for (index, count) in counts(&sum["total"]).into_iter().enumerate() {
        let of_parts = documents.iter().map(|it| counts(&it["total"])[index]);
        assert_eq!(count, of_parts.sum::<u64>());
    }
    assert_eq!(counts(&sum["total"]), [200, 200, 200, 0, 0]);
    let mut all: Vec<u64> = documents
        .iter()
        .flat_map(|it| latencies(&it["total"]))
        .collect();
    all.sort_unstable();
    assert_eq!(latencies(&sum["total"]), all);
    for (name, per_mille) in [
        ("p50", 500),
        ("p90", 900),
        ("p95", 950),
        ("p99", 990),
        ("p999", 999),
        ("max", 1000),
    ] {
        let value = all[(all.len() * per_mille).div_ceil(1000) - 1];
        let told = sum["total"]["latency"][name].as_f64();
        let told = told.map(|it| (it * 1e6).round() as u64);
        assert_eq!(told, Some(value), "{name}");
    }
    let shown = place.run(&merge).exits(0).stdout;
    let counted = "asked 200  sent 200  done 200  dropped 0  errors 0 (0.00%)";
    assert!(shown.contains(counted), "{shown}");
}

/// Answers whose times differ.
fn uneven(number: usize) -> (u16, Duration) {
    let time = if number.is_multiple_of(10) { 80 } else { 3 };
    (200, Duration::from_millis(time))
}

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

#[test]
fn workers_ask_again_when_they_are_answered_and_a_recording_is_played() {
    let (place, slow) = (nowhere(), Site::slow(Duration::from_millis(50)));
    let workers = ["--workers", "3", "--duration", "1s", "--json"];
    let document = loaded(&place, &slow, &workers).exits(0).json();
    let visits = slow.visits();
    // Twenty times three at most, and the three that are on their way at the end.
    assert!((30..=63).contains(&visits.len()), "{}", visits.len());
    assert_eq!((slow.most_at_once(), connections(&visits)), (3, 3));
    assert_eq!(count(&document["total"], "done"), visits.len() as u64);
    let least = latencies(&document["total"])[0];
    assert!(least >= 50_000, "{least} µs");

    let site = Site::start();
    let recording = "time,rate\n# the sale of last year\n100,40\n100.5,80\n";
    place.write("last-year.csv", recording);
    let replay = ["--replay", "last-year.csv", "--no-keep-alive", "--json"];
    let document = loaded(&place, &site, &replay).exits(0).json();
    let visits = site.visits();
    assert_eq!((visits.len(), connections(&visits)), (60, 60));
    assert_eq!(counts(&document["total"]), [60, 60, 60, 0, 0]);
}

#[test]
fn a_threshold_ends_a_load_and_is_named() {
    let (place, site) = (nowhere(), Site::answering(|_| (503, Duration::ZERO)));
    let abort = [
        "--stage",
        "60s@40rps",
        "--abort-when",
        "p99 > 2s",
        "--abort-when",
        "errors > 5% over 1s",
    ];
    let ended = loaded(&place, &site, &abort).exits(1);
    assert!(ended.elapsed < Duration::from_secs(10));
    let said = "Load: ended by errors > 5% over 1s: errors was 100.0%";
    assert!(ended.stdout.starts_with(said), "{}", ended.stdout);
    let answers = format!("answers  503 × {}\n", site.visits().len());
    assert!(ended.stdout.contains(&answers), "{}", ended.stdout);
}

#[test]
fn ctrl_c_ends_a_load_with_its_whole_report() {
    let (place, site) = (nowhere(), Site::slow(Duration::from_millis(200)));
    let long = ["--stage", "60s@50rps", "--json", "--hdr", "latency.hlog"];
    let mut load = place.start(&on(&site.url(), &long));
    load.until_says("1 s  asked");
    load.interrupt();
    let ended = load.wait().exits(130);
    assert!(ended.elapsed < Duration::from_secs(5));
    let document = ended.json();
    assert_eq!(document["ended"]["why"], "interrupted");
    let came = site.visits().len() as u64;
    // What was on its way was heard out.
    let [asked, sent, done, dropped, errors] = counts(&document["total"]);
    assert_eq!(
        [asked, sent, done, dropped, errors],
        [came, came, came, 0, 0]
    );
    assert!(came >= 50);
    assert!(log(&place, "latency.hlog", "") == latencies(&document["total"]));
    let tag = format!("Tag={},", site.url());
    assert!(log(&place, "latency.hlog", &tag) == latencies(&document["total"]));
}

/// The latencies in a log of HdrHistogram's (format 1.3), of the lines with this tag.
fn log(place: &Setpoint, file: &str, tag: &str) -> Vec<u64> {
    let text = fs::read_to_string(place.directory().join(file)).expect("there is a log");
    let (head, lines): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|it| it.starts_with(['#', '"']));
    let has = |start: &str| head.iter().any(|it| it.starts_with(start));
    assert!(
        has("#[StartTime: ") && has("#[Histogram log format version 1.3]"),
        "{text}"
    );
    let mut all = Vec::new();
    let mut next = 0.0;
    for line in lines {
        let is_tagged = line.starts_with("Tag=");
        let Some(line) = line.strip_prefix(tag) else {
            continue;
        };
        if is_tagged && tag.is_empty() {
            continue;
        }
        let columns: Vec<&str> = line.split(',').collect();
        let [begins, lasts, most, histogram] = columns[..] else {
            panic!("four columns are in {line}");
        };
        let number = |it: &str| it.parse::<f64>().expect(line);
        assert_eq!(number(begins), next, "{line}");
        next += 1.0;
        let values = values(histogram);
        assert!((0.0..=1.0).contains(&number(lasts)), "{line}");
        let largest = values.last().map_or(0.0, |it| *it as f64 / 1000.0);
        assert!(
            (number(most) - largest).abs() < 0.002,
            "{largest} in {line}"
        );
        all.extend(values);
    }
    all.sort_unstable();
    all
}

#[test]
fn what_a_slow_site_leaves_no_room_for_is_dropped_and_counted() {
    let (place, site) = (nowhere(), Site::slow(Duration::from_millis(300)));
    let narrow = ["--stage", "1s@50rps", "--in-flight", "1", "--json"];
    let document = loaded(&place, &site, &narrow).exits(0).json();
    let came = site.visits().len() as u64;
    assert!((2..=4).contains(&came), "{came}");
    assert_eq!(site.most_at_once(), 1);
    assert_eq!(counts(&document["total"]), [50, came, came, 50 - came, 0]);
    let narrow = ["--stage", "1s@50rps", "--in-flight", "1"];
    let abort = ["--abort-when", "dropped > 50% over 1s"];
    let ended = loaded(&place, &site, &[&narrow[..], &abort].concat()).exits(1);
    assert!(
        ended.stdout.contains("ended by dropped > 50% over 1s"),
        "{}",
        ended.stdout
    );
}

#[test]
fn what_cannot_be_meant_is_told_in_a_sentence_and_nothing_is_sent() {
    let (place, site) = (nowhere(), Site::start());
    place.write("empty.csv", "");
    place.write("order.csv", "0,5\n10,5\n5,5\n");
    let year_ago = SystemTime::now() - Duration::from_secs(366 * 86_400);
    let year_ago = year_ago.duration_since(UNIX_EPOCH).expect("later");
    let year_ago = year_ago.as_secs().to_string();
    let begun = Instant::now();
    for (options, why) in [
        (
            &["--stage", "often"][..],
            "`often` is no stage; write 5m@50rps",
        ),
        (&["--replay", "empty.csv"], "a recording needs two rows"),
        (&["--replay", "order.csv"], "line 3 is not later"),
        (&["--replay", "gone.csv"], "cannot read gone.csv"),
        (
            &["--stage", "1s@5rps", "--share", "5/4"],
            "`5/4` is no share",
        ),
        (
            &["--stage", "1s@5rps", "--begin-at", &year_ago],
            "is no time to begin at",
        ),
        (&["--workers", "5"], "how long the workers ask"),
        (
            &["--stage", "1s@5rps", "--workers", "5"],
            "say when requests leave in one way",
        ),
        (
            &["--stage", "1s@5rps", "--abort-when", "p99"],
            "there is no `>`",
        ),
        (&["--stage", "1s@5rps", "--path", "buy"], "`buy` is no path"),
        (
            &["--stage", "1s@5rps", "--header", "content-length: 5"],
            "cannot be given",
        ),
        (
            &["--stage", "1s@5rps", "--body", "@gone.txt"],
            "cannot read gone.txt",
        ),
    ] {
        let ended = loaded(&place, &site, options).exits(1);
        let said = &ended.stderr;
        assert!(
            said.starts_with("error: ") && said.contains(why),
            "{options:?}: {said}"
        );
        assert!(
            said.lines().count() <= 3 && !said.contains("-f FILE"),
            "{said}"
        );
        assert_eq!(ended.stdout, "", "{options:?}");
    }
    place.write("1.json", "{\"version\":1}");
    let ended = place.run(&["load", "--merge", "1.json"]).exits(1);
    assert!(
        ended.stderr.contains("1.json") && ended.stderr.contains("no outcome of `setpoint load"),
        "{}",
        ended.stderr
    );
    assert_eq!(site.visits().len(), 0);
    assert!(begun.elapsed() < Duration::from_secs(20));
}
