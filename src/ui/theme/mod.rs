//! Every distance, text size and radius, in one place, and how they and the colours of [`tokens`] become egui's styles.

pub(crate) mod tokens;

use eframe::egui::{
    Color32, Context, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Theme, ThemePreference, Vec2, Visuals,
    style::{ScrollStyle, Selection, WidgetVisuals},
    vec2,
};

use super::fonts;
pub(crate) use tokens::{ColorScheme, Tokens, Tone};

/// Distances in points; nothing lies between them.
pub(crate) mod space {
    /// Between an icon and its text.
    pub(crate) const XS: f32 = 4.0;
    /// Between things that belong together.
    pub(crate) const S: f32 = 8.0;
    /// Inside cards and between rows of a form.
    pub(crate) const M: f32 = 12.0;
    /// Around a panel's content.
    pub(crate) const L: f32 = 16.0;
    /// Between sections.
    pub(crate) const XL: f32 = 24.0;
}

/// Text sizes in points.
pub(crate) mod size {
    /// Captions, second lines, counts.
    pub(crate) const SMALL: f32 = 11.5;
    /// Running text, cells, buttons.
    pub(crate) const BODY: f32 = 13.0;
    /// Titles of cards and dialogs.
    pub(crate) const TITLE: f32 = 16.0;
    /// Titles of pages and empty states.
    pub(crate) const DISPLAY: f32 = 22.0;
}

/// Corner radii in points.
pub(crate) mod radius {
    /// Marks and pills inside rows.
    pub(crate) const SMALL: u8 = 4;
    /// Buttons and fields.
    pub(crate) const CONTROL: u8 = 6;
    /// Cards, menus, dialogs.
    pub(crate) const CARD: u8 = 10;
}

/// Sets fonts and both styles, and follows the system's choice of light or dark.
pub fn install(ctx: &Context) {
    fonts::install(ctx);
    set_contrast(ctx, false);
    ctx.set_theme(ThemePreference::System);
}

/// Sets both styles, in the usual colours or in those of high contrast.
pub fn set_contrast(ctx: &Context, is_high: bool) {
    let (light, dark) = if is_high {
        (ColorScheme::LightContrast, ColorScheme::DarkContrast)
    } else {
        (ColorScheme::Light, ColorScheme::Dark)
    };
    ctx.set_style_of(Theme::Light, style(light));
    ctx.set_style_of(Theme::Dark, style(dark));
}

/// How long the pointer rests before it is told what is under it, in seconds.
pub(crate) const TOOLTIP_DELAY: f32 = 0.35;

fn style(scheme: ColorScheme) -> Style {
    let text_styles = [
        (TextStyle::Small, fonts::regular(size::SMALL)),
        (TextStyle::Body, fonts::regular(size::BODY)),
        (TextStyle::Button, fonts::regular(size::BODY)),
        (TextStyle::Heading, fonts::strong(size::DISPLAY)),
        (TextStyle::Monospace, fonts::mono(size::BODY - 0.5)),
    ];
    let mut style = Style {
        text_styles: text_styles.into(),
        visuals: visuals(Tokens::of(scheme)),
        ..Style::default()
    };
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(space::S);
    spacing.button_padding = vec2(space::M, 6.0);
    spacing.window_margin = Margin::same(space::XL as i8);
    spacing.menu_margin = Margin::same(6);
    spacing.interact_size = vec2(40.0, 30.0);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 9.0;
    spacing.icon_spacing = 6.0;
    spacing.combo_width = 120.0;
    spacing.tooltip_width = 420.0;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        ..ScrollStyle::thin()
    };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = TOOLTIP_DELAY;
    // What stands beside a panel covers the half of its edge.
    style.interaction.resize_grab_radius_side = 6.0;
    style
}

fn visuals(tokens: &Tokens) -> Visuals {
    let mut visuals = if tokens.scheme.is_dark() {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    visuals.weak_text_color = Some(tokens.muted);
    visuals.selection = Selection {
        bg_fill: tokens.selection,
        stroke: Stroke::new(1.0, tokens.accent_text),
    };
    visuals.hyperlink_color = tokens.accent_text;
    visuals.faint_bg_color = tokens.background;
    visuals.extreme_bg_color = tokens.surface;
    visuals.text_edit_bg_color = Some(tokens.surface);
    visuals.code_bg_color = tokens.hover;
    visuals.warn_fg_color = tokens.warning.text;
    visuals.error_fg_color = tokens.error.text;
    visuals.window_fill = tokens.raised;
    visuals.window_stroke = Stroke::new(1.0, tokens.line);
    visuals.window_corner_radius = CornerRadius::same(radius::CARD);
    visuals.menu_corner_radius = CornerRadius::same(radius::CARD);
    visuals.panel_fill = tokens.background;
    visuals.window_shadow = shadow(tokens, 14, 40);
    visuals.popup_shadow = shadow(tokens, 6, 20);
    visuals.text_cursor.stroke = Stroke::new(1.5, tokens.accent_text);
    visuals.indent_has_left_vline = false;
    let widgets = &mut visuals.widgets;
    widgets.noninteractive = widget(tokens.surface, tokens.line, tokens.text);
    widgets.inactive = widget(tokens.raised, tokens.outline, tokens.text);
    widgets.hovered = widget(tokens.hover, tokens.outline, tokens.text);
    widgets.active = widget(tokens.selection, tokens.accent, tokens.text);
    widgets.open = widget(tokens.hover, tokens.outline, tokens.text);
    visuals
}

fn shadow(tokens: &Tokens, drop: i8, blur: u8) -> Shadow {
    Shadow {
        offset: [0, drop],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(if tokens.scheme.is_dark() { 110 } else { 34 }),
    }
}

fn widget(fill: Color32, edge: Color32, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_the_styles_of_both_themes() {
        let ctx = Context::default();
        install(&ctx);
        let looks =
            |ctx: &Context| [Theme::Light, Theme::Dark].map(|theme| ColorScheme::of(&ctx.style_of(theme).visuals));
        assert_eq!(looks(&ctx), [ColorScheme::Light, ColorScheme::Dark]);
        set_contrast(&ctx, true);
        assert_eq!(looks(&ctx), [ColorScheme::LightContrast, ColorScheme::DarkContrast]);
        set_contrast(&ctx, false);
        assert_eq!(looks(&ctx), [ColorScheme::Light, ColorScheme::Dark]);
    }
}
