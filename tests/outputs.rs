//! Files that commands write: what is there is kept, and the source always.

use std::fs;

use crate::home::{Home, at};

const CATALOG: &str = "product_id,title\nA1,=1+1\nA2,\n";

#[test]
fn what_is_there_is_kept_unless_force_is_said() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    home.file("there.csv", "mine");
    let writes: [&[&str]; 3] = [
        &["export", "catalog.csv", "--out", "there.csv"],
        &["sample", "users", "--rows", "3", "--out", "there.csv"],
        &["recipe", "export", "catalog.csv", "--output", "there.csv"],
    ];
    for args in writes {
        home.file("there.csv", "mine");
        let kept = home.run(args);
        assert_eq!(kept.code, 2, "{args:?}: {}", kept.all());
        assert!(
            kept.all().contains("there.csv is there already and is kept"),
            "{args:?}: {}",
            kept.all()
        );
        assert_eq!(home.read("there.csv"), "mine");
        let forced = home.run(&[args, &["--force"]].concat());
        assert_eq!(forced.code, 0, "{args:?}: {}", forced.all());
        assert_ne!(home.read("there.csv"), "mine");
    }
}

#[test]
fn nothing_is_sent_when_a_report_would_replace_a_file() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    home.file("there.csv", "mine");
    let server = home.serve();
    for option in ["--report", "--errors"] {
        let args = ["upload", "catalog.csv", "--dataset", "products", option, "there.csv"];
        let kept = at(&home, &server, &args).all();
        assert!(kept.contains("there.csv is there already and is kept"), "{kept}");
        assert_eq!(home.read("there.csv"), "mine");
        assert_eq!(at(&home, &server, &["ids", "products"]).out, "");
    }
}

#[cfg(unix)]
#[test]
fn the_source_and_its_links_are_never_replaced() {
    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    fs::hard_link(home.path("catalog.csv"), home.path("hard.csv")).unwrap();
    std::os::unix::fs::symlink("catalog.csv", home.path("soft.csv")).unwrap();
    for out in ["catalog.csv", "hard.csv", "soft.csv"] {
        let exports: [&[&str]; 2] = [
            &["export", "catalog.csv", "--force", "--out", out],
            &["recipe", "export", "catalog.csv", "--force", "--output", out],
        ];
        for args in exports {
            let refused = home.run(args);
            assert_eq!(refused.code, 2, "{args:?}: {}", refused.all());
            assert_eq!(home.read("catalog.csv"), CATALOG);
        }
    }
    assert_eq!(home.run(&["export", "catalog.csv", "--out", "/dev/null"]).code, 0);
}

#[test]
fn problems_as_csv_are_no_formulas_unless_raw() {
    let home = Home::new();
    home.file("catalog.csv", "product_id,sale_price\nA1,=1+1\n");
    let args = ["check", "catalog.csv", "--dataset", "products", "--format", "csv"];
    let guarded = home.run(&args).all();
    assert!(guarded.contains(",'=1+1,"), "{guarded}");
    let raw = home.run(&[&args[..], &["--raw"]].concat()).all();
    assert!(raw.contains(",=1+1,"), "{raw}");
}
