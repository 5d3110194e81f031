//! The window as one of several starts of the program: what is open is kept for the next one, and what another one was given
//! comes here.

use std::time::Instant;

use eframe::egui::{Context, UserAttentionType, ViewportCommand};

use super::App;
use crate::settings::Preferences;

impl App {
    /// Shows the window when another start of the program has left its files to it.
    pub(super) fn come_forward(&mut self, ctx: &Context) {
        if self.session.take_attention() {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
        }
    }

    /// Has what is open kept for the next start, a while after it has changed.
    pub(super) fn keep_session(&mut self, ctx: &Context) {
        let Some(pace) = self.session.due_save() else {
            self.unsaved_since = None;
            return;
        };
        let since = self.unsaved_since.get_or_insert_with(Instant::now);
        let left = pace.saturating_sub(since.elapsed());
        if left.is_zero() {
            self.unsaved_since = None;
            let command = self.session.save();
            self.send(command.into_iter().collect());
        } else {
            ctx.request_repaint_after(left);
        }
    }

    /// Takes note of how large the window is.
    pub(super) fn measure(&mut self, ctx: &Context) {
        let (size, is_maximized) = ctx.input(|input| {
            let viewport = input.viewport();
            let is_large = viewport.maximized == Some(true) || viewport.fullscreen == Some(true);
            (viewport.inner_rect.map(|rect| rect.size()), is_large)
        });
        if let Some(size) = size.filter(|_| !is_maximized) {
            (self.window.width, self.window.height) = (size.x.round() as u16, size.y.round() as u16);
        }
        self.window.is_maximized = is_maximized;
    }

    /// Has what is open, and the size of the window, kept before it is gone.
    pub(super) fn keep_last(&mut self) {
        // What a later start hands over now would be lost.
        self.backend.stop_receiving();
        let command = self.session.save();
        self.send(command.into_iter().collect());
        if let Some(paths) = &self.paths {
            let window = self.window;
            // What the window looks like is not worth a message when it cannot be kept.
            Preferences::change(paths, |preferences| preferences.window = window).ok();
        }
    }
}
