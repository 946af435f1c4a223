//! Builds a program: puts laws and derivatives into the graph, makes lists from the graph, and
//! assigns an offset to every row.

use super::graph::{Level, Node, Variable};
use super::lower::{CLOCK, INVERSE, Lowering, RATE, REGIONS, Region, STEP, TIME};
use super::places::Places;
use super::tangent::{BLOCK, Block, Drafts, Source};
use super::{Followed, Layout, Program, Reads, Tangent, readouts, sparse, stages, tangent};
use crate::conservation::conserved_totals;
use crate::expression::Expression;
use crate::id::{ParameterId, SpeciesId};
use crate::list::List;
use crate::list::backend::Backend;
use crate::list::code::{Code, Slot};
use crate::network::{Network, Parameter, ParameterValue};
use crate::rodas5p::STAGES;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// Slope of every species as a node of the graph.
fn slopes(network: &Network, lowering: &mut Lowering) -> Vec<Node> {
    let graph = &mut lowering.graph;
    let mut changes: Vec<Vec<(f64, Node)>> = vec![vec![]; network.species.len()];
    for reaction in &network.reactions {
        let rate = graph.law(&network.law(reaction));
        for &(SpeciesId(s), n) in &reaction.reactants {
            changes[s].push((-f64::from(n), rate));
        }
        for &(SpeciesId(s), n) in &reaction.products {
            changes[s].push((f64::from(n), rate));
        }
    }
    let slopes = network.species.iter().zip(changes).map(|(species, changes)| {
        let net = graph.sum(&changes);
        let scale = graph.law(&species.scale);
        graph.product(&[scale, net])
    });
    slopes.collect()
}

/// Entries of the Jacobian that are not zero.
fn jacobian(slopes: &[Node], lowering: &mut Lowering) -> BTreeMap<(usize, usize), Node> {
    let mut entries = BTreeMap::new();
    for (row, &slope) in slopes.iter().enumerate() {
        for (column, entry) in lowering.graph.gradient(slope) {
            entries.insert((row, column), entry);
        }
    }
    entries
}

impl Program {
    /// Flattens a network that has been checked.
    pub fn new(network: &Network, backend: Backend) -> Self {
        program(network, &[], &[], backend)
    }

    /// The same with laws that surveys follow in every lane; these laws are evaluated for all lanes
    /// of a group at once. A survey of any other law is equally exact, but slower.
    pub fn following(network: &Network, laws: &[Arc<Expression>], backend: Backend) -> Self {
        program(network, &[], laws, backend)
    }

    /// The same with lists for the sensitivities of the state to parameters. Parameters derived
    /// from one of them change with it. If a lane gives a derived parameter its own value, that
    /// parameter should be included in `by`; otherwise a dependence is counted that does not exist.
    pub fn with_sensitivities(network: &Network, by: &[ParameterId], backend: Backend) -> Self {
        program(network, by, &[], backend)
    }
}

