//! Every colour, distance, text size and radius, in one place, for light and dark.
//!
//! The paper is warm as rush mats are, the accent is the indigo of their brocade edge. Problems have a tone of
//! their own each (text, tint, mark); a tint is never the only sign of anything.

use eframe::egui::{
    Color32, Context, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Theme, ThemePreference, Ui, Vec2,
    Visuals,
    style::{ScrollStyle, Selection, WidgetVisuals},
    vec2,
};

use super::fonts;
use crate::domain::issue::Severity;

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

/// A meaning's three colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tone {
    /// Text and icons, readable on `tint`, the background and the surface.
    pub text: Color32,
    /// Behind text; quiet.
    pub(crate) tint: Color32,
    /// Underlines, dots and edges; not for text.
    pub mark: Color32,
}

/// All colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Whether these are the dark ones.
    pub(crate) dark: bool,
    /// The window behind everything.
    pub background: Color32,
    /// Where content stands: the table, cards.
    pub(crate) surface: Color32,
    /// What lies above: menus, dialogs, buttons.
    pub(crate) raised: Color32,
    /// Under the pointer.
    pub(crate) hover: Color32,
    /// Hairlines between things.
    pub line: Color32,
    /// Outlines of controls.
    pub(crate) outline: Color32,
    /// Text.
    pub text: Color32,
    /// Text of second rank.
    pub(crate) muted: Color32,
    /// Bars and signs that say nothing of their own; not for text.
    pub(crate) faint: Color32,
    /// The one accent: primary buttons, the focus ring, the selected cell's edge.
    pub(crate) accent: Color32,
    /// The accent under the pointer.
    pub(crate) accent_hover: Color32,
    /// Text on the accent.
    pub(crate) on_accent: Color32,
    /// The accent as text, readable on background and surface.
    pub(crate) accent_text: Color32,
    /// Behind selected things.
    pub selection: Color32,
    /// Laid over cells in the selection, whatever their tint.
    pub(crate) selection_wash: Color32,
    /// The API would refuse it; also destructive buttons.
    pub error: Tone,
    /// The API would take it, but probably not as it was meant.
    pub warning: Tone,
    /// Worth knowing.
    pub(crate) info: Tone,
    /// Done, stored, valid.
    pub success: Tone,
    /// Changed by a person and not in the source file.
    pub edited: Tone,
    /// The environment on this machine.
    pub local: Tone,
    /// An environment for development.
    pub development: Tone,
    /// The environment customers meet.
    pub production: Tone,
    /// An environment to try things in.
    pub playground: Tone,
    /// Behind the bar at the top while what customers see is worked with.
    pub(crate) production_bar: Color32,
    /// Fill of buttons that change what customers see, and their text.
    pub(crate) of_production: (Color32, Color32),
    /// Fill of destructive buttons, and their text.
    pub(crate) danger: (Color32, Color32),
}

const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

const fn tone(text: u32, tint: u32, mark: u32) -> Tone {
    Tone {
        text: rgb(text),
        tint: rgb(tint),
        mark: rgb(mark),
    }
}

