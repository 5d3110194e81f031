//! Opening: one pass over a table comes to the same as reading it and checking it afterwards, whatever its first rows
//! made it seem; and opening the table of an upload again.

use std::{fs, path::Path, sync::Mutex};

use tatami::{
    check::{check, suggest},
    domain::{dataset::Dataset, progress::Progress, rules::Levels},
    frame::{DataSource, Edits, Frame, OpenOptions},
    ops::{
        open::{ColumnChoices, OpenError, OpenRequest, OpenStep, Opened, ensure_columns, open},
        reopen::{ReopenError, reopen},
    },
    upload::{Fingerprint, Ledger, Upload, UploadPlan, UploadRecipe, WriteOptions},
};

use super::common::{files::Folder, plan};

fn opened(source: &DataSource, request: &OpenRequest) -> Result<(Opened, Vec<&'static str>), OpenError> {
    let steps = Mutex::new(Vec::new());
    let opened = open(source, request, &Progress::default(), &|step| {
        steps.lock().unwrap().push(match step {
            OpenStep::RecipeFailed(_) => "no recipe",
            OpenStep::Head(..) => "head",
            OpenStep::Grown(_) => "grown",
            OpenStep::Read(..) => "read",
        });
    })?;
    let mut steps = steps.into_inner().unwrap();
    // Whether there is time for it, nobody knows.
    steps.retain(|step| *step != "grown");
    Ok((opened, steps))
}

/// Holds what opening finds to reading, suggesting and checking one after another.
fn is_as_in_three_passes(text: &str) -> Opened {
    let folder = Folder::new();
    let path = folder.write("table", text.as_bytes());
    let request = OpenRequest {
        options: folder.options(),
        ..OpenRequest::default()
    };
    let (opened, steps) = opened(&file(&path), &request).unwrap();
    assert_eq!(steps, ["head", "read"]);
    let frame = Frame::open(&path, &folder.options(), &Progress::default()).unwrap();
    let suggested = suggest(&frame, &Edits::default(), None).unwrap();
    let checked = check(&frame, &Edits::default(), &suggested.mapping, &Progress::default()).unwrap();
    assert_eq!(opened.frame.columns(), frame.columns());
    assert_eq!(opened.frame.len(), frame.len());
    assert_eq!(opened.suggested.mapping, suggested.mapping);
    assert_eq!(opened.checked.issues, checked.issues);
    assert!(!checked.issues.is_empty(), "nothing to compare");
    opened
}

fn rows(count: u32, row: impl Fn(u32) -> String) -> String {
    (0..count).map(row).collect()
}

fn file(path: &Path) -> DataSource {
    DataSource::at(path, &OpenOptions::default(), &Progress::default()).unwrap()
}

#[test]
fn one_pass_finds_what_three_do() {
    let price = |row| if row % 7 == 0 { "n/a" } else { "12.50" };
    let csv = |count| {
        let rows = rows(count, |row| format!("p{row},Mat {row},{}\n", price(row)));
        format!("product_id,title,sale_price\n{rows}")
    };
    is_as_in_three_passes(&csv(20));
    is_as_in_three_passes(&csv(5_000));
}

