//! The window's icon: two mats with their brocade edges.

use eframe::egui::IconData;

const SIZE: u32 = 64;

/// The icon, painted pixel by pixel.
pub fn icon() -> IconData {
    let mut rgba = Vec::with_capacity((SIZE * SIZE * 4) as usize);
    for y in 0..SIZE {
        for x in 0..SIZE {
            rgba.extend(pixel(x, y));
        }
    }
    IconData {
        rgba,
        width: SIZE,
        height: SIZE,
    }
}

fn pixel(x: u32, y: u32) -> [u8; 4] {
    const NOTHING: [u8; 4] = [0, 0, 0, 0];
    const EDGE: [u8; 4] = [0x3B, 0x4B, 0xA3, 0xFF];
    let across = |at: u32| at.min(SIZE - 1 - at);
    let (from_side, from_top) = (across(x), across(y));
    if from_side < 4 || from_top < 4 || from_side + from_top < 13 {
        return NOTHING;
    }
    let is_edge = from_side < 11 || (30..34).contains(&y);
    if is_edge {
        return EDGE;
    }
    // The weave: every other strand a little darker.
    if (y / 3 + (x / 8) % 2).is_multiple_of(2) {
        [0xC9, 0xD1, 0x8E, 0xFF]
    } else {
        [0xB4, 0xBE, 0x74, 0xFF]
    }
}
