//! Deeds: what `update` wants done and cannot do itself.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use super::Runtime;
use crate::config::write_private;
use crate::tui::clipboard::{Wrapping, sequence};
use crate::tui::effect::Effect;
use crate::tui::message::{Message, Told};
use crate::tui::state_file::Remembered;
use crate::tui::update::update;

/// The file copies go into, in the state folder.
const CLIP_FILE: &str = "clip.txt";

impl Runtime {
    pub(super) async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send(command) => self.ports.services.send(command),
            Effect::Run(job) => self.jobs.start(job),
            Effect::Cancel(key) => self.jobs.cancel(&key),
            Effect::UseTheme(name) => self.use_theme(&name),
            Effect::Redraw => self.painter.forget(),
            Effect::Suspend => self.suspend().await,
            Effect::Copy(text) => self.copy(&text),
            Effect::WriteFile { name, text } => self.write_export(&name, text.as_bytes()),
            Effect::WriteBytes { name, bytes } => self.write_export(&name, &bytes),
            // The loop ends before it comes here.
            Effect::End | Effect::Reopen(_) => {}
        }
    }

    pub(super) fn use_theme(&mut self, name: &str) {
        match self.themes.load(name, self.capability.colors) {
            Ok((theme, warnings)) => {
                self.tell(Message::ThemeChanged(Ok(Box::new(theme))));
                if let Some(warning) = warnings.into_iter().next() {
                    self.tell(Message::Told(Told::Doubtful(format!("theme `{name}`: {warning}"))));
                }
            }
            Err(error) => self.tell(Message::ThemeChanged(Err(format!("failed to {error}")))),
        }
    }

    /// Keeps what the console looks like for the next time.
    pub(super) fn remember(&self) {
        if let Some(folder) = &self.state_dir {
            Remembered::of(&self.model).save(folder);
        }
    }

    /// To the terminal's clipboard, and to a file: nobody can know whether the terminal took it.
    fn copy(&mut self, text: &str) {
        let sequence = sequence(text, Wrapping::detect(|name| std::env::var(name).ok()));
        let is_sent = sequence.is_some();
        self.painter.attach(sequence.unwrap_or_default());
        let saved = self.in_state_dir(|folder| write_private(&folder, CLIP_FILE, text));
        let told = match (is_sent, saved) {
            (true, Ok(path)) => Told::Good(format!("copied; also in {}", path.display())),
            (true, Err(_)) => Told::Good("copied, if the terminal allows it".into()),
            (false, Ok(path)) => {
                Told::Doubtful(format!("too long for the terminal's clipboard: it is in {}", path.display()))
            }
            (false, Err(error)) => {
                Told::Bad(format!("failed to copy: too long for the terminal, and no file: {error}"))
            }
        };
        self.tell(Message::Told(told));
    }

    fn write_export(&mut self, name: &str, content: &[u8]) {
        let stamped = match name.rsplit_once('.') {
            Some((stem, end)) => format!("{stem}-{}.{end}", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S")),
            None => name.to_owned(),
        };
        let told = match self.in_state_dir(|folder| write_private(&folder.join("exports"), &stamped, content)) {
            Ok(path) => Told::Good(format!("written to {}", path.display())),
            Err(error) => Told::Bad(format!("failed to write {stamped}: {error}")),
        };
        self.tell(Message::Told(told));
    }

    fn in_state_dir<T>(&self, write: impl FnOnce(PathBuf) -> io::Result<T>) -> io::Result<T> {
        let folder = self.state_dir.clone();
        write(folder.ok_or_else(|| io::Error::other("there is no folder for state (no HOME)"))?)
    }

    /// Lets the console know.
    pub(super) fn tell(&mut self, message: Message) {
        update(&mut self.model, message);
        self.is_draw_due = true;
    }

    /// Gives the terminal to the shell until it brings us back.
    pub(super) async fn suspend(&mut self) {
        use rustix::process::{Signal, getpid, getsid, kill_process};
        // Who leads the session has no shell to go back to, and nobody would wake it.
        if getsid(None).is_ok_and(|leader| leader == getpid()) {
            return self.tell(Message::Told(Told::Doubtful("there is no shell to go back to".into())));
        }
        self.session.pause().await;
        let _ = kill_process(getpid(), Signal::STOP);
        self.come_back().await;
    }

    /// The terminal is ours again: nothing is known about it.
    pub(super) async fn come_back(&mut self) {
        self.came_back = Instant::now();
        if self.session.resume().await.is_ok() {
            self.fit();
        }
    }

    /// Draws everything anew, at the size the terminal has now.
    pub(super) fn fit(&mut self) {
        let (columns, rows) = crossterm::terminal::size().unwrap_or(self.model.size);
        self.painter.resize((columns, rows));
        self.tell(Message::Resized(columns, rows));
    }
}
