//! The full-screen view of a service, drawn into a frame: CPU against its target, counts and events,
//! all over one time axis.
//!
//! Absent here: the terminal. Who has one gives a frame and hands keys in.

mod axis;
mod chart;
mod rows;

use crate::{
    Moment, Part, Picture,
    picture::Service,
    status::{ServiceStatus, status},
    timeline::{self, Happening, timeline},
    words::{Line, Tone},
};
use axis::Axis;
use ratatui::{
    Frame,
    layout::Rect,
    style::{Color, Modifier, Style},
    text,
    widgets::{Block, Clear, Paragraph},
};
use std::{collections::BTreeSet, time::Duration};

/// What is looked at for a view: what a timeline needs, and a status.
pub fn parts() -> BTreeSet<Part> {
    let both = timeline::PARTS.into_iter().chain(crate::status::PARTS);
    both.collect()
}

/// How wide the names beside the rows are.
const NAMES: u16 = 11;

/// The smallest frame in which anything is told.
const SMALLEST: (u16, u16) = (40, 6);

/// What is shown.
#[derive(Clone, Debug)]
pub struct View {
    picture: Picture,
    happenings: Vec<Happening>,
    /// The service shown, by its place.
    chosen: usize,
    /// How far back the axis goes.
    window: Duration,
    /// How many of the newest events are hidden below.
    scrolled: usize,
    help: bool,
    coloured: bool,
    notice: Option<String>,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Show or hide the help.
    Help,
    /// The next service.
    Next,
    /// Older events.
    Up,
    /// Newer events.
    Down,
    /// A longer axis.
    Wider,
    /// A shorter axis.
    Narrower,
}

/// The lengths that the axis may have, in minutes.
const WINDOWS: [u64; 4] = [10, 30, 60, 90];

/// How far back a picture for a view goes.
pub const LONGEST: Duration = Duration::from_secs(90 * 60);

impl View {
    /// A view of half an hour, in colour or without.
    pub fn new(picture: Picture, coloured: bool) -> View {
        let mut view = View {
            picture: Picture::default(),
            happenings: Vec::new(),
            chosen: 0,
            window: Duration::from_secs(30 * 60),
            scrolled: 0,
            help: false,
            coloured,
            notice: None,
        };
        view.show(picture);
        view
    }

    /// Shows a newer picture. What the reader has chosen stays.
    pub fn show(&mut self, picture: Picture) {
        self.happenings = timeline(&picture, picture.at - LONGEST);
        self.picture = picture;
        self.chosen = self
            .chosen
            .min(self.picture.services.len().saturating_sub(1));
        self.notice = None;
    }

