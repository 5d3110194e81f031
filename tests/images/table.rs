//! The table as it looks, light and dark: problems, warnings, edits and the selection must stay apart.

#[expect(
    unreachable_pub,
    reason = "shared with a test program, in which `pub` is what its other files use"
)]
#[path = "../common/grid.rs"]
mod grid;

use eframe::egui::{Theme, vec2};
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use grid::World;
use tatami::ui::{
    grid::{CellAt, Selection, show},
    theme,
};

#[test]
fn the_table_looks_as_it_did() {
    let options = SnapshotOptions::new().output_path("pictures");
    let mut results = SnapshotResults::new();
    for (name, look) in [("grid_light", Theme::Light), ("grid_dark", Theme::Dark)] {
        let mut world = World::new(10_000_000, 100);
        world.grid.freeze(1);
        let edited = CellAt { row: 3, column: 1 };
        world.table.edits.insert(edited, "Hinoki bath stool".into());
        let mut harness = Harness::builder()
            .with_size(vec2(640.0, 300.0))
            .with_theme(look)
            .wgpu()
            .with_context_setup(theme::install)
            .build_ui_state(
                |ui, world: &mut World| {
                    ui.painter().rect_filled(ui.max_rect(), 0, ui.visuals().panel_fill);
                    let events = show(ui, &mut world.grid, &mut world.table);
                    world.events.extend(events);
                },
                world,
            );
        harness.ctx.set_theme(look);
        harness.run_steps(3);
        let (anchor, cursor) = (CellAt { row: 5, column: 1 }, CellAt { row: 6, column: 2 });
        harness.state_mut().grid.select(Some(Selection { anchor, cursor }));
        harness.run_steps(3);
        results.add(harness.try_snapshot_options(name, &options));
    }
}
