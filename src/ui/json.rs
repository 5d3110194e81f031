//! JSON for reading: laid out, in quiet colours, to be selected and copied.

use std::sync::Arc;

use eframe::egui::{
    Color32, Context, FontId, Label, ScrollArea, TextFormat, Ui,
    cache::{ComputerMut, FrameCache},
    text::LayoutJob,
};

use super::{
    fonts,
    theme::{ColorScheme, Tokens, size},
};
use crate::domain::{escapes::safe_json, json};

/// Shows JSON text laid out in its own scroll area; `salt` tells it apart from others.
pub(crate) fn show(ui: &mut Ui, salt: &str, json: &str) {
    let job = laid_out(ui.ctx(), json, Tokens::current(ui).scheme);
    ScrollArea::both()
        .id_salt(salt)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.add(Label::new(job).extend().selectable(true));
        });
}

type Jobs = FrameCache<Arc<LayoutJob>, Painter>;

/// Lays a text out once, not every frame.
#[derive(Default)]
struct Painter;

impl ComputerMut<(&str, ColorScheme), Arc<LayoutJob>> for Painter {
    fn compute(&mut self, (json, scheme): (&str, ColorScheme)) -> Arc<LayoutJob> {
        let tokens = Tokens::of(scheme);
        Arc::new(coloured(&json::pretty(&safe_json(json)), tokens))
    }
}

fn laid_out(ctx: &Context, json: &str, scheme: ColorScheme) -> Arc<LayoutJob> {
    ctx.memory_mut(|memory| Arc::clone(memory.caches.cache::<Jobs>().get((json, scheme))))
}

/// Keys in the accent, numbers and words in one quiet colour, texts plain, signs muted.
fn coloured(pretty: &str, tokens: &Tokens) -> LayoutJob {
    let font = fonts::mono(size::BODY - 0.5);
    let mut job = LayoutJob::default();
    let mut rest = pretty;
    while let Some(first) = rest.chars().next() {
        let (len, colour) = match first {
            '"' => {
                let len = text_len(rest);
                let is_key = rest.get(len..).is_some_and(|after| after.starts_with(':'));
                (len, if is_key { tokens.accent_text } else { tokens.text })
            }
            '-' | '0'..='9' | 'a'..='z' => {
                let ends = |c: char| matches!(c, ',' | ']' | '}' | '\n' | ' ');
                (rest.find(ends).unwrap_or(rest.len()), tokens.info.text)
            }
            _ => {
                let starts = |c: char| matches!(c, '"' | '-' | '0'..='9' | 'a'..='z');
                (rest.find(starts).unwrap_or(rest.len()), tokens.muted)
            }
        };
        let (token, after) = rest.split_at_checked(len.max(first.len_utf8())).unwrap_or((rest, ""));
        append(&mut job, token, &font, colour);
        rest = after;
    }
    job
}

fn append(job: &mut LayoutJob, text: &str, font: &FontId, colour: Color32) {
    let format = TextFormat {
        font_id: font.clone(),
        color: colour,
        line_height: Some(19.0),
        ..TextFormat::default()
    };
    job.append(text, 0.0, format);
}

/// The length in bytes of the text literal at the start, quotes included.
fn text_len(json: &str) -> usize {
    let mut escaped = false;
    for (at, next) in json.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colouring_changes_no_text() {
        for json in [
            r#"{"a":"x \" y, z","b":[1,-2.5e3,true,null],"ü":{}}"#,
            r#"{"broken": "#,
            "[\"\\",
            "",
            "é",
        ] {
            let pretty = json::pretty(json);
            assert_eq!(coloured(&pretty, &Tokens::LIGHT).text, pretty);
        }
    }

    #[test]
    fn keys_look_other_than_texts() {
        let job = coloured(r#"{"a": "b"}"#, &Tokens::DARK);
        let colours: Vec<_> = job.sections.iter().map(|section| section.format.color).collect();
        let dark = &Tokens::DARK;
        assert_eq!(
            colours,
            [dark.muted, dark.accent_text, dark.muted, dark.text, dark.muted]
        );
    }
}