    /// Says why what is shown is not the newest, until it is.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.notice = Some(text.into());
    }

    /// Does what a key asks.
    pub fn press(&mut self, key: Key) {
        let place = WINDOWS
            .iter()
            .position(|it| it * 60 == self.window.as_secs())
            .unwrap_or(1);
        let window = |place: usize| Duration::from_secs(WINDOWS[place] * 60);
        match key {
            Key::Help => self.help = !self.help,
            Key::Next => {
                self.chosen = (self.chosen + 1) % self.picture.services.len().max(1);
                self.scrolled = 0;
            }
            Key::Up => {
                self.scrolled = (self.scrolled + 1).min(self.own().count().saturating_sub(1))
            }
            Key::Down => self.scrolled = self.scrolled.saturating_sub(1),
            Key::Wider => self.window = window((place + 1).min(WINDOWS.len() - 1)),
            Key::Narrower => self.window = window(place.saturating_sub(1)),
        }
    }

    /// Draws it, as much as there is room for.
    pub fn draw(&self, frame: &mut Frame) {
        let area = frame.area();
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let text = format!("too small: at least {} × {}", SMALLEST.0, SMALLEST.1);
            frame.render_widget(Paragraph::new(text), area);
            return;
        }
        let service = self.picture.services.get(self.chosen);
        let all = status(&self.picture);
        let status = all.get(self.chosen);
        self.header(frame, row(area, 0), service);
        match (service, status) {
            (Some(service), Some(status)) => self.body(frame, area, service, status),
            _ => self.nothing(frame, row(area, 2)),
        }
        if self.help {
            self.helped(frame, area);
        }
    }

    fn header(&self, frame: &mut Frame, area: Rect, service: Option<&Service>) {
        let name = service.map_or("no service".to_owned(), |it| {
            let subject = it.subject();
            format!("{} in {}", subject.service, subject.cluster)
        });
        let several = match self.picture.services.len() {
            0 | 1 => String::new(),
            number => format!(" ({} of {number})", self.chosen + 1),
        };
        let left = Line::new()
            .and(Tone::Strong, name)
            .and(Tone::Plain, several)
            .and(Tone::Faint, format!("  {} UTC", self.picture.at.clock()));
        self.line(frame, area, &left);
        let keys = "? help  q quit";
        let width = keys.len() as u16;
        let taken = left.to_string().chars().count() as u16;
        if area.width > taken + width + 1 {
            let right = Rect::new(area.right() - width, area.y, width, 1);
            self.line(frame, right, &Line::new().and(Tone::Faint, keys));
        }
    }

    fn body(&self, frame: &mut Frame, area: Rect, service: &Service, status: &ServiceStatus) {
        let mut y = 1;
        for it in self.summary(status) {
            self.line(frame, row(area, y), &it);
            y += 1;
        }
        let left = area.height.saturating_sub(y);
        // Counts and the axis take five rows, events a third of what is left, the chart the rest.
        const COUNTS: u16 = 5;
        if left >= COUNTS {
            let over = left - COUNTS;
            let chart = if over >= 8 {
                (over * 3 / 5).clamp(4, 14)
            } else {
                0
            };
            let width = area.width.saturating_sub(NAMES + 1);
            let axis = Axis::new(self.picture.at, self.window, width.into());
            if chart > 0 {
                let place = Rect::new(area.x, area.y + y, area.width, chart);
                self.chart(frame, place, service, status, &axis);
                y += chart;
            }
            for (name, text, tone) in rows::rows(&self.picture, service, &axis) {
                let line = Line::new()
                    .and(Tone::Faint, format!("{name:<0$} ", NAMES as usize))
                    .and(tone, text);
                self.line(frame, row(area, y), &line);
                y += 1;
            }
        }
        let rest = Rect::new(area.x, area.y + y, area.width, area.height - y);
        self.events(frame, rest);
    }

    fn summary(&self, it: &ServiceStatus) -> Vec<Line> {
        let full = crate::status::line(&self.picture, it);
        // The time and the name are in the header.
        let mut lines = vec![Line(full.0.into_iter().skip(2).collect())];
        if let Some(first) = lines[0].0.first_mut() {
            first.1 = first.1.trim_start().to_owned();
        }
        let gaps = self.picture.not_shown.iter();
        let gaps = gaps.map(|it| format!("{} not shown: {}", it.part, it.because));
        lines.extend(gaps.map(|it| Line::new().and(Tone::Bad, it)));
        lines.extend(self.notice.iter().map(|it| Line::new().and(Tone::Bad, it)));
        lines
    }

    fn chart(
        &self,
        frame: &mut Frame,
        area: Rect,
        service: &Service,
        status: &ServiceStatus,
        axis: &Axis,
    ) {
        let lines = chart::lines(&self.picture, service, status, axis, area.height.into());
        for (number, it) in lines.iter().enumerate() {
            self.line(frame, row(area, number as u16), it);
        }
    }

    /// The happenings of the chosen service, and of what serves several.
    fn own(&self) -> impl Iterator<Item = &Happening> {
        let name = self
            .picture
            .services
            .get(self.chosen)
            .map(|it| &it.service_name);
        let all = self.happenings.iter();
        all.filter(move |it| it.service.is_none() || it.service.as_ref() == name)
    }

    fn events(&self, frame: &mut Frame, area: Rect) {
        let own: Vec<&Happening> = self.own().collect();
        let until = own.len().saturating_sub(self.scrolled);
        let room = usize::from(area.height);
        let shown = &own[until.saturating_sub(room)..until];
        for (number, it) in shown.iter().enumerate() {
            let line = timeline::line(it, false);
            self.line(
                frame,
                row(area, number as u16),
                &cut(line, area.width.into()),
            );
        }
    }

    fn nothing(&self, frame: &mut Frame, area: Rect) {
        let gap = self.picture.gap(Part::Services);
        let text = match (gap, self.picture.absent.first()) {
            (Some(gap), _) => format!("services not shown: {}", gap.because),
            (None, Some(it)) => format!("AWS has no service {} in {}", it.service, it.cluster),
            (None, None) => "nothing is known yet".to_owned(),
        };
        self.line(frame, area, &Line::new().and(Tone::Bad, text));
    }

    fn helped(&self, frame: &mut Frame, area: Rect) {
        const TEXT: [&str; 7] = [
            "q, Esc    quit",
            "?         this help",
            "+ -       a longer or a shorter time axis",
            "up, down  older or newer events",
            "Tab       the next service",
            "",
            "Counts are of RUNNING and PENDING tasks.",
        ];
        let (width, height) = (50.min(area.width), (TEXT.len() as u16 + 2).min(area.height));
        let place = Rect::new(
            area.x + (area.width - width) / 2,
            area.y + (area.height - height) / 2,
            width,
            height,
        );
        frame.render_widget(Clear, place);
        let help = Paragraph::new(TEXT.join("\n")).block(Block::bordered().title("Keys"));
        frame.render_widget(help, place);
    }

    fn line(&self, frame: &mut Frame, area: Rect, line: &Line) {
        let spans = line.0.iter();
        let spans = spans.map(|(tone, it)| text::Span::styled(it.as_str(), self.style(*tone)));
        frame.render_widget(text::Line::from_iter(spans), area);
    }

    fn style(&self, tone: Tone) -> Style {
        let style = Style::new();
        match (tone, self.coloured) {
            (Tone::Plain, _) => style,
            (Tone::Strong, _) => style.add_modifier(Modifier::BOLD),
            (Tone::Faint, _) => style.add_modifier(Modifier::DIM),
            (_, false) => style,
            (Tone::Good, _) => style.fg(Color::Green),
            (Tone::Change, _) => style.fg(Color::Yellow),
            (Tone::Bad, _) => style.fg(Color::Red),
        }
    }
}

/// A row of an area; an empty one below its end.
fn row(area: Rect, number: u16) -> Rect {
    let height = u16::from(number < area.height);
    Rect::new(area.x, area.y + number.min(area.height), area.width, height)
}

/// The line, with a sign that it goes on where it does not fit.
fn cut(mut line: Line, width: usize) -> Line {
    let long = line.to_string().chars().count();
    if long <= width {
        return line;
    }
    let mut left = width.saturating_sub(1);
    for (_, text) in &mut line.0 {
        let own = text.chars().count();
        if own > left {
            *text = text.chars().take(left).collect();
        }
        left -= own.min(left);
    }
    line.and(Tone::Faint, "…")
}

/// When a column of the axis is, for its labels.
fn label(at: Moment) -> String {
    at.clock().get(..5).unwrap_or_default().to_owned()
}
