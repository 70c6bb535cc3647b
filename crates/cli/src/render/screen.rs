//! The whole screen of a terminal, given back however the command ends.

use super::Paint;
use crate::failure::Failure;
use crossterm::{
    cursor::{Hide, Show},
    event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use futures::StreamExt;
use ratatui::{Terminal, backend::CrosstermBackend};
use setpoint_observe::view::{Key, View};
use std::io::{self, IsTerminal, Stdout};

/// Whether there is a terminal to read keys from and to draw on.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// What the reader wants.
pub(crate) enum Wish {
    /// To leave.
    Leave,
    /// What a key asks for.
    Press(Key),
    /// To see it on a screen of another size.
    Redraw,
}

/// The screen, for as long as this is there.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    events: EventStream,
    is_coloured: bool,
}

impl Screen {
    /// Takes it.
    pub(crate) fn take() -> Result<Screen, Failure> {
        enable_raw_mode()?;
        // From here on it is given back by `drop`, and by a panic before its words.
        let screen = Terminal::new(CrosstermBackend::new(io::stdout()));
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        let screen = screen.map(|terminal| Screen {
            terminal,
            events: EventStream::new(),
            is_coloured: Paint::of(&io::stdout()).is_coloured(),
        });
        if screen.is_err() {
            give_back();
        }
        let screen = screen?;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(screen)
    }

    /// Whether colours suit it.
    pub(crate) fn is_coloured(&self) -> bool {
        self.is_coloured
    }

    /// Draws a view.
    pub(crate) fn draw(&mut self, view: &View) -> Result<(), Failure> {
        self.terminal.draw(|frame| view.draw(frame))?;
        Ok(())
    }

    /// Waits until the reader wants something. Nothing is lost when the wait is given up.
    pub(crate) async fn wish(&mut self) -> Result<Wish, Failure> {
        loop {
            match self.events.next().await {
                Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                    if let Some(wish) = asked(key) {
                        return Ok(wish);
                    }
                }
                Some(Ok(Event::Resize(..))) => return Ok(Wish::Redraw),
                Some(Ok(_)) => {}
                Some(Err(err)) => return Err(err.into()),
                None => return Ok(Wish::Leave),
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    // Nothing can be done about a terminal that is gone.
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

fn asked(key: KeyEvent) -> Option<Wish> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let pressed = match key.code {
        KeyCode::Char('c' | 'd') if control => return Some(Wish::Leave),
        KeyCode::Char('q') | KeyCode::Esc => return Some(Wish::Leave),
        KeyCode::Char('?' | 'h') => Key::Help,
        KeyCode::Char('+' | '=') => Key::Wider,
        KeyCode::Char('-') => Key::Narrower,
        KeyCode::Up | KeyCode::Char('k') => Key::Up,
        KeyCode::Down | KeyCode::Char('j') => Key::Down,
        KeyCode::Tab => Key::Next,
        _ => return None,
    };
    Some(Wish::Press(pressed))
}
