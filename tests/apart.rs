//! Formats that are converted in a process of its own: what a damaged file does to that process, it does not do to ours.

use std::sync::Arc;

use crate::common::files::{Folder, arrow_file, arrow_stream, gzip, parquet, shown};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use tatami::{
    domain::progress::Progress,
    frame::{self, Frame},
};

fn records() -> RecordBatch {
    let ids: StringArray = (0..500).map(|id| Some(format!("p{id}"))).collect();
    let prices: Float64Array = (0..500).map(|price| Some(f64::from(price) / 4.0)).collect();
    let columns: [(&str, ArrayRef); 2] = [("product_id", Arc::new(ids)), ("sale_price", Arc::new(prices))];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn what_comes_out_is_the_same_as_here() {
    let folder = Folder::new();
    let all = [
        parquet(&records()),
        arrow_file(&records()),
        arrow_stream(&records()),
        gzip(&parquet(&records())),
    ];
    let here: Vec<String> = all.iter().map(|bytes| shown(&folder.table(bytes))).collect();
    frame::convert_with(crate::common::program());
    for (bytes, here) in all.iter().zip(&here) {
        assert_eq!(&shown(&folder.table(bytes)), here);
    }
    let path = folder.write("head.parquet", &all[0]);
    assert!(!Frame::open_head(&path, &folder.options()).unwrap().is_empty());
    let progress = Progress::default();
    Frame::open(&path, &folder.options(), &progress).unwrap();
    assert_eq!(progress.done(), progress.total());
    let cancelled = Progress::default();
    cancelled.cancel();
    insta::assert_snapshot!(Frame::open(&path, &folder.options(), &cancelled).unwrap_err(), @"stopped");

    // A damaged length is not believed.
    let damaged = std::fs::read(crate::common::in_repository("tests/data/formats/damaged.arrow")).unwrap();
    insta::assert_snapshot!(folder.refusal("damaged.arrow", &damaged), @"damaged.arrow cannot be opened: it begins as an Arrow file, but is cut off or damaged (Ipc error: Invalid variadic count 139637976727552 for Utf8View column, with 6 buffer(s) left in the message); get the whole file");
    let cut = &all[0][..all[0].len() / 2];
    insta::assert_snapshot!(folder.refusal("cut.parquet", cut), @"cut.parquet cannot be opened: it begins as a Parquet file, but is cut off or damaged (Parquet error: Invalid Parquet file. Corrupt footer); get the whole file");
}
