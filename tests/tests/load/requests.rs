//! Which requests a site gets, and what becomes of them.

use crate::*;

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
