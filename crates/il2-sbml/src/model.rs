//! A model as written in its file: plain data.

use crate::math::Math;
use crate::units::{UnitDefinition, UnitName};
use std::collections::{BTreeMap, HashMap};

/// A model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Level and version of its file.
    pub level: (u32, u32),
    /// Its id, or its name, or nothing.
    pub name: String,
    /// Units that it defines.
    pub unit_definitions: BTreeMap<String, UnitDefinition>,
    /// Default units.
    pub units: ModelUnits,
    /// Factor from extents of reactions to amounts of species.
    pub conversion_factor: Option<String>,
    /// Functions, each over its own arguments.
    pub functions: Vec<Function>,
    /// Compartments.
    pub compartments: Vec<Compartment>,
    /// Species.
    pub species: Vec<Species>,
    /// Parameters of the whole model.
    pub parameters: Vec<Parameter>,
    /// Initial assignments.
    pub initial_assignments: Vec<Assignment>,
    /// Assignment rules.
    pub assignment_rules: Vec<Assignment>,
    /// The rate of change of a quantity.
    pub rate_rules: Vec<Assignment>,
    /// Algebraic rules: formulas that are zero at every time; the target is empty.
    pub algebraic_rules: Vec<Assignment>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Events.
    pub events: Vec<Event>,
    /// Indices in these lists.
    pub places: Places,
}

/// Indices by id, because large models look up each many times.
#[derive(Clone, Debug, Default)]
pub struct Places {
    species: HashMap<String, usize>,
    compartments: HashMap<String, usize>,
    functions: HashMap<String, usize>,
    reactions: HashMap<String, usize>,
    assignment_rules: HashMap<String, usize>,
    rate_rules: HashMap<String, usize>,
}

/// Position of an element in its file.
pub type Line = u32;

/// Units of the whole model.
#[derive(Clone, Debug, Default)]
pub struct ModelUnits {
    /// Of amounts of species.
    pub substance: Option<UnitName>,
    /// Of time.
    pub time: Option<UnitName>,
    /// Of compartments of three, two and one dimensions.
    pub sizes: [Option<UnitName>; 3],
    /// Of extents of reactions.
    pub extent: Option<UnitName>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its id.
    pub id: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its value, if the file gives one.
    pub body: Option<Math>,
    /// Its position in the file.
    pub line: Line,
}

/// A compartment.
#[derive(Clone, Debug)]
pub struct Compartment {
    /// Its id.
    pub id: String,
    /// Dimensions of its space: three are a volume, two an area.
    pub dimensions: f64,
    /// Its size.
    pub size: Option<f64>,
    /// Unit of its size.
    pub units: Option<UnitName>,
    /// Whether its size never changes.
    pub constant: bool,
    /// Its position in the file.
    pub line: Line,
}

/// A species.
#[derive(Clone, Debug)]
pub struct Species {
    /// Its id.
    pub id: String,
    /// Its name, for people.
    pub name: Option<String>,
    /// Its compartment.
    pub compartment: String,
    /// What it starts with.
    pub initial: Initial,
    /// Unit of its amount.
    pub substance_units: Option<UnitName>,
    /// Whether its id always means an amount, not a concentration.
    pub only_substance: bool,
    /// Whether it is a boundary condition, which reactions do not change.
    pub boundary: bool,
    /// Whether it is constant.
    pub constant: bool,
    /// Factor from extents of reactions to its amount.
    pub conversion_factor: Option<String>,
    /// Its position in the file.
    pub line: Line,
}

/// What a species starts with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// An amount.
    Amount(f64),
    /// A concentration.
    Concentration(f64),
    /// Not given in the file.
    Unknown,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its id.
    pub id: String,
    /// Its value, if the file gives one.
    pub value: Option<f64>,
    /// Its unit.
    pub units: Option<UnitName>,
    /// Whether it never changes.
    pub constant: bool,
    /// Its position in the file.
    pub line: Line,
}