impl Tokens {
    /// Ink on warm paper.
    pub(crate) const LIGHT: Self = Self {
        dark: false,
        background: rgb(0x00F5_F4F0),
        surface: rgb(0x00FF_FFFF),
        raised: rgb(0x00FF_FFFF),
        hover: rgb(0x00EE_ECE6),
        line: rgb(0x00E7_E5DE),
        outline: rgb(0x00D3_D0C7),
        text: rgb(0x0021_2124),
        muted: rgb(0x005E_5C55),
        faint: rgb(0x0098_958C),
        accent: rgb(0x003B_4BA3),
        accent_hover: rgb(0x002F_3D8C),
        on_accent: rgb(0x00FF_FFFF),
        accent_text: rgb(0x0037_469B),
        selection: rgb(0x00E4_E7F7),
        selection_wash: Color32::from_rgba_premultiplied(7, 9, 20, 30),
        error: tone(0x00AE_2418, 0x00FC_E9E6, 0x00D9_483B),
        warning: tone(0x0080_5300, 0x00FD_F1D3, 0x00C6_8A12),
        info: tone(0x000B_6073, 0x00E1_F1F4, 0x0034_93A8),
        success: tone(0x001D_6B40, 0x00E3_F2E8, 0x0038_9A63),
        edited: tone(0x004E_6A17, 0x00F2_F6E6, 0x0079_9A33),
        local: tone(0x004E_6A17, 0x00EC_F2DB, 0x0079_9A33),
        development: tone(0x000B_6073, 0x00DD_EFF3, 0x0034_93A8),
        production: tone(0x00A3_2058, 0x00FB_E5EE, 0x00CE_3F7C),
        playground: tone(0x0068_3FA0, 0x00EF_E8F8, 0x008F_63CC),
        production_bar: rgb(0x00F7_DCE7),
        of_production: (rgb(0x00A3_2058), rgb(0x00FF_FFFF)),
        danger: (rgb(0x00B4_2A1E), rgb(0x00FF_FFFF)),
    };

    /// Paper by night.
    pub(crate) const DARK: Self = Self {
        dark: true,
        background: rgb(0x0016_1719),
        surface: rgb(0x001C_1D20),
        raised: rgb(0x0027_282C),
        hover: rgb(0x0029_2B2F),
        line: rgb(0x002B_2D31),
        outline: rgb(0x0041_434A),
        text: rgb(0x00E9_E7E2),
        muted: rgb(0x00B8_B6AE),
        faint: rgb(0x0075_746F),
        accent: rgb(0x0098_A6F2),
        accent_hover: rgb(0x00B0_BBF7),
        on_accent: rgb(0x0014_1833),
        accent_text: rgb(0x00AA_B6F6),
        selection: rgb(0x002B_3156),
        selection_wash: Color32::from_rgba_premultiplied(20, 23, 37, 39),
        error: tone(0x00FF_A195, 0x0043_2523, 0x00EE_6A5E),
        warning: tone(0x00EF_C466, 0x003B_3119, 0x00D2_A03A),
        info: tone(0x0082_CFDE, 0x0019_3239, 0x004D_A5B8),
        success: tone(0x0086_D3A4, 0x001B_3325, 0x0050_A877),
        edited: tone(0x00B7_CF7F, 0x0027_2D1B, 0x008F_AE4C),
        local: tone(0x00B7_CF7F, 0x0029_301B, 0x008F_AE4C),
        development: tone(0x0082_CFDE, 0x0019_3239, 0x004D_A5B8),
        production: tone(0x00FB_9FC3, 0x0044_2030, 0x00E4_5C94),
        playground: tone(0x00C9_AEF3, 0x0031_2745, 0x009D_76D8),
        production_bar: rgb(0x0037_1A28),
        of_production: (rgb(0x00F0_8AB4), rgb(0x002B_0716)),
        danger: (rgb(0x00F0_7E72), rgb(0x002A_0B08)),
    };

    /// The colours of a theme.
    pub(crate) const fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Light => &Self::LIGHT,
            Theme::Dark => &Self::DARK,
        }
    }

    /// The colours this part of the window is painted in.
    pub(crate) fn current(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode {
            &Self::DARK
        } else {
            &Self::LIGHT
        }
    }

    /// The colours of a problem.
    pub(crate) const fn severity(&self, severity: Severity) -> Tone {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Info => self.info,
        }
    }
}

/// Sets fonts and both styles, and follows the system's choice of light or dark.
pub fn install(ctx: &Context) {
    fonts::install(ctx);
    for theme in [Theme::Light, Theme::Dark] {
        ctx.set_style_of(theme, style(theme));
    }
    ctx.set_theme(ThemePreference::System);
}

/// How long the pointer rests before it is told what is under it, in seconds.
pub(crate) const TOOLTIP_DELAY: f32 = 0.35;

