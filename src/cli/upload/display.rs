//! How an upload is watched in the terminal.

use std::{
    fmt,
    io::{self, IsTerminal as _},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::{
    cli::text::{self, grouped, safe},
    upload::{self, UploadUpdate},
};

/// How an upload is watched: a bar on a terminal, elsewhere a line for every tenth.
pub(in crate::cli) struct Display {
    bar: Option<ProgressBar>,
    all: u64,
    tenths: u64,
    /// Whether it was said since the last tenth that the server takes long.
    is_said: bool,
}

impl Display {
    pub(in crate::cli) fn new(all: u64) -> Self {
        let template = "  {bar:30} {human_pos} of {human_len} rows, {rate} rows/s, {eta} left{msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is shown in whole rows"
            )]
            let rate = grouped(state.per_sec() as u64);
            // A bar that cannot be drawn is no reason to stop.
            out.write_str(&rate).ok();
        });
        Self {
            bar: io::stderr()
                .is_terminal()
                .then(|| ProgressBar::new(all).with_style(style)),
            all,
            tenths: 0,
            is_said: false,
        }
    }

    pub(in crate::cli) fn show(&mut self, event: &UploadUpdate) {
        match event {
            UploadUpdate::Progress { tally, .. } => {
                let done = tally.all - tally.waiting - tally.sent;
                if let Some(bar) = &self.bar {
                    bar.set_position(done);
                } else {
                    let tenths = done * 10 / self.all.max(1);
                    if tenths > self.tenths && done < self.all {
                        self.tenths = tenths;
                        self.is_said = false;
                        text::remark(&format!("  {} of {} rows", grouped(done), grouped(self.all)));
                    }
                }
            }
            UploadUpdate::Waiting {
                pause,
                reason,
                attempt,
                of,
            } => {
                let pause = pause.as_secs_f64();
                let text = format!("  {reason}; try {attempt} of {of} failed, the next is in {pause:.1} s");
                match &self.bar {
                    Some(bar) => bar.println(safe(&text)),
                    None => text::remark(&text),
                }
            }
            UploadUpdate::Pending { requests } => match &self.bar {
                Some(bar) if *requests > 0 => bar.set_message(format!(". {}", upload::pending(*requests))),
                Some(bar) => bar.set_message(""),
                None if *requests > 0 && !self.is_said => {
                    self.is_said = true;
                    text::remark(&format!("  {}", upload::pending(*requests)));
                }
                None => {}
            },
            UploadUpdate::Rejected { .. } | UploadUpdate::Resumed => {}
        }
    }

    pub(in crate::cli) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
