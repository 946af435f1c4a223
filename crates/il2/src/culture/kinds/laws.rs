//! The laws of what cells do in addition to binding ligand, added to the network of their culture.

use crate::culture::kinds::behaviour::{
    Behaviour, Death, Division, HalfAt, Secretion, Suppression, SuppressiveCytokine, UpRegulation,
    Window,
};
use crate::culture::kinds::pooled::Pool;
use crate::quantity::HOUR;
use crate::receptor::{ModelError, ReceptorModel};
use il2_engine::{Change, Dimension, Event, Expression, Limits, Network, ParameterId, SpeciesId};
use std::f64::consts::LN_2;

/// Ratio of a signal to the half-maximal one below which a fitted Hill coefficient has no effect;
/// no response to so small a signal is visible.
const LEAST_RATIO: f64 = 1e-9;

/// The readout that is the signal of a cell: the last one downstream of the receptor in the model.
pub fn signal_of(one: &ReceptorModel) -> Option<&'static str> {
    let n = &one.network;
    let has = |name: &&&str| n.species_named(name).is_some() || n.observable_named(name).is_some();
    ["pstat5", "signalling_complexes"].iter().find(has).copied()
}

/// What the laws of all kinds of a culture have in common.
pub struct Common {
    /// The factor by which crowding slows division, if it does.
    pub room: Option<Expression>,
    /// Whether Hill coefficients of 1 may be changed later.
    pub steepness_varies: bool,
}

/// Adds a behaviour to the cells of one kind among those of all `pools`; returns the events that
/// begin and end it.
pub fn add(
    n: &mut Network,
    medium: &[(String, SpeciesId)],
    (pool, pools): (&Pool, &[(Pool, ReceptorModel)]),
    (one, behaviour): (&ReceptorModel, &Behaviour),
    common: &Common,
) -> Result<Vec<Event>, ModelError> {
    let free = Expression::Number(1.0);
    let mut adding = Adding { n, pool, one, common, events: vec![], free };
    if let Some(suppression) = &behaviour.suppression {
        adding.suppression(suppression, pools);
    }
    let part = Limits::Fraction { zero: true, one: true };
    let antigen = behaviour.antigen.map(|a| adding.switch("antigen", a.level, a.window, part));
    let antigen = antigen.transpose()?;
    for secretion in &behaviour.secretion {
        adding.secretion(medium, secretion, antigen.as_ref())?;
    }
    for more in &behaviour.up_regulation {
        adding.up_regulation(more, antigen.as_ref())?;
    }
    if let Some(division) = &behaviour.division {
        adding.division(division)?;
    }
    if let Some(death) = &behaviour.death {
        adding.death(death)?;
    }
    Ok(adding.events)
}

struct Adding<'a> {
    n: &'a mut Network,
    pool: &'a Pool,
    one: &'a ReceptorModel,
    common: &'a Common,
    events: Vec<Event>,
    /// The factor by which suppression reduces secretion and division.
    free: Expression,
}

