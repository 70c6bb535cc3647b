//! The flash sale from one task to three and back, as each command tells it.

use crate::sale::{Sale, minutes};
use ratatui::{Terminal, backend::TestBackend};
use setpoint_observe::{
    Line, Part, Picture,
    endpoints::{self, endpoints},
    status::{self, ScalingState, status},
    timeline::{self, Happening, timeline},
    view::{Key, View, parts},
};
use setpoint_twin::{Fate, Heard};
use std::time::Duration;

fn text(lines: &[Line]) -> String {
    lines.iter().map(|it| format!("{it}\n")).collect()
}

/// Whether these words are told in this order, each in a line of its own or a later one.
#[track_caller]
fn tells(text: &str, words: &[&str]) {
    let mut lines = text.lines();
    for it in words {
        assert!(
            lines.any(|line| line.contains(it)),
            "no {it:?} in its place in\n{text}"
        );
    }
}

fn story(picture: &Picture) -> Vec<Happening> {
    timeline(picture, picture.at - Duration::from_secs(90 * 60))
}

#[tokio::test(start_paused = true)]
async fn the_timeline_tells_the_whole_story_of_a_scale_out_and_of_the_way_back() {
    let sale = Sale::begun().await;
    minutes(5).await;
    sale.offer(120.0);
    minutes(15).await;
    let out = sale.look(timeline::PARTS).await;
    let told = text(&timeline::lines(&story(&out), false));
    println!("{told}");
    tells(
        &told,
        &[
            "load        rose: CPU",
            "alarm       the high alarm of cpu-target-tracking fired, because CPUUtilization was",
            "scaling     policy cpu-target-tracking set the desired count to 3, because of the high",
            "service     started 2 tasks: ",
            " runs on i-",
            "service     has reached a steady state",
        ],
    );
    assert!(!told.contains("deployment  deployment"), "{told}");
    sale.offer(0.0);
    minutes(40).await;
    let back = sale.look(timeline::PARTS).await;
    let told = text(&timeline::lines(&story(&back), false));
    println!("{told}");
    tells(
        &told,
        &[
            "load        fell: CPU",
            "the low alarm of cpu-target-tracking fired",
            "scaling     policy cpu-target-tracking set the desired count from 3 to 2, because",
            "service     stops 1 task: ",
            "scaling     policy cpu-target-tracking set the desired count from 2 to 1, because",
            "service     stops 1 task: ",
            "changes nothing: already at the fewest, 1",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_twice() {
    let sale = Sale::begun().await;
    minutes(5).await;
    sale.offer(120.0);
    minutes(15).await;
    let picture = sale.look(timeline::PARTS).await;
    let story = story(&picture);
    assert!(story.is_sorted_by_key(|it| it.at));
    for task in &picture.tasks {
        let id = &task.id()[..8];
        let starts = story.iter().filter(|it| {
            it.text.contains(id)
                && (it.text.starts_with("started ") || it.text.contains("is started"))
        });
        assert_eq!(starts.count(), 1, "{id} in {story:#?}");
    }
    let again = timeline(
        &sale.look(timeline::PARTS).await,
        picture.at - Duration::from_secs(5400),
    );
    assert!(
        story
            .iter()
            .all(|it| again.iter().any(|one| one.key == it.key))
    );
}

#[tokio::test(start_paused = true)]
async fn the_status_follows_the_sale() {
    let sale = Sale::begun().await;
    minutes(10).await;
    let calm = sale.look(status::PARTS).await;
    println!("{}", text(&status::lines(&calm)));
    let before = &status(&calm)[0];
    assert_eq!(
        (before.running, before.desired, before.bounds),
        (1, 1, Some((1, 3)))
    );
    assert_eq!(before.scaling, [ScalingState::Idle]);
    sale.offer(120.0);
    minutes(15).await;
    sale.twin.forget();
    let busy = sale.look(status::PARTS).await;
    let told = text(&status::lines(&busy));
    println!("{told}");
    let after = &status(&busy)[0];
    assert_eq!((after.running, after.desired), (3, 3));
    assert!(
        after.scaling.contains(&ScalingState::AtMax { count: 3 }),
        "{after:#?}"
    );
    assert_eq!(after.cpu.minutes.len(), 30);
    assert!(after.instances[0].credits.is_some(), "{after:#?}");
    assert_eq!(after.endpoints.len(), 3);
    tells(
        &told,
        &[
            "flash-sale-service in flash-sale-cluster at ",
            "  deployment  completed, flash-sale-task:1",
            "  tasks       3 of 3 running, 0 pending, scaling from 1 to 3",
            "target 50 %",
            "  scaling     at max (3)",
            "t2.small",
            "http://",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn the_endpoints_of_any_number_of_tasks_take_three_batched_calls() {
    let sale = Sale::begun().await;
    sale.offer(120.0);
    minutes(20).await;
    sale.calls();
    let picture = sale.look(endpoints::PARTS).await;
    let calls = sale.calls();
    for batched in [
        "DescribeTasks",
        "DescribeContainerInstances",
        "DescribeInstances",
    ] {
        assert_eq!(
            calls.iter().filter(|it| *it == batched).count(),
            1,
            "{calls:?}"
        );
    }
    assert_eq!(calls.len(), 7, "{calls:?}");
    let found = endpoints(&picture);
    assert_eq!(found.len(), 3, "{found:#?}");
    for it in &found {
        assert_eq!(it.obstacles, Vec::<String>::new());
        let port = it.authority().rsplit_once(':').expect("it has one").1;
        assert!((32768..=60999).contains(&port.parse::<u32>().expect("it is one")));
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_way_of_an_endpoint_is_said() {
    let sale = Sale::begun().await;
    minutes(5).await;
    let mut picture = sale.look(endpoints::PARTS).await;
    for group in &mut picture.security_groups {
        group.ingress.retain(|it| it.from == Some(80));
    }
    let told = text(&endpoints::lines(&picture));
    tells(
        &told,
        &["http://", "! security group flash-sale-instances (sg-"],
    );
    assert!(told.contains("lets nobody in at port"), "{told}");
    for it in &mut picture.instances {
        it.public_ip = None;
    }
    let told = text(&endpoints::lines(&picture));
    assert!(told.contains("has no public address"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_or_throttled_is_told_and_the_rest_is_shown() {
    let sale = Sale::begun().await;
    minutes(10).await;
    let fate = |heard: &Heard| match heard.action.as_str() {
        "GetMetricData" | "DescribeScalingActivities" => Fate::Throttled,
        _ => Fate::Served,
    };
    sale.twin.meddle(Some(Box::new(fate)));
    let picture = sale.look(status::PARTS).await;
    sale.twin.meddle(None);
    let parts: Vec<Part> = picture.not_shown.iter().map(|it| it.part).collect();
    assert_eq!(parts, [Part::ScalingActivities, Part::Metrics]);
    let told = text(&status::lines(&picture));
    tells(
        &told,
        &[
            "  tasks       1 of 1 running",
            "  cpu         not shown, because AWS throttles it, or does not answer within 10 s",
            "  scaling     not shown, because",
            "  instances   i-",
            "  addresses   http://",
        ],
    );
}

#[track_caller]
fn frame(view: &View, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("it has a size");
    terminal
        .draw(|frame| view.draw(frame))
        .expect("it is in memory");
    let buffer = terminal.backend().buffer();
    let row = |y: u16| {
        let cells = (0..width).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..height).map(|y| row(y) + "\n").collect()
}

#[tokio::test(start_paused = true)]
async fn the_view_shows_load_counts_and_events_over_one_axis_at_any_size() {
    let sale = Sale::begun().await;
    minutes(10).await;
    sale.offer(120.0);
    minutes(18).await;
    let picture = sale.look(parts()).await;
    let mut view = View::new(picture, false);
    let wide = frame(&view, 100, 30);
    println!("{wide}");
    tells(
        &wide,
        &[
            "flash-sale-service in flash-sale-cluster",
            "3/3 running (1–3)",
            "cpu % ",
            "target 50 │",
            "desired",
            "running",
            "pending",
            "instances",
            "UTC",
            "set the desired count",
        ],
    );
    let running = wide
        .lines()
        .find(|it| it.starts_with("running"))
        .expect("it is there");
    assert!(running.contains('1') && running.ends_with('3'), "{running}");
    // Nothing but the newest events is left out of a small one, and nothing breaks at any size.
    let small = frame(&view, 60, 12);
    println!("{small}");
    tells(
        &small,
        &["flash-sale-service", "3/3 running", "running", "instances"],
    );
    for (width, height) in [
        (1, 1),
        (39, 5),
        (40, 6),
        (41, 7),
        (80, 8),
        (200, 60),
        (300, 9),
    ] {
        let _ = frame(&view, width, height);
    }
    assert!(frame(&view, 39, 5).contains("too small"));
    view.press(Key::Help);
    tells(
        &frame(&view, 80, 24),
        &["Keys", "q, Esc    quit", "longer or a shorter"],
    );
    view.press(Key::Help);
    view.press(Key::Wider);
    view.press(Key::Up);
    view.press(Key::Next);
    let wider = frame(&view, 100, 30);
    assert_ne!(wide, wider);
}
