//! Reactions that run backwards, and those that continue when a reactant is used up.

use super::balance::balance;
use super::finding::{Finding, Kind, add, name};
use super::probe::Probe;
use crate::model::Model;
use crate::network::{Place, SbmlNetwork};
use il2_engine::SpeciesId;

/// Reactions that run backwards, and those that continue when a reactant is used up.
pub fn directions(
    model: &Model,
    network: &SbmlNetwork,
    probe: &Probe,
    findings: &mut Vec<Finding>,
) {
    let state = |id: &str| match network.symbols.get(id).and_then(|s| s.place.as_ref()) {
        Some(Place::State(s, _)) => Some(*s),
        _ => None,
    };
    for reaction in &model.reactions {
        let Some(law) = network.symbols.get(&reaction.id).map(|s| &s.value) else { continue };
        let place = format!("reaction {}", reaction.id);
        let net = balance(model, reaction);
        let side = |sign: f64| -> Vec<&str> {
            net.iter().filter(|(_, n)| n * sign > 0.0).map(|(id, _)| *id).collect()
        };
        let (taken, made) = (side(-1.0), side(1.0));
        if probe.is_negative(law) {
            // A reversible reaction may start on the side of its products.
            let products: Vec<SpeciesId> = reaction
                .products
                .iter()
                .filter(|p| !taken.contains(&p.species.as_str()))
                .filter_map(|p| state(&p.species))
                .collect();
            let reverses = !taken.is_empty()
                && !probe.values_without(law, &products)[1..].iter().all(|rate| *rate < 0.0);
            if reverses {
                continue;
            }
            let names =
                |all: &[&str]| all.iter().map(|id| name(model, id)).collect::<Vec<_>>().join(", ");
            let what = match (taken.is_empty(), made.is_empty()) {
                (true, true) => continue,
                (true, false) => format!("it consumes {}", names(&made)),
                (false, true) => format!("it produces {} instead of consuming it", names(&taken)),
                (false, false) => "it runs backwards".into(),
            };
            let sentence = format!("its rate law was negative in every state tested, so {what}");
            add(findings, Kind::Direction, place, sentence);
            continue;
        }
        let finite = |rates: Vec<f64>| rates.into_iter().skip(1).filter(|r| r.is_finite());
        let scale = finite(probe.values(law)).fold(0.0_f64, |most, rate| most.max(rate.abs()));
        for id in taken {
            let Some(species) = state(id) else { continue };
            let mut empty = finite(probe.values_without(law, &[species]));
            if empty.any(|rate| rate > 1e-9 * scale) {
                let sentence = format!(
                    "it continues to consume {} when none is left, so the amount becomes negative",
                    name(model, id)
                );
                add(findings, Kind::Direction, place.clone(), sentence);
            }
        }
    }
}
