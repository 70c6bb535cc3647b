//! One HTML file that shows a rehearsal: no network, readable without JavaScript, light and dark.

use crate::{
    Mark, Recording, Sample, Verdict,
    verdict::{seconds, shown},
};
use serde_json::json;

const PAGE: &str = include_str!("../assets/report.html");
const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");
const PLOT: &str = include_str!("../assets/uplot.js");
const PLOT_STYLE: &str = include_str!("../assets/uplot.css");
const PLOT_VERSION: &str = include_str!("../assets/uplot-VERSION");

/// How many rows the tables have at most; plots have every sample.
const ROWS: usize = 120;

/// The report. The same recording and verdict give the same bytes.
pub fn report(recording: &Recording, verdict: &Verdict) -> String {
    let about = &recording.about;
    let headline = match (verdict.held, verdict.breaks.first()) {
        (true, _) if recording.is_cut_off => "It held until it was cut off.".to_owned(),
        (true, _) => "It held.".to_owned(),
        (false, Some(first)) => format!("It broke at {}.", seconds(first.at)),
        (false, None) => "Nothing was measured.".to_owned(),
    };
    let title = format!("Rehearsal of {}: {}", about.stack, headline.to_lowercase());
    let parts = [
        ("title", escaped(&title)),
        ("style", format!("{PLOT_STYLE}\n{STYLE}")),
        ("class", if verdict.held { "held" } else { "broke" }.into()),
        ("stack", escaped(&about.stack)),
        ("service", escaped(&about.service)),
        ("headline", escaped(&headline)),
        ("summary", summary(recording, verdict)),
        ("figures", figures(recording, verdict)),
        ("samples", samples(recording)),
        ("marks", marks(&recording.marks)),
        ("load", escaped(&about.load)),
        ("data", data(recording)),
        ("plot-version", escaped(PLOT_VERSION.trim())),
        // `</script` does not occur in it; a test holds that.
        ("plot", PLOT.into()),
        ("script", SCRIPT.into()),
    ];
    // One pass, so that nothing that was filled in is taken for a place to fill.
    let mut page = String::with_capacity(PAGE.len() + PLOT.len() + 64 * 1024);
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        page += before;
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let part = parts.iter().find(|it| it.0 == name);
        page += part.map_or("", |it| it.1.as_str());
        rest = after;
    }
    page + rest
}

/// Text as HTML shows it, in elements and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// A sentence as HTML: what stands between backticks is code.
fn worded(text: &str) -> String {
    let parts = text
        .split('`')
        .enumerate()
        .map(|(index, part)| match index % 2 {
            0 => escaped(part),
            _ => format!("<code>{}</code>", escaped(part)),
        });
    parts.collect()
}

/// What a manager reads: what did not hold, why, and what to change.
fn summary(recording: &Recording, verdict: &Verdict) -> String {
    let mut html = String::new();
    if recording.is_cut_off {
        html += "<p class=cut>The rehearsal was cut off; this is what was seen of it.</p>\n";
    }
    if !verdict.breaks.is_empty() {
        html += "<h2>What did not hold</h2>\n<ul>\n";
        for it in &verdict.breaks {
            html += &format!(
                "<li>{}: {}.</li>\n",
                escaped(&seconds(it.at)),
                escaped(&it.text)
            );
        }
        html += "</ul>\n";
    }
    if !verdict.causes.is_empty() {
        html += "<h2>What limited it, and what to change</h2>\n<ul>\n";
        for it in &verdict.causes {
            html += &format!("<li>{}: {}.</li>\n", worded(&it.what), worded(&it.change));
        }
        html += "</ul>\n";
    }
    html
}

fn figures(recording: &Recording, verdict: &Verdict) -> String {
    let samples = &recording.samples;
    let most = |of: fn(&Sample) -> Option<f64>| samples.iter().filter_map(of).reduce(f64::max);
    let mut figures: Vec<(&str, String)> = Vec::new();
    if let Some(rate) = most(|it| Some(it.done)) {
        figures.push(("requests a second, at most", format!("{rate:.0}")));
    }
    if let Some(p95) = verdict.worst_p95 {
        figures.push(("p95 at its worst", shown(p95)));
    }
    if verdict.requests > 0 {
        let failed = format!("{:.2}%", verdict.failed * 100.0);
        figures.push(("failed or not sent", failed));
    }
    if let Some(cpu) = most(|it| it.cpu) {
        figures.push(("CPU at its most", format!("{cpu:.0}%")));
    }
    if let Some(tasks) = verdict.most_tasks {
        figures.push(("tasks at most", tasks.to_string()));
    }
    if let Some(after) = verdict.scaled_out_after {
        figures.push(("scale-out took", seconds(after)));
    }
    if let Some(after) = verdict.scaled_in_after {
        figures.push(("scale-in took", seconds(after)));
    }
    let cells = figures.iter().map(|(name, value)| {
        format!(
            "<div><dt>{}</dt><dd>{}</dd></div>\n",
            escaped(name),
            escaped(value)
        )
    });
    cells.collect()
}

