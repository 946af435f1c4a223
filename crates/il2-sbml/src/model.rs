//! A model as its file has it: plain data, before anything is made of it.

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
    /// Units that hold where nothing else is said.
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
    /// What something starts with.
    pub initial_assignments: Vec<Assignment>,
    /// What something is at every time.
    pub assignment_rules: Vec<Assignment>,
    /// How fast something changes.
    pub rate_rules: Vec<Assignment>,
    /// What is zero at every time; the target is empty.
    pub algebraic_rules: Vec<Assignment>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Events.
    pub events: Vec<Event>,
    /// Where things stand in these lists.
    pub places: Places,
}

/// Places of things by their ids: large models ask for each many times.
#[derive(Clone, Debug, Default)]
pub struct Places {
    species: HashMap<String, usize>,
    compartments: HashMap<String, usize>,
    functions: HashMap<String, usize>,
    reactions: HashMap<String, usize>,
    assignment_rules: HashMap<String, usize>,
    rate_rules: HashMap<String, usize>,
}

/// Where an element stands in its file.
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
    /// Where it stands.
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
    /// Where it stands.
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
    /// Whether its id means an amount everywhere, not a concentration.
    pub only_substance: bool,
    /// Whether reactions leave it as it is.
    pub boundary: bool,
    /// Whether nothing changes it.
    pub constant: bool,
    /// Factor from extents of reactions to its amount.
    pub conversion_factor: Option<String>,
    /// Where it stands.
    pub line: Line,
}

/// What a species starts with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// So much.
    Amount(f64),
    /// So much in a unit of its compartment.
    Concentration(f64),
    /// The file says nothing.
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
    /// Where it stands.
    pub line: Line,
}

/// A target and a formula.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The id of what is assigned.
    pub target: String,
    /// Its value; a level 3 version 2 file may leave it out, and then nothing is assigned.
    pub math: Option<Math>,
    /// Where it stands.
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
    /// Where it stands.
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
    /// Where it stands.
    pub line: Line,
}

/// How many of a species a reaction takes or gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Stoichiometry {
    /// A number.
    Number(f64),
    /// A formula (level 2).
    Formula(Math),
    /// Not said; something else assigns it.
    Unknown,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id, or a name made of its place.
    pub id: String,
    /// It fires when this becomes true.
    pub trigger: Option<Math>,
    /// What the trigger is taken to have been before the start.
    pub initial: bool,
    /// Whether it happens even if the trigger is false again by then.
    pub persistent: bool,
    /// How long after.
    pub delay: Option<Math>,
    /// Which of several comes first: the highest.
    pub priority: Option<Math>,
    /// Whether its values are those of the time when it fired.
    pub values_from_trigger: bool,
    /// What it sets.
    pub assignments: Vec<Assignment>,
    /// Where it stands.
    pub line: Line,
}

impl Model {
    /// Notes where things stand; whoever changes a list does it again.
    pub fn note_places(&mut self) {
        fn by_id<T>(all: &[T], id: impl Fn(&T) -> &String) -> HashMap<String, usize> {
            // The first of several, as a file is read.
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

    /// The rule that gives something its value at every time.
    pub fn assignment_rule(&self, id: &str) -> Option<&Assignment> {
        self.places.assignment_rules.get(id).map(|place| &self.assignment_rules[*place])
    }

    /// The rule that says how fast something changes.
    pub fn rate_rule(&self, id: &str) -> Option<&Assignment> {
        self.places.rate_rules.get(id).map(|place| &self.rate_rules[*place])
    }
}
