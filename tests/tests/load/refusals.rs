//! What cannot be meant.

use crate::*;

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

#[test]
fn a_load_of_the_stack_that_is_none_is_told_with_its_line_and_nothing_is_sent() {
    let site = Site::start();
    let place = with_load("stages: [2m@50rps, often]");
    let ended = loaded(&place, &site, &[]).exits(1);
    assert!(
        ended.stderr.contains("`often` is no stage")
            && ended.stderr.contains("--> stack.yaml:")
            && ended.stderr.contains("nothing was sent"),
        "{}",
        ended.stderr
    );
    assert_eq!(site.visits().len(), 0);
}
