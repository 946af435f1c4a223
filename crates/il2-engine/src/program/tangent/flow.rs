//! Reactions grouped by the species that they change together, so that every derivative is
//! multiplied by a sensitivity only once.
//!
//! The binding of two molecules changes three species, and each of its two derivatives occurs three
//! times in the Jacobian. Treated as one flow, each derivative occurs once, and the flow is then
//! added to three slopes. This saves half of the products of a stage, and the three slopes receive
//! the same bits with opposite signs, so that conserved totals stay exact.

use crate::network::Network;
use crate::program::graph::{Level, Node};
use crate::program::lower::Lowering;
use std::collections::BTreeMap;

/// All flows of a network; they add up to its slopes.
#[derive(Debug)]
pub struct Flows {
    /// Flows that several species share, in the order of the first species that they change.
    pub shared: Vec<Shared>,
    /// The remainder of the slope of every species.
    pub own: Vec<Flow>,
}

/// A flow that changes at least two species.
#[derive(Debug)]
pub struct Shared {
    /// The species, each with the factor by which the flow is multiplied in its slope. No factor
    /// reads the state.
    pub moves: Vec<(usize, Node)>,
    /// The flow.
    pub flow: Flow,
}

/// A contribution to slopes.
#[derive(Debug)]
pub struct Flow {
    /// Its rate.
    pub rate: Node,
    /// Derivatives with respect to the species that it reads.
    pub derivatives: Vec<(usize, Node)>,
}

/// Species that change together, with numbers as bits so that directions can be compared.
type Direction = Vec<(usize, u64)>;

impl Flows {
    /// The flows of a network with these slopes.
    pub fn new(network: &Network, slopes: &[Node], lowering: &mut Lowering) -> Self {
        let graph = &mut lowering.graph;
        let scales: Vec<Node> = network.species.iter().map(|s| graph.law(&s.scale)).collect();
        // The species that every rate changes, over all reactions in which it occurs.
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
        // Directions in state space, up to a factor, each with the rates along it.
        let mut directions: BTreeMap<Direction, Vec<(f64, Node)>> = BTreeMap::new();
        for (rate, mut moves) in rates {
            let fixed =
                |s: usize| graph.level(scales[s]) < Level::State && !graph.is_zero(scales[s]);
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
            let flow = Flow::new(rate, lowering);
            let moves = direction.iter().map(|&(s, n)| (s, f64::from_bits(n)));
            // If only one species changes, or the rate depends on only one, the entries of the
            // Jacobian are no more work.
            if direction.len() > 1 && flow.derivatives.len() > 1 {
                let graph = &mut lowering.graph;
                let moves = moves.map(|(s, n)| (s, graph.sum(&[(n, scales[s])]))).collect();
                shared.push(Shared { moves, flow });
            } else {
                moves.for_each(|(s, n)| own[s].push((n, rate)));
            }
        }
        let own = own.iter().enumerate().map(|(s, rates)| {
            let graph = &mut lowering.graph;
            let rate = if graph.level(scales[s]) < Level::State {
                let net = graph.sum(rates);
                graph.product(&[scales[s], net])
            } else {
                slopes[s]
            };
            Flow::new(rate, lowering)
        });
        let own = own.collect();
        Self { shared, own }
    }
}

impl Flow {
    fn new(rate: Node, lowering: &mut Lowering) -> Self {
        Self { rate, derivatives: lowering.graph.gradient(rate) }
    }
}
