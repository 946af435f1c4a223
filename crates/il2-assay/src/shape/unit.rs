//! Axes in a unit other than the default.

use il2::ligand::Ligand;
use il2::quantity::Quantity;
use il2_engine::Dimension;
use il2_engine::words::shown;
use il2_output::figure::{Content, Panel, Series};
use il2_study::study::figures::EndText;

/// The factor that converts a value from the unit `from` to the unit `to`. IU and mass per volume
/// are converted with these ligands, which must all agree. The error ends with the remedy.
pub fn factor(ligands: &[&Ligand], from: &str, to: &str) -> Result<f64, String> {
    if from == to {
        return Ok(1.0);
    }
    let one = |unit: &str| Quantity::parse(&format!("1 {unit}")).ok().filter(|q| q.has_unit);
    let Some(own) = one(from) else {
        let what = if from.is_empty() { "a plain number" } else { from };
        return Err(format!(
            "the axis shows {what}, for which there is no other unit; leave unit out"
        ));
    };
    let quoted = shown(to);
    let Some(wanted) = one(to) else {
        return Err(format!("\"{quoted}\" is not a unit; write for example \"{from}\""));
    };
    if own.dimension == wanted.dimension {
        return Ok(own.value / wanted.value);
    }
    let of = |ligand: &&Ligand| {
        let one = |unit: &str| ligand.preparation().concentration(&format!("1 {unit}")).ok();
        Some(one(from)? / one(to)?)
    };
    let all: Option<Vec<f64>> = ligands.iter().map(of).collect();
    match all.as_deref() {
        None if own.dimension == Dimension::CONCENTRATION && is_of_drug(wanted.dimension) => {
            Err(format!(
                "\"{quoted}\" cannot be converted to {from} without the molar mass and, for IU, the \
             specific activity of every ligand that is shown; give them in [ligands], or write for \
             example \"{from}\""
            ))
        }
        None | Some([]) => {
            Err(format!("\"{quoted}\" is not a unit for this axis; write for example \"{from}\""))
        }
        Some([first, rest @ ..]) if rest.iter().all(|f| (f / first - 1.0).abs() < 1e-9) => {
            Ok(*first)
        }
        Some(_) => Err(format!(
            "\"{quoted}\" is a different concentration for each ligand; write for example \
             \"{from}\""
        )),
    }
}

/// Whether a dimension is mass or international units per volume.
fn is_of_drug(dimension: Dimension) -> bool {
    let same = |unit: &str| Quantity::parse(unit).is_ok_and(|q| q.dimension == dimension);
    same("1 mg/L") || same("1 IU/mL")
}

/// An end of an axis in the unit that the axis shows: a number is taken unchanged, a quantity is
/// converted. The error ends with the remedy.
pub fn end(ligands: &[&Ligand], text: &EndText, axis_unit: &str) -> Result<f64, String> {
    let text = match text {
        EndText::Number(number) => return Ok(*number),
        EndText::Quantity(text) => text.trim(),
    };
    let split = text.find(char::is_whitespace).unwrap_or(text.len());
    let (number, unit) = (text[..split].parse::<f64>(), text[split..].trim());
    match number {
        Ok(number) if number.is_finite() && unit.is_empty() => Ok(number),
        Ok(number) if number.is_finite() => Ok(number / factor(ligands, axis_unit, unit)?),
        _ => {
            let example = match axis_unit {
                "" => "5".to_string(),
                unit => format!("\"5 {unit}\""),
            };
            Err(format!(
                "\"{}\" is not a number with its unit; write for example {example}",
                shown(text)
            ))
        }
    }
}

/// Shows a panel's horizontal values in another unit.
pub fn along_x(panel: &mut Panel, factor: f64, unit: &str) {
    panel.x.unit = unit.into();
    panel.x.range = panel.x.range.map(|(a, b)| (a * factor, b * factor));
    panel.x.marks.iter_mut().for_each(|mark| *mark *= factor);
    panel.x.spans.iter_mut().for_each(|(a, b)| (*a, *b) = (*a * factor, *b * factor));
    match &mut panel.content {
        Content::Lines(all) => all.iter_mut().for_each(|series| scale(series, factor, 1.0)),
        Content::Intervals(rows) => rows.iter_mut().for_each(|row| {
            row.value *= factor;
            row.low *= factor;
            row.high *= factor;
        }),
        Content::HeatMap(map) => {
            map.x.iter_mut().for_each(|x| *x *= factor);
            map.marked.iter_mut().for_each(|marked| marked.0 *= factor);
        }
    }
}

