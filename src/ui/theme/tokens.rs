//! Every colour, in one place, for each scheme: light, dark, and both in high contrast.
//!
//! The paper is warm as rush mats are, the accent is the indigo of their brocade edge. Problems have a tone of
//! their own each (text, tint, mark); a tint is never the only sign of anything.

use eframe::egui::{Color32, Context, Ui, Visuals};

use crate::domain::issue::Severity;

/// What the window can look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ColorScheme {
    Light,
    Dark,
    LightContrast,
    DarkContrast,
}

impl ColorScheme {
    pub(crate) const ALL: [Self; 4] = [Self::Light, Self::Dark, Self::LightContrast, Self::DarkContrast];

    /// The scheme that a style was made of: no two have the same background.
    pub(crate) fn of(visuals: &Visuals) -> Self {
        let known = Self::ALL
            .into_iter()
            .find(|&scheme| Tokens::of(scheme).background == visuals.panel_fill);
        known.unwrap_or(if visuals.dark_mode { Self::Dark } else { Self::Light })
    }

    pub(crate) const fn is_dark(self) -> bool {
        matches!(self, Self::Dark | Self::DarkContrast)
    }
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
    /// The scheme whose colours these are.
    pub(crate) scheme: ColorScheme,
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
        scheme: ColorScheme::Light,
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
        scheme: ColorScheme::Dark,
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

    /// Black on white, for those who need more than quiet tints.
    pub(crate) const LIGHT_CONTRAST: Self = Self {
        scheme: ColorScheme::LightContrast,
        background: rgb(0x00FF_FFFF),
        surface: rgb(0x00FE_FEFE),
        raised: rgb(0x00FF_FFFF),
        hover: rgb(0x00E8_E8E8),
        line: rgb(0x008C_8C8C),
        outline: rgb(0x0000_0000),
        text: rgb(0x0000_0000),
        muted: rgb(0x002E_2E2E),
        faint: rgb(0x0059_5959),
        accent: rgb(0x0013_1F8C),
        accent_hover: rgb(0x000B_1466),
        on_accent: rgb(0x00FF_FFFF),
        accent_text: rgb(0x0013_1F8C),
        selection: rgb(0x00DD_E3FF),
        selection_wash: Color32::from_rgba_premultiplied(6, 9, 32, 40),
        error: tone(0x007A_0C05, 0x00FF_E9E6, 0x00B0_1508),
        warning: tone(0x0054_3600, 0x00FF_F3D0, 0x008A_5A00),
        info: tone(0x0004_4250, 0x00E2_F5F9, 0x000B_6073),
        success: tone(0x0009_4A25, 0x00E3_F6E9, 0x0017_6B3A),
        edited: tone(0x0035_4A08, 0x00F2_F8E0, 0x004E_6A17),
        local: tone(0x0035_4A08, 0x00EC_F5D5, 0x004E_6A17),
        development: tone(0x0004_4250, 0x00DD_F2F7, 0x000B_6073),
        production: tone(0x0079_0C3C, 0x00FF_E6F0, 0x00A3_2058),
        playground: tone(0x0048_1F80, 0x00F1_E9FC, 0x0068_3FA0),
        production_bar: rgb(0x00FF_DCE9),
        of_production: (rgb(0x0079_0C3C), rgb(0x00FF_FFFF)),
        danger: (rgb(0x0086_1007), rgb(0x00FF_FFFF)),
    };

