//! Wells of a culture.

use crate::culture::kinds::balance::{Balance, Ledger};
use crate::culture::kinds::network::PreparedCulture;
use crate::culture::medium;
use crate::culture::run::observe;
use crate::culture::well::Well;
use crate::quantity::MOLECULES_PER_PMOL;
use il2_engine::ensemble::Answer;
use il2_engine::network::ParameterValue;
use il2_engine::{Ensemble, Event, Lane, LaneFailure, Network, ParameterId, SpeciesId, Tolerance};

/// A well of a culture.
#[derive(Clone, Debug, Default)]
pub struct CultureWell {
    /// Content of the medium, its changes, and the times at which the well is read; there is no
    /// medium before time zero.
    pub well: Well,
    /// Initial cell densities (per litre) of kinds whose density in this well differs, by name.
    pub cell_density: Vec<(String, f64)>,
}

/// Results of a well.
#[derive(Clone, Debug)]
pub struct CultureRan {
    /// Readouts as `[time][readout]` in base units, up to the last time that was solved.
    pub rows: Vec<Vec<f64>>,
    /// `[time][ligand]`: balances of the ligands, in the order of [`PreparedCulture::ligands`].
    pub balances: Vec<Vec<Balance>>,
    /// `[time][tagged][kind]`: what each kind has taken up (pM) of the molecules of each source, in
    /// the order of [`PreparedCulture::tagged`].
    pub by_source: Vec<Vec<Vec<f64>>>,
    /// Why the simulation ended before the last time, if it did.
    pub failure: Option<LaneFailure>,
}

impl PreparedCulture {
    /// Index of a readout in every row.
    pub fn readout(&self, name: &str) -> Option<usize> {
        self.readouts.iter().position(|(n, _)| n == name)
    }

    /// The network with the numbers of the study, for simulations other than those of [`PreparedCulture::run_all`].
    pub fn network(&self) -> Network {
        let mut network = self.model.network.clone();
        for (parameter, value) in &self.given {
            network.parameters[parameter.0].value = ParameterValue::Given(*value);
        }
        network
    }

    /// The initial content of the medium of a well, and all events in the well and its cells.
    pub fn begins(&self, well: &CultureWell) -> (Vec<(SpeciesId, f64)>, Vec<Event>) {
        let (start, changes) = medium::course(&self.model, &well.well);
        let mut events = [changes, self.events.clone()].concat();
        events.sort_by(|a, b| a.time.total_cmp(&b.time));
        (start, events)
    }

    /// Runs wells side by side on this thread; the results of one well do not depend on the others.
    pub fn run_all(&self, wells: &[CultureWell], tolerance: Tolerance) -> Vec<CultureRan> {
        let ensemble = Ensemble::new(&self.program, self.tolerance(tolerance));
        let made: Vec<(Lane, Ledger)> = wells.iter().map(|well| self.lane(well)).collect();
        let lanes: Vec<Lane> = made.iter().map(|(lane, _)| lane.clone()).collect();
        let answers = ensemble.run_all(&lanes).into_iter().zip(wells.iter().zip(&made));
        let ran = |(answer, (well, (lane, ledger))): (Answer, (&CultureWell, &(Lane, Ledger)))| {
            let (found, failure) = il2_engine::lane::found(answer);
            self.read(well, lane, ledger, found.states, failure)
        };
        answers.map(ran).collect()
    }

    /// States are amounts per volume, whereas the given tolerance is for one cell.
    pub fn tolerance(&self, of_one_cell: Tolerance) -> Tolerance {
        let densities = self.kinds.iter().flat_map(|kind| &kind.densities);
        let densities = densities.map(|density| self.values[density.0]);
        let least = densities.fold(f64::INFINITY, f64::min) / MOLECULES_PER_PMOL;
        Tolerance { absolute: of_one_cell.absolute * least.min(1.0), ..of_one_cell }
    }

    fn lane(&self, well: &CultureWell) -> (Lane, Ledger) {
        let n = &self.model.network;
        let mut given = vec![];
        for (name, cells) in &well.cell_density {
            for kind in self.kinds.iter().filter(|kind| kind.name == *name) {
                let part = cells / kind.densities.len() as f64;
                given.extend(kind.densities.iter().map(|density| (*density, part)));
            }
        }
        let parameters = match given.is_empty() {
            true => self.values.clone(),
            false => {
                let own = self.given.iter().filter(|(p, _)| !given.iter().any(|(d, _)| d == p));
                let all: Vec<(ParameterId, f64)> = own.chain(&given).copied().collect();
                n.parameter_values(&all)
            }
        };
        let mut initial = n.initial_state(&parameters);
        let (start, events) = self.begins(well);
        start.into_iter().for_each(|(species, level)| initial[species.0] = level);
        let ledger = Ledger::new(&self.ligands, &well.well);
        // The state before each change determines what the change removes.
        let mut times: Vec<f64> = well.well.times.iter().copied().chain(ledger.times()).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        (Lane { parameters, initial, events, times, ..Lane::default() }, ledger)
    }

    fn read(
        &self,
        well: &CultureWell,
        lane: &Lane,
        ledger: &Ledger,
        states: Vec<Vec<f64>>,
        failure: Option<LaneFailure>,
    ) -> CultureRan {
        let at = |time: f64| lane.times.partition_point(|t| *t < time);
        let known = |time: &&f64| at(**time) < states.len();
        let wanted: Vec<f64> = well.well.times.iter().take_while(known).copied().collect();
        let balances = wanted.iter().map(|time| {
            let before = |change: f64| states[at(change)].as_slice();
            ledger.balances(self, *time, &states[at(*time)], &before)
        });
        let balances = balances.collect();
        let of_wanted: Vec<Vec<f64>> =
            wanted.iter().map(|time| states[at(*time)].clone()).collect();
        let sources =
            |state: &Vec<f64>| self.tagged.iter().map(|tagged| tagged.taken(state)).collect();
        let by_source = of_wanted.iter().map(sources).collect();
        let rows = observe(&self.model, &lane.parameters, &wanted, of_wanted);
        CultureRan { rows, balances, by_source, failure }
    }
}
