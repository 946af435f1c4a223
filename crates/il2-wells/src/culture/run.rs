//! Runs a culture.

use crate::culture::drawn::{self, Drawn};
use crate::culture::kind::PlannedKind;
use crate::culture::map::Map;
use crate::culture::plan::Plan;
use crate::wells::curve_lanes;
use il2::culture::Well;
use il2::culture::kinds::{Balance, CultureRan, CultureWell, PreparedCulture};
use il2_engine::{LaneFailure, math};
use il2_inference::curve::{Curve, read_curve};
use il2_study::study::Study;

/// Lowest dose (pM) of the curve from which an EC50 is read, with four doses per decade over the
/// range to which a cell may respond: the weakest muteins level off at tens of micromolar only.
const LOWEST: f64 = 1e-2;
const DECADES: i32 = 10;
const A_DECADE: i32 = 4;
/// Highest dose of the curve (pM).
pub const HIGHEST: f64 = LOWEST * 1e10;
/// Number of wells of a map that a thread runs together.
const SIDE_BY_SIDE: usize = 32;

/// The results of a culture.
pub struct Answer {
    /// Times of the course (min): those of the study, and others in between for the figures.
    pub times: Vec<f64>,
    /// Whether a time was requested by the study.
    pub wanted: Vec<bool>,
    /// The simulated course.
    pub ran: CultureRan,
    /// `[kind][ligand]`: the concentration of the half-maximal signal (pM), for kinds of the plan
    /// with cells in the well, and ligands of the culture; none if there is no half-maximal signal.
    pub ec50: Vec<Vec<Option<f64>>>,
    /// The wells of a map; doses vary fastest.
    pub map: Vec<MapWell>,
    /// `[cells][kind]`: the curves of the signal over the doses of a map, for kinds of the plan
    /// with cells in the well; empty if there are too few doses.
    pub curves: Vec<Vec<Curve>>,
    /// The courses of draws, if the study requests intervals.
    pub drawn: Option<Drawn>,
    /// The well with secreted molecules followed by their source, at the times of the study.
    pub followed: Option<CultureRan>,
    /// Answers of the wells with which this one is compared.
    pub beside: Vec<Answer>,
}

/// Results of a well of a map at the last time.
pub struct MapWell {
    /// Concentration of the ligand at the start (pM).
    pub dose: f64,
    /// Number of cells of the varied kind at the start.
    pub cells: f64,
    /// Free ligand (pM).
    pub free: f64,
    /// By kind of the plan with cells in the well: signal, number of cells, and share of the ligand
    /// taken up. A kind without cells in this well has no signal.
    pub kinds: Vec<[f64; 3]>,
    /// Why the simulation failed, if it did.
    pub failure: Option<LaneFailure>,
}

impl Answer {
    /// The course of a readout: times and values up to the end or to a failure.
    pub fn course(&self, place: usize) -> impl Iterator<Item = (f64, f64)> {
        self.times.iter().zip(&self.ran.rows).map(move |(time, row)| (*time, row[place]))
    }

    /// The course of a ligand's balance.
    pub fn balances(&self, ligand: usize) -> impl Iterator<Item = (f64, &Balance)> {
        self.times.iter().zip(&self.ran.balances).map(move |(time, all)| (*time, &all[ligand]))
    }

    /// Times that the study requests, with their rows and balances.
    pub fn at_wanted(&self) -> impl Iterator<Item = (f64, &Vec<f64>, &Vec<Balance>)> {
        let rows = self.ran.rows.iter().zip(&self.ran.balances);
        let all = self.times.iter().zip(&self.wanted).zip(rows);
        all.filter(|((_, wanted), _)| **wanted).map(|((time, _), (row, all))| (*time, row, all))
    }
}

/// Runs every simulation; `progress` is called after each simulation.
pub fn run(study: &Study, plan: &Plan, progress: &(dyn Fn(usize) + Sync)) -> Answer {
    let (times, wanted) = times(plan);
    let well = Well { times: times.clone(), ..plan.well.well.clone() };
    let well = CultureWell { well, ..plan.well.clone() };
    let followed = plan.followed.as_ref();
    let followed = followed
        .map(|all| all.run_all(std::slice::from_ref(&plan.well), study.tolerance).remove(0))
        .filter(|ran| ran.failure.is_none());
    let ran = plan.culture.run_all(&[well], study.tolerance).remove(0);
    progress(1);
    let drawn = drawn::run(study, plan, (&times, &wanted), progress);
    let kinds: Vec<&PlannedKind> = plan.present().map(|(kind, _)| kind).collect();
    let ec50 = study.threads.map(&kinds, |kind| ec50(study, plan, kind));
    let (map, curves) = match &plan.map {
        Some(map) => run_map(study, plan, map, progress),
        None => (vec![], vec![]),
    };
    let beside = plan.beside.iter().map(|well| run(study, well, progress)).collect();
    Answer { times, wanted, ran, ec50, map, curves, drawn, followed, beside }
}

/// Times of the course: the requested times, and others in between, densest at the start and on
/// both sides of a change.
fn times(plan: &Plan) -> (Vec<f64>, Vec<bool>) {
    let asked = &plan.well.well.times;
    let end = plan.end();
    let between = (0..=240).map(|k| end * (f64::from(k * k) / 57_600.0));
    let even = (0..=240).map(|k| end * f64::from(k) / 240.0);
    let changes = plan.medium.times().into_iter().flat_map(|t| [t, t * (1.0 + 1e-6)]);
    let mut all: Vec<f64> =
        asked.iter().copied().chain(between).chain(even).chain(changes).collect();
    all.retain(|t| *t <= end);
    all.sort_by(f64::total_cmp);
    all.dedup();
    let wanted = all.iter().map(|t| asked.binary_search_by(|a| a.total_cmp(t)).is_ok()).collect();
    (all, wanted)
}

