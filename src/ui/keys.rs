//! Everything that can be done from the menus, with its words and its shortcut, in one table: the menus, the palette, the
//! shortcuts and the list of shortcuts are made from it.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

/// Something to do, whether it is chosen in a menu or by its shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MenuCommand {
    /// Choose files to open.
    Open,
    /// Type the path of a file to open.
    OpenPath,
    /// Choose how the file shown is read.
    ImportOptions,
    /// Open the sample files.
    Samples,
    /// Close the file shown.
    Close,
    /// End the app.
    Quit,
    /// Take back the last change.
    Undo,
    /// Make it again.
    Redo,
    /// Find a text in the table.
    Find,
    /// Replace a text in the table.
    Replace,
    /// Go to the next cell that has it.
    FindNext,
    /// Go to the one before.
    FindPrevious,
    /// Go to a line or an id.
    GoTo,
    /// Fill the selected cells from those above.
    FillDown,
    /// Go to the next problem.
    NextProblem,
    /// Go to the one before.
    PreviousProblem,
    /// Repair the cell at the cursor.
    Repair,
    /// Mend what is wrong with it in all rows.
    RepairCause,
    /// Mend everything that is safe to mend.
    RepairAll,
    /// Show only rows with problems, or all again.
    OnlyProblems,
    /// Save the rows with problems to a file.
    Export,
    /// Save the table as the file is, with the changes.
    SaveCopy,
    /// Save the file's mapping as a recipe.
    SaveRecipe,
    /// Map the file by a recipe.
    OpenRecipe,
    /// Upload the file shown.
    Upload,
    /// Stop what runs.
    Cancel,
    /// Go to the uploads of this machine.
    Uploads,
    /// Take back the last upload to the environment.
    UndoUpload,
    /// Look again at what is stored.
    Refresh,
    /// Go to the products.
    Products,
    /// Go to the interactions.
    Interactions,
    /// Go to the users.
    Users,
    /// Go to what is stored of the data set shown.
    Stored,
    /// Show or hide the inspector.
    Inspector,
    /// Show or hide the problems.
    Problems,
    /// Show or hide the columns and their fields.
    Columns,
    /// Show what the column at the cursor holds.
    ColumnStatistics,
    /// Show the window in high contrast, or as usual.
    HighContrast,
    /// Delete everything in the environment.
    Wipe,
    /// Allow changes in a guarded environment for a while.
    Unlock,
    /// Allow them no longer.
    Lock,
    /// Add an environment.
    AddEnvironment,
    /// Change the environment.
    EditEnvironment,
    /// Show how much the rules weigh.
    Rules,
    /// Show the shortcuts.
    Shortcuts,
    /// Find a command by its words, and run it.
    Palette,
    /// Go to an opened file by its name.
    GoToFile,
    /// Go to the next pane.
    NextPane,
    /// Go to the one before.
    PreviousPane,
    /// Go to the menus.
    Menus,
}

/// The menu that a command stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MenuName {
    File,
    Edit,
    View,
    Problems,
    Upload,
    Environment,
    Help,
}

impl MenuName {
    /// In the order of the bar.
    pub(crate) const ALL: [Self; 7] = [
        Self::File,
        Self::Edit,
        Self::View,
        Self::Problems,
        Self::Upload,
        Self::Environment,
        Self::Help,
    ];

    /// The word in the bar.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Problems => "Problems",
            Self::Upload => "Upload",
            Self::Environment => "Environment",
            Self::Help => "Help",
        }
    }
}

