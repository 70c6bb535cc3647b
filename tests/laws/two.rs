//! Two at once.

use crate::{
    bench::{Bench, Ended, flash_sale, habits},
    inventory::is_same,
};

async fn inventory_of(text: &str) -> String {
    let bench = Bench::new(7, habits());
    bench.apply(text).await.succeeds();
    bench.inventory()
}

#[tokio::test(start_paused = true)]
async fn two_applies_of_one_stack_at_the_same_time_make_one_of_everything() {
    let expected = inventory_of(&flash_sale()).await;
    for head_start in [0, 1, 7, 40, 150, 400, 900] {
        let bench = Bench::new(7, habits());
        let text = flash_sale();
        let late = async {
            tokio::time::sleep(std::time::Duration::from_millis(head_start)).await;
            bench.apply(&text).await
        };
        let (one, other) = tokio::join!(bench.apply(&text), late);
        for ended in [one, other] {
            // What the other had just made is refused as stale at worst, and with that word.
            for (address, err) in &ended.report().failed {
                let text = err.to_string();
                assert!(text.contains("stale"), "{head_start} ms: {address}: {text}");
            }
        }
        bench.apply(&text).await.succeeds();
        bench.is_applied(&text).await;
        let found = bench.inventory();
        is_same(&found, &expected, &format!("{head_start} ms"));
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_stacks_of_one_name_at_the_same_time_at_least_one_is_told() {
    for (from, to) in [
        ("retentionInDays: 14", "retentionInDays: 30"),
        ("maxSize: 3", "maxSize: 5"),
        ("target: 50", "target: 70"),
        (
            "    memory: 512\n    execution",
            "    memory: 768\n    execution",
        ),
        ("project: flash-sale", "project: winter-sale"),
    ] {
        let bench = Bench::new(7, habits());
        let (text, another) = (flash_sale(), flash_sale().replace(from, to));
        assert_ne!(text, another);
        let (one, other) = tokio::join!(bench.apply(&text), bench.apply(&another));
        let told = [one, other].into_iter().filter(|it| match it {
            Ended::Reported(report) => !report.is_success(),
            _ => true,
        });
        assert_ne!(told.count(), 0, "{from} against {to}");
        bench.apply(&text).await.succeeds();
        bench.is_applied(&text).await;
    }
}
