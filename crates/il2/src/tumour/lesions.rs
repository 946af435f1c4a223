//! Equations of lesions, of the effector cells that kill in them, and of the hazard of death.
//!
//! For lesion j: a sensitive clone S, a resistant one X, dead cells W; for all lesions: effector
//! cells E. The effects of interleukin-2 on the patient are `drive` (division of CD8 T cells), and
//! `cd8`, `treg` and `nk` (fold changes of all cells in the body; in a patient without drug all are
//! at rest: 0, 1, 1, 1):
//!
//! ```text
//! living_j  = S / (1 - exp(-1 / QS)) + X / (1 - exp(-1 / QX))        M = sum of living
//! used      = drive^2 / (drive + drive_threshold)                     spent' = used
//! room_j    = 1 / (1 + living_j / largest)
//! kill_j    = kill_rate access_j E / (E + M + kill_half)
//!           (1 + treg_suppression) / (1 + treg_suppression treg_left treg)
//! other     = nk_kill max(nk - 1, 0) + chemotherapy
//! S'  = (growth_rate room - kill - other) S
//! X'  = (growth_rate resistant_growth room - resistant_kill kill - other) X
//! W'  = (kill + other) S + (resistant_kill kill + other) X - clearance W
//! E'  = supply cd8 + depleted_growth E - effector_loss E
//!     + (expansion M / (M + antigen_half + antigen_per_effector E)
//!        + gain vaccine used exp(-spent / drive_capacity)
//!        - exhaustion M / (M + exhaustion_half)) E
//! QS' = (basal_death + kill + other) / max(S, 0.001)                  (S, X, M in cells)
//! QX' = (basal_death + resistant_kill kill + other) / max(X, 0.001)
//! supply  = E_0 max(effector_loss + exhaustion M_0 / (M_0 + exhaustion_half)
//!                   - expansion M_0 / (M_0 + antigen_half + antigen_per_effector E_0), 0)
//! hazard' = background_hazard + burden_hazard ((M + 1) / burden)^hazard_power later_therapy
//! chemotherapy' = - chemotherapy_decay chemotherapy
//! ```
//!
//! E_0 and M_0 are the effector cells and the living cells at the start; in `supply`, `exhaustion`
//! has the value of the library, whatever a partner treatment does. `treg_left`, the fraction of
//! regulatory cells that lymphodepletion leaves, is 1 without it. The one cell added in `hazard`
//! keeps the law differentiable without cells.
//!
//! S and X are mean cell numbers of a birth-death process that starts from a Poisson number of cells
//! with the mean N0, so that Q is 1 / N0 at the start. A clone is extinct by t, or was never there,
//! with the probability exp(-1 / Q): (J / (1 + J))^n for n cells (Kendall 1948, Ann. Math. Stat.
//! 19:1), with J the integral of death N0 / N, averaged over n. Each clone of a patient draws an
//! exponential number U and becomes extinct when Q U reaches 1.
//! Until then the mean over clones that are not extinct is N / (1 - exp(-1 / Q)), at least one
//! cell. This number counts as burden and as size, so that no numerical floor decides on a cure.

use crate::parameter::{MissingParameter, Parameters, required};
use il2_engine::{Dimension, Expression as E, Limits, Network, ParameterId, SpeciesId};

const PLAIN: Dimension = Dimension::DIMENSIONLESS;
/// Unit of cell numbers.
pub const CELL: Dimension = Dimension { cell: 1, ..PLAIN };
/// Number of cells below which the relative change of a clone's mean is no longer tracked; the
/// clone is extinct long before.
const NO_CELLS: f64 = 1e-3;

/// The effects of interleukin-2 on a patient that act on the tumour.
#[derive(Clone, Debug)]
pub struct Immunity {
    /// Division rate of CD8 T cells driven by interleukin-2 (1/min).
    pub drive: E,
    /// Fold change of all CD8 T cells.
    pub cd8: E,
    /// Fold change of all regulatory T cells.
    pub treg: E,
    /// Fold change of all NK cells.
    pub nk: E,
}

impl Immunity {
    /// The effects in a patient without drug: none.
    pub fn at_rest() -> Self {
        let one = || E::Number(1.0);
        Self { drive: E::Number(0.0), cd8: one(), treg: one(), nk: one() }
    }