/// Keys that are no commands, with what they do: of the table, and everywhere. `Ctrl` is the command key where there is
/// one.
pub(crate) const OTHER_KEYS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Moving in the table",
        &[
            ("Arrows", "To the next cell"),
            ("Shift+Arrows", "Select cells"),
            ("Ctrl+Arrows", "To the edge"),
            ("Home, End", "To the row's ends"),
            ("Ctrl+Home, Ctrl+End", "To the table's corners"),
        ],
    ),
    (
        "Changing cells",
        &[
            ("Enter, F2", "Edit the cell"),
            ("Delete", "Empty the cells"),
            ("Ctrl+C, Ctrl+V", "Copy and paste"),
        ],
    ),
    (
        "Everywhere",
        &[
            ("Esc", "Close or cancel"),
            ("Alt+F, Alt+E, …", "Open a menu by its letter"),
        ],
    ),
];

impl MenuCommand {
    pub(crate) const ALL: [Self; 50] = [
        Self::Open,
        Self::OpenPath,
        Self::ImportOptions,
        Self::Samples,
        Self::Close,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::Find,
        Self::FindNext,
        Self::FindPrevious,
        Self::Replace,
        Self::GoTo,
        Self::FillDown,
        Self::NextProblem,
        Self::PreviousProblem,
        Self::Repair,
        Self::RepairCause,
        Self::RepairAll,
        Self::OnlyProblems,
        Self::Export,
        Self::SaveCopy,
        Self::SaveRecipe,
        Self::OpenRecipe,
        Self::Upload,
        Self::Cancel,
        Self::Uploads,
        Self::UndoUpload,
        Self::Refresh,
        Self::Products,
        Self::Interactions,
        Self::Users,
        Self::Stored,
        Self::Inspector,
        Self::Problems,
        Self::Columns,
        Self::ColumnStatistics,
        Self::HighContrast,
        Self::Wipe,
        Self::Unlock,
        Self::Lock,
        Self::AddEnvironment,
        Self::EditEnvironment,
        Self::Rules,
        Self::Shortcuts,
        Self::Palette,
        Self::GoToFile,
        Self::NextPane,
        Self::PreviousPane,
        Self::Menus,
    ];

    /// The menu that it stands in.
    pub(crate) const fn menu(self) -> MenuName {
        match self {
            Self::Open
            | Self::OpenPath
            | Self::ImportOptions
            | Self::Samples
            | Self::Close
            | Self::Quit
            | Self::SaveCopy
            | Self::SaveRecipe
            | Self::OpenRecipe => MenuName::File,
            Self::Undo
            | Self::Redo
            | Self::Find
            | Self::FindNext
            | Self::FindPrevious
            | Self::Replace
            | Self::GoTo
            | Self::FillDown
            | Self::Repair
            | Self::RepairCause
            | Self::RepairAll => MenuName::Edit,
            Self::Products
            | Self::Interactions
            | Self::Users
            | Self::Stored
            | Self::GoToFile
            | Self::NextPane
            | Self::PreviousPane
            | Self::Inspector
            | Self::Problems
            | Self::Columns
            | Self::ColumnStatistics
            | Self::HighContrast => MenuName::View,
            Self::NextProblem | Self::PreviousProblem | Self::OnlyProblems | Self::Export | Self::Rules => {
                MenuName::Problems
            }
            Self::Upload | Self::Cancel | Self::Uploads | Self::UndoUpload => MenuName::Upload,
            Self::Refresh | Self::Wipe | Self::Unlock | Self::Lock | Self::AddEnvironment | Self::EditEnvironment => {
                MenuName::Environment
            }
            Self::Shortcuts | Self::Palette | Self::Menus => MenuName::Help,
        }
    }

