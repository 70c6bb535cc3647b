//! Images: what was built, what was pushed, and where it runs.

use super::{narrator::bytes, paint::Paint, raw};
use crate::{command::Listed, failure::Failure};
use setpoint_image::repository_of;
use setpoint_spec::kind::Image;
use std::{
    io,
    time::{SystemTime, UNIX_EPOCH},
};

/// Says what an image that was built is called.
pub(crate) fn built(
    name: &str,
    of_store: &str,
    content: &str,
    is_new: bool,
) -> Result<(), Failure> {
    let how = if is_new { "built" } else { "was built already" };
    raw(format!("{name}: {how} from {}: {of_store}\n", short(content)).as_bytes())
}

/// Says where an image was pushed.
pub(crate) fn pushed(name: &str, image: &Image, digest: &str) -> Result<(), Failure> {
    raw(format!("{name}: pushed: {}@{digest}\n", repository_of(image)).as_bytes())
}

/// Prints images for programs.
pub(crate) fn images_as_json(listed: &[Listed]) -> Result<(), Failure> {
    let document = serde_json::json!({ "version": 1, "images": listed });
    super::document(&document)
}

/// Shows images, a paragraph each.
pub(crate) fn images(listed: &[Listed]) -> Result<(), Failure> {
    if listed.is_empty() {
        return raw(b"The stack builds no image.\n");
    }
    let paint = Paint::of(&io::stdout());
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0.0, |it| it.as_secs_f64());
    let text: String = listed.iter().map(|it| paragraph(it, now, &paint)).collect();
    raw(text.as_bytes())
}

fn paragraph(image: &Listed, now: f64, paint: &Paint) -> String {
    let mut text = format!("{}\n", paint.strong(&image.name));
    let mut row = |name: &str, value: &str| text += &format!("  {name:<11} {value}\n");
    row("repository", &image.repository);
    row("content", &image.content);
    match &image.digest {
        Some(digest) => row("pushed as", digest),
        None => row(
            "pushed as",
            "not pushed; `setpoint apply` builds and pushes it",
        ),
    }
    if !image.tags.is_empty() {
        row("tags", &image.tags.join(", "));
    }
    if let Some(size) = image.size.filter(|it| *it > 0) {
        row("size", &bytes(size));
    }
    if let Some(at) = image.pushed_at {
        row("age", &age(now - at));
    }
    if image.digest.is_some() {
        let services: Vec<&str> = image.services.iter().map(String::as_str).collect();
        match services.is_empty() {
            true => row("runs in", "no service"),
            false => row("runs in", &services.join(", ")),
        }
    }
    text
}

fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// A time span as a reader says it: its largest unit.
fn age(seconds: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute")];
    match UNITS.iter().find(|it| seconds >= it.0) {
        Some((unit, name)) => {
            let count = (seconds / unit).floor();
            let plural = if count == 1.0 { "" } else { "s" };
            format!("{count} {name}{plural}")
        }
        None => "less than a minute".into(),
    }
}