    /// The effects in a patient's network.
    ///
    /// # Panics
    /// If the network lacks one of these populations, which a test of the library excludes.
    pub fn of(patient: &Network) -> Self {
        let of = |name: &str| {
            let found = patient.observable_named(name).expect("an observable of every patient");
            patient.observables[found.0].value.clone()
        };
        Self {
            drive: of("cd8_division"),
            cd8: of("cd8_total_fold"),
            treg: of("treg_total_fold"),
            nk: of("nk_dim_total_fold"),
        }
    }
}

/// A clone of a lesion.
#[derive(Clone, Copy, Debug)]
pub struct Subclone {
    /// Mean number of its cells.
    pub cells: SpeciesId,
    /// The quantity Q, from which the probability of extinction follows.
    pub q: SpeciesId,
    /// Initial number of its cells.
    pub start: ParameterId,
}

/// A lesion.
#[derive(Clone, Debug)]
pub struct Lesion {
    /// The sensitive and the resistant clone.
    pub clones: [Subclone; 2],
    /// Dead cells.
    pub dead: SpeciesId,
    /// Access of effector cells to it.
    pub access: ParameterId,
}

/// Species and parameters of the tumour in its network.
#[derive(Clone, Debug)]
pub struct Lesions {
    /// The lesions.
    pub lesions: Vec<Lesion>,
    /// Effector cells of the tumour.
    pub effectors: SpeciesId,
    /// Initial number of effector cells.
    pub effectors_at_start: ParameterId,
    /// Growth rate of the sensitive clone.
    pub growth_rate: ParameterId,
    /// Killing rate of chemotherapy.
    pub chemotherapy: SpeciesId,
    /// Rate at which this killing decays.
    pub chemotherapy_decay: ParameterId,
    /// Factor by which a vaccine multiplies the drive.
    pub vaccine: ParameterId,
    /// Rate of exhaustion of effector cells.
    pub exhaustion: ParameterId,
    /// Fraction of regulatory cells that remains after lymphodepletion.
    pub treg_left: ParameterId,
    /// Growth rate of effector cells during lymphodepletion.
    pub depleted_growth: ParameterId,
    /// Cumulative hazard of death.
    pub hazard: SpeciesId,
    /// Factor for the hazard of death once the first treatment has failed.
    pub later_therapy: ParameterId,
    /// Number of cells per volume (1/L).
    pub cells_per_volume: f64,
}

