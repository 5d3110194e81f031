//! What separates the items of lists and the levels of category paths, as far as a column's own values prove it: the
//! structure must show, as a comma may also stand inside of a name.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::{
    cell::Cell,
    sampled::Sampled,
    transform::{Transform, parts},
};

/// A separator with whether it is proven, not only likely.
type Separated = Option<(Transform, bool)>;

/// The marks of levels, the plainest first; a space around one makes it surer than the bare one.
const LEVELS: [&str; 9] = ["->", " / ", "::", "»", "›", "→", "/", "\\", "|"];

/// What separates the paths of categories, and their levels, where it is not what a cell is read as anyway.
pub(super) fn of_paths(sample: &Sampled) -> Separated {
    let with = |mark: &str| sample.count(|cell| cell.shown().contains(mark));
    if with("[") > 0 {
        return None;
    }
    let half = sample.filled() / 2;
    if with(">") > with("->") && with(">") * 3 > sample.filled() {
        // `A > B | C` and `A > B; C` are read as they stand.
        return if with("|") > 0 || with(",") == 0 {
            None
        } else {
            let is_proven = roots_recur(sample, ">", ",");
            Some((paths(">", ','), is_proven))
        };
    }
    if let Some(level) = LEVELS.into_iter().find(|level| with(level) > half) {
        let between = if level == "|" {
            ';'
        } else {
            [';', ',']
                .into_iter()
                .find(|mark| with(mark.encode_utf8(&mut [0; 4])) > 0 && with("|") == 0)
                .unwrap_or('|')
        };
        let mut mark = [0; 4];
        let mark: &str = between.encode_utf8(&mut mark);
        let is_proven = level != "|" && (with(mark) == 0 || mark != "," || roots_recur(sample, level, mark));
        return Some((paths(level.trim(), between), is_proven));
    }
    if with("|") == 0 && with(";") == 0 && with(",") > 0 {
        return Some((Transform::List(','), items_recur(sample, ",")));
    }
    None
}

fn paths(level: &str, between: char) -> Transform {
    Transform::Paths {
        level: level.to_owned(),
        between,
    }
}

/// Whether the first levels of later paths in a cell are those of first ones too: `A > B, A > C`. A comma inside of
/// a name (`Salt, Pepper > Mills`) begins with what no path begins with.
fn roots_recur(sample: &Sampled, level: &str, between: &str) -> bool {
    let cells: Vec<String> = sample.values().map(|(cell, _)| cell.shown().into_owned()).collect();
    let root = |path: &str| parts(path, level).next().map(str::to_owned);
    let firsts: HashSet<String> = cells
        .iter()
        .filter_map(|cell| root(parts(cell, between).next()?))
        .collect();
    let later: Vec<String> = cells
        .iter()
        .flat_map(|cell| parts(cell, between).skip(1).filter_map(root).collect::<Vec<_>>())
        .collect();
    let known = later.iter().filter(|root| firsts.contains(*root)).count();
    !later.is_empty() && known * 10 >= later.len() * 8
}

/// Whether the items of cells with several are found in other cells too, as those of a list are.
fn items_recur(sample: &Sampled, between: &str) -> bool {
    let mut cells_with: HashMap<String, u32> = HashMap::new();
    let mut several = Vec::new();
    for (cell, _) in sample.values() {
        let shown = cell.shown();
        let items: BTreeSet<String> = parts(&shown, between).map(str::to_owned).collect();
        for item in &items {
            *cells_with.entry(item.clone()).or_default() += 1;
        }
        if items.len() > 1 {
            several.extend(items);
        }
    }
    let known = several
        .iter()
        .filter(|item| cells_with.get(*item).is_some_and(|count| *count > 1))
        .count();
    !several.is_empty() && known * 2 >= several.len()
}

/// A separator that items are not told apart by otherwise: line breaks, or one that some cells have and others, with
/// a single item, have another of the usual ones in.
pub(super) fn of_list(sample: &Sampled) -> Separated {
    let with = |separator: char| sample.count(|cell| cell.shown().contains(separator));
    let with_only = |separator: char, without: char| {
        sample.count(|cell| cell.shown().contains(separator) && !cell.shown().contains(without))
    };
    if sample.count(|cell| cell.shown().trim_start().starts_with('[')) > 0 {
        return None;
    }
    if with('\n') > 0 {
        return Some((Transform::List('\n'), true));
    }
    // A text of JSON is one item, whatever is in it.
    let is_text = |cell: Cell<'_>| matches!(cell, Cell::Json(json) if json.starts_with('"'));
    if sample.count(is_text) * 2 > sample.filled() {
        let separator = ['|', ';', ','].into_iter().find(|separator| with(*separator) > 0);
        let is_proven = |separator: char| separator != ',' || items_recur(sample, ",");
        return separator.map(|separator| (Transform::List(separator), is_proven(separator)));
    }
    let mixed = |strong: char, weak: &[char]| {
        with(strong) > 0 && weak.iter().any(|weak| with_only(*weak, strong) > 0) && with(strong) * 5 > sample.filled()
    };
    let escaped = [';', ',', '|'].into_iter().find(|mark| {
        let mark = format!("\\{mark}");
        sample.count(|cell| cell.shown().contains(&mark)) > 0
    });
    let found = if mixed('|', &[';', ',']) {
        Some('|')
    } else if mixed(';', &[',']) {
        Some(';')
    } else {
        escaped
    };
    if found.is_none() && with(',') > 0 && with('|') == 0 && with(';') == 0 && may_be_names(sample) {
        // No cell has a bar, so that each is one item.
        return Some((Transform::List('|'), false));
    }
    found.map(|separator| (Transform::List(separator), true))
}

/// Whether a comma may stand inside of names (`Adams, Douglas`) and not between them: there is one at most, and what
/// stands before it never stands behind it.
fn may_be_names(sample: &Sampled) -> bool {
    let (mut before, mut behind) = (HashSet::new(), HashSet::new());
    for (cell, _) in sample.values() {
        let shown = cell.shown();
        let Some((family, given)) = shown.split_once(", ") else {
            if shown.contains(',') {
                return false;
            }
            continue;
        };
        let is_name = |name: &str| name.chars().next().is_some_and(char::is_uppercase) && !name.contains(',');
        if !is_name(family) || !is_name(given) {
            return false;
        }
        before.insert(family.trim().to_lowercase());
        behind.insert(given.trim().to_lowercase());
    }
    !before.is_empty() && before.is_disjoint(&behind)
}
