//! Converts the changes of a well's medium to events of its lane.

use crate::culture::well::{Contents, Exchange, Well};
use crate::receptor::ReceptorModel;
use crate::receptor::solution::RAMP;
use il2_engine::{Change, Event, SpeciesId, math};

/// Number of time constants before its end at which a gradual change begins; earlier contributions
/// are below 64-bit precision.
const RAMP_LENGTH: f64 = 40.0;

/// The initial content of the medium, by species, and the events of its changes, in order of time.
pub fn course(model: &ReceptorModel, well: &Well) -> (Vec<(SpeciesId, f64)>, Vec<Event>) {
    let (start, changes) = well.medium();
    let level = |contents: &Contents, label: &str| {
        contents.iter().find(|(l, _)| l == label).map_or(0.0, |(_, level)| *level)
    };
    let mut levels: Vec<f64> = model.medium.iter().map(|(l, _)| level(start, l)).collect();
    let given = model.medium.iter().zip(&levels).map(|((_, s), level)| (*s, *level)).collect();
    let mut events = vec![];
    let mut before = 0.0;
    for change in &changes {
        // Ligand bound to soluble chains is removed with the medium.
        let bound = model.network.species.iter().enumerate().filter_map(|(i, species)| {
            let free = model.medium.iter().any(|(_, s)| s.0 == i);
            (species.name.ends_with("_medium") && !free).then_some(SpeciesId(i))
        });
        if let Exchange::Replace(part) = change.kind {
            events.extend(bound.map(|s| Event::new(change.at, less(s, part, 0.0)[0])));
        }
        for ((label, species), now) in model.medium.iter().zip(&mut levels) {
            let given = level(&change.contents, label);
            let then = match change.kind {
                Exchange::Add => *now + given,
                Exchange::Replace(part) => (1.0 - part) * *now + part * given,
            };
            let at_once = |c: Change| Event::new(change.at, c);
            match (change.ramp, change.kind) {
                (Some(rate), _) => {
                    events.extend(ramp(
                        model,
                        label,
                        *species,
                        (*now, then),
                        rate,
                        before,
                        change.at,
                    ));
                }
                (None, Exchange::Add) => {
                    events.extend((given > 0.0).then(|| at_once(Change::Add(*species, given))));
                }
                (None, Exchange::Replace(part)) => {
                    events.extend(less(*species, part, given).into_iter().map(at_once));
                }
            }
            *now = then;
        }
        before = change.at;
    }
    events.sort_by(|a, b| a.time.total_cmp(&b.time));
    (given, events)
}

/// A fraction of a species is removed and replaced.
fn less(species: SpeciesId, part: f64, given: f64) -> Vec<Change> {
    match part {
        1.0 => vec![Change::Set(species, given)],
        part => vec![Change::Multiply(species, 1.0 - part), Change::Add(species, part * given)],
    }
}

/// A gradual change, between two times, of a concentration that is held.
fn ramp(
    model: &ReceptorModel,
    label: &str,
    species: SpeciesId,
    (now, then): (f64, f64),
    rate: f64,
    earliest: f64,
    end: f64,
) -> Vec<Event> {
    let height = then - now;
    let start = (end - RAMP_LENGTH / rate).max(earliest);
    let number = |name: &str| {
        let name = format!("{label}.{name}");
        model.network.parameter_named(&name).expect("a medium with gradual changes has them")
    };
    let [of_height, of_rate, of_end] = RAMP.map(number);
    let begun = now + height * math::exp(-rate * (end - start));
    let at_start = [
        Change::Set(species, begun),
        Change::SetParameter(of_height, height),
        Change::SetParameter(of_rate, rate),
        Change::SetParameter(of_end, end),
    ];
    let at_end = [Change::SetParameter(of_height, 0.0), Change::Set(species, then)];
    let all = at_start.map(|c| Event::new(start, c)).into_iter();
    all.chain(at_end.map(|c| Event::new(end, c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::culture::well::{MediumChange, Stage};
    use crate::receptor::Medium;
    use il2_engine::{Dimension, Network};

    fn model() -> ReceptorModel {
        let mut n = Network::default();
        let medium = ["a", "b"].map(|l| {
            (l.to_string(), n.add_species(format!("{l}_medium"), Dimension::CONCENTRATION))
        });
        let scheme = crate::receptor::binding::Scheme::default();
        let solution = crate::receptor::solution::Solution::new(Medium::Gradual, &scheme, None);
        medium.iter().for_each(|(label, species)| solution.ramp(&mut n, label, *species));
        ReceptorModel::new(n, medium.to_vec())
    }

    fn holds(all: &[(&str, f64)]) -> Contents {
        all.iter().map(|(l, d)| (l.to_string(), *d)).collect()
    }

    #[test]
    fn media_follow_one_another_from_the_start_of_the_well() {
        let well = Well {
            doses: holds(&[("b", 5.0)]),
            before: vec![Stage { contents: holds(&[("a", 2.0)]), duration: 10.0, ramp: None }],
            changes: vec![
                MediumChange {
                    at: 20.0,
                    kind: Exchange::Replace(0.5),
                    contents: holds(&[("a", 8.0)]),
                    ramp: None,
                },
                MediumChange {
                    at: 3.0,
                    kind: Exchange::Add,
                    contents: holds(&[("b", 1.0)]),
                    ramp: None,
                },
            ],
            ..Well::default()
        };
        let model = model();
        let (start, events) = course(&model, &well);
        assert_eq!(start.iter().map(|(_, level)| *level).collect::<Vec<_>>(), [2.0, 0.0]);
        let mut levels = [2.0, 0.0];
        let mut seen = vec![];
        for event in events {
            match event.change {
                Change::Set(s, to) => levels[s.0] = to,
                Change::Add(s, by) => levels[s.0] += by,
                Change::Multiply(s, by) => levels[s.0] *= by,
                other => panic!("{other:?}"),
            }
            seen.push((event.time, levels));
        }
        assert_eq!(seen.last(), Some(&(30.0, [4.0, 3.0])));
        assert!(seen.contains(&(10.0, [0.0, 5.0])) && seen.contains(&(13.0, [0.0, 6.0])));
    }

    #[test]
    fn a_gradual_change_begins_where_it_is_nothing_or_where_the_well_begins() {
        let stage = |duration| Stage { contents: vec![], duration, ramp: Some(60.0) };
        let of = |duration| {
            let before = vec![stage(duration)];
            let well = Well { doses: holds(&[("a", 3.0)]), before, ..Well::default() };
            course(&model(), &well).1
        };
        assert!((of(30.0)[0].time - (30.0 - 40.0 / 60.0)).abs() < 1e-12);
        let short = of(0.05);
        let Change::Set(_, begun) = short[0].change else { panic!("{short:?}") };
        assert!((begun / (3.0 * (-3.0_f64).exp()) - 1.0).abs() < 1e-12 && short[0].time == 0.0);
    }
}