    /// Its words in a menu.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Open => "Open…",
            Self::OpenPath => "Open by path…",
            Self::ImportOptions => "Import options…",
            Self::Samples => "Open the sample files",
            Self::Close => "Close file",
            Self::Quit => "Quit",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Find => "Find…",
            Self::Replace => "Replace…",
            Self::FillDown => "Fill down",
            Self::FindNext => "Find next",
            Self::FindPrevious => "Find previous",
            Self::GoTo => "Go to line or id…",
            Self::NextProblem => "Next problem",
            Self::PreviousProblem => "Previous problem",
            Self::Repair => "Repair this cell",
            Self::RepairCause => "Repair this problem in all rows",
            Self::RepairAll => "Repair all that is safe",
            Self::OnlyProblems => "Only rows with problems",
            Self::Rules => "Rules…",
            Self::Export => "Save rows with problems…",
            Self::SaveCopy => "Save a copy with changes…",
            Self::SaveRecipe => "Save the recipe…",
            Self::OpenRecipe => "Map by a recipe…",
            Self::Upload => "Upload…",
            Self::Cancel => "Stop",
            Self::Uploads => "Uploads",
            Self::UndoUpload => "Undo the last upload…",
            Self::Refresh => "Refresh what is stored",
            Self::Products => "Products",
            Self::Interactions => "Interactions",
            Self::Users => "Users",
            Self::Stored => "Stored records",
            Self::Inspector => "Inspector",
            Self::Problems => "Problems",
            Self::Columns => "Columns and fields",
            Self::ColumnStatistics => "What this column holds",
            Self::HighContrast => "High contrast",
            Self::Wipe => "Delete everything…",
            Self::Unlock => "Unlock changes for 15 minutes",
            Self::Lock => "Lock now",
            Self::AddEnvironment => "Add environment…",
            Self::EditEnvironment => "Edit this environment…",
            Self::Shortcuts => "Shortcuts",
            Self::Palette => "All commands…",
            Self::GoToFile => "Go to file…",
            Self::NextPane => "Next pane",
            Self::PreviousPane => "Previous pane",
            Self::Menus => "Menus",
        }
    }

    /// Its shortcuts; the first is the one shown.
    pub(crate) const fn shortcuts(self) -> &'static [KeyboardShortcut] {
        const fn ctrl(key: Key) -> KeyboardShortcut {
            KeyboardShortcut::new(Modifiers::COMMAND, key)
        }
        const fn ctrl_shift(key: Key) -> KeyboardShortcut {
            KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
        }
        const fn plain(key: Key) -> KeyboardShortcut {
            KeyboardShortcut::new(Modifiers::NONE, key)
        }
        match self {
            Self::Open => const { &[ctrl(Key::O)] },
            Self::OpenPath => const { &[ctrl_shift(Key::O)] },
            Self::Close => const { &[ctrl(Key::W)] },
            Self::Quit => const { &[ctrl(Key::Q)] },
            Self::Undo => const { &[ctrl(Key::Z)] },
            Self::Redo => const { &[ctrl_shift(Key::Z), ctrl(Key::Y)] },
            Self::Find => const { &[ctrl(Key::F)] },
            Self::Replace => const { &[ctrl(Key::H)] },
            Self::FillDown => const { &[ctrl(Key::D)] },
            Self::FindNext => const { &[plain(Key::F3)] },
            Self::FindPrevious => const { &[KeyboardShortcut::new(Modifiers::SHIFT, Key::F3)] },
            Self::GoTo => const { &[ctrl(Key::G)] },
            Self::NextProblem => const { &[plain(Key::F8)] },
            Self::PreviousProblem => const { &[KeyboardShortcut::new(Modifiers::SHIFT, Key::F8)] },
            Self::Repair => const { &[ctrl(Key::Period)] },
            Self::RepairCause => const { &[ctrl(Key::R)] },
            Self::RepairAll => const { &[ctrl_shift(Key::R)] },
            Self::OnlyProblems => const { &[ctrl_shift(Key::L)] },
            Self::Export => const { &[ctrl(Key::E)] },
            Self::SaveCopy => const { &[ctrl_shift(Key::S)] },
            Self::Upload => const { &[ctrl(Key::U)] },
            Self::Refresh => const { &[plain(Key::F5)] },
            Self::Products => const { &[ctrl(Key::Num1)] },
            Self::Interactions => const { &[ctrl(Key::Num2)] },
            Self::Users => const { &[ctrl(Key::Num3)] },
            Self::Stored => const { &[ctrl(Key::Num4)] },
            Self::Inspector => const { &[ctrl(Key::I)] },
            Self::Problems => const { &[ctrl(Key::J)] },
            Self::Columns => const { &[ctrl_shift(Key::K)] },
            Self::ColumnStatistics => const { &[ctrl_shift(Key::I)] },
            Self::Shortcuts => const { &[plain(Key::F1)] },
            Self::Palette => const { &[ctrl(Key::K)] },
            Self::GoToFile => const { &[ctrl(Key::P)] },
            Self::NextPane => const { &[plain(Key::F6)] },
            Self::PreviousPane => const { &[KeyboardShortcut::new(Modifiers::SHIFT, Key::F6)] },
            Self::Menus => const { &[plain(Key::F10)] },
            Self::ImportOptions
            | Self::Samples
            | Self::Cancel
            | Self::Uploads
            | Self::UndoUpload
            | Self::SaveRecipe
            | Self::OpenRecipe
            | Self::HighContrast
            | Self::Wipe
            | Self::Unlock
            | Self::Lock
            | Self::AddEnvironment
            | Self::EditEnvironment
            | Self::Rules => &[],
        }
    }

    /// Whether its shortcut means something else, or nothing, where a text is typed.
    const fn is_of_text(self) -> bool {
        matches!(self, Self::Undo | Self::Redo | Self::FillDown)
    }

    /// Its shortcut as people read it: `Ctrl+Z`.
    pub(crate) fn shortcut_text(self, ctx: &Context) -> Option<String> {
        self.shortcuts().first().map(|shortcut| written(ctx, *shortcut))
    }

    /// All its shortcuts: `Ctrl+Shift+Z, Ctrl+Y`.
    pub(crate) fn shortcut_texts(self, ctx: &Context) -> String {
        let texts: Vec<String> = self
            .shortcuts()
            .iter()
            .map(|shortcut| written(ctx, *shortcut))
            .collect();
        texts.join(", ")
    }
}