/// A target and a formula.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The id of what is assigned.
    pub target: String,
    /// Its value; a level 3 version 2 file may leave it out, and then nothing is assigned.
    pub math: Option<Math>,
    /// Its position in the file.
    pub line: Line,
}

/// A reaction.
#[derive(Clone, Debug)]
pub struct Reaction {
    /// Its id.
    pub id: String,
    /// Consumed.
    pub reactants: Vec<Participant>,
    /// Produced.
    pub products: Vec<Participant>,
    /// Read by its law.
    pub modifiers: Vec<String>,
    /// How fast it runs, in extent per time.
    pub law: Option<Math>,
    /// Parameters of its law alone.
    pub local: Vec<Parameter>,
    /// Its position in the file.
    pub line: Line,
}

/// A species in a reaction.
#[derive(Clone, Debug)]
pub struct Participant {
    /// The species.
    pub species: String,
    /// Id of its stoichiometry.
    pub id: Option<String>,
    /// How many.
    pub stoichiometry: Stoichiometry,
    /// Its position in the file.
    pub line: Line,
}

/// The stoichiometry of a species in a reaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Stoichiometry {
    /// A number.
    Number(f64),
    /// A formula (level 2).
    Formula(Math),
    /// Not given; something else assigns it.
    Unknown,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id, or a name made from its position.
    pub id: String,
    /// It fires when this becomes true.
    pub trigger: Option<Math>,
    /// The assumed value of the trigger before the start.
    pub initial: bool,
    /// Whether it takes place even if the trigger is false again by then.
    pub persistent: bool,
    /// Its delay.
    pub delay: Option<Math>,
    /// Its priority: the highest of several comes first.
    pub priority: Option<Math>,
    /// Whether its values are computed at the time when it fired.
    pub values_from_trigger: bool,
    /// What it sets.
    pub assignments: Vec<Assignment>,
    /// Its position in the file.
    pub line: Line,
}

impl Model {
    /// Builds the index; to be called again after a list has changed.
    pub fn note_places(&mut self) {
        fn by_id<T>(all: &[T], id: impl Fn(&T) -> &String) -> HashMap<String, usize> {
            // The first of several, as when a file is read.
            all.iter().enumerate().rev().map(|(place, of)| (id(of).clone(), place)).collect()
        }
        self.places = Places {
            species: by_id(&self.species, |s| &s.id),
            compartments: by_id(&self.compartments, |c| &c.id),
            functions: by_id(&self.functions, |f| &f.id),
            reactions: by_id(&self.reactions, |r| &r.id),
            assignment_rules: by_id(&self.assignment_rules, |r| &r.target),
            rate_rules: by_id(&self.rate_rules, |r| &r.target),
        };
    }

    /// The species of that id.
    pub fn species_of(&self, id: &str) -> Option<&Species> {
        self.places.species.get(id).map(|place| &self.species[*place])
    }

    /// The compartment of that id.
    pub fn compartment_of(&self, id: &str) -> Option<&Compartment> {
        self.places.compartments.get(id).map(|place| &self.compartments[*place])
    }

    /// The function of that id.
    pub fn function(&self, id: &str) -> Option<&Function> {
        self.places.functions.get(id).map(|place| &self.functions[*place])
    }

    /// The reaction of that id.
    pub fn reaction(&self, id: &str) -> Option<&Reaction> {
        self.places.reactions.get(id).map(|place| &self.reactions[*place])
    }

    /// The assignment rule of an id.
    pub fn assignment_rule(&self, id: &str) -> Option<&Assignment> {
        self.places.assignment_rules.get(id).map(|place| &self.assignment_rules[*place])
    }

    /// The rate rule of an id.
    pub fn rate_rule(&self, id: &str) -> Option<&Assignment> {
        self.places.rate_rules.get(id).map(|place| &self.rate_rules[*place])
    }
}