fn style(theme: Theme) -> Style {
    let text_styles = [
        (TextStyle::Small, fonts::regular(size::SMALL)),
        (TextStyle::Body, fonts::regular(size::BODY)),
        (TextStyle::Button, fonts::regular(size::BODY)),
        (TextStyle::Heading, fonts::strong(size::DISPLAY)),
        (TextStyle::Monospace, fonts::mono(size::BODY - 0.5)),
    ];
    let mut style = Style {
        text_styles: text_styles.into(),
        visuals: visuals(theme),
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

fn visuals(theme: Theme) -> Visuals {
    let tokens = Tokens::of(theme);
    let mut visuals = theme.default_visuals();
    visuals.dark_mode = tokens.dark;
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
        color: Color32::from_black_alpha(if tokens.dark { 110 } else { 34 }),
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

    /// Relative luminance, WCAG 2.2.
    fn luminance(colour: Color32) -> f64 {
        let linear = |channel: u8| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    /// Contrast ratio, WCAG 2.2 success criterion 1.4.3.
    fn contrast(one: Color32, other: Color32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Every text on every ground: a pill stands in a banner, a quiet button on a tint, a note on a selected row.
    #[test]
    fn all_text_can_be_read() {
        for tokens in [&Tokens::LIGHT, &Tokens::DARK] {
            let plain = [
                tokens.background,
                tokens.surface,
                tokens.raised,
                tokens.hover,
                tokens.selection,
            ];
            let tints = tones(tokens).map(|tone| tone.tint);
            let texts = [tokens.text, tokens.muted, tokens.accent_text];
            let toned = tones(tokens).map(|tone| tone.text);
            for ground in plain.into_iter().chain(tints) {
                for text in texts.into_iter().chain(toned) {
                    check(tokens, text, ground);
                }
            }
            check(tokens, tokens.on_accent, tokens.accent);
            check(tokens, tokens.on_accent, tokens.accent_hover);
            let (fill, on_fill) = tokens.danger;
            check(tokens, on_fill, fill);
            check(tokens, on_fill, tokens.raised.blend(fill.gamma_multiply(0.9)));
            check(tokens, tokens.of_production.1, tokens.of_production.0);
            for text in texts.into_iter().chain([tokens.production.text]) {
                check(tokens, text, tokens.production_bar);
            }
        }
    }

    /// The wash of a selection lies over cells and their texts.
    #[test]
    fn selected_cells_can_be_read() {
        for tokens in [&Tokens::LIGHT, &Tokens::DARK] {
            let problems = [tokens.error, tokens.warning, tokens.info, tokens.edited];
            let tints = problems.map(|tone| tone.tint);
            for ground in [tokens.surface, tokens.selection].into_iter().chain(tints) {
                for text in [tokens.text, tokens.muted] {
                    let [text, ground] = [text, ground].map(|colour| colour.blend(tokens.selection_wash));
                    check(tokens, text, ground);
                }
            }
        }
    }

    #[test]
    fn marks_stand_out() {
        for tokens in [&Tokens::LIGHT, &Tokens::DARK] {
            for tone in tones(tokens) {
                let ratio = contrast(tone.mark, tokens.surface);
                assert!(ratio >= 2.8, "{:?} on the surface: {ratio:.2}", tone.mark);
            }
        }
    }

    #[test]
    fn fills_the_styles_of_both_themes() {
        let ctx = Context::default();
        install(&ctx);
        assert_eq!(ctx.style_of(Theme::Light).visuals.panel_fill, Tokens::LIGHT.background);
        assert_eq!(ctx.style_of(Theme::Dark).visuals.panel_fill, Tokens::DARK.background);
    }

    fn tones(tokens: &Tokens) -> [Tone; 9] {
        [
            tokens.error,
            tokens.warning,
            tokens.info,
            tokens.success,
            tokens.edited,
            tokens.local,
            tokens.development,
            tokens.production,
            tokens.playground,
        ]
    }

    fn check(tokens: &Tokens, text: Color32, ground: Color32) {
        let ratio = contrast(text, ground);
        assert!(
            ratio >= 4.5,
            "dark: {}, {text:?} on {ground:?}: {ratio:.2}",
            tokens.dark
        );
    }
}