/// A program with sensitivities to the parameters `by`, and with laws that surveys follow.
fn program(
    network: &Network,
    by: &[ParameterId],
    laws: &[Arc<Expression>],
    backend: Backend,
) -> Program {
    let size = network.species.len();
    let mut lowering = Lowering::default();
    // Made first, so that sums start with these values, which are known before anything else in the
    // stage.
    let earlier = (0..size).map(|s| lowering.graph.variable(Variable::Earlier(s as u32)));
    let earlier: Vec<Node> = earlier.collect();
    let slopes = slopes(network, &mut lowering);
    let graph = &mut lowering.graph;
    let sums =
        slopes.iter().zip(earlier).map(|(&slope, earlier)| graph.with_earlier(slope, earlier));
    let roots: Vec<_> = sums.enumerate().map(|(s, sum)| (sum, Region::Slope.slot(s))).collect();
    let slope = lowering.list(&roots);

    let jacobian = jacobian(&slopes, &mut lowering);
    let mut wanted: Vec<(Node, Slot)> = vec![];
    let mut entries = sparse::Entries::new();
    for (&at, &entry) in &jacobian {
        let slot = if lowering.graph.level(entry) < Level::State {
            lowering.constant(entry).expect("reads no state")
        } else {
            wanted.push((entry, Region::Jacobian.slot(wanted.len())));
            wanted[wanted.len() - 1].1
        };
        entries.insert(at, slot);
    }
    let jacobian_rows = wanted.len();
    let reads = |node: &Node, v: Variable| lowering.graph.reads(*node).contains(&v);
    let reads_time = slopes.iter().any(|n| reads(n, Variable::Time));
    let totals = conserved_totals(network);
    let rests = |s: usize| {
        slopes.iter().any(|n| reads(n, Variable::Species(s as u32)))
            || totals.iter().any(|t| t.terms.iter().any(|(of, _)| of.0 == s))
    };
    let rests = (0..size).map(rests).collect();
    let mut time_slopes = vec![];
    if reads_time {
        let graph = &mut lowering.graph;
        time_slopes = slopes.iter().map(|&n| graph.derivative(n, Variable::Time)).collect();
        let rows = time_slopes.iter().enumerate();
        wanted.extend(rows.map(|(s, &node)| (node, Region::TimeSlope.slot(s))));
    }
    let mut matrix = lowering.list(&wanted);
    let one = lowering.number(1.0);
    let (solve, factors) = sparse::lists(size, &entries, one, &mut matrix);
    let source = Source { network, slopes: &slopes, time_slopes: &time_slopes };
    let drafts = (!by.is_empty()).then(|| tangent::lists(&source, by, &solve, &mut lowering));
    let mut prologue = lowering.prologue();
    let followed = readouts::draft(laws.iter().map(|law| &**law));
    let followed = followed.after(lowering.numbers.len(), lowering.invariants());
    lowering.numbers.extend(&followed.numbers);
    prologue.interleave(std::slice::from_ref(&followed.once));

    let mut all: Vec<&Code> = vec![&prologue, &slope, &matrix, &followed.each];
    if let Some(d) = &drafts {
        all.extend(d.blocks.iter().flat_map(|block| block.flows.iter().chain([&block.start])));
        all.extend([&d.at_stage, &d.at_start]);
    }
    let mut sizes = [0; REGIONS];
    let mut set = |region: Region, rows: usize| sizes[region as usize] = rows;
    set(Region::Numbers, lowering.numbers.len());
    set(Region::Parameters, network.parameters.len());
    set(Region::Invariants, lowering.invariants() + followed.invariants);
    set(Region::Readouts, followed.worked_out);
    set(Region::Clock, CLOCK);
    set(Region::TimeSlope, time_slopes.len());
    set(Region::Jacobian, jacobian_rows);
    set(Region::Factors, factors);
    set(Region::Stages, STAGES * size);
    set(Region::Weights, stages::WEIGHTS);
    set(Region::Temporary, temporaries(&all));
    [Region::State, Region::Slope, Region::Earlier, Region::Start, Region::First]
        .into_iter()
        .for_each(|region| set(region, size));
    if let Some(Drafts { sizes: count, .. }) = &drafts {
        set(Region::OwnForce, STAGES * count.forces);
        set(Region::AtStage, count.stage);
        set(Region::AtStart, count.start);
        set(Region::TangentWeights, stages::WEIGHTS);
        set(Region::Tangents, STAGES * BLOCK * size);
        set(Region::TimeForce, BLOCK * time_slopes.len());
        [Region::StartFlow, Region::FlowForce]
            .into_iter()
            .for_each(|region| set(region, BLOCK * count.flows));
        [Region::StartSlope, Region::TangentSlope, Region::Moved, Region::Second]
            .into_iter()
            .for_each(|region| set(region, BLOCK * size));
    }
    let places = Places::new(sizes, backend);
    let (derived, feeds) = links(network);
    Program {
        species_names: network.species.iter().map(|s| s.name.clone()).collect(),
        parameter_names: network.parameters.iter().map(|p| p.name.clone()).collect(),
        signed: network.species.iter().map(|s| s.signed).collect(),
        rests,
        layout: Layout {
            parameters: places.range(Region::Parameters),
            time: places.clock(TIME),
            rate: places.clock(RATE),
            step: places.clock(STEP),
            inverse: places.clock(INVERSE),
            start: places.range(Region::Start),
            stages: places.range(Region::Stages),
            state: places.range(Region::State),
            slope: places.range(Region::Slope),
            earlier: places.range(Region::Earlier),
            time_slope: places.range(Region::TimeSlope),
            weights: places.range(Region::Weights),
            first: places.range(Region::First),
            second: places.range(Region::Second),
            rows: places.rows(),
        },
        jacobian: entries.iter().map(|(&(i, j), &slot)| (i, j, places.row(slot))).collect(),
        prologue: places.list(prologue),
        slope: places.list(slope),
        matrix: places.list(matrix),
        solve: places.list(solve),
        residual: places.list(stages::residual(size, &entries)),
        tangent: drafts.map(|d| Tangent {
            by: by.to_vec(),
            derived,
            feeds,
            at_stage: places.list(d.at_stage),
            at_start: places.list(d.at_start),
            shared: places.lists(d.shared),
            blocks: d.blocks.into_iter().map(|b| block(&places, b)).collect(),
            own: d.own,
            start_rows: places.range(Region::AtStart),
            own_force_rows: places.range(Region::OwnForce),
            start_flow_rows: places.range(Region::StartFlow),
            flow_force_rows: places.range(Region::FlowForce),
            start_slope_rows: places.range(Region::StartSlope),
            slope_rows: places.range(Region::TangentSlope),
            moved_rows: places.range(Region::Moved),
            weight_rows: places.range(Region::TangentWeights),
            time_force_rows: places.range(Region::TimeForce),
            tangent_rows: places.range(Region::Tangents),
        }),
        followed: Followed {
            laws: laws.to_vec(),
            reads: laws.iter().map(|law| Arc::new(Reads::of(law))).collect(),
            species: laws
                .iter()
                .flat_map(|law| law.species())
                .map(|s| s.0)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            results: followed.results.iter().map(|&slot| places.row(slot)).collect(),
            list: places.list(followed.each),
        },
        numbers: lowering.numbers,
        fingerprint: OnceLock::new(),
    }
}

/// Which parameters are derived from others, and from which parameters others are derived.
fn links(network: &Network) -> (Vec<bool>, Vec<bool>) {
    let derived = |p: &Parameter| matches!(p.value, ParameterValue::Derived(_));
    let mut feeds = vec![false; network.parameters.len()];
    for parameter in &network.parameters {
        if let ParameterValue::Derived(law) = &parameter.value {
            law.parameters().into_iter().for_each(|p| feeds[p.0] = true);
        }
    }
    (network.parameters.iter().map(derived).collect(), feeds)
}

/// The largest number of temporaries that any of the lists needs.
fn temporaries(codes: &[&Code]) -> usize {
    let targets = codes.iter().flat_map(|code| code.instructions.iter().map(Code::target));
    targets
        .map(Region::of)
        .filter(|&(region, _)| region == Region::Temporary as usize)
        .map(|(_, place)| place + 1)
        .max()
        .unwrap_or(0)
}

/// The lists for a block of parameters.
fn block(places: &Places, block: Block<Code>) -> Block<List> {
    Block {
        width: block.width,
        start: places.list(block.start),
        time_change: places.list(block.time_change),
        flows: places.lists(block.flows),
        solve: places.list(block.solve),
    }
}
