//! What keys do to the selection and what they ask for.

use eframe::egui::{Event, InputState, Key, Modifiers, Ui};

use super::{source::CellAt, state::Selection};

/// The bounds of the selection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub rows: u64,
    pub columns: usize,
    /// How many rows a page key moves by.
    pub page: u64,
}

/// What a key asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    Select(Selection),
    Edit(Option<String>),
    Clear,
    Copy { headers: bool },
    Cut,
    Paste(String),
}

/// Whether an event comes from the keyboard.
pub(super) const fn is_of_keyboard(event: &Event) -> bool {
    matches!(
        event,
        Event::Text(_) | Event::Key { .. } | Event::Ime(_) | Event::Copy | Event::Cut | Event::Paste(_)
    )
}

/// Whether an event means something to a field that is typed into; the keys of letters do by their text.
pub(super) fn changes_text(event: &Event) -> bool {
    match event {
        Event::Text(_) | Event::Ime(_) | Event::Copy | Event::Cut | Event::Paste(_) => true,
        Event::Key { key, pressed: true, .. } => {
            is_movement(*key) || matches!(key, Key::Backspace | Key::Delete | Key::Enter | Key::Tab | Key::Escape)
        }
        _ => false,
    }
}

/// Whether a key is pressed that moves the cursor.
pub(super) fn has_movement(input: &InputState) -> bool {
    input
        .events
        .iter()
        .any(|event| matches!(event, Event::Key { key, pressed: true, modifiers, .. } if is_movement(*key) && !modifiers.alt))
}

/// Takes the keys that are meant for the grid out of this frame's input: all, or those up to where an edit has begun
/// and its text ends.
pub(super) fn take(ui: &Ui, selection: Option<Selection>, bounds: Bounds) -> Vec<Wish> {
    let mut requests = Vec::new();
    let mut selection = selection;
    ui.input_mut(|input| {
        let held = input.modifiers;
        let mut swallow_space = false;
        let (mut is_editing, mut is_over) = (false, false);
        input.events.retain(|event| {
            is_over |= is_editing && changes_text(event) && !matches!(event, Event::Text(_));
            if is_over {
                return true;
            }
            if swallow_space && matches!(event, Event::Text(text) if text == " ") {
                return false;
            }
            let Some(wish) = wish(event, held, selection, bounds) else {
                return true;
            };
            swallow_space = matches!(event, Event::Key { key: Key::Space, .. });
            if let Wish::Select(moved) = wish {
                selection = Some(moved);
            }
            is_editing |= matches!(wish, Wish::Edit(_));
            requests.push(wish);
            false
        });
    });
    requests
}

fn wish(event: &Event, held: Modifiers, selection: Option<Selection>, bounds: Bounds) -> Option<Wish> {
    match event {
        Event::Copy => Some(Wish::Copy { headers: held.shift }),
        Event::Cut => Some(Wish::Cut),
        Event::Paste(text) => Some(Wish::Paste(text.clone())),
        // AltGr, which types, reports itself as Ctrl and Alt on some systems.
        Event::Text(text) if (held.alt || !held.command) && !text.chars().all(char::is_control) => {
            Some(Wish::Edit(Some(text.clone())))
        }
        Event::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } => match key {
            Key::F2 => Some(Wish::Edit(None)),
            Key::Enter if !modifiers.any() => Some(Wish::Edit(None)),
            Key::Delete | Key::Backspace if !modifiers.any() => Some(Wish::Clear),
            Key::C if modifiers.command => Some(Wish::Copy {
                headers: modifiers.shift,
            }),
            _ => moved(*key, *modifiers, selection, bounds).map(Wish::Select),
        },
        _ => None,
    }
}