impl Adding<'_> {
    fn refuse<T>(&self, message: String) -> Result<T, ModelError> {
        Err(ModelError::Combination(format!("cells {}: {message}", self.pool.kind)))
    }

    fn number(&mut self, name: &str, d: Dimension, value: f64, limits: Limits) -> Expression {
        let added = self.n.add_parameter(self.pool.name(name), d, value);
        self.n.limit(added, limits);
        added.into()
    }

    /// A number that has its value within a window of time and is zero outside it.
    fn switch(
        &mut self,
        name: &str,
        value: f64,
        window: Window,
        limits: Limits,
    ) -> Result<Expression, ModelError> {
        if window.to <= window.from {
            // Otherwise it would be turned off before it is turned on, and would stay on.
            let of = name.rsplit_once('.').map_or(name, |(of, _)| of);
            return self.refuse(format!(
                "{of} ends (`to`) at {} h, not after it begins (`from`) at {} h; give a later `to` \
                 or an earlier `from`, which may come from the behaviour of the library",
                window.to / HOUR,
                window.from / HOUR
            ));
        }
        let plain = Dimension::DIMENSIONLESS;
        let now = if window.from <= 0.0 { value } else { 0.0 };
        let added: ParameterId = self.n.add_parameter(self.pool.name(name), plain, now);
        self.n.limit(added, limits);
        if window.from > 0.0 {
            self.events.push(Event::new(window.from, Change::SetParameter(added, value)));
        }
        if window.to.is_finite() {
            self.events.push(Event::new(window.to, Change::SetParameter(added, 0.0)));
        }
        Ok(added.into())
    }

    fn antigen(&self, antigen: Option<&Expression>, what: &str) -> Result<Expression, ModelError> {
        match antigen {
            Some(level) => Ok(level.clone()),
            None => self.refuse(format!(
                "{what} requires antigen, but these cells encounter none; give them antigen"
            )),
        }
    }

    fn signal(&self) -> Result<Expression, ModelError> {
        let Some(name) = signal_of(self.one) else {
            return self.refuse("the model has no signal; use gamma-chain or polyvalent".into());
        };
        let cell = &self.one.network;
        let species = cell.species_named(name).map(Expression::from);
        let observed = || cell.observable_named(name).map(|o| cell.observables[o.0].value.clone());
        let law = species.or_else(observed).expect("it was found by its name");
        Ok(self.pool.law(&law))
    }

    /// The factor 1 / (1 + signal / `half`); 1 without `half`.
    fn less(&mut self, name: &str, half: Option<f64>) -> Result<Expression, ModelError> {
        let Some(half) = half else { return Ok(Expression::Number(1.0)) };
        let half = self.number(name, Dimension::PER_CELL, half, Limits::Positive);
        Ok(half.clone() / (half + self.signal()?))
    }

    /// Hill function of the signal.
    fn hill(&mut self, of: &str, half: HalfAt) -> Result<Expression, ModelError> {
        let name = |what: &str| format!("{of}.{what}");
        let at = self.number(&name("half_at"), Dimension::PER_CELL, half.signal, Limits::Positive);
        let plain = Dimension::DIMENSIONLESS;
        let steep = self.number(&name("steepness"), plain, half.steepness, Limits::Positive);
        let ratio = self.signal()? / at;
        let power = match half.steepness {
            // A power is slow to compute, and gives no slope for a rise from zero.
            1.0 if !self.common.steepness_varies => ratio,
            _ if !self.common.steepness_varies => {
                Expression::Power(Box::new(ratio), Box::new(steep))
            }
            // The slope by the exponent contains a logarithm, which does not exist at a signal of
            // zero.
            _ => {
                let least = Expression::Number(LEAST_RATIO);
                let ratio = Expression::Maximum(Box::new(ratio), Box::new(least));
                Expression::Power(Box::new(ratio), Box::new(steep))
            }
        };
        Ok(power.clone() / (Expression::Number(1.0) + power))
    }

    fn suppression(&mut self, of: &Suppression, pools: &[(Pool, ReceptorModel)]) {
        let (mut suppressors, mut others) = (Expression::Number(0.0), Expression::Number(0.0));
        for (pool, _) in pools {
            let sum = if of.by.contains(&pool.kind) { &mut suppressors } else { &mut others };
            *sum = sum.clone() + pool.cells.clone();
        }
        let plain = Dimension::DIMENSIONLESS;
        let contact = self.number("suppression.contact", plain, of.contact, Limits::NotNegative);
        let one = || Expression::Number(1.0);
        self.free = one() / (one() + contact * (suppressors.clone() / others));
        if let Some(cytokine) = of.cytokine {
            let gathered = self.cytokine(cytokine, suppressors);
            self.free = self.free.clone() / (one() + gathered.into());
        }
    }

    /// What suppressors have accumulated in the medium, in units of the amount that halves
    /// secretion and division. Its name has the same ending as everything that leaves with the
    /// medium.
    fn cytokine(&mut self, of: SuppressiveCytokine, suppressors: Expression) -> SpeciesId {
        let name = |what: &str| format!("suppression.{what}");
        let (half_at, half_life) = (name("half_at"), name("half_life"));
        let density = Dimension::CELL_DENSITY;
        let half_at = self.number(&half_at, density, of.half_at, Limits::Positive);
        let life = self.number(&half_life, Dimension::TIME, of.half_life, Limits::Positive);
        let rate = Expression::Number(LN_2) / life;
        let gathered = self.pool.name("suppressive_cytokine_medium");
        let gathered = self.n.add_species(gathered, Dimension::DIMENSIONLESS);
        let made = rate.clone() * (suppressors / half_at);
        self.n.add_law(self.pool.name("suppressive_cytokine_made"), &[], &[gathered], made);
        let lost = self.pool.name("suppressive_cytokine_lost");
        self.n.add_reaction(lost, &[gathered], &[], rate);
        gathered
    }

    fn secretion(
        &mut self,
        medium: &[(String, SpeciesId)],
        of: &Secretion,
        antigen: Option<&Expression>,
    ) -> Result<(), ModelError> {
        let free = format!("{}_medium", of.ligand);
        let Some((_, free)) = medium.iter().find(|(name, _)| *name == free) else {
            return self.refuse(format!("they secrete {}, which is not in the medium", of.ligand));
        };
        let name = |what: &str| format!("secretion.{}.{what}", of.ligand);
        let per_time = Dimension::PER_CELL * Dimension::RATE;
        let rate = self.number(&name("rate"), per_time, of.rate, Limits::NotNegative);
        let part = Limits::Fraction { zero: true, one: true };
        let mut on = self.switch(&name("on"), 1.0, of.window, part)?;
        if of.by_antigen {
            on = on * self.antigen(antigen, "secretion driven by antigen")?;
        }
        let free_to = self.less(&name("inhibiting_signal"), of.inhibiting_signal)?;
        let made = self.pool.name(&format!("{}_made", of.ligand));
        let made = self.n.add_species(made, Dimension::CONCENTRATION);
        let law = self.pool.of_one.clone() * rate * on * free_to * self.free.clone();
        let reaction = self.pool.name(&format!("{}_secreted", of.ligand));
        self.n.add_law(reaction, &[], &[*free, made], law);
        Ok(())
    }

    fn up_regulation(
        &mut self,
        of: &UpRegulation,
        antigen: Option<&Expression>,
    ) -> Result<(), ModelError> {
        let cell = &self.one.network;
        let chain = &of.chain;
        let made = cell.parameter_named(&format!("{chain}_synthesis"));
        let outside = cell.species_named(&format!("{chain}_surface"));
        let (Some(made), Some(outside)) = (made, outside) else {
            return self
                .refuse(format!("they upregulate {chain}, which no ligand in this culture binds"));
        };
        let (made, outside) = (self.pool.parameters[made.0], self.pool.species[outside.0]);
        let name = |what: &str| format!("up_regulation.{chain}.{what}");
        let plain = Dimension::DIMENSIONLESS;
        let folds = [of.by_antigen, of.by_signal.map(|(fold, _)| fold)];
        let most = folds.iter().flatten().fold(1.0, |sum, fold| sum + (fold - 1.0).min(0.0));
        if most < 0.0 {
            return self.refuse(format!(
                "by_antigen and by_signal of {chain} add up, and together would make its synthesis \
                 negative ({most:.3} times that at rest); their shortfalls below 1 may add up to at \
                 most 1, for example 0.5 and 0.5"
            ));
        }
        let mut rise = Expression::Number(0.0);
        if let Some((fold, half)) = of.by_signal {
            let fold = self.number(&name("by_signal"), plain, fold, Limits::NotNegative);
            rise = rise + (fold - Expression::Number(1.0)) * self.hill(&name("signal"), half)?;
        }
        if let Some(fold) = of.by_antigen {
            let fold = self.number(&name("by_antigen"), plain, fold, Limits::NotNegative);
            let antigen = self.antigen(antigen, "upregulation of a chain by antigen")?;
            rise = rise + (fold - Expression::Number(1.0)) * antigen;
        }
        let law = self.pool.of_one.clone() * made.into() * rise;
        self.n.add_law(self.pool.name(&format!("{chain}_made_more")), &[], &[outside], law);
        Ok(())
    }

    fn division(&mut self, of: &Division) -> Result<(), ModelError> {
        let most = self.number("division.rate", Dimension::RATE, of.rate, Limits::NotNegative);
        let part = Limits::Fraction { zero: true, one: true };
        let on = self.switch("division.on", 1.0, of.window, part)?;
        let mut rate = most * on * self.hill("division", of.half_at)? * self.free.clone();
        if let Some(room) = &self.common.room {
            rate = rate * room.clone();
        }
        let divisions = self.n.add_species(self.pool.name("divisions"), Dimension::DIMENSIONLESS);
        self.n.add_law(self.pool.name("divisions_counted"), &[], &[divisions], rate.clone());
        let cells = self.cells();
        let law = rate * cells.into();
        self.n.add_law(self.pool.name("divided"), &[], &[cells], law);
        Ok(())
    }

    fn cells(&self) -> SpeciesId {
        self.n
            .species_named(&self.pool.name("cells"))
            .expect("cells that divide or die are a state")
    }

    fn death(&mut self, of: &Death) -> Result<(), ModelError> {
        let most = self.number("death.rate", Dimension::RATE, of.rate, Limits::NotNegative);
        let rate = most * self.less("death.protecting_signal", of.protecting_signal)?;
        let cells = self.cells();
        let law = rate.clone() * cells.into();
        self.n.add_law(self.pool.name("died"), &[cells], &[], law);
        let ligands: Vec<String> = self.one.medium.iter().map(|(label, _)| label.clone()).collect();
        let mut lost = vec![];
        for label in ligands {
            let holds = held_of(self.one, &label);
            if holds.is_empty() {
                continue;
            }
            let gone = self.pool.name(&format!("{label}_in_dead_cells"));
            lost.push((label, self.n.add_species(gone, Dimension::CONCENTRATION), holds));
        }
        // What a dead cell has degraded no longer counts for the live ones.
        let degraded = |s: SpeciesId, label: &str| {
            self.one.network.species[s.0].name == format!("{label}_degraded")
        };
        for (own, pooled) in self.pool.held() {
            let with = |(label, _, holds): &&(String, SpeciesId, Vec<SpeciesId>)| {
                holds.contains(&own) || degraded(own, label)
            };
            let into: Vec<SpeciesId> = lost.iter().filter(with).map(|(_, to, _)| *to).collect();
            let name = &self.one.network.species[own.0].name;
            let law = rate.clone() * pooled.into();
            self.n.add_law(self.pool.name(&format!("died_with_{name}")), &[pooled], &into, law);
        }
        Ok(())
    }
}

/// The states of one cell that contain a ligand, on its surface or inside.
pub fn held_of(one: &ReceptorModel, label: &str) -> Vec<SpeciesId> {
    let n = &one.network;
    let of = |what: &str| {
        let found = n.observable_named(&format!("{label}_{what}"));
        found.map(|o| n.observables[o.0].value.species()).unwrap_or_default()
    };
    of("bound_surface").into_iter().chain(of("inside")).collect()
}
