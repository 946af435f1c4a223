//! The plan of a search.

use crate::design::molecule::Given;
use crate::design::objective::Objective;
use crate::vary::{OnCell, Varied};
use il2::culture::Prepared;
use il2::culture::uncertainty::Posterior;
use il2_answer::labels::named;
use il2_engine::math;
use il2_inference::nsga2::{Gene, Search};
use il2_wells::medium::MediumPlan;

/// Number of doses added to a curve between the two doses around its half-maximum, and around its
/// maximum. With a decade between doses, the EC50 of a curve would be wrong by a tenth or more, and
/// so would the maximum of a bell-shaped curve.
pub(super) const NEAR: usize = 4;
/// A dose at which a response is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dose {
    /// A given dose (pM).
    Given(f64),
    /// The dose chosen in the design.
    Chosen,
}

/// The dose in a well of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WellDose {
    /// Without ligand.
    Zero,
    /// A dose of the curve.
    Curve(usize),
    /// One of the single doses.
    Single(usize),
}

/// A form of the designed molecule.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// The molecule with this number of copies of the cytokine.
    Copies(u32),
    /// Another ligand of the study.
    Ligand(String),
}

impl Form {
    /// Name of the column that distinguishes forms.
    pub fn heading(&self) -> &'static str {
        match self {
            Form::Copies(_) => "valency",
            Form::Ligand(_) => "form",
        }
    }

    /// The value in the column that distinguishes forms.
    pub fn text(&self) -> String {
        match self {
            Form::Copies(copies) => copies.to_string(),
            Form::Ligand(label) => label.clone(),
        }
    }
}

/// Where the counts of the donors come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DonorsAre {
    /// The spread of the library: repeated stainings of one donor's cells.
    Stainings,
    /// The uncertainty that the study states for its cells.
    Stated,
    /// Some counts have one, some the other.
    Both,
    /// The ends that the study gives.
    Ranges,
}

impl DonorsAre {
    /// The word for them.
    pub fn word(self) -> &'static str {
        if self == DonorsAre::Stainings { "repeated stainings" } else { "donors" }
    }
}

/// The plan of a search.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// Labels of the molecules: the designed one in each of its forms, then the known molecules.
    pub names: Vec<String>,
    /// The forms of the designed molecule.
    pub forms: Vec<Form>,
    /// Cells by their names in the study.
    pub cells: Vec<String>,
    /// Every molecule on every cell.
    pub on: Vec<OnCell>,
    /// Numbers that are varied.
    pub varied: Vec<Varied>,
    /// Lowest and highest dose (pM), if the dose is chosen.
    pub dose: Option<[f64; 2]>,
    /// Doses at which responses are read.
    pub singles: Vec<Dose>,
    /// Doses of the curves (pM), increasing; empty if nothing is read from a curve.
    pub doses: Vec<f64>,
    /// Times at which results are read (min), increasing.
    pub times: Vec<f64>,
    /// Readouts.
    pub readouts: Vec<String>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Donors in addition to the typical one.
    pub donors: Vec<Given>,
    /// Where their counts come from.
    pub donors_are: DonorsAre,
    /// Measured values, by known molecule and objective; NaN where nothing was measured.
    pub measured: Vec<Vec<f64>>,
    /// Settings of the search.
    pub search: Search,
    /// The molecule of the study itself, as a candidate.
    pub start: Vec<f64>,
    /// Largest number of designs that are shown.
    pub designs: usize,
    /// Number of draws for intervals.
    pub draws: usize,
    /// Level of the intervals.
    pub level: f64,
    pub(super) posterior: Posterior,
    pub(super) medium: MediumPlan,
}

impl Plan {
    /// What the donors are and how their counts are drawn; none without donors.
    pub fn donors_in_words(&self) -> Option<String> {
        let stainings = "the range that the library gives, which is that of repeated stainings of one \
                         donor's cells and leaves out differences between donors";
        let stated = "the uncertainty that the study states (95 % within its ends)";
        let log_normal = "receptor counts are drawn from log-normal distributions with";
        let remedy = "for donors, give ranges in donors.parameters, or uncertainty in the cells";
        let how = match self.donors_are {
            DonorsAre::Stainings => format!("{log_normal} {stainings}: {remedy}"),
            DonorsAre::Stated => format!("{log_normal} {stated}"),
            DonorsAre::Both => {
                format!("{log_normal} {stated}, or if it states none, {stainings}: {remedy}")
            }
            DonorsAre::Ranges => {
                "receptor counts are spread evenly, on a logarithmic scale, between \
                                  the ends that the study gives"
                    .to_string()
            }
        };
        let all = self.donors.len();
        (all > 0).then(|| format!("For the {all} {}, {how}.", self.donors_are.word()))
    }