    /// White on black.
    pub(crate) const DARK_CONTRAST: Self = Self {
        scheme: ColorScheme::DarkContrast,
        background: rgb(0x0000_0000),
        surface: rgb(0x0001_0101),
        raised: rgb(0x000E_0E0E),
        hover: rgb(0x0028_2828),
        line: rgb(0x0080_8080),
        outline: rgb(0x00FF_FFFF),
        text: rgb(0x00FF_FFFF),
        muted: rgb(0x00DE_DEDE),
        faint: rgb(0x00A6_A6A6),
        accent: rgb(0x00B9_C4FF),
        accent_hover: rgb(0x00D6_DDFF),
        on_accent: rgb(0x0000_0633),
        accent_text: rgb(0x00C2_CCFF),
        selection: rgb(0x0022_2A5E),
        selection_wash: Color32::from_rgba_premultiplied(14, 17, 30, 32),
        error: tone(0x00FF_C2BA, 0x0042_0D08, 0x00FF_7F72),
        warning: tone(0x00FF_DA8A, 0x003A_2A00, 0x00F0_B73C),
        info: tone(0x00A9_EAF6, 0x0000_2E38, 0x0062_CDE2),
        success: tone(0x00AD_F0C6, 0x0000_3016, 0x0062_D08F),
        edited: tone(0x00D6_EFA0, 0x0021_2B06, 0x00A9_D154),
        local: tone(0x00D6_EFA0, 0x0024_2E08, 0x00A9_D154),
        development: tone(0x00A9_EAF6, 0x0000_2E38, 0x0062_CDE2),
        production: tone(0x00FF_C4DB, 0x0046_0822, 0x00FF_7AAE),
        playground: tone(0x00E0_CEFF, 0x0031_1A55, 0x00B9_94F2),
        production_bar: rgb(0x0040_0A22),
        of_production: (rgb(0x00FF_B0D0), rgb(0x002B_0014)),
        danger: (rgb(0x00FF_A79D), rgb(0x002A_0400)),
    };

    /// The colours of a scheme.
    pub(crate) const fn of(scheme: ColorScheme) -> &'static Self {
        match scheme {
            ColorScheme::Light => &Self::LIGHT,
            ColorScheme::Dark => &Self::DARK,
            ColorScheme::LightContrast => &Self::LIGHT_CONTRAST,
            ColorScheme::DarkContrast => &Self::DARK_CONTRAST,
        }
    }

    /// The colours this part of the window is painted in.
    pub(crate) fn current(ui: &Ui) -> &'static Self {
        Self::of(ColorScheme::of(ui.visuals()))
    }

    /// The colours the window is painted in, where there is no part of it at hand.
    pub(crate) fn shown(ctx: &Context) -> &'static Self {
        Self::of(ColorScheme::of(&ctx.style_of(ctx.theme()).visuals))
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
        for tokens in ColorScheme::ALL.map(Tokens::of) {
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
        for tokens in ColorScheme::ALL.map(Tokens::of) {
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

    /// The scheme is told by its background.
    #[test]
    fn no_two_looks_have_a_background_in_common() {
        for scheme in ColorScheme::ALL {
            let visuals = Visuals {
                panel_fill: Tokens::of(scheme).background,
                ..Visuals::default()
            };
            assert_eq!(ColorScheme::of(&visuals), scheme);
        }
    }

    /// In high contrast, where a control ends is seen as well as its text.
    #[test]
    fn outlines_of_high_contrast_stand_out() {
        for tokens in [&Tokens::LIGHT_CONTRAST, &Tokens::DARK_CONTRAST] {
            for ground in [tokens.background, tokens.surface, tokens.raised, tokens.hover] {
                check(tokens, tokens.outline, ground);
            }
            assert!(contrast(tokens.line, tokens.surface) >= 3.0, "{:?}", tokens.scheme);
        }
    }

    #[test]
    fn marks_stand_out() {
        for tokens in ColorScheme::ALL.map(Tokens::of) {
            let least = if is_contrast(tokens.scheme) { 4.5 } else { 2.8 };
            for tone in tones(tokens) {
                let ratio = contrast(tone.mark, tokens.surface);
                assert!(ratio >= least, "{:?} on the surface: {ratio:.2}", tone.mark);
            }
        }
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

    const fn is_contrast(scheme: ColorScheme) -> bool {
        matches!(scheme, ColorScheme::LightContrast | ColorScheme::DarkContrast)
    }

    fn check(tokens: &Tokens, text: Color32, ground: Color32) {
        let ratio = contrast(text, ground);
        let least = if is_contrast(tokens.scheme) { 7.0 } else { 4.5 };
        assert!(
            ratio >= least,
            "{:?}: {text:?} on {ground:?}: {ratio:.2}",
            tokens.scheme
        );
    }
}