/// Adds lesions to a network, either that of a patient or an empty one; `immunity` contains the
/// effects of interleukin-2.
pub fn add_lesions(
    network: &mut Network,
    numbers: &Parameters,
    immunity: &Immunity,
    lesions: usize,
) -> Result<Lesions, MissingParameter> {
    let mut all = Numbers { network, numbers };
    let (rate, per_volume) = (Dimension::RATE, Dimension::CELL_DENSITY);
    let [growth_rate, basal_death, kill_rate, nk_kill, clearance, expansion, loss, exhaustion] =
        all.add(
            [
                "growth_rate",
                "basal_death",
                "kill_rate",
                "nk_kill",
                "clearance",
                "expansion",
                "effector_loss",
                "exhaustion",
            ],
            rate,
        )?;
    let [threshold, background, burden_hazard] =
        all.add(["drive_threshold", "background_hazard", "burden_hazard"], rate)?;
    let [largest, kill_half, antigen_half, exhaustion_half, burden] =
        all.add(["largest", "kill_half", "antigen_half", "exhaustion_half", "burden"], CELL)?;
    let [suppression, resistant_growth, resistant_kill, per_effector] = all.add(
        ["treg_suppression", "resistant_growth", "resistant_kill", "antigen_per_effector"],
        PLAIN,
    )?;
    let [gain, capacity, power] = all.add(["gain", "drive_capacity", "hazard_power"], PLAIN)?;
    let [later_therapy, vaccine, treg_left] =
        ["later_therapy", "vaccine", "treg_left"].map(|name| all.set(name, PLAIN, 1.0));
    let [depleted_growth, decay] =
        ["depleted_growth", "chemotherapy_decay"].map(|name| all.set(name, rate, 0.0));
    let start = all.set("effectors_at_start", CELL, 1.0);
    let one_cell = all.set("one_cell", CELL, 1.0);
    all.network.limit(one_cell, Limits::Constant);
    let cells_per_volume = required(numbers, "the tumour", "cells_per_volume", per_volume)?;
    let n = all.network;
    let e = |parameter: ParameterId| E::from(parameter);
    let one = || E::Number(1.0);

    let effectors = n.add_species("effectors", CELL);
    n.species[effectors.0].initial = start.into();
    let [spent, hazard] = ["drive_spent", "hazard"].map(|name| n.add_species(name, PLAIN));
    let chemotherapy = n.add_species("chemotherapy", rate);
    let made: Vec<Lesion> = (1..=lesions).map(|j| empty_lesion(n, j, one_cell)).collect();
    let living = |lesion: &Lesion| lesion.clones.iter().map(alive).reduce(|a, b| a + b);
    let living: Vec<E> = made.iter().filter_map(living).collect();
    let all_living = living.iter().cloned().reduce(|a, b| a + b).unwrap_or(E::Number(0.0));
    n.add_observable("tumour_cells", CELL, all_living.clone());

    // Killing that is the same in all lesions.
    let more = immunity.nk.clone() - one();
    let more = E::Maximum(Box::new(more), Box::new(E::Number(0.0)));
    let other = e(nk_kill) * more + E::from(chemotherapy);
    let treg = immunity.treg.clone() * e(treg_left);
    let released = (one() + e(suppression)) / (one() + e(suppression) * treg);
    let reach = E::from(effectors) / (E::from(effectors) + all_living.clone() + e(kill_half));
    let kill = e(kill_rate) * reach * released;
    for (lesion, living) in made.iter().zip(living) {
        let kill = kill.clone() * e(lesion.access);
        let room = one() / (one() + living / e(largest));
        let of_clones = [
            (e(growth_rate), kill.clone()),
            (e(growth_rate) * e(resistant_growth), e(resistant_kill) * kill),
        ];
        for (clone, (growth, kill)) in lesion.clones.iter().zip(of_clones) {
            let name = n.species[clone.cells.0].name.clone();
            let cells = E::from(clone.cells);
            let killed = kill + other.clone();
            let grows = growth * room.clone() * cells.clone();
            n.add_law(format!("{name}: grow"), &[], &[clone.cells], grows);
            let dies = killed.clone() * cells.clone();
            n.add_law(format!("{name}: killed"), &[clone.cells], &[lesion.dead], dies);
            let floor = E::Number(NO_CELLS) * e(one_cell);
            let followed = E::Maximum(Box::new(cells), Box::new(floor));
            let risk = (e(basal_death) + killed) / (followed / e(one_cell));
            n.add_law(format!("{name}: risk of extinction"), &[], &[clone.q], risk);
        }
        let name = n.species[lesion.dead.0].name.clone();
        n.add_reaction(format!("{name}: cleared"), &[lesion.dead], &[], clearance);
    }

    // Effector cells are initially at steady state, before any drug.
    let at_start = made.iter().flat_map(|l| l.clones).map(|c| e(c.start));
    let at_start = at_start.reduce(|a, b| a + b).unwrap_or(E::Number(0.0));
    let fed = |cells: E, effectors: E| {
        cells.clone() / (cells + e(antigen_half) + e(per_effector) * effectors)
    };
    let exhausted = |cells: E| cells.clone() / (cells + e(exhaustion_half));
    let net = e(loss) + e(exhaustion) * exhausted(at_start.clone())
        - e(expansion) * fed(at_start, e(start));
    let supply = e(start) * E::Maximum(Box::new(net), Box::new(E::Number(0.0) * e(loss)));
    let supply = n.add_derived("effector_supply", CELL * rate, supply);
    // Partner treatments change this rate, whereas the supply follows from the value in the
    // library.
    let exhaustion_now = n.add_derived("exhaustion_in_treatment", rate, E::from(exhaustion));
    let drive = immunity.drive.clone();
    let used = drive.clone() * drive.clone() / (drive + e(threshold));
    let unspent = E::Exponential(Box::new(E::Number(-1.0) * E::from(spent) / e(capacity)));
    let growth = e(expansion) * fed(all_living.clone(), effectors.into())
        + e(gain) * e(vaccine) * used.clone() * unspent
        + e(depleted_growth);
    n.add_law("effectors: arrive", &[], &[effectors], e(supply) * immunity.cd8.clone());
    n.add_law("effectors: divide", &[], &[effectors], growth * effectors.into());
    let lost = e(loss) + e(exhaustion_now) * exhausted(all_living.clone());
    n.add_law("effectors: lost", &[effectors], &[], lost * effectors.into());
    n.add_law("drive: spent", &[], &[spent], used);
    n.add_reaction("chemotherapy: falls", &[chemotherapy], &[], decay);

    // One cell is added, so that the law is differentiable even without cells.
    let relative = (all_living + e(one_cell)) / e(burden);
    let powered = E::Power(Box::new(relative), Box::new(e(power)));
    let dies = e(background) + e(burden_hazard) * powered * e(later_therapy);
    n.add_law("hazard", &[], &[hazard], dies);
    Ok(Lesions {
        lesions: made,
        effectors,
        effectors_at_start: start,
        growth_rate,
        chemotherapy,
        chemotherapy_decay: decay,
        vaccine,
        exhaustion: exhaustion_now,
        treg_left,
        depleted_growth,
        hazard,
        later_therapy,
        cells_per_volume,
    })
}

