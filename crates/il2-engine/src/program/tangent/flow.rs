//! What moves together: reactions grouped so that a sensitivity meets every derivative once.
//!
//! The binding of two molecules moves three species, and each of its two derivatives stands three
//! times in the Jacobian. Taken as one flow they stand once, and the flow is then added to three
//! slopes: what sensitivities multiply at a stage is halved.

use crate::network::Network;
use crate::program::graph::{Level, Node, Variable};
use crate::program::lower::Lowering;
use std::collections::BTreeMap;

/// Part of the slopes.
#[derive(Debug)]
pub struct Flow {
    /// Species that it moves, each with the factor from the flow to its slope. One species with
    /// factor 1 where the flow is that species' own; else at least two, and no factor reads the
    /// state.
    pub moves: Vec<(usize, Node)>,
    /// Derivatives by the species that it reads, as far as they depend on the state.
    pub derivatives: Vec<(usize, Node)>,
}

/// Species that move together, with numbers as bits so that directions can be compared.
type Direction = Vec<(usize, u64)>;

/// Flows that several species share, in the order of the first that they move, and those of one
/// species alone. They add up to `slopes` but for parts whose derivatives do not depend on the
/// state.
pub fn flows(
    network: &Network,
    slopes: &[Node],
    lowering: &mut Lowering,
) -> (Vec<Flow>, Vec<Flow>) {
    let graph = &mut lowering.graph;
    let one = graph.number(1.0);
    let scales: Vec<Node> = network.species.iter().map(|s| graph.law(&s.scale)).collect();
    // What every rate moves, in whatever reactions it stands.
    let mut rates: BTreeMap<Node, BTreeMap<usize, f64>> = BTreeMap::new();
    for reaction in &network.reactions {
        let law = graph.law(&network.law(reaction));
        let (coefficient, rate) = graph.scaled(law);
        let used = reaction.reactants.iter().map(|&(s, n)| (s.0, -f64::from(n)));
        let made = reaction.products.iter().map(|&(s, n)| (s.0, f64::from(n)));
        for (s, n) in used.chain(made) {
            *rates.entry(rate).or_default().entry(s).or_default() += coefficient * n;
        }
    }
    // Directions in the space of states, up to a factor; each with the rates along it.
    let mut directions: BTreeMap<Direction, Vec<(f64, Node)>> = BTreeMap::new();
    for (rate, mut moves) in rates {
        let fixed = |s: usize| graph.level(scales[s]) < Level::State && !graph.is_zero(scales[s]);
        moves.retain(|&s, &mut n| n != 0.0 && fixed(s));
        if let Some((_, &first)) = moves.first_key_value() {
            let direction = moves.iter().map(|(&s, n)| (s, (n / first).to_bits())).collect();
            directions.entry(direction).or_default().push((first, rate));
        }
    }
    let mut shared = vec![];
    let mut own: Vec<Vec<(f64, Node)>> = vec![vec![]; slopes.len()];
    for (direction, rates) in directions {
        let rate = lowering.graph.sum(&rates);
        let derivatives = derivatives(rate, lowering);
        let moves = direction.iter().map(|&(s, n)| (s, f64::from_bits(n)));
        // With one species moved, or one that drives, entries of the Jacobian are no more work.
        if direction.len() > 1 && derivatives.len() > 1 {
            let graph = &mut lowering.graph;
            let moves = moves.map(|(s, n)| (s, graph.sum(&[(n, scales[s])]))).collect();
            shared.push(Flow { moves, derivatives });
        } else {
            moves.for_each(|(s, n)| own[s].push((n, rate)));
        }
    }
    let own = own.iter().enumerate().filter_map(|(s, rates)| {
        let graph = &mut lowering.graph;
        let rate = if graph.level(scales[s]) < Level::State {
            let net = graph.sum(rates);
            graph.product(&[scales[s], net])
        } else {
            slopes[s]
        };
        let derivatives = derivatives(rate, lowering);
        (!derivatives.is_empty()).then(|| Flow { moves: vec![(s, one)], derivatives })
    });
    let own = own.collect();
    (shared, own)
}

/// Derivatives of a rate by the species that it reads, as far as they depend on the state.
fn derivatives(rate: Node, lowering: &mut Lowering) -> Vec<(usize, Node)> {
    let graph = &mut lowering.graph;
    let species = |v: &Variable| if let Variable::Species(s) = v { Some(*s) } else { None };
    let read: Vec<u32> = graph.reads(rate).iter().filter_map(species).collect();
    let all = read.into_iter().map(|s| (s as usize, graph.derivative(rate, Variable::Species(s))));
    let all: Vec<_> = all.collect();
    all.into_iter().filter(|&(_, node)| graph.level(node) == Level::State).collect()
}
