//! A row of bars.

use super::symbols::Symbols;

/// Values as bars, one per column, scaled to their greatest. What is not known is a gap.
pub(in crate::tui) fn sparkline(values: &[f32], symbols: &Symbols) -> String {
    let greatest = values.iter().copied().filter(|value| !value.is_nan()).fold(0.0_f32, f32::max);
    let bar = |value: &f32| {
        if value.is_nan() {
            return symbols.gap;
        }
        let steps = symbols.bars.len() as f32;
        let height = if greatest > 0.0 { (value / greatest * steps).ceil() - 1.0 } else { 0.0 };
        // In range, for the value is no greater than the greatest.
        symbols.bars[(height.max(0.0) as usize).min(symbols.bars.len() - 1)]
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widget::symbols::{ASCII, UNICODE};

    #[test]
    fn bars_are_scaled_and_gaps_are_seen() {
        assert_eq!(sparkline(&[0.0, 1.0, 4.0, 8.0, f32::NAN], &UNICODE), "▁▁▄█·");
        assert_eq!(sparkline(&[0.0, 0.0], &UNICODE), "▁▁");
        assert_eq!(sparkline(&[8.0, f32::NAN, 1.0], &ASCII), "# _");
        assert_eq!(sparkline(&[], &UNICODE), "");
    }
}
