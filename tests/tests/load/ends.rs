//! How a load ends before its time, and the log that it leaves.

use crate::*;

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