/// Shows a panel's vertical values in another unit.
pub fn along_y(panel: &mut Panel, factor: f64, unit: &str) {
    panel.y.unit = unit.into();
    panel.y.range = panel.y.range.map(|(a, b)| (a * factor, b * factor));
    match &mut panel.content {
        Content::Lines(all) => all.iter_mut().for_each(|series| scale(series, 1.0, factor)),
        Content::Intervals(_) => {}
        Content::HeatMap(map) => {
            map.y.iter_mut().for_each(|y| *y *= factor);
            map.marked.iter_mut().for_each(|marked| marked.1 *= factor);
        }
    }
}

fn scale(series: &mut Series, x: f64, y: f64) {
    let point = |p: &mut (f64, f64)| *p = (p.0 * x, p.1 * y);
    series.points.iter_mut().for_each(point);
    series.mark_x.iter_mut().for_each(point);
    let bar = |b: &mut (f64, f64, f64)| *b = (b.0 * x, b.1 * y, b.2 * y);
    series.band.iter_mut().for_each(bar);
    series.error_bars.iter_mut().for_each(bar);
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_study::Library;

    fn ligand(name: &str) -> Ligand {
        Library::builtin().ligand(name).expect("a ligand of the library").clone()
    }

    #[test]
    fn units_of_one_dimension_are_converted() {
        assert_eq!(factor(&[], "pM", "nM"), Ok(1e-3));
        assert_eq!(factor(&[], "min", "h"), Ok(1.0 / 60.0));
        assert_eq!(factor(&[], "mmHg", "mmHg"), Ok(1.0));
    }

    #[test]
    fn iu_are_converted_by_the_preparation() {
        let drug = ligand("aldesleukin");
        let one = drug.preparation().concentration("1 IU/mL").expect("it has an activity");
        assert_eq!(factor(&[&drug], "pM", "IU/mL"), Ok(1.0 / one));
        assert!(factor(&[], "pM", "IU/mL").is_err_and(|e| e.ends_with("write for example \"pM\"")));
    }

    #[test]
    fn what_measures_something_else_is_refused_with_a_unit_that_fits() {
        for (from, to, said) in [
            ("pM", "h", "\"h\" is not a unit for this axis; write for example \"pM\""),
            ("pM", "pN", "\"pN\" is not a unit; write for example \"pM\""),
            (
                "pM",
                "IU/mL",
                "\"IU/mL\" cannot be converted to pM without the molar mass and, for IU, the specific \
                 activity of every ligand that is shown; give them in [ligands], or write for example \"pM\"",
            ),
            ("mmHg", "h", "the axis shows mmHg, for which there is no other unit; leave unit out"),
        ] {
            assert_eq!(factor(&[&ligand("il2")], from, to), Err(said.to_string()));
        }
    }

    #[test]
    fn an_end_of_an_axis_may_have_a_unit_of_its_own() {
        let text = |text: &str| EndText::Quantity(text.into());
        assert_eq!(end(&[], &EndText::Number(2.0), "h"), Ok(2.0));
        assert_eq!(end(&[], &text("0 h"), "min"), Ok(0.0));
        assert_eq!(end(&[], &text("30 min"), "h"), Ok(0.5));
        assert_eq!(end(&[], &text("7"), "h"), Ok(7.0));
        assert_eq!(end(&[], &text("100 mL in 8 h"), "mL in 8 h"), Ok(100.0));
        assert_eq!(
            end(&[], &text("soon"), "h"),
            Err("\"soon\" is not a number with its unit; write for example \"5 h\"".into())
        );
        assert!(end(&[], &text("5 pM"), "h").is_err());
    }

    #[test]
    fn all_that_is_drawn_moves_with_its_axis() {
        let series = Series {
            points: vec![(60.0, 1000.0)],
            band: vec![(60.0, 500.0, 2000.0)],
            mark_x: Some((60.0, 1000.0)),
            ..Series::default()
        };
        let mut panel = Panel { content: Content::Lines(vec![series]), ..Panel::default() };
        panel.x.marks = vec![30.0];
        along_x(&mut panel, 1.0 / 60.0, "h");
        along_y(&mut panel, 1e-3, "nM");
        let Content::Lines(all) = &panel.content else { panic!("curves") };
        assert_eq!((all[0].points[0], all[0].band[0]), ((1.0, 1.0), (1.0, 0.5, 2.0)));
        assert_eq!((all[0].mark_x, &panel.x.marks[..]), (Some((1.0, 1.0)), &[0.5][..]));
        assert_eq!((panel.x.title(), panel.y.title()), (" (h)".into(), " (nM)".into()));
    }
}