/// Where a key takes the selection; `None` when the key is none of the grid's.
pub(super) fn moved(key: Key, held: Modifiers, selection: Option<Selection>, bounds: Bounds) -> Option<Selection> {
    let last = CellAt {
        row: bounds.rows.checked_sub(1)?,
        column: bounds.columns.checked_sub(1)?,
    };
    let Some(Selection { anchor, cursor }) = selection.and_then(|all| all.within(bounds.rows, bounds.columns)) else {
        return is_movement(key).then(|| Selection::cell(CellAt::default()));
    };
    let whole = |anchor: CellAt, cursor: CellAt| Some(Selection { anchor, cursor });
    match key {
        Key::A if held.command => return whole(last, CellAt::default()),
        Key::Space if held.shift && !held.command => {
            return whole(
                CellAt {
                    column: last.column,
                    ..anchor
                },
                CellAt { column: 0, ..cursor },
            );
        }
        Key::Space if held.command => {
            return whole(
                CellAt {
                    row: last.row,
                    ..anchor
                },
                CellAt { row: 0, ..cursor },
            );
        }
        Key::Escape if anchor != cursor => return Some(Selection::cell(cursor)),
        _ if held.alt || !is_movement(key) => return None,
        _ => {}
    }
    let CellAt { row, column } = cursor;
    let far = held.command;
    let cursor = match key {
        Key::ArrowUp if far => CellAt { row: 0, column },
        Key::ArrowDown if far => CellAt { row: last.row, column },
        Key::ArrowLeft if far => CellAt { row, column: 0 },
        Key::ArrowRight if far => CellAt {
            row,
            column: last.column,
        },
        Key::ArrowUp => CellAt {
            row: row.saturating_sub(1),
            column,
        },
        Key::ArrowDown => CellAt { row: row + 1, column },
        Key::ArrowLeft => CellAt {
            row,
            column: column.saturating_sub(1),
        },
        Key::ArrowRight => CellAt {
            row,
            column: column + 1,
        },
        Key::PageUp => CellAt {
            row: row.saturating_sub(bounds.page),
            column,
        },
        Key::PageDown => CellAt {
            row: row.saturating_add(bounds.page),
            column,
        },
        Key::Home if far => CellAt::default(),
        Key::End if far => last,
        Key::Home => CellAt { row, column: 0 },
        Key::End => CellAt {
            row,
            column: last.column,
        },
        _ => return None,
    };
    let anchor = if held.shift { anchor } else { cursor };
    Selection { anchor, cursor }.within(bounds.rows, bounds.columns)
}

const fn is_movement(key: Key) -> bool {
    matches!(
        key,
        Key::ArrowUp
            | Key::ArrowDown
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        rows: 10_000_000,
        columns: 100,
        page: 20,
    };

    fn at(row: u64, column: usize) -> CellAt {
        CellAt { row, column }
    }

    fn go(key: Key, held: Modifiers, from: CellAt) -> CellAt {
        moved(key, held, Some(Selection::cell(from)), BOUNDS).unwrap().cursor
    }

    #[test]
    fn arrows_stop_at_the_edges() {
        assert_eq!(go(Key::ArrowUp, Modifiers::NONE, at(0, 0)), at(0, 0));
        assert_eq!(go(Key::ArrowLeft, Modifiers::NONE, at(3, 0)), at(3, 0));
        assert_eq!(go(Key::ArrowDown, Modifiers::NONE, at(9_999_999, 4)), at(9_999_999, 4));
        assert_eq!(go(Key::ArrowRight, Modifiers::NONE, at(1, 99)), at(1, 99));
        assert_eq!(go(Key::PageDown, Modifiers::NONE, at(9_999_990, 4)), at(9_999_999, 4));
        assert_eq!(go(Key::PageUp, Modifiers::NONE, at(30, 4)), at(10, 4));
    }

    #[test]
    fn command_goes_to_the_edges_and_corners() {
        assert_eq!(go(Key::ArrowDown, Modifiers::COMMAND, at(5, 4)), at(9_999_999, 4));
        assert_eq!(go(Key::ArrowRight, Modifiers::COMMAND, at(5, 4)), at(5, 99));
        assert_eq!(go(Key::End, Modifiers::COMMAND, at(5, 4)), at(9_999_999, 99));
        assert_eq!(go(Key::Home, Modifiers::COMMAND, at(5, 4)), at(0, 0));
        assert_eq!(go(Key::End, Modifiers::NONE, at(5, 4)), at(5, 99));
    }

    #[test]
    fn shift_keeps_the_anchor() {
        let start = Selection::cell(at(5, 5));
        let wider = moved(Key::ArrowDown, Modifiers::SHIFT, Some(start), BOUNDS).unwrap();
        assert_eq!((wider.rows(), wider.columns()), (5..7, 5..6));
        let back = moved(Key::Escape, Modifiers::NONE, Some(wider), BOUNDS).unwrap();
        assert_eq!(back, Selection::cell(at(6, 5)));
        assert_eq!(moved(Key::Escape, Modifiers::NONE, Some(back), BOUNDS), None);
    }

    #[test]
    fn whole_rows_columns_and_all() {
        let start = Some(Selection::cell(at(5, 5)));
        let row = moved(Key::Space, Modifiers::SHIFT, start, BOUNDS).unwrap();
        assert_eq!((row.rows(), row.columns()), (5..6, 0..100));
        let column = moved(Key::Space, Modifiers::COMMAND, start, BOUNDS).unwrap();
        assert_eq!((column.rows(), column.columns()), (0..10_000_000, 5..6));
        let all = moved(Key::A, Modifiers::COMMAND, start, BOUNDS).unwrap();
        assert_eq!((all.rows(), all.columns()), (0..10_000_000, 0..100));
    }

    #[test]
    fn nothing_to_select() {
        let none = Bounds { rows: 0, ..BOUNDS };
        assert_eq!(moved(Key::ArrowDown, Modifiers::NONE, None, none), None);
        assert_eq!(
            moved(Key::ArrowDown, Modifiers::NONE, None, BOUNDS),
            Some(Selection::cell(at(0, 0)))
        );
    }
}