/// A lesion whose cell numbers are set for each patient.
fn empty_lesion(n: &mut Network, j: usize, one_cell: ParameterId) -> Lesion {
    let one_cell = || E::from(one_cell);
    let clones = ["sensitive", "resistant"].map(|which| {
        let start = n.add_parameter(format!("tumour.lesion{j}_{which}"), CELL, 0.0);
        n.limit(start, Limits::NotNegative);
        let cells = n.add_species(format!("lesion{j}_{which}"), CELL);
        n.species[cells.0].initial = start.into();
        let q = n.add_species(format!("lesion{j}_{which}_q"), PLAIN);
        // A clone that is expected to have fewer cells is absent; 1 / Q must stay finite.
        let expected =
            E::Maximum(Box::new(start.into()), Box::new(E::Number(NO_CELLS) * one_cell()));
        n.species[q.0].initial = one_cell() / expected;
        Subclone { cells, q, start }
    });
    let dead = n.add_species(format!("lesion{j}_dead"), CELL);
    let access = n.add_parameter(format!("tumour.lesion{j}_access"), PLAIN, 1.0);
    n.limit(access, Limits::NotNegative);
    Lesion { clones, dead, access }
}

/// Mean number of cells of a clone that is not extinct.
fn alive(clone: &Subclone) -> E {
    let odds = E::Exponential(Box::new(E::Number(-1.0) / E::from(clone.q)));
    E::from(clone.cells) / (E::Number(1.0) - odds)
}

impl Subclone {
    /// Mean number of cells of the clone in a state, if it is not extinct.
    pub fn alive(&self, state: &[f64]) -> f64 {
        alive(self).value(state, &[], 0.0)
    }
}

impl Lesion {
    /// Volume visible on a scan, living and dead (L).
    pub fn volume(&self, state: &[f64], cells_per_volume: f64) -> f64 {
        let living: f64 = self.clones.iter().map(|clone| clone.alive(state)).sum();
        (living + state[self.dead.0]) / cells_per_volume
    }
}

struct Numbers<'a> {
    network: &'a mut Network,
    numbers: &'a Parameters,
}

impl Numbers<'_> {
    /// Adds numbers of the library as parameters.
    fn add<const N: usize>(
        &mut self,
        names: [&str; N],
        dimension: Dimension,
    ) -> Result<[ParameterId; N], MissingParameter> {
        let mut added = [ParameterId(0); N];
        for (place, name) in added.iter_mut().zip(names) {
            let value = required(self.numbers, "the tumour", name, dimension)?;
            *place = self.set(name, dimension, value);
        }
        Ok(added)
    }

    fn set(&mut self, name: &str, dimension: Dimension, value: f64) -> ParameterId {
        let added = self.network.add_parameter(format!("tumour.{name}"), dimension, value);
        self.network.limit(added, Limits::NotNegative);
        added
    }
}