/// The EC50 of each ligand on resting cells of a kind, each alone in a medium that is not depleted.
fn ec50(study: &Study, plan: &Plan, kind: &PlannedKind) -> Vec<Option<f64>> {
    let Some(readout) = kind.prepared.readout(&kind.signal) else {
        return vec![None; plan.culture.ligands.len()];
    };
    let of = |label: &String| {
        let step = |k: i32| LOWEST * math::pow(10.0, f64::from(k) / f64::from(A_DECADE));
        let doses: Vec<f64> = (0..=DECADES * A_DECADE).map(step).collect();
        let wells: Vec<Well> = [0.0]
            .iter()
            .chain(&doses)
            .map(|dose| Well {
                doses: vec![(label.clone(), *dose)],
                times: vec![plan.ec50_time],
                ..Well::default()
            })
            .collect();
        let responses = curve_lanes(&kind.prepared, study, &wells, readout, &|_| {});
        let all: Vec<f64> = responses.at(0).collect();
        let curve = read_curve(&doses, &all[1..], all[0], &study.tolerance);
        curve.ec50.value().filter(|ec50| ec50.is_finite())
    };
    plan.culture.ligands.iter().map(|ligand| of(&ligand.label)).collect()
}

fn run_map(
    study: &Study,
    plan: &Plan,
    map: &Map,
    progress: &(dyn Fn(usize) + Sync),
) -> (Vec<MapWell>, Vec<Vec<Curve>>) {
    let doses = map.run();
    let doses = &doses;
    let grid = || map.cells.iter().flat_map(|cells| doses.iter().map(move |dose| (*dose, *cells)));
    let well = |(dose, cells): (f64, f64)| {
        let mut well = Well { times: vec![plan.end()], ..plan.well.well.clone() };
        well.doses.retain(|(label, _)| *label != map.ligand);
        well.doses.push((map.ligand.clone(), dose));
        let of = |(kind, share): &(String, f64)| (kind.clone(), share * cells / plan.volume);
        CultureWell { well, cell_density: map.shares.iter().map(of).collect() }
    };
    let culture = |cells: f64| match (&map.without, cells) {
        (Some(without), 0.0) => without.as_ref(),
        _ => plan.culture.as_ref(),
    };
    let wells: Vec<CultureWell> = grid().map(well).collect();
    // Wells without a kind have another network and are not run together with the others.
    let none = if map.without.is_some() { doses.len() } else { 0 };
    let (none, some) = wells.split_at(none);
    let some: Vec<&[CultureWell]> =
        none.chunks(SIDE_BY_SIDE).chain(some.chunks(SIDE_BY_SIDE)).collect();
    let found = study.threads.map(&some, |wells| {
        let cells: f64 = wells[0].cell_density.iter().map(|(_, density)| density).sum();
        let ran = culture(cells).run_all(wells, study.tolerance);
        progress(wells.len());
        ran
    });
    let made = |((dose, cells), ran): ((f64, f64), CultureRan)| {
        map_well(plan, (culture(cells), &map.ligand), (dose, cells), ran)
    };
    let mut wells: Vec<MapWell> = grid().zip(found.into_iter().flatten()).map(made).collect();
    let curves = wells.chunks(doses.len()).filter(|_| map.has_curves());
    let curves = curves.map(|row| curves_of(study, row)).collect();
    // The well without ligand is part of the map only if the study requests it.
    wells.retain(|well| well.dose > 0.0 || map.doses[0] == 0.0);
    (wells, curves)
}

/// Results of a well of a map.
fn map_well(
    plan: &Plan,
    (culture, ligand): (&PreparedCulture, &str),
    (dose, cells): (f64, f64),
    ran: CultureRan,
) -> MapWell {
    let ligand = culture.ligands.iter().position(|l| l.label == ligand);
    let ligand = ligand.expect("checked in the plan");
    let last = ran.rows.last().filter(|_| ran.failure.is_none());
    let of_kind = |(kind, _): (&PlannedKind, usize)| {
        let read = |name: &str| {
            let place = culture.readout(&format!("{}.{name}", kind.name));
            last.zip(place).map_or(f64::NAN, |(row, place)| row[place])
        };
        let balance = ran.balances.last().filter(|_| last.is_some()).map(|all| &all[ligand]);
        let Some(place) = culture.kinds.iter().position(|k| k.name == kind.name) else {
            // A kind without cells has no signal and takes up nothing.
            let none = if last.is_some() { 0.0 } else { f64::NAN };
            return [f64::NAN, none, none];
        };
        let part = balance.and_then(|balance| balance.part(place)).unwrap_or(f64::NAN);
        [read(&kind.signal), read("cells") * plan.volume, part]
    };
    let free = culture.ligands[ligand].free.0;
    MapWell {
        dose,
        cells,
        free: last.map_or(f64::NAN, |row| row[free]),
        kinds: plan.present().map(of_kind).collect(),
        failure: ran.failure.clone(),
    }
}

/// The curve of each kind over the wells with the same number of cells; the first well is without
/// ligand.
fn curves_of(study: &Study, wells: &[MapWell]) -> Vec<Curve> {
    let (none, given) = (&wells[0], &wells[1..]);
    let doses: Vec<f64> = given.iter().map(|well| well.dose).collect();
    let of = |kind: usize| {
        let signal: Vec<f64> = given.iter().map(|well| well.kinds[kind][0]).collect();
        read_curve(&doses, &signal, none.kinds[kind][0], &study.tolerance)
    };
    (0..none.kinds.len()).map(of).collect()
}
