//! An area chart in braille, or in ASCII bars where a terminal has no braille. What is not known is a gap.

use super::symbols::Symbols;

/// The rows of a chart from the top down, `columns` characters each. `values` are spread over the whole width, the
/// newest at the right; `top` is the value at the upper edge.
pub(in crate::tui) fn area_chart(
    values: &[f32],
    (columns, rows): (usize, usize),
    top: f32,
    symbols: &Symbols,
) -> Vec<String> {
    if symbols.is_ascii { bars(values, columns, rows, top, symbols) } else { braille(values, columns, rows, top) }
}

/// Two dots to a column and four to a row.
fn braille(values: &[f32], columns: usize, rows: usize, top: f32) -> Vec<String> {
    let heights: Vec<Option<usize>> =
        spread(values, columns * 2).into_iter().map(|value| height(value, rows * 4, top)).collect();
    (0..rows)
        .map(|row| {
            let below = (rows - 1 - row) * 4;
            heights.chunks(2).map(|pair| braille_cell(pair, below)).collect()
        })
        .collect()
}

/// A cell whose lower edge lies `below` dots above the bottom.
fn braille_cell(pair: &[Option<usize>], below: usize) -> char {
    // Dots of the left and the right column, from the bottom up.
    const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
    let mut dots = 0;
    for (height, column) in pair.iter().zip(DOTS) {
        let filled = height.unwrap_or(0).saturating_sub(below).min(4);
        dots |= column[..filled].iter().sum::<u32>();
    }
    if dots == 0 { ' ' } else { char::from_u32(0x2800 + dots).unwrap_or(' ') }
}

fn bars(values: &[f32], columns: usize, rows: usize, top: f32, symbols: &Symbols) -> Vec<String> {
    let steps = symbols.bars.len();
    let heights: Vec<Option<usize>> =
        spread(values, columns).into_iter().map(|value| height(value, rows * steps, top)).collect();
    (0..rows)
        .map(|row| {
            let below = (rows - 1 - row) * steps;
            let cell = |height: &Option<usize>| match height.unwrap_or(0).saturating_sub(below) {
                0 => " ",
                filled => symbols.bars[filled.min(steps) - 1],
            };
            heights.iter().map(cell).collect()
        })
        .collect()
}

/// How many steps high a value is. What is known is seen, even if it is nothing.
fn height(value: f32, steps: usize, top: f32) -> Option<usize> {
    if value.is_nan() {
        return None;
    }
    let share = if top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 };
    Some(((share * steps as f32).round() as usize).clamp(1, steps.max(1)))
}

/// One value for each of `count` places: the greatest of those that fall on it, so that no peak is lost. A place that
/// lies between two values takes the one before it.
fn spread(values: &[f32], count: usize) -> Vec<f32> {
    let length = values.len();
    (0..count)
        .map(|place| {
            let first = place * length / count.max(1);
            let end = ((place + 1) * length / count.max(1)).max(first + 1).min(length);
            let here = values.get(first..end).unwrap_or_default();
            here.iter().copied().fold(f32::NAN, f32::max)
        })
        .collect()
}

/// The upper edge for a chart of `values`: 1, 2 or 5 times a power of ten. It stays what it was while the greatest
/// value fits and fills a good part of it, for every change repaints the whole chart.
pub(in crate::tui) fn scale(values: &[f32], previous: f32) -> f32 {
    let greatest = values.iter().copied().filter(|value| value.is_finite()).fold(0.0_f32, f32::max);
    if greatest <= previous && greatest >= previous * 0.3 && previous > 0.0 {
        return previous;
    }
    let power = 10.0_f32.powf(greatest.max(1.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= greatest);
    step.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widget::symbols::{ASCII, UNICODE};

    #[test]
    fn an_area_is_filled_from_below_and_a_gap_is_empty() {
        let values = [0.0, 4.0, f32::NAN, f32::NAN, 8.0, 8.0];
        assert_eq!(area_chart(&values, (3, 2), 8.0, &UNICODE), ["  ⣿", "⣸ ⣿"]);
        assert_eq!(area_chart(&[8.0, f32::NAN, 1.0], (3, 2), 8.0, &ASCII), ["#  ", "# ."]);
        assert_eq!(area_chart(&[], (3, 2), 8.0, &UNICODE), ["   ", "   "]);
        assert!(area_chart(&[1.0], (0, 0), 8.0, &UNICODE).is_empty());
    }

    #[test]
    fn no_peak_is_lost_where_values_are_many() {
        let mut values = [1.0; 100];
        values[37] = 8.0;
        let rows = area_chart(&values, (5, 2), 8.0, &UNICODE);
        assert!(rows[0].chars().any(|cell| cell != ' '), "{rows:?}");
    }

    #[test]
    fn the_scale_is_round_and_stays() {
        assert_eq!(scale(&[45_100.0], 0.0), 50_000.0);
        assert_eq!(scale(&[16_200.0], 50_000.0), 50_000.0);
        assert_eq!(scale(&[9_000.0], 50_000.0), 10_000.0);
        assert_eq!(scale(&[51_000.0], 50_000.0), 100_000.0);
        assert_eq!(scale(&[f32::NAN], 0.0), 1.0);
    }
}