fn samples(recording: &Recording) -> String {
    let step = recording.samples.len().div_ceil(ROWS).max(1);
    let rows = recording.samples.iter().step_by(step).map(|it| {
        let number = |value: Option<f64>| value.map_or("–".to_owned(), |it| format!("{it:.0}"));
        let time = |value: Option<f64>| value.map_or("–".to_owned(), shown);
        let tasks = it.tasks.map_or("–".to_owned(), |it| {
            format!("{} of {}", it.running, it.desired)
        });
        let cells = [
            seconds(it.at),
            format!("{:.0}", it.asked),
            format!("{:.0}", it.done),
            format!("{:.1}", it.errors + it.dropped),
            time(it.p50),
            time(it.p95),
            time(it.p99),
            number(it.cpu),
            tasks,
            number(it.instances.map(f64::from)),
        ];
        let cells = cells.map(|it| format!("<td>{}", escaped(&it)));
        format!("<tr>{}\n", cells.concat())
    });
    rows.collect()
}

fn marks(marks: &[Mark]) -> String {
    let rows = marks.iter().map(|it| {
        let cells = [&seconds(it.at), it.kind.name(), &it.subject, &it.text];
        let cells = cells.map(|it| format!("<td>{}", escaped(it)));
        format!("<tr>{}\n", cells.concat())
    });
    rows.collect()
}

/// The samples by columns, as JSON that can stand in a script element: without `<`, nothing in it can end
/// the element or begin a comment.
fn data(recording: &Recording) -> String {
    let samples = &recording.samples;
    let column = |of: fn(&Sample) -> Option<f64>| samples.iter().map(of).collect::<Vec<_>>();
    let about = &recording.about;
    let data = json!({
        "at": column(|it| Some(it.at)),
        "asked": column(|it| Some(it.asked)),
        "sent": column(|it| Some(it.sent)),
        "done": column(|it| Some(it.done)),
        "errors": column(|it| Some(it.errors + it.dropped)),
        "p50": column(|it| it.p50.map(|it| it * 1000.0)),
        "p95": column(|it| it.p95.map(|it| it * 1000.0)),
        "p99": column(|it| it.p99.map(|it| it * 1000.0)),
        "cpu": column(|it| it.cpu),
        "desired": column(|it| it.tasks.map(|it| f64::from(it.desired))),
        "running": column(|it| it.tasks.map(|it| f64::from(it.running))),
        "instances": column(|it| it.instances.map(f64::from)),
        "target": about.cpu_target,
        "limit": about.limits.p95.map(|it| it * 1000.0),
        "marks": recording.marks,
    });
    let text = data.to_string();
    text.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{About, MarkKind, verdict};

    const EVIL: &str = "</script><script>alert(1)</script><!-- {{data}} \" ' & \u{2028}";

    fn evil() -> Recording {
        Recording {
            about: About {
                stack: EVIL.into(),
                service: EVIL.into(),
                load: EVIL.into(),
                ..About::default()
            },
            samples: vec![Sample {
                at: 1.0,
                ..Sample::default()
            }],
            marks: vec![Mark {
                at: 0.5,
                kind: MarkKind::Event,
                subject: EVIL.into(),
                text: EVIL.into(),
            }],
            is_cut_off: false,
        }
    }

    #[test]
    fn what_others_named_is_only_ever_text() {
        let recording = evil();
        let page = report(&recording, &verdict(&recording));
        assert!(!page.contains("<script>alert"));
        // Its own three: data, uPlot, and the plots.
        assert_eq!(page.matches("<script").count(), 3);
        assert_eq!(page.matches("</script").count(), 3);
        let data = page.split_once("id=\"data\">").expect("it has data").1;
        let data = data.split_once("</script>").expect("it ends").0;
        let data: serde_json::Value = serde_json::from_str(data).expect("it is JSON");
        assert_eq!(data["marks"][0]["text"], EVIL);
    }

    #[test]
    fn it_needs_no_network() {
        let recording = evil();
        let page = report(&recording, &verdict(&recording));
        for word in [
            "src=",
            "href=",
            "@import",
            "url(",
            "fetch(",
            "XMLHttpRequest",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn tables_hold_no_more_rows_than_somebody_reads() {
        let mut recording = evil();
        recording.samples = (0..3601)
            .map(|at| Sample {
                at: f64::from(at),
                ..Sample::default()
            })
            .collect();
        assert!(samples(&recording).lines().count() <= ROWS);
    }
}