    /// The prepared cells and ligands.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.on.iter().map(|on| &on.prepared).collect()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let known = (!self.known().is_empty()).then_some("known");
        let ends = ["", "sensitivity", "candidates"].into_iter().chain(known);
        (named(&self.name, &ends.collect::<Vec<_>>()), named(&self.name, &[""]))
    }

    /// Number of simulations that the assay will run, if the front is as long as allowed.
    pub fn lanes(&self) -> usize {
        let numbers = self.varied.len() + usize::from(self.dose.is_some());
        // A single goal has one best design.
        let designs = if self.goals().count() == 1 { 1 } else { self.designs };
        let closer = designs * (2 * numbers + 4) + self.known().len();
        let drawn = self.draws * (designs + self.known().len());
        (self.search.candidates() + closer + drawn) * self.lanes_of_one()
    }

    fn lanes_of_one(&self) -> usize {
        let of = |cell: usize| {
            let near = 2 * NEAR * self.curves(cell).len();
            (self.wells(cell, self.doses.len()).len() + near) * self.people(cell)
        };
        (0..self.cells.len()).map(of).sum()
    }

    /// Objectives that are read from different curves on a cell.
    pub(super) fn curves(&self, cell: usize) -> Vec<&Objective> {
        let mut all: Vec<&Objective> = vec![];
        for objective in self.objectives.iter().filter(|o| o.of.curve() && o.cells.contains(&cell))
        {
            let same = |o: &&Objective| (o.readout, o.time) == (objective.readout, objective.time);
            if !all.iter().any(same) {
                all.push(objective);
            }
        }
        all
    }

    /// The wells of a cell: a curve with this number of doses, then the single doses.
    pub(super) fn wells(&self, cell: usize, doses: usize) -> Vec<WellDose> {
        let own = || self.objectives.iter().filter(|o| o.cells.contains(&cell));
        let mut all = vec![];
        if own().any(|o| o.of.curve()) {
            all.push(WellDose::Zero);
            all.extend((0..doses).map(WellDose::Curve));
        }
        for single in own().filter_map(|o| o.dose) {
            place(&mut all, WellDose::Single(single));
        }
        all
    }

    /// Number of donors that are simulated on a cell, including the typical one.
    pub(super) fn people(&self, cell: usize) -> usize {
        let asked = |o: &Objective| o.reached_by.is_some() && o.cells.contains(&cell);
        1 + if self.objectives.iter().any(asked) { self.donors.len() } else { 0 }
    }

    /// Indices of the known molecules among all molecules.
    pub fn known(&self) -> std::ops::Range<usize> {
        self.forms.len()..self.names.len()
    }

    /// Objectives with a goal.
    pub fn goals(&self) -> impl Iterator<Item = (usize, &Objective)> {
        self.objectives.iter().enumerate().filter(|(_, o)| o.goal.is_some())
    }

    /// Numbers of a candidate (base units) and its dose (pM), from positions in their ranges.
    pub(super) fn numbers(&self, genes: &[f64]) -> (usize, Vec<f64>, f64) {
        let (own, rest) = genes.split_at(self.varied.len());
        let numbers = self.varied.iter().zip(own).map(|(v, part)| v.between(*part)).collect();
        let mut rest = rest.iter();
        let dose = match self.dose {
            Some([low, high]) => {
                let part = *rest.next().expect("a gene for the dose");
                low * math::pow(high / low, part)
            }
            None => f64::NAN,
        };
        let form = rest.next().map_or(0, |value| Gene::choice(self.forms.len(), *value));
        (form, numbers, dose)
    }
}

/// A molecule with its numbers, at a dose.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Index of the molecule in the plan.
    pub molecule: usize,
    /// The numbers that are varied (base units); empty for a known molecule.
    pub numbers: Vec<f64>,
    /// The dose at which it is given (pM), if the dose is chosen.
    pub dose: f64,
}

impl Candidate {
    /// A known molecule; if the dose is chosen, at the middle of its range.
    pub(super) fn known(plan: &Plan, molecule: usize) -> Self {
        let dose = plan.dose.map_or(f64::NAN, |[low, high]| (low * high).sqrt());
        Candidate { molecule, numbers: vec![], dose }
    }

    pub(super) fn of_genes(plan: &Plan, genes: &[f64]) -> Self {
        let (molecule, numbers, dose) = plan.numbers(genes);
        Candidate { molecule, numbers, dose }
    }
}

/// Index of an item in a list; a new item is added to the list.
pub(super) fn place<T: PartialEq>(all: &mut Vec<T>, one: T) -> usize {
    all.iter().position(|known| *known == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    })
}
