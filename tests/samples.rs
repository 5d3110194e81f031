//! The sample files in `assets/samples` are what their recorded specs say.
//!
//! To make them again after a change in `src/sample`: `TATAMI_UPDATE_SAMPLES=1 cargo test -p tatami-tests samples::`

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
};

use tatami::{
    check::check,
    domain::{
        dataset::Dataset,
        issue::Severity,
        mapping::Mapping,
        progress::Progress,
        recognition::recognise,
        schema::Schema,
        validate::{Exceptions, check_record_by},
    },
    frame::{Edits, Frame, OpenOptions},
    sample::{self, Mistake, SHIPPED, SampleFormat, Spec},
};

fn path(name: &str) -> PathBuf {
    crate::common::in_repository("assets/samples").join(name)
}

#[test]
fn shipped_samples_are_made_from_their_specs() {
    for shipped in SHIPPED {
        let mut made = Vec::new();
        shipped.write(&mut made).unwrap();
        let path = path(shipped.name);
        if env::var_os("TATAMI_UPDATE_SAMPLES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        }
        let kept = fs::read(&path).unwrap();
        assert!(
            kept == made,
            "{} differs from what its spec makes; TATAMI_UPDATE_SAMPLES=1 cargo test -p tatami-tests samples:: writes it again",
            shipped.name
        );
    }
}

#[test]
fn shipped_samples_show_every_kind_of_mistake_they_can() {
    let kinds: BTreeSet<_> = SHIPPED
        .iter()
        .flat_map(|shipped| shipped.spec.mistakes())
        .map(|(_, kind)| kind)
        .collect();
    for shipped in SHIPPED {
        for kind in Mistake::of(shipped.spec.dataset, shipped.spec.format) {
            assert!(kinds.contains(&kind), "{kind:?}");
        }
    }
    assert!(kinds.len() >= 18, "{kinds:?}");
}

/// Mistakes within a record are refused by the schema, and nothing else is.
#[test]
fn the_schema_refuses_the_mistakes_and_nothing_else() {
    for dataset in Dataset::ALL {
        let spec = Spec {
            dataset,
            rows: 3000,
            bad_percent: 10.0,
            seed: 11,
            format: SampleFormat::JsonLines,
        };
        let mut made = Vec::new();
        sample::write(&spec, &Progress::default(), &mut made).unwrap();
        let mistakes: BTreeMap<_, _> = spec.mistakes().collect();
        for (row, line) in (0..).zip(made.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())) {
            let record = serde_json::from_slice(line).unwrap();
            let violations = check_record_by(&Exceptions::default(), Schema::of(dataset), &record);
            let mistake = mistakes.get(&row).copied();
            // Types of custom attributes are judged across records.
            let refused =
                mistake.is_some_and(|mistake| mistake.severity() == Severity::Error && mistake != Mistake::CustomType);
            assert_eq!(
                !violations.is_empty(),
                refused,
                "{dataset} {row} {mistake:?} {violations:?} {record}"
            );
            // A field that may not be there is said of the record and of the field.
            assert!(violations.len() <= 2, "{violations:?}");
        }
    }
}

/// The columns of the CSV samples are matched to fields as a person would.
#[test]
fn columns_of_the_samples_find_their_fields() {
    for (shipped, dataset) in SHIPPED
        .into_iter()
        .zip([Dataset::Products, Dataset::Interactions, Dataset::Users])
    {
        let spec = Spec {
            format: SampleFormat::Csv,
            ..shipped.spec
        };
        let mut made = Vec::new();
        sample::write(&spec, &Progress::default(), &mut made).unwrap();
        let header = made.split(|byte| *byte == b'\n').next().unwrap();
        let columns: Vec<_> = String::from_utf8_lossy(header).split(',').map(str::to_owned).collect();
        assert_eq!(recognise(&columns, &[]).best(), dataset);
        let mapping = Mapping::suggest(dataset, &columns, false);
        for (column, target) in columns.iter().zip(&mapping.targets) {
            let custom = target
                .path
                .as_deref()
                .is_some_and(|path| path.starts_with("custom_attributes."));
            assert_eq!(
                custom,
                column == "season" || column.contains("custom_attributes"),
                "{column} {target:?}"
            );
        }
    }
}

/// A checked sample has exactly the problems that were put in, in both formats.
#[test]
fn checking_finds_every_mistake_and_nothing_else() {
    for dataset in Dataset::ALL {
        for format in [SampleFormat::Csv, SampleFormat::JsonLines] {
            let spec = Spec {
                dataset,
                rows: 2000,
                bad_percent: 8.0,
                seed: 5,
                format,
            };
            let mut made = Vec::new();
            sample::write(&spec, &Progress::default(), &mut made).unwrap();
            let name = format!("sample.{format}");
            let frame = Frame::from_text(&name, made, &OpenOptions::default()).unwrap();
            let is_json = format == SampleFormat::JsonLines;
            let mapping = Mapping::suggest(recognise(frame.columns(), &[]).best(), frame.columns(), is_json);
            let checked = check(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
            let expected: Vec<_> = spec
                .mistakes()
                .filter(|(_, mistake)| mistake.severity() == Severity::Error)
                .map(|(row, _)| u32::try_from(row).unwrap())
                .collect();
            let found: Vec<_> = checked.issues.rows_with(Severity::Error).iter().collect();
            assert_eq!(found, expected, "{dataset} as {format}");
        }
    }
}

#[test]
fn the_broken_lines_of_the_catalog_are_seen_and_cost_no_other_row() {
    let frame = Frame::open(&path("catalog.csv"), &OpenOptions::default(), &Progress::default()).unwrap();
    let rows: Vec<_> = frame.defects().iter().map(|defect| defect.row).collect();
    assert_eq!((frame.len(), rows), (602, vec![600, 601]), "{:?}", frame.defects());
}

/// Nothing is advised about data as it should be, and nothing beyond the mistakes about the rest.
#[test]
fn clean_samples_have_no_problems_at_all() {
    for dataset in Dataset::ALL {
        for format in [SampleFormat::Csv, SampleFormat::JsonLines] {
            let spec = Spec {
                dataset,
                rows: 3000,
                bad_percent: 0.0,
                seed: 17,
                format,
            };
            let mut made = Vec::new();
            sample::write(&spec, &Progress::default(), &mut made).unwrap();
            let frame = Frame::from_text(&format!("sample.{format}"), made, &OpenOptions::default()).unwrap();
            let is_json = format == SampleFormat::JsonLines;
            let mapping = Mapping::suggest(dataset, frame.columns(), is_json);
            let checked = check(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
            let found: Vec<_> = checked
                .issues
                .causes()
                .map(|(cause, rows)| (*cause, rows.len()))
                .collect();
            assert!(found.is_empty(), "{dataset} as {format}: {found:?}");
        }
    }
}
