//! Several processes that share one load.

use crate::*;

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
