//! A model as written in its file, as plain data.

use crate::math::Math;
use crate::units::{UnitDefinition, UnitName};
use std::collections::{BTreeMap, HashMap};

/// A model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Level and version of its file.
    pub level: (u32, u32),
    /// Its id, otherwise its name; empty if it has neither.
    pub name: String,
    /// Units that it defines.
    pub unit_definitions: BTreeMap<String, UnitDefinition>,
    /// Default units.
    pub units: ModelUnits,
    /// Factor from extents of reactions to amounts of species.
    pub conversion_factor: Option<String>,
    /// Function definitions.
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
    /// Rate rules, each of which gives the rate of change of a quantity.
    pub rate_rules: Vec<Assignment>,
    /// Algebraic rules: formulas that must be zero at all times; their targets are empty.
    pub algebraic_rules: Vec<Assignment>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Events.
    pub events: Vec<Event>,
    /// Indices of elements in these lists.
    pub places: Places,
}

/// Indices by id, because elements of large models are looked up many times.
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
    /// Unit of amounts of species.
    pub substance: Option<UnitName>,
    /// Unit of time.
    pub time: Option<UnitName>,
    /// Units of compartments with three, two and one dimensions.
    pub sizes: [Option<UnitName>; 3],
    /// Unit of extents of reactions.
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
    /// Number of spatial dimensions: three for a volume, two for an area.
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
    /// Human-readable name.
    pub name: Option<String>,
    /// Its compartment.
    pub compartment: String,
    /// Its initial amount or concentration.
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

/// The initial amount or concentration of a species.
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
    /// The id of the quantity that is assigned.
    pub target: String,
    /// Its value; a file of level 3 version 2 may omit it, in which case nothing is assigned.
    pub math: Option<Math>,
    /// Its position in the file.
    pub line: Line,
}

/// A reaction.
#[derive(Clone, Debug)]
pub struct Reaction {
    /// Its id.
    pub id: String,
    /// Species that are consumed.
    pub reactants: Vec<Participant>,
    /// Species that are produced.
    pub products: Vec<Participant>,
    /// Species that occur in its law but are not changed.
    pub modifiers: Vec<String>,
    /// Its rate, in extent per time.
    pub law: Option<Math>,
    /// Local parameters of its law.
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
    /// Its stoichiometry.
    pub stoichiometry: Stoichiometry,
    /// Whether its stoichiometry never changes.
    pub constant: bool,
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
    /// Not given, but assigned elsewhere.
    Unknown,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id, or a name made from its position.
    pub id: String,
    /// The event fires when this becomes true.
    pub trigger: Option<Math>,
    /// The assumed value of the trigger before the start.
    pub initial: bool,
    /// Whether the event is executed even if the trigger has become false again.
    pub persistent: bool,
    /// Its delay.
    pub delay: Option<Math>,
    /// Its priority: of several events, the one with the highest priority comes first.
    pub priority: Option<Math>,
    /// Whether its values are computed at the time of firing.
    pub values_from_trigger: bool,
    /// Its assignments.
    pub assignments: Vec<Assignment>,
    /// Its position in the file.
    pub line: Line,
}

impl Model {
    /// Builds the index; must be called again after a list has changed.
    pub fn note_places(&mut self) {
        fn by_id<T>(all: &[T], id: impl Fn(&T) -> &String) -> HashMap<String, usize> {
            // If several elements have the same id, the first counts, as when a file is read.
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

    /// The species with this id.
    pub fn species_of(&self, id: &str) -> Option<&Species> {
        self.places.species.get(id).map(|place| &self.species[*place])
    }

    /// The compartment with this id.
    pub fn compartment_of(&self, id: &str) -> Option<&Compartment> {
        self.places.compartments.get(id).map(|place| &self.compartments[*place])
    }

    /// The function with this id.
    pub fn function(&self, id: &str) -> Option<&Function> {
        self.places.functions.get(id).map(|place| &self.functions[*place])
    }

    /// The reaction with this id.
    pub fn reaction(&self, id: &str) -> Option<&Reaction> {
        self.places.reactions.get(id).map(|place| &self.reactions[*place])
    }

    /// The assignment rule for an id.
    pub fn assignment_rule(&self, id: &str) -> Option<&Assignment> {
        self.places.assignment_rules.get(id).map(|place| &self.assignment_rules[*place])
    }

    /// The rate rule for an id.
    pub fn rate_rule(&self, id: &str) -> Option<&Assignment> {
        self.places.rate_rules.get(id).map(|place| &self.rate_rules[*place])
    }
}
