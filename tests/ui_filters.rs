//! Narrowing the table to some rows by the values of its columns, as people do: the header's menu, the chips, the list of
//! values.

use eframe::egui::{Event, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable as _;
use tatami::session::{Action, MappingAction, TableAction};

use crate::ui::World;

impl World {
    /// Opens the form for a filter on a column, from its header's menu.
    fn begin_filter(&mut self, column: &str) {
        self.open_header(column);
        self.click("Filter…");
    }

    fn open_header(&mut self, column: &str) {
        let header = format!("column {column}");
        self.harness.get_by_label_contains(&header).click();
        self.frames();
    }

    fn enter(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.frames();
    }

    /// Presses the form's button, and waits until so many rows are left.
    fn filter_to(&mut self, left: &str) {
        self.click("Filter");
        self.until_seen(left);
        self.frames();
    }

    fn do_to_table(&mut self, action: TableAction) {
        let doc = self.document().id;
        self.harness.state_mut().act(Action::Table(doc, action));
        self.frames();
    }
}

#[test]
fn a_header_filters_its_column_and_a_chip_changes_that_and_takes_it_away() {
    let mut world = World::opened();
    assert!(!world.sees("Clear all"));
    world.begin_filter("title");
    assert!(world.sees("Show rows where title"));
    world.enter("STOOL");
    world.press(Modifiers::NONE, Key::Enter);
    world.until_seen("1 of 5 rows");
    world.frames();
    assert!(world.sees("title contains STOOL") && world.sees("Table of 1 rows"));
    assert!(world.sees("row 3, title: Hinoki bath stool") && !world.sees("Walnut desk lamp"));
    assert!(!world.sees("Show rows where title"), "the form is closed");
    world.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(
        world.document().view().unwrap().cursor,
        (1, 1),
        "the table has the keyboard"
    );

    world.click("title contains STOOL");
    assert!(world.sees("Show rows where title"));
    for _ in 0.."STOOL".len() {
        world.press(Modifiers::NONE, Key::Backspace);
    }
    world.enter("a");
    world.filter_to("4 of 5 rows");
    assert!(world.sees("title contains a") && world.sees("Table of 4 rows"));
    world.click("Remove: title contains a");
    assert!(!world.sees("title contains a") && !world.sees("Clear all"));
}

#[test]
fn a_header_sorts_by_its_column_and_then_by_another() {
    let mut world = World::new();
    let path = world.write(
        "catalog.csv",
        "product_id,title,sale_price\nA1,Item 10,5\nA2,item 2,5\nA3,Item 1,7\nA4,item 3,\n",
    );
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    let titles = |world: &World| -> Vec<String> {
        let view = world.document().view().unwrap();
        let title = |row| {
            view.frame.read(row..row + 1, &view.edits).unwrap()[0][1]
                .as_cell()
                .shown()
                .into_owned()
        };
        (0..4).map(|place| title(view.file_row(place).unwrap())).collect()
    };
    world.open_header("sale_price");
    world.click("Sort 9 → 1");
    world.until_seen("Sorted by sale_price ↓");
    world.frames();
    assert_eq!(titles(&world), ["Item 1", "Item 10", "item 2", "item 3"]);
    world.open_header("title");
    world.click("Then by this column, A → Z");
    world.until_seen("Sorted by sale_price ↓, title ↑");
    world.frames();
    assert_eq!(titles(&world), ["Item 1", "item 2", "Item 10", "item 3"]);
    assert!(world.sees("sorted descending, key 1") && world.sees("sorted ascending, key 2"));
    world.begin_filter("title");
    world.enter("item 1");
    world.filter_to("2 of 4 rows");
    assert!(world.sees("row 4, title: Item 1") && world.sees("Sorted by sale_price ↓, title ↑"));
    world.click("Remove: Sorted by sale_price ↓, title ↑");
    assert!(!world.sees("Sorted by") && world.sees("title contains item 1"));
}

#[test]
fn escape_leaves_what_is_shown_as_it_was() {
    let mut world = World::opened();
    world.begin_filter("title");
    world.enter("lamp");
    world.press(Modifiers::NONE, Key::Escape);
    assert!(!world.sees("Show rows where title") && !world.sees("title contains lamp"));
    assert!(world.sees("Table of 5 rows"));
}

#[test]
fn a_range_of_numbers_is_by_value_and_says_what_is_wrong_with_it() {
    let mut world = World::opened();
    world.begin_filter("sale_price");
    world.click("is between");
    world.enter("20");
    world.press(Modifiers::NONE, Key::Tab);
    world.enter("1,5");
    assert!(world.sees("The values are numbers, and 1,5 is none"));
    for _ in 0..2 {
        world.press(Modifiers::NONE, Key::Backspace);
    }
    assert!(world.sees("The range ends before it begins"));
    world.press(Modifiers::NONE, Key::Enter);
    assert!(world.sees("Table of 5 rows"), "that is no filter");
    world.harness.get_by_role_and_label(Role::TextInput, "To").focus();
    world.frames();
    world.enter("00");
    world.press(Modifiers::NONE, Key::Backspace);
    world.press(Modifiers::NONE, Key::Backspace);
    world.press(Modifiers::NONE, Key::Backspace);
    world.harness.get_by_role_and_label(Role::TextInput, "From").focus();
    world.frames();
    world.press(Modifiers::NONE, Key::Backspace);
    world.press(Modifiers::NONE, Key::Backspace);
    world.enter("10");
    // 12.50 and 19.90; `cheap` and prices with a comma are no numbers.
    world.filter_to("2 of 5 rows");
    assert!(world.sees("sale_price ≥ 10"));
}

#[test]
fn values_are_chosen_from_the_list_of_those_there_are() {
    let mut world = World::opened();
    world.begin_filter("sale_price");
    world.click("is one of");
    world.until_seen("19.90");
    world.frames();
    world.enter("50");
    assert!(world.sees("7,50") && world.sees("12.50"));
    assert!(world.harness.query_by_role_and_label(Role::CheckBox, "cheap").is_none());
    world.click("Choose all");
    assert!(world.sees("2 chosen"));
    world.harness.get_by_role_and_label(Role::CheckBox, "7,50").click();
    world.frames();
    let search = world
        .harness
        .get_by_role_and_label(Role::TextInput, "Search the values");
    search.focus();
    world.frames();
    for _ in 0..2 {
        world.press(Modifiers::NONE, Key::Backspace);
    }
    world.harness.get_by_role_and_label(Role::CheckBox, "cheap").click();
    world.frames();
    world.filter_to("2 of 5 rows");
    assert!(world.sees("sale_price is 12.50 or cheap"));
    assert!(world.sees("row 2, sale_price: 12.50") && world.sees("row 5, sale_price: cheap"));
}

#[test]
fn filters_come_together_with_the_one_by_problem() {
    let mut world = World::opened();
    world.click("Only rows with problems (3)");
    assert!(world.sees("Rows with problems") && world.sees("3 of 5 rows"));
    world.begin_filter("title");
    world.enter("li");
    world.filter_to("1 of 5 rows");
    assert!(world.sees("row 5, title: Linen throw"));
    world.begin_filter("sale_price");
    world.click("is empty");
    world.filter_to("0 of 5 rows");
    assert!(world.sees("No row passes all of the filters above"));
    world.click("Remove: sale_price is empty");
    assert!(world.sees("Table of 1 rows"));
    world.click("Remove: Rows with problems");
    assert!(world.sees("title contains li") && world.sees("Table of 1 rows"));
    world.begin_filter("sale_price");
    world.click("has a problem");
    world.click("Filter");
    assert!(world.sees("sale_price has a problem") && world.sees("Table of 1 rows"));
    world.click("Clear all");
    assert!(world.sees("Table of 5 rows") && !world.sees("title contains li"));
}

#[test]
fn a_row_that_is_changed_stays_until_one_filters_again() {
    let mut world = World::opened();
    world.begin_filter("title");
    world.enter("lamp");
    world.filter_to("1 of 5 rows");
    world.do_to_table(TableAction::Edit(vec![(0, 1, "Rug".to_owned())]));
    world.settled();
    assert!(world.sees("row 2, title: Rug, edited") && world.sees("Table of 1 rows"));
    world.click("Filter again");
    world.until_seen("0 of 5 rows");
    world.frames();
    world.click("Show all rows");
    assert!(world.sees("Table of 5 rows") && world.sees("row 2, title: Rug, edited"));
}

#[test]
fn a_cell_shows_only_rows_like_it_and_values_are_as_they_are_sent() {
    let mut world = World::opened();
    let doc = world.document().id;
    let transform = MappingAction::Transform {
        column: 2,
        transform: Some("decimal-comma".parse().unwrap()),
    };
    world.harness.state_mut().act(Action::Mapping(doc, transform));
    world.settled();
    world
        .harness
        .get_by_label("row 3, sale_price: 7.50, in the file: 7,50")
        .click_secondary();
    world.frames();
    world.click("Show only rows like this cell");
    world.until_seen("1 of 5 rows");
    world.frames();
    assert!(world.sees("sale_price is 7.50") && world.sees("row 3, title: Hinoki bath stool"));
    world.click("sale_price is 7.50");
    assert!(world.sees("Values are taken as they will be sent"));
    world.click("Remove the filter");
    assert!(world.sees("Table of 5 rows"));
}