#[test]
fn a_key_that_comes_up_far_down_is_a_column() {
    let json = rows(3_000, |row| {
        let late = if row > 2_500 { r#","rating":"many""# } else { "" };
        format!("{{\"product_id\":\"p{row}\",\"title\":\"Mat\"{late}}}\n")
    });
    let opened = is_as_in_three_passes(&json);
    assert!(opened.frame.column("rating").is_some());
}

#[test]
fn values_that_speak_against_a_name_far_down_are_heard() {
    // The first thousand rows have ratings; all others have words, which a rating cannot be.
    let csv = rows(60_000, |row| {
        let rating = if row < 1_000 { "" } else { "PG-13" };
        // One id is there twice, so that there is something to compare.
        format!("p{},Mat {row},{rating},\n", row % 59_999)
    });
    let opened = is_as_in_three_passes(&format!("product_id,title,rating,type\n{csv}"));
    let column = opened.frame.column("rating").unwrap() as usize;
    assert_eq!(opened.suggested.mapping.path(column), Some("custom_attributes.rating"));
}

#[test]
fn a_pipe_is_opened_like_a_file() {
    let folder = Folder::new();
    let text = format!("sku;name\n{}", rows(2_000, |row| format!("p{row};Mat\n")));
    let pipe = DataSource::pipe(
        "standard input",
        text.as_bytes(),
        &folder.options(),
        &Progress::default(),
    )
    .unwrap();
    let request = OpenRequest {
        options: folder.options(),
        ..OpenRequest::default()
    };
    let (opened, steps) = opened(&pipe, &request).unwrap();
    assert_eq!((opened.frame.len(), steps), (2_000, vec!["head", "read"]));
}

#[test]
fn what_was_judged_of_a_file_is_not_believed_of_another_in_its_place() {
    let folder = Folder::new();
    let path = folder.write("table.csv", b"sku;name\n1;Mat\n");
    let (source, options) = (file(&path), folder.options());
    assert_eq!(source.open_head(&options).unwrap().columns(), ["sku", "name"]);
    fs::write(&path, "sku,name,price\n1,Mat,3\n").unwrap();
    let (frame, ()) = source.open(&options, &(), &Progress::default()).unwrap();
    assert_eq!(frame.columns(), ["sku", "name", "price"]);
    // Nor when it is read otherwise.
    source.open_head(&options).unwrap();
    let otherwise = OpenOptions {
        delimiter: Some(b';'),
        ..options
    };
    let (frame, ()) = source.open(&otherwise, &(), &Progress::default()).unwrap();
    assert_eq!(frame.columns(), ["sku,name,price"]);
}

#[test]
fn what_is_not_certain_is_refused_where_it_must_be() {
    let folder = Folder::new();
    let source = file(&folder.write("table.csv", b"a,b\n1,2\n"));
    let mut request = OpenRequest::default();
    assert!(opened(&source, &request).unwrap().0.suggested.question().is_some());
    request.must_be_certain = true;
    insta::assert_snapshot!(
        opened(&source, &request).unwrap_err().to_string().replace(&folder.path().display().to_string(), "…"),
        @"what …/table.csv holds is not certain; say which it is:"
    );
    request.dataset = Some(Dataset::Users);
    assert_eq!(
        opened(&source, &request).unwrap().0.suggested.mapping.dataset,
        Dataset::Users
    );
}

#[test]
fn a_column_that_is_chosen_for_must_be_somewhere() {
    let folder = Folder::new();
    let json = rows(3_000, |row| {
        let late = if row > 2_500 { r#","late":1"# } else { "" };
        format!("{{\"product_id\":\"p{row}\"{late}}}\n")
    });
    let sources = [
        folder.write("a.csv", b"sku,name\n1,Mat\n"),
        folder.write("b.jsonl", json.as_bytes()),
    ]
    .map(|path| file(&path));
    let ensure = |column: &str| {
        let request = OpenRequest {
            choices: ColumnChoices {
                drops: vec![column.to_owned()],
                ..ColumnChoices::default()
            },
            ..OpenRequest::default()
        };
        ensure_columns(&sources, &request, &Progress::default()).map_err(|error| error.to_string())
    };
    assert_eq!([ensure("name"), ensure("late")], [Ok(()), Ok(())]);
    insta::assert_snapshot!(ensure("nowhere").unwrap_err(), @r#"there is no column "nowhere"; the columns are sku, name"#);
}

/// An upload of a file, with these cells changed.
fn upload(folder: &Folder, source: &DataSource, fingerprint: Fingerprint, edits: &Edits) -> Upload {
    let (opened, _) = opened(source, &OpenRequest::default()).unwrap();
    let mut levels = Levels::default();
    levels.set_written("untitled=error").unwrap();
    let (frame, mapping) = (&opened.frame, &opened.suggested.mapping);
    let ledger = Ledger::open(folder.path()).unwrap();
    let plan = UploadPlan {
        path: frame.path().to_owned(),
        fingerprint,
        recipe: UploadRecipe::new(&OpenOptions::default(), frame.columns(), mapping, &levels, edits),
        ..plan::plan(u64::from(frame.len()), WriteOptions::default())
    };
    let id = ledger.begin(&plan).unwrap().id().unwrap();
    Ledger::open(folder.path()).unwrap().upload(id).unwrap()
}

#[test]
fn a_table_is_opened_again_as_it_was_or_not_at_all() {
    let folder = Folder::new();
    let text = "sku,title,price\n1,Mat,3\n2,,four\n3,Rug,5\n";
    let path = folder.write("catalog.csv", text.as_bytes());
    let source = file(&path);
    let fingerprint = Fingerprint::of(&path).unwrap();
    let again = |upload: &Upload| reopen(upload, None, &Progress::default());
    let mut edits = Edits::default();
    let plain = upload(&folder, &source, fingerprint, &edits);
    edits.set(1, 2, Some(tatami::domain::cell::OwnedCell::Text("4".into())));
    let changed = upload(&folder, &source, fingerprint, &edits);
    let (plain_again, changed_again) = (again(&plain).unwrap(), again(&changed).unwrap());
    let bad = |opened: &Opened| opened.checked.rows_with_errors().iter().collect::<Vec<_>>();
    assert_eq!((bad(&plain_again), bad(&changed_again)), (vec![1], vec![1]));
    let errors = |opened: &Opened| opened.checked.issues.count(tatami::domain::issue::Severity::Error);
    assert_eq!((errors(&plain_again), errors(&changed_again)), (2, 1));
    assert_eq!(changed_again.edits, edits);

    let pipe = DataSource::pipe(
        "standard input",
        text.as_bytes(),
        &folder.options(),
        &Progress::default(),
    )
    .unwrap();
    let piped = upload(&folder, &pipe, Fingerprint::default(), &Edits::default());
    assert!(matches!(again(&piped), Err(ReopenError::Gone)));
    fs::write(&path, text.replace("Mat", "Box")).unwrap();
    assert!(matches!(again(&plain), Err(ReopenError::Changed { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(again(&plain), Err(ReopenError::Unreadable { .. })));
}