/// A shortcut as people read it; egui has a word for the full stop.
fn written(ctx: &Context, shortcut: KeyboardShortcut) -> String {
    ctx.format_shortcut(&shortcut).replace("Period", ".")
}

/// The menu commands whose shortcuts were pressed. A text field keeps the keys that it needs itself.
pub(crate) fn pressed(ctx: &Context) -> Vec<MenuCommand> {
    let typing = ctx.text_edit_focused();
    let mut shortcuts: Vec<(MenuCommand, &KeyboardShortcut)> = MenuCommand::ALL
        .into_iter()
        .filter(|command| !(typing && command.is_of_text()))
        .flat_map(|command| command.shortcuts().iter().map(move |shortcut| (command, shortcut)))
        .collect();
    // `Ctrl+Z` would take `Ctrl+Shift+Z` as well.
    shortcuts.sort_by_key(|(_, shortcut)| !shortcut.modifiers.shift);
    ctx.input_mut(|input| {
        shortcuts
            .into_iter()
            .filter(|(_, shortcut)| input.consume_shortcut(shortcut))
            .map(|(command, _)| command)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_deeds_share_a_shortcut() {
        let mut seen: Vec<(&KeyboardShortcut, MenuCommand)> = Vec::new();
        for command in MenuCommand::ALL {
            for shortcut in command.shortcuts() {
                let other = seen.iter().find(|(other, _)| *other == shortcut);
                assert!(other.is_none(), "{command:?} and {other:?}");
                seen.push((shortcut, command));
            }
        }
    }

    #[test]
    fn no_two_deeds_share_their_words() {
        for (at, command) in MenuCommand::ALL.iter().enumerate() {
            assert!(
                MenuCommand::ALL[at + 1..]
                    .iter()
                    .all(|other| other.text() != command.text())
            );
        }
    }
}
