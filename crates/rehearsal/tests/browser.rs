//! A report, opened in a real Chromium.

use serde_json::json;
use setpoint_rehearsal::{
    About, Limits, Mark, MarkKind, Recording, Sample, Tasks, report, verdict,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A sale of 400 seconds: one task is not enough, two more come, and go when it is over.
fn sale() -> Recording {
    let samples = (0..=400).map(|second| {
        let at = f64::from(second);
        let rate = match at {
            ..60.0 => 50.0,
            ..150.0 => 50.0 + (at - 60.0) * 5.0,
            ..280.0 => 500.0,
            _ => 0.0,
        };
        let running: u32 = match at {
            ..170.0 => 1,
            ..190.0 => 2,
            ..370.0 => 3,
            _ => 1,
        };
        let cpu = (rate / f64::from(running) / 2.5 + 5.0 * (at / 7.0).sin().abs()).min(100.0);
        let p95 = if cpu >= 100.0 {
            1.4
        } else {
            0.02 + cpu / 2000.0
        };
        let loaded = (rate > 0.0).then_some(p95);
        Sample {
            at,
            lasts: 1.0,
            asked: rate,
            sent: rate,
            done: if cpu >= 100.0 {
                250.0_f64.min(rate)
            } else {
                rate
            },
            errors: if cpu >= 100.0 { 4.0 } else { 0.0 },
            p50: loaded.map(|it| it / 2.0),
            p95: loaded,
            p99: loaded.map(|it| it * 1.7),
            max: loaded.map(|it| it * 2.0),
            cpu: Some(cpu),
            tasks: Some(Tasks {
                desired: if (150.0..360.0).contains(&at) { 3 } else { 1 },
                running,
                pending: 0,
            }),
            instances: Some(if (165.0..390.0).contains(&at) { 2 } else { 1 }),
            ..Sample::default()
        }
    });
    let mark = |at: f64, kind, subject: &str, text: &str| Mark {
        at,
        kind,
        subject: subject.into(),
        text: text.into(),
    };
    let service = "flash-sale-service";
    let high = "TargetTracking-service/flash-sale-cluster/flash-sale-service-AlarmHigh";
    Recording {
        about: About {
            stack: "flash-sale".into(),
            service: service.into(),
            load: "1m@50rps 1m30s@50..500rps 2m10s@500rps".into(),
            speed: 1.0,
            cpu_target: Some(50.0),
            capacity: Some((1, 3)),
            most_instances: Some(3),
            limits: Limits {
                p95: Some(0.5),
                errors: Some(0.01),
                scale_out: Some(120.0),
                tasks: Some(3),
                scale_in: Some(120.0),
            },
            ..About::default()
        },
        samples: samples.collect(),
        marks: vec![
            mark(0.0, MarkKind::Load, "load", "the load begins"),
            mark(145.0, MarkKind::Alarm, high, "OK → ALARM"),
            mark(
                150.0,
                MarkKind::Scaling,
                service,
                "Setting desired count to 3.",
            ),
            mark(
                170.0,
                MarkKind::Event,
                service,
                "(service flash-sale-service) has started 1 tasks: (task 2dbb).",
            ),
            mark(215.0, MarkKind::Quiet, high, "ALARM → OK"),
            mark(280.0, MarkKind::Load, "load", "the load ends"),
            mark(
                360.0,
                MarkKind::Scaling,
                service,
                "Setting desired count to 1.",
            ),
        ],
        is_cut_off: false,
    }
}

/// Where the build puts things.
fn target() -> PathBuf {
    let executable = std::env::current_exe().expect("a test knows its own executable");
    let deps = executable.parent().expect("it lies in deps");
    deps.ancestors()
        .nth(2)
        .expect("deps lies in a profile")
        .to_owned()
}

#[track_caller]
fn run(command: &mut Command, hint: &str) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|err| panic!("cannot run {command:?}: {err}\n\n{hint}"));
    let words = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{command:?} failed: {words}{text}\n\n{hint}"
    );
    text.into_owned()
}

/// A Python with what `requirements.txt` names.
fn python(requirements: &Path) -> PathBuf {
    let environment = target().join("browser-venv");
    let python = environment.join("bin/python");
    let stamp = environment.join("requirements.txt");
    let wanted = fs::read(requirements).expect("requirements.txt is in the repository");
    if fs::read(&stamp).is_ok_and(|it| it == wanted) && python.exists() {
        return python;
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    run(
        &mut make,
        "install python3 with its venv module (Debian: python3 and python3-venv)",
    );
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ]);
    run(
        install.arg(requirements),
        "pip needs a package index: the network, or PIP_INDEX_URL",
    );
    fs::write(&stamp, wanted).expect("the target directory can be written to");
    python
}

#[test]
fn chromium_shows_every_point_reads_all_plots_at_once_and_finds_no_fault() {
    let recording = sale();
    let folder = target().join("report");
    fs::create_dir_all(&folder).expect("the target directory can be written to");
    let page = folder.join("report.html");
    fs::write(&page, report(&recording, &verdict(&recording))).expect("it can be written");
    let samples = &recording.samples;
    let data = json!({
        "at": samples.iter().map(|it| it.at).collect::<Vec<_>>(),
        "asked": samples.iter().map(|it| it.asked).collect::<Vec<_>>(),
        "done": samples.iter().map(|it| it.done).collect::<Vec<_>>(),
        "p95": samples.iter().map(|it| it.p95).collect::<Vec<_>>(),
        "cpu": samples.iter().map(|it| it.cpu).collect::<Vec<_>>(),
        "running": samples.iter().map(|it| it.tasks.map(|it| f64::from(it.running))).collect::<Vec<_>>(),
    });
    let expected = folder.join("expected.json");
    fs::write(&expected, data.to_string()).expect("it can be written");
    let browser = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut script = Command::new(python(&browser.join("requirements.txt")));
    script
        .arg(browser.join("report.py"))
        .args([&page, &expected, &folder]);
    let said = run(&mut script, "the pictures are in target/report");
    assert_eq!(said.trim(), "the report is as it should be");
}
