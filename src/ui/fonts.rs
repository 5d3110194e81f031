//! The bundled faces. Inter is cut down to Latin, Greek, Cyrillic and common signs, with tabular figures as the
//! default ones so that digits stand under each other in every column; other scripts come from the system.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

/// Name of the family of the heavier face.
const STRONG: &str = "strong";

/// The font of running text at `size` points.
pub(crate) fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The heavier font, for headings, field names and buttons. Only after [`install`].
pub(crate) fn strong(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(STRONG.into()))
}

/// The font of identifiers and JSON.
pub(crate) fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Makes the faces known to egui, before its own, which stay as fallbacks.
pub(crate) fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let faces: [(&str, &'static [u8]); 2] = [
        ("Inter", include_bytes!("../../assets/fonts/Inter-Regular.ttf")),
        (
            "Inter SemiBold",
            include_bytes!("../../assets/fonts/Inter-SemiBold.ttf"),
        ),
    ];
    for (name, data) in faces {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(data)));
    }
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    proportional.insert(0, "Inter".to_owned());
    let mut heavier = proportional.clone();
    heavier.insert(0, "Inter SemiBold".to_owned());
    fonts.families.insert(FontFamily::Name(STRONG.into()), heavier);
    let monospace = fonts.families.entry(FontFamily::Monospace).or_default();
    monospace.push("Inter".to_owned());
    ctx.set_fonts(fonts);
}
